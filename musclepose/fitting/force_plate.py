"""Force-plate trials at their own frame rate: landmarks, measured loads, reference moments, and our body fitted.

Calibration (lengths, landmark offsets) is per subject at 30 Hz (`fit_sources.read_force_plate`); the joint angles are
then solved at the trial's own rate.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musclepose.errors import InputError
from musclepose.fitting.fit import FitResult, fit_subject, solve_frames
from musclepose.fitting.fit_init import initial_q
from musclepose.fitting.fit_landmarks import start_subject
from musclepose.fitting.fit_model import (
    Subject,
    landmark_jacobian,
    landmark_positions,
    neutral_prior,
)
from musclepose.fitting.fit_sources import (
    FPS,
    SourceSubject,
    pelvis_rotation,
    read_force_plate,
)
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import DOF_INDEX, DOFS
from musclepose.utils.rot import unwrap_zxy

Array = NDArray[np.float64]
TRAIN_SUBJECTS = (
    "labx_62kg",
    "rajagopal_walker",
    "opensim_gait2354_subject01",
    "bmclab_runner",
)
PELVIS_SHARE = (
    1.5 * 0.055
)  # of stature: how far the two virtual pelvis points of fit_sources lie from the mid-hip
MOMENTS = (
    "hip_flexion",
    "knee_angle",
    "ankle_angle",
)  # reference names without side
SIDES = ("l", "r")
BELT_M_S = 0.5  # slower common speeds of the lower ankle are no treadmill
ARMS = [
    i for i, d in enumerate(DOFS) if d.name.startswith(("shoulder", "elbow"))
]
LOADED_N = 30.0  # below this a plate's centre of pressure is not defined


@dataclass(frozen=True)
class Trial:
    """One trial. Foot order left, right; world Y up, m, N, N m; moments in the sign of flexion and dorsiflexion."""

    name: str
    subject: str
    activity: str
    dt: float
    lowpass_hz: float
    mass_kg: float  # as the source gives it, except where the plates are the better scale
    stature_m: float
    train: bool
    treadmill: bool
    points: Array  # (T, M, 3) landmarks
    landmark_names: tuple[str, ...]
    force_world_n: Array  # (T, 2, 3)
    cop_world_m: Array  # (T, 2, 3), NaN where unloaded
    free_moment_nm: Array  # (T, 2)
    valid: NDArray[np.bool_]  # (T,)
    moment_nm: Array  # (T, 2, 3) hip flexion, knee flexion, ankle dorsiflexion of the left and right leg
    com_world_m: Array  # (T, 3) of the reference model
    has_force: bool


@dataclass(frozen=True)
class Fitted:
    """A trial with our body: q (T, 47) at the trial's rate, unfiltered, and the subject's lengths (m, 13)."""

    trial: Trial
    q: Tensor
    lengths_m: Tensor
    residual_mm: float  # RMS landmark distance of the fit


def trial_files(folder: Path) -> list[tuple[Path, str]]:
    """Files and subjects of the index."""
    index = folder / "index.json"
    if not index.exists():
        raise InputError(
            f"{folder} has no index.json; give the folder of force-plate trials (--data .../force_plate)."
        )
    return [
        (folder / row["file"], row["subject"])
        for row in json.loads(index.read_text())
    ]


def _landmarks(
    z: np.lib.npyio.NpzFile, names: Sequence[str], stature: float
) -> Array:
    file_names = [str(n) for n in z["joint_names"]]
    joints = z["joint_positions"].astype(np.float64)
    angles = {
        str(n): z["joint_angles"][:, i].astype(np.float64)
        for i, n in enumerate(z["joint_angle_names"])
    }
    R, origin = pelvis_rotation(angles), joints[:, file_names.index("pelvis")]
    long = {"l": "left", "r": "right"}

    def one(name: str) -> Array:
        if name in ("pelvis_front", "pelvis_up"):
            return (
                origin
                + R[:, :, 0 if name == "pelvis_front" else 1]
                * PELVIS_SHARE
                * stature
            )
        full = f"{long[name[0]]}{name[1:]}" if name[1:2] == "_" else name
        return joints[:, file_names.index(full)]

    return np.stack([one(n) for n in names], 1)


def _moments(z: np.lib.npyio.NpzFile, frames: int) -> Array:
    if not z["joint_moment_names"].size:
        return np.full((frames, 2, 3), np.nan)
    names = [str(n) for n in z["joint_moment_names"]]
    columns = [[names.index(f"{m}_{s}_moment") for m in MOMENTS] for s in SIDES]
    return z["joint_moments"].astype(np.float64)[:, np.array(columns)]


def read_trial(path: Path, names: Sequence[str]) -> Trial:
    """One file with the landmark columns `names` (short names of fit_sources: l_knee, ..., pelvis_up)."""
    z = np.load(path)
    meta = json.loads(str(z["meta"]))
    stature = float(meta.get("height_from_model_m") or z["height_m"])
    measured = float(z["height_m"])
    frames = len(z["time"])
    both = {
        k: np.stack((z[f"{k}_left"], z[f"{k}_right"]), 1).astype(np.float64)
        for k in ("grf", "cop", "free_moment")
    }
    has_force = bool(meta["has_grf"]) and "dynamics_valid" in z.files
    return Trial(
        path.stem,
        str(z["subject"]),
        str(z["activity"]),
        1.0 / float(z["fps"]),
        float(meta["lowpass_hz"]),
        float(z["mass_kg"]),
        measured if np.isfinite(measured) else stature,
        str(z["subject"]) in TRAIN_SUBJECTS,
        bool(meta["treadmill"]),
        _landmarks(z, names, stature),
        tuple(names),
        both["grf"],
        both["cop"],
        np.nan_to_num(both["free_moment"]),
        z["dynamics_valid"].astype(bool)
        if has_force
        else np.zeros(frames, bool),
        _moments(z, frames),
        z["com"].astype(np.float64),
        has_force,
    )


def _starts(
    points: Tensor, names: Sequence[str], clips: Sequence[int]
) -> tuple[Tensor, Tensor]:
    joints = {n: points[:, i] for i, n in enumerate(names)}
    hips = 0.5 * (joints["l_hip"] + joints["r_hip"])
    shoulders = 0.5 * (joints["l_shoulder"] + joints["r_shoulder"])
    return initial_q(
        joints, joints["pelvis_up"] - hips, shoulders - hips, clips
    )


def continuous_shoulders(q: Tensor) -> Tensor:
    """The same shoulder rotations on the ZXY branch that is continuous in time, as differentiation needs."""
    out = q.clone()
    for side in SIDES:
        i = [
            DOF_INDEX[f"shoulder_{a}_{side}"]
            for a in ("flexion", "adduction", "rotation")
        ]
        sign = torch.tensor([DOFS[k].sign for k in i], dtype=q.dtype)
        angles = q[:, i] * sign
        out[:, i] = sign * unwrap_zxy(angles, angles[0])
    return out


def _overground(
    points: NDArray[np.float32], names: Sequence[str]
) -> NDArray[np.float32]:
    """Landmarks (T, M, 3) at 30 Hz with a treadmill's belt taken out, so that a standing foot stands still."""
    ankles = points[:, [names.index("l_ankle"), names.index("r_ankle")]]
    velocity = np.gradient(ankles, 1.0 / FPS, axis=0)[:, :, [0, 2]]
    belt = np.median(
        velocity[np.arange(len(points)), ankles[..., 1].argmin(1)], axis=0
    )
    if np.linalg.norm(belt) < BELT_M_S:
        return points
    out = points.copy()
    out[..., [0, 2]] -= (np.arange(len(points))[:, None] / FPS * belt)[
        :, None
    ].astype(np.float32)
    return out


