"""Which signal carries the repetitions of an exercise, and what its phases are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musclepose.movement.counting import (
    LONGEST_PERIOD_SHARE,
    SEEN_LESS,
    Cycle,
    Cycles,
    Height,
    count_pair,
    find_cycles,
    mean_of_sides,
    rhythm,
)
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.records import PhaseName, Signal
from musclepose.movement.summary import Phase, Repetition
from musclepose.records import Array

LEAST_SEEN = 0.4  # of the frames must show what an unnamed movement is counted on (chosen)
MIN_RHYTHM = 0.4  # below it several excursions of a movement without a name are no repetitions (chosen)
MOST_MOVES = 4.0  # least excursions; what moves more weighs no more (chosen)
NONE_WEIGHS = 0.3  # of a signal that moves and repeats nothing, for each of its least excursions (chosen)
Seen = Callable[
    [str], Array
]  # column name -> (T,) values, NaN where the joint was not seen


def _range(values: Array) -> float:
    return (
        float(np.nanpercentile(values, 95) - np.nanpercentile(values, 5))
        if np.isfinite(values).any()
        else 0.0
    )


def sides_of(column: str) -> tuple[str, ...]:
    """A column for each side it stands for."""
    return (
        tuple(column.format(side) for side in "lr")
        if "{}" in column
        else (column,)
    )


def _moves(signal: Signal, seen: Seen) -> float:
    """Range of the side that moves more, in units of the signal's least excursion."""
    return (
        max(_range(seen(c)) for c in sides_of(signal.column)) / signal.smallest
    )


def _seen_share(signal: Signal, seen: Seen) -> float:
    """Share of the frames that show the side that was seen more."""
    return max(
        float(np.isfinite(seen(c)).mean()) for c in sides_of(signal.column)
    )


def signal_of(exercise: str, seen: Seen) -> Signal | None:
    """The signal of an exercise that moves most; None for gait and holds.

    Where its joints were clearly seen less than those of the stand-in, that one.
    """
    signals, stand_in = (
        EXERCISES[exercise].signals,
        EXERCISES[exercise].stand_in,
    )
    if not signals:
        return None
    best = max(signals, key=lambda s: _moves(s, seen))
    if (
        stand_in
        and _seen_share(best, seen) < _seen_share(stand_in, seen) - SEEN_LESS
    ):
        return stand_in
    return best


def cycles_of(signal: Signal, seen: Seen, time_s: Array) -> Cycles:
    """Repetitions of the clip on the exercise's signal."""
    if "{}" in signal.column and not signal.together:
        left, right = (seen(column) for column in sides_of(signal.column))
        return count_pair(left, right, time_s, signal.smallest, signal.rest_low)
    sides = [seen(column) for column in sides_of(signal.column)]
    values = mean_of_sides(*sides) if signal.together else sides[0]
    height = Height(time_s, seen(signal.height)) if signal.height else None
    return find_cycles(
        values, time_s, signal.smallest, signal.rest_low, height=height
    )


def counted_on(
    exercise: str, seen: Seen, time_s: Array
) -> tuple[Signal, Cycles] | None:
    """The signal that carries the repetitions of an exercise, and what is counted on it; None for gait and holds.

    A movement without a name is counted where most of its signals agree.
    """
    if not EXERCISES[exercise].is_named:
        return _agreed_on(exercise, seen, time_s)
    signal = signal_of(exercise, seen)
    return None if signal is None else (signal, cycles_of(signal, seen, time_s))


@dataclass(frozen=True)
class _Count:
    """What one signal of a movement without a name counts, and how much that weighs."""

    signal: Signal
    cycles: Cycles
    weight: float

    @property
    def repetitions(self) -> int:
        return len(self.cycles.full)


def _agreed_on(
    exercise: str, seen: Seen, time_s: Array
) -> tuple[Signal, Cycles] | None:
    """The count that weighs most over all signals, on the one of them that weighs most for it."""
    usual = signal_of(exercise, seen)
    if usual is None:
        return None
    record = EXERCISES[exercise]
    counts = [
        _count_on(signal, seen, time_s)
        for signal in (*record.signals, *record.quiet_signals)
        if _seen_share(signal, seen) >= LEAST_SEEN
        and _moves(signal, seen) >= 1.0
    ]
    weights: dict[int, float] = defaultdict(float)
    for count in counts:
        weights[count.repetitions] += count.weight
    if not weights:
        return usual, Cycles()
    agreed = max(weights, key=lambda number: weights[number])
    first = max(
        (c for c in counts if c.repetitions == agreed), key=lambda c: c.weight
    )
    return first.signal, first.cycles


