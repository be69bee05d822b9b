"""What a pose detector gives, and the interface that any detector fulfils. Nothing here knows which detector it is.

The default detector is AGPL-3.0; a permissively licensed one takes its place by fulfilling PoseDetector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True)
class Detections:
    """N people found in one picture; pixels, x right, y down, origin top left; COCO-17 joint order."""

    boxes_px: Array  # (N, 4) left, top, right, bottom
    scores: Array  # (N,) in [0, 1]
    keypoints_px: Array  # (N, 17, 2)
    confidence: Array  # (N, 17) in [0, 1]

    def __len__(self) -> int:
        return len(self.scores)

    def of(self, chosen: NDArray[np.bool_]) -> Detections:
        """Those people of the picture that a mask (N,) chooses."""
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
            self.boxes_px * np.tile(xy, 2), self.scores, self.keypoints_px * xy, self.confidence
        )


class PoseDetector(Protocol):
    """Anything that finds people and their COCO-17 keypoints in upright RGB pictures."""

    batch_size: int  # how many pictures it likes to get at once
    input_side_px: int  # longest side that it looks at; larger pictures bring nothing

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One Detections for each picture (H, W, 3) uint8; all pictures of one call have the same size."""
        ...
