"""BlazePose on the crop of one person: COCO-17 points, heels and toes, in pixels of the picture.

The file's 33 points include the 17 of COCO. Each is refined on its own heatmap the way MediaPipe does it: the mean of
the 7 x 7 cells around it, weighted by their sigmoid, where the surest of them reaches one half
(mediapipe/calculators/util/refine_landmarks_from_heatmap_calculator.cc).
"""

from __future__ import annotations

from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from musclepose.assets import asset_or_stand_in
from musclepose.errors import AssetError
from musclepose.pose.crops import CROP_PX, Crop
from musclepose.pose.detections import BodyPoints, Picture
from musclepose.pose.landmark_runtime import (
    LandmarkRuntime,
    RawLandmarks,
    open_runtime,
)
from musclepose.utils.cpu import usable_cores

# Rows of the 33 points (MediaPipe's pose topology).
COCO17 = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
HEELS_TOES = (29, 30, 31, 32)  # left heel, right heel, left toe, right toe
_WINDOW = 7  # cells of the heatmap around a point
_SURE = 0.5  # surest cell of that window, from which on the point moves
_VISIBILITY = 3  # column of the logit
_MAX_WORKERS = 8


class BlazePose:
    """Locates the body in a crop; may be called from `workers` threads at once, one network each."""

    def __init__(
        self, name: str = "blazepose-heavy", workers: int | None = None
    ) -> None:
        """`name` of the manifest; `workers` defaults to the cores of this process, at most 8."""
        try:
            entry, path = asset_or_stand_in(name)
        except AssetError as error:
            raise AssetError(
                f"{error} YOLO alone needs no such file: --keypoints yolo."
            ) from error
        self.name = entry.name
        self.workers = workers or min(usable_cores(), _MAX_WORKERS)
        self._idle: SimpleQueue[LandmarkRuntime] = SimpleQueue()
        for _ in range(self.workers):
            self._idle.put(open_runtime(path))

    def locate(self, picture: Picture, crop: Crop) -> BodyPoints:
        """Points of the person in the crop of a picture (H, W, 3) RGB, in pixels of that picture."""
        network = self._idle.get()
        try:
            raw = network.run(crop.cut(picture))
        finally:
            self._idle.put(network)
        return body_points(raw, crop)


def body_points(raw: RawLandmarks, crop: Crop) -> BodyPoints:
    """The network's answer as points of the picture."""
    rows = [*COCO17, *HEELS_TOES]
    in_crop = refined(
        raw.points[rows, :2].astype(np.float64), raw.heatmaps[..., rows]
    )
    visibility = _sigmoid(raw.points[rows, _VISIBILITY].astype(np.float64))
    px = crop.to_picture(in_crop)
    joints = len(COCO17)
    return BodyPoints(
        px[:joints],
        visibility[:joints],
        px[joints:],
        visibility[joints:],
        raw.presence,
    )


def refined(
    points: NDArray[np.float64], heatmaps: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Points (N, 2) in crop pixels moved to the weighted middle of their window of the heatmaps (S, S, N), logits.

    A point whose window is unsure, or which lies outside of its map, stays where it is.
    """
    side = heatmaps.shape[0]
    cell_px = CROP_PX / side
    out = points.copy()
    for number, (column, row) in enumerate(
        np.trunc(points / cell_px).astype(int)
    ):
        if not (0 <= column < side and 0 <= row < side):
            continue
        low_row, low_column = (
            max(0, row - _WINDOW // 2),
            max(0, column - _WINDOW // 2),
        )
        rows = slice(low_row, row + _WINDOW // 2 + 1)
        columns = slice(low_column, column + _WINDOW // 2 + 1)
        weight = _sigmoid(heatmaps[rows, columns, number].astype(np.float64))
        if weight.max() < _SURE:
            continue
        at_row = low_row + np.arange(weight.shape[0])
        at_column = low_column + np.arange(weight.shape[1])
        middle = (
            np.array([weight.sum(0) @ at_column, weight.sum(1) @ at_row])
            / weight.sum()
        )
        out[number] = middle * cell_px
    return out


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))
