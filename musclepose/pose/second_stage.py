"""The followed person's points located again, each time on a crop of the picture at full size.

The first stage finds and follows; its boxes and joints say where to cut, and its confidences stay, because the motion
network was trained on them. Only positions change, and heels and toes come beside them. Where the second stage says
that nobody is in the crop, the first stage's points stay.

The person is known only after following, so the clip is decoded a second time; pictures stream through. A crop comes
from the first stage alone, never from the crop before: frames are independent, and one that goes wrong leads no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from musclepose.pose.crops import Crop, crop_of
from musclepose.pose.detections import BodyLocator, BodyPoints, Picture, Progress
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE
from musclepose.pose.tracking import FollowedPerson
from musclepose.records import PoseTrack
from musclepose.utils.overlap import map_ahead
from musclepose.video import open_clip

MIN_PRESENCE = 0.5
LOST_SHARE_WARNED = 0.1
_AHEAD_A_WORKER = 2  # pictures at full size that are held for each worker
_PROGRESS_STEP = 8  # pictures


def relocate(
    path: str | Path,
    track: PoseTrack,
    person: FollowedPerson,
    locator: BodyLocator,
    progress: Progress | None = None,
) -> PoseTrack:
    """The track with the locator's positions, and heels and toes; same times, same confidences, same gaps.

    `track` is that of `person` through the clip at `path`.
    """
    frames = len(track.time_s)
    keypoints = track.keypoints_px.copy()
    heel_toe, visibility = np.full((frames, 4, 2), np.nan), np.zeros((frames, 4))
    crops = crops_of(person)
    lost = 0
    for done, (frame, points) in enumerate(_located(path, crops, locator), start=1):
        if points.presence < MIN_PRESENCE:
            lost += 1
        else:
            seen = track.confidence[frame] > 0.0
            keypoints[frame, seen] = points.keypoints_px[seen]
            heel_toe[frame], visibility[frame] = points.heel_toe_px, points.heel_toe_visibility
        if progress is not None and done % _PROGRESS_STEP == 0:
            progress(done / len(crops), f"Locating the joints: picture {frame + 1}")
    return replace(
        track,
        keypoints_px=keypoints,
        heel_toe_px=heel_toe,
        heel_toe_visibility=visibility,
        keypoint_source=f"{locator.name} on {track.keypoint_source}",
        warnings=track.warnings + _warnings(lost, len(crops)),
    )


def crops_of(person: FollowedPerson) -> dict[int, Crop]:
    """{frame: where to look}, for every frame in which the first stage saw the person."""
    seen = zip(person.frames, person.boxes_px, person.keypoints_px, person.confidence, strict=True)
    return {
        frame: crop_of(box, joints, confidence, MIN_JOINT_CONFIDENCE)
        for frame, box, joints, confidence in seen
    }


def _located(
    path: str | Path, crops: dict[int, Crop], locator: BodyLocator
) -> Iterator[tuple[int, BodyPoints]]:
    """(frame, points) of every crop, in order; decoding goes on while the locator works."""

    def wanted() -> Iterator[tuple[int, Picture]]:
        for frame, (_, picture) in enumerate(open_clip(path).frames()):
            if frame in crops:
                yield frame, picture

    def located(one: tuple[int, Picture]) -> tuple[int, BodyPoints]:
        frame, picture = one
        return frame, locator.locate(picture, crops[frame])

    workers = locator.workers
    return map_ahead(located, wanted(), workers, workers * _AHEAD_A_WORKER)


def _warnings(lost: int, seen: int) -> tuple[str, ...]:
    """Said where the second stage found nobody in a good part of the pictures."""
    if lost <= LOST_SHARE_WARNED * seen:
        return ()
    return (
        f"The finer look at the joints found nobody in {lost} of {seen} pictures; there the coarser points stand.",
    )
