"""Put the pieces of one person together: by time, place, size and looks. Pure numpy.

A piece that ends and one that begins later are one person if the second begins where the first can have gone, in its
size, and looks alike where looks were kept. The nearest such pair is joined first, until none is left. Nothing is
joined across a cut, and nobody is in two places at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array
from musclepose.pose.pairing import box_size
from musclepose.pose.tracking import MAX_GAP_S, FollowedPerson

MIN_PIECE_FRAMES = 3  # fewer are a ghost of the detector
END_SIGHTINGS = (
    9  # whose medians say where and how large a piece ends or begins
)
SHARED_SHARE = (
    0.05  # of the shorter piece that may be seen at the same time as the other
)
PLACE_SIZES = 0.7  # body sizes that the place may differ at once ...
SPEED_SIZES_S = (
    1.2  # ... and more for each second unseen (a walker makes about 1 a second)
)
MAX_SIZE_STEP = float(np.log(1.6))
UNLIKE = 0.45  # Hellinger distance of the looks above which two pieces are two people
ALIKE = 0.25  # and below which they are one even after MAX_GAP_S
LONG_GAP_S = 10.0


@dataclass(frozen=True)
class _End:
    """Where a piece begins or ends."""

    time_s: float
    middle_px: Array  # (2,)
    size_px: float


def _end_of(person: FollowedPerson, time_s: Array, at_start: bool) -> _End:
    chosen = (
        slice(0, END_SIGHTINGS) if at_start else slice(-END_SIGHTINGS, None)
    )
    boxes = np.array(person.boxes_px[chosen])
    nearest = (
        boxes[: END_SIGHTINGS // 3]
        if at_start
        else boxes[-(END_SIGHTINGS // 3) :]
    )
    return _End(
        time_s=float(time_s[person.frames[0 if at_start else -1]]),
        middle_px=np.median((nearest[:, :2] + nearest[:, 2:]) / 2, axis=0),
        size_px=float(np.median(box_size(boxes))),
    )


def _are_apart_in_time(
    first: FollowedPerson,
    second: FollowedPerson,
    time_s: Array,
    cuts_s: tuple[float, ...],
) -> bool:
    """True if the second comes after the first, in the same shot, and they are hardly ever seen at once."""
    if first.frames[0] > second.frames[0]:
        return False
    end_s, start_s = time_s[first.frames[-1]], time_s[second.frames[0]]
    if any(end_s < cut <= start_s for cut in cuts_s):
        return False
    if first.frames[-1] < second.frames[0]:
        return True
    shared = len(np.intersect1d(first.frames, second.frames))
    return shared <= SHARED_SHARE * min(len(first.frames), len(second.frames))


def _distance(
    first: FollowedPerson, second: FollowedPerson, time_s: Array
) -> float | None:
    """How far, in units of what is allowed, the second begins from where the first ends; None: two people."""
    end, start = (
        _end_of(first, time_s, at_start=False),
        _end_of(second, time_s, at_start=True),
    )
    gap_s = max(0.0, start.time_s - end.time_s)
    unlike = first.portrait.unlike(second.portrait)
    allowed_gap_s = (
        LONG_GAP_S if unlike is not None and unlike < ALIKE else MAX_GAP_S
    )
    if gap_s > allowed_gap_s or (unlike is not None and unlike > UNLIKE):
        return None
    if abs(np.log(start.size_px / end.size_px)) > MAX_SIZE_STEP:
        return None
    reach_px = (PLACE_SIZES + SPEED_SIZES_S * gap_s) * max(
        start.size_px, end.size_px
    )
    away = float(np.linalg.norm(start.middle_px - end.middle_px)) / reach_px
    return away + (unlike or 0.0) if away <= 1 else None


def split_at_cuts(
    people: list[FollowedPerson], time_s: Array, cuts_s: tuple[float, ...]
) -> list[FollowedPerson]:
    """People of one shot each: who goes on across a cut is somebody else, however well the place fits."""
    if not cuts_s:
        return people
    shot = np.searchsorted(np.array(cuts_s), time_s, side="right")  # (T,)
    return [
        _part(person, shot[person.frames] == number)
        for person in people
        for number in np.unique(shot[person.frames])
    ]


def _part(person: FollowedPerson, chosen: NDArray[np.bool_]) -> FollowedPerson:
    """The sightings of a person that a mask (N,) chooses."""
    numbers = np.flatnonzero(chosen)
    return replace(
        person,
        frames=[person.frames[n] for n in numbers],
        boxes_px=[person.boxes_px[n] for n in numbers],
        keypoints_px=[person.keypoints_px[n] for n in numbers],
        confidence=[person.confidence[n] for n in numbers],
        portrait=replace(person.portrait, looks=list(person.portrait.looks)),
    )


def joined(first: FollowedPerson, second: FollowedPerson) -> FollowedPerson:
    """Both pieces as one person; a picture that both show is the surer one's."""
    sightings: dict[int, tuple[Array, Array, Array]] = {}
    for piece in (first, second):
        for frame, box, keypoints, confidence in zip(
            piece.frames,
            piece.boxes_px,
            piece.keypoints_px,
            piece.confidence,
            strict=True,
        ):
            known = sightings.get(frame)
            if known is None or known[2].sum() < confidence.sum():
                sightings[frame] = box, keypoints, confidence
    frames = sorted(sightings)
    boxes, keypoints_px, confidences = zip(
        *(sightings[frame] for frame in frames), strict=True
    )
    return FollowedPerson(
        frames=frames,
        boxes_px=list(boxes),
        keypoints_px=list(keypoints_px),
        confidence=list(confidences),
        portrait=first.portrait.with_other(second.portrait),
        seen_s=max(first.seen_s, second.seen_s),
        velocity_px_s=second.velocity_px_s,
        overlaps_s=sorted(first.overlaps_s + second.overlaps_s),
    )


def rejoin(
    people: list[FollowedPerson], time_s: Array, cuts_s: tuple[float, ...] = ()
) -> list[FollowedPerson]:
    """The same people with the pieces of one put together; `time_s` (T,) of all pictures. Ghosts are left out."""
    parts = split_at_cuts(people, time_s, cuts_s)
    pieces = dict(
        enumerate(one for one in parts if len(one.frames) >= MIN_PIECE_FRAMES)
    )
    distances: dict[tuple[int, int], float] = {}

    def measure(a: int, b: int) -> None:
        if not _are_apart_in_time(pieces[a], pieces[b], time_s, cuts_s):
            return
        distance = _distance(pieces[a], pieces[b], time_s)
        if distance is not None:
            distances[a, b] = distance

    for a, b in permutations(pieces, 2):
        measure(a, b)
    while distances:
        a, b = min(distances, key=lambda pair: distances[pair])
        whole = max(pieces) + 1
        pieces[whole] = joined(pieces.pop(a), pieces.pop(b))
        distances = {
            pair: d for pair, d in distances.items() if not {a, b} & set(pair)
        }
        for other in list(pieces):
            if other != whole:
                measure(other, whole)
                measure(whole, other)
    return list(pieces.values())
