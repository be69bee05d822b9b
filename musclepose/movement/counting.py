"""Repetitions of a movement signal: start, turning point, end and phases; also alternating limbs and the steps of gait.

1. Resample to 30 Hz and low-pass (`physics/filters.py`, 2.435 Hz): detector noise goes, movement stays.
2. Zigzag: alternate low and high extremes, each confirmed by a reversal of half the set's usual excursion. Only swings
   count, so slow drift of the level does not matter, and a bounce at the bottom does not split a repetition.
3. A repetition is low - high - low (in the direction away from rest). Swings of a quarter to a half of the usual
   excursion outside the full repetitions are partial ones: reported, not counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from musclepose.physics.filters import low_pass
from musclepose.records import Array

RATE_HZ = 30.0
CUTOFF_HZ = 2.435  # half power; each of the two passes has it at 3 Hz (chosen)
MIN_PART_FRAMES = 4  # fewer frames show no movement
FULL_SHARE = 0.5  # a repetition moves at least this share of the set's usual excursion (chosen)
PARTIAL_SHARE = 0.25  # a partial one at least this share (chosen)
EDGE_SHARE = 0.08  # a repetition starts and ends where 8 % of its excursion is passed (chosen)
EDGE_BALANCE = 0.65  # a way cut by the clip's end must reach this share of the other way to be whole (chosen)
BEGUN_BALANCE = 0.45  # a way that was on when the clip starts, of a repetition that is finished in it (chosen)
RETURNED_SHARE = 0.8  # of its height, that a body has back where its joints are still bent (chosen)
EDGE_S = (
    0.15  # this near the clip's start or end a repetition may be cut (chosen)
)
HOLD_SHARE = (
    0.04  # the hold is the time within 4 % of the turning point (chosen)
)
MAX_GAP_S = 0.5  # nothing is counted across a longer time in which nobody saw the joint (chosen)
ALWAYS_SEEN = 0.97  # of the frames (chosen)
SEEN_LESS = 0.1  # of the frames, from which on a joint is clearly seen less than another one (chosen)
AGREE = 0.7  # correlation, from which on two sides move together (chosen)
LONGEST_PERIOD_SHARE = (
    0.75  # of the clip, that a period may last to be seen as one
)
MIN_PERIOD_S = 0.35  # nothing that a coach counts is faster (chosen)
AROUND_S = 0.07  # half of the window in which a height is read


@dataclass(frozen=True)
class Cycle:
    """One excursion of a signal away from rest and back; times in s, sizes in the signal's unit."""

    start_s: float
    turn_s: float
    end_s: float
    hold_start_s: float
    hold_end_s: float
    out: float  # size of the way out
    back: float  # size of the way back
    side: str = ""  # of an alternating movement
    begun: bool = False  # the clip starts on its way out


@dataclass(frozen=True)
class Cycles:
    """Full repetitions in time order, partial ones, and whether the clip cuts one off at its start or end."""

    full: tuple[Cycle, ...] = ()
    partial: tuple[Cycle, ...] = ()
    cut_off: bool = False


def smooth(signal: Array, time_s: Array) -> tuple[Array, Array]:
    """Uniform 30 Hz times and the low-passed signal on them; gaps (NaN) are bridged linearly for counting only."""
    good = np.isfinite(signal)
    count = max(int(round((time_s[-1] - time_s[0]) * RATE_HZ)) + 1, 2)
    uniform = np.linspace(time_s[0], time_s[-1], count)
    if good.sum() < 2:
        return uniform, np.full(count, np.nan)
    values = np.interp(uniform, time_s[good], signal[good])
    return uniform, low_pass(values[:, None], 1.0 / RATE_HZ, CUTOFF_HZ)[:, 0]


def zigzag(values: Array, reversal: float) -> list[int]:
    """Indices of alternating extremes; each but the last is confirmed by a swing back of at least `reversal`."""
    low = high = 0
    extremes: list[int] = []
    rising: bool | None = None
    for i, v in enumerate(values):
        high = i if v > values[high] else high
        low = i if v < values[low] else low
        if rising is not False and v <= values[high] - reversal:
            if rising is None and low < high:
                extremes.append(low)
            extremes.append(high)
            rising, low, high = False, i, i
        elif rising is not True and v >= values[low] + reversal:
            if rising is None and high < low:
                extremes.append(high)
            extremes.append(low)
            rising, low, high = True, i, i
    if rising is not None:
        extremes.append(high if rising else low)
    return extremes


