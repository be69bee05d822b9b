"""How the camera moves, from the background: corners outside people's boxes, followed, and a similarity fitted.

    p' = s R(angle) p + t    between two pictures about _EVERY_S apart, by RANSAC

The path of the picture's middle (shares of its longest side) and of the zoom (logarithm) is summed within each shot.
Where too little was followed for a moment, it goes on as before and after.

A hand that holds a phone sways to and fro; a slider, a gimbal or a lens that zooms goes one way. So a short path is the
camera's own movement where most of its length leads from one end to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array, Picture

_EVERY_S = 0.1
_SIDE_PX = 320
_CORNERS = 120
_FEWEST = 12  # followed corners, below which nothing is said
_WINDOW, _LEVELS = (15, 15), 3  # of the flow
_BACK_PX = 0.5  # a corner that is not followed back to where it was, is lost
_RANSAC_PX = 1.0
_LEAST_AGREEING = 0.5  # share of the corners
_BOX_MARGIN = 0.1  # of the longer side
TRAVEL = 0.09  # of the longest side, from which on the camera moves; hands that hold a phone sway by up to 0.08
ZOOM = 0.22  # logarithm
FAST_S = (
    0.02  # shares of the longest side a second, above which it moves just now
)
STEADY_SHARE = 0.9  # of a path's length that leads from its start to its end (sliders 0.97 to 0.99, hands up to 0.8)
STEADY_TRAVEL, STEADY_ZOOM = (
    0.04,
    0.12,
)  # from which on a steady path is the camera's (chosen)
STEADY_S = 2.0  # that it takes at least
_PAUSE_S = 0.5  # shorter rests belong to the movement
_FILLED_S = 1.0  # longer gaps between steps stay gaps


@dataclass(frozen=True)
class CameraStep:
    """What the background did from one picture to another."""

    from_s: float
    to_s: float
    shift: Array  # (2,) of the picture's middle, shares of its longest side
    zoom: float  # logarithm of the scale


@dataclass(frozen=True)
class CameraPath:
    """How far the camera moved within a shot, and when."""

    travel: float = (
        0.0  # largest extent of the path, shares of the longest side
    )
    zoom: float = 0.0  # likewise, logarithm
    moving_s: tuple[tuple[float, float], ...] = ()  # from, to
    is_steady: bool = False  # it goes one way, slowly

    @property
    def is_moving(self) -> bool:
        """True if it moved by more than a hand that holds it, or steadily."""
        return self.travel > TRAVEL or self.zoom > ZOOM or self.is_steady


@dataclass
class BackgroundWatcher:
    """Feed it every picture with the boxes of the people in it; it looks at one each _EVERY_S."""

    steps: list[CameraStep] = field(default_factory=list)
    _before: tuple[float, NDArray[np.uint8], Array] | None = None

    def add(self, time_s: float, picture: Picture, boxes_px: Array) -> None:
        """One picture (H, W, 3) and the boxes (N, 4) in it, in its pixels."""
        if (
            self._before is not None
            and time_s - self._before[0] < _EVERY_S - 1e-3
        ):
            return
        scale = min(1.0, _SIDE_PX / max(picture.shape[:2]))
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        now = time_s, np.asarray(small, np.uint8), boxes_px * scale
        if self._before is not None:
            step = camera_step(*self._before, *now)
            if step is not None:
                self.steps.append(step)
        self._before = now


def camera_step(
    from_s: float,
    before: NDArray[np.uint8],
    boxes_before: Array,
    to_s: float,
    after: NDArray[np.uint8],
    boxes_after: Array,
) -> CameraStep | None:
    """What the background did between two grey pictures (H, W); None where too little of it was followed."""
    if before.shape != after.shape:
        return None
    mask = _outside(before.shape, np.concatenate([boxes_before, boxes_after]))
    corners: Any = cv2.goodFeaturesToTrack(before, _CORNERS, 0.01, 7, mask=mask)
    if corners is None or len(corners) < _FEWEST:
        return None
    start, end = _followed(before, after, corners)
    if len(start) < _FEWEST:
        return None
    matrix, agreeing = cv2.estimateAffinePartial2D(
        start, end, method=cv2.RANSAC, ransacReprojThreshold=_RANSAC_PX
    )
    if matrix is None or agreeing.mean() < _LEAST_AGREEING:
        return None
    middle = np.array([before.shape[1], before.shape[0]]) / 2
    shift = matrix[:, :2] @ middle + matrix[:, 2] - middle
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return CameraStep(
        from_s, to_s, shift / max(before.shape), float(np.log(max(scale, 1e-3)))
    )


def _outside(shape: tuple[int, ...], boxes: Array) -> NDArray[np.uint8]:
    """(H, W) 255 outside the boxes (N, 4) and a margin, 0 inside."""
    mask = np.full(shape, 255, np.uint8)
    for left, top, right, bottom in boxes:
        margin = _BOX_MARGIN * max(right - left, bottom - top)
        rows = slice(
            max(0, int(top - margin)), max(0, int(bottom + margin) + 1)
        )
        columns = slice(
            max(0, int(left - margin)), max(0, int(right + margin) + 1)
        )
        mask[rows, columns] = 0
    return mask


def _followed(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    corners: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(N, 2) where corners were and are, of those that come back when followed the other way."""
    flow: Any = (
        cv2.calcOpticalFlowPyrLK
    )  # its stubs know no None for points that are not guessed
    moved, found, _ = flow(
        before, after, corners, None, winSize=_WINDOW, maxLevel=_LEVELS
    )
    back, found_back, _ = flow(
        after, before, moved, None, winSize=_WINDOW, maxLevel=_LEVELS
    )
    apart = np.linalg.norm((corners - back)[:, 0], axis=1)
    kept = (found[:, 0] == 1) & (found_back[:, 0] == 1) & (apart < _BACK_PX)
    return corners[kept, 0], moved[kept, 0]


