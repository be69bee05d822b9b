"""Calibrate and check the 90 % bands on force plates: `python -m musclepose.evaluation.bands --data DIR`.

The model part is what is left with measured joints and no plates: estimated torques against the reference moments,
and estimated against measured ground reaction. Offsets and slopes come from the training subjects, coverage is
reported on the opencap subjects. The noise part is checked by adding keypoint noise to the motion and asking the full
band.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from torch import Tensor

from musclepose.evaluation.grf import Estimate, estimate, plate_wrench
from musclepose.fitting.force_plate import Fitted, fit_folder
from musclepose.fitting.trial_dynamics import inertia_of
from musclepose.physics.balance import balance
from musclepose.physics.body_dynamics import (
    com_motion,
    net_external_wrench_required,
)
from musclepose.physics.constants import G_M_S2
from musclepose.physics.grfm import FootWrench
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    inverse_dynamics,
)
from musclepose.physics.kinematics import Pose, sole_points
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import DOF_INDEX, FEET
from musclepose.physics.smoothing import Motion, smooth_motion
from musclepose.physics.uncertainty import (
    Bands,
    Loads,
    angle_noise,
    liveliness,
    model_error,
    uncertainty_bands,
)

Array = NDArray[np.float64]
TABLE = Path(__file__).parent.parent / "configs" / "uncertainty.yaml"
JOINT_DOF = {
    "hip": "hip_flexion",
    "knee": "knee_flexion",
    "ankle": "ankle_dorsiflexion",
}
COVER = 0.90
NOISE_M = 0.010  # keypoint noise of the second check
SMALLEST = 0.02  # offset, body weights or N m/kg: what a plate or a filter leaves at zero load (chosen)
OTHER = [
    0.10,
    0.20,
    0.05,
]  # joints without a reference: chosen, N m/kg and share
HEADER = """# Model error of torque and ground reaction with perfect keypoints. Half width of the 90 % band =
# offset + slope |value| + dynamic D, D = |ground reaction - body weight| / body weight, largest within 0.1 s.
# Offsets in N m per kg (joints) and body weights (grf); `other` is chosen, those joints have no reference.
"""


class LoadsOf:
    """Callable: motion with leading axes (k, t) or (t) to torques and foot forces."""

    def __init__(self, e: Estimate) -> None:
        self.e, self.inertia = e, inertia_of(e.fitted)

    def __call__(self, motion: Motion) -> Loads:
        e, lengths, trial = self.e, self.e.fitted.lengths_m, self.e.fitted.trial
        moving = segment_motion(*motion, lengths, self.inertia.com)
        need, com = (
            net_external_wrench_required(moving, self.inertia),
            com_motion(moving, self.inertia).p_world_m,
        )
        soles = sole_points(
            Pose(moving.R_world_seg, moving.p_world_seg), lengths
        )
        lead = com.shape[:-1]
        gate = torch.from_numpy(e.contact.gate).expand(*lead, 2)
        prior = FootWrench(*(v.expand(*lead, *v.shape[1:]) for v in e.linear))
        feet = balance(
            *need,
            com,
            soles,
            gate,
            trial.mass_kg,
            trial.dt,
            prior,
            e.contact.floor_m,
        ).wrench
        free = torch.nn.functional.pad(
            feet.free_moment_nm.unsqueeze(-1), (1, 1)
        )
        wrenches = ExternalWrenches(
            feet.force_world_n, feet.cop_world_m, free, FEET
        )
        return inverse_dynamics(
            *motion, lengths, self.inertia, wrenches
        ), feet.force_world_n


Samples = dict[str, tuple[Array, Array, Array]]


def samples(e: Estimate, tau: Tensor, grf: Tensor) -> Samples:
    """{group: (estimate, reference, D)} on the valid frames, per kg or per body weight."""
    trial, v = e.fitted.trial, e.fitted.trial.valid
    D = liveliness(grf, trial.mass_kg, trial.dt).numpy()[v]
    out: Samples = {}
    for k, (group, dof) in enumerate(JOINT_DOF.items()):
        ours = tau.numpy()[:, [DOF_INDEX[f"{dof}_l"], DOF_INDEX[f"{dof}_r"]]][v]
        theirs = trial.moment_nm[v][..., k].ravel() / trial.mass_kg
        out[group] = (ours.ravel() / trial.mass_kg, theirs, np.repeat(D, 2))
    plates, _ = plate_wrench(e.fitted.trial)
    for name, axes in (("grf_vertical", [1]), ("grf_horizontal", [0, 2])):
        pair = [
            x.ravel() / (trial.mass_kg * G_M_S2)
            for x in (grf.numpy()[v][..., axes], plates[v][..., axes])
        ]
        out[name] = (pair[0], pair[1], np.repeat(D, 2 * len(axes)))
    return out


def _quantile_line(X: Array, error: Array, weight: Array) -> Array:
    """Non-negative c whose `X @ c` is the COVER quantile of the errors: the linear program of quantile regression
    (Koenker and Bassett 1978), min sum w (q above + (1 - q) below), X c + above - below = error."""
    n, k = X.shape
    cost = np.concatenate((np.zeros(k), COVER * weight, (1.0 - COVER) * weight))
    eye = sparse.identity(n, format="csr")
    lower = [(SMALLEST, None)] + [(0.0, None)] * (k - 1 + 2 * n)
    return linprog(
        cost,
        A_eq=sparse.hstack((sparse.csr_matrix(X), eye, -eye)),
        b_eq=error,
        bounds=lower,
    ).x[:k]


def calibrate(trials: Sequence[Samples]) -> dict[str, list[float]]:
    """Per group offset, slope and dynamic as the 90 % quantile of the absolute error; trials count the same."""
    groups = {}
    for group in trials[0]:
        value, D = (
            np.concatenate([np.abs(t[group][i]) for t in trials])
            for i in (0, 2)
        )
        error = np.concatenate(
            [np.abs(t[group][0] - t[group][1]) for t in trials]
        )
        weight = np.concatenate(
            [np.full(len(t[group][0]), 1.0 / len(t[group][0])) for t in trials]
        )
        line = _quantile_line(
            np.stack((np.ones_like(value), value, D), 1), error, weight
        )
        groups[group] = [round(float(c), 4) for c in line]
    return groups


def coverage(
    e: Estimate, tau: Tensor, grf: Tensor, bands: Bands
) -> dict[str, float]:
    """Share of valid reference values inside the band, per group."""
    ours, half = samples(e, tau, grf), samples(e, bands.tau_nm, bands.grf_n)
    return {
        g: float((np.abs(ours[g][0] - ours[g][1]) <= half[g][0]).mean())
        for g in ours
    }


def noisy_check(e: Estimate) -> dict[str, float]:
    """Coverage when the motion is seen through keypoint noise of NOISE_M and the band knows it."""
    f, trial, loads = e.fitted, e.fitted.trial, LoadsOf(e)
    sigma = torch.full((len(f.q), 17), NOISE_M, dtype=f.q.dtype)
    seen = (
        f.q
        + angle_noise(f.q, f.lengths_m, sigma, trial.dt, members=1, seed=99)[0]
    )

    def smooth(q: Tensor) -> Motion:
        return smooth_motion(q, trial.dt, trial.lowpass_hz)

    nominal = loads(smooth(seen))
    bands = uncertainty_bands(
        seen,
        f.lengths_m,
        sigma,
        loads,
        nominal,
        trial.mass_kg,
        trial.dt,
        smooth,
    )
    return coverage(e, *nominal, bands)


def report(
    estimates: Sequence[Estimate], table: dict | None = None
) -> dict[str, dict[str, dict[str, float]]]:
    """{"train" | "test": {"joints as measured" | "noisy joints": {group: coverage, mean over trials}}}."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for split in ("train", "test"):
        own = [
            e for e in estimates if e.fitted.trial.train == (split == "train")
        ]
        plain = [
            coverage(e, *LoadsOf(e)(e.motion), _model_band(e, table))
            for e in own
        ]
        noisy = [noisy_check(e) for e in own] if table is None else []
        out[split] = {
            name: {g: float(np.mean([r[g] for r in rows])) for g in rows[0]}
            for name, rows in (
                ("joints as measured", plain),
                (f"{1000 * NOISE_M:.0f} mm noise", noisy),
            )
            if rows
        }
    return out


