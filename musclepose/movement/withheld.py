"""Where the forces, torques and efforts of a clip are known, by what carries the body; nowhere else are they given.

The balance knows feet, hands and forearms. Of a body that lies, sits, leans or hangs, something carries whose force
nobody knows: what was computed as if feet did it all is neither told nor drawn nor written.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.recognition import Recognition
from musclepose.movement.support import seated_frames
from musclepose.records import Analysis, Array, Mask

IN_THE_BALANCE = ("hands", "forearms")
STOOD_ON = ("box",)  # the feet carry all, at another height


def unknown_frames(
    analysis: Analysis, exercise: Recognition, rests: bool
) -> Mask:
    """(T,) frames in which something carries whose force is not known.

    rests: the picture shows that feet alone cannot carry (`support.is_carried_beside_feet`).
    """
    carrier = EXERCISES[exercise.name].supported_by if exercise.is_sure else ""
    if carrier in IN_THE_BALANCE and analysis.hand_force_world_n is not None:
        return np.zeros(len(analysis.time_s), bool)
    if carrier == "seat" and not rests:
        return seated_frames(analysis.track)
    is_unknown = rests or carrier not in ("", *STOOD_ON)
    return np.full(len(analysis.time_s), is_unknown)


def without_forces(analysis: Analysis, frames: Mask) -> Analysis:
    """The analysis with NaN for every force, torque, activation and effort of `frames` (T,); angles stay."""
    if not frames.any():
        return analysis

    def masked(values: Array) -> Array:
        out = values.copy()
        out[frames] = np.nan
        return out

    hands = analysis.hand_force_world_n
    return replace(
        analysis,
        grf_world_n=masked(analysis.grf_world_n),
        cop_world_m=masked(analysis.cop_world_m),
        free_moment_nm=masked(analysis.free_moment_nm),
        grf_band_n=masked(analysis.grf_band_n),
        tau_nm=masked(analysis.tau_nm),
        tau_mtg_nm=masked(analysis.tau_mtg_nm),
        tau_band_nm=masked(analysis.tau_band_nm),
        activation=masked(analysis.activation),
        effort=masked(analysis.effort),
        hand_force_world_n=None if hands is None else masked(hands),
    )
