"""The drawable skeleton: points, bones, and which effort and which seen keypoints belong to each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.data.tokens import MIN_JOINTS_FOR_SIZE
from musclepose.physics.anthropometrics import LENGTH_SHARE
from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import local_rotations
from musclepose.physics.skeleton47 import (
    COCO17,
    DOFS,
    FEET,
    N_ROOT,
    N_SEGMENTS,
    PARENTS,
    SEGMENTS,
)
from musclepose.records import Analysis, Array, Mask

HEAD, TOE_L, TOE_R = (
    N_SEGMENTS,
    N_SEGMENTS + 1,
    N_SEGMENTS + 2,
)  # drawn points after the 18 segment origins
N_POINTS = N_SEGMENTS + 3
MIN_FORCE_BW = 0.03  # a smaller force is no arrow
_EARS = (COCO17.index("left_ear"), COCO17.index("right_ear"))


@dataclass(frozen=True)
class Bone:
    """A line between two drawn points, and the COCO points that must be seen for it to be more than a guess."""

    start: int
    end: int
    needs: tuple[int, ...]


def _bone(start: str, end: str | int, *needs: str) -> Bone:
    stop = end if isinstance(end, int) else SEGMENTS.index(end)
    return Bone(
        SEGMENTS.index(start), stop, tuple(COCO17.index(n) for n in needs)
    )


def _side_bones(letter: str, side: str, toe: int) -> tuple[Bone, ...]:
    def name(part: str) -> str:
        return f"{part}_{letter}"

    def seen(*parts: str) -> tuple[str, ...]:
        return tuple(f"{side}_{p}" for p in parts)

    return (
        _bone("head", name("upper_arm"), *seen("shoulder")),
        _bone(name("upper_arm"), name("forearm"), *seen("shoulder", "elbow")),
        _bone(name("forearm"), name("hand"), *seen("elbow", "wrist")),
        _bone("pelvis", name("thigh"), *seen("hip")),
        _bone(name("thigh"), name("shank"), *seen("hip", "knee")),
        _bone(name("shank"), name("foot"), *seen("knee", "ankle")),
        _bone(name("foot"), toe, *seen("ankle")),
    )


BONES: tuple[Bone, ...] = (
    _bone("pelvis", "abdomen"), _bone("abdomen", "thorax"), _bone("thorax", "head"), _bone("head", HEAD, "nose"),
    *_side_bones("l", "left", TOE_L), *_side_bones("r", "right", TOE_R),
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Everything that the overlay draws, per frame; pixels of the source picture."""

    points_px: Array  # (T, N_POINTS, 2), NaN where nobody was seen
    effort_pct: NDArray[
        np.int64
    ]  # (T, N_POINTS) 0 to 100, at the joint in that point
    effort_known: Mask  # (T,) frames that have an effort
    seen: NDArray[np.bool_]  # (T, len(BONES))
    keypoints_px: Array  # (T, 17, 2) detected, NaN where not
    force_px: Array  # (T, 2 feet, 2 ends, 2) centre of pressure and arrow tip, NaN where the foot carries nothing


def _toes_world_m(analysis: Analysis) -> Array:
    """(T, 2, 3) toe tip of each foot for an average foot of this stature, m; only for drawing."""
    R = local_rotations(torch.from_numpy(np.ascontiguousarray(analysis.q)))
    stature = analysis.athlete.height_m
    tip_share = [
        0.75 * LENGTH_SHARE["foot"],
        -LENGTH_SHARE["ankle_height"],
        0.0,
    ]
    p_foot_tip = torch.tensor(tip_share, dtype=R.dtype) * stature
    toes = []
    for foot in FEET:
        reach = (_orientation(R, foot) @ p_foot_tip).numpy()
        toes.append(analysis.joints_world_m[:, foot] + reach)
    return np.stack(toes, axis=1)


def _orientation(R_parent_seg: torch.Tensor, segment: int) -> torch.Tensor:
    """(T, 3, 3) R_world_seg: R_world_seg = R_world_parent @ R_parent_seg, from the root down."""
    parent = PARENTS[segment]
    if parent < 0:
        return R_parent_seg[:, segment]
    return _orientation(R_parent_seg, parent) @ R_parent_seg[:, segment]


def _effort_pct(analysis: Analysis) -> NDArray[np.int64]:
    """Largest effort over the DoF of each joint; the pelvis shows the lumbar joint, the ends show nothing."""
    out = np.zeros((len(analysis.time_s), N_POINTS))
    for i, dof in enumerate(DOFS[N_ROOT:]):
        out[:, dof.segment] = np.fmax(
            out[:, dof.segment], analysis.effort[:, i]
        )
    out[:, 0] = out[:, SEGMENTS.index("abdomen")]
    out[:, HEAD] = out[:, SEGMENTS.index("head")]
    out[:, TOE_L], out[:, TOE_R] = out[:, FEET[0]], out[:, FEET[1]]
    return np.clip(np.nan_to_num(100.0 * out), 0, 100).round().astype(np.int64)


def _force_px(analysis: Analysis, metres_per_bw: float) -> Array:
    weight_n = analysis.athlete.mass_kg * G_M_S2
    tip = analysis.cop_world_m + analysis.grf_world_n / weight_n * metres_per_bw
    out = np.stack(
        [
            analysis.camera.project(analysis.cop_world_m),
            analysis.camera.project(tip),
        ],
        axis=2,
    )
    small = (
        np.linalg.norm(analysis.grf_world_n, axis=2) < MIN_FORCE_BW * weight_n
    )
    out[small] = np.nan
    return out


def _found(analysis: Analysis) -> NDArray[np.bool_]:
    """(T, 17) keypoints that the detector saw."""
    return (analysis.track.confidence > 0) & np.isfinite(
        analysis.track.keypoints_px
    ).all(axis=2)


def seen_bones(analysis: Analysis) -> NDArray[np.bool_]:
    """(T, len(BONES)) bones of which every end was seen."""
    found = _found(analysis)
    trunk = found[:, 5:7].any(axis=1) & found[:, 11:13].any(axis=1)
    return np.stack(
        [found[:, b.needs].all(axis=1) if b.needs else trunk for b in BONES],
        axis=1,
    )


def nobody_there(analysis: Analysis) -> NDArray[np.bool_]:
    """(T,) frames in which too few joints were seen to place a body, and no motion reaches across them either."""
    too_few = _found(analysis).sum(axis=1) < MIN_JOINTS_FOR_SIZE
    no_forces = np.isnan(analysis.grf_world_n).any(axis=(1, 2))
    return too_few & no_forces


def world_points(analysis: Analysis) -> Array:
    """(T, N_POINTS, 3) m, the drawn points in the world."""
    ears = analysis.keypoints_world_m[:, _EARS].mean(axis=1, keepdims=True)
    return np.concatenate(
        [analysis.joints_world_m, ears, _toes_world_m(analysis)], axis=1
    )


def lines_of(analysis: Analysis, metres_per_bw: float = 0.6) -> Lines:
    """Project the fitted body and the ground reaction into the picture; one body weight is `metres_per_bw` long."""
    keypoints = np.where(
        _found(analysis)[..., None], analysis.track.keypoints_px, np.nan
    )
    points = analysis.camera.project(world_points(analysis))
    points[nobody_there(analysis)] = np.nan
    return Lines(
        points,
        _effort_pct(analysis),
        np.asarray(np.isfinite(analysis.effort).any(axis=1)),
        seen_bones(analysis),
        keypoints,
        _force_px(analysis, metres_per_bw),
    )
