"""One of the followed people as a PoseTrack, and what the reader must know about that choice."""

from __future__ import annotations

import numpy as np

from musclepose.errors import InputError, NoPersonError
from musclepose.pose.detections import Array
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE
from musclepose.pose.scene import Film, notes_of
from musclepose.pose.tracking import FollowedPerson
from musclepose.records import PoseTrack, Scene

MISSING_SHARE_WARNED = 0.1


def choose(
    people: list[FollowedPerson],
    person: int,
    time_s: Array,
    size_px: tuple[int, int],
    film: Film | None = None,
) -> PoseTrack:
    """PoseTrack of one of the ranked people over all T pictures; what was not seen is NaN with confidence 0.

    With `film` the track knows its scene: of a film with cuts, people are those of one shot each.
    """
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
    keypoints[chosen.frames], confidence[chosen.frames] = (
        chosen.keypoints_px,
        chosen.confidence,
    )
    unseen = confidence < MIN_JOINT_CONFIDENCE
    keypoints[unseen], confidence[unseen] = np.nan, 0.0
    seen_s = time_s[chosen.frames]
    scene = (
        film.scene(float(seen_s[0]), float(time_s[-1]))
        if film is not None
        else None
    )
    notes = notes_of(scene) if scene is not None else ()
    return PoseTrack(
        keypoints_px=keypoints,
        confidence=np.clip(confidence, 0, 1),
        time_s=time_s,
        size_px=size_px,
        people=len(people),
        person=person,
        warnings=notes + _warnings(people, person, time_s, scene),
        scene=scene,
    )


def _warnings(
    people: list[FollowedPerson],
    person: int,
    time_s: Array,
    scene: Scene | None,
) -> tuple[str, ...]:
    """What the reader must know about the choice, the gaps and possible exchanges of identity."""
    chosen, said = people[person], []
    if len(people) > 1:
        rule = (
            "the one who moves most like in an exercise, large and near the middle"
            if person == 0
            else f"number {person} in that order (0 = the likeliest athlete)"
        )
        several = (
            "people, each shot's own,"
            if scene is not None and scene.cuts_s
            else "people"
        )
        said.append(f"{len(people)} {several} were followed; this is {rule}.")
    pictures = len(time_s)
    if scene is not None and scene.shot_s is not None:
        pictures = int(
            ((time_s >= scene.shot_s[0]) & (time_s <= scene.shot_s[1])).sum()
        )
    missing = pictures - len(chosen.frames)
    if missing > MISSING_SHARE_WARNED * pictures:
        first_s, last_s = time_s[chosen.frames[0]], time_s[chosen.frames[-1]]
        said.append(
            f"The person was not found in {missing} of {pictures} pictures (seen from {first_s:.1f} s to "
            f"{last_s:.1f} s); they are left as gaps."
        )
    if chosen.overlaps_s:
        when = f"around {chosen.overlaps_s[0]:.1f} s"
        said.append(
            f"Another person overlapped this one {when}; from there on the two may be exchanged."
        )
    return tuple(said)
