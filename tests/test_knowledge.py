"""What is noticed follows from the figures, two clean sets read differently, and three readers get three texts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from summary_fixtures import clip

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.query.way_up import with_way_up
from musclepose.movement.summary import PhysicsSummary, Trend
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.knowledge import notes_of, what_to_work_on
from musclepose.wave_llm.knowledge.advice import DEFAULT, advice_for, bank
from musclepose.wave_llm.knowledge.earlier_set import better_than
from musclepose.wave_llm.knowledge.sources import SOURCES
from musclepose.wave_llm.report import write_report
from musclepose.wave_llm.script import note_slots
from musclepose.wave_llm.writing import sentences_of


@pytest.fixture(scope="module")
def squat() -> PhysicsSummary:
    return summarise(clip("squat", depth=1.2))


def with_values(
    summary: PhysicsSummary, stem: str, values: list[float]
) -> PhysicsSummary:
    """The same set with other values in `<stem>.r1` and so on."""
    new = {f"{stem}.r{i}": value for i, value in enumerate(values, 1)}
    figures = tuple(
        replace(f, value=new.get(f.key, f.value)) for f in summary.figures
    )
    return replace(summary, figures=figures)


def names(summary: PhysicsSummary) -> set[str]:
    return {note.name for note in notes_of(summary)}


def test_lost_and_held_speed(squat: PhysicsSummary) -> None:
    """1.0 s at best and 1.4 s at the end is more than a fifth of the speed; 1.0 and 1.05 s is none."""
    assert "speed lost" in names(
        with_values(squat, "tempo.concentric", [1.0, 1.0, 1.1, 1.2, 1.4])
    )
    held = names(
        with_values(squat, "tempo.concentric", [1.0, 1.0, 1.02, 1.0, 1.05])
    )
    assert "speed held" in held and "speed lost" not in held


def test_depth_that_varies(squat: PhysicsSummary) -> None:
    varied = with_values(
        squat, "knee_flexion_l.max", [118.0, 104.0, 110.0, 112.0, 111.0]
    )
    (note,) = [n for n in notes_of(varied) if n.name == "depth varies"]
    assert (
        "118°" in note.athlete
        and "repetition 1" in note.athlete
        and "104°" in note.athlete
    )
    near = with_values(
        squat, "knee_flexion_l.max", [111.0, 104.0, 110.0, 111.0, 110.0]
    )
    assert not names(near) & {"depth varies", "same depth"}
    assert "same depth" in names(
        with_values(
            squat, "knee_flexion_l.max", [110.0, 111.0, 112.0, 110.0, 111.0]
        )
    )


def test_the_repetition_where_it_changed(squat: PhysicsSummary) -> None:
    changed = with_values(squat, "tempo.whole", [2.0, 2.0, 2.1, 3.0, 3.1])
    (note,) = [n for n in notes_of(changed) if n.name == "changed"]
    assert "From repetition 4 on" in note.athlete


def test_an_unsure_exercise_gets_no_notes(squat: PhysicsSummary) -> None:
    assert not notes_of(
        replace(squat, exercise=replace(squat.exercise, probability=0.3))
    )


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
        for sentence in sentences_of(f"{note.beginner} {note.athlete}"):
            assert check(sentence, summary).ok, (
                sentence,
                check(sentence, summary).reason,
            )
        assert not any(c.isdigit() for c in note.beginner)


def test_a_trunk_that_tips_more_is_no_fault_claim(
    squat: PhysicsSummary,
) -> None:
    trend = Trend("trunk_lean", "trunk lean", 20.0, 35.0, "deg", 75.0, "a", "b")
    tipping = replace(squat, trends=(trend,))
    (note,) = [n for n in notes_of(tipping) if n.name == "lean grew"]
    assert (
        check(note.beginner, tipping).ok and not check(note.beginner, squat).ok
    )


def test_arms_that_do_not_open_pass_the_checker(squat: PhysicsSummary) -> None:
    """A curl whose elbows never open further than 52°: told, and not taken for a comparison of the sides."""
    made = [
        Figure(f"elbow_flexion_l.min.r{r.index}", 52.0 + r.index, "deg", "", 0, "", "elbow", "left", r.index)
        for r in squat.repetitions
    ]  # fmt: skip
    curl = replace(
        squat,
        exercise=replace(squat.exercise, name="curl"),
        figures=tuple(made),
    )
    (note,) = [n for n in notes_of(curl) if n.name == "bottom bent"]
    assert "53°" in note.athlete and check(note.athlete, curl).ok


def test_all_advice_is_said_simply_and_cites_a_known_source() -> None:
    """Cues and drills without digits, one sentence each; every source is in the list, and every one is used."""
    for advice in bank():
        for text in (advice.cue, advice.drill, advice.reason):
            assert (
                not any(c.isdigit() for c in text)
                and len(sentences_of(text)) <= 1
            )
        assert bool(advice.reason) == bool(advice.source)
    assert {a.source for a in bank() if a.source} == set(SOURCES)


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_every_exercise_has_a_cue_a_drill_and_a_reason(name: str) -> None:
    advice = advice_for(name, DEFAULT)
    assert advice is not None and advice.cue and advice.drill and advice.reason


def test_what_to_work_on_follows_the_most_telling_note(
    squat: PhysicsSummary,
) -> None:
    slow = with_values(squat, "tempo.concentric", [1.0, 1.0, 1.1, 1.2, 1.4])
    steady = with_values(squat, "tempo.concentric", [1.0, 1.0, 1.0, 1.0, 1.0])
    assert what_to_work_on(slow) == advice_for("squat", "speed lost")
    assert what_to_work_on(steady) != what_to_work_on(slow)
    assert (
        what_to_work_on(
            replace(squat, exercise=replace(squat.exercise, probability=0.3))
        )
        is None
    )


def test_every_source_that_a_clinician_reads_is_given_in_full(
    squat: PhysicsSummary,
) -> None:
    text = write_report(with_values(squat, *SETS[0]), "clinician", mark=False)
    cited = {name for name in SOURCES if f"({name})" in text}
    assert cited and all(SOURCES[name].full in text for name in cited)
    assert sum(source.full in text for source in SOURCES.values()) == len(cited)


def better(now: PhysicsSummary, before: PhysicsSummary) -> list[str]:
    return [note.name for note in better_than(now, before)]


def test_what_was_better_than_in_the_set_before(squat: PhysicsSummary) -> None:
    """The average bend 12° larger is told, 4° is not; nor where view or exercise changed."""

    def bent(value: float) -> PhysicsSummary:
        figures = [
            replace(f, value=value)
            if f.key == "knee_flexion_l.max.average"
            else f
            for f in squat.figures
        ]
        return replace(squat, figures=tuple(figures))

    deeper = bent(112.0)
    assert (
        better(deeper, bent(100.0)) == ["deeper"]
        and better(deeper, bent(108.0)) == []
    )
    assert better(deeper, replace(bent(100.0), view="side")) == []
    assert "112°" in better_than(deeper, bent(100.0))[0].athlete
    short = replace(squat, repetitions=squat.repetitions[:3])
    assert better(squat, short) == ["more"] and better(short, squat) == []
    assert "more repetitions than in the set before" in write_report(
        squat, earlier=short
    )


def test_a_stall_in_the_middle_of_the_way_up(squat: PhysicsSummary) -> None:
    """Thirds of 0.4, 0.2 and 0.4 m/s stall; 0.3, 0.5 and 0.3 is an easy lift."""

    def thirds(*values: float) -> set[str]:
        made = [
            Figure(f"way_up.{n}", v, "m/s", "", 2, n, repetition=4)
            for n, v in zip(("first", "middle", "last"), values, strict=True)
        ]
        return names(replace(squat, figures=(*squat.figures, *made)))

    assert "slow middle" in thirds(
        0.4, 0.2, 0.4
    ) and "slow middle" not in thirds(0.3, 0.5, 0.3)


def test_the_thirds_of_the_way_up_are_figures_of_the_clip() -> None:
    analysis = clip("squat", depth=1.2, period_s=3.0)
    summary = summarise(analysis)
    made = with_way_up(summary, analysis)
    new = [f for f in made.figures if f.key.startswith("way_up.")]
    assert [f.key for f in new] == [
        "way_up.first",
        "way_up.middle",
        "way_up.last",
    ]
    whole = made.figure(f"velocity.mean.r{new[0].repetition}")
    assert whole is not None
    assert sum(f.value for f in new) / 3 == pytest.approx(whole.value, abs=0.05)
    assert with_way_up(summary, None) is summary


def test_two_clean_sets_read_differently(squat: PhysicsSummary) -> None:
    texts = {
        write_report(with_values(squat, stem, values), mark=False)
        for stem, values in SETS
    }
    assert len(texts) == len(SETS)


def test_three_readers_get_three_texts(squat: PhysicsSummary) -> None:
    """The clinician reads sources, the beginner neither degrees nor torques."""
    summary = with_values(squat, *SETS[0])
    beginner, athlete, clinician = (
        write_report(summary, level, mark=False)
        for level in ("beginner", "athlete", "clinician")
    )
    assert (
        "Pareja-Blanco 2017" in clinician and "2017" not in athlete + beginner
    )
    assert "°" not in beginner and "N m" not in beginner and "°" in athlete
    shared = (
        set(sentences_of(beginner))
        & set(sentences_of(athlete))
        & set(sentences_of(clinician))
    )
    assert len(shared) < 0.6 * len(sentences_of(beginner))
    assert len(note_slots(summary, "clinician")) > len(
        note_slots(summary, "beginner")
    )
