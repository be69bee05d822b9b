"""Named faults: rows of rules, each a statistic within a repetition against a threshold whose source is stated.

Confidence is the probability that the true value lies beyond the threshold, when the value is off by a normal error of
the size that the quality level and the camera's view suggest. A fault below 60 % is not named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from musclepose.movement.fault_rules import (
    CHOSEN,
    FAST_LOWERING_S,
    RULES,
    SIDE_COMPARISON,
    UNEVEN_PCT,
    UNEVEN_SOURCE,
    Rule,
)
from musclepose.movement.formulas import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.summary import Evidence, Fault, Repetition, Severity, View

MIN_CONFIDENCE = 0.6
MIN_SHARE = 0.34  # a fault shows in at least this share of the repetitions (chosen)
# Standard error of an angle from one camera, deg, by quality level (chosen after the errors of monocular pose in the
# README), and how much larger it is for frontal-plane angles seen from the side.
ANGLE_ERROR_DEG = {"high": 4.0, "medium": 6.0, "low": 9.0}
OTHER_ERROR = {"high": 0.06, "medium": 0.10, "low": 0.15}  # share of the threshold
# An extreme of a noisy curve lies outside the true one; this many standard errors are taken off before the comparison
# (chosen so that clean generated clips with 6 deg of angle noise stay clean).
STATISTIC_BIAS = {"max": 0.7, "min": 0.7, "absmax": 1.2, "range": 1.6, "mean": 0.0}
VIEW_FACTOR: dict[View, float] = {
    "front": 1.0,
    "oblique": 1.5,
    "side": 4.0,
}  # from the side they are not named at all


def confidence_of(excess: float, error: float) -> float:
    """P(true value beyond the threshold) for a value `excess` beyond it with a normal error of s.d. `error`."""
    return 0.5 * (1.0 + math.erf(excess / max(error, 1e-9) / math.sqrt(2.0)))


def severity_of(excess: float, step: float) -> Severity:
    """One step beyond the threshold is moderate, two are marked."""
    return "marked" if excess >= 2 * step else "moderate" if excess >= step else "mild"


def error_of(unit: str, threshold: float, level: str, view: View, frontal: bool) -> float:
    """Standard error in the value's unit."""
    base = (
        ANGLE_ERROR_DEG[level] if unit == "deg" else OTHER_ERROR[level] * max(abs(threshold), 1e-9)
    )
    return base * (VIEW_FACTOR[view] if frontal else 1.0)


def _excess(rule: Rule, value: float) -> float:
    """How far a value lies beyond the threshold; for sign 0 the distance of a percentage from an even split."""
    return (
        abs(value - 50.0) - rule.threshold
        if rule.sign == 0
        else rule.sign * (value - rule.threshold)
    )


def _fault_on(
    rule: Rule, figures: Sequence[Figure], count: int, level: str, view: View, side: str
) -> Fault | None:
    over = [f for f in figures if _excess(rule, f.value) > 0]
    if len(over) < max(1, math.ceil(MIN_SHARE * count)):
        return None
    worst = max(over, key=lambda f: _excess(rule, f.value))
    typical = float(np.median([_excess(rule, f.value) for f in over]))
    error = error_of(worst.unit, rule.threshold, level, view, rule.frontal)
    error *= 0.5 if rule.statistic == "mean" else 1.0
    typical -= STATISTIC_BIAS[rule.statistic] * (
        ANGLE_ERROR_DEG[level] if worst.unit == "deg" else 0.0
    )
    confidence = confidence_of(typical, error / math.sqrt(min(len(over), 3)))
    if confidence < MIN_CONFIDENCE:
        return None
    if rule.sign == 0:
        side = "left" if worst.value > 50 else "right"
    threshold = (
        rule.threshold if rule.sign else 50.0 + math.copysign(rule.threshold, worst.value - 50.0)
    )
    evidence = Evidence(
        worst.joint,
        side,
        worst.time_s if worst.time_s is not None else float("nan"),
        worst.value,
        worst.unit,
        threshold,
        rule.source,
        worst.key,
    )
    repetitions = tuple(sorted({f.repetition for f in over if f.repetition}))
    return Fault(
        rule.name,
        rule.label,
        severity_of(typical, rule.step),
        round(confidence, 2),
        evidence,
        repetitions,
    )


