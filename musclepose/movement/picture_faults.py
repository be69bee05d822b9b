"""Faults that the picture shows without a fitted body: what happens while something else passes, turns or swings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from musclepose.movement.counting import seen_parts
from musclepose.movement.figures import Figure
from musclepose.movement.formulas import window
from musclepose.movement.judging import (
    MIN_SHARE,
    OTHER_ERROR,
    PICTURE_ERROR_DEG,
    JudgedSet,
    Judgement,
    confidence_of,
    sure_enough,
)
from musclepose.movement.measure import Measure
from musclepose.movement.records import (
    Case,
    ChangeAtTurn,
    FaultKind,
    ShareOf,
    WhilePassing,
)
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import Evidence, Fault, Repetition
from musclepose.records import Array

AROUND_S = 0.08  # half of the window in which a moment is read
LIFTED = 0.1  # trunks, that what is lifted has risen by then (chosen)
FOLLOWS_DEG = 10.0  # the trunk comes up this much after the moment, or it was no lift (chosen)
AROUND_TURN_S = 0.15
MIN_SEEN_OF_SWING = 0.3  # of the clip's frames: the trunk hides the far hand half of the time (chosen)
UNSEEN = "not seen well enough"


def _mean(measure: Measure, column: str) -> Array:
    """(T,) mean of the sides of a column that were seen."""
    values = np.stack([measure.seen(name) for name in sides_of(column)])
    good = np.isfinite(values)
    total = np.where(good, values, 0.0).sum(axis=0)
    return np.where(
        good.any(axis=0), total / np.maximum(good.sum(axis=0), 1), np.nan
    )


def _bridged(measure: Measure, column: str, time_s: Array) -> Array:
    """(N,) the mean of a column's sides at other times; NaN where no side was ever seen."""
    values = _mean(measure, column)
    good = np.isfinite(values)
    if not good.any():
        return np.full(len(time_s), np.nan)
    return np.interp(time_s, measure.time_s[good], values[good])


def passing_moments(measure: Measure, rule: WhilePassing) -> list[float]:
    """Times (s) at which `passing` falls from `start` through `value` with something lifted, and the column follows.

    `lifted` is compared with its lowest since the bend began: of hips that rise first it hardly rises after it.
    """
    found = []
    for time_s, passing in seen_parts(
        _mean(measure, rule.passing), measure.time_s
    ):
        lifted, column = (
            _bridged(measure, c, time_s) for c in (rule.lifted, rule.column)
        )
        bent: int | None = None
        for i, bend in enumerate(passing):
            bent = i if bent is None and bend >= rule.start else bent
            if bent is None or bend >= rule.value:
                continue
            later = column[i : _next_bend(passing, i, rule.start)]
            if (
                lifted[i] - lifted[bent : i + 1].min() > LIFTED
                and column[i] - later.min() > FOLLOWS_DEG
            ):
                found.append(float(time_s[i]))
            bent = None
    return found


def _next_bend(passing: Array, after: int, start: float) -> int:
    again = np.flatnonzero(passing[after:] >= start)
    return after + int(again[0]) if len(again) else len(passing)


def _evidence(
    figure: Figure, rule: WhilePassing | ChangeAtTurn | ShareOf, limit: float
) -> Evidence:
    time_s = math.nan if figure.time_s is None else figure.time_s
    return Evidence(
        figure.joint,
        figure.side,
        time_s,
        figure.value,
        figure.unit,
        limit,
        rule.source,
        figure.key,
    )


def while_passing(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: WhilePassing
) -> Judgement:
    """The column at those moments, of whole repetitions and of those that the clip cuts."""
    measure = clip.measure
    moments = passing_moments(measure, rule)
    figures = [
        _at(measure, rule.column, t, i) for i, t in enumerate(moments, 1)
    ]
    seen = [f for f in figures if f is not None]
    if not seen:
        return [], UNSEEN
    return list(_over(kind, case, rule, seen)), ""


def _at(
    measure: Measure, name: str, time_s: float, number: int
) -> Figure | None:
    column = measure.columns[name]
    source = f"mean({name}, {time_s - AROUND_S:.3f}, {time_s + AROUND_S:.3f})"
    key = f"{column.quantity}.at_passing.{number}"
    words = f"{column.words}, lift {number}"
    return measure.formula(key, source, column.unit, words, name, time_s=time_s)


def _over(
    kind: FaultKind,
    case: Case,
    rule: WhilePassing | ChangeAtTurn,
    figures: Sequence[Figure],
) -> Iterator[Fault]:
    over = [f for f in figures if f.value > rule.threshold]
    if len(over) < max(1, math.ceil(MIN_SHARE * len(figures))):
        return
    worst = max(over, key=lambda f: f.value)
    excess = median(f.value - rule.threshold for f in over)
    sure = confidence_of(excess, PICTURE_ERROR_DEG)
    evidence = _evidence(worst, rule, rule.threshold)
    shown = tuple(f.repetition for f in over if f.repetition)
    yield from sure_enough(kind, case, excess, rule.step, sure, evidence, shown)


def change_at_turn(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: ChangeAtTurn
) -> Judgement:
    """The change of each side's column from the start of a repetition to its turn."""
    faults: list[Fault] = []
    judged = False
    for name in sides_of(rule.column):
        made = [_change(clip.measure, name, r) for r in clip.repetitions]
        figures = [f for f in made if f is not None]
        if len(figures) < max(1, math.ceil(MIN_SHARE * clip.count)):
            continue
        judged = True
        faults += _over(kind, case, rule, figures)
    return faults, "" if judged else UNSEEN


def _change(measure: Measure, name: str, r: Repetition) -> Figure | None:
    spans = [
        (t - AROUND_TURN_S, t + AROUND_TURN_S) for t in (r.turn_s, r.start_s)
    ]
    values = measure.seen(name)
    if not all(
        np.isfinite(values[window(measure.time_s, *span)]).any()
        for span in spans
    ):
        return None
    turn, start = (f"mean({name}, {a:.3f}, {b:.3f})" for a, b in spans)
    column = measure.columns[name]
    key = f"{column.quantity}.change.r{r.index}"
    words = f"{column.words}, change to the turn, repetition {r.index}"
    source = f"diff({turn}, {start})"
    return measure.formula(
        key,
        source,
        column.unit,
        words,
        name,
        repetition=r.index,
        time_s=r.turn_s,
    )


def share_of(
    clip: JudgedSet, kind: FaultKind, case: Case, rule: ShareOf
) -> Judgement:
    """How far one thing swings as a share of another, over the whole clip."""
    measure = clip.measure
    pair = [measure.seen(name) for name in (rule.column, rule.whole)]
    if any(np.isfinite(v).mean() < MIN_SEEN_OF_SWING for v in pair):
        return [], UNSEEN
    if float(np.nanmean(pair[1])) < rule.least:
        return [], "it is hardly seen from there"
    column = measure.columns[rule.column]
    figure = measure.formula(
        f"{column.quantity}.share",
        f"percent(ratio(mean({rule.column}), mean({rule.whole})))",
        "%",
        f"{column.words}, as a share of the {measure.columns[rule.whole].words}",
        rule.column,
    )
    if figure is None:
        return [], UNSEEN
    excess = rule.threshold_pct - figure.value
    if excess <= 0:
        return [], ""
    sure = confidence_of(excess, OTHER_ERROR * rule.threshold_pct)
    evidence = _evidence(figure, rule, rule.threshold_pct)
    return list(sure_enough(kind, case, excess, rule.step, sure, evidence)), ""
