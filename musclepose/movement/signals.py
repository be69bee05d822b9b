"""Which signal carries the repetitions of an exercise, and what its phases are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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

CLEAR_RHYTHM = 0.6  # autocorrelation from which on even a small movement is repeated (chosen)
CLEARER = 0.05  # that a quiet signal's rhythm must be above that of the usual one (chosen)
QUIET_MOVES = 0.5  # of what the usual one moves, in units of the least excursions (chosen)
LEAST_SEEN = 0.4  # of the frames must show what an unnamed movement is counted on (chosen)
MIN_RHYTHM = 0.3  # below it excursions of a movement without a name are no repetitions (chosen)
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

    A movement without a name must repeat itself: several excursions without rhythm are no repetitions. It is counted on
    a quiet signal of clear rhythm where the others show nothing, or less and less clearly.
    """
    signal = signal_of(exercise, seen)
    if signal is None:
        return None
    cycles = cycles_of(signal, seen, time_s)
    if EXERCISES[exercise].is_named:
        return signal, cycles
    cycles = _repeatable(cycles, time_s)
    if _seen_share(signal, seen) < LEAST_SEEN:
        return signal, Cycles()
    rhythm_there = _rhythm_of(signal, seen, time_s)
    if len(cycles.full) > 1 and rhythm_there < MIN_RHYTHM:
        return signal, Cycles()
    if not cycles.full and not cycles.partial:
        quiet = _quiet_signal(exercise, seen, time_s, 0.0, 0.0)
        return (
            (signal, cycles)
            if quiet is None
            else (quiet, cycles_of(quiet, seen, time_s))
        )
    least = QUIET_MOVES * _moves(signal, seen)
    clearer = _quiet_signal(
        exercise, seen, time_s, least, rhythm_there + CLEARER
    )
    on_it = Cycles() if clearer is None else cycles_of(clearer, seen, time_s)
    return (
        (signal, cycles)
        if clearer is None or len(on_it.full) < 2
        else (clearer, on_it)
    )


def _repeatable(cycles: Cycles, time_s: Array) -> Cycles:
    """Without excursions that last so long that the clip holds no second one."""
    longest = LONGEST_PERIOD_SHARE * (time_s[-1] - time_s[0])
    return replace(
        cycles,
        full=tuple(c for c in cycles.full if c.end_s - c.start_s <= longest),
    )


def _quiet_signal(
    exercise: str, seen: Seen, time_s: Array, moves: float, clear: float
) -> Signal | None:
    """The quiet signal of the clearest rhythm, of those that move more and repeat more clearly, or None."""
    rhythms = {
        s: _rhythm_of(s, seen, time_s)
        for s in EXERCISES[exercise].quiet_signals
    }
    least = max(clear, CLEAR_RHYTHM)
    able = [
        s for s, r in rhythms.items() if r >= least and _moves(s, seen) > moves
    ]
    return max(able, key=lambda s: rhythms[s], default=None)


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
