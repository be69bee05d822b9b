"""Figures of merit of an estimated motion against the true one; `DEFINITIONS` says what each one is.

All take numpy arrays of one clip at 30 Hz: joints are the 12 limb joints of COCO-17 (shoulders, elbows, wrists, hips,
knees, ankles) in metres, Y up, in the camera-heading frame. Angles are computed from points, with one function for the
model, the truth and every baseline, so that a regressor of points is measured by the same rule as a body with joints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.physics.skeleton47 import GEOMETRY, LENGTHS, SEGMENTS
from musclepose.records import Array

Contact = NDArray[np.floating]  # (T, 2) left, right; 0 to 1, NaN where unknown

LIMB = slice(5, 17)  # of COCO-17
SHOULDERS, ELBOWS, WRISTS, HIPS, KNEES, ANKLES = (
    (2 * i, 2 * i + 1) for i in range(6)
)  # of the 12 limb joints
N_COCO, N_SEGMENTS, N_SOLE = 17, len(SEGMENTS), 8
POINT_SETS = (12, N_COCO + N_SEGMENTS, N_COCO + N_SEGMENTS + N_SOLE)
HEEL, TOE, BALLS = 0, 3, (1, 2)
ANGLES = (
    "hip_flexion",
    "knee_flexion",
    "ankle_dorsiflexion",
    "shoulder_elevation",
    "elbow_flexion",
    "trunk_lean",
)
DEFINITIONS = {
    "mpjpe_mm": "mean distance of the 12 limb joints after moving both mid-hips to the origin",
    "pa_mpjpe_mm": "the same after the best rotation, scale and shift of each frame (Procrustes)",
    "accel_m_s2": "mean norm of the difference of the joints' second differences x 30^2, mid-hip relative",
    "foot_skate_m_s": "mean horizontal speed of the estimated ball of the foot while the true foot stands",
    "penetration_mm": "mean depth of the lowest estimated sole point below the floor that the pipeline finds under "
    "the clip, over feet in true stance",
    "foot_sink_mm": "5 to 95 % range of the height of the lowest estimated sole point, over feet in true stance",
    "hip_flexion_mae_deg": "thigh in the plane of pelvis flexion; pelvis from hips and L5/S1 (the joint coordinate)",
    "knee_flexion_mae_deg": "180 degrees less the angle hip-knee-ankle (the joint coordinate)",
    "ankle_dorsiflexion_mae_deg": "sole (heel to toe) against the perpendicular of the line ankle-knee",
    "shoulder_elevation_mae_deg": "angle of the upper arm from the line mid-shoulder to mid-hip",
    "elbow_flexion_mae_deg": "180 degrees less the angle shoulder-elbow-wrist (the joint coordinate)",
    "trunk_lean_mae_deg": "angle of the mid-hip to mid-shoulder line from the vertical",
    **{f"{a}_bias_deg": f"mean of estimate minus truth, {a}" for a in ANGLES},
    **{
        f"{a}_centred_mae_deg": f"MAE without the mean difference of each clip and side, {a}"
        for a in ANGLES
    },
    "contact_f1": "F1 of the contact probability at 0.5, both feet; unknown where a still foot is on no plate",
    "root_drift_m": "RMS distance of the mid-hip tracks after shifting the first frames together, mean over clips",
}
UNITS_NOTE = "Angles are mean absolute differences over frames and both sides; means are over frames of all clips."
Row = dict[
    str, tuple[float, float]
]  # metric: value and how many frames, stance frames or labels it stands for


@dataclass(frozen=True)
class Points:
    """What is compared. A regressor may lack the parts that are None."""

    limb: Array  # (T, 12, 3)
    lumbar: Array | None = None  # (T, 3) L5/S1, origin of the abdomen
    sole: Array | None = None  # (T, 2, 4, 3) heel, medial and lateral ball, toe
    world: bool = (
        False  # positions in the world, not only relative to the mid-hip
    )


def points_of(values: Array, world: bool = False) -> Points:
    """From (T, K, 3): K = 12 limb joints, 35 = COCO-17 and 18 segment origins, 43 = those and 8 sole points."""
    count = values.shape[1]
    if count not in POINT_SETS:
        raise InputError(
            f"A motion with {count} points came; 12, 35 or 43 are allowed: see motion_metrics.points_of."
        )
    if count == 12:
        return Points(values, world=world)
    sole = (
        values[:, N_COCO + N_SEGMENTS :].reshape(len(values), 2, 4, 3)
        if count == POINT_SETS[2]
        else None
    )
    return Points(
        values[:, LIMB],
        values[:, N_COCO + SEGMENTS.index("abdomen")],
        sole,
        world,
    )


def mid(joints: Array, pair: tuple[int, int]) -> Array:
    """(T, 3) middle of two joints."""
    return joints[:, pair].mean(1)


def _rooted(joints: Array) -> Array:
    return joints - mid(joints, HIPS)[:, None]


def _unit(x: Array) -> Array:
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)


def _angle_deg(a: Array, b: Array) -> Array:
    """Angle between vectors; atan2 keeps small angles exact."""
    return np.degrees(
        np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1))
    )


def mpjpe_mm(estimate: Array, truth: Array) -> float:
    """Mean per-joint position error (T, 12, 3), mid-hip aligned, mm."""
    return float(
        1000
        * np.linalg.norm(_rooted(estimate) - _rooted(truth), axis=-1).mean()
    )


def procrustes(estimate: Array, truth: Array) -> Array:
    """(T, K, 3) estimate after the similarity transform that fits each frame best to truth (Umeyama 1991)."""
    mean_e, mean_t = (
        estimate.mean(1, keepdims=True),
        truth.mean(1, keepdims=True),
    )
    e, t = estimate - mean_e, truth - mean_t
    u, s, vt = np.linalg.svd(np.swapaxes(e, 1, 2) @ t)
    sign = np.sign(np.linalg.det(u @ vt))
    s = s.copy()
    s[:, 2] *= sign
    u = u.copy()
    u[:, :, 2] *= sign[:, None]
    scale = s.sum(1) / np.maximum((e**2).sum((1, 2)), 1e-12)
    return scale[:, None, None] * (e @ (u @ vt)) + mean_t


def pa_mpjpe_mm(estimate: Array, truth: Array) -> float:
    """Procrustes-aligned mean per-joint position error, mm."""
    return float(
        1000
        * np.linalg.norm(procrustes(estimate, truth) - truth, axis=-1).mean()
    )


def accel_m_s2(estimate: Array, truth: Array, rate_hz: float = 30.0) -> float:
    """Mean acceleration error of the joints, m/s^2."""
    difference = (
        np.diff(_rooted(estimate) - _rooted(truth), n=2, axis=0) * rate_hz**2
    )
    return (
        float(np.linalg.norm(difference, axis=-1).mean())
        if len(difference)
        else float("nan")
    )


def _standing(stance: Contact) -> NDArray[np.bool_]:
    """(T - 1, 2) frame pairs in which the true foot stands."""
    return (stance[1:] > 0.5) & (stance[:-1] > 0.5)


def foot_skate_m_s(
    ball_world_m: Array, stance: Contact, rate_hz: float = 30.0
) -> float:
    """Mean horizontal speed (m/s) of (T, 2, 3) foot points over frame pairs in which the true foot stands."""
    speed = (
        np.linalg.norm(np.diff(ball_world_m, axis=0)[..., (0, 2)], axis=-1)
        * rate_hz
    )
    both = _standing(stance)
    return float(speed[both].mean()) if both.any() else float("nan")


def penetration_mm(sole_world_m: Array, stance: Contact) -> float:
    """Mean depth below the floor (y = 0) of the lowest of (T, 2, 4, 3) sole points in stance, mm."""
    depth = np.clip(-sole_world_m[..., 1].min(-1), 0.0, None)
    return (
        float(1000 * depth[stance > 0.5].mean())
        if (stance > 0.5).any()
        else float("nan")
    )


def foot_sink_mm(sole_world_m: Array, stance: Contact) -> float:
    """Range (5 to 95 %) of the height of the lowest of (T, 2, 4, 3) sole points while the true foot stands, mm: a foot
    on one floor has one height."""
    height = sole_world_m[..., 1].min(-1)[stance > 0.5]
    return (
        float(1000 * np.ptp(np.quantile(height, (0.05, 0.95))))
        if len(height)
        else float("nan")
    )


def hinge_deg(
    joints: Array,
    first: tuple[int, int],
    at: tuple[int, int],
    last: tuple[int, int],
) -> Array:
    """(T, 2) flexion of the two hinges `at`: 180 degrees less the angle between its neighbours."""
    return _angle_deg(
        joints[:, at] - joints[:, first], joints[:, last] - joints[:, at]
    )


def pelvis_rotation(limb: Array, lumbar: Array) -> Array:
    """(T, 3, 3) R_world_pelvis: z along the hips, the L5/S1 point in its known direction of the x-y plane."""
    cx, cy, _ = GEOMETRY.joint_offsets[SEGMENTS.index("abdomen")][
        :, LENGTHS.index("pelvis")
    ]
    z = _unit(limb[:, HIPS[1]] - limb[:, HIPS[0]])
    up = lumbar - mid(limb, HIPS)
    along = _unit(
        up - (up * z).sum(-1, keepdims=True) * z
    )  # = (cx x + cy y) / |c|
    ahead = np.cross(along, z)  # = (cy x - cx y) / |c|
    size = np.hypot(cx, cy)
    return np.stack(
        ((cx * along + cy * ahead) / size, (cy * along - cx * ahead) / size, z),
        -1,
    )


def hip_flexion_deg(points: Points) -> Array | None:
    """(T, 2) first angle of the thigh's ZXY rotation in the pelvis: the third does not move the knee."""
    if points.lumbar is None:
        return None
    R = pelvis_rotation(points.limb, points.lumbar)
    thigh = (points.limb[:, KNEES] - points.limb[:, HIPS]) @ R  # in pelvis axes
    return np.degrees(np.arctan2(thigh[..., 0], -thigh[..., 1]))


