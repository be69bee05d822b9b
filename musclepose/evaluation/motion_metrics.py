"""Figures of merit of an estimated motion against the true one; `DEFINITIONS` says what each one is.

All take numpy arrays of one clip at 30 Hz: joints are the 12 limb joints of COCO-17 (shoulders, elbows, wrists, hips,
knees, ankles) in world metres, Y up; angles are columns of q in rad.
"""

from __future__ import annotations

import numpy as np

from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import Array

LIMB = slice(5, 17)  # of COCO-17
HIPS = (6, 7)  # of the 12 limb joints
ANGLES = {
    "hip_flexion": ("hip_flexion_l", "hip_flexion_r"),
    "knee_flexion": ("knee_flexion_l", "knee_flexion_r"),
    "ankle_dorsiflexion": ("ankle_dorsiflexion_l", "ankle_dorsiflexion_r"),
    "shoulder_flexion": ("shoulder_flexion_l", "shoulder_flexion_r"),
    "elbow_flexion": ("elbow_flexion_l", "elbow_flexion_r"),
}
DEFINITIONS = {
    "mpjpe_mm": "mean distance of the 12 limb joints after moving both mid-hips to the origin",
    "pa_mpjpe_mm": "the same after the best rotation, scale and shift of each frame (Procrustes)",
    "accel_m_s2": "mean norm of the difference of the joints' second differences x 30^2, mid-hip relative",
    "foot_skate_m_s": "mean horizontal speed of the estimated ball of the foot while the true foot stands",
    "penetration_mm": "mean depth of the lowest estimated sole point below the floor, over frames in true stance",
    "<angle>_mae_deg": "mean absolute difference of the angle, both sides",
    "trunk_lean_mae_deg": "mean absolute difference of the mid-hip to mid-shoulder line's angle from the vertical",
    "contact_f1": "F1 of the contact probability at 0.5, both feet",
    "root_drift_m": "RMS distance of the mid-hip tracks after shifting the first frames together",
}


def _rooted(joints: Array) -> Array:
    return joints - joints[:, HIPS].mean(1, keepdims=True)


def mpjpe_mm(estimate: Array, truth: Array) -> float:
    """Mean per-joint position error (T, 12, 3), mid-hip aligned, mm."""
    return float(1000 * np.linalg.norm(_rooted(estimate) - _rooted(truth), axis=-1).mean())


def procrustes(estimate: Array, truth: Array) -> Array:
    """(T, K, 3) estimate after the similarity transform that fits each frame best to truth (Umeyama 1991)."""
    mean_e, mean_t = estimate.mean(1, keepdims=True), truth.mean(1, keepdims=True)
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
    return float(1000 * np.linalg.norm(procrustes(estimate, truth) - truth, axis=-1).mean())


def accel_m_s2(estimate: Array, truth: Array, rate_hz: float = 30.0) -> float:
    """Mean acceleration error of the joints, m/s^2."""
    difference = np.diff(_rooted(estimate) - _rooted(truth), n=2, axis=0) * rate_hz**2
    return float(np.linalg.norm(difference, axis=-1).mean()) if len(difference) else float("nan")


def foot_skate_m_s(ball_world_m: Array, stance: Array, rate_hz: float = 30.0) -> float:
    """Mean horizontal speed (m/s) of (T, 2, 3) foot points over frame pairs in which the true foot stands."""
    speed = np.linalg.norm(np.diff(ball_world_m, axis=0)[..., (0, 2)], axis=-1) * rate_hz
    both = (stance[1:] > 0.5) & (stance[:-1] > 0.5)
    return float(speed[both].mean()) if both.any() else float("nan")


def penetration_mm(sole_world_m: Array, stance: Array) -> float:
    """Mean depth below the floor (y = 0) of the lowest of (T, 2, 4, 3) sole points in stance, mm."""
    depth = np.clip(-sole_world_m[..., 1].min(-1), 0.0, None)
    return float(1000 * depth[stance > 0.5].mean()) if (stance > 0.5).any() else float("nan")


def angle_mae_deg(q: Array, q_true: Array) -> dict[str, float]:
    """Mean absolute error of each named angle over both sides, degrees; differences are taken on the circle."""
    out = {}
    for name, dofs in ANGLES.items():
        index = [DOF_INDEX[d] for d in dofs]
        difference = np.angle(np.exp(1j * (q[:, index] - q_true[:, index])))
        out[f"{name}_mae_deg"] = float(np.degrees(np.abs(difference)).mean())
    return out


def trunk_lean_deg(joints: Array) -> Array:
    """Angle of the mid-hip to mid-shoulder line from the vertical, (T,) degrees."""
    line = joints[:, :2].mean(1) - joints[:, HIPS].mean(1)
    return np.degrees(np.arccos(np.clip(line[:, 1] / np.maximum(np.linalg.norm(line, axis=-1), 1e-9), -1, 1)))


def contact_f1(probability: Array, truth: Array) -> float:
    """F1 score of foot contact at probability 0.5."""
    p, t = probability > 0.5, truth > 0.5
    hit = float((p & t).sum())
    total = float(p.sum() + t.sum())
    return 2 * hit / total if total else float("nan")


def root_drift_m(root: Array, root_true: Array) -> float:
    """RMS distance of two (T, 3) root tracks after shifting their first frames together, m."""
    difference = (root - root[:1]) - (root_true - root_true[:1])
    return float(np.sqrt((difference**2).sum(-1).mean()))
