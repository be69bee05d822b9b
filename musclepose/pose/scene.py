"""What a film is besides the person in it: shots, a camera that moves, pictures that repeat, slow motion.

A watcher is fed every decoded picture at the detector's size; it keeps 0.8 kB of each. Nothing is ever set right in
silence: what was found is told, forces are withheld while the camera moves, and slow motion is a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musclepose.pose.background import (
    BackgroundWatcher,
    CameraStep,
    camera_path,
)
from musclepose.pose.detections import Array, Picture
from musclepose.pose.free_fall import USUAL_STATURE_M, slow_motion_factor
from musclepose.pose.shots import Signatures, find_cuts, repeated_share
from musclepose.records import PoseTrack, Scene

# 24 pictures a second shown as 30 repeat 0.2 of them, one and a half times slower 0.33.
REPEATED_FROM = 0.27
CUT_MARGIN_S = 0.3  # of a shot in which a cross-fade moves the background
_THINNING = 4  # of the pictures whose steps are compared
_PER_CENT = 100.0
_SHOWN = 3  # cuts and stretches that a sentence lists


@dataclass(frozen=True)
class Film:
    """What was found in all pictures of a film."""

    cuts_s: tuple[float, ...] = ()
    camera: tuple[CameraStep, ...] = ()
    repeated: float = 0.0  # share of pictures that repeat the one before

    def scene(self, from_s: float, to_s: float) -> Scene:
        """The scene of somebody who was seen from one time to another, in one shot."""
        before = [cut for cut in self.cuts_s if cut <= from_s]
        after = [cut for cut in self.cuts_s if cut > from_s]
        start_s, end_s = (before or [0.0])[-1], (after or [np.inf])[0]
        path = camera_path(
            list(self.camera),
            start_s + CUT_MARGIN_S if before else start_s,
            end_s - CUT_MARGIN_S if after else end_s,
        )
        shot_s = (
            (start_s, float(end_s) if after else to_s) if self.cuts_s else None
        )
        return Scene(
            self.cuts_s,
            shot_s,
            path.travel,
            path.zoom,
            path.is_moving,
            path.moving_s,
            self.repeated,
        )


@dataclass
class SceneWatcher:
    """Feed it every picture in order, then ask for the film."""

    _signatures: Signatures = field(default_factory=Signatures)
    _background: BackgroundWatcher = field(default_factory=BackgroundWatcher)
    _steps: list[float] = field(default_factory=list)
    _before: NDArray[np.int16] | None = None

    def add(self, time_s: float, picture: Picture, boxes_px: Array) -> None:
        """One picture (H, W, 3) and the boxes (N, 4) of the people in it, in its pixels."""
        self._signatures.add(time_s, picture)
        self._background.add(time_s, picture, boxes_px)
        thin = picture[::_THINNING, ::_THINNING, 1].astype(np.int16)
        if self._before is not None:
            self._steps.append(float(np.abs(thin - self._before).mean()))
        self._before = thin

    def film(self) -> Film:
        """What was found."""
        return Film(
            find_cuts(self._signatures),
            tuple(self._background.steps),
            repeated_share(np.array(self._steps)),
        )


def notes_of(scene: Scene) -> tuple[str, ...]:
    """What the reader must know about cuts and camera."""
    said = []
    if scene.cuts_s and scene.shot_s is not None:
        count = len(scene.cuts_s)
        said.append(
            f"The film has {count} cut{'s' if count > 1 else ''} ({_times(scene.cuts_s)}); only the shot from "
            f"{scene.shot_s[0]:.1f} s to {scene.shot_s[1]:.1f} s was analysed."
        )
    if scene.moving_camera:
        said.append(_camera_words(scene))
    return tuple(said)


def _camera_words(scene: Scene) -> str:
    """When the camera moves, and what is withheld for it; of one that moves slowly, what it means."""
    if not scene.moving_s:
        percent = _PER_CENT * max(
            scene.camera_travel, np.expm1(scene.camera_zoom)
        )
        return (
            f"The camera moves slowly, by {percent:.0f} % of the picture: the ways that the body goes include the "
            "camera's."
        )
    stretches = ", ".join(
        f"{a:.1f} s to {b:.1f} s" for a, b in scene.moving_s[:_SHOWN]
    )
    return (
        f"The camera moves ({stretches}): forces, torques and effort are withheld there, "
        "because a moving background is no measure of the body's acceleration."
    )


def _times(times_s: tuple[float, ...]) -> str:
    listed = ", ".join(f"{one:.1f} s" for one in times_s[:_SHOWN])
    return listed + (" and more" if len(times_s) > _SHOWN else "")


def repeated_in(track: PoseTrack) -> float:
    """Share of pictures that repeat the one before, where no film is at hand: nothing of the body moves in them."""
    points = track.keypoints_px
    seen = np.asarray(np.isfinite(points).all(axis=2))
    if not seen.any():
        return 0.0
    both = seen[1:] & seen[:-1]
    way = np.linalg.norm(np.diff(points, axis=0), axis=2)
    steps = np.array(
        [
            np.median(w[b]) if b.any() else 0.0
            for w, b in zip(way, both, strict=True)
        ]
    )
    body_px = float(np.median(_extent_px(points)[seen.any(axis=1)]))
    return repeated_share(_PER_CENT * steps / max(body_px, 1.0))


def _extent_px(points: Array) -> Array:
    """(T,) diagonal of the box around the seen points (T, 17, 2); 0 where none is."""
    seen = np.asarray(np.isfinite(points).all(axis=2))
    low = np.where(seen[..., None], points, np.inf).min(axis=1)
    high = np.where(seen[..., None], points, -np.inf).max(axis=1)
    return np.where(seen.any(axis=1), np.linalg.norm(high - low, axis=1), 0.0)


def slow_motion_question(
    track: PoseTrack, stature_m: float | None = None
) -> tuple[str, ...]:
    """Asked where a flight or repeated pictures speak for slow motion; nothing is corrected by it."""
    factor = slow_motion_factor(
        track.keypoints_px, track.time_s, stature_m or USUAL_STATURE_M
    )
    if factor is not None:
        return (
            f"Is this slow motion? In the air the body falls as if the film were {factor:.1f} times slower than life; "
            "tell how many times slower it plays, or times, speeds and forces are wrong.",
        )
    repeated = (
        repeated_in(track) if track.scene is None else track.scene.repeated
    )
    if repeated < REPEATED_FROM:
        return ()
    return (
        f"Is this slow motion? {100 * repeated:.0f} % of the pictures repeat the one before, as in a film slowed down "
        f"{1 / (1 - repeated):.1f} times; if it is, tell how many times slower it plays.",
    )


def camera_still(scene: Scene | None, time_s: Array) -> NDArray[np.bool_]:
    """(T,) times at which the camera does not move."""
    still = np.ones(len(time_s), bool)
    for start_s, end_s in scene.moving_s if scene is not None else ():
        still &= (time_s < start_s) | (time_s > end_s)
    return still