def usual_excursion(parts: Sequence[Array], smallest: float) -> float:
    """Median size of the large swings of all parts (at least 0.4 of the largest); 0 where none reaches `smallest`."""
    swings = np.concatenate(
        [
            np.abs(np.diff(values[zigzag(values, 0.5 * smallest)]))
            for values in parts
        ]
    )
    if len(swings) == 0 or swings.max() < smallest:
        return 0.0
    return float(np.median(swings[swings >= 0.4 * swings.max()]))


def seen_parts(signal: Array, time_s: Array) -> list[tuple[Array, Array]]:
    """Uniform times and low-passed signal of each part between gaps above MAX_GAP_S; shorter gaps are bridged."""
    good = np.flatnonzero(np.isfinite(signal))
    runs = np.split(good, np.flatnonzero(np.diff(time_s[good]) > MAX_GAP_S) + 1)
    whole = [
        slice(run[0], run[-1] + 1)
        for run in runs
        if len(run) >= MIN_PART_FRAMES
    ]
    return [smooth(signal[part], time_s[part]) for part in whole]


def starts_low(values: Array, excursion: float) -> bool | None:
    """Whether the clip begins near the low end of its movement; None where it begins half way."""
    low, high = np.percentile(values, [5, 95])
    level = (
        float(np.median(values[: max(int(0.2 * RATE_HZ), 1)])) - low
    ) / max(high - low, 0.5 * excursion, 1e-9)
    return True if level < 0.35 else False if level > 0.65 else None


def _cycle(
    values: Array, time_s: Array, low0: int, high: int, low1: int, side: str
) -> Cycle:
    out, back = values[high] - values[low0], values[high] - values[low1]
    before, after = values[low0 : high + 1], values[high : low1 + 1]
    start = low0 + int(
        np.flatnonzero(before <= values[low0] + EDGE_SHARE * out)[-1]
    )
    end = high + int(
        np.flatnonzero(after <= values[low1] + EDGE_SHARE * back)[0]
    )
    level = values[high] - HOLD_SHARE * min(out, back)
    left = high - int(np.argmax(values[low0 : high + 1][::-1] < level)) + 1
    right = high + int(np.argmax(after < level)) - 1
    t = time_s
    return Cycle(
        t[start],
        t[high],
        t[end],
        t[max(left, start)],
        t[min(right, end)],
        float(out),
        float(back),
        side,
    )


def _triples(
    values: Array, time_s: Array, reversal: float, side: str
) -> tuple[list[Cycle], bool]:
    extremes = zigzag(values, reversal)
    if len(extremes) < 3:
        return [], len(extremes) == 2
    first_high = values[extremes[0]] > values[extremes[1]]
    start = 1 if first_high else 0
    cycles = [
        _cycle(
            values, time_s, extremes[i], extremes[i + 1], extremes[i + 2], side
        )
        for i in range(start, len(extremes) - 2, 2)
    ]
    swings = np.abs(np.diff(values[extremes]))
    cycles = [
        c
        for c in cycles
        if min(c.out, c.back) >= reversal
        and c.end_s - c.start_s >= MIN_PERIOD_S
    ]
    cut = (first_high and swings[0] >= reversal) or (
        len(extremes) - start
    ) % 2 == 0
    return cycles, bool(cut)


@dataclass(frozen=True)
class Height:
    """Height of the body over time: it tells too whether the body is back where a repetition began."""

    time_s: Array
    values: Array

    def at(self, time_s: float) -> float:
        """Median around a moment; NaN where it was not seen."""
        near = self.values[np.abs(self.time_s - time_s) <= AROUND_S]
        return (
            float(np.nanmedian(near)) if np.isfinite(near).any() else math.nan
        )

    def is_back(self, cycle: Cycle) -> bool:
        """Whether the body has its height back at the end of a repetition."""
        start, turn, end = (
            self.at(t) for t in (cycle.start_s, cycle.turn_s, cycle.end_s)
        )
        return abs(turn - end) >= RETURNED_SHARE * abs(turn - start)


