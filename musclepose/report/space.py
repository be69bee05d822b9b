"""The body in space as the page's 3D view draws it: whole millimetres per frame, so that it stays small.

What was not seen is None and is not drawn. World axes are Y up, the floor is y = 0. One body weight of force is drawn
0.6 m long, as over the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from musclepose.movement.geometry import body_axes
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.records import Analysis, Array, Index
from musclepose.report.skeleton_lines import (
    BONES,
    MIN_FORCE_BW,
    nobody_there,
    seen_bones,
    world_points,
)

RATE_HZ = (
    30.0  # pictures a second that the view is given; a faster film is thinned
)
METRES_PER_BW = 0.6
_HANDS = [SEGMENTS.index("hand_l"), SEGMENTS.index("hand_r")]
_SIDES = {"_l": "left", "_r": "right"}


def space_of(analysis: Analysis) -> dict[str, Any]:
    """Points, seen bones and forces of the kept frames K, and from where they can be looked at.

    `frames` (K) places in the film; `points` K x (x, y, z of 21 points) mm or None where nobody was seen; `seen` K x
    bones; `forces` K x (start, tip) mm of left foot, right foot, left hand, right hand, None where nothing is carried
    or known; `sides` of the bones; `views` azimuth and elevation in degrees; `height` of the athlete in mm.
    """
    keep = kept_frames(analysis.time_s)
    points = _millimetres(world_points(analysis)[keep])
    gone = nobody_there(analysis)[keep]
    forces = _force_ends_m(analysis)[keep]
    return {
        "frames": keep.tolist(),
        "points": [
            None if lost else flat
            for lost, flat in zip(gone, points, strict=True)
        ],
        "seen": seen_bones(analysis)[keep].astype(int).tolist(),
        "forces": [[_ends_mm(one) for one in frame] for frame in forces],
        "sides": [_side_of(b.start) or _side_of(b.end) for b in BONES],
        "views": views(analysis),
        "height": round(1000.0 * analysis.athlete.height_m),
    }


def kept_frames(time_s: Array) -> Index:
    """(K,) indices of frames at most `RATE_HZ` a second: the first one, then each that is a step away from the last."""
    kept, last = [0], float(time_s[0])
    for i, t in enumerate(time_s[1:], 1):
        if t - last >= 0.9 / RATE_HZ:
            kept.append(i)
            last = float(t)
    return np.array(kept)


def _side_of(point: int) -> str:
    return _SIDES.get(SEGMENTS[point][-2:], "") if point < len(SEGMENTS) else ""


def _millimetres(points_m: Array) -> list[list[int]]:
    flat = (
        np.nan_to_num(1000.0 * points_m)
        .round()
        .astype(int)
        .reshape(len(points_m), -1)
    )
    return list(flat.tolist())


def _force_ends_m(analysis: Analysis) -> Array:
    """(T, 4, 2, 3) start and tip of the force on both feet and both hands; NaN where it is too small or not known.

    A foot's starts at its centre of pressure. A hand's starts at the wrist, also where the forearm carries.
    """
    weight_n = analysis.athlete.mass_kg * G_M_S2
    hands = analysis.hand_force_world_n
    unknown = np.full_like(analysis.grf_world_n, np.nan)
    force = np.concatenate(
        [analysis.grf_world_n, unknown if hands is None else hands], axis=1
    )
    start = np.concatenate(
        [analysis.cop_world_m, analysis.joints_world_m[:, _HANDS]], axis=1
    )
    ends = np.stack([start, start + force / weight_n * METRES_PER_BW], axis=2)
    is_told = np.linalg.norm(force, axis=2) >= MIN_FORCE_BW * weight_n
    return np.where(is_told[..., None, None], ends, np.nan)


def _ends_mm(ends_m: Array) -> list[int] | None:
    return (
        list(_millimetres(ends_m[None])[0])
        if np.isfinite(ends_m).all()
        else None
    )


def views(analysis: Analysis) -> dict[str, list[int]]:
    """[azimuth, elevation] in degrees of the places to look from; azimuth 0 looks from +z, 90 from +x."""
    there = ~nobody_there(analysis)
    hips = np.nanmedian(
        analysis.joints_world_m[there if there.any() else slice(None), 0],
        axis=0,
    )
    camera = analysis.camera
    eye = -camera.R_cam_world.T @ camera.t_cam_world_m - hips
    _, forward = body_axes(analysis)
    front = (
        _azimuth(np.nanmean(forward[there], axis=0))
        if there.any()
        else _azimuth(eye)
    )
    height = float(np.degrees(np.arctan2(eye[1], np.hypot(eye[0], eye[2]))))
    return {
        "filmed": [_azimuth(eye), round(height)],
        "front": [front, 0],
        "left": [(front + 90) % 360, 0],
        "above": [front, 85],
    }


def _azimuth(towards: Sequence[float] | Array) -> int:
    return round(float(np.degrees(np.arctan2(towards[0], towards[2])))) % 360
