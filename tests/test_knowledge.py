"""What is noticed follows from the figures, two clean sets read differently, and three readers get three texts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from summary_fixtures import clip

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.knowledge import notes_of
from musclepose.wave_llm.report import write_report
from musclepose.wave_llm.script import note_slots
from musclepose.wave_llm.writing import sentences_of


@pytest.fixture(scope="module")
def squat() -> PhysicsSummary:
    made = summarise(clip("squat", depth=1.3))
    return replace(made, exercise=replace(made.exercise, probability=1.0))


def with_values(summary: PhysicsSummary, stem: str, values: list[float]) -> PhysicsSummary:
    """The same set with other values in `<stem>.r1` and so on."""
    new = {f"{stem}.r{i}": value for i, value in enumerate(values, 1)}
    figures = tuple(replace(f, value=new.get(f.key, f.value)) for f in summary.figures)
    return replace(summary, figures=figures)


def names(summary: PhysicsSummary) -> set[str]:
    return {note.name for note in notes_of(summary)}


def test_lost_and_held_speed(squat: PhysicsSummary) -> None:
    """1.0 s at best and 1.4 s at the end is more than a fifth of the speed; 1.0 and 1.05 s is none."""
    assert "speed lost" in names(with_values(squat, "tempo.concentric", [1.0, 1.0, 1.1, 1.2, 1.4]))
    held = names(with_values(squat, "tempo.concentric", [1.0, 1.0, 1.02, 1.0, 1.05]))
    assert "speed held" in held and "speed lost" not in held


def test_depth_that_varies(squat: PhysicsSummary) -> None:
    varied = with_values(squat, "knee_flexion_l.max", [118.0, 104.0, 110.0, 112.0, 111.0])
    (note,) = [n for n in notes_of(varied) if n.name == "depth varies"]
    assert "118°" in note.athlete and "repetition 1" in note.athlete and "104°" in note.athlete
    assert "same depth" in names(
        with_values(squat, "knee_flexion_l.max", [110.0, 111.0, 112.0, 110.0, 111.0])
    )


def test_the_repetition_where_it_changed(squat: PhysicsSummary) -> None:
    changed = with_values(squat, "tempo.whole", [2.0, 2.0, 2.1, 3.0, 3.1])
    (note,) = [n for n in notes_of(changed) if n.name == "changed"]
    assert "From repetition 4 on" in note.athlete


def test_an_unsure_exercise_gets_no_notes(squat: PhysicsSummary) -> None:
    assert not notes_of(replace(squat, exercise=replace(squat.exercise, probability=0.3)))


SETS = (
    ("tempo.concentric", [1.0, 1.0, 1.1, 1.2, 1.4]),
    ("knee_flexion_l.max", [118.0, 104.0, 110.0, 112.0, 111.0]),
    ("tempo.whole", [2.0, 2.0, 2.1, 3.0, 3.1]),
)


@pytest.mark.parametrize(("stem", "values"), SETS)
def test_every_note_passes_the_checker(
    squat: PhysicsSummary, stem: str, values: list[float]
) -> None:
    summary = with_values(squat, stem, values)
    for note in notes_of(summary):
        for text in (note.beginner, note.athlete, note.reason, note.cue, note.drill):
            for sentence in sentences_of(text):
                assert check(sentence, summary).ok, (sentence, check(sentence, summary).reason)
        assert note.source in note.reason
        assert not any(c.isdigit() for c in note.cue + note.drill + note.beginner)


def test_two_clean_sets_read_differently(squat: PhysicsSummary) -> None:
    texts = {write_report(with_values(squat, stem, values), mark=False) for stem, values in SETS}
    assert len(texts) == len(SETS)


def test_three_readers_get_three_texts(squat: PhysicsSummary) -> None:
    """The clinician reads sources, the beginner neither degrees nor torques."""
    summary = with_values(squat, *SETS[0])
    beginner, athlete, clinician = (
        write_report(summary, level, mark=False) for level in ("beginner", "athlete", "clinician")
    )
    assert "Pareja-Blanco 2017" in clinician and "2017" not in athlete + beginner
    assert "°" not in beginner and "N m" not in beginner and "°" in athlete
    shared = set(sentences_of(beginner)) & set(sentences_of(athlete)) & set(sentences_of(clinician))
    assert len(shared) < 0.6 * len(sentences_of(beginner))
    assert len(note_slots(summary, "clinician")) > len(note_slots(summary, "beginner"))
