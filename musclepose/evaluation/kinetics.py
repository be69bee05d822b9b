"""`python -m musclepose.evaluate kinetics`: joint moments against OpenSim, ground reaction against force plates.

Moments: our body is fitted to the measured joints and carries the measured ground reaction; its hip and knee flexion
and ankle dorsiflexion moments are compared with the reference where every contact is measured. Ground reaction: no
plates are used.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musclepose.evaluation.bands import LoadsOf, report
from musclepose.evaluation.grf import METHODS, Estimate, compare, estimate
from musclepose.fitting.force_plate import Fitted, fit_folder
from musclepose.fitting.trial_dynamics import (
    measured_wrenches,
    motion_of,
    torques,
)
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX

Array = NDArray[np.float64]
JOINTS = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
COLUMNS = np.array(
    [[DOF_INDEX[f"{j}_{s}"] for j in JOINTS] for s in ("l", "r")]
)
GOALS = {
    "hip_flexion": 2.0,
    "knee_flexion": 1.2,
    "ankle_dorsiflexion": 1.2,
}  # % body weight x height
GOAL_CORRELATION = 0.95


@dataclass(frozen=True)
class Moments:
    """Moments of one trial on its valid frames, N m: ours and the reference, (T, 2, 3) side and joint."""

    fitted: Fitted
    ours_nm: Array
    reference_nm: Array


def joint_moments(fitted: Fitted) -> Moments:
    """Inverse dynamics with the measured ground reaction."""
    valid = fitted.trial.valid
    tau = torques(fitted, motion_of(fitted), measured_wrenches(fitted.trial))
    return Moments(
        fitted, tau[valid][:, COLUMNS], fitted.trial.moment_nm[valid]
    )


def joint_moments_without_plates(e: Estimate) -> Moments:
    """Inverse dynamics with the ground reaction that the balance estimates."""
    trial = e.fitted.trial
    tau = LoadsOf(e)(e.motion)[0].numpy()[trial.valid]
    return Moments(e.fitted, tau[:, COLUMNS], trial.moment_nm[trial.valid])


def _score(m: Moments, joint: int) -> dict[str, float]:
    trial = m.fitted.trial
    error = (m.ours_nm - m.reference_nm)[..., joint]
    rmse = float(np.sqrt(np.mean(error**2)))
    correlation = [
        np.corrcoef(m.ours_nm[:, s, joint], m.reference_nm[:, s, joint])[0, 1]
        for s in range(2)
    ]
    peak = np.abs(m.reference_nm[..., joint]).max()
    return {
        "rmse_nm_per_kg": rmse / trial.mass_kg,
        "rmse_bw_height_percent": 100.0
        * rmse
        / (trial.mass_kg * G_M_S2 * trial.stature_m),
        "correlation": float(np.mean(correlation)),
        "bias_nm_per_kg": float(error.mean()) / trial.mass_kg,
        "reference_peak_nm_per_kg": float(peak) / trial.mass_kg,
    }


def _over_trials(key: str, values: list[float]) -> float:
    return float(
        np.sqrt(np.mean(np.square(values)))
        if "rmse" in key
        else np.mean(values)
    )


def moment_table(
    moments: Sequence[Moments],
) -> dict[str, dict[str, dict[str, float]]]:
    """{activity: {joint: metrics}}: errors as root mean square over trials, correlation as mean and worst leg."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for activity in sorted({m.fitted.trial.activity for m in moments}):
        own = [m for m in moments if m.fitted.trial.activity == activity]
        out[activity] = {}
        for k, joint in enumerate(JOINTS):
            rows = [_score(m, k) for m in own]
            merged = {
                key: _over_trials(key, [r[key] for r in rows])
                for key in rows[0]
            }
            merged["correlation_worst_trial"] = min(
                r["correlation"] for r in rows
            )
            merged["trials"] = float(len(rows))
            merged["goal_met"] = float(
                merged["rmse_bw_height_percent"] <= GOALS[joint]
                and merged["correlation"] >= GOAL_CORRELATION
            )
            out[activity][joint] = merged
    return out


def evaluate(fitted: Sequence[Fitted]) -> dict:
    """Both tables as one dictionary with units in the keys."""
    usable = [f for f in fitted if f.trial.has_force]
    estimates = [estimate(f) for f in usable]
    return {
        "trials": [f.trial.name for f in usable],
        "fit_residual_rms_mm": {f.trial.name: f.residual_mm for f in usable},
        "joint_moments": moment_table([joint_moments(f) for f in usable]),
        "joint_moments_without_plates": moment_table(
            [joint_moments_without_plates(e) for e in estimates]
        ),
        "ground_reaction": compare(estimates),
        "band_90_coverage_share": report(estimates),
    }


def _print_moments(table: dict[str, dict[str, dict[str, float]]]) -> None:
    heads = ("N m/kg", "%BW.ht", "corr", "worst", "bias", "peak")
    print(
        f"{'activity':10s} {'joint':18s}"
        + "".join(f"{h:>8s}" for h in heads)
        + "  goal"
    )
    for activity, joints in table.items():
        for joint, r in joints.items():
            print(
                f"{activity:10s} {joint:18s}{r['rmse_nm_per_kg']:8.3f}{r['rmse_bw_height_percent']:8.2f}"
                f"{r['correlation']:8.3f}{r['correlation_worst_trial']:8.3f}{r['bias_nm_per_kg']:8.3f}"
                f"{r['reference_peak_nm_per_kg']:8.2f}  {'met' if r['goal_met'] else 'missed'}"
            )


def _print_ground_reaction(
    table: dict[str, dict[str, dict[str, float]]],
) -> None:
    heads = (
        "FY rmse",
        "FY mae",
        "Fxz rmse",
        "CoP mm",
        "res F %",
        "res M %",
        "contact %",
        "shift mm",
    )
    print(
        f"\n{'activity':10s} {'method':16s}"
        + "".join(f"{h:>10s}" for h in heads)
        + "   (forces in % body weight)"
    )
    for activity, methods in table.items():
        for method in METHODS:
            print(
                f"{activity:10s} {method:16s}"
                + "".join(f"{v:10.1f}" for v in methods[method].values())
            )


def _print_coverage(table: dict[str, dict[str, dict[str, float]]]) -> None:
    print(
        "\n90 % bands: share of reference values inside (calibrated on the training subjects)"
    )
    for split, rows in table.items():
        for condition, groups in rows.items():
            print(
                f"{split:6s} {condition:20s}"
                + "".join(f"{g:>16s} {v:5.3f}" for g, v in groups.items())
            )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder of force-plate trials (index.json, *.npz)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        help="write the figures there, units in the key names",
    )


def run(args: argparse.Namespace) -> int:
    """Fit, compare, print, write."""
    result = evaluate(fit_folder(args.data))
    print("Joint moments with the measured ground reaction")
    _print_moments(result["joint_moments"])
    print(
        "\nJoint moments with the estimated ground reaction (no plates; the goal is stated for measured ones)"
    )
    _print_moments(result["joint_moments_without_plates"])
    _print_ground_reaction(result["ground_reaction"])
    _print_coverage(result["band_90_coverage_share"])
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0
