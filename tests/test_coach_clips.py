"""The proof on real clips: sentences judged against what a person saw, sentences shared, reading grade."""

from __future__ import annotations

from dataclasses import replace

import pytest
from summary_fixtures import clip

from musclepose.evaluation.coach_clips import (
    ClipText,
    Sentence,
    distinct,
    shared_share,
    texts_of,
)
from musclepose.evaluation.coach_reading import reading_grade, syllables
from musclepose.evaluation.gym_labels import Label
from musclepose.movement.summarise import summarise


def label(**changes: object) -> Label:
    base = Label(
        "squat_x",
        "train",
        "film",
        "squat",
        frozenset({"squat"}),
        5,
        frozenset(),
        (),
        (),
        {},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def verdicts(made: Label, slot: str, looked: bool = True) -> set[str]:
    told = summarise(clip("squat", depth=1.2))
    (text,) = texts_of("squat_x", told, told, made, looked, ("athlete",))
    return {s.verdict for s in text.sentences if s.slot == slot}


def test_the_count_is_judged_by_the_index() -> None:
    """The clip has five squats."""
    assert verdicts(label(), "count") == {"true"}
    assert verdicts(label(count=4), "count") == {"false"}
    assert verdicts(label(count=4, count_also=frozenset({5})), "count") == {
        "true"
    }
    assert verdicts(
        label(listed="lunge", accepted=frozenset({"lunge"})), "count"
    ) == {"false"}


def test_that_nothing_stood_out_is_false_where_a_person_saw_that_fault() -> (
    None
):
    assert verdicts(label(), "matters") == {"true"}
    assert verdicts(label(faults=(("shallow_depth",),)), "matters") == {"false"}
    assert verdicts(label(), "matters", looked=False) == {"founded"}


def test_advice_is_no_statement() -> None:
    assert verdicts(label(), "cue") == {"advice"}


def made(name: str, *sentences: str, clean: bool = True) -> ClipText:
    told = tuple(Sentence("cue", s, "advice") for s in sentences)
    return ClipText(name, "squat", clean, "athlete", told)


def test_shared_sentences_are_those_of_another_clean_clip_of_the_exercise() -> (
    None
):
    """Of a's two sentences one stands in b, of b's one sentence it stands in a: (1/2 + 1) / 2."""
    texts = [
        made("a", "Push.", "Pause."),
        made("b", "Push."),
        made("c", "Push.", clean=False),
    ]
    assert shared_share(texts) == pytest.approx(0.75)
    assert distinct(texts, ("cue",)) == (2, 2)
    assert shared_share([made("a", "Push.")]) is None


@pytest.mark.parametrize(
    ("word", "count"),
    [("squat", 1), ("repetition", 4), ("made", 1), ("little", 2), ("104", 1)],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_reading_grade_by_hand() -> None:
    """Three words of one syllable in one sentence: 0.39 * 3 + 11.8 - 15.59."""
    assert reading_grade(["Push the floor."]) == pytest.approx(-2.62)
