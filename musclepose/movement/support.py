"""Whether something else than the feet carries the body, by where its parts are in the picture.

Standing still, the centre of mass lies over the feet: at most a heel's length behind the ankles. The way that the knees
point is forward. Who leans on a wall or sits on a chair has it further back, though the hips may be high and the trunk
upright.
"""

from __future__ import annotations

import warnings

import numpy as np

from musclepose.movement.picture import (
    MIN_SEEN,
    body_size_px,
    centre_in_picture,
    rests_on_more_than_feet,
)
from musclepose.records import Array, Mask, PoseTrack

THIGH_OUT = 0.3  # trunks from hips to knees sideways, from which on the knees say what forward is (chosen)
BEHIND_HEELS = 0.2  # trunks behind the rear ankle, beyond which no foot carries (heel 0.1; squats at most 0.06)
BEHIND_SHARE = (
    0.3  # of the frames (wall squats 0.7 and 0.8, all who stand at most 0.14)
)
OVER_KNEES = 0.2  # trunks that the hips are above the knees: who sits has less (standing, squatting 0.36 and more)


def is_carried_beside_feet(track: PoseTrack) -> bool:
    """Whether feet alone cannot carry the body for a good part of the clip; unseen limbs are no evidence."""
    return (
        rests_on_more_than_feet(track)
        or _is_behind_its_feet(track)
        or _sits(track)
    )


def _from_hips_to_knees(points: Array) -> Array:
    """(T, 2) px, from the middle of the seen hips to that of the seen knees."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # both unseen: NaN is meant
        middles = np.nanmean(points[:, [[11, 12], [13, 14]]], axis=2)
    return np.asarray(middles[:, 1] - middles[:, 0])


def _is_behind_its_feet(track: PoseTrack) -> bool:
    points = track.keypoints_px
    size_px = body_size_px(points)
    ahead_px = _from_hips_to_knees(points)[:, 0]
    forward = np.sign(ahead_px)
    ankles = points[:, [15, 16], 0] * forward[:, None]
    behind = (
        ankles.min(axis=1) - centre_in_picture(points)[:, 0] * forward
    ) / size_px
    seen = np.isfinite(behind)
    if seen.mean() < MIN_SEEN:
        return False
    falls = (behind > BEHIND_HEELS) & (np.abs(ahead_px) > THIGH_OUT * size_px)
    return bool(falls[seen].mean() > BEHIND_SHARE)


def _hips_over_knees(track: PoseTrack) -> Array:
    """(T,) trunks that the hips are above the knees in the picture; NaN where they were not seen."""
    points = track.keypoints_px
    return np.asarray(_from_hips_to_knees(points)[:, 1] / body_size_px(points))


def seated_frames(track: PoseTrack) -> Mask:
    """(T,) frames in which the hips are about as low as the knees, or lower."""
    return np.asarray(_hips_over_knees(track) < OVER_KNEES)


def _sits(track: PoseTrack) -> bool:
    """Whether the hips are about as low as the knees, or lower, half of the time."""
    over = _hips_over_knees(track)
    seen = np.isfinite(over)
    return bool(seen.mean() >= MIN_SEEN and np.median(over[seen]) < OVER_KNEES)
