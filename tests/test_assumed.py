"""What was not told is said in words, once and for every reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from musclepose.movement.assumed import assumed_words, of_the_athlete
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import PhysicsSummary


def _summary(exercise: str, load_kg: float = 0.0) -> PhysicsSummary:
    known = PhysicsSummary(
        Recognition(exercise, 0.9), "repetitions", 8.0, "side"
    )
    return replace(
        known, assumed=("mass_kg", "sex", "age_years"), load_kg=load_kg
    )


def test_what_was_told_is_not_assumed_and_the_age_is_not_asked_for() -> None:
    assert of_the_athlete(_summary("squat")) == ["body mass", "sex"]


@pytest.mark.parametrize(
    ("exercise", "load_kg", "assumes_none"),
    [("deadlift", 0.0, True), ("deadlift", 60.0, False), ("squat", 0.0, False), ("push_up", 0.0, False)],
)  # fmt: skip
def test_no_weight_is_an_assumption_where_one_is_usual(
    exercise: str, load_kg: float, assumes_none: bool
) -> None:
    assert (
        "no weight" in assumed_words(_summary(exercise, load_kg))
    ) is assumes_none
