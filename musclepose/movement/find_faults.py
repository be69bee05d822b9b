"""Finds the faults of a set: each case's rule against figures, with confidence and evidence.

Confidence is the probability that the true value lies beyond the threshold, when the value is off by a normal error of
the size that the quality level and the camera's view suggest. A fault below 60 % is not named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import cases_of
from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.records import Case, FaultKind, Limit, LoweringTime, SideDifference, View
from musclepose.movement.summary import Evidence, Fault, Repetition, Severity

MIN_CONFIDENCE = 0.6
MIN_SHARE = 0.34  # a fault shows in at least this share of the repetitions (chosen)
# Standard error of an angle from one camera, deg, by quality level (chosen after the errors of monocular pose in the
# README), and how much larger it is for frontal-plane angles seen from the side.
ANGLE_ERROR_DEG = {"high": 4.0, "medium": 6.0, "low": 9.0}
OTHER_ERROR = {"high": 0.06, "medium": 0.10, "low": 0.15}  # share of the threshold
TIME_ERROR_S = 0.1
# An extreme of a noisy curve lies outside the true one; this many standard errors are taken off before the comparison
# (chosen so that clean generated clips with 6 deg of angle noise stay clean).
STATISTIC_BIAS = {"max": 0.7, "min": 0.7, "absmax": 1.2, "range": 1.6, "mean": 0.0}
VIEW_FACTOR: dict[View, float] = {
    "front": 1.0,
    "oblique": 1.5,
    "side": 4.0,
}  # from the side they are not named at all
SIDE_STEP_PCT, TIME_STEP_S = 10.0, 0.2  # one step of severity
_SEVERITY = {"mild": 1.0, "moderate": 1.6, "marked": 2.2}


@dataclass(frozen=True)
class _Set:
    """What the rules look at."""

    measure: Measure
    repetitions: Sequence[Repetition]
    level: Literal["high", "medium", "low"]
    view: View

    @property
    def count(self) -> int:
        return max(len(self.repetitions), 1)


def confidence_of(excess: float, error: float) -> float:
    """P(true value beyond the threshold) for a value `excess` beyond it with a normal error of s.d. `error`."""
    return 0.5 * (1.0 + math.erf(excess / max(error, 1e-9) / math.sqrt(2.0)))


def severity_of(excess: float, step: float) -> Severity:
    """One step beyond the threshold is moderate, two are marked."""
    if excess >= 2 * step:
        return "marked"
    return "moderate" if excess >= step else "mild"


def error_of(unit: str, threshold: float, level: str, view: View, frontal: bool) -> float:
    """Standard error in the value's unit."""
    is_angle = unit == "deg"
    base = ANGLE_ERROR_DEG[level] if is_angle else OTHER_ERROR[level] * max(abs(threshold), 1e-9)
    return base * (VIEW_FACTOR[view] if frontal else 1.0)


def excess_of(rule: Limit, value: float) -> float:
    """How far a value lies beyond the limit; for sign 0 the distance of a percentage from an even split."""
    if rule.sign == 0:
        return abs(value - 50.0) - rule.threshold
    return rule.sign * (value - rule.threshold)


def find_faults(
    measure: Measure,
    exercise: str,
    reps: Sequence[Repetition],
    level: Literal["high", "medium", "low"],
    view: View,
) -> tuple[Fault, ...]:
    """All faults of an exercise, what matters most first. Side figures that the rules need are made on the way."""
    if EXERCISES[exercise].kind != "hold" and not reps:
        return ()
    clip = _Set(measure, reps, level, view)
    weighed: list[tuple[float, Fault]] = []
    for kind, case in cases_of(exercise):
        if kind.frontal and view == "side":
            continue
        for fault in _found(clip, kind, case):
            weighed.append((case.weight * _SEVERITY[fault.severity] * fault.confidence, fault))
    weighed.sort(key=lambda pair: -pair[0])
    return tuple(fault for _, fault in weighed)


def _found(clip: _Set, kind: FaultKind, case: Case) -> Iterator[Fault]:
    if isinstance(case.rule, Limit):
        for side, figures in _side_figures(clip, case.rule).items():
            yield from _beyond_limit(clip, kind, case, case.rule, figures, side)
    elif isinstance(case.rule, SideDifference):
        yield from _side_difference(clip, kind, case, case.rule)
    else:
        yield from _short_lowering(clip, kind, case, case.rule)


def _fault(
    kind: FaultKind,
    case: Case,
    excess: float,
    step: float,
    confidence: float,
    evidence: Evidence,
    repetitions: tuple[int, ...] = (),
) -> Iterator[Fault]:
    """The fault, where it is sure enough."""
    if confidence >= MIN_CONFIDENCE:
        severity = severity_of(excess, step)
        sure = round(confidence, 2)
        yield Fault(kind.name, case.label, severity, sure, evidence, repetitions)


