"""The named columns over which every figure of the coach is a formula: angles, torques, effort, ground reaction.

Derived columns (trunk lean, knee valgus, load share ...) are geometry on the fitted joints: `derived_columns`.
Directions are the athlete's own: right = from the left hip to the right hip, level; forward = up x right.
"""

from __future__ import annotations

import numpy as np

from musclepose.physics.skeleton47 import DOF_NAMES, DOFS, N_ROOT, SEGMENTS
from musclepose.records import Analysis, Array

GRAVITY_M_S2 = 9.81
MIN_SHARED_LOAD_BW = 0.3  # load share is undefined when the feet carry less
_UP = np.array([0.0, 1.0, 0.0])


def unit_of(column: str) -> str:
    """Unit of a column, read from the end of its name."""
    for ending, unit in (
        ("_deg", "deg"),
        ("_nm", "N m"),
        ("_bw", "BW"),
        ("_pct", "%"),
        ("_m_s", "m/s"),
        ("_m", "m"),
        ("_s", "s"),
        ("_n", "N"),
    ):
        if column.endswith(ending):
            return unit
    return ""


def joint(analysis: Analysis, name: str) -> Array:
    """(T, 3) m, proximal joint of a segment: thigh_l is the left hip, shank_l the knee, foot_l the ankle."""
    return analysis.joints_world_m[:, SEGMENTS.index(name)]


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def body_axes(analysis: Analysis) -> tuple[Array, Array]:
    """(T, 3) level unit vectors: right (left hip to right hip) and forward (up x right)."""
    right = (joint(analysis, "thigh_r") - joint(analysis, "thigh_l")) * np.array([1.0, 0.0, 1.0])
    right = _unit(right)
    return right, np.cross(_UP, right)


def _dot(a: Array, b: Array) -> Array:
    return np.sum(a * b, axis=-1)


def _angle_deg(a: Array, b: Array) -> Array:
    return np.degrees(np.arccos(np.clip(_dot(_unit(a), _unit(b)), -1.0, 1.0)))


def _knee_valgus_deg(hip: Array, knee: Array, ankle: Array, medial: Array) -> Array:
    """Frontal-plane knee angle (0 straight, + knee inwards), in the plane of hip-ankle line and `medial`."""
    down = _unit(ankle - hip)
    across = _unit(medial - _dot(medial, down)[:, None] * down)
    thigh = np.arctan2(_dot(knee - hip, across), _dot(knee - hip, down))
    shank = np.arctan2(_dot(ankle - knee, across), _dot(ankle - knee, down))
    return np.degrees(thigh - shank)


def _leg_columns(analysis: Analysis, right: Array) -> dict[str, Array]:
    out: dict[str, Array] = {}
    for side, towards_midline in (("l", 1.0), ("r", -1.0)):
        hip, knee, ankle = (joint(analysis, f"{s}_{side}") for s in ("thigh", "shank", "foot"))
        out[f"knee_valgus_{side}_deg"] = _knee_valgus_deg(hip, knee, ankle, towards_midline * right)
        out[f"thigh_above_level_{side}_deg"] = 90.0 - _angle_deg(hip - knee, _UP[None])
    return out


def _arm_columns(analysis: Analysis, trunk: Array) -> dict[str, Array]:
    out: dict[str, Array] = {}
    for side in ("l", "r"):
        shoulder, elbow, wrist = (
            joint(analysis, f"{s}_{side}") for s in ("upper_arm", "forearm", "hand")
        )
        out[f"arm_elevation_{side}_deg"] = _angle_deg(elbow - shoulder, -trunk)
        out[f"wrist_over_shoulder_{side}_m"] = (wrist - shoulder)[:, 1]
    return out


def _body_line_deg(shoulder: Array, hip: Array, ankle: Array) -> Array:
    """Bend of the shoulder-hip-ankle line at the hip: 0 straight, + hips above the line, - hips below it (sag)."""
    bend = 180.0 - _angle_deg(shoulder - hip, ankle - hip)
    along = _unit(ankle - shoulder)
    off_line = (hip - shoulder) - _dot(hip - shoulder, along)[:, None] * along
    return bend * np.where(off_line[:, 1] >= 0, 1.0, -1.0)


