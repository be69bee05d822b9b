"""One record per exercise and per fault: complete, consistent, and enough for everything that reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest
from summary_fixtures import clip

from musclepose.movement import exercises, faults
from musclepose.movement.columns import columns_of
from musclepose.movement.exercises import EXERCISES, OTHER
from musclepose.movement.faults import FAULTS, cases_of
from musclepose.movement.recognition import features_of
from musclepose.movement.records import (
    Case,
    Content,
    Exercise,
    FaultKind,
    Limit,
    LoweringTime,
    Signal,
    StepTimeDifference,
    Words,
    less,
    more,
    strictly,
)
from musclepose.movement.signals import sides_of
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.answers import answer
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.report import write_report

CASES = [(kind, case) for kind in FAULTS.values() for case in kind.cases]
IDS = [f"{kind.name}-{case.exercises[0]}" for kind, case in CASES]


@pytest.fixture(scope="module")
def squat() -> PhysicsSummary:
    return summarise(clip("squat", depth=1.25))


def test_every_record_names_columns_and_features_that_exist() -> None:
    analysis = clip("squat")
    columns = columns_of(analysis)
    features = features_of(analysis, columns)
    for exercise in EXERCISES.values():
        assert (
            exercise.cues
            and exercise.drills
            and exercise.title
            and exercise.plural
        )
        rules = [
            rule for way in exercise.ways for rule in (*way.rules, *way.gates)
        ]
        assert {rule.feature for rule in rules} <= set(features), exercise.name
        content = exercise.figures
        named = [s.column for s in exercise.signals] + [
            c for _, c in (*content.each, *content.whole)
        ]
        named += [f"tau_{dof}_nm" for dof in content.torques]
        named += [f"effort_{dof}" for dof in content.torques]
        assert {side for name in named for side in sides_of(name)} <= set(
            columns
        ), exercise.name
        assert (exercise.kind == "repetitions") == bool(exercise.signals)
        assert (exercise.kind == "gait") == bool(exercise.done)
    for _, case in CASES:
        if not isinstance(case.rule, LoweringTime | StepTimeDifference):
            assert set(sides_of(case.rule.column)) <= set(columns)


@pytest.mark.parametrize(("kind", "case"), CASES, ids=IDS)
def test_every_fault_has_words_that_its_own_claim_knows(
    kind: FaultKind, case: Case
) -> None:
    words = case.words
    assert all((words.saw, words.plain, words.why, words.cue, words.drill))
    for sentence in (*words.saw, *words.plain):
        text = sentence.format(side="", value="12 deg", reps="")
        assert any(
            re.search(claim, text, re.IGNORECASE) for claim in kind.claims
        ), text


@pytest.mark.parametrize(("kind", "case"), CASES, ids=IDS)
def test_a_fault_that_was_not_found_cannot_be_told(
    kind: FaultKind, case: Case, squat: PhysicsSummary
) -> None:
    assert not squat.faults
    for sentence in (*case.words.saw, *case.words.plain):
        told = sentence.format(side="left ", value="a lot", reps="")
        assert not check(told, squat).ok, told


def test_nothing_is_looked_for_in_a_movement_without_a_name() -> None:
    assert cases_of(OTHER) == ()


SWING = Exercise(
    name="arm_swing",
    title="arm swing",
    plural="arm swings",
    ways=(
        strictly(
            more("arm_range", 60, 10),
            less("knee_range", 20, 5),
            less("elbow_range", 20, 5),
            less("lean_middle", 20, 5),
        ),
    ),
    signals=(
        Signal("arm_elevation_{}_deg", 40.0, "concentric", rest_low=True),
    ),
    figures=Content(
        each=(("max", "arm_elevation_{}_deg"),), whole=(), torques=()
    ),
    cues=("Let the arms go by themselves.",),
    drills=("Swing with your eyes closed.",),
)
LOW_SWING = FaultKind(
    name="low_swing",
    name_when_clear="arm height",
    claims=(r"swing (?:too )?low",),
    cases=(
        Case(
            ("arm_swing",),
            "low swing",
            Limit("max", "arm_elevation_{}_deg", -1, 150, 10, together=True),
            weight=2.0,
            words=Words(
                saw=("Your arms swing low, only to {value}{reps}.",),
                plain=("Your arms swing too low.",),
                why=("A wide swing loosens the shoulders.",),
                cue=("Swing as high as a roof.",),
                drill=("Touch a doorframe with every swing.",),
            ),
        ),
    ),
)


def swinging() -> PhysicsSummary:
    return summarise(clip("jumping_jack", depth=0.7, period_s=2.0))


def test_a_made_up_exercise_and_fault_need_nothing_but_their_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = swinging()
    assert before.exercise.name != "arm_swing"
    monkeypatch.setitem(EXERCISES, "arm_swing", SWING)
    monkeypatch.setitem(FAULTS, "low_swing", LOW_SWING)
    monkeypatch.setitem(
        EXERCISES,
        "jumping_jack",
        replace(
            EXERCISES["jumping_jack"], ways=(strictly(more("flight", 9, 1)),)
        ),
    )
    summary = swinging()
    assert (
        summary.exercise.title == "arm swing" and len(summary.repetitions) == 5
    )
    fault = summary.fault("low_swing")
    assert fault is not None and fault.evidence.threshold == 150
    text = write_report(summary)
    assert "5 arm swings" in text and "Your arms swing low" in text
    assert "Swing as high as a roof." in text and "Touch a doorframe" in text
    options = [
        o for slot in answer(summary, "What is wrong?") for o in slot.options
    ]
    assert any("swing low" in o for o in options)
    assert check("Your arms swing too low.", summary).ok
    assert not check(
        "Your arms swing too low.", summarise(clip("squat", depth=1.25))
    ).ok


@pytest.mark.parametrize("room", [exercises, faults])
def test_a_file_that_holds_another_record_is_an_error(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {
        exercises: ModuleType("wrong"),
        faults: ModuleType("wrong"),
    }[room]
    wrong.EXERCISE, wrong.FAULT = SWING, LOW_SWING  # type: ignore[attr-defined]
    monkeypatch.setattr(room, "import_module", lambda _: wrong)
    with pytest.raises(ImportError, match="holds the"):
        room._found()


def test_a_gait_tells_no_largest_lean() -> None:
    """The largest of hundreds of frames of a walk is its worst estimate: 58 degrees of an upright walker."""
    gaits = [e.name for e in EXERCISES.values() if e.kind == "gait"]
    assert gaits and not [name for name in gaits if EXERCISES[name].tells_lean]