def _beyond_limit(
    clip: _Set, kind: FaultKind, case: Case, rule: Limit, figures: Sequence[Figure], side: str
) -> Iterator[Fault]:
    over = [f for f in figures if excess_of(rule, f.value) > 0]
    if len(over) < max(1, math.ceil(MIN_SHARE * clip.count)):
        return
    worst = max(over, key=lambda f: excess_of(rule, f.value))
    is_angle = worst.unit == "deg"
    error = error_of(worst.unit, rule.threshold, clip.level, clip.view, kind.frontal)
    error *= 0.5 if rule.statistic == "mean" else 1.0
    bias = STATISTIC_BIAS[rule.statistic] * (ANGLE_ERROR_DEG[clip.level] if is_angle else 0.0)
    typical = float(np.median([excess_of(rule, f.value) for f in over])) - bias
    confidence = confidence_of(typical, error / math.sqrt(min(len(over), 3)))
    repetitions = tuple(sorted({f.repetition for f in over if f.repetition}))
    evidence = _evidence(rule, worst, side)
    yield from _fault(kind, case, typical, rule.step, confidence, evidence, repetitions)


def _evidence(rule: Limit, worst: Figure, side: str) -> Evidence:
    threshold = rule.threshold
    if rule.sign == 0:
        side = "left" if worst.value > 50 else "right"
        threshold = 50.0 + math.copysign(rule.threshold, worst.value - 50.0)
    time_s = float("nan") if worst.time_s is None else worst.time_s
    return Evidence(
        worst.joint, side, time_s, worst.value, worst.unit, threshold, rule.source, worst.key
    )


def _side_figures(clip: _Set, rule: Limit) -> dict[str, list[Figure]]:
    """Figures of a rule per side ("" = both or none)."""
    if "{}" not in rule.column:
        return {"": [f for f in _each(clip, rule, rule.column) if f]}
    left, right = (_each(clip, rule, rule.column.format(s)) for s in "lr")
    if not rule.together:
        return {"left": [f for f in left if f], "right": [f for f in right if f]}
    means = [_mean_of(clip.measure, a, b) for a, b in zip(left, right, strict=True)]
    return {"": [f for f in means if f is not None]}


def _each(clip: _Set, rule: Limit, column: str) -> list[Figure | None]:
    if clip.repetitions:
        return clip.measure.per_repetition(rule.statistic, column, clip.repetitions)
    return [clip.measure.statistic(rule.statistic, column)]


def _mean_of(measure: Measure, left: Figure | None, right: Figure | None) -> Figure | None:
    if left is None or right is None:
        return left or right
    return measure.formula(
        left.key.replace("_l.", "_both."),
        f"average({left.source}, {right.source})",
        left.unit,
        left.label.replace("left ", "", 1),
        digits=left.digits,
        repetition=left.repetition,
        time_s=left.time_s,
    )


def _side_difference(
    clip: _Set, kind: FaultKind, case: Case, rule: SideDifference
) -> Iterator[Fault]:
    """Left and right move through different ranges, on average of the repetitions."""
    measure = clip.measure
    if not clip.repetitions or any(r.side for r in clip.repetitions):
        return
    quantities = [measure.columns[rule.column.format(s)].quantity for s in "lr"]
    left, right = (measure.figures.get(f"{q}.max.average") for q in quantities)
    if left is None or right is None:
        return
    figure = measure.formula(
        f"asymmetry.{quantities[0].removesuffix('_l')}",
        f"asymmetry({left.source}, {right.source})",
        "%",
        f"{left.label.split(',')[0].removeprefix('left ')}, left against right",
        rule.column.format("l"),
    )
    if figure is None or abs(figure.value) <= rule.threshold_pct:
        return
    larger = max(abs(left.value), abs(right.value), 1.0)
    error = 100.0 * 1.4 * ANGLE_ERROR_DEG[clip.level] / larger
    excess = abs(figure.value) - rule.threshold_pct
    evidence = Evidence(
        left.joint,
        "left" if figure.value < 0 else "right",  # the side that moves less
        float("nan"),
        abs(figure.value),
        "%",
        rule.threshold_pct,
        rule.source,
        figure.key,
    )
    confidence = confidence_of(excess, error)
    yield from _fault(kind, case, excess, SIDE_STEP_PCT, confidence, evidence)


def _short_lowering(clip: _Set, kind: FaultKind, case: Case, rule: LoweringTime) -> Iterator[Fault]:
    figure = clip.measure.figures.get("tempo.eccentric")
    if figure is None or figure.value >= rule.threshold_s:
        return
    excess = rule.threshold_s - figure.value
    start_s = clip.repetitions[0].start_s
    evidence = Evidence(
        "", "", start_s, figure.value, "s", rule.threshold_s, rule.source, figure.key
    )
    confidence = confidence_of(excess, TIME_ERROR_S)
    yield from _fault(kind, case, excess, TIME_STEP_S, confidence, evidence)
