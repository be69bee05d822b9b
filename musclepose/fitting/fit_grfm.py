"""Refit the linear ground reaction model on force plates: `python -m musclepose.fitting.fit_grfm --data DIR`.

Ridge least squares on frames in which a foot carries load and every contact is measured, each trial weighted equally.
The ridges are chosen by leaving out one training subject at a time; the test error is that of the opencap subjects,
who are never fitted.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from musclepose.errors import MusclePoseError
from musclepose.fitting.force_plate import LOADED_N, Fitted, fit_folder
from musclepose.fitting.trial_dynamics import motion_of
from musclepose.physics.constants import G_M_S2
from musclepose.physics.foot_sole import (
    Sole,
    contact_sole,
    point_on_sole,
    sole_coordinates,
)
from musclepose.physics.grfm import FEATURES, FRICTION, OUTPUTS, ankle_features
from musclepose.physics.kinematics import forward_kinematics, sole_points

Array = NDArray[np.float64]
RIDGES = (
    1e-4,
    1e-3,
    1e-2,
    3e-2,
    1e-1,
    3e-1,
    1.0,
)  # relative to the mean square of each feature
STANDING_BW = 0.5  # both feet flat and still must carry one body weight: the constant is given, not fitted
TABLE = Path(__file__).parent.parent / "configs" / "grfm.yaml"
HEADER = """# Linear ground reaction model: rows over `features`, per foot, Y up, heights relative to flat standing.
# vertical_bw: body weights. cop_along: 0 heel, 1 toe. cop_across: -1 medial, 1 lateral.
# shear_forward: share of friction (0.8) x vertical force, along the foot.
"""


class Rows:
    """Design and targets of one trial: features (N, 8), targets (N, 4) in the order of OUTPUTS."""

    def __init__(self, fitted: Fitted) -> None:
        trial = fitted.trial
        motion = motion_of(fitted)
        psi = ankle_features(
            motion.q, motion.qdot, motion.qddot, fitted.lengths_m
        ).numpy()
        sole = contact_sole(
            sole_points(
                forward_kinematics(motion.q, fitted.lengths_m), fitted.lengths_m
            )
        )
        cop = torch.from_numpy(np.nan_to_num(trial.cop_world_m[..., [0, 2]]))
        along, across = (v.numpy() for v in sole_coordinates(sole, cop))
        force = trial.force_world_n
        loaded = (
            trial.valid[:, None]
            & (force[..., 1] > LOADED_N)
            & np.isfinite(trial.cop_world_m).all(-1)
        )
        ahead = (force[..., [0, 2]] * sole.forward.numpy()).sum(-1)
        vertical = force[..., 1] / (trial.mass_kg * G_M_S2)
        shear = ahead / (FRICTION * np.maximum(force[..., 1], 1.0))
        self.x = psi[loaded]
        self.y = np.stack(
            (vertical, along.clip(0.0, 1.0), across.clip(-1.0, 1.0), shear), -1
        )[loaded]
        self.cop_m = trial.cop_world_m[..., [0, 2]][loaded]
        self.sole = Sole(
            *(
                v[torch.from_numpy(loaded)]
                .unsqueeze(1)
                .expand(-1, 2, *v.shape[2:])
                for v in sole
            )
        )
        self.load = vertical[loaded]
        self.subject, self.activity, self.train = (
            trial.subject,
            trial.activity,
            trial.train,
        )

    def cop_error_m(self, along: Array, across: Array) -> Array:
        """(N,) distance of the modelled from the measured centre of pressure on the floor."""
        both = [
            torch.from_numpy(v)[:, None].expand(-1, 2) for v in (along, across)
        ]
        return np.linalg.norm(
            point_on_sole(self.sole, *both).numpy()[:, 0] - self.cop_m, axis=-1
        )


def solve_row(rows: Sequence[Rows], k: int, ridge: float) -> Array:
    """(8,) coefficients of output k; trials weigh the same, pressure and shear weigh a frame by its load."""
    scale = np.sqrt(np.mean(np.concatenate([r.x for r in rows]) ** 2, axis=0))
    A, b = (
        np.diag([0.0] + [ridge] * (len(FEATURES) - 1)),
        np.zeros(len(FEATURES)),
    )
    for r in rows:
        w = (np.ones_like(r.load) if k == 0 else r.load) / max(len(r.load), 1)
        x = r.x / scale
        A += (x * w[:, None]).T @ x / len(rows)
        b += (x * w[:, None]).T @ r.y[:, k] / len(rows)
    return (
        np.linalg.solve(A, b) if k else _with_constant(A, b, STANDING_BW)
    ) / scale


def solve(rows: Sequence[Rows], ridges: Sequence[float]) -> Array:
    """(4, 8) coefficients."""
    return np.stack(
        [solve_row(rows, k, ridge) for k, ridge in enumerate(ridges)]
    )


def _with_constant(A: Array, b: Array, constant: float) -> Array:
    """Least squares with the first coefficient given (its feature is 1, so its scale is 1)."""
    rest = np.linalg.solve(A[1:, 1:], b[1:] - A[1:, 0] * constant)
    return np.concatenate(([constant], rest))


def errors(rows: Sequence[Rows], eta: Array) -> dict[str, float]:
    """Root mean square over trials: vertical force (body weights), centre of pressure (mm, where
    the foot carries more than 0.2 body weights), shear share."""
    square = []
    for r in rows:
        p = r.x @ eta.T
        clipped = np.stack(
            (
                np.maximum(p[:, 0], 0),
                p[:, 1].clip(0, 1),
                p[:, 2].clip(-1, 1),
                p[:, 3].clip(-1, 1),
            ),
            -1,
        )
        e = clipped - r.y
        heavy = r.load > 0.2
        e[:, 1] = 1000.0 * np.sqrt(
            np.mean(r.cop_error_m(p[:, 1], p[:, 2])[heavy] ** 2)
        )
        square.append(np.mean(e**2, axis=0))
    root = np.sqrt(np.mean(square, axis=0))
    return {
        "vertical_force_rmse_bw": float(root[0]),
        "cop_rmse_mm": float(root[1]),
        "shear_share_rmse": float(root[3]),
    }


def left_out(
    train: Sequence[Rows], ridges: Sequence[float]
) -> dict[str, float]:
    """Errors of each training subject by the fit to the others, root mean square."""
    folds = []
    for s in sorted({r.subject for r in train}):
        eta = solve([r for r in train if r.subject != s], ridges)
        folds.append(errors([r for r in train if r.subject == s], eta))
    return {
        k: float(np.sqrt(np.mean([f[k] ** 2 for f in folds]))) for k in folds[0]
    }


def choose_ridges(train: Sequence[Rows]) -> list[float]:
    """Per output the ridge with the smallest error on left-out training subjects (both pressure rows share one)."""
    table = [left_out(train, [ridge] * len(OUTPUTS)) for ridge in RIDGES]
    best = [RIDGES[int(np.argmin([e[key] for e in table]))] for key in table[0]]
    return [best[0], best[1], best[1], best[2]]


def fit(fitted: Sequence[Fitted]) -> dict:
    """The table as a plain dictionary: coefficients, errors, what was fitted and when."""
    rows = [Rows(f) for f in fitted if f.trial.has_force]
    train, test = [r for r in rows if r.train], [r for r in rows if not r.train]
    ridges = choose_ridges(train)
    eta = solve(train, ridges)

    activities = sorted({r.activity for r in test})

    def tidy(e: dict[str, float]) -> dict[str, float]:
        return {k: round(v, 4) for k, v in e.items()}

    return {
        "date": datetime.date.today().isoformat(),
        "command": "python -m musclepose.fitting.fit_grfm --data ../shared/data/force_plate",
        "train_subjects": sorted({r.subject for r in train}),
        "test_subjects": sorted({r.subject for r in test}),
        "ridge": ridges,
        "error_train": tidy(errors(train, eta)),
        "error_leave_one_subject_out": tidy(left_out(train, ridges)),
        "error_test": {
            a: tidy(errors([r for r in test if r.activity == a], eta))
            for a in activities
        },
        "features": list(FEATURES),
        "coefficients": {
            name: [round(float(v), 5) for v in row]
            for name, row in zip(OUTPUTS, eta, strict=True)
        },
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.fitting.fit_grfm", description=__doc__
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder of force-plate trials (index.json, *.npz)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=TABLE,
        help="table to write (default: the committed one)",
    )
    args = parser.parse_args(argv)
    try:
        table = fit(fit_folder(args.data))
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    text = HEADER + yaml.safe_dump(table, sort_keys=False, width=120)
    args.out.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