def _is_begun(cycle: Cycle, time_s: Array) -> bool:
    """Whether the clip starts on the way out: it is then much shorter than the way back."""
    at_start = cycle.start_s <= time_s[0] + EDGE_S
    return bool(at_start and cycle.out < EDGE_BALANCE * cycle.back)


def _is_whole(
    cycle: Cycle, time_s: Array, height: Height | None = None
) -> bool:
    """Whether a repetition at the clip's start or end was filmed from about rest, or to rest.

    One that had begun when the clip starts was finished in it: half of its way out is enough. Whether one at the clip's
    end was finished, nobody saw.
    """
    if _is_begun(cycle, time_s) and cycle.out < BEGUN_BALANCE * cycle.back:
        return False
    at_end = cycle.end_s >= time_s[-1] - EDGE_S
    if not at_end or cycle.back >= EDGE_BALANCE * cycle.out:
        return True
    return height is not None and height.is_back(cycle)


def find_cycles(
    signal: Array,
    time_s: Array,
    smallest: float,
    rest_low: bool | None = None,
    side: str = "",
    height: Height | None = None,
) -> Cycles:
    """Excursions of a signal (T,) away from rest.

    smallest: least excursion (in the signal's unit) that is a movement at all.
    rest_low: rest is at the low end; None lets the start of the clip decide, and where it begins half way the end that
    gives more repetitions, low where both give the same.
    height: of the body, which may be back before the signal is.
    """
    parts = seen_parts(signal, time_s)
    excursion = (
        usual_excursion([values for _, values in parts], smallest)
        if parts
        else 0.0
    )
    if excursion == 0.0:
        return Cycles()
    low = rest_low
    if low is None:
        low = starts_low(
            np.concatenate([values for _, values in parts]), excursion
        )

    def away(sign: float) -> Cycles:
        of_part = (
            _cycles(sign * values, time, excursion, smallest, side, height)
            for time, values in parts
        )
        return _joined(list(of_part))

    if low is not None:
        return away(1.0 if low else -1.0)
    return max(away(1.0), away(-1.0), key=lambda cycles: len(cycles.full))


def _joined(found: Sequence[Cycles]) -> Cycles:
    """The cycles of all parts."""
    return Cycles(
        tuple(c for one in found for c in one.full),
        tuple(c for one in found for c in one.partial),
        any(one.cut_off for one in found),
    )


def _cycles(
    values: Array,
    time_s: Array,
    excursion: float,
    smallest: float,
    side: str,
    height: Height | None,
) -> Cycles:
    """Upward excursions of one part that was seen."""
    found, cut = _triples(values, time_s, FULL_SHARE * excursion, side)
    whole = [c for c in found if _is_whole(c, time_s, height)]
    full = [replace(c, begun=_is_begun(c, time_s)) for c in whole]
    small, _ = _triples(
        values, time_s, max(PARTIAL_SHARE * excursion, 0.4 * smallest), side
    )
    partial = [
        c
        for c in small
        if not any(f.start_s - 0.1 < c.turn_s < f.end_s + 0.1 for f in full)
    ]
    return Cycles(tuple(full), tuple(partial), cut or len(full) < len(found))


def merge_sides(left: Cycles, right: Cycles) -> Cycles:
    """Repetitions of both sides of an alternating movement, in time order."""
    full = tuple(sorted(left.full + right.full, key=lambda c: c.turn_s))
    partial = tuple(
        sorted(left.partial + right.partial, key=lambda c: c.turn_s)
    )
    return Cycles(full, partial, left.cut_off or right.cut_off)


def correlation(a: Array, b: Array) -> float:
    """Pearson correlation over frames where both are finite; 0 where either hardly moves."""
    good = np.isfinite(a) & np.isfinite(b)
    if good.sum() < 4 or np.std(a[good]) < 1e-6 or np.std(b[good]) < 1e-6:
        return 0.0
    return float(np.corrcoef(a[good], b[good])[0, 1])


