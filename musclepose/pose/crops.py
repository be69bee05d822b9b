"""The square of the picture that the second stage looks at, turned so that the trunk stands upright in it.

Reading rule: `A_crop_picture @ (x, y, 1)` gives crop pixels. Both pictures have x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]  # (H, W, 3) RGB
CROP_PX = 256
HALF_SIDE = 1.25  # half side of the square, in distances from its centre to the farthest box edge
_SHOULDERS, _HIPS = (5, 6), (11, 12)
_UP_IN_PICTURE = (0.0, -1.0)


@dataclass(frozen=True)
class Crop:
    """A turned square of the upright picture, pixels."""

    centre_px: Array  # (2,)
    side_px: float
    up: Array  # (2,) unit vector of the picture that points up in the crop

    def A_crop_picture(self) -> Array:
        """(2, 3) affine map from picture pixels to crop pixels.

        crop = CROP_PX / side * R @ (p - centre) + CROP_PX / 2, the rows of R being the crop's x and y axes.
        """
        right = np.array([-self.up[1], self.up[0]])
        R = np.stack([right, -self.up]) * (CROP_PX / self.side_px)
        offset = CROP_PX / 2 - R @ self.centre_px
        return np.column_stack([R, offset])

    def cut(self, picture: Picture) -> NDArray[np.float32]:
        """(CROP_PX, CROP_PX, 3) RGB in [0, 1]; black where the square leaves the picture."""
        taken = cv2.warpAffine(
            picture, self.A_crop_picture(), (CROP_PX, CROP_PX)
        )
        return taken.astype(np.float32) / np.float32(255)

    def to_picture(self, points: Array) -> Array:
        """(..., 2) crop pixels -> picture pixels."""
        A = self.A_crop_picture()
        return np.asarray((points - A[:, 2]) @ np.linalg.inv(A[:, :2]).T)

    def scaled(self, factor: float) -> Crop:
        """The same square in a picture that is factor times as large."""
        return Crop(self.centre_px * factor, self.side_px * factor, self.up)


def crop_of(
    box_px: Array, keypoints_px: Array, confidence: Array, seen_from: float
) -> Crop:
    """Square around one person: centre at the mid-hip, half side HALF_SIDE times the farthest box edge, trunk upright.

    box_px (4,) left, top, right, bottom; keypoints_px (17, 2) COCO order; confidence (17,), of which `seen_from` and
    more count. Without a hip the box's middle is the centre; without hip or shoulder the square stays unturned.
    """
    hip = _mean_of(_HIPS, keypoints_px, confidence, seen_from)
    shoulder = _mean_of(_SHOULDERS, keypoints_px, confidence, seen_from)
    low, high = box_px[:2], box_px[2:]
    centre = (low + high) / 2 if hip is None else hip
    farthest = float(np.maximum(centre - low, high - centre).max())
    up = np.array(_UP_IN_PICTURE)
    if hip is not None and shoulder is not None:
        trunk = shoulder - hip
        length = float(np.hypot(*trunk))
        up = trunk / length if length > 0.0 else up
    return Crop(centre, max(1.0, 2 * HALF_SIDE * farthest), up)


def _mean_of(
    joints: tuple[int, int],
    keypoints_px: Array,
    confidence: Array,
    seen_from: float,
) -> Array | None:
    """(2,) mean of those of the two joints that were seen; None if neither was."""
    seen = [joint for joint in joints if confidence[joint] >= seen_from]
    return np.asarray(keypoints_px[seen].mean(axis=0)) if seen else None
