"""Who of the people in a picture is the athlete: an order of merit, and who is no person at all. Pure numpy.

    merit = seconds seen x size x share of joints seen x (1 - off-centre / 2)
            x (1/2 + active) x (1/2 + rhythm x share of joints seen)

size is the root of the median box area; off-centre is 0 in the middle of the picture and 1 at its border; active is the
share of the time in which the joints move against each other; rhythm is how well the body comes back to a pose that it
has left (0 never, 1 exactly), because an exercise repeats. Every factor is free of the picture's size and frame rate.

A poster does not move at all, and a mirror image moves as somebody larger does, with left and right exchanged: neither
is a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.detections import Array
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE, box_size
from musclepose.pose.tracking import FollowedPerson

MIN_SEEN_FRAMES = 5  # fewer are a ghost of the detector
SURE_JOINT = 0.5
RATE_HZ = 15.0  # of the poses that are compared
NEAREST_S = 0.15  # a sighting further away than this is none
ACTIVE_SIZES_S = (
    0.1  # mean speed of the joints against each other, body sizes a second
)
STILL_SIZES_S = 0.03  # faster than this now and then, it is no poster
SPEED_LAG_S = 0.2
LONGEST_REPETITION_S = 6.0
MIN_SUPPORT = 0.4  # of the pairs of pictures at the best lag, below which a lag says nothing
MIN_COMMON_S = 1.0  # that a mirror image and its owner are seen together
MIRROR_CORRELATION = 0.7
MIRROR_MARGIN = 0.1  # that the exchanged sides agree better than the same ones
SWAPPED = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])


@dataclass(frozen=True)
class Merit:
    """What speaks for one person."""

    seen_s: float
    size: float  # root of the median box area / root of the picture's area
    whole: float  # share of the joints that are surely seen
    off_centre: float  # 0 middle, 1 border
    active: float  # share of the time
    rhythm: float  # 0 to 1

    @property
    def total(self) -> float:
        """The product by which people are ordered."""
        place = 1 - self.off_centre / 2
        return (
            self.seen_s
            * self.size
            * self.whole
            * place
            * (0.5 + self.active)
            * (0.5 + self.rhythm * self.whole)
        )


def own_poses(person: FollowedPerson, time_s: Array, least: float) -> Array:
    """(N, 17, 2) poses at RATE_HZ about the median joint, in body sizes; NaN where not seen with confidence `least`."""
    seen_s = time_s[person.frames]
    grid_s = np.arange(time_s[0], time_s[-1] + 1e-9, 1 / RATE_HZ)
    nearest = _nearest(seen_s, grid_s)
    keypoints = np.array(person.keypoints_px)[nearest]
    hidden = np.array(person.confidence)[nearest] < least
    hidden[np.abs(seen_s[nearest] - grid_s) > NEAREST_S] = True
    keypoints = np.where(hidden[..., None], np.nan, keypoints)
    size = float(np.median(box_size(np.array(person.boxes_px))))
    return (keypoints - _middle(keypoints)) / size


def _nearest(seen_s: Array, grid_s: Array) -> NDArray[np.int_]:
    """(N,) index of the sighting (M,) nearest to each time (N,)."""
    after = np.searchsorted(seen_s, grid_s).clip(1, max(1, len(seen_s) - 1))
    after = np.minimum(after, len(seen_s) - 1)
    before = np.maximum(after - 1, 0)
    is_before = grid_s - seen_s[before] < seen_s[after] - grid_s
    return np.where(is_before, before, after)


def _middle(keypoints: Array) -> Array:
    """(N, 1, 2) median of the seen joints, NaN where none is."""
    out = np.full((len(keypoints), 1, 2), np.nan)
    some = np.isfinite(keypoints[..., 0]).any(axis=1)
    out[some, 0] = np.nanmedian(keypoints[some], axis=1)
    return out


def joint_speed(poses: Array) -> Array:
    """(N - lag,) mean speed of the joints against each other, body sizes a second; NaN where too few were seen."""
    lag = round(SPEED_LAG_S * RATE_HZ)
    step = np.linalg.norm(poses[lag:] - poses[:-lag], axis=-1) * RATE_HZ / lag
    count = np.isfinite(step).sum(axis=1)
    total = np.nansum(step, axis=1)
    return np.where(
        count >= MIN_SEEN_FRAMES, total / np.maximum(count, 1), np.nan
    )


def rhythm(poses: Array) -> float:
    """How far the difference to the pose some time before falls again after it has risen, 0 to 1.

    d(lag) = mean square of pose(t + lag) - pose(t);  rhythm = max over lag of 1 - d(lag) / max(d up to lag)
    """
    seen = np.isfinite(poses[..., 0]).mean(axis=0)
    steady = (
        poses[:, seen > 0.6 * seen.max()] if seen.max() > 0 else poses[:, :0]
    )
    seen_rows = np.flatnonzero(np.isfinite(steady).any(axis=(1, 2)))
    if len(seen_rows) < 2:
        return 0.0
    length = seen_rows[-1] - seen_rows[0] + 1
    steady = steady[seen_rows[0] : seen_rows[-1] + 1].reshape(length, -1)
    lags = range(1, min(length // 2, round(LONGEST_REPETITION_S * RATE_HZ)) + 1)
    steps = [steady[lag:] - steady[:-lag] for lag in lags]
    support = np.array([np.isfinite(step).sum() for step in steps])
    if not support.any():
        return 0.0
    kept = [
        float(np.nanmean(step**2))
        for step, count in zip(steps, support, strict=True)
        if count > MIN_SUPPORT * support.max()
    ]
    highest = np.maximum.accumulate(kept)
    return float(np.max(1 - kept / np.maximum(highest, 1e-12)))


def merit_of(
    person: FollowedPerson, time_s: Array, size_px: tuple[int, int]
) -> Merit:
    """What speaks for a person in a clip of pictures (T,) of that width and height."""
    boxes = np.array(person.boxes_px)
    middle = (boxes[:, :2] + boxes[:, 2:]) / (2 * np.array(size_px))
    speed = joint_speed(own_poses(person, time_s, SURE_JOINT))
    known = speed[np.isfinite(speed)]
    return Merit(
        seen_s=len(person.frames) * float(np.median(np.diff(time_s))),
        size=float(
            np.median(box_size(boxes)) / np.sqrt(size_px[0] * size_px[1])
        ),
        whole=float((np.array(person.confidence) >= SURE_JOINT).mean()),
        off_centre=float(np.abs(2 * middle - 1).max(axis=1).mean()),
        active=float((known > ACTIVE_SIZES_S).mean()) if len(known) else 0.0,
        rhythm=rhythm(own_poses(person, time_s, MIN_JOINT_CONFIDENCE)),
    )


def is_poster(person: FollowedPerson, time_s: Array) -> bool:
    """True if no joint ever moves against the others."""
    speed = joint_speed(own_poses(person, time_s, MIN_JOINT_CONFIDENCE))
    known = speed[np.isfinite(speed)]
    return len(known) > 0 and float(np.quantile(known, 0.95)) < STILL_SIZES_S


def is_mirror_image(
    image: FollowedPerson, owner: FollowedPerson, time_s: Array
) -> bool:
    """True if the smaller one's joints move as the larger one's do, with left and right exchanged.

    A mirror behind the athlete keeps right and left of the picture, one at the side exchanges them: both are tried.
    """
    sizes = [
        np.median(box_size(np.array(one.boxes_px))) for one in (image, owner)
    ]
    if sizes[0] >= sizes[1]:
        return False
    small, large = (
        own_poses(one, time_s, MIN_JOINT_CONFIDENCE) for one in (image, owner)
    )
    across = np.array([-1.0, 1.0])
    exchanged = max(
        _agreement(small, large[:, SWAPPED]),
        _agreement(small, large[:, SWAPPED] * across),
    )
    same = max(_agreement(small, large), _agreement(small, large * across))
    return exchanged > MIRROR_CORRELATION and exchanged > same + MIRROR_MARGIN


def _agreement(first: Array, second: Array) -> float:
    """Correlation of two motions (N, 17, 2) over the time in which both are seen; 0 if that is short."""
    both = np.isfinite(first) & np.isfinite(second)
    joints = both[..., 0].sum(axis=0) >= MIN_COMMON_S * RATE_HZ
    if joints.sum() < MIN_SEEN_FRAMES:
        return 0.0
    a, b = (np.where(both, one, np.nan)[:, joints] for one in (first, second))
    a, b = a - np.nanmean(a, axis=0), b - np.nanmean(b, axis=0)
    return float(
        np.nansum(a * b) / np.sqrt(np.nansum(a**2) * np.nansum(b**2) + 1e-12)
    )


def ranked(
    people: list[FollowedPerson], time_s: Array, size_px: tuple[int, int]
) -> list[FollowedPerson]:
    """People seen in enough pictures, the most likely athlete first; posters and mirror images are left out.

    Where nobody moves (a still, a held position), nobody is a poster.
    """
    seen = [
        person for person in people if len(person.frames) >= MIN_SEEN_FRAMES
    ]
    posters = [is_poster(person, time_s) for person in seen]
    alive = (
        seen
        if all(posters)
        else [p for p, still in zip(seen, posters, strict=True) if not still]
    )
    order = sorted(
        alive, key=lambda person: -merit_of(person, time_s, size_px).total
    )
    return [
        person
        for person in order
        if not any(
            is_mirror_image(person, owner, time_s)
            for owner in order
            if owner is not person
        )
    ]
