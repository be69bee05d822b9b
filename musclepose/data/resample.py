"""Any frame rate -> 30 Hz and back, on time stamps. Gaps stay gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from musclepose.records import Array, PoseTrack

RATE_HZ = 30.0
MAX_GAP_S = 0.2  # keypoints are not carried across a longer gap


def grid_times(time_s: Array) -> Array:
    """The 30 Hz grid from the first to the last time stamp, at least two points."""
    lasts = time_s[-1] - time_s[0]
    steps = int(np.floor(lasts * RATE_HZ + 1e-6))
    count = max(2, steps + 1)
    return time_s[0] + np.arange(count) / RATE_HZ


def hat_moments(time_s: Array, grid_s: Array) -> list[sparse.csr_matrix]:
    """(T30, T) weights of a hat kernel times the time distance to the power 0, 1 and 2.

    The half width is the larger of 1/30 s and the gap that a grid point stands in.
    """
    right = np.clip(np.searchsorted(time_s, grid_s), 1, len(time_s) - 1)
    gap = time_s[right] - time_s[right - 1]
    half = np.maximum(1.0 / RATE_HZ, gap)
    first = np.searchsorted(time_s, grid_s - half, side="left")
    end = np.searchsorted(time_s, grid_s + half, side="right")
    rows = np.repeat(np.arange(len(grid_s)), end - first)
    columns = np.concatenate(
        [np.arange(a, b) for a, b in zip(first, end, strict=True)]
    )
    distance = time_s[columns] - grid_s[rows]
    half = half[rows]
    weight = np.clip(1.0 - np.abs(distance) / half, 0.0, None)
    weight[half > MAX_GAP_S] = 0.0
    shape = (len(grid_s), len(time_s))

    def moment(power: int) -> sparse.csr_matrix:
        return sparse.csr_matrix(
            (weight * distance**power, (rows, columns)), shape=shape
        )

    return [moment(power) for power in range(3)]


def resample_track(
    track: PoseTrack,
) -> tuple[NDArray[np.float32], NDArray[np.float32], Array]:
    """Keypoints (T30, 17, 2) px, confidence (T30, 17) and times (T30,). Unseen joints are NaN with confidence 0.

    A line is fitted to the seen frames around each grid point with hat weights: at 30 frames/s or less that is linear
    interpolation, above it an anti-aliasing average. A joint is seen there when seen frames carry half of the weight.
    """
    grid = grid_times(track.time_s)
    moments = hat_moments(track.time_s, grid)
    w0, w1, _ = moments
    seen = np.isfinite(track.keypoints_px).all(-1) & (track.confidence > 0.0)
    s0, s1, s2 = (w @ seen.astype(float) for w in moments)
    total = np.asarray(w0.sum(1))
    usable = (s0 >= 0.5 * total) & (total > 0.0)

    def line(values: Array) -> Array:
        """Value at the grid point of the weighted line, or of the mean where the frames lie at one time."""
        told = np.where(seen, values, 0.0)
        y0, y1 = w0 @ told, w1 @ told
        spread = s0 * s2 - s1 * s1
        at_one_time = spread < 1e-9 * np.maximum(s0, 1e-9) ** 2
        fitted = (s2 * y0 - s1 * y1) / np.where(at_one_time, 1.0, spread)
        mean = y0 / np.where(s0 > 0, s0, 1.0)
        found = np.where(at_one_time, mean, fitted)
        return np.where(usable, found, np.nan)

    xy = np.stack([line(track.keypoints_px[..., i]) for i in range(2)], -1)
    confidence = np.clip(np.nan_to_num(line(track.confidence)), 0.0, 1.0)
    confidence = np.where(usable, confidence, 0.0)
    return xy.astype(np.float32), confidence.astype(np.float32), grid


def resample_feet(track: PoseTrack) -> NDArray[np.float32] | None:
    """Heels and toes (T30, 4, 2) px on the same grid, NaN where not located; None where the track has none."""
    if track.heel_toe_px is None:
        return None
    w0, _, _ = hat_moments(track.time_s, grid_times(track.time_s))
    located = np.asarray(np.isfinite(track.heel_toe_px).all(-1))
    share = w0 @ located.astype(float)
    total = np.asarray(w0.sum(1))
    usable = (share >= 0.5 * total) & (share > 0.0)
    safe = np.where(usable, share, 1.0)
    told = np.where(located[..., None], track.heel_toe_px, 0.0)
    mean = np.stack([w0 @ told[..., i] / safe for i in range(2)], -1)
    return np.where(usable[..., None], mean, np.nan).astype(np.float32)


def to_source_times(values: Array, grid_s: Array, time_s: Array) -> Array:
    """Linear interpolation of (T30, ...) at the source times; a NaN neighbour of weight above one half gives NaN."""
    last = len(grid_s) - 1
    position = np.clip((time_s - grid_s[0]) * RATE_HZ, 0, last)
    left = np.minimum(np.floor(position).astype(int), last - 1)
    one_per_frame = (-1, *[1] * (values.ndim - 1))
    right_weight = (position - left).reshape(one_per_frame)
    a, b = values[left], values[left + 1]
    nearest = np.where(right_weight > 0.5, b, a)
    known_a = np.where(np.isnan(a), b, a)
    known_b = np.where(np.isnan(b), a, b)
    blend = known_a * (1 - right_weight) + known_b * right_weight
    return np.where(np.isnan(nearest), np.nan, blend)
