"""Do the torque generators stay in human range? Effort needed for measured joint moments of the force-plate trials.

    python -m musclepose.evaluation.mtg_check --data DIR [--json PATH] [--sex unknown] [--published]

DIR holds force_plate/*.npz (or is that folder). Printed per activity and joint, both legs, frames with valid dynamics
only: share of frames within capacity, 99th percentile and peak of the effort. Sex of these people is not given; the
published mean of both sexes and the young age group are used, as for a user who tells nothing. --published leaves out
the stated changes to the plantarflexor row (strength_upper.yaml, adjustments).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.errors import InputError, MusclePoseError
from musclepose.physics.mtg import (
    MtgParameters,
    activation_from_torque,
    mtg_parameters,
)
from musclepose.physics.skeleton47 import DOF_INDEX, DOFS, N_MUSCLE_DOF, N_ROOT
from musclepose.physics.strength import DIRECTIONS, base_name, load
from musclepose.records import Sex

# OpenSim coordinate (same sign and zero as ours) -> our DoF.
COORDINATES = {
    "hip_flexion": "hip_flexion", "knee_angle": "knee_flexion", "ankle_angle": "ankle_dorsiflexion",
    "hip_adduction": "hip_adduction",
}  # fmt: skip
GOAL_JOINTS = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
GOAL_ACTIVITIES = ("walking", "squat")
GOAL_SHARE = 0.99
RESIDUAL_NM = 1e-6  # float64 rounding of torques around 100 N m
DEFAULT_STATURE_M = 1.75


class Trial(NamedTuple):
    """Measured angles, speeds and moments of the leg in our 41 DoF, valid frames only."""

    name: str
    activity: str
    mass_kg: float
    stature_m: float
    q: NDArray[np.float64]  # (T, 41) rad
    qdot: NDArray[np.float64]  # (T, 41) rad/s
    tau: NDArray[np.float64]  # (T, 41) N m


def load_trial(path: Path) -> Trial | None:
    """One .npz of ../shared/data/force_plate; None where no moments are valid. Speeds: central differences."""
    with np.load(path) as data:
        valid = data["dynamics_valid"].astype(bool)
        if not valid.any():
            return None
        meta = json.loads(str(data["meta"]))
        stature = float(data["height_m"])
        if not np.isfinite(stature):
            stature = float(
                meta.get("height_from_model_m") or DEFAULT_STATURE_M
            )
        angle_names, moment_names = (
            list(data["joint_angle_names"]),
            list(data["joint_moment_names"]),
        )
        q, tau = (np.zeros((len(valid), N_MUSCLE_DOF)) for _ in range(2))
        for coordinate, dof in COORDINATES.items():
            for side in ("l", "r"):
                i = DOF_INDEX[f"{dof}_{side}"] - N_ROOT
                q[:, i] = np.radians(
                    data["joint_angles"][
                        :, angle_names.index(f"{coordinate}_{side}")
                    ]
                )
                tau[:, i] = data["joint_moments"][
                    :, moment_names.index(f"{coordinate}_{side}_moment")
                ]
        qdot = np.gradient(q, 1.0 / float(data["fps"]), axis=0)
        mass, activity = float(data["mass_kg"]), str(data["activity"])
        return Trial(
            path.stem,
            activity,
            mass,
            stature,
            q[valid],
            qdot[valid],
            tau[valid],
        )


def trials(folder: Path) -> Iterator[Trial]:
    """All scored trials of a data folder."""
    folder = (
        folder / "force_plate" if (folder / "force_plate").is_dir() else folder
    )
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise InputError(
            f"{folder} holds no .npz trial; give the folder that holds force_plate/."
        )
    yield from (trial for trial in map(load_trial, paths) if trial is not None)


def as_published(params: MtgParameters) -> MtgParameters:
    """The same athlete without the stated adjustments."""
    tau0 = params.tau0.clone()
    for name, change in load("strength_upper.yaml")["adjustments"].items():
        for i, dof in enumerate(DOFS[N_ROOT:]):
            for j, direction in enumerate(DIRECTIONS):
                row = load("strength_upper.yaml")["dofs"][base_name(dof)][
                    direction
                ]
                if row == f"anderson.{name}":
                    tau0[..., i, j] /= change["strength"]
    return params._replace(
        tau0=tau0, speed_share=torch.ones_like(params.speed_share)
    )


def trial_effort(
    trial: Trial, params: MtgParameters
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(T, 41) effort needed for the measured moments, and whether activations in [0, 1] reach them."""
    q, qdot, tau = (
        torch.as_tensor(x) for x in (trial.q, trial.qdot, trial.tau)
    )
    effort = activation_from_torque(tau, q, qdot, params)
    return effort.effort.numpy(), (effort.residual.abs() <= RESIDUAL_NM).numpy()