def _side_figures(
    measure: Measure, rule: Rule, reps: Sequence[Repetition]
) -> dict[str, list[Figure]]:
    """Figures of a rule per side ("" = both or none)."""
    if "{}" not in rule.column:
        return {"": [f for f in _each(measure, rule, rule.column, reps) if f]}
    left, right = (_each(measure, rule, rule.column.format(s), reps) for s in "lr")
    if not rule.together:
        return {"left": [f for f in left if f], "right": [f for f in right if f]}
    return {
        "": [
            f
            for a, b in zip(left, right, strict=True)
            if (f := _mean_of(measure, a, b)) is not None
        ]
    }


def _mean_of(measure: Measure, left: Figure | None, right: Figure | None) -> Figure | None:
    if left is None or right is None:
        return left or right
    key = left.key.replace("_l.", "_both.")
    label = left.label.replace("left ", "", 1)
    made = measure.formula(
        key,
        f"average({left.source}, {right.source})",
        left.unit,
        label,
        "",
        left.digits,
        left.repetition,
        left.time_s,
    )
    return None if made is None else made


def _each(
    measure: Measure, rule: Rule, column: str, reps: Sequence[Repetition]
) -> list[Figure | None]:
    if reps:
        return measure.per_repetition(rule.statistic, column, reps)
    return [measure.statistic(rule.statistic, column)]


def _uneven(
    measure: Measure, exercise: str, reps: Sequence[Repetition], level: str
) -> Fault | None:
    """Left and right move through different ranges, on average of the repetitions."""
    column = SIDE_COMPARISON.get(exercise)
    if column is None or not reps or any(r.side for r in reps):
        return None
    stem = column.replace("_{}_deg", "")
    left, right = (measure.figures.get(f"{stem}_{s}.max.average") for s in "lr")
    if left is None or right is None:
        return None
    figure = measure.formula(
        f"asymmetry.{stem}",
        f"asymmetry({left.source}, {right.source})",
        "%",
        f"{left.label.split(',')[0].removeprefix('left ')}, left against right",
        column.format("l"),
    )
    if figure is None or abs(figure.value) <= UNEVEN_PCT:
        return None
    error = 100.0 * 1.4 * ANGLE_ERROR_DEG[level] / max(abs(left.value), abs(right.value), 1.0)
    confidence = confidence_of(abs(figure.value) - UNEVEN_PCT, error)
    if confidence < MIN_CONFIDENCE:
        return None
    side = "left" if figure.value < 0 else "right"  # the side that moves less
    evidence = Evidence(
        left.joint,
        side,
        float("nan"),
        abs(figure.value),
        "%",
        UNEVEN_PCT,
        UNEVEN_SOURCE,
        figure.key,
    )
    label = "one side moves less than the other"
    return Fault(
        "uneven_sides",
        label,
        severity_of(abs(figure.value) - UNEVEN_PCT, 10),
        round(confidence, 2),
        evidence,
    )


def _fast_lowering(measure: Measure, exercise: str, reps: Sequence[Repetition]) -> Fault | None:
    limit, figure = FAST_LOWERING_S.get(exercise), measure.figures.get("tempo.eccentric")
    if limit is None or figure is None or figure.value >= limit:
        return None
    excess = limit - figure.value
    confidence = confidence_of(excess, 0.1)
    if confidence < MIN_CONFIDENCE:
        return None
    evidence = Evidence("", "", reps[0].start_s, figure.value, "s", limit, CHOSEN, figure.key)
    label = "lowering too fast"
    return Fault("fast_lowering", label, severity_of(excess, 0.2), round(confidence, 2), evidence)


WEIGHTS = {rule.name: rule.weight for rule in RULES} | {"uneven_sides": 2.0, "fast_lowering": 1.6}
_SEVERITY = {"mild": 1.0, "moderate": 1.6, "marked": 2.2}


def find_faults(
    measure: Measure, exercise: str, reps: Sequence[Repetition], level: str, view: View
) -> tuple[Fault, ...]:
    """All faults of an exercise, what matters most first. Side figures that the rules need are made on the way."""
    found: list[Fault] = []
    if exercise not in ("plank",) and not reps:
        return ()
    for rule in RULES:
        if exercise not in rule.exercises or (rule.frontal and view == "side"):
            continue
        sides = _side_figures(measure, rule, reps)
        faults = [
            f
            for side, figs in sides.items()
            if (f := _fault_on(rule, figs, max(len(reps), 1), level, view, side))
        ]
        found.extend(faults)
    found += [
        f
        for f in (_uneven(measure, exercise, reps, level), _fast_lowering(measure, exercise, reps))
        if f
    ]
    found.sort(key=lambda f: -WEIGHTS[f.name] * _SEVERITY[f.severity] * f.confidence)
    return tuple(found)
