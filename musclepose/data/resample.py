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
    count = max(2, int(np.floor((time_s[-1] - time_s[0]) * RATE_HZ + 1e-6)) + 1)
    return time_s[0] + np.arange(count) / RATE_HZ


def hat_moments(time_s: Array, grid_s: Array) -> list[sparse.csr_matrix]:
    """(T30, T) weights of a hat kernel times the time distance to the power 0, 1 and 2.

    The half width is the larger of 1/30 s and the gap that a grid point stands in.
    """
    right = np.clip(np.searchsorted(time_s, grid_s), 1, len(time_s) - 1)
    half = np.maximum(1.0 / RATE_HZ, time_s[right] - time_s[right - 1])
    first = np.searchsorted(time_s, grid_s - half, side="left")
    count = np.searchsorted(time_s, grid_s + half, side="right") - first
    rows = np.repeat(np.arange(len(grid_s)), count)
    columns = np.concatenate([np.arange(f, f + c) for f, c in zip(first, count, strict=True)])
    distance = time_s[columns] - grid_s[rows]
    weight = np.clip(1.0 - np.abs(distance) / half[rows], 0.0, None)
    weight[half[rows] > MAX_GAP_S] = 0.0
    shape = (len(grid_s), len(time_s))
    return [
        sparse.csr_matrix((weight * distance**power, (rows, columns)), shape=shape)
        for power in range(3)
    ]


def resample_track(track: PoseTrack) -> tuple[NDArray[np.float32], NDArray[np.float32], Array]:
    """Keypoints (T30, 17, 2) px, confidence (T30, 17) and times (T30,). Unseen joints are NaN with confidence 0.

    A line is fitted to the seen frames around each grid point with hat weights: at 30 frames/s or less that is linear
    interpolation, above it an anti-aliasing average. A joint is seen there when seen frames carry half of the weight.
    """
    grid = grid_times(track.time_s)
    w0, w1, w2 = hat_moments(track.time_s, grid)
    seen = np.isfinite(track.keypoints_px).all(-1) & (track.confidence > 0.0)
    s0, s1, s2 = w0 @ seen.astype(float), w1 @ seen.astype(float), w2 @ seen.astype(float)
    total = np.asarray(w0.sum(1))
    usable = (s0 >= 0.5 * total) & (total > 0.0)

    def line(values: Array) -> Array:
        """Value at the grid point of the weighted line, or of the mean where the frames lie at one time."""
        y0, y1 = w0 @ np.where(seen, values, 0.0), w1 @ np.where(seen, values, 0.0)
        spread = s0 * s2 - s1 * s1
        flat = spread < 1e-9 * np.maximum(s0, 1e-9) ** 2
        fitted = (s2 * y0 - s1 * y1) / np.where(flat, 1.0, spread)
        return np.where(usable, np.where(flat, y0 / np.where(s0 > 0, s0, 1.0), fitted), np.nan)

    xy = np.stack([line(track.keypoints_px[..., i]) for i in range(2)], -1)
    confidence = np.clip(np.nan_to_num(line(track.confidence)), 0.0, 1.0)
    return xy.astype(np.float32), np.where(usable, confidence, 0.0).astype(np.float32), grid


def resample_feet(track: PoseTrack) -> NDArray[np.float32] | None:
    """Heels and toes (T30, 4, 2) px on the same grid, NaN where not located; None where the track has none."""
    if track.heel_toe_px is None:
        return None
    w0, _, _ = hat_moments(track.time_s, grid_times(track.time_s))
    located = np.isfinite(track.heel_toe_px).all(-1)
    share = w0 @ located.astype(float)
    usable = (share >= 0.5 * np.asarray(w0.sum(1))) & (share > 0.0)
    safe = np.where(usable, share, 1.0)
    mean = [w0 @ np.where(located, track.heel_toe_px[..., i], 0.0) / safe for i in range(2)]
    return np.where(usable[..., None], np.stack(mean, -1), np.nan).astype(np.float32)


def to_source_times(values: Array, grid_s: Array, time_s: Array) -> Array:
    """Linear interpolation of (T30, ...) at the source times; a NaN neighbour of weight above one half gives NaN."""
    position = np.clip((time_s - grid_s[0]) * RATE_HZ, 0, len(grid_s) - 1)
    left = np.minimum(np.floor(position).astype(int), len(grid_s) - 2)
    right_weight = (position - left).reshape(-1, *([1] * (values.ndim - 1)))
    a, b = values[left], values[left + 1]
    nearest = np.where(right_weight > 0.5, b, a)
    blend = (
        np.where(np.isnan(a), b, a) * (1 - right_weight)
        + np.where(np.isnan(b), a, b) * right_weight
    )
    return np.where(np.isnan(nearest), np.nan, blend)
