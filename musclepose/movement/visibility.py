"""Which joints the detector saw, frame by frame."""

from __future__ import annotations

from typing import Literal

import numpy as np

from musclepose.physics.skeleton47 import COCO17
from musclepose.quality import frames_in_view
from musclepose.records import Mask, PoseTrack

SIDES: dict[str, Literal["left", "right"]] = {"l": "left", "r": "right"}
HIDDEN_SHARE = 0.85  # of the other side's certainty: arms of oblique push-ups 0.62 to 0.69, limbs in view 0.94 and more
MIN_SEEN = 0.8  # share of the frames of a window that must show a joint before a figure is made from it (chosen)

# Keypoints that must all be seen before the angle or moment of a joint is more than the model's guess.
_NEEDS = {
    "hip": ("shoulder", "hip", "knee"),
    "knee": ("hip", "knee", "ankle"),
    "ankle": ("knee", "ankle"),
    "shoulder": ("hip", "shoulder", "elbow"),
    "elbow": ("shoulder", "elbow", "wrist"),
    "wrist": ("elbow", "wrist"),
}


def seen_points(track: PoseTrack) -> dict[str, Mask]:
    """(T,) per COCO point: finite coordinates and confidence above 0."""
    seen = (track.confidence > 0) & np.isfinite(track.keypoints_px).all(axis=2)
    return {name: seen[:, i] for i, name in enumerate(COCO17)}


def seen_joints(track: PoseTrack) -> dict[str, Mask]:
    """(T,) per joint, `knee_l` ... and `trunk` (at least one shoulder and one hip), `feet` (both ankles)."""
    points = seen_points(track)
    out: dict[str, Mask] = {}
    for joint, needs in _NEEDS.items():
        for letter, side in SIDES.items():
            out[f"{joint}_{letter}"] = np.all(
                [points[f"{side}_{n}"] for n in needs], axis=0
            )
    shoulders = points["left_shoulder"] | points["right_shoulder"]
    out["trunk"] = shoulders & (points["left_hip"] | points["right_hip"])
    out["feet"] = points["left_ankle"] & points["right_ankle"]
    return out


def is_one_side_hidden(track: PoseTrack, joint: str, frames: Mask) -> bool:
    """Whether the detector is much less sure of a joint on one side than on the other, in the median of `frames` (T,).

    A limb behind the body is placed by guess, and its bend is no measure.
    """
    sure = [
        min(
            float(np.median(track.confidence[frames, COCO17.index(name)]))
            for name in (f"{side}_{n}" for n in _NEEDS[joint])
        )
        for side in SIDES.values()
    ]
    return min(sure) < HIDDEN_SHARE * max(sure)


def in_view(track: PoseTrack) -> Mask:
    """(T,) frames from the first to the last in which anything of the person was seen."""
    frames = np.zeros(len(track.time_s), bool)
    frames[frames_in_view(track)] = True
    return frames
