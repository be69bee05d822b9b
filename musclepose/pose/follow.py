"""Video file -> followed people -> PoseTrack. Frames stream through: memory grows only by the joints that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from musclepose.pose.detections import Array, Detections, Picture, PoseDetector
from musclepose.pose.tracking import FollowedPerson, PeopleTracker, choose
from musclepose.records import PoseTrack
from musclepose.video import Clip, open_clip
from musclepose.video_told import FileReport

Progress = Callable[[float, str], None]  # fraction in [0, 1], what is being done
_THUMBNAIL_SIDE_PX = 240
_THUMBNAIL_MARGIN = 0.1


@dataclass(frozen=True)
class Person:
    """One followed person, to be shown for choosing."""

    person: int  # the number to ask track_video for; 0 = largest over time
    thumbnail: Picture  # RGB crop (h, w, 3) from the clearest sighting
    from_s: float
    to_s: float
    seen_frames: int


@dataclass(frozen=True)
class FollowedPeople:
    """All people of one clip, followed once; choosing another of them costs nothing."""

    people: list[FollowedPerson]  # ranked, largest summed box area first
    thumbnails: list[Picture]
    time_s: Array  # (T,)
    size_px: tuple[int, int]  # width, height of the upright source picture
    file_notes: tuple[str, ...] = ()  # what the reader must know about the file

    def track(self, person: int = 0) -> PoseTrack:
        """PoseTrack of that person, in pixels of the upright source picture."""
        track = choose(self.people, person, self.time_s, self.size_px)
        return replace(track, warnings=self.file_notes + track.warnings)


@dataclass
class _Portrait:
    """The best crop of one person so far."""

    merit: float = 0.0
    crop: Picture = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))

    def consider(self, merit: float, picture: Picture, box_px: Array) -> None:
        """Keep the crop if it is clearly better; merit is score times box area."""
        if merit <= 1.1 * self.merit:
            return
        height, width = picture.shape[:2]
        margin = _THUMBNAIL_MARGIN * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
        left, top = (max(0, int(edge - margin)) for edge in box_px[:2])
        right, bottom = (
            min(width, int(box_px[2] + margin) + 1),
            min(height, int(box_px[3] + margin) + 1),
        )
        step = max(1, -(-max(right - left, bottom - top) // _THUMBNAIL_SIDE_PX))
        self.merit, self.crop = merit, picture[top:bottom:step, left:right:step].copy()


def follow_people(
    path: str | Path, detector: PoseDetector, progress: Progress | None = None
) -> FollowedPeople:
    """Decode, detect and follow. Pictures are decoded at the size the detector looks at; results are source pixels."""
    clip = open_clip(path, max_side=detector.input_side_px)
    factors = (clip.info.size_px[0] / clip.size_px[0], clip.info.size_px[1] / clip.size_px[1])
    tracker = PeopleTracker()
    times: list[float] = []
    portraits: dict[int, _Portrait] = {}
    report = FileReport()
    for time_s, picture, found in _detected(clip, detector, report):
        owners = tracker.update(len(times), time_s, found.scaled(*factors))
        times.append(time_s)
        for owner, box, score in zip(owners, found.boxes_px, found.scores, strict=True):
            if owner is not None:
                area = float((box[2] - box[0]) * (box[3] - box[1]))
                portraits.setdefault(id(owner), _Portrait()).consider(
                    float(score) * area, picture, box
                )
        if progress is not None and len(times) % detector.batch_size == 0:
            progress(
                min(1.0, len(times) / max(1, clip.frame_count_hint)),
                f"Finding the person: picture {len(times)}",
            )
    people = tracker.ranked()
    return FollowedPeople(
        people,
        [portraits[id(one)].crop for one in people],
        np.array(times),
        clip.info.size_px,
        report.sentences(),
    )


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
    """The people to choose from, largest over time first."""
    return [
        Person(
            person=number,
            thumbnail=thumbnail,
            from_s=float(followed.time_s[one.frames[0]]),
            to_s=float(followed.time_s[one.frames[-1]]),
            seen_frames=len(one.frames),
        )
        for number, (one, thumbnail) in enumerate(
            zip(followed.people, followed.thumbnails, strict=True)
        )
    ]


def track_video(
    path: str | Path, detector: PoseDetector, person: int = 0, progress: Progress | None = None
) -> PoseTrack:
    """Keypoints of one person through a video; person 0 is the largest over time."""
    return follow_people(path, detector, progress).track(person)
