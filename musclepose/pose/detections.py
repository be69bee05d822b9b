"""What a pose detector gives, and the interface that any detector fulfils. Nothing here knows which detector it is.

The default detector is AGPL-3.0; a permissively licensed one takes its place by fulfilling PoseDetector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.crops import Array, Crop, Picture

Progress = Callable[
    [float, str], None
]  # fraction in [0, 1], what is being done


@dataclass(frozen=True)
class Detections:
    """N people found in one picture; pixels, x right, y down, origin top left; COCO-17 joint order."""

    boxes_px: Array  # (N, 4) left, top, right, bottom
    scores: Array  # (N,) in [0, 1]
    keypoints_px: Array  # (N, 17, 2)
    confidence: Array  # (N, 17) in [0, 1]

    def __len__(self) -> int:
        return len(self.scores)

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """Those people of the picture that a mask (N,) chooses, or indices in their order."""
        return Detections(
            self.boxes_px[chosen],
            self.scores[chosen],
            self.keypoints_px[chosen],
            self.confidence[chosen],
        )

    def scaled(self, factor_x: float, factor_y: float) -> Detections:
        """The same people in a picture that is factor times as large."""
        xy = np.array([factor_x, factor_y])
        return Detections(
            self.boxes_px * np.tile(xy, 2),
            self.scores,
            self.keypoints_px * xy,
            self.confidence,
        )


@runtime_checkable
class PoseDetector(Protocol):
    """Anything that finds people and their COCO-17 keypoints in upright RGB pictures."""

    name: str
    batch_size: int  # how many pictures it likes to get at once
    input_side_px: (
        int  # longest side that it looks at; larger pictures bring nothing
    )

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One Detections for each picture (H, W, 3) uint8; all pictures of one call have the same size."""
        ...


@dataclass(frozen=True)
class BodyPoints:
    """One body, located in one crop of the picture; pixels of the picture."""

    keypoints_px: Array  # (17, 2) COCO-17
    visibility: Array  # (17,) in [0, 1]
    heel_toe_px: Array  # (4, 2) left heel, right heel, left toe, right toe
    heel_toe_visibility: Array  # (4,) in [0, 1]
    presence: float  # probability that somebody is in the crop


@runtime_checkable
class BodyLocator(Protocol):
    """Anything that locates the body of one person in a crop: the second stage after a PoseDetector."""

    name: str
    workers: int  # from how many threads it may be called at once

    def locate(self, picture: Picture, crop: Crop) -> BodyPoints:
        """Points of the person in the crop of an upright picture (H, W, 3) uint8, in pixels of that picture."""
        ...
