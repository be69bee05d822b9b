"""Looks for the faults of an exercise: each case's rule against figures, with confidence and evidence.

What could not be judged is kept with its reason: it is neither blamed nor praised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import cases_of
from musclepose.movement.figures import Figure
from musclepose.movement.formulas import window
from musclepose.movement.judging import (
    MIN_SHARE,
    SIDE_STEP_PCT,
    TIME_ERROR_S,
    TIME_STEP_S,
    JudgedSet,
    Judgement,
    confidence_of,
    error_of,
    sure_enough,
)
from musclepose.movement.measure import Measure
from musclepose.movement.picture_faults import (
    change_at_turn,
    share_of,
    while_passing,
)
from musclepose.movement.records import (
    Case,
    ChangeAtTurn,
    FaultKind,
    Judged,
    Limit,
    LoweringTime,
    ShareOf,
    SideDifference,
    StepTimeDifference,
    View,
    WhilePassing,
)
from musclepose.movement.summary import (
    Check,
    Evidence,
    Fault,
    Level,
    Repetition,
)
from musclepose.movement.visibility import is_one_side_hidden

MOST = 0.51  # of the repetitions (chosen)
EVEN_SHARE = 0.5  # of the limit; above it steps are not called even (chosen: a limp of the real clips has 14 %)
FEWEST_TO_COMPARE = 2  # repetitions: one can lean to a side by chance (chosen)
_SEVERITY = {"mild": 1.0, "moderate": 1.6, "marked": 2.2}
_VIEW_REASON: dict[View, str] = {
    "side": "filmed from the side",
    "front": "filmed from the front",
    "oblique": "filmed at an angle",
}


@dataclass(frozen=True)
class Found:
    """Faults, what matters most first, and for every fault of the exercise whether it could be judged."""

    faults: tuple[Fault, ...]
    checks: tuple[Check, ...]


def excess_of(rule: Limit, value: float) -> float:
    """How far a value lies beyond the limit."""
    return rule.sign * (value - rule.threshold)


def not_judged(exercise: str, reason: str) -> Found:
    """No fault of the exercise could be judged."""
    kinds = (kind for kind, _ in cases_of(exercise))
    checks = tuple(
        Check(k.name, k.name_when_clear, "unseen", reason) for k in kinds
    )
    return Found((), (*checks, *_never_seen(exercise)))


def _never_seen(exercise: str) -> tuple[Check, ...]:
    """What a coach would ask for and the points of the body do not show."""
    names = EXERCISES[exercise].never_seen
    return tuple(
        Check("", name, "unseen", "the points on the body do not show it")
        for name in names
    )


def find_faults(
    measure: Measure,
    exercise: str,
    reps: Sequence[Repetition],
    level: Level,
    view: View,
    by_picture_only: bool = False,
) -> Found:
    """All faults of an exercise. Side figures that the rules need are made on the way.

    by_picture_only: the fitted body does not lie well on the picture, so only what the picture shows is judged.
    """
    counted = EXERCISES[exercise].kind == "repetitions"
    clip = JudgedSet(
        measure, reps, level, view, counted and not reps, by_picture_only
    )
    weighed: list[tuple[float, Fault]] = []
    checks: list[Check] = []
    for kind, case in cases_of(exercise):
        faults, check = _judged(clip, kind, case)
        checks.append(check)
        weighed += [
            (case.weight * _SEVERITY[f.severity] * f.confidence, f)
            for f in faults
        ]
    weighed.sort(key=lambda pair: -pair[0])
    told = tuple(fault for _, fault in weighed)
    return Found(told, (*checks, *_never_seen(exercise)))


def _judged(
    clip: JudgedSet, kind: FaultKind, case: Case
) -> tuple[list[Fault], Check]:
    """The faults of one case, and whether it could be judged."""
    if clip.view not in kind.views:
        return [], Check(
            kind.name, kind.name_when_clear, "unseen", _VIEW_REASON[clip.view]
        )
    faults, reason = _by_rule(clip, kind, case)
    if faults:
        return faults, Check(kind.name, kind.name_when_clear, "found")
    outcome = Check(
        kind.name, kind.name_when_clear, "unseen" if reason else "clear", reason
    )
    return [], outcome


def _is_of_picture(rule: Judged) -> bool:
    """Whether a rule reads lines of the picture alone."""
    return "_in_picture" in getattr(rule, "column", "")


def _by_rule(clip: JudgedSet, kind: FaultKind, case: Case) -> Judgement:
    rule = case.rule
    if clip.by_picture_only and not _is_of_picture(rule):
        return [], "the fitted body does not lie well on the picture"
    if clip.is_without_repetitions and not isinstance(rule, WhilePassing):
        return [], "no full repetition was seen"
    return JUDGES[type(rule)](clip, kind, case, rule)


def _beyond_limit(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: Limit
) -> Judgement:
    if len(clip.repetitions) < rule.fewest > 1:
        return [], "a single repetition was seen"
    faults: list[Fault] = []
    reason = ""
    for side, figures in _side_figures(clip, rule).items():
        if len(figures) < max(1, math.ceil(MIN_SHARE * clip.count)):
            reason = _unseen_reason(clip, rule, side)
        elif _picture_disagrees(clip, rule, side) or _is_straight_in_picture(
            clip, rule
        ):
            reason = "the picture and the fitted body disagree"
        else:
            faults += _fault_on_side(clip, kind, case, rule, figures, side)
    return faults, reason


def _picture_disagrees(clip: JudgedSet, rule: Limit, side: str) -> bool:
    """Whether the bend of the limb in the picture lies on the good side of the limit in most repetitions.

    A bend in the picture is no measurement, but a fault of the fitted body that nobody can see in the film is not told.
    """
    limb = rule.column.removesuffix("_flexion_{}_deg")
    if (
        limb not in ("elbow", "knee")
        or rule.statistic not in ("max", "min")
        or clip.view == "front"
    ):
        return False
    letters = side[:1] or "lr"
    bends = np.stack(
        [clip.measure.seen(f"{limb}_in_picture_{x}_deg") for x in letters]
    )
    reach = np.nanmax if rule.statistic == "max" else np.nanmin
    spans = [
        window(clip.measure.time_s, r.start_s, r.end_s)
        for r in clip.repetitions
    ]
    values = [
        float(reach(bends[:, s]))
        for s in spans
        if np.isfinite(bends[:, s]).any()
    ]
    good = [excess_of(rule, value) <= 0 for value in values]
    return bool(values) and sum(good) > len(values) * (1.0 - MIN_SHARE)


def _is_straight_in_picture(clip: JudgedSet, rule: Limit) -> bool:
    """Whether a body whose line is said to bend bends less than the limit at the hip in the picture, mostly."""
    if rule.column != "body_line_deg" or clip.view == "front":
        return False
    bends = np.stack(
        [clip.measure.seen(f"hip_in_picture_{x}_deg") for x in "lr"]
    )
    spans = [
        window(clip.measure.time_s, r.start_s, r.end_s)
        for r in clip.repetitions
    ]
    values = [
        float(np.nanmedian(bends[:, s]))
        for s in spans
        if np.isfinite(bends[:, s]).any()
    ]
    straight = [value < abs(rule.threshold) for value in values]
    return bool(values) and sum(straight) > len(values) * (1.0 - MIN_SHARE)


def _least_share(rule: Limit) -> float:
    """Of the repetitions that must show a fault: a range grows with every jump of the points, so most of them."""
    return MOST if rule.statistic == "range" else MIN_SHARE


def _unseen_reason(clip: JudgedSet, rule: Limit, side: str) -> str:
    """Why the figures of a side are absent, in the words of the measure."""
    letter = side[:1] or "l"
    quantity = clip.measure.columns[rule.column.format(letter)].quantity
    start = f"{quantity}.{rule.statistic}"
    reasons = (
        a.reason
        for key, a in clip.measure.absent.items()
        if key.startswith(start)
    )
    return next(reasons, "not seen well enough")


def _fault_on_side(
    clip: JudgedSet,
    kind: FaultKind,
    case: Case,
    rule: Limit,
    figures: Sequence[Figure],
    side: str,
) -> Iterator[Fault]:
    over = [f for f in figures if excess_of(rule, f.value) > 0]
    if len(over) < max(1, math.ceil(_least_share(rule) * clip.count)):
        return
    worst = max(over, key=lambda f: excess_of(rule, f.value))
    typical = float(np.median([excess_of(rule, f.value) for f in over]))
    confidence = confidence_of(
        typical, error_of(worst, rule.threshold, clip.level, clip.view)
    )
    repetitions = tuple(sorted({f.repetition for f in over if f.repetition}))
    time_s = float("nan") if worst.time_s is None else worst.time_s
    evidence = Evidence(
        worst.joint,
        side,
        time_s,
        worst.value,
        worst.unit,
        rule.threshold,
        rule.source,
        worst.key,
    )
    yield from sure_enough(
        kind, case, typical, rule.step, confidence, evidence, repetitions
    )


def _side_figures(clip: JudgedSet, rule: Limit) -> dict[str, list[Figure]]:
    """Figures of a rule per side ("" = both or none)."""
    if "{}" not in rule.column:
        return {"": [f for f in _each(clip, rule, rule.column) if f]}
    left, right = (_each(clip, rule, rule.column.format(s)) for s in "lr")
    if not rule.together:
        return {
            "left": [f for f in left if f],
            "right": [f for f in right if f],
        }
    means = [
        _mean_of(clip.measure, a, b) for a, b in zip(left, right, strict=True)
    ]
    return {"": [f for f in means if f is not None]}


def _each(clip: JudgedSet, rule: Limit, column: str) -> list[Figure | None]:
    if rule.between:
        return clip.measure.per_repetition(
            rule.statistic, column, _from_turn_to_turn(clip)
        )
    if clip.repetitions:
        return clip.measure.per_repetition(
            rule.statistic, column, clip.repetitions
        )
    return [clip.measure.statistic(rule.statistic, column)]


def _from_turn_to_turn(clip: JudgedSet) -> list[Repetition]:
    """The way from each turn to the next one, under the number of the repetition that it ends."""
    pairs = zip(clip.repetitions[:-1], clip.repetitions[1:], strict=True)
    return [replace(a, start_s=a.turn_s, end_s=b.turn_s) for a, b in pairs]


def _mean_of(
    measure: Measure, left: Figure | None, right: Figure | None
) -> Figure | None:
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
        joint=left.joint,
    )


def _both_sides(
    clip: JudgedSet, rule: SideDifference
) -> tuple[Figure, Figure] | str:
    """Left and right average over the repetitions, or why they are not compared."""
    measure = clip.measure
    if not clip.repetitions or any(r.side for r in clip.repetitions):
        return "the sides take turns"
    if len(clip.repetitions) < FEWEST_TO_COMPARE:
        return "a single repetition was seen"
    columns = [measure.columns[rule.column.format(s)] for s in "lr"]
    working = measure.windows([(r.start_s, r.end_s) for r in clip.repetitions])
    if is_one_side_hidden(measure.analysis.track, columns[0].joint, working):
        return "one side is hidden"
    left, right = (
        measure.figures.get(f"{column.quantity}.max.average")
        for column in columns
    )
    if left is None or right is None:
        return "only one side was seen"
    return left, right


def _side_difference(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: SideDifference
) -> Judgement:
    """Left and right move through different ranges, on average of the repetitions."""
    measure = clip.measure
    sides = _both_sides(clip, rule)
    if isinstance(sides, str):
        return [], sides
    left, right = sides
    quantity = measure.columns[rule.column.format("l")].quantity
    figure = measure.formula(
        f"asymmetry.{quantity.removesuffix('_l')}",
        f"asymmetry({left.source}, {right.source})",
        "%",
        f"{left.label.split(',')[0].removeprefix('left ')}, left against right",
        rule.column.format("l"),
    )
    if figure is None or abs(figure.value) <= rule.threshold_pct:
        return [], ""
    larger = max(abs(left.value), abs(right.value), 1.0)
    error = (
        100.0
        * math.sqrt(2.0)
        * error_of(left, 0.0, clip.level, clip.view)
        / larger
    )
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
    return list(
        sure_enough(kind, case, excess, SIDE_STEP_PCT, confidence, evidence)
    ), ""


def _short_lowering(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: LoweringTime
) -> Judgement:
    figure = clip.measure.figures.get("tempo.eccentric")
    if figure is None:
        return [], "the lowering was not seen"
    excess = rule.threshold_s - figure.value
    if excess <= 0:
        return [], ""
    start_s = clip.repetitions[0].start_s
    evidence = Evidence(
        "",
        "",
        start_s,
        figure.value,
        "s",
        rule.threshold_s,
        rule.source,
        figure.key,
    )
    confidence = confidence_of(excess, TIME_ERROR_S)
    return list(
        sure_enough(kind, case, excess, TIME_STEP_S, confidence, evidence)
    ), ""


def _uneven_steps(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: StepTimeDifference
) -> Judgement:
    """One leg comes forward in less time than the other; which of them hurts is not seen."""
    figures = clip.measure.figures
    both = figures.get("asymmetry.step_time")
    left, right = figures.get("step_time_left"), figures.get("step_time_right")
    if both is None or left is None or right is None:
        return [], "too few steps of both legs were seen"
    excess = abs(both.value) - rule.threshold_pct
    variance = sum(
        TIME_ERROR_S**2 / f.source.count("duration(") for f in (left, right)
    )
    error = 100.0 * math.sqrt(variance) / max(left.value, right.value)
    evidence = Evidence(
        "",
        "",
        float("nan"),
        abs(both.value),
        "%",
        rule.threshold_pct,
        rule.source,
        both.key,
    )
    sure = confidence_of(excess, error)
    faults = list(
        sure_enough(kind, case, excess, SIDE_STEP_PCT, sure, evidence)
    )
    is_even = abs(both.value) <= EVEN_SHARE * rule.threshold_pct
    return (
        faults,
        "" if faults or is_even else "the difference is too near the limit",
    )


Judge = Callable[[JudgedSet, FaultKind, Case, Any], Judgement]
JUDGES: dict[type[Judged], Judge] = {
    ChangeAtTurn: change_at_turn,
    Limit: _beyond_limit,
    LoweringTime: _short_lowering,
    ShareOf: share_of,
    SideDifference: _side_difference,
    StepTimeDifference: _uneven_steps,
    WhilePassing: while_passing,
}