def _foot_columns(analysis: Analysis, right: Array, forward: Array) -> dict[str, Array]:
    apart = joint(analysis, "foot_r") - joint(analysis, "foot_l")
    middle = 0.5 * (joint(analysis, "foot_r") + joint(analysis, "foot_l"))
    weight_n = float(analysis.athlete.mass_kg or 0.0) * GRAVITY_M_S2
    vertical = analysis.grf_world_n[:, :, 1] / max(weight_n, 1.0)
    total = vertical.sum(axis=1)
    shared = np.where(total > MIN_SHARED_LOAD_BW, total, np.nan)
    return {
        "stance_width_m": np.abs(_dot(apart, right)),
        "step_split_m": _dot(apart, forward),  # + right foot in front
        "foot_height_gap_m": apart[:, 1],  # + right foot higher
        "side_shift_m": _dot(analysis.com_world_m - middle, right),  # + towards the right foot
        "grf_l_bw": vertical[:, 0],
        "grf_r_bw": vertical[:, 1],
        "grf_total_bw": total,
        "load_share_l_pct": 100.0 * vertical[:, 0] / shared,
    }


def com_speed_m_s(analysis: Analysis) -> Array:
    """(T,) level speed of the centre of mass, m/s."""
    if len(analysis.time_s) < 2:
        return np.zeros(len(analysis.time_s))
    velocity = np.gradient(analysis.com_world_m[:, (0, 2)], analysis.time_s, axis=0)
    return np.linalg.norm(velocity, axis=1)


def derived_columns(analysis: Analysis) -> dict[str, Array]:
    """Columns (T,) that are geometry on the fitted joints; they belong in the time series beside the raw ones."""
    right, forward = body_axes(analysis)
    hips = 0.5 * (joint(analysis, "thigh_l") + joint(analysis, "thigh_r"))
    shoulders = 0.5 * (joint(analysis, "upper_arm_l") + joint(analysis, "upper_arm_r"))
    ankles = 0.5 * (joint(analysis, "foot_l") + joint(analysis, "foot_r"))
    trunk = shoulders - hips
    side_lean = np.degrees(np.arctan2(_dot(trunk, right), np.abs(trunk[:, 1]) + 1e-9))
    return {
        "trunk_lean_deg": _angle_deg(trunk, _UP[None]),
        "trunk_side_lean_deg": side_lean,  # + towards the right
        "body_line_deg": _body_line_deg(shoulders, hips, ankles),
        "com_height_m": analysis.com_world_m[:, 1],
        "com_speed_m_s": com_speed_m_s(analysis),
        **_leg_columns(analysis, right),
        **_arm_columns(analysis, trunk),
        **_foot_columns(analysis, right, forward),
    }


def base_columns(analysis: Analysis) -> dict[str, Array]:
    """Columns (T,) straight from the arrays: time, angles, torques, effort, contact."""
    out: dict[str, Array] = {"time_s": analysis.time_s}
    for i, dof in enumerate(DOFS):
        moves = dof.axis.startswith("t")
        out[f"{dof.name}_{'m' if moves else 'deg'}"] = (
            analysis.q[:, i] if moves else np.degrees(analysis.q[:, i])
        )
        out[f"tau_{dof.name}_{'n' if moves else 'nm'}"] = analysis.tau_nm[:, i]
    for i, name in enumerate(DOF_NAMES[N_ROOT:]):
        out[f"effort_{name}"] = analysis.effort[:, i]
    out["contact_l"], out["contact_r"] = analysis.contact[:, 0], analysis.contact[:, 1]
    return out


def columns_of(analysis: Analysis) -> dict[str, Array]:
    """All columns that a figure may name, except `repetition`, which the repetition counter adds."""
    return {**base_columns(analysis), **derived_columns(analysis)}