def camera_path(
    steps: list[CameraStep], start_s: float, end_s: float
) -> CameraPath:
    """The camera's path between two times; steps that leave that stretch are left out."""
    inside = _filled(
        [s for s in steps if s.from_s >= start_s and s.to_s <= end_s]
    )
    if not inside:
        return CameraPath()
    shifts = np.array([step.shift for step in inside])
    zooms = np.array([step.zoom for step in inside])
    path = np.cumsum(np.vstack([np.zeros(2), shifts]), axis=0)
    scale = np.cumsum(np.concatenate([[0.0], zooms]))
    lasted_s = np.array([step.to_s - step.from_s for step in inside])
    speed = (np.linalg.norm(shifts, axis=1) + np.abs(zooms) / 2) / lasted_s
    fast = [
        (step.from_s, step.to_s)
        for step, v in zip(inside, speed, strict=True)
        if v > FAST_S
    ]
    slides = _leads_on(path, STEADY_TRAVEL) or _leads_on(
        scale[:, None], STEADY_ZOOM
    )
    whole = CameraPath(
        float(np.ptp(path, axis=0).max()),
        float(np.ptp(scale)),
        _joined(fast),
        slides and bool(lasted_s.sum() > STEADY_S),
    )
    return whole if whole.is_moving else CameraPath(whole.travel, whole.zoom)


def _filled(steps: list[CameraStep]) -> list[CameraStep]:
    """The same with short gaps bridged at the mean speed of the steps around them."""
    out = steps[:1]
    for before, after in pairwise(steps):
        gap_s = after.from_s - before.to_s
        if 0.0 < gap_s <= _FILLED_S:
            out.append(_bridge(before, after))
        out.append(after)
    return out


def _bridge(before: CameraStep, after: CameraStep) -> CameraStep:
    gap_s = after.from_s - before.to_s
    shift, zoom = np.zeros(2), 0.0
    for step in (before, after):
        share = gap_s / (step.to_s - step.from_s) / 2
        shift, zoom = shift + share * step.shift, zoom + share * step.zoom
    return CameraStep(before.to_s, after.from_s, shift, zoom)


def _leads_on(path: Array, far: float) -> bool:
    """True if a path (N, D) ends further than `far` from its start, and went there nearly straight."""
    apart = float(np.linalg.norm(path[-1] - path[0]))
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    return apart > far and apart > STEADY_SHARE * length


def _joined(
    stretches: list[tuple[float, float]],
) -> tuple[tuple[float, float], ...]:
    """Stretches in order, with those put together that a pause shorter than _PAUSE_S parts."""
    out: list[tuple[float, float]] = []
    for start_s, end_s in stretches:
        if out and start_s - out[-1][1] < _PAUSE_S:
            out[-1] = out[-1][0], end_s
        else:
            out.append((start_s, end_s))
    return tuple(out)
