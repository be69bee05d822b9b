"""What a followed person looks like: the clearest crop to show, and the colours of the trunk to compare. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array, Picture

_SIDE_PX = 240
_MARGIN = 0.1
_CLEARLY_BETTER = 1.1
_LOOK_EVERY = 10  # sightings from one look to the next
_HUES, _TONES = 8, 3
_BINS = _HUES * _TONES + _TONES
_GREY_BELOW = 40  # a pixel whose colours differ by less has no hue


@dataclass
class Portrait:
    """The best crop of one person so far, and its looks."""

    merit: float = 0.0
    crop: Picture = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    looks: list[Array] = field(default_factory=list)  # (27,) each
    sightings: int = 0

    def consider(self, score: float, picture: Picture, box_px: Array) -> None:
        """Keep the crop of a sighting if it is clearly better, by score times box area; note the look now and then."""
        if self.sightings % _LOOK_EVERY == 0:
            self.looks.append(look_of(picture, box_px))
        self.sightings += 1
        width, height = box_px[2:] - box_px[:2]
        merit = score * float(width * height)
        if merit > _CLEARLY_BETTER * self.merit:
            self.merit, self.crop = merit, _crop(picture, box_px)

    def with_other(self, other: Portrait) -> Portrait:
        """The portrait of one person of whom these are two pieces."""
        better = max(self, other, key=lambda one: one.merit)
        return Portrait(
            better.merit,
            better.crop,
            self.looks + other.looks,
            self.sightings + other.sightings,
        )

    def unlike(self, other: Portrait) -> float | None:
        """Hellinger distance of the mean looks, 0 alike to 1; None where either has none."""
        if not self.looks or not other.looks:
            return None
        common = np.sqrt(
            np.mean(self.looks, axis=0) * np.mean(other.looks, axis=0)
        ).sum()
        return float(np.sqrt(max(0.0, 1.0 - common)))


def _crop(picture: Picture, box_px: Array) -> Picture:
    """The box (4,) with a margin out of the picture (H, W, 3), thinned to at most _SIDE_PX."""
    height, width = picture.shape[:2]
    margin = _MARGIN * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
    left, top = (max(0, int(edge - margin)) for edge in box_px[:2])
    right = min(width, int(box_px[2] + margin) + 1)
    bottom = min(height, int(box_px[3] + margin) + 1)
    step = max(1, -(-max(right - left, bottom - top) // _SIDE_PX))
    return picture[top:bottom:step, left:right:step].copy()


def look_of(picture: Picture, box_px: Array) -> Array:
    """(27,) histogram of the trunk's colours: 8 hues by 3 tones, then 3 greys; sums to 1.

    The trunk is taken as the middle of the box (4,), in pixels of the picture (H, W, 3).
    """
    left, top, right, bottom = box_px
    width, height = right - left, bottom - top
    rows = slice(
        int(max(0, top + 0.2 * height)), int(max(1, top + 0.6 * height))
    )
    columns = slice(
        int(max(0, left + 0.3 * width)), int(max(1, left + 0.7 * width))
    )
    pixels = picture[rows, columns].reshape(-1, 3)[::4].astype(int)
    if not len(pixels):
        return np.full(_BINS, 1 / _BINS)
    tone = np.minimum(pixels.max(axis=1) * _TONES // 256, _TONES - 1)
    is_grey = np.ptp(pixels, axis=1) < _GREY_BELOW
    place = np.where(is_grey, _HUES, _hue(pixels)) * _TONES + tone
    counts = np.bincount(place, minlength=_BINS)
    return counts / counts.sum()


def _hue(pixels: NDArray[np.int_]) -> NDArray[np.int_]:
    """(N,) one of 8 sectors of the colour circle for pixels (N, 3)."""
    red, green, blue = pixels.T
    angle = np.arctan2(np.sqrt(3.0) * (green - blue), 2 * red - green - blue)
    return np.floor(angle / (2 * np.pi) * _HUES).astype(int) % _HUES