def ankle_dorsiflexion_deg(points: Points) -> Array | None:
    """(T, 2) sine of the angle = foot axis . shank axis."""
    if points.sole is None:
        return None
    foot = _unit(points.sole[:, :, TOE] - points.sole[:, :, HEEL])
    shank = _unit(points.limb[:, KNEES] - points.limb[:, ANKLES])
    return np.degrees(np.arcsin(np.clip((foot * shank).sum(-1), -1.0, 1.0)))


def trunk_lean_deg(joints: Array) -> Array:
    """Angle of the mid-hip to mid-shoulder line from the vertical, (T,) degrees."""
    line = mid(joints, SHOULDERS) - mid(joints, HIPS)
    return _angle_deg(line, np.broadcast_to([0.0, 1.0, 0.0], line.shape))


def angles_deg(points: Points) -> dict[str, Array]:
    """Every angle that the points show, (T, 2) left and right, (T,) of the trunk."""
    limb = points.limb
    down = (mid(limb, HIPS) - mid(limb, SHOULDERS))[:, None]
    found = {
        "hip_flexion": hip_flexion_deg(points),
        "knee_flexion": hinge_deg(limb, HIPS, KNEES, ANKLES),
        "ankle_dorsiflexion": ankle_dorsiflexion_deg(points),
        "shoulder_elevation": _angle_deg(
            limb[:, ELBOWS] - limb[:, SHOULDERS], down
        ),
        "elbow_flexion": hinge_deg(limb, SHOULDERS, ELBOWS, WRISTS),
        "trunk_lean": trunk_lean_deg(limb),
    }
    return {name: angle for name, angle in found.items() if angle is not None}


