"""Video file -> followed people -> PoseTrack. Frames stream through: memory grows only by the joints that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from musclepose.pose.choice import choose
from musclepose.pose.detections import (
    Array,
    BodyLocator,
    Detections,
    Picture,
    PoseDetector,
    Progress,
)
from musclepose.pose.ranking import ranked
from musclepose.pose.rejoin import rejoin
from musclepose.pose.scene import Film, SceneWatcher
from musclepose.pose.second_stage import relocate
from musclepose.pose.sparse import detect_sparsely
from musclepose.pose.tracking import FollowedPerson, PeopleTracker
from musclepose.records import PoseTrack
from musclepose.utils.overlap import map_ahead
from musclepose.video import Clip, open_clip
from musclepose.video_told import FileReport

LOOK_EVERY_S = 0.1  # where a second stage locates the points, people are looked for this often
FINDING_SHARE = 0.4  # of the time, where a second stage follows
_GROUPS_AHEAD = 2


@dataclass(frozen=True)
class Person:
    """One followed person, to be shown for choosing."""

    person: int  # the number to ask track_video for; 0 = the likeliest athlete
    thumbnail: Picture  # RGB crop (h, w, 3) from the clearest sighting
    from_s: float
    to_s: float
    seen_frames: int


@dataclass(frozen=True)
class FollowedPeople:
    """All people of one clip, followed once; choosing another of them costs nothing."""

    people: list[FollowedPerson]  # the likeliest athlete first (pose.ranking)
    time_s: Array  # (T,)
    size_px: tuple[int, int]  # width, height of the upright source picture
    keypoint_source: str  # name of the detector
    file_notes: tuple[str, ...] = ()  # what the reader must know about the file
    film: Film = Film()  # cuts, camera, repeated pictures

    def track(self, person: int = 0) -> PoseTrack:
        """PoseTrack of that person, in pixels of the upright source picture."""
        track = choose(
            self.people, person, self.time_s, self.size_px, self.film
        )
        return replace(
            track,
            warnings=self.file_notes + track.warnings,
            keypoint_source=self.keypoint_source,
        )


def follow_people(
    path: str | Path,
    detector: PoseDetector,
    progress: Progress | None = None,
    look_every_s: float = 0.0,
) -> FollowedPeople:
    """Decode, detect and follow. Pictures are decoded at the size the detector looks at; results are source pixels.

    With `look_every_s` the detector sees a picture about that often, and what lies between is interpolated.
    """
    clip = open_clip(path, max_side=detector.input_side_px)
    factors = (
        clip.info.size_px[0] / clip.size_px[0],
        clip.info.size_px[1] / clip.size_px[1],
    )
    tracker, scene = PeopleTracker(), SceneWatcher()
    times: list[float] = []
    report = FileReport()
    for time_s, picture, found in _detected(
        clip, detector, look_every_s, report
    ):
        owners = tracker.update(len(times), time_s, found.scaled(*factors))
        scene.add(time_s, picture, found.boxes_px)
        times.append(time_s)
        for owner, box, score in zip(
            owners, found.boxes_px, found.scores, strict=True
        ):
            if owner is not None:
                owner.portrait.consider(float(score), picture, box)
        if progress is not None and len(times) % detector.batch_size == 0:
            progress(
                min(1.0, len(times) / max(1, clip.frame_count_hint)),
                f"Finding the person: picture {len(times)} of {max(len(times), clip.frame_count_hint)}",
            )
    all_s, size_px = np.array(times), clip.info.size_px
    film = scene.film()
    people = ranked(rejoin(tracker.people, all_s, film.cuts_s), all_s, size_px)
    return FollowedPeople(
        people, all_s, size_px, detector.name, report.sentences(), film
    )


_Timed = tuple[float, Picture]


def _detected(
    clip: Clip, detector: PoseDetector, look_every_s: float, report: FileReport
) -> Iterator[tuple[float, Picture, Detections]]:
    """(time_s, picture, people in it) for every picture; a few groups are held, the next is decoded meanwhile."""
    every = max(1, round(look_every_s * _rate_hz(clip)))

    def answered(group: list[_Timed]) -> tuple[list[_Timed], list[Detections]]:
        times_s, pictures = zip(*group, strict=True)
        return group, detect_sparsely(pictures, times_s, detector, every)

    size = (
        every * (detector.batch_size - 1) + 1
    )  # the detector looks at one full batch of them
    groups = _groups(clip.frames(report), size)
    for group, people in map_ahead(
        answered, groups, workers=1, ahead=_GROUPS_AHEAD
    ):
        for (time_s, picture), found in zip(group, people, strict=True):
            yield time_s, picture, found


def _rate_hz(clip: Clip) -> float:
    """Pictures a second that come out of the clip, about."""
    rate_hz, limits = clip.info.frame_rate_hz_hint, clip.limits
    return (
        limits.thinned_to_hz if rate_hz > limits.thinned_above_hz else rate_hz
    )


def _groups(pictures: Iterator[_Timed], size: int) -> Iterator[list[_Timed]]:
    """Consecutive pictures, `size` at a time, the last ones fewer."""
    while group := list(islice(pictures, size)):
        yield group


def list_people(followed: FollowedPeople) -> list[Person]:
    """The people to choose from, the likeliest athlete first."""
    return [
        Person(
            person=number,
            thumbnail=one.portrait.crop,
            from_s=float(followed.time_s[one.frames[0]]),
            to_s=float(followed.time_s[one.frames[-1]]),
            seen_frames=len(one.frames),
        )
        for number, one in enumerate(followed.people)
    ]


def track_video(
    path: str | Path,
    detector: PoseDetector,
    person: int = 0,
    progress: Progress | None = None,
    locator: BodyLocator | None = None,
) -> PoseTrack:
    """Keypoints of one person through a video; person 0 is the likeliest athlete.

    With a locator the detector finds and follows, and the locator says where the points are.
    """
    if locator is None:
        return follow_people(path, detector, progress).track(person)
    report = progress or _silent
    followed = follow_people(
        path,
        detector,
        lambda share, text: report(FINDING_SHARE * share, text),
        LOOK_EVERY_S,
    )
    rest = 1.0 - FINDING_SHARE
    return locate_person(
        path,
        followed,
        person,
        locator,
        lambda share, text: report(FINDING_SHARE + rest * share, text),
    )


def locate_person(
    path: str | Path,
    followed: FollowedPeople,
    person: int,
    locator: BodyLocator,
    progress: Progress | None = None,
) -> PoseTrack:
    """Keypoints of one of the followed people, where the locator finds them in the clip at `path`."""
    track = followed.track(person)
    return relocate(
        path, track, followed.people[track.person], locator, progress
    )


def _silent(_share: float, _text: str) -> None:
    return None
