"""One of the followed people as a PoseTrack, and what the reader must know about that choice."""

from __future__ import annotations

import numpy as np

from musclepose.errors import InputError, NoPersonError
from musclepose.pose.detections import Array
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE
from musclepose.pose.tracking import FollowedPerson
from musclepose.records import PoseTrack

MISSING_SHARE_WARNED = 0.1


def choose(
    people: list[FollowedPerson], person: int, time_s: Array, size_px: tuple[int, int]
) -> PoseTrack:
    """PoseTrack of one of the ranked people over all T pictures; what was not seen is NaN with confidence 0."""
    if not people:
        raise NoPersonError(
            "No person was found in the video; film one person with the whole body in the picture and good light."
        )
    if not 0 <= person < len(people):
        raise InputError(
            f"person is {person}; {len(people)} were followed: choose 0 to {len(people) - 1}."
        )
    chosen = people[person]
    keypoints = np.full((len(time_s), 17, 2), np.nan)
    confidence = np.zeros((len(time_s), 17))
    keypoints[chosen.frames], confidence[chosen.frames] = chosen.keypoints_px, chosen.confidence
    unseen = confidence < MIN_JOINT_CONFIDENCE
    keypoints[unseen], confidence[unseen] = np.nan, 0.0
    warnings = _warnings(people, person, time_s)
    return PoseTrack(
        keypoints, np.clip(confidence, 0, 1), time_s, size_px, len(people), person, warnings
    )


def _warnings(people: list[FollowedPerson], person: int, time_s: Array) -> tuple[str, ...]:
    """What the reader must know about the choice, the gaps and possible exchanges of identity."""
    chosen, said = people[person], []
    if len(people) > 1:
        rule = (
            "the one who moves most like in an exercise, large and near the middle"
            if person == 0
            else f"number {person} in that order (0 = the likeliest athlete)"
        )
        said.append(f"{len(people)} people were followed; this is {rule}.")
    missing = len(time_s) - len(chosen.frames)
    if missing > MISSING_SHARE_WARNED * len(time_s):
        first_s, last_s = time_s[chosen.frames[0]], time_s[chosen.frames[-1]]
        said.append(
            f"The person was not found in {missing} of {len(time_s)} pictures (seen from {first_s:.1f} s to "
            f"{last_s:.1f} s); they are left as gaps."
        )
    if chosen.overlaps_s:
        when = f"around {chosen.overlaps_s[0]:.1f} s"
        said.append(
            f"Another person overlapped this one {when}; from there on the two may be exchanged."
        )
    return tuple(said)
