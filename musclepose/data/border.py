"""A foot at the picture's border was cut off by it: there the detector puts an ankle that left the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musclepose.records import PoseTrack

BORDER_SHARE = 0.01  # of the picture's longest side (chosen: a joint's half width in a body that fills it)
ANKLES = (15, 16)


def at_border(track: PoseTrack) -> NDArray[np.bool_]:
    """(T, 17) ankles at or beyond the picture's border.

    Ankles alone: a foot that is cut off takes the ground force with it, while hips and hands at the border of a film of
    the upper body still say where the trunk ends.
    """
    margin = BORDER_SHARE * max(track.size_px)
    far = np.array(track.size_px, float) - margin
    points = track.keypoints_px
    with np.errstate(invalid="ignore"):
        outside = (points < margin) | (points > far)
    cut = np.zeros(outside.shape[:2], bool)
    cut[:, ANKLES] = outside[:, ANKLES].any(axis=2)
    return cut


def without_border(track: PoseTrack) -> PoseTrack:
    """The track, points at the border not seen."""
    cut = at_border(track)
    if not cut.any():
        return track
    points = np.where(cut[..., None], np.nan, track.keypoints_px)
    confidence = np.where(cut, 0.0, track.confidence)
    return replace(track, keypoints_px=points, confidence=confidence)


def foot_cut_off(track: PoseTrack) -> NDArray[np.bool_]:
    """(T,) frames in which an ankle is at the border."""
    return np.asarray(at_border(track).any(axis=1))
