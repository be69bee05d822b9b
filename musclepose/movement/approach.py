"""Walking up to the place of an exercise and away from it again: those times of a clip are not the exercise."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musclepose.movement.geometry import UP, angle_deg, joint, middle
from musclepose.movement.visibility import seen_joints
from musclepose.records import Analysis, Array, Mask, PoseTrack

WINDOW_S = 1.0  # over which a walk is a way and not a sway (chosen)
WALKING_M = 0.4  # level way of the body's centre in that time (chosen: slow walking is 0.7, a lunge's rock is 0.3)
STANDING_S = 1.0  # so long the body stays before the walk is over (chosen)
MIN_WAY_M = 1.0  # level way of the whole walk; less is a body that was placed poorly (chosen)
FEET_SEEN = 0.5  # share of the walk's frames that must show both feet (chosen)
UPRIGHT_DEG = 35.0  # a walker leans less (chosen)
LONG_LEGS = 0.9  # of the height of the hips over the feet at its best: nearer they are bent (chosen)
HANDS_DOWN = (
    0.12  # of stature above the hips, that hanging hands stay below (chosen)
)
ONLY_STANDS = 0.9  # share of the frames of a stay before a walk that show nothing but standing (chosen)
MIN_REST_S, MIN_REST_SHARE = 3.0, 0.5  # what must be left of the clip (chosen)


def _walks(analysis: Analysis) -> Mask:
    """(T,) whether the body's centre goes a way around that moment; False where it was not placed."""
    time_s, place = analysis.time_s, analysis.com_world_m[:, (0, 2)]
    good = np.isfinite(place).all(axis=1)
    if good.sum() < 2:
        return np.zeros(len(time_s), bool)

    def at(t: Array) -> Array:
        return np.stack(
            [np.interp(t, time_s[good], place[good, i]) for i in (0, 1)], axis=1
        )

    before = np.clip(time_s - 0.5 * WINDOW_S, time_s[0], time_s[-1] - WINDOW_S)
    return np.asarray(
        np.linalg.norm(at(before + WINDOW_S) - at(before), axis=1) > WALKING_M
    )


def _stands(analysis: Analysis) -> Mask:
    """(T,) whether the body only stands: long legs and hanging hands."""
    hips, feet = middle(analysis, "thigh")[:, 1], middle(analysis, "foot")[:, 1]
    hands = np.maximum(
        joint(analysis, "hand_l")[:, 1], joint(analysis, "hand_r")[:, 1]
    )
    legs = hips - feet
    long_legs = legs >= LONG_LEGS * np.nanpercentile(legs, 95)
    return np.asarray(
        long_legs & (hands - hips < HANDS_DOWN * analysis.athlete.height_m)
    )


def _first_stay(walks: Mask, stands: Mask, time_s: Array) -> int:
    """Frame from which on the body first stays for STANDING_S; the number of frames where it never does.

    Standing before a walk is no stay: who waits and then walks to the place has done nothing yet.
    """
    start: int | None = None
    for i, walking in enumerate(walks):
        if walking:
            start = None
            continue
        start = i if start is None else start
        if time_s[i] - time_s[start] < STANDING_S:
            continue
        again = np.flatnonzero(walks[i:])
        if not len(again) or stands[start : i + again[0]].mean() < ONLY_STANDS:
            return start
    return len(walks)


def _is_walk(analysis: Analysis, part: slice) -> bool:
    """Whether an upright body whose feet were seen goes a way in these frames."""
    if (
        part.stop <= part.start
        or seen_joints(analysis.track)["feet"][part].mean() < FEET_SEEN
    ):
        return False
    place = analysis.com_world_m[part][:, (0, 2)]
    place = place[np.isfinite(place).all(axis=1)]
    if len(place) < 2:
        return False
    trunk = (
        middle(analysis, "upper_arm")[part] - middle(analysis, "thigh")[part]
    )
    leans = angle_deg(trunk, UP[None])
    return bool(
        np.linalg.norm(place[-1] - place[0]) >= MIN_WAY_M
        and np.nanmedian(leans) < UPRIGHT_DEG
    )


def exercise_part(analysis: Analysis) -> slice:
    """Frames without the walk to the place at the start and from it at the end; all where little would be left."""
    time_s, walks, stands = analysis.time_s, _walks(analysis), _stands(analysis)
    frames = len(time_s)
    first = _first_stay(walks, stands, time_s)
    last = frames - _first_stay(walks[::-1], stands[::-1], -time_s[::-1])
    if last <= first:
        return slice(0, frames)
    first = first if _is_walk(analysis, slice(0, first)) else 0
    last = last if _is_walk(analysis, slice(last, frames)) else frames
    left_s, length_s = time_s[last - 1] - time_s[first], time_s[-1] - time_s[0]
    if left_s < max(MIN_REST_S, MIN_REST_SHARE * length_s):
        return slice(0, frames)
    return slice(first, last)


def _cut(
    record: Any, frames: int, part: slice | NDArray[np.intp]
) -> dict[str, Any]:
    """The arrays of a record that have a row per frame, cut to the part."""
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {
        name: value[part]
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.ndim and len(value) == frames
    }


def track_part(track: PoseTrack, part: slice | NDArray[np.intp]) -> PoseTrack:
    """The track of those frames (a slice or their indices) alone."""
    return replace(track, **_cut(track, len(track.time_s), part))


def cut_to(analysis: Analysis, part: slice) -> Analysis:
    """The analysis of those frames alone."""
    frames = len(analysis.time_s)
    track = track_part(analysis.track, part)
    return replace(
        analysis, **(_cut(analysis, frames, part) | {"track": track})
    )
