"""Slow motion from a flight: nobody falls otherwise than with 9.81 m/s^2. Pure numpy on one track.

While both feet are off the ground the trunk follows y = y0 + v t + a t^2 / 2 in the picture. With the body's height as
the scale, a is known in m/s^2 of the file's time, and the file runs slower than life by

    factor = sqrt(9.81 / a)

The scale is good to about a fifth (stature, perspective, an arm that moves the trunk), so that the factor is good to a
tenth; only clearly slow flights are told. A file without a flight says nothing.
"""

from __future__ import annotations

import numpy as np

from musclepose.physics.constants import G_M_S2
from musclepose.pose.detections import Array

TRUNK, SHOULDERS, WRISTS, HIPS, ANKLES, NOSE = (
    [5, 6, 11, 12],
    [5, 6],
    [9, 10],
    [11, 12],
    [15, 16],
    0,
)
NOSE_TO_ANKLE = 0.88  # of the stature
USUAL_STATURE_M = 1.72
OFF_GROUND = 0.05  # of the body's height in the picture, that both ankles are above where they stand
HIPS_RISE = 0.03  # likewise, that the hips come above where they are in standing: a lunge lifts no hips
APEX = (0.25, 0.75)  # where in the flight the trunk is highest
UPRIGHT_SHARE = 0.8  # of the pictures
LEAST_PICTURES = 6
LEAST_FIT = 0.97  # share of the trunk's movement that the parabola explains
LEAST_FEET_FIT = 0.8  # legs are drawn up and let down
FALL_ALIKE = 1.7  # at most so many times faster falls the trunk than the feet, or the feet than the trunk
SLOW_FROM = 1.6
_STANDING_PERCENT = 85
_TALL_PERCENT = 90
STANDING_HIPS_PERCENT = (
    30  # most clips stand longer than they jump; a squat lowers the hips
)


def flights(keypoints_px: Array) -> list[slice]:
    """Runs of pictures in which both ankles are seen above where they stand; of a track (T, 17, 2), NaN unseen."""
    body_px = _body_px(keypoints_px)
    ankles = keypoints_px[:, ANKLES, 1]
    if body_px is None or not np.isfinite(ankles).any(axis=0).all():
        return []
    standing = np.nanpercentile(ankles, _STANDING_PERCENT, axis=0)
    up = (ankles < standing - OFF_GROUND * body_px).all(axis=1)
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], up, [False]]).astype(int))
    )
    runs = [
        slice(int(a), int(b))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    long = [run for run in runs if run.stop - run.start >= LEAST_PICTURES]
    whole = [run for run in long if _is_seen_whole(ankles, run)]
    return [run for run in whole if _is_jump(keypoints_px, run, body_px)]


def _is_seen_whole(ankles: Array, run: slice) -> bool:
    """True if the feet are seen on the ground before and after: a foot that is lost has not taken off."""
    if run.start == 0 or run.stop == len(ankles):
        return False
    return bool(np.isfinite(ankles[[run.start - 1, run.stop]]).all())


def _is_jump(keypoints_px: Array, run: slice, body_px: float) -> bool:
    """True if an upright body rises above its standing height, and comes down again.

    Whose wrists are above the head before and after hangs from them.
    """
    heights = keypoints_px[..., 1]
    shoulders, hips, ankles = (
        np.mean(heights[run][:, joints], axis=1)
        for joints in (SHOULDERS, HIPS, ANKLES)
    )
    if not np.isfinite(hips).sum() >= LEAST_PICTURES:
        return False
    upright = np.nanmean((shoulders < hips) & (hips < ankles)) > UPRIGHT_SHARE
    ends = heights[[run.start - 1, run.stop]]
    hanging = bool((ends[:, WRISTS] < ends[:, [NOSE]]).all())
    usual = np.nanpercentile(
        np.mean(heights[:, HIPS], axis=1), STANDING_HIPS_PERCENT
    )
    rises = float(usual - np.nanmin(hips)) > HIPS_RISE * body_px
    apex = float(np.nanargmin(hips)) / max(1, len(hips) - 1)
    return bool(
        upright and not hanging and rises and APEX[0] <= apex <= APEX[1]
    )


def _body_px(keypoints_px: Array) -> float | None:
    """Height of the standing body in the picture; None where head or feet were never seen."""
    heights = (
        np.max(keypoints_px[:, ANKLES, 1], axis=1) - keypoints_px[:, NOSE, 1]
    )
    seen = heights[np.isfinite(heights)]
    if len(seen) < LEAST_PICTURES:
        return None
    height = float(np.percentile(seen, _TALL_PERCENT)) / NOSE_TO_ANKLE
    return height if height > 0 else None


def _parabola(time_s: Array, y_px: Array) -> tuple[float, float]:
    """Acceleration (px/s^2, downwards) of the parabola that fits best, and the share of the movement it explains."""
    seen = np.isfinite(y_px)
    if seen.sum() < LEAST_PICTURES:
        return 0.0, 0.0
    t, y = time_s[seen] - time_s[0], y_px[seen]
    terms = np.polyfit(t, y, 2)
    explained = 1 - float(np.var(y - np.polyval(terms, t))) / max(
        float(np.var(y)), 1e-9
    )
    return 2 * float(terms[0]), explained


def fall_m_s2(
    keypoints_px: Array, time_s: Array, run: slice, metre_px: float
) -> float | None:
    """Acceleration downwards during one flight, in the file's time; None where no parabola fits it.

    In the air trunk and feet fall alike (0.9 to 1.1 in the real jumps); where they do not, the camera moves.
    """
    trunk, explained = _parabola(
        time_s[run], keypoints_px[run][:, TRUNK, 1].mean(axis=1)
    )
    feet, feet_explained = _parabola(
        time_s[run], keypoints_px[run][:, ANKLES, 1].mean(axis=1)
    )
    fits = (
        explained > LEAST_FIT
        and feet_explained > LEAST_FEET_FIT
        and min(trunk, feet) > 0
    )
    alike = fits and 1.0 / FALL_ALIKE < trunk / feet < FALL_ALIKE
    return trunk / metre_px if alike else None


def slow_motion_factor(
    keypoints_px: Array, time_s: Array, stature_m: float = USUAL_STATURE_M
) -> float | None:
    """How many times slower than life the file plays, by its flights; None where it is not clearly slow.

    keypoints_px (T, 17, 2) with NaN where unseen, time_s (T,).
    """
    body_px = _body_px(keypoints_px)
    if body_px is None:
        return None
    falls = [
        fall
        for run in flights(keypoints_px)
        if (fall := fall_m_s2(keypoints_px, time_s, run, body_px / stature_m))
        is not None
    ]
    if not falls:
        return None
    factor = float(np.sqrt(G_M_S2 / np.median(falls)))
    return factor if factor >= SLOW_FROM else None
