"""What was seen in the files that one visitor looked at: what takes long is done once, not again at a correction.

Keypoints depend on the file and the person; the motion read from them also on part, slow motion and height. Mass, load
and exercise change neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from musclepose.records import PoseTrack
from musclepose.web.form import Form
from musclepose.web.jobs import Progress
from musclepose.web.trim import Part, part_of

if TYPE_CHECKING:
    from musclepose.pipeline import ReadMotion
    from musclepose.pose.follow import FollowedPeople

MAX_FILES = 4
KEYPOINTS_SHARE = 0.94  # of what `KeptKeypoints.read` does
ReadFrom = tuple[Path, int, Part, float, float | None]


@dataclass(frozen=True)
class Read:
    """The motion of the asked part of a clip, and the keypoints that it was read from."""

    motion: ReadMotion
    track: PoseTrack  # of the part, on the clock of the film
    first: int  # picture of the clip with which the part begins


@dataclass
class KeptKeypoints:
    """The newest files with everyone who was followed in them, and the tracks of those who were located."""

    people_of: dict[Path, FollowedPeople] = field(default_factory=dict)
    tracks: dict[tuple[Path, int], PoseTrack] = field(default_factory=dict)
    looking: int = 0  # how many looks at an upload are under way
    newest: tuple[ReadFrom, Read] | None = None

    def people(self, video: Path, progress: Progress) -> FollowedPeople:
        """Everyone in a video."""
        from musclepose.pipeline import follow

        if video not in self.people_of:
            followed = follow(video, progress)
            self.people_of[video] = followed
            self._forget_old()
        return self.people_of[video]

    def track(self, video: Path, person: int, progress: Progress) -> PoseTrack:
        """Keypoints of one person; found before where they can be."""
        from musclepose.pipeline import locate
        from musclepose.pose.follow import FINDING_SHARE

        if (video, person) not in self.tracks:
            people = self.people(
                video, lambda share, text: progress(FINDING_SHARE * share, text)
            )
            rest = 1.0 - FINDING_SHARE
            self.tracks[video, person] = locate(
                video,
                people,
                person,
                lambda share, text: progress(
                    FINDING_SHARE + rest * share, text
                ),
            )
        return self.tracks[video, person]

    def has_read(self, form: Form) -> bool:
        """Whether only what depends on mass, load and exercise is left to compute."""
        return self.newest is not None and self.newest[0] == _read_from(form)

    def read(self, form: Form, progress: Progress) -> Read:
        """The motion of what the form asks for; that of the last time where it is the same."""
        from musclepose.pipeline import AnalyseOptions, read_motion

        if self.newest is not None and self.has_read(form):
            return self.newest[1]
        whole = self.track(
            form.video,
            form.person,
            lambda share, text: progress(KEYPOINTS_SHARE * share, text),
        )
        track, first = part_of(whole, form.part)
        rest = 1.0 - KEYPOINTS_SHARE
        motion = read_motion(
            track,
            form.athlete.height_m,
            AnalyseOptions(slow_motion=form.slow_motion),
            lambda share, text: progress(KEYPOINTS_SHARE + rest * share, text),
        )
        read = Read(motion, track, first)
        self.newest = _read_from(form), read
        return read

    def put(self, video: Path, track: PoseTrack) -> None:
        """Keypoints that came with a saved set, for the likeliest athlete of its film."""
        self.tracks[video, 0] = track
        self.newest = None

    def _forget_old(self) -> None:
        for old in list(self.people_of)[:-MAX_FILES]:
            del self.people_of[old]
            self.tracks = {
                key: track
                for key, track in self.tracks.items()
                if key[0] != old
            }


def _read_from(form: Form) -> ReadFrom:
    return (
        form.video,
        form.person,
        form.part,
        form.slow_motion,
        form.athlete.height_m,
    )