def mean_of_sides(left: Array, right: Array) -> Array:
    """(T,) mean of two sides; where one was not seen, the other with half of their usual difference.

    Without that the mean jumps by it whenever one side is lost.
    """
    both = np.isfinite(left) & np.isfinite(right)
    half = (
        0.5 * float(np.median(right[both] - left[both])) if both.any() else 0.0
    )
    one = np.where(np.isfinite(left), left + half, right - half)
    return np.where(both, 0.5 * (left + right), one)


def _better_seen(left: Array, right: Array) -> Array | None:
    """The side that was always seen, where the other was not and goes another way: a hidden limb is a guess."""
    shares = [float(np.isfinite(s).mean()) for s in (left, right)]
    if max(shares) < ALWAYS_SEEN or min(shares) > max(shares) - SEEN_LESS:
        return None
    if correlation(left, right) >= AGREE:
        return None
    return left if shares[0] > shares[1] else right


def count_pair(
    left: Array,
    right: Array,
    time_s: Array,
    smallest: float,
    rest_low: bool | None = None,
) -> Cycles:
    """Repetitions of a left and a right signal (T,): together, alternating (each counts) or one side alone."""
    spans = [
        np.nanpercentile(s, 95) - np.nanpercentile(s, 5)
        if np.isfinite(s).any()
        else 0.0
        for s in (left, right)
    ]
    if max(spans) < 0.5 * smallest:
        return Cycles()
    if min(spans) < 0.35 * max(spans):
        signal, side = (
            (left, "left") if spans[0] >= spans[1] else (right, "right")
        )
        seen_other = np.isfinite(right if side == "left" else left).mean() > 0.5
        return find_cycles(
            signal, time_s, smallest, rest_low, side if seen_other else ""
        )
    better = _better_seen(left, right)
    if better is not None:
        return find_cycles(better, time_s, smallest, rest_low)
    if correlation(left, right) < -0.15:
        pair = [
            find_cycles(s, time_s, smallest, rest_low, n)
            for s, n in ((left, "left"), (right, "right"))
        ]
        if abs(len(pair[0].full) - len(pair[1].full)) <= 1:
            return merge_sides(*pair)
    return find_cycles(mean_of_sides(left, right), time_s, smallest, rest_low)


def rhythm(signal: Array, time_s: Array) -> float:
    """How much a signal (T,) repeats itself: its largest autocorrelation after the first below 0."""
    if np.isfinite(signal).sum() < MIN_PART_FRAMES:
        return 0.0
    _, values = smooth(signal, time_s)
    index = np.arange(len(values))
    values = values - np.polyval(np.polyfit(index, values, 1), index)
    lags = np.correlate(values, values, "full")[len(values) - 1 :]
    overlap = (len(values) - index) / len(values)
    shares = (lags / max(lags[0], 1e-12) / overlap)[
        : int(LONGEST_PERIOD_SHARE * len(values))
    ]
    below = np.flatnonzero(shares < 0.0)
    return float(shares[below[0] :].max()) if len(below) else 0.0


@dataclass(frozen=True)
class Step:
    """One step of gait: the moment when this leg is furthest in front."""

    time_s: float
    side: str


SMALL_STEP_SHARE = 0.4  # of the median step; below it an extreme is no step


def find_steps(
    hip_left_deg: Array,
    hip_right_deg: Array,
    time_s: Array,
    smallest_deg: float = 12.0,
) -> tuple[Step, ...]:
    """Steps from the hip flexion difference (T,) in degrees: each inner extreme is one step of the leg in front.

    A much smaller one, as where a walker enters or leaves the picture, is none.
    """
    if len(time_s) < 4:
        return ()
    uniform, values = smooth(hip_left_deg - hip_right_deg, time_s)
    excursion = (
        usual_excursion([values], smallest_deg)
        if np.isfinite(values).all()
        else 0.0
    )
    if excursion == 0.0:
        return ()
    extremes = zigzag(values, FULL_SHARE * excursion)
    inner = [i for i in extremes if 0 < i < len(values) - 1]
    usual = float(np.median(np.abs(values[inner]))) if inner else 0.0
    whole = [i for i in inner if abs(values[i]) >= SMALL_STEP_SHARE * usual]
    return tuple(
        Step(float(uniform[i]), "left" if values[i] > 0 else "right")
        for i in whole
    )