def _model_band(e: Estimate, table: dict | None) -> Bands:
    trial = e.fitted.trial
    return model_error(*LoadsOf(e)(e.motion), trial.mass_kg, trial.dt, table)


def build(fitted: Sequence[Fitted]) -> dict:
    """The table of configs/uncertainty.yaml."""
    estimates = [estimate(f) for f in fitted if f.trial.has_force]
    train = [
        samples(e, *LoadsOf(e)(e.motion))
        for e in estimates
        if e.fitted.trial.train
    ]
    groups = calibrate(train) | {"other": OTHER}
    table = {"groups": groups}
    covered = report(estimates, table)
    return {
        "date": datetime.date.today().isoformat(),
        "command": "python -m musclepose.evaluation.bands --data ../shared/data/force_plate",
        "coverage_train": {
            g: round(v, 3)
            for g, v in covered["train"]["joints as measured"].items()
        },
        "coverage_test": {
            g: round(v, 3)
            for g, v in covered["test"]["joints as measured"].items()
        },
        **table,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.evaluation.bands", description=__doc__
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of force-plate trials"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=TABLE,
        help="table to write (default: the committed one)",
    )
    args = parser.parse_args(argv)
    text = HEADER + yaml.safe_dump(
        build(fit_folder(args.data)), sort_keys=False, width=120
    )
    args.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
