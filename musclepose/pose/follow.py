"""Video file -> followed people -> PoseTrack. Frames stream through: memory grows only by the joints that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musclepose.pose.choice import choose
from musclepose.pose.detections import Array, Detections, Picture, PoseDetector
from musclepose.pose.ranking import ranked
from musclepose.pose.rejoin import rejoin
from musclepose.pose.tracking import FollowedPerson, PeopleTracker
from musclepose.records import PoseTrack
from musclepose.video import Clip, open_clip
from musclepose.video_told import FileReport

Progress = Callable[[float, str], None]  # fraction in [0, 1], what is being done


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
    file_notes: tuple[str, ...] = ()  # what the reader must know about the file

    def track(self, person: int = 0) -> PoseTrack:
        """PoseTrack of that person, in pixels of the upright source picture."""
        track = choose(self.people, person, self.time_s, self.size_px)
        return replace(track, warnings=self.file_notes + track.warnings)


def follow_people(
    path: str | Path, detector: PoseDetector, progress: Progress | None = None
) -> FollowedPeople:
    """Decode, detect and follow. Pictures are decoded at the size the detector looks at; results are source pixels."""
    clip = open_clip(path, max_side=detector.input_side_px)
    factors = (clip.info.size_px[0] / clip.size_px[0], clip.info.size_px[1] / clip.size_px[1])
    tracker = PeopleTracker()
    times: list[float] = []
    report = FileReport()
    for time_s, picture, found in _detected(clip, detector, report):
        owners = tracker.update(len(times), time_s, found.scaled(*factors))
        times.append(time_s)
        for owner, box, score in zip(owners, found.boxes_px, found.scores, strict=True):
            if owner is not None:
                owner.portrait.consider(float(score), picture, box)
        if progress is not None and len(times) % detector.batch_size == 0:
            progress(
                min(1.0, len(times) / max(1, clip.frame_count_hint)),
                f"Finding the person: picture {len(times)}",
            )
    all_s, size_px = np.array(times), clip.info.size_px
    people = ranked(rejoin(tracker.people, all_s), all_s, size_px)
    return FollowedPeople(people, all_s, size_px, report.sentences())


def _detected(
    clip: Clip, detector: PoseDetector, report: FileReport
) -> Iterator[tuple[float, Picture, Detections]]:
    """(time_s, picture, people in it) for every picture; only one batch is held at a time."""
    waiting: list[tuple[float, Picture]] = []

    def answered() -> Iterator[tuple[float, Picture, Detections]]:
        for (time_s, picture), found in zip(
            waiting, detector.detect([one for _, one in waiting]), strict=True
        ):
            yield time_s, picture, found

    for timed in clip.frames(report):
        waiting.append(timed)
        if len(waiting) == detector.batch_size:
            yield from answered()
            waiting = []
    yield from answered()


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
    path: str | Path, detector: PoseDetector, person: int = 0, progress: Progress | None = None
) -> PoseTrack:
    """Keypoints of one person through a video; person 0 is the likeliest athlete."""
    return follow_people(path, detector, progress).track(person)
