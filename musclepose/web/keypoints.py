"""Keypoints of the files that one visitor looked at: what takes long is done once, and a correction does without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from musclepose.records import PoseTrack
from musclepose.web.jobs import Progress

if TYPE_CHECKING:
    from musclepose.pose.follow import FollowedPeople

MAX_FILES = 4


@dataclass
class KeptKeypoints:
    """The newest files with everyone who was followed in them, and the tracks of those who were located."""

    people_of: dict[Path, FollowedPeople] = field(default_factory=dict)
    tracks: dict[tuple[Path, int], PoseTrack] = field(default_factory=dict)
    looking: int = 0  # how many looks at an upload are under way

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
            people = self.people(video, lambda share, text: progress(FINDING_SHARE * share, text))
            rest = 1.0 - FINDING_SHARE
            self.tracks[video, person] = locate(
                video,
                people,
                person,
                lambda share, text: progress(FINDING_SHARE + rest * share, text),
            )
        return self.tracks[video, person]

    def put(self, video: Path, track: PoseTrack) -> None:
        """Keypoints that came with a saved set, for the likeliest athlete of its film."""
        self.tracks[video, 0] = track

    def _forget_old(self) -> None:
        for old in list(self.people_of)[:-MAX_FILES]:
            del self.people_of[old]
            self.tracks = {key: track for key, track in self.tracks.items() if key[0] != old}
