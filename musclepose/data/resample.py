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


def hat_weights(time_s: Array, grid_s: Array) -> sparse.csr_matrix:
    """(T30, T) weights of a hat kernel, half width the larger of 1/30 s and the gap that a grid point stands in.

    At 30 frames/s or less this is linear interpolation; above, it is an anti-aliasing average.
    """
    right = np.clip(np.searchsorted(time_s, grid_s), 1, len(time_s) - 1)
    half = np.maximum(1.0 / RATE_HZ, time_s[right] - time_s[right - 1])
    first = np.searchsorted(time_s, grid_s - half, side="left")
    count = np.searchsorted(time_s, grid_s + half, side="right") - first
    rows = np.repeat(np.arange(len(grid_s)), count)
    columns = np.concatenate([np.arange(f, f + c) for f, c in zip(first, count, strict=True)])
    weight = np.clip(1.0 - np.abs(time_s[columns] - grid_s[rows]) / half[rows], 0.0, None)
    weight[half[rows] > MAX_GAP_S] = 0.0
    return sparse.csr_matrix((weight, (rows, columns)), shape=(len(grid_s), len(time_s)))


def resample_track(track: PoseTrack) -> tuple[NDArray[np.float32], NDArray[np.float32], Array]:
    """Keypoints (T30, 17, 2) px, confidence (T30, 17) and times (T30,). Unseen joints are NaN with confidence 0.

    A joint is seen at a grid point when seen source frames carry at least half of that point's weight.
    """
    grid = grid_times(track.time_s)
    weights = hat_weights(track.time_s, grid)
    seen = np.isfinite(track.keypoints_px).all(-1) & (track.confidence > 0.0)
    total = np.asarray(weights.sum(1))
    share = weights @ seen.astype(float)
    usable = (share >= 0.5 * total) & (total > 0.0)
    scale = np.where(usable, 1.0 / np.where(share > 0, share, 1.0), np.nan)
    xy = [weights @ np.where(seen, track.keypoints_px[..., i], 0.0) * scale for i in range(2)]
    confidence = np.where(usable, weights @ np.where(seen, track.confidence, 0.0) * np.nan_to_num(scale), 0.0)
    return np.stack(xy, -1).astype(np.float32), confidence.astype(np.float32), grid


def to_source_times(values: Array, grid_s: Array, time_s: Array) -> Array:
    """Linear interpolation of (T30, ...) at the source times; a NaN neighbour of weight above one half gives NaN."""
    position = np.clip((time_s - grid_s[0]) * RATE_HZ, 0, len(grid_s) - 1)
    left = np.minimum(np.floor(position).astype(int), len(grid_s) - 2)
    right_weight = (position - left).reshape(-1, *([1] * (values.ndim - 1)))
    a, b = values[left], values[left + 1]
    nearest = np.where(right_weight > 0.5, b, a)
    blend = np.where(np.isnan(a), b, a) * (1 - right_weight) + np.where(np.isnan(b), a, b) * right_weight
    return np.where(np.isnan(nearest), np.nan, blend)