def _calibrate(source: SourceSubject) -> Subject:
    level = [
        replace(c, points=_overground(c.points, source.landmark_names))
        for c in source.clips
    ]
    source = replace(source, clips=level)
    start, columns = start_subject(source)
    points = torch.from_numpy(np.concatenate([c.points for c in source.clips]))
    clips = [len(c.points) for c in source.clips]
    q0, alternative = _starts(points, source.landmark_names, clips)
    return fit_subject(q0, alternative, points[:, columns], start, clips)[0]


def _polish(
    q: Tensor, points: Tensor, body: Subject, steps: int = 12
) -> FitResult:
    """Gauss-Newton from arms on one continuous Euler branch, without joint limits.

    A limit on an Euler angle is no limit on the arm: overhead, one branch leaves the box and the other enters it, and a
    fit that changes branch jumps by millimetres, which is metres per second squared at 100 frames/s.
    """
    neutral, sigma = neutral_prior()
    stiffness = sigma.pow(-2)
    stiffness[:6] = 0.0
    seen = torch.isfinite(points).all(-1)
    target, weight = (
        torch.where(seen[..., None], points, 0.0),
        (seen / body.landmarks.sigma_m)[..., None],
    )
    for _ in range(steps):
        pose = forward_kinematics(q, body.lengths_m)
        model = landmark_positions(pose, body)
        J = (
            landmark_jacobian(q, pose, model, body.landmarks.segment)
            * weight[:, None]
        ).flatten(2)
        gradient = (J @ ((model - target) * weight).flatten(1)[..., None])[
            ..., 0
        ] + stiffness * (q - neutral)
        H = J @ J.mT + torch.diag(stiffness + 1.0)
        q = q - torch.cholesky_solve(
            gradient[..., None], torch.linalg.cholesky(H)
        )[..., 0].clamp(-0.3, 0.3)
    distance = (
        (
            landmark_positions(forward_kinematics(q, body.lengths_m), body)
            - target
        )
        .square()
        .sum(-1)
    )
    counted = seen & (body.landmarks.sigma_m <= 0.0101)
    return FitResult(
        q, 1000.0 * ((distance * counted).sum(-1) / counted.sum(-1)).sqrt()
    )


def fit_trial(trial: Trial, body: Subject) -> Fitted:
    """Joint angles of one trial at its own rate with a calibrated body."""
    points = torch.from_numpy(trial.points).float()
    q0, alternative = _starts(points, trial.landmark_names, [len(points)])
    columns = [trial.landmark_names.index(n) for n in body.landmarks.names]
    first = solve_frames(
        q0,
        points[:, columns],
        body,
        [len(points)],
        sweeps=4,
        alternative=alternative,
    )
    q = first.q.clone()
    q[:, ARMS] = q0[:, ARMS]
    result = _polish(q, points[:, columns], body)
    rms = float(result.residual_mm.square().mean().sqrt())
    return Fitted(
        trial,
        continuous_shoulders(result.q).double(),
        body.lengths_m.double(),
        rms,
    )


def fit_folder(folder: Path, only: Sequence[str] = ()) -> list[Fitted]:
    """All trials of a folder (or those named), with the 47-DoF body of each subject fitted to all its trials."""
    files = trial_files(folder)
    out = []
    for source in read_force_plate(folder):
        own = [
            path
            for path, subject in files
            if subject == source.name and (not only or path.stem in only)
        ]
        if own:
            body = _calibrate(source)
            out += [
                fit_trial(read_trial(path, source.landmark_names), body)
                for path in own
            ]
    return out