def _count_on(signal: Signal, seen: Seen, time_s: Array) -> _Count:
    """Without rhythm excursions are no repetitions; nor is a single one of which nobody knows what it was."""
    cycles = _repeatable(cycles_of(signal, seen, time_s), time_s)
    clear = _rhythm_of(signal, seen, time_s)
    moves = min(_moves(signal, seen), MOST_MOVES)
    if len(cycles.full) < 2:
        none = replace(cycles, full=())
        return _Count(signal, none, NONE_WEIGHS * moves)
    if clear < MIN_RHYTHM:
        return _Count(signal, Cycles(), 0.0)
    return _Count(signal, cycles, clear**2 * moves)


def _repeatable(cycles: Cycles, time_s: Array) -> Cycles:
    """Without excursions that last so long that the clip holds no second one."""
    longest = LONGEST_PERIOD_SHARE * (time_s[-1] - time_s[0])
    return replace(
        cycles,
        full=tuple(c for c in cycles.full if c.end_s - c.start_s <= longest),
    )


def _rhythm_of(signal: Signal, seen: Seen, time_s: Array) -> float:
    return max(
        rhythm(seen(column), time_s) for column in sides_of(signal.column)
    )


def snap(time_s: Array, t: float) -> float:
    """Nearest source time stamp, to the millisecond in which formulas are written."""
    return round(float(time_s[int(np.argmin(np.abs(time_s - t)))]), 3)


def repetition(
    index: int, cycle: Cycle, rising: PhaseName, went_up: bool, time_s: Array
) -> Repetition:
    """A repetition with its three phases on source time stamps.

    went_up: the way out raises the signal, so its phase is `rising`; else it is the other one.
    """
    start, turn, end = (
        snap(time_s, t) for t in (cycle.start_s, cycle.turn_s, cycle.end_s)
    )
    hold0, hold1 = (
        max(snap(time_s, cycle.hold_start_s), start),
        min(snap(time_s, cycle.hold_end_s), end),
    )
    other: PhaseName = "concentric" if rising == "eccentric" else "eccentric"
    out, back = (rising, other) if went_up else (other, rising)
    phases = (
        Phase(out, start, hold0),
        Phase("hold", hold0, hold1),
        Phase(back, hold1, end),
    )
    return Repetition(index, start, turn, end, phases, cycle.side, cycle.begun)


def _rise(values: Array, cycle: Cycle, time_s: Array) -> float:
    """From the start of a cycle to its turn: of the side (rows of `values`) that moves more; of the mean of whoever is
    seen where no side is seen at both; NaN where that is nobody."""
    start, turn = (
        int(np.argmin(np.abs(time_s - t)))
        for t in (cycle.start_s, cycle.turn_s)
    )
    of_sides = values[:, turn] - values[:, start]
    known = of_sides[np.isfinite(of_sides)]
    if known.size:
        return float(max(known, key=abs))
    ends = [v[np.isfinite(v)] for v in (values[:, start], values[:, turn])]
    return (
        float(ends[1].mean() - ends[0].mean())
        if all(v.size for v in ends)
        else float("nan")
    )


def repetitions_of(
    cycles: Cycles, signal: Signal, seen: Seen, time_s: Array
) -> tuple[tuple[Repetition, ...], tuple[tuple[float, float], ...]]:
    """Repetitions in time order, and the windows of partial ones."""
    values = np.stack([seen(column) for column in sides_of(signal.column)])
    rises = [_rise(values, c, time_s) for c in cycles.full]
    up_at_all = float(np.nansum(rises)) >= 0.0
    went_up = [rise > 0.0 if np.isfinite(rise) else up_at_all for rise in rises]
    reps = tuple(
        repetition(i, cycle, signal.rising, up, time_s)
        for i, (cycle, up) in enumerate(
            zip(cycles.full, went_up, strict=True), 1
        )
    )
    return reps, tuple(
        (snap(time_s, c.start_s), snap(time_s, c.end_s)) for c in cycles.partial
    )
