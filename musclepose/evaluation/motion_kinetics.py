"""Forces of an estimated motion against the plates and the OpenSim moments: trials of the force-plate folder.

The physics is the product's own (`physics_of_motion`, no plates); mass and height are those of the trial. The same
physics on the measured motion is the floor of what better poses could give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.fit_sources import read_force_plate
from musclepose.fitting.force_plate import Trial, read_trial, trial_files
from musclepose.fitting.trial_dynamics import measured_load
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.physics.whole_body import MEASURED, RATE_HZ, Trust, physics_of_motion
from musclepose.records import Array, ExternalLoad, Person

DEFINITIONS = {
    "grf_vertical_rmse_bw_percent": "RMS error of each foot's vertical force, % body weight, where every contact is "
    "measured",
    "knee_moment_rmse_bwht_percent": "RMS error of the knee flexion moment, both legs, % body weight x height, there",
    "grf_vertical_in_band_percent": "share of the measured vertical forces that lie inside the 90 % band",
    "knee_moment_in_band_percent": "share of the reference knee moments that lie inside the 90 % band",
}
KNEES = [DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"]]


@dataclass(frozen=True)
class Reference:
    """Measured loads of one trial at 30 Hz."""

    trial: Trial
    vertical_n: Array  # (T, 2)
    knee_nm: Array  # (T, 2)
    valid: NDArray[np.bool_]  # (T,) every contact is measured


def _at_30hz(values: Array, dt: float, frames: int) -> Array:
    """(T, C) at the trial's rate -> (frames, C) by linear interpolation; both start together."""
    t, grid = np.arange(len(values)) * dt, np.arange(frames) / RATE_HZ
    return np.stack([np.interp(grid, t, column) for column in values.T], 1)


def reference_of(trial: Trial, frames: int) -> Reference:
    """Plate forces low-passed like the trial's motion, moments as the reference gives them."""
    vertical = measured_load(trial)[0][..., 1].numpy()
    valid = _at_30hz(trial.valid[:, None].astype(float), trial.dt, frames)[:, 0]
    return Reference(
        trial,
        _at_30hz(vertical, trial.dt, frames),
        _at_30hz(trial.moment_nm[..., 1], trial.dt, frames),
        valid > 0.999,
    )


def read_references(folder: Path, names: Sequence[str]) -> dict[str, Trial]:
    """The trials of `names` that carry plates, by name."""
    columns = {source.name: source.landmark_names for source in read_force_plate(folder)}
    found = [
        read_trial(path, columns[subject])
        for path, subject in trial_files(folder)
        if path.stem in names
    ]
    return {t.name: t for t in found if t.has_force and t.valid.any()}


def kinetics_metrics(
    q: Tensor,
    lengths_m: Tensor,
    contact: Tensor,
    reference: Reference,
    trust: Trust = MEASURED,
) -> dict[str, float]:
    """Both errors of one motion (T, 47), its lengths (13,) and its contact probability (T, 2)."""
    trial, v = reference.trial, reference.valid
    person = Person(trial.stature_m, trial.mass_kg)
    physics = physics_of_motion(q, lengths_m, contact, person, ExternalLoad(), trust=trust)
    vertical = physics.feet.force_world_n[..., 1].numpy() - reference.vertical_n
    knee = physics.tau_nm[:, KNEES].numpy() - reference.knee_nm
    weight = trial.mass_kg * G_M_S2
    return {
        "grf_vertical_rmse_bw_percent": 100.0 * rms(vertical[v]) / weight,
        "knee_moment_rmse_bwht_percent": 100.0 * rms(knee[v]) / (weight * trial.stature_m),
        "grf_vertical_in_band_percent": share_inside(
            vertical[v], physics.bands.grf_n[..., 1].numpy()[v]
        ),
        "knee_moment_in_band_percent": share_inside(
            knee[v], physics.bands.tau_nm[:, KNEES].numpy()[v]
        ),
    }


def rms(x: Array) -> float:
    """Root mean square of all entries."""
    return float(np.sqrt(np.mean(np.square(x))))


def share_inside(error: Array, half_width: Array) -> float:
    """Per cent of the entries whose error is at most the half width of the band."""
    return 100.0 * float((np.abs(error) <= half_width).mean())


def over_trials(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Root mean square over trials, as `evaluate kinetics` does; shares are averaged."""

    def pooled(key: str) -> float:
        values = np.array([r[key] for r in rows])
        return float(values.mean()) if "_in_band_" in key else rms(values)

    return {key: pooled(key) for key in rows[0]} if rows else {}
