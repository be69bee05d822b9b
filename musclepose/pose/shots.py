"""Where a film is cut, and how many of its pictures only repeat the one before. Pure numpy on small signatures.

A hard cut changes places and colours from one picture to the next, much more than the pictures around it do, and for
good: a flash comes back, a fast pan changes its neighbours as much. A cross-fade is told by its middle, which is a
blend of the pictures before and after:

    middle - before = alpha (after - before) + rest,    |rest| small against |after - before|

A fade to black, to white or to a title is one of the two. Empty pictures at the start or the end of a file are no shot.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array, Picture

_SIDE_PX = 32
_LEVELS = 4  # of each colour
HARD_CHANGE = 0.14  # of places and of colours, each 0 to 1
HARD_CONTRAST = 3.0  # over the changes within _AROUND_S
_AROUND_S = 0.3
_LASTING_S = 0.15  # a flash is over by then
LASTING_SHARE = 0.5
FADE_HALVES_S = (0.3, 0.5)
FADE_REST = 0.2
FADE_ALPHA = (0.25, 0.75)
FADE_CHANGE = 0.3  # of places
FADE_STEP = 15.0  # root mean square difference of grey values, of 255
_FADE_EVERY_S = 0.1
_ONE_CUT_S = 0.5  # cuts closer than this are one
EMPTY_STEP = (
    4.0  # standard deviation of the grey values of a picture that shows nothing
)
REPEAT_SHARE = 0.2  # of the lively steps around it, below which a picture repeats the one before
_WINDOW = 9  # pictures around a step
_LIVELY_PERCENT = 80
_LIVELY_STEP = 0.15  # grey values: where less moves, a repeat cannot be told


@dataclass
class Signatures:
    """A small picture and a colour histogram of each picture of a film; about 0.8 kB each."""

    time_s: list[float] = field(default_factory=list)
    greys: list[NDArray[np.uint8]] = field(
        default_factory=list
    )  # (h, w), longest side 32
    colours: list[NDArray[np.float32]] = field(
        default_factory=list
    )  # (64,) sums to 1

    def add(self, time_s: float, picture: Picture) -> None:
        """Keep the signature of one picture (H, W, 3)."""
        small = _small(picture)
        bins = (small // (256 // _LEVELS)).astype(int) @ np.array(
            [_LEVELS**2, _LEVELS, 1]
        )
        counts = np.bincount(bins.ravel(), minlength=_LEVELS**3)
        self.time_s.append(time_s)
        self.greys.append(small.mean(axis=2).round().astype(np.uint8))
        self.colours.append((counts / counts.sum()).astype(np.float32))


def _small(picture: Picture) -> Picture:
    """(h, w, 3) means of blocks, longest side about _SIDE_PX."""
    height, width = picture.shape[:2]
    block = max(1, max(height, width) // _SIDE_PX)
    rows, columns = max(1, height // block), max(1, width // block)
    cropped = picture[: rows * block, : columns * block]
    blocks = cropped.reshape(rows, block, columns, block, 3)
    return blocks.mean(axis=(1, 3)).round().astype(np.uint8)


def _place_change(first: Array, second: Array) -> Array:
    """(N,) 1 - correlation of grey pictures (N, P), pairwise; 0 where both are flat."""
    a = first - first.mean(axis=1, keepdims=True)
    b = second - second.mean(axis=1, keepdims=True)
    power = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    flat = (a**2).mean(axis=1) + (b**2).mean(axis=1) < 1.0
    return np.where(
        flat, 0.0, 1.0 - (a * b).sum(axis=1) / np.maximum(power, 1e-9)
    )


def _colour_change(first: Array, second: Array) -> Array:
    """(N,) share of the pixels whose colour is another one."""
    return np.abs(first - second).sum(axis=1) / 2


def find_cuts(signatures: Signatures) -> tuple[float, ...]:
    """Times (s) of the first picture after each cut, in order."""
    if len(signatures.time_s) < 3:
        return ()
    time_s = np.array(signatures.time_s)
    greys = np.array(signatures.greys, float).reshape(len(time_s), -1)
    colours = np.array(signatures.colours, float)
    cuts: list[float] = []
    for cut in sorted(
        [*_hard_cuts(time_s, greys, colours), *_fades(time_s, greys)]
    ):
        if not cuts or cut - cuts[-1] > _ONE_CUT_S:
            cuts.append(cut)
    return tuple(cut for cut in cuts if _parts_pictures(cut, time_s, greys))


def _parts_pictures(cut_s: float, time_s: Array, greys: Array) -> bool:
    """True if something is shown before the cut and after it: a black start or end is no shot."""
    shown = greys.std(axis=1) > EMPTY_STEP
    is_before = time_s < cut_s
    return bool(shown[is_before].any() and shown[~is_before].any())


def _hard_cuts(time_s: Array, greys: Array, colours: Array) -> list[float]:
    """Pictures that differ suddenly and for good from the one before."""
    change = np.minimum(
        _place_change(greys[:-1], greys[1:]),
        _colour_change(colours[:-1], colours[1:]),
    )  # (T - 1,) from picture i to i + 1
    found = []
    for i in np.flatnonzero(change > HARD_CHANGE):
        near = np.abs(time_s[1:] - time_s[i + 1]) <= _AROUND_S
        near[i] = False
        usual = np.quantile(change[near], 0.8) if near.any() else 0.0
        ends = _nearest(
            time_s, time_s[i] + np.array([-_LASTING_S, 2 * _LASTING_S])
        )[:, None]
        lasting = min(
            _place_change(greys[ends[0]], greys[ends[1]])[0],
            _colour_change(colours[ends[0]], colours[ends[1]])[0],
        )
        if (
            change[i] > HARD_CONTRAST * usual
            and lasting > LASTING_SHARE * change[i]
        ):
            found.append(float(time_s[i + 1]))
    return found


def _fades(time_s: Array, greys: Array) -> list[float]:
    """Middles of cross-fades: of each run of pictures that are blends, the best blend."""
    found = []
    for half_s in FADE_HALVES_S:
        middle_s = np.arange(
            time_s[0] + half_s, time_s[-1] - half_s + 1e-6, _FADE_EVERY_S
        )
        if not len(middle_s):
            continue
        before, middle, after = (
            greys[_nearest(time_s, middle_s + shift)]
            for shift in (-half_s, 0.0, half_s)
        )
        rest, is_blend = _blend(before, middle, after)
        for run in np.split(
            np.arange(len(rest)), np.flatnonzero(np.diff(is_blend)) + 1
        ):
            if len(run) and is_blend[run[0]]:
                found.append(float(middle_s[run[rest[run].argmin()]]))
    return found


def _blend(
    before: Array, middle: Array, after: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """(N,) share of the step before -> after that no blend explains, and whether `middle` is a blend."""
    step = after - before
    power = np.maximum((step**2).mean(axis=1), 1e-9)
    alpha = ((middle - before) * step).mean(axis=1) / power
    left = middle - before - alpha[:, None] * step
    rest = np.sqrt((left**2).mean(axis=1) / power)
    is_blend = (
        (rest < FADE_REST)
        & (alpha > FADE_ALPHA[0])
        & (alpha < FADE_ALPHA[1])
        & (_place_change(before, after) > FADE_CHANGE)
        & (np.sqrt(power) > FADE_STEP)
    )
    return rest, is_blend


def _nearest(time_s: Array, wanted_s: Array) -> NDArray[np.int_]:
    after = np.searchsorted(time_s, wanted_s).clip(1, len(time_s) - 1)
    return np.where(
        wanted_s - time_s[after - 1] < time_s[after] - wanted_s,
        after - 1,
        after,
    )


def repeated_share(steps: Array) -> float:
    """Share of pictures that repeat the one before, from the mean grey steps (T - 1,) of a film.

    Only lively stretches count: where nothing moves, every picture repeats the one before.
    """
    if len(steps) < 2 * _WINDOW:
        return 0.0
    padded = np.pad(steps, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    lively = np.percentile(windows, _LIVELY_PERCENT, axis=1)
    is_lively = lively > _LIVELY_STEP
    if is_lively.mean() < 0.5:
        return 0.0
    return float((steps < REPEAT_SHARE * lively)[is_lively].mean())
