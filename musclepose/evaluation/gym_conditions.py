"""The same person seen otherwise: changes of a keypoint track that change nothing of what the person did."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from musclepose.evaluation.gym_tracks import Keypoints
from musclepose.models.mirror import FEET_MIRROR, mirror_feet, mirror_keypoints
from musclepose.movement.approach import track_part
from musclepose.quality import person_height_px
from musclepose.records import Mask, PoseTrack
from musclepose.synthesis.noise import detect, evaluation_noise

SLOW_RATE_HZ = 15.0
CUT_SHARE = 0.1  # of the clip, at each end
SMALL = 0.5  # of the size
LIMBS = range(5, 17)  # the joints of the face say little
SECONDS_TO_A_GAP = 8.0  # mean, per joint
GAP_S = (0.3, 1.2)  # shortest and longest


def _seed(track: PoseTrack) -> int:
    """Of what is drawn for a track: the same for the same points."""
    return zlib.crc32(np.ascontiguousarray(track.keypoints_px).tobytes())


def mirrored(track: PoseTrack) -> PoseTrack:
    """The picture's mirror image: left and right change places."""
    width_px = float(track.size_px[0])
    points, confidence = mirror_keypoints(
        torch.from_numpy(track.keypoints_px),
        torch.from_numpy(track.confidence),
        width_px,
    )
    feet, visible = track.heel_toe_px, track.heel_toe_visibility
    return replace(
        track,
        keypoints_px=points.numpy(),
        confidence=confidence.numpy(),
        heel_toe_px=None
        if feet is None
        else mirror_feet(torch.from_numpy(feet), width_px).numpy(),
        heel_toe_visibility=None
        if visible is None
        else visible[:, FEET_MIRROR],
    )


def small(track: PoseTrack) -> PoseTrack:
    """The picture at half its width and height."""
    width, height = track.size_px
    feet = track.heel_toe_px
    return replace(
        track,
        keypoints_px=SMALL * track.keypoints_px,
        heel_toe_px=None if feet is None else SMALL * feet,
        size_px=(int(SMALL * width), int(SMALL * height)),
    )


def mirrored_and_small(track: PoseTrack) -> PoseTrack:
    """Both, of which neither should change anything."""
    return small(mirrored(track))


def slow_rate(track: PoseTrack) -> PoseTrack:
    """The frames nearest to 15 a second; slower clips stay as they are."""
    time_s = track.time_s
    wanted = np.arange(0.0, time_s[-1] + 1e-9, 1.0 / SLOW_RATE_HZ)
    nearest = np.abs(time_s[None] - wanted[:, None]).argmin(axis=1)
    return track_part(track, np.unique(nearest))


def cut(track: PoseTrack) -> PoseTrack:
    """Without the first and the last tenth; the clock starts anew."""
    length_s = track.time_s[-1]
    first, last = CUT_SHARE * length_s, (1.0 - CUT_SHARE) * length_s
    inside = np.flatnonzero((track.time_s >= first) & (track.time_s <= last))
    part = track_part(track, inside)
    return replace(part, time_s=part.time_s - part.time_s[0])


def _without(track: PoseTrack, gone: Mask) -> PoseTrack:
    """Without the joints of the (T, 17) mask."""
    points = np.where(gone[..., None], np.nan, track.keypoints_px)
    return replace(
        track,
        keypoints_px=points,
        confidence=np.where(gone, 0.0, track.confidence),
    )


def dropped(track: PoseTrack) -> PoseTrack:
    """Each joint of the limbs is lost for a while, about once in SECONDS_TO_A_GAP."""
    generator = np.random.default_rng(_seed(track))
    gone = np.zeros(track.confidence.shape, bool)
    for joint in LIMBS:
        for _ in range(generator.poisson(track.time_s[-1] / SECONDS_TO_A_GAP)):
            start = generator.uniform(0.0, track.time_s[-1])
            end = start + generator.uniform(*GAP_S)
            gone[(track.time_s >= start) & (track.time_s <= end), joint] = True
    return _without(track, gone)


def noisy(track: PoseTrack) -> PoseTrack:
    """With the errors of BlazePose as synthesis/noise.py has them, on top of those that the points have already.

    The fitted table is per frame at 30 Hz and the depth of the joints is not known: no joint hides another one.
    """
    points = torch.from_numpy(track.keypoints_px).float()[None]
    frames = len(track.time_s)
    unit = torch.full((1, frames), person_height_px(track))
    size = torch.tensor([track.size_px], dtype=torch.float32)
    feet = (
        None
        if track.heel_toe_px is None
        else torch.from_numpy(track.heel_toe_px).float()[None]
    )
    found = detect(
        points,
        torch.zeros(1, frames, 17),
        unit,
        size,
        torch.Generator().manual_seed(_seed(track)),
        evaluation_noise("blazepose"),
        feet,
    )
    moved = found.keypoints_px[0].double().numpy()
    with_feet = _with_feet(track, found.feet_px)
    return _without(
        replace(with_feet, keypoints_px=moved), np.isnan(moved[..., 0])
    )


def _with_feet(track: PoseTrack, feet_px: Tensor | None) -> PoseTrack:
    """The track with other heels and toes (1, T, 4, 2)."""
    if feet_px is None or track.heel_toe_visibility is None:
        return track
    feet = feet_px[0].double().numpy()
    lost = np.isnan(feet[..., 0])
    visible = np.where(lost, 0.0, track.heel_toe_visibility)
    return replace(track, heel_toe_px=feet, heel_toe_visibility=visible)


@dataclass(frozen=True)
class Condition:
    """One way to see the clips.

    keypoints: whose points. change: of the track. is_counted: False where repetitions may be cut off, so that the
    label's count and times do not hold.
    """

    words: str
    keypoints: Keypoints = "second"
    change: Callable[[PoseTrack], PoseTrack] | None = None
    is_counted: bool = True

    def of(self, track: PoseTrack) -> PoseTrack:
        """The track seen this way."""
        return track if self.change is None else self.change(track)


CONDITIONS: Mapping[str, Condition] = {
    "as they are": Condition("points of the second stage"),
    "detector": Condition("points of YOLO", keypoints="yolo"),
    "noise": Condition("with the errors of BlazePose once more", change=noisy),
    "15 fps": Condition("15 frames a second", change=slow_rate),
    "gaps": Condition("joints lost for 0.3 to 1.2 s", change=dropped),
    "cut": Condition(
        "without the first and last tenth", change=cut, is_counted=False
    ),
    "mirrored": Condition(
        "left and right exchanged, half the size", change=mirrored_and_small
    ),
}
