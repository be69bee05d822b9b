"""Which signal carries the repetitions of an exercise, and what its phases are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from musclepose.movement.counting import Cycle, Cycles, count_pair, find_cycles
from musclepose.movement.summary import Phase, PhaseName, Repetition
from musclepose.records import Array

Seen = Callable[[str], Array]  # column name -> (T,) values, NaN where the joint was not seen


class Signal(NamedTuple):
    """Column of the movement (`{}` = side), least excursion in its unit, and what a rising value means."""

    column: str
    smallest: float
    rising: PhaseName
    rest_low: bool | None = None


SIGNALS: dict[str, Signal] = {
    "squat": Signal("knee_flexion_{}_deg", 30.0, "eccentric", True),
    "lunge": Signal("knee_flexion_{}_deg", 30.0, "eccentric", True),
    "deadlift": Signal("hip_flexion_{}_deg", 30.0, "eccentric"),
    "romanian_deadlift": Signal("hip_flexion_{}_deg", 30.0, "eccentric", True),
    "overhead_press": Signal("wrist_over_shoulder_{}_m", 0.12, "concentric"),
    "push_up": Signal("elbow_flexion_{}_deg", 25.0, "eccentric"),
    "curl": Signal("elbow_flexion_{}_deg", 35.0, "concentric"),
    "row": Signal("elbow_flexion_{}_deg", 25.0, "concentric"),
    "jump": Signal("com_height_m", 0.12, "concentric", True),
    "jumping_jack": Signal("arm_elevation_{}_deg", 50.0, "concentric"),
    "step_up": Signal("com_height_m", 0.10, "concentric"),
}
# An unnamed movement is counted on the joint that moves most (range in units of the least excursion).
_ANY = (
    Signal("knee_flexion_{}_deg", 30.0, "eccentric"),
    Signal("hip_flexion_{}_deg", 30.0, "eccentric"),
    Signal("elbow_flexion_{}_deg", 30.0, "concentric"),
    Signal("arm_elevation_{}_deg", 30.0, "concentric"),
)
TOGETHER = ("lunge",)  # both knees bend in one repetition although the two sides differ


def _range(values: Array) -> float:
    return (
        float(np.nanpercentile(values, 95) - np.nanpercentile(values, 5))
        if np.isfinite(values).any()
        else 0.0
    )


def signal_of(exercise: str, seen: Seen) -> Signal | None:
    """Signal of a named exercise; for `other` the one with the largest range; None for gait and holds."""
    if exercise != "other":
        return SIGNALS.get(exercise)
    return max(
        _ANY, key=lambda s: max(_range(seen(s.column.format(side))) for side in "lr") / s.smallest
    )


def cycles_of(exercise: str, signal: Signal, seen: Seen, time_s: Array) -> Cycles:
    """Repetitions of the clip on the exercise's signal."""
    if "{}" not in signal.column:
        return find_cycles(seen(signal.column), time_s, signal.smallest, signal.rest_low)
    left, right = seen(signal.column.format("l")), seen(signal.column.format("r"))
    if exercise in TOGETHER:
        good = np.isfinite(left) | np.isfinite(right)
        both = np.full(len(time_s), np.nan)
        both[good] = np.nanmean(np.stack([left, right])[:, good], axis=0)
        return find_cycles(both, time_s, signal.smallest, signal.rest_low)
    return count_pair(left, right, time_s, signal.smallest, signal.rest_low)


def _snap(time_s: Array, t: float) -> float:
    """Nearest source time stamp, to the millisecond in which formulas are written."""
    return round(float(time_s[int(np.argmin(np.abs(time_s - t)))]), 3)


def repetition(
    index: int, cycle: Cycle, rising: PhaseName, went_up: bool, time_s: Array
) -> Repetition:
    """A repetition with its three phases on source time stamps.

    went_up: the way out raises the signal, so its phase is `rising`; else it is the other one.
    """
    start, turn, end = (_snap(time_s, t) for t in (cycle.start_s, cycle.turn_s, cycle.end_s))
    hold0, hold1 = (
        max(_snap(time_s, cycle.hold_start_s), start),
        min(_snap(time_s, cycle.hold_end_s), end),
    )
    other: PhaseName = "concentric" if rising == "eccentric" else "eccentric"
    out, back = (rising, other) if went_up else (other, rising)
    phases = (Phase(out, start, hold0), Phase("hold", hold0, hold1), Phase(back, hold1, end))
    return Repetition(index, start, turn, end, phases, cycle.side)


def repetitions_of(
    cycles: Cycles, signal: Signal, seen: Seen, time_s: Array
) -> tuple[tuple[Repetition, ...], tuple[tuple[float, float], ...]]:
    """Repetitions in time order, and the windows of partial ones."""
    name = signal.column
    values = [seen(name.format(side)) for side in "lr"] if "{}" in name else [seen(name)]

    def went_up(cycle: Cycle) -> bool:
        start, turn = (int(np.argmin(np.abs(time_s - t))) for t in (cycle.start_s, cycle.turn_s))
        rises = [v[turn] - v[start] for v in values if np.isfinite(v[turn] - v[start])]
        return not rises or max(rises, key=abs) > 0

    reps = tuple(
        repetition(i, cycle, signal.rising, went_up(cycle), time_s)
        for i, cycle in enumerate(cycles.full, 1)
    )
    return reps, tuple((_snap(time_s, c.start_s), _snap(time_s, c.end_s)) for c in cycles.partial)
