"""What the picture itself shows of a movement, before any body is fitted: the evidence that hard gates stand on.

Lengths are shares of the trunk (its 90th percentile in the picture, so a lean towards the camera does not stretch the
rest), heights are up positive, angles are those between the lines in the picture, 180 deg straight. A point that was
not seen gives NaN, and a feature of a point that was hardly seen is NaN.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from musclepose.records import Array, PoseTrack

TRUNK_OF_SHOULDERS = 1.2  # a trunk is at least this many shoulder widths long (chosen; COCO points)
MIN_SEEN = 0.2  # share of the clip's frames that must show the points of a feature (chosen)
_SHOULDERS, _ELBOWS, _WRISTS, _HIPS, _KNEES, _ANKLES = (
    (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16),
)  # fmt: skip


def _percentile(values: Array, q: float) -> float:
    if np.isfinite(values).mean() < MIN_SEEN:
        return math.nan
    return float(np.nanpercentile(values, q))


def _spread(values: Array) -> float:
    return _percentile(values, 95) - _percentile(values, 5)


def _middle_of(points: Array, pair: tuple[int, int]) -> Array:
    """(T, 2) middle of two points, or the one that was seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # both unseen: NaN is meant
        return np.asarray(np.nanmean(points[:, pair], axis=1))


def _bend(points: Array, a: int, b: int, c: int) -> Array:
    """(T,) angle at b in the picture, deg."""
    u, v = points[:, a] - points[:, b], points[:, c] - points[:, b]
    cross = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
    return np.asarray(np.degrees(np.arctan2(cross, (u * v).sum(axis=1))))


def _sides(points: Array, a: int, b: int, c: int) -> tuple[Array, Array]:
    return _bend(points, a, b, c), _bend(points, a + 1, b + 1, c + 1)


def _chord_bend(points: Array, a: int, c: int) -> Array:
    """(T,) bend of a limb of two equal parts whose ends a and c lie this far apart, deg; 180 at its longest."""
    distance = np.linalg.norm(points[:, a] - points[:, c], axis=1)
    share = distance / _percentile(distance, 97)
    return np.asarray(2.0 * np.degrees(np.arcsin(np.clip(share, 0.0, 1.0))))


def _limb_range(points: Array, a: int, b: int, c: int) -> float:
    """Range of a limb's bend, of the angle or of its shortening: a limb that bends towards the camera only shortens."""
    shortening = _chord_bend(points, a, c), _chord_bend(points, a + 1, c + 1)
    ranges = (_larger_spread(_sides(points, a, b, c)), _larger_spread(shortening))
    finite = [r for r in ranges if math.isfinite(r)]
    return max(finite) if finite else math.nan


def _unit_px(points: Array, trunk: Array) -> float:
    """The trunk's length in the picture; of a body seen along its trunk, what its shoulders say of it."""
    shoulders = np.linalg.norm(points[:, 5] - points[:, 6], axis=1)
    of_shoulders = TRUNK_OF_SHOULDERS * _percentile(shoulders, 90)
    finite = [u for u in (_percentile(trunk, 90), of_shoulders) if math.isfinite(u)]
    return max(finite) if finite else math.nan


def _larger_spread(sides: tuple[Array, Array]) -> float:
    finite = [s for s in map(_spread, sides) if math.isfinite(s)]
    return max(finite) if finite else math.nan


def _mean(sides: tuple[Array, Array]) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # both unseen: NaN is meant
        return np.asarray(np.nanmean(np.stack(sides), axis=0))


def picture_features(track: PoseTrack) -> dict[str, float]:
    """Features `pic_*` of a track: shares of the trunk and degrees in the picture; NaN where not seen."""
    points = track.keypoints_px
    shoulder, wrist, hip, knee, ankle = (
        _middle_of(points, pair) for pair in (_SHOULDERS, _WRISTS, _HIPS, _KNEES, _ANKLES)
    )
    trunk = _unit_px(points, np.linalg.norm(shoulder - hip, axis=1))
    upright = (hip - shoulder)[:, 1] / trunk
    wrist_up = (shoulder - wrist)[:, 1] / trunk
    apart = np.linalg.norm(points[:, 15] - points[:, 16], axis=1) / trunk
    hips = _sides(points, 5, 11, 13)
    return {
        "pic_upright": _percentile(upright, 50),
        "pic_upright_low": _percentile(upright, 5),
        "pic_hip_over_knee_low": _percentile((knee - hip)[:, 1] / trunk, 5),
        "pic_wrist_up": _percentile(wrist_up, 50),
        "pic_wrist_up_high": _percentile(wrist_up, 95),
        "pic_knee_range": _limb_range(points, 11, 13, 15),
        "pic_hip_middle": _percentile(_mean(hips), 50),
        "pic_elbow_range": _limb_range(points, 5, 7, 9),
        "pic_elbow_angle_range": _larger_spread(_sides(points, 5, 7, 9)),
        "pic_arm_range": _larger_spread(_sides(points, 11, 5, 7)),
        "pic_feet_x": _spread(ankle[:, 0] / trunk),
        "pic_feet_y": _spread(ankle[:, 1] / trunk),
        "pic_feet_apart_range": _spread(apart),
    }
