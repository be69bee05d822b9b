"""Angles, heights and distances that are geometry on the fitted joints.

Directions are the athlete's own: right = from the left hip to the right hip, level; forward = up x right.
"""

from __future__ import annotations

import numpy as np

from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.records import Analysis, Array

UP = np.array([0.0, 1.0, 0.0])
_LEVEL = np.array([1.0, 0.0, 1.0])


def joint(analysis: Analysis, name: str) -> Array:
    """(T, 3) m, proximal joint of a segment: thigh_l is the left hip, shank_l the knee, foot_l the ankle."""
    return analysis.joints_world_m[:, SEGMENTS.index(name)]


def middle(analysis: Analysis, segment: str) -> Array:
    """(T, 3) m, midway between the left and the right proximal joint of a segment."""
    return 0.5 * (
        joint(analysis, f"{segment}_l") + joint(analysis, f"{segment}_r")
    )


def unit(v: Array) -> Array:
    """(..., 3) vectors at length 1; a vector of length 0 stays."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def dot(a: Array, b: Array) -> Array:
    """(...) scalar products of (..., 3)."""
    return np.sum(a * b, axis=-1)


def angle_deg(a: Array, b: Array) -> Array:
    """(...) angle between (..., 3) and (..., 3), degrees in [0, 180]."""
    cosine = np.clip(dot(unit(a), unit(b)), -1.0, 1.0)
    return np.degrees(np.arccos(cosine))


def body_axes(analysis: Analysis) -> tuple[Array, Array]:
    """(T, 3) level unit vectors: right (left hip to right hip) and forward (up x right)."""
    across = joint(analysis, "thigh_r") - joint(analysis, "thigh_l")
    right = unit(across * _LEVEL)
    return right, np.cross(UP, right)


def knee_valgus_deg(
    hip: Array, knee: Array, ankle: Array, medial: Array
) -> Array:
    """(T,) frontal-plane knee angle (0 straight, + knee inwards), in the plane of hip-ankle line and `medial`."""
    down = unit(ankle - hip)
    across = unit(medial - dot(medial, down)[:, None] * down)
    thigh = np.arctan2(dot(knee - hip, across), dot(knee - hip, down))
    shank = np.arctan2(dot(ankle - knee, across), dot(ankle - knee, down))
    return np.degrees(thigh - shank)


def thigh_above_level_deg(hip: Array, knee: Array) -> Array:
    """(T,) how far the thigh points above level, seen from the knee: 90 standing, 0 level, negative below."""
    return 90.0 - angle_deg(hip - knee, UP[None])


def body_line_deg(shoulder: Array, hip: Array, ankle: Array) -> Array:
    """(T,) bend of the shoulder-hip-ankle line at the hip: 0 straight, + hips above the line, - below it (sag)."""
    bend = 180.0 - angle_deg(shoulder - hip, ankle - hip)
    along = unit(ankle - shoulder)
    off_line = (hip - shoulder) - dot(hip - shoulder, along)[:, None] * along
    return bend * np.where(off_line[:, 1] >= 0, 1.0, -1.0)


def trunk_side_lean_deg(trunk: Array, right: Array) -> Array:
    """(T,) tilt of the trunk towards the right (+) or the left."""
    upwards = np.abs(trunk[:, 1]) + 1e-9
    return np.degrees(np.arctan2(dot(trunk, right), upwards))


def com_speed_m_s(analysis: Analysis) -> Array:
    """(T,) level speed of the centre of mass."""
    if len(analysis.time_s) < 2:
        return np.zeros(len(analysis.time_s))
    velocity = np.gradient(
        analysis.com_world_m[:, (0, 2)], analysis.time_s, axis=0
    )
    return np.linalg.norm(velocity, axis=1)
