"""A body that leaps from one picture to the next, and stays there: the film was cut, or another person is followed.

Cuts of films are found on their pictures (`shots.py`). This looks at the keypoints alone, for tracks without a film and
for what the pictures did not show. A limb that is read wrongly leaps back, and its neighbours are as restless.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import overload

import numpy as np

from musclepose.records import Array, Mask, PoseTrack

LEAP = 0.22  # of the body's extent, median over its points, from one picture to the next (chosen)
QUIET = 0.06  # of it, that the pictures around a leap move at most (chosen)
AROUND = 5  # pictures on each side that must be quiet
LASTING = 20  # pictures on each side whose middle place counts
LEAST_AROUND = 3  # of them whose points were seen
MIN_POINTS = 6  # seen in both pictures


def leaps_of(track: PoseTrack) -> tuple[float, ...]:
    """Times (s) of the first picture after each leap."""
    points = track.keypoints_px
    extent_px = _extent_px(points)
    if not extent_px > 0.0:
        return ()
    moved = _moved_px(points[:-1], points[1:]) / extent_px
    found = [
        i
        for i in np.flatnonzero(moved > LEAP)
        if _is_lone(moved, int(i)) and _lasts(points, int(i), extent_px)
    ]
    return tuple(float(track.time_s[i + 1]) for i in found)


def within_longest_stretch(track: PoseTrack) -> PoseTrack:
    """The track with the points of its longest stretch between leaps alone, and the warning that says so."""
    leaps_s = leaps_of(track)
    if not leaps_s:
        return track
    stretch = np.searchsorted(leaps_s, track.time_s, side="right")
    seen = np.isfinite(track.keypoints_px).all(axis=2).sum(axis=1) > 0
    longest = int(np.argmax(np.bincount(stretch[seen])))
    inside = stretch == longest
    start_s, end_s = track.time_s[inside][[0, -1]]
    told = (
        f"The body leaps in the picture, as at a cut of the film: only {start_s:.1f} to {end_s:.1f} s were analysed.",
    )
    return replace(
        track,
        keypoints_px=_kept(track.keypoints_px, inside, np.nan),
        confidence=_kept(track.confidence, inside, 0.0),
        heel_toe_px=_kept(track.heel_toe_px, inside, np.nan),
        heel_toe_visibility=_kept(track.heel_toe_visibility, inside, 0.0),
        warnings=track.warnings + told,
    )


@overload
def _kept(values: Array, inside: Mask, else_: float) -> Array: ...


@overload
def _kept(values: None, inside: Mask, else_: float) -> None: ...


def _kept(values: Array | None, inside: Mask, else_: float) -> Array | None:
    if values is None:
        return None
    out = values.copy()
    out[~inside] = else_
    return out


def _extent_px(points: Array) -> float:
    """Usual diagonal of the box around the seen points (T, 17, 2)."""
    seen = points[np.isfinite(points).all(axis=2).sum(axis=1) >= MIN_POINTS]
    if len(seen) == 0:
        return 0.0
    box = np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1)
    return float(np.median(np.hypot(*box.T)))


def _moved_px(before: Array, after: Array) -> Array:
    """(T,) median way of the points seen in both (T, 17, 2); NaN where those are too few."""
    way = np.linalg.norm(after - before, axis=2)
    enough = np.isfinite(way).sum(axis=1) >= MIN_POINTS
    out = np.full(len(way), np.nan)
    out[enough] = np.nanmedian(way[enough], axis=1)
    return out


def _is_lone(moved: Array, i: int) -> bool:
    """Whether the pictures around a leap hardly move."""
    sides = moved[max(0, i - AROUND) : i], moved[i + 1 : i + 1 + AROUND]
    return all(
        np.isfinite(side).sum() >= LEAST_AROUND and np.nanmax(side) < QUIET
        for side in sides
    )


def _lasts(points: Array, i: int, extent_px: float) -> bool:
    """Whether the points stay where they leapt to."""
    before = _middle_px(points[max(0, i + 1 - LASTING) : i + 1])
    after = _middle_px(points[i + 1 : i + 1 + LASTING])
    return bool(_moved_px(before, after)[0] > LEAP * extent_px)


def _middle_px(points: Array) -> Array:
    """(1, 17, 2) median over time; NaN of a point that was never seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmedian(points, axis=0, keepdims=True))
