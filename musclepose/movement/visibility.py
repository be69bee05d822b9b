"""Which joints the detector saw, frame by frame, and which columns depend on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musclepose.physics.skeleton47 import COCO17
from musclepose.quality import frames_in_view
from musclepose.records import Array, PoseTrack

Mask = NDArray[np.bool_]
SIDES = {"l": "left", "r": "right"}
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
_COLUMN_JOINT = {
    "knee_valgus": "knee", "thigh_above_level": "hip", "arm_elevation": "shoulder", "wrist_over_shoulder": "wrist",
    "forearm": "elbow", "scapula": "shoulder", "hip": "hip", "knee": "knee", "ankle": "ankle", "shoulder": "shoulder",
    "elbow": "elbow", "wrist": "wrist", "grf": "ankle",
}  # fmt: skip
_BOTH_FEET = (
    "grf_total",
    "load_share",
    "stance_width",
    "step_split",
    "foot_height_gap",
    "side_shift",
)


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
            out[f"{joint}_{letter}"] = np.all([points[f"{side}_{n}"] for n in needs], axis=0)
    shoulders = points["left_shoulder"] | points["right_shoulder"]
    out["trunk"] = shoulders & (points["left_hip"] | points["right_hip"])
    out["feet"] = points["left_ankle"] & points["right_ankle"]
    return out


def joint_of_column(column: str) -> tuple[str, str]:
    """Joint ("knee", "trunk", "feet", "" for none) and side letter ("l", "r", "") that a column belongs to."""
    name = column.removeprefix("tau_").removeprefix("effort_")
    stem = name
    for ending in ("_deg", "_nm", "_bw", "_pct", "_m_s", "_m", "_n"):
        stem = stem.removesuffix(ending)
    side = stem[-1] if stem[-2:] in ("_l", "_r") else ""
    if name.startswith(_BOTH_FEET):
        return "feet", ""
    for start, joint in _COLUMN_JOINT.items():
        if name.startswith(start):
            return joint, side
    if name.startswith(("trunk", "lumbar", "thoracic", "body_line", "pelvis", "com", "neck")):
        return "trunk", ""
    return "", ""


class Visibility:
    """Answers, for a column and a window, whether its joint was seen well enough."""

    def __init__(self, track: PoseTrack) -> None:
        self.time_s = track.time_s
        self.masks = seen_joints(track)
        self.in_view = np.zeros(len(track.time_s), bool)
        self.in_view[frames_in_view(track)] = True

    def mask(self, column: str) -> Mask:
        """(T,) frames in which the joint of a column was seen; all of them for a column of no joint."""
        joint, side = joint_of_column(column)
        everything = np.ones(len(self.time_s), bool)
        return self.masks.get(f"{joint}_{side}" if side else joint, everything)

    def masked(self, column: str, values: Array) -> Array:
        """(T,) values, NaN where the joint was not seen."""
        return np.where(self.mask(column), values, np.nan)

    def share(self, column: str, inside: Mask | None = None) -> float:
        """Share of frames (of a window) in which the joint of a column was seen, while the person was in view."""
        frames = self.in_view if inside is None else self.in_view & inside
        return float(self.mask(column)[frames].mean()) if frames.any() else 0.0
