"""Slow motion from a run: nobody runs with fewer steps a minute than this, whatever the speed.

The difference d of the two ankles in the picture comes back once a stride, its size |d| once a step. Autocorrelation
finds both where single steps are missed; |d| bears sides that are exchanged, d bears legs that swing unevenly:

    step = min(period of |d|, period of d / 2)
"""

from __future__ import annotations

import numpy as np

from musclepose.records import Array, PoseTrack

FEWEST_A_MINUTE = 110.0  # joggers take 150 and more, sprinters 200 to 280
RATE_HZ = 30.0
MIN_PERIODS = 1.5  # that the clip must show
MIN_AGREEMENT = 0.3  # autocorrelation one period later
NEARLY = 0.8  # of the best agreement: two periods later a signal agrees as well as one later
MIN_SEEN = 0.7  # of the clip, that both ankles were seen
TREND_S = 3.0  # slower changes are the camera's or the way's


def slow_run_question(track: PoseTrack) -> tuple[str, ...]:
    """Asked where a run takes fewer steps a minute than a run has; nothing is corrected by it.

    The track must show a run: a walk takes as few.
    """
    step_s = step_time_s(track)
    if step_s is None or 60.0 / step_s >= FEWEST_A_MINUTE:
        return ()
    return (
        f"Is this slow motion? A run has more than {FEWEST_A_MINUTE:.0f} steps a minute, this one seems to have fewer; "
        "tell how many times slower it plays, or times, speeds and forces are wrong.",
    )


def step_time_s(track: PoseTrack) -> float | None:
    """Seconds from one leg's step to the other's, of whatever makes steps; None where that is not seen."""
    apart = track.keypoints_px[:, 15] - track.keypoints_px[:, 16]  # (T, 2)
    seen = np.isfinite(apart).all(axis=1)
    if seen.mean() < MIN_SEEN:
        return None
    grid_s = np.arange(track.time_s[0], track.time_s[-1], 1.0 / RATE_HZ)
    ways = [np.interp(grid_s, track.time_s[seen], one[seen]) for one in apart.T]
    stride_s, step_s = _surest_s(ways), _surest_s([np.abs(way) for way in ways])
    return (
        None
        if stride_s is None or step_s is None
        else min(step_s, stride_s / 2)
    )


def _surest_s(signals: list[Array]) -> float | None:
    """The period of the signal that agrees best with itself."""
    period_s, agreement = max(
        map(_period_s, signals), key=lambda found: found[1]
    )
    return period_s if agreement >= MIN_AGREEMENT else None


def _period_s(signal: Array) -> tuple[float, float]:
    """Period of a signal (N,) at RATE_HZ, and how well it agrees with itself one period later; 0 where it has none.

    It is the first lag of nearly the best agreement, after the signal has disagreed with itself.
    """
    half = round(TREND_S * RATE_HZ / 2)
    window = np.ones(2 * half + 1)
    mean = np.convolve(signal, window)[half:-half] / np.convolve(np.ones_like(signal), window)[half:-half]  # fmt: skip
    wave = signal - mean
    longest = int(len(wave) / MIN_PERIODS)
    agrees = np.array(
        [
            _correlation(wave[lag:], wave[: len(wave) - lag])
            for lag in range(longest)
        ]
    )
    against = np.flatnonzero(agrees < 0.0)
    if not len(against):
        return 0.0, 0.0
    later = agrees[against[0] :]
    peaks = 1 + np.flatnonzero(
        (later[1:-1] >= later[:-2]) & (later[1:-1] > later[2:])
    )
    good = (
        peaks[later[peaks] >= NEARLY * later[peaks].max()]
        if len(peaks)
        else peaks
    )
    if not len(good):
        return 0.0, 0.0
    return float(against[0] + good[0]) / RATE_HZ, float(later[good[0]])


def _correlation(first: Array, second: Array) -> float:
    power = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / max(power, 1e-9)
