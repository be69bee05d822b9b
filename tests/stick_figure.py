"""A flat figure of sticks, posed by angles, as a track: movements whose picture is known by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from musclepose.records import Array, PoseTrack

FRAMES, FPS, TRUNK_PX = 180, 30.0, 100.0
LENGTHS = {
    "thigh": 0.85,
    "shank": 0.85,
    "upper_arm": 0.55,
    "forearm": 0.5,
    "neck": 0.3,
}  # trunks
SIZE_PX = (1000, 1000)


def wave(
    low: float, high: float, seconds: float = 2.0, phase: float = 0.0
) -> Array:
    """(T,) from `low` to `high` and back, once in so many seconds."""
    turn = 2.0 * np.pi * (np.arange(FRAMES) / FPS / seconds + phase)
    return low + (high - low) * 0.5 * (1.0 - np.cos(turn))


def _step(angle_deg: Array | float) -> Array:
    """(T, 2) unit vectors in the picture; 0 deg is down, 90 to the right, 180 up."""
    a = np.radians(np.broadcast_to(np.asarray(angle_deg, float), (FRAMES,)))
    return np.stack([np.sin(a), np.cos(a)], axis=1)


def stick_track(
    angles_deg: Mapping[str, Array | float],
    fixed: str = "feet",
    half_width: float = 0.05,
    shift: Array | float = 0.0,
) -> PoseTrack:
    """Track of a figure whose `trunk` (hip to shoulder), `thigh`, `shank`, `upper_arm` and `forearm` point that way.

    A limb name with `_r` poses the right one alone. fixed: which end stays where it is: "feet", "hands" or "hips".
    half_width: of shoulders and hips, trunks. shift: (T,) of the whole body upwards, trunks.
    """

    def pointing(name: str, side: str) -> Array:
        return _step(angles_deg.get(f"{name}_{side}", angles_deg[name]))

    hip = np.zeros((FRAMES, 2))
    shoulder = hip + _step(angles_deg["trunk"])
    points = np.zeros((FRAMES, 17, 2))
    for i, side in enumerate("lr"):
        out = np.array([half_width * (1.0 - 2.0 * i), 0.0])
        points[:, 5 + i], points[:, 11 + i] = shoulder + out, hip + out
        points[:, 7 + i] = points[:, 5 + i] + LENGTHS["upper_arm"] * pointing(
            "upper_arm", side
        )
        points[:, 9 + i] = points[:, 7 + i] + LENGTHS["forearm"] * pointing(
            "forearm", side
        )
        points[:, 13 + i] = points[:, 11 + i] + LENGTHS["thigh"] * pointing(
            "thigh", side
        )
        points[:, 15 + i] = points[:, 13 + i] + LENGTHS["shank"] * pointing(
            "shank", side
        )
    points[:, :5] = (shoulder + LENGTHS["neck"] * _step(angles_deg["trunk"]))[
        :, None
    ]
    anchor = {
        "feet": points[:, 15],
        "hands": points[:, 9],
        "hips": points[:, 11],
    }[fixed]
    up = np.broadcast_to(np.asarray(shift, float), (FRAMES,))
    points = (
        points
        - anchor[:, None]
        - np.stack([np.zeros(FRAMES), up], axis=1)[:, None]
    )
    pixels = 500.0 + TRUNK_PX * points
    confidence = np.full((FRAMES, 17), 0.9)
    return PoseTrack(pixels, confidence, np.arange(FRAMES) / FPS, SIZE_PX)
