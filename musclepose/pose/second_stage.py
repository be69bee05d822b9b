"""The followed person's points located again, each time on a crop of the picture at full size.

The first stage finds and follows; its boxes and joints say where to cut, and its confidences stay, because the motion
network was trained on them. Only positions change, and heels and toes come beside them. Where the second stage says
that nobody is in the crop, the first stage's points stay.

The person is known only after following, so the clip is decoded a second time; pictures stream through. A crop comes
from the first stage alone, never from the crop before: frames are independent, and one that goes wrong leads no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from musclepose.pose.crops import Crop, crop_of
from musclepose.pose.detections import (
    Array,
    BodyLocator,
    BodyPoints,
    Picture,
    Progress,
)
from musclepose.pose.pairing import MIN_JOINT_CONFIDENCE
from musclepose.pose.tracking import FollowedPerson
from musclepose.records import PoseTrack
from musclepose.utils.overlap import map_ahead
from musclepose.video import open_clip

MIN_PRESENCE = 0.5
MIN_STEP_S = (
    0.8 / 30
)  # the motion is read at 30 Hz: pictures nearer than this to the one before are interpolated
LOST_SHARE_WARNED = 0.1
_AHEAD_A_WORKER = 2  # pictures at full size that are held for each worker
_PROGRESS_STEP = 8  # pictures
_JOINTS, _FEET = 17, 4


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
    looked_at = frames_to_locate(person.frames, track.time_s)
    crops = {
        frame: crop
        for frame, crop in crops_of(person).items()
        if frame in set(looked_at)
    }
    columns = (
        2 * _JOINTS + 2 * _FEET + _FEET
    )  # x and y of the joints, of the feet; visibility of the feet
    found = np.full((len(track.time_s), columns), np.nan)
    for done, (frame, points) in enumerate(
        _located(path, crops, locator), start=1
    ):
        if points.presence >= MIN_PRESENCE:
            feet = points.heel_toe_px.ravel(), points.heel_toe_visibility
            found[frame] = np.concatenate([points.keypoints_px.ravel(), *feet])
        if progress is not None and done % _PROGRESS_STEP == 0:
            text = f"Locating the joints: picture {frame + 1} of {len(track.time_s)}"
            progress(done / len(crops), text)
    lost = int(np.isnan(found[looked_at, 0]).sum())
    bridge(found, looked_at, person.frames, track.time_s)
    joints, feet_px, visibility = np.split(
        found, [2 * _JOINTS, 2 * (_JOINTS + _FEET)], axis=1
    )
    located = np.where(
        (track.confidence > 0.0)[..., None],
        joints.reshape(-1, _JOINTS, 2),
        np.nan,
    )
    return replace(
        track,
        keypoints_px=np.where(
            np.isfinite(located), located, track.keypoints_px
        ),
        heel_toe_px=feet_px.reshape(-1, _FEET, 2),
        heel_toe_visibility=np.nan_to_num(visibility),
        keypoint_source=f"{locator.name} on {track.keypoint_source}",
        warnings=track.warnings + _warnings(lost, len(looked_at)),
    )


def frames_to_locate(frames: Sequence[int], time_s: Array) -> list[int]:
    """Of the frames in which a person was seen: the first and last of each run, and enough between for 30 Hz."""
    chosen: list[int] = []
    for number, frame in enumerate(frames):
        starts = number == 0 or frames[number - 1] != frame - 1
        ends = number == len(frames) - 1 or frames[number + 1] != frame + 1
        if starts or ends or time_s[frame] - time_s[chosen[-1]] >= MIN_STEP_S:
            chosen.append(frame)
    return chosen


def bridge(
    found: Array, looked_at: Sequence[int], frames: Sequence[int], time_s: Array
) -> None:
    """Fill the rows of `found` (T, K) between two located ones of a run, in place; beside a lost one they stay NaN.

    `frames` are those in which the person was seen; both ends of each run of them are among `looked_at`.
    """
    seen = set(frames)
    for first, second in pairwise(looked_at):
        if first + 1 < second and first + 1 in seen:
            inside = np.arange(first + 1, second)
            share = (time_s[inside] - time_s[first]) / (
                time_s[second] - time_s[first]
            )
            found[inside] = found[first] + share[:, None] * (
                found[second] - found[first]
            )


def crops_of(person: FollowedPerson) -> dict[int, Crop]:
    """{frame: where to look}, for every frame in which the first stage saw the person."""
    seen = zip(
        person.frames,
        person.boxes_px,
        person.keypoints_px,
        person.confidence,
        strict=True,
    )
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