def check(
    folder: Path, sex: Sex = "unknown", published: bool = False
) -> dict[str, dict[str, dict[str, float]]]:
    """activity -> joint -> figures over both legs and all frames (see `_figures`)."""
    found: dict[
        str, dict[str, list[tuple[NDArray[np.float64], NDArray[np.bool_]]]]
    ] = {}
    for trial in trials(folder):
        params = mtg_parameters(
            sex, None, trial.mass_kg, trial.stature_m, dtype=torch.float64
        )
        effort, reached = trial_effort(
            trial, as_published(params) if published else params
        )
        for dof in COORDINATES.values():
            sides = [DOF_INDEX[f"{dof}_{s}"] - N_ROOT for s in ("l", "r")]
            found.setdefault(trial.activity, {}).setdefault(dof, []).append(
                (effort[:, sides], reached[:, sides])
            )
    return {
        activity: {
            dof: _figures(*map(np.concatenate, zip(*parts, strict=True)))
            for dof, parts in joints.items()
        }
        for activity, joints in found.items()
    }


def _figures(
    effort: NDArray[np.float64], reached: NDArray[np.bool_]
) -> dict[str, float]:
    return {
        "leg_frames": int(effort.size),
        "share_within_capacity": float(reached.mean()),
        "effort_p50": float(np.percentile(effort, 50)),
        "effort_p99": float(np.percentile(effort, 99)),
        "effort_peak": float(effort.max()),
    }


def table(result: dict[str, dict[str, dict[str, float]]]) -> str:
    """The printed table; a star marks the rows that issue 3's goal covers."""
    lines = [
        f"{'activity':10s} {'joint':20s} {'frames':>7s} {'within':>8s} {'median':>7s} {'p99':>6s} {'peak':>6s}"
    ]
    for activity, joints in result.items():
        for dof, f in joints.items():
            goal = activity in GOAL_ACTIVITIES and dof in GOAL_JOINTS
            mark = (
                (
                    "* met"
                    if f["share_within_capacity"] >= GOAL_SHARE
                    else "* missed"
                )
                if goal
                else ""
            )
            lines.append(
                f"{activity:10s} {dof:20s} {f['leg_frames']:7d} {f['share_within_capacity']:8.1%} "
                f"{f['effort_p50']:7.2f} {f['effort_p99']:6.2f} {f['effort_peak']:6.2f}  {mark}".rstrip()
            )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Command line; expected failures end with one sentence on stderr and exit code 2."""
    parser = argparse.ArgumentParser(
        description="Effort that measured joint moments ask of the torque generators."
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with force_plate/*.npz"
    )
    parser.add_argument(
        "--sex", choices=("female", "male", "unknown"), default="unknown"
    )
    parser.add_argument(
        "--published",
        action="store_true",
        help="leave out the stated adjustments",
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args(argv)
    try:
        result = check(args.data, args.sex, args.published)
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(result))
    if args.json:
        args.json.write_text(
            json.dumps(result, indent=2) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
