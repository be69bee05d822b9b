"""Forces of an estimated motion against the plates and the OpenSim moments: trials of the force-plate folder.

The physics is the product's own (`physics_of_motion`, no plates); mass and height are those of the trial. The same
physics on the measured motion is the floor of what better poses could give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.fit_sources import read_force_plate
from musclepose.fitting.force_plate import Trial, read_trial, trial_files
from musclepose.fitting.trial_dynamics import measured_load
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.physics.whole_body import (
    MEASURED,
    RATE_HZ,
    Trust,
    physics_of_motion,
)
from musclepose.records import Array, ExternalLoad, Person

JOINTS = (
    "hip",
    "knee",
    "ankle",
)  # flexion, flexion, dorsiflexion: the order of a trial's moments
COLUMNS = [
    [
        DOF_INDEX[f"{name}_{side}"]
        for name in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
    ]
    for side in ("l", "r")
]
LOADED_BW = 0.3  # a share of the feet is asked for where the plates carry this much together
DEFINITIONS = {
    "grf_vertical_rmse_bw_percent": "RMS error of each foot's vertical force, % body weight, where every contact is "
    "measured",
    "foot_share_error": "mean absolute error of the left foot's share of the vertical force, where both plates "
    f"together carry more than {LOADED_BW:g} body weights",
    "foot_share_correlation": "correlation of that share over the frames of a trial, mean over trials; none where the "
    "measured share hardly changes",
    **{
        f"{joint}_moment_rmse_bwht_percent": f"RMS error of the {joint} moment in the sagittal plane, both legs, % "
        "body weight x height, there"
        for joint in JOINTS
    },
    **{
        f"{joint}_moment_correlation": f"correlation of the {joint} moment, mean over legs and trials"
        for joint in JOINTS
    },
    "grf_vertical_in_band_percent": "share of the measured vertical forces that lie inside the 90 % band",
    "knee_moment_in_band_percent": "share of the reference knee moments that lie inside the 90 % band",
}
# What a coach could stand on, by figure: at most (errors) or at least (correlation, coverage).
BARS = {
    "grf_vertical_rmse_bw_percent": 9.7,
    "foot_share_error": 0.07,
    "foot_share_correlation": 0.9,
    "hip_moment_rmse_bwht_percent": 2.0,
    "knee_moment_rmse_bwht_percent": 2.0,
    "ankle_moment_rmse_bwht_percent": 2.0,
    "hip_moment_correlation": 0.8,
    "knee_moment_correlation": 0.8,
    "ankle_moment_correlation": 0.8,
    "grf_vertical_in_band_percent": 86.0,
    "knee_moment_in_band_percent": 86.0,
}
SHARE_CHANGES = 0.02  # standard deviation of a measured share that has something to correlate with


@dataclass(frozen=True)
class Reference:
    """Measured loads of one trial at 30 Hz."""

    trial: Trial
    vertical_n: Array  # (T, 2)
    moment_nm: Array  # (T, 2, 3) hip, knee, ankle of the left and right leg
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
        _at_30hz(
            trial.moment_nm.reshape(len(trial.moment_nm), 6), trial.dt, frames
        ).reshape(frames, 2, 3),
        valid > 0.999,
    )


def read_references(folder: Path, names: Sequence[str]) -> dict[str, Trial]:
    """The trials of `names` that carry plates, by name."""
    columns = {
        source.name: source.landmark_names
        for source in read_force_plate(folder)
    }
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
    """Errors of one motion (T, 47), its lengths (13,) and its contact probability (T, 2)."""
    trial, v = reference.trial, reference.valid
    person = Person(trial.stature_m, trial.mass_kg)
    physics = physics_of_motion(
        q, lengths_m, contact, person, ExternalLoad(), trust=trust
    )
    vertical = physics.feet.force_world_n[..., 1].numpy()[v]
    moment = physics.tau_nm[:, COLUMNS].numpy()[v]
    measured, true_moment = reference.vertical_n[v], reference.moment_nm[v]
    weight = trial.mass_kg * G_M_S2
    error = moment - true_moment
    figures = {
        "grf_vertical_rmse_bw_percent": 100.0
        * rms(vertical - measured)
        / weight,
        **share_errors(vertical, measured, weight),
    }
    for k, joint in enumerate(JOINTS):
        name = f"{joint}_moment"
        figures[f"{name}_rmse_bwht_percent"] = (
            100.0 * rms(error[..., k]) / (weight * trial.stature_m)
        )
        both = [
            correlation(moment[:, s, k], true_moment[:, s, k]) for s in range(2)
        ]
        figures[f"{name}_correlation"] = (
            float(np.nanmean(both)) if np.isfinite(both).any() else nan
        )
    bands = physics.bands
    figures["grf_vertical_in_band_percent"] = share_inside(
        vertical - measured, bands.grf_n[..., 1].numpy()[v]
    )
    knees = [side[1] for side in COLUMNS]
    figures["knee_moment_in_band_percent"] = share_inside(
        error[..., 1], bands.tau_nm[:, knees].numpy()[v]
    )
    return figures


def share_errors(
    vertical_n: Array, measured_n: Array, weight_n: float
) -> dict[str, float]:
    """Error and correlation of the left foot's share of (T, 2) vertical forces; NaN where the plates are empty."""
    loaded = measured_n.sum(1) > LOADED_BW * weight_n
    if not loaded.any():
        return {"foot_share_error": nan, "foot_share_correlation": nan}
    ours = vertical_n[loaded, 0] / np.maximum(
        vertical_n[loaded].sum(1), 0.05 * weight_n
    )
    theirs = measured_n[loaded, 0] / measured_n[loaded].sum(1)
    changes = float(theirs.std()) > SHARE_CHANGES
    return {
        "foot_share_error": float(np.abs(ours - theirs).mean()),
        "foot_share_correlation": correlation(ours, theirs) if changes else nan,
    }


def correlation(a: Array, b: Array) -> float:
    """Pearson's; NaN where one of them is constant."""
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return nan
    return float(np.corrcoef(a, b)[0, 1])


def rms(x: Array) -> float:
    """Root mean square of all entries."""
    return float(np.sqrt(np.mean(np.square(x))))


def share_inside(error: Array, half_width: Array) -> float:
    """Per cent of the entries whose error is at most the half width of the band."""
    return 100.0 * float((np.abs(error) <= half_width).mean())


def over_trials(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Root mean square over trials of RMS errors, as `evaluate kinetics` does; everything else is averaged over the
    trials that have it."""

    def pooled(key: str) -> float:
        values = np.array([r[key] for r in rows])
        values = values[np.isfinite(values)]
        if not len(values):
            return nan
        return rms(values) if "_rmse_" in key else float(values.mean())

    return {key: pooled(key) for key in rows[0]} if rows else {}