def angle_errors_deg(estimate: Points, truth: Points) -> dict[str, float]:
    """MAE, bias and centred MAE of each angle that both show, degrees; differences are taken on the circle."""
    ours, theirs = angles_deg(estimate), angles_deg(truth)
    found = {}
    for name in (n for n in ours if n in theirs):
        error = (ours[name] - theirs[name] + 180.0) % 360.0 - 180.0
        found[f"{name}_mae_deg"] = float(np.abs(error).mean())
        found[f"{name}_bias_deg"] = float(error.mean())
        found[f"{name}_centred_mae_deg"] = float(
            np.abs(error - error.mean(0)).mean()
        )
    return found


def contact_f1(probability: Contact, truth: Contact) -> float:
    """F1 score of foot contact at probability 0.5; frames of unknown (NaN) contact are left out."""
    known = np.isfinite(truth)
    p, t = probability[known] > 0.5, truth[known] > 0.5
    total = float(p.sum() + t.sum())
    return 2 * float((p & t).sum()) / total if total else float("nan")


def root_drift_m(root: Array, root_true: Array) -> float:
    """RMS distance of two (T, 3) root tracks after shifting their first frames together, m."""
    difference = (root - root[:1]) - (root_true - root_true[:1])
    return float(np.sqrt((difference**2).sum(-1).mean()))


def clip_metrics(
    estimate: Points,
    truth: Points,
    stance: Contact,
    contact: Contact | None = None,
) -> Row:
    """All metrics that the estimate allows, with their weights. stance: true contact (T, 2), NaN where unknown."""
    frames = float(len(truth.limb))
    values = {
        "mpjpe_mm": mpjpe_mm(estimate.limb, truth.limb),
        "pa_mpjpe_mm": pa_mpjpe_mm(estimate.limb, truth.limb),
        "accel_m_s2": accel_m_s2(estimate.limb, truth.limb),
        **angle_errors_deg(estimate, truth),
    }
    rows: Row = {name: (value, frames) for name, value in values.items()}
    if estimate.world:
        rows["root_drift_m"] = (
            root_drift_m(mid(estimate.limb, HIPS), mid(truth.limb, HIPS)),
            frames,
        )
    if estimate.world and estimate.sole is not None:
        ball = estimate.sole[:, :, BALLS].mean(2)
        rows["foot_skate_m_s"] = (
            foot_skate_m_s(ball, stance),
            float(_standing(stance).sum()),
        )
        standing = float((stance > 0.5).sum())
        rows["penetration_mm"] = (
            penetration_mm(estimate.sole, stance),
            standing,
        )
        rows["foot_sink_mm"] = (foot_sink_mm(estimate.sole, stance), standing)
    if contact is not None:
        known = np.isfinite(stance)
        labels = float(
            (contact[known] > 0.5).sum() + (stance[known] > 0.5).sum()
        )  # makes pooling exact
        rows["contact_f1"] = (contact_f1(contact, stance), labels)
    return rows


def pooled(
    rows: Sequence[Mapping[str, tuple[float, float]]],
) -> dict[str, float]:
    """Weighted means over clips, in the order of DEFINITIONS; clips without a metric do not count in it."""
    out = {}
    for name in DEFINITIONS:
        pairs = [
            r[name]
            for r in rows
            if name in r and np.isfinite(r[name][0]) and r[name][1] > 0
        ]
        if pairs:
            out[name] = sum(v * w for v, w in pairs) / sum(w for _, w in pairs)
    return out
