"""Two repetitions against each other: the same share of each, true differences, and what may not be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_analysis import fake_analysis

from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.records import Person
from musclepose.report import compare
from musclepose.report.compare import (
    Compared,
    ComparedSet,
    Row,
    comparison_of,
    phase_times,
    sentence,
    shown_places,
    turn_pct,
)
from musclepose.report.repetitions import RepetitionColumn

ANALYSIS = fake_analysis(frames=180)
FIRST = Repetition(1, 1.0, 1.5, 3.0, ())
SECOND = Repetition(2, 4.0, 5.5, 6.0, ())


def _summary(*repetitions: Repetition, fit: str = "high") -> PhysicsSummary:
    return PhysicsSummary(
        Recognition("squat", 1.0),
        "repetitions",
        6.0,
        "side",
        repetitions,
        fit_level=fit,
    )


def _set(
    summary: PhysicsSummary, columns: tuple[RepetitionColumn, ...], **told: Any
) -> ComparedSet:
    """A set of somebody of 1.75 m and 75 kg, if not told otherwise."""
    person = replace(Person(1.75, 75.0, "male"), **told)
    return ComparedSet(replace(ANALYSIS, athlete=person), summary, columns)


def rows_of(
    summary: PhysicsSummary,
    columns: tuple[RepetitionColumn, ...],
    first: int,
    second: int,
) -> list[Row]:
    of = _set(summary, columns)
    return compare.rows_of(Compared(of, first), Compared(of, second))


def _told(rows: list[Row], first: Repetition, second: Repetition) -> str:
    of = _set(_summary(first, second), ())
    return sentence(rows, Compared(of, 0), Compared(of, 1))


def _figure(
    key: str, value: float, unit: str, side: str = "", band: float | None = None
) -> Figure:
    return Figure(
        key, value, unit, "", 1 if unit == "s" else 0, key, side=side, band=band
    )


def _column(
    title: str, group: str, *cells: tuple[Figure, ...]
) -> RepetitionColumn:
    return RepetitionColumn(title, cells[0][0].unit, group, cells)


TIME = _column(
    "time", "tempo", (_figure("t", 2.0, "s"),), (_figure("t", 2.6, "s"),)
)
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


def test_curves_are_read_at_those_times_and_are_none_where_nothing_was_seen() -> (
    None
):
    analysis = fake_analysis(
        frames=180
    )  # two squats of 3 s, turns at 1.5 and 4.5 s; left ankle gone 1.5 to 2 s
    one, other = (
        Repetition(1, 0.5, 1.5, 2.5, ()),
        Repetition(2, 3.5, 4.5, 5.5, ()),
    )
    made = comparison_of(ComparedSet(analysis, _summary(one, other), ()))
    assert made is not None
    curves = {c["title"]: c for c in made["curves"]}
    left, right = (
        curves["Left knee bend"]["values"],
        curves["Right knee bend"]["values"],
    )
    assert left[0][60] is None and left[1][60] is not None  # 1.7 s
    assert right[0][50] == pytest.approx(95.0, abs=0.2) == right[1][50]
    depth = 0.5 - 0.5 * np.cos(2 * np.pi * 1.0 / 3.0)  # 25 % is 1.0 s
    assert right[0][25] == pytest.approx(5 + 90 * depth, abs=0.2)


def test_clear_differences_are_later_minus_earlier_of_what_is_shown() -> None:
    rows = {
        r.title: r for r in rows_of(_summary(FIRST, SECOND), (TIME, KNEE), 0, 1)
    }
    assert rows["time"].change == pytest.approx(0.6) and rows["time"].is_clear
    assert (
        rows["left knee bend, largest"].change == -12
        and rows["left knee bend, largest"].is_clear
    )
    assert not rows[
        "right knee bend, largest"
    ].is_clear  # 3 degrees are less than the scatter
    text = _told(list(rows.values()), FIRST, SECOND)
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
    assert (
        row.change == 25 and not row.is_clear
    )  # both bands together are 28 N m
    assert "no clear difference" in _told([row], FIRST, SECOND)


def test_load_is_never_compared_between_the_sides() -> None:
    effort = _column(
        "knee effort, largest",
        "effort",
        (_figure("effort_k", 50.0, "%", "left"),),
        (_figure("effort_k", 90.0, "%", "right"),),
    )
    assert rows_of(_summary(FIRST, SECOND), (effort,), 0, 1) == []
    left, right = (
        Repetition(1, 1, 2, 3, (), "left"),
        Repetition(2, 4, 5, 6, (), "right"),
    )
    same = _column(
        "knee effort, largest", "effort", effort.cells[0], effort.cells[0]
    )
    assert rows_of(_summary(left, right), (same,), 0, 1) == []
    (knee,) = rows_of(
        _summary(left, right), (KNEE,), 0, 1
    )  # each with the bend of its own side
    assert (knee.first.value, knee.second.value) == (
        110.4,
        103.0,
    ) and knee.title == "knee bend, largest"
    assert "not compared between the sides" in _told([knee], left, right)


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


def test_a_long_set_offers_its_first_and_last_repetitions_and_a_single_one_nothing() -> (
    None
):
    assert shown_places(16) == list(range(16))
    assert shown_places(30) == [
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        22,
        23,
        24,
        25,
        26,
        27,
        28,
        29,
    ]
    assert comparison_of(_set(_summary(FIRST), ())) is None


# --- two sets ------------------------------------------------------------------------------------------------------

DEEP = _column(
    "knee bend, largest",
    "movement",
    (_figure("k", 120.0, "deg", "left"), _figure("k", 121.0, "deg", "right")),
)
PEAK = _column(
    "knee torque, peak", "torque", (_figure("tau", 150.0, "N m", "left"),)
)
WEAK = _column(
    "knee torque, peak", "torque", (_figure("tau", 90.0, "N m", "left"),)
)


def test_repetitions_of_two_sets_stand_in_the_order_in_which_they_were_done() -> (
    None
):
    before, this = (
        _set(_summary(FIRST), (DEEP, WEAK)),
        _set(_summary(FIRST, SECOND), (KNEE,)),
    )
    made = comparison_of(this, before)
    assert made is not None
    assert [r["label"] for r in made["repetitions"]] == [
        "Repetition 1 of the set before",
        "Repetition 1 of this set",
        "Repetition 2 of this set",
    ]
    assert [r["set"] for r in made["repetitions"]] == [1, 0, 0] and made[
        "chosen"
    ] == [0, 1]
    text = made["pairs"]["0-1"][
        "text"
    ]  # 120 to 110 on the left, 121 to 100 on the right
    assert text.startswith(
        "Repetition 1 of this set against repetition 1 of the set before: "
    )
    assert "largest right knee bend 21 degrees less (121, then 100)" in text
    assert made["pairs"]["1-2"]["text"].startswith(
        "Repetition 2 of this set against"
    )


def test_curves_of_two_sets_are_read_from_their_own_motion() -> None:
    """The later film is the earlier one, delayed by a second."""
    late = replace(ANALYSIS, time_s=ANALYSIS.time_s + 1.0)
    rep, later = (
        Repetition(1, 0.5, 1.5, 2.5, ()),
        Repetition(1, 1.5, 2.5, 3.5, ()),
    )
    made = comparison_of(
        ComparedSet(late, _summary(later), ()),
        ComparedSet(ANALYSIS, _summary(rep), ()),
    )
    assert made is not None
    right = next(c for c in made["curves"] if c["title"] == "Right knee bend")[
        "values"
    ]
    assert right[0] == right[1] and right[0][50] == pytest.approx(95.0, abs=0.2)


def test_another_exercise_or_view_or_an_unsure_name_is_not_compared() -> None:
    this, one = _set(_summary(FIRST, SECOND), (KNEE,)), _summary(FIRST)
    for other in (
        replace(one, exercise=Recognition("lunge", 1.0)),
        replace(one, view="front"),
        replace(one, exercise=Recognition("squat", 0.5)),
        replace(one, repetitions=()),
    ):
        made = comparison_of(this, _set(other, (DEEP,)))
        assert made is not None and [r["set"] for r in made["repetitions"]] == [
            0,
            0,
        ]


def test_torque_is_compared_only_for_one_body_and_another_load_is_told() -> (
    None
):
    heavy = _set(replace(_summary(FIRST), load_kg=60.0), (PEAK,))
    (row,) = compare.rows_of(
        Compared(_set(_summary(FIRST), (WEAK,)), 0), Compared(heavy, 0)
    )
    assert row.change == 60 and row.is_clear
    text = sentence(
        [row], Compared(_set(_summary(FIRST), (WEAK,)), 0), Compared(heavy, 0)
    )
    assert "The load was 0 kg, then 60 kg." in text
    other = Compared(_set(_summary(FIRST), (WEAK,), mass_kg=60.0), 0)
    assert compare.rows_of(other, Compared(heavy, 0)) == []
    assert "height or mass were not the same" in sentence(
        [], other, Compared(heavy, 0)
    )
