"""Two things that captured skeletons tell wrongly and that standing and walking people tell right: knee and pelvis.

The joint centres of most CMU skeletons never straighten a leg: the straightest 5 % of the frames of people who walk
upright bend the knee by 15 degrees, and marker-based force-plate subjects by 4; hips and ankles are bent to match, as
if the knee stood centimetres too far in front of the line from hip to ankle. It is moved back by one distance a
subject.

Their root joint is no anatomical landmark either: how far the pelvis seems to tilt differs by 30 degrees between
subjects who all walk upright. It is turned until upright frames have the tilt of the marker-based subjects.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from scipy.optimize import brentq
from torch import Tensor

from musclepose.fitting.fit_model import LandmarkModel
from musclepose.fitting.fit_sources import SourceSubject
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import DOF_INDEX, SEGMENTS
from musclepose.records import Array
from musclepose.utils.rot import rot_z

STRAIGHTEST_QUANTILE = 0.05
STRAIGHTEST_KNEE_DEG = 4.0  # mean of that quantile over the marker-based training subjects who walk (0.6, 5.7, 5.9)
MAX_KNEE_SHIFT_M = 0.05
UPRIGHT_PELVIS_LEAN_DEG = -6.0  # mean over the marker-based training subjects who walk (-9.6, -9.4, 1.7); + forward
UPRIGHT_KNEE_DEG = 70.0
UPRIGHT_TRUNK_LEAN_DEG = (-10.0, 20.0)
MIN_UPRIGHT_FRAMES = 60
PELVIS_LANDMARK = "root"
TURNED_FREE_M = 0.001  # a turned landmark may not be learned back


def _unit(v: Array) -> Array:
    return np.asarray(
        v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)
    )


def knees_moved(legs: Array, back_m: float) -> Array:
    """(N, 3) knee centres of legs (N, 3, 3: hip, knee, ankle; m), moved towards the hip-ankle line and past it."""
    hip, knee, ankle = legs[:, 0], legs[:, 1], legs[:, 2]
    along = _unit(ankle - hip)
    off = knee - hip - ((knee - hip) * along).sum(-1, keepdims=True) * along
    return np.asarray(knee - back_m * _unit(off))


def knee_flexion_deg(legs: Array, knee: Array) -> Array:
    """(N,) angle between thigh and shank with the knee at `knee` (N, 3); negative on the far side of the hip-ankle
    line from the knee of `legs` (N, 3, 3)."""
    hip, ankle = legs[:, 0], legs[:, 2]
    cosine = (_unit(knee - hip) * _unit(ankle - knee)).sum(-1)
    along = _unit(ankle - hip)
    before, after = (
        k - hip - ((k - hip) * along).sum(-1, keepdims=True) * along
        for k in (legs[:, 1], knee)
    )
    return np.asarray(
        np.sign((before * after).sum(-1))
        * np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    )


def knee_shift_m(legs: Array) -> float:
    """How far back (0 to MAX_KNEE_SHIFT_M) the knees must go for the straightest frames to be straight."""

    def too_bent(back_m: float) -> float:
        angle = knee_flexion_deg(legs, knees_moved(legs, back_m))
        return (
            float(np.nanquantile(angle, STRAIGHTEST_QUANTILE))
            - STRAIGHTEST_KNEE_DEG
        )

    if too_bent(0.0) <= 0.0:
        return 0.0
    if too_bent(MAX_KNEE_SHIFT_M) >= 0.0:
        return MAX_KNEE_SHIFT_M
    return float(brentq(too_bent, 0.0, MAX_KNEE_SHIFT_M, xtol=1e-4))


def with_straight_legs(subject: SourceSubject) -> SourceSubject:
    """The subject with its knee centres moved so that the straightest legs are straight; hips and ankles stay."""
    rows = [
        [
            subject.landmark_names.index(f"{s}_{j}")
            for j in ("hip", "knee", "ankle")
        ]
        for s in "lr"
    ]
    every = np.concatenate(
        [c.points[:, row] for c in subject.clips for row in rows]
    ).astype(np.float64)
    back_m = knee_shift_m(every)
    clips = []
    for clip in subject.clips:
        points = clip.points.copy()
        for row in rows:
            points[:, row[1]] = knees_moved(
                clip.points[:, row].astype(np.float64), back_m
            )
        clips.append(replace(clip, points=points))
    return replace(subject, clips=clips)


def forward_lean_deg(
    R_world_seg: Float[Tensor, "n 3 3"],
) -> Float[Tensor, " n"]:
    """Lean of a segment's long axis (y) towards where it faces (level part of x), deg."""
    up, facing = (
        R_world_seg[:, :, 1],
        R_world_seg[:, :, 0] * torch.tensor([1.0, 0.0, 1.0]),
    )
    facing = torch.nn.functional.normalize(facing, dim=-1)
    return torch.rad2deg(torch.atan2((up * facing).sum(-1), up[:, 1]))


def pelvis_turn_deg(
    q: Float[Tensor, "n 47"], lengths_m: Float[Tensor, " 13"]
) -> float:
    """How far to tip the pelvis backwards so that upright frames have UPRIGHT_PELVIS_LEAN_DEG; 0 with few of them."""
    R = forward_kinematics(q, lengths_m).R_world_seg
    trunk = forward_lean_deg(R[:, SEGMENTS.index("thorax")])
    knees = torch.rad2deg(
        q[:, [DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"]]]
    ).amax(1)
    low, high = UPRIGHT_TRUNK_LEAN_DEG
    upright = (knees < UPRIGHT_KNEE_DEG) & (trunk > low) & (trunk < high)
    if int(upright.sum()) < MIN_UPRIGHT_FRAMES:
        return 0.0
    return (
        float(forward_lean_deg(R[upright, SEGMENTS.index("pelvis")]).median())
        - UPRIGHT_PELVIS_LEAN_DEG
    )


def with_turned_pelvis(
    landmarks: LandmarkModel, turn_deg: float
) -> LandmarkModel:
    """The landmark model on a pelvis that is tipped backwards by `turn_deg` under the same root joint."""
    k = landmarks.names.index(PELVIS_LANDMARK)
    R = rot_z(torch.tensor(-np.radians(turn_deg), dtype=torch.float32))
    coefficients = landmarks.coefficients.clone()
    coefficients[k] = R @ coefficients[k]
    free = landmarks.offset_sigma_m.clone()
    free[k] = TURNED_FREE_M
    return replace(landmarks, coefficients=coefficients, offset_sigma_m=free)
