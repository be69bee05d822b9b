"""Two repetitions against each other: the same share of each, true differences, and what may not be compared."""

from __future__ import annotations

import numpy as np
import pytest
from fake_analysis import fake_analysis

from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.report.compare import (
    comparison_of,
    phase_times,
    rows_of,
    sentence,
    shown_places,
    turn_pct,
)
from musclepose.report.repetitions import RepetitionColumn

FIRST = Repetition(1, 1.0, 1.5, 3.0, ())
SECOND = Repetition(2, 4.0, 5.5, 6.0, ())


def _summary(*repetitions: Repetition, fit: str = "high") -> PhysicsSummary:
    return PhysicsSummary(
        Recognition("squat", 1.0), "repetitions", 6.0, "side", repetitions, fit_level=fit
    )


def _figure(key: str, value: float, unit: str, side: str = "", band: float | None = None) -> Figure:
    return Figure(key, value, unit, "", 1 if unit == "s" else 0, key, side=side, band=band)


def _column(title: str, group: str, *cells: tuple[Figure, ...]) -> RepetitionColumn:
    return RepetitionColumn(title, cells[0][0].unit, group, cells)


TIME = _column("time", "tempo", (_figure("t", 2.0, "s"),), (_figure("t", 2.6, "s"),))
KNEE = _column(
    "knee bend, largest",
    "movement",
    (_figure("k", 110.4, "deg", "left"), _figure("k", 100.0, "deg", "right")),
    (_figure("k", 97.6, "deg", "left"), _figure("k", 103.0, "deg", "right")),
)


def test_the_turn_stands_at_the_same_share_of_both() -> None:
    assert turn_pct([FIRST, SECOND]) == 50  # 25 % and 75 %
    for rep in (FIRST, SECOND):
        at = phase_times(rep, 50)
        assert (at[0], at[50], at[100]) == (rep.start_s, rep.turn_s, rep.end_s)
    assert phase_times(FIRST, 50)[[25, 75]] == pytest.approx([1.25, 2.25])


def test_curves_are_read_at_those_times_and_are_none_where_nothing_was_seen() -> None:
    analysis = fake_analysis(
        frames=180
    )  # two squats of 3 s, turns at 1.5 and 4.5 s; left ankle gone 1.5 to 2 s
    one, other = Repetition(1, 0.5, 1.5, 2.5, ()), Repetition(2, 3.5, 4.5, 5.5, ())
    made = comparison_of(analysis, _summary(one, other), ())
    assert made is not None
    curves = {c["title"]: c for c in made["curves"]}
    left, right = curves["Left knee bend"]["values"], curves["Right knee bend"]["values"]
    assert left[0][60] is None and left[1][60] is not None  # 1.7 s
    assert right[0][50] == pytest.approx(95.0, abs=0.2) == right[1][50]
    depth = 0.5 - 0.5 * np.cos(2 * np.pi * 1.0 / 3.0)  # 25 % is 1.0 s
    assert right[0][25] == pytest.approx(5 + 90 * depth, abs=0.2)


def test_clear_differences_are_later_minus_earlier_of_what_is_shown() -> None:
    rows = {r.title: r for r in rows_of(_summary(FIRST, SECOND), (TIME, KNEE), 0, 1)}
    assert rows["time"].change == pytest.approx(0.6) and rows["time"].is_clear
    assert (
        rows["left knee bend, largest"].change == -12 and rows["left knee bend, largest"].is_clear
    )
    assert not rows["right knee bend, largest"].is_clear  # 3 degrees are less than the scatter
    text = sentence(list(rows.values()), FIRST, SECOND)
    assert "Repetition 2 against repetition 1" in text
    assert "time 0.6 s longer (2.0, then 2.6)" in text
    assert "largest left knee bend 12 degrees less (110, then 98)" in text


def test_a_difference_inside_the_bands_is_not_told() -> None:
    torque = _column(
        "knee torque, peak",
        "torque",
        (_figure("tau", 100.0, "N m", "left", 20.0),),
        (_figure("tau", 125.0, "N m", "left", 20.0),),
    )
    (row,) = rows_of(_summary(FIRST, SECOND), (torque,), 0, 1)
    assert row.change == 25 and not row.is_clear  # both bands together are 28 N m
    assert "no clear difference" in sentence([row], FIRST, SECOND)


def test_load_is_never_compared_between_the_sides() -> None:
    effort = _column(
        "knee effort, largest",
        "effort",
        (_figure("effort_k", 50.0, "%", "left"),),
        (_figure("effort_k", 90.0, "%", "right"),),
    )
    assert rows_of(_summary(FIRST, SECOND), (effort,), 0, 1) == []
    left, right = Repetition(1, 1, 2, 3, (), "left"), Repetition(2, 4, 5, 6, (), "right")
    same = _column("knee effort, largest", "effort", effort.cells[0], effort.cells[0])
    assert rows_of(_summary(left, right), (same,), 0, 1) == []
    (knee,) = rows_of(_summary(left, right), (KNEE,), 0, 1)  # each with the bend of its own side
    assert (knee.first.value, knee.second.value) == (
        110.4,
        103.0,
    ) and knee.title == "knee bend, largest"
    assert "not compared between the sides" in sentence([knee], left, right)


def test_effort_above_strength_and_a_rough_fit_have_no_difference() -> None:
    effort = _column(
        "hip effort, largest",
        "effort",
        (_figure("effort_h", 90.0, "%"),),
        (_figure("effort_h", 140.0, "%"),),
    )
    assert rows_of(_summary(FIRST, SECOND), (effort,), 0, 1)[0].change is None
    rough = rows_of(_summary(FIRST, SECOND, fit="low"), (TIME, KNEE), 0, 1)
    assert [r.title for r in rough if r.is_clear] == ["time"]


def test_a_long_set_offers_its_first_and_last_repetitions_and_a_single_one_nothing() -> None:
    assert shown_places(16) == list(range(16))
    assert shown_places(30) == [0, 1, 2, 3, 4, 5, 6, 7, 22, 23, 24, 25, 26, 27, 28, 29]
    assert comparison_of(fake_analysis(frames=60), _summary(FIRST), ()) is None
