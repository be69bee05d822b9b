"""What was not seen is not praised, not blamed, not told: the text of clips in which something is missing."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from summary_fixtures import clip

from musclepose.movement.effort import told_effort
from musclepose.movement.progress import reason_to_wait
from musclepose.movement.recognition import Recognition
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import ExternalLoad
from musclepose.wave_llm.answers import answer
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.observations import speed_of_lift
from musclepose.wave_llm.script import script

KNEE = DOF_INDEX["knee_flexion_l"]


def text_of(summary: PhysicsSummary, level: str = "athlete") -> str:
    return " ".join(o for slot in script(summary, level) for o in slot.options)  # type: ignore[arg-type]


def outcome(summary: PhysicsSummary, fault: str) -> str:
    return next(c.outcome for c in summary.checks if c.fault == fault)


def test_an_unsure_exercise_gets_figures_and_no_advice() -> None:
    squat = clip("squat", depth=0.6, yaw_deg=90.0)
    assert summarise(squat).fault("shallow_depth") is not None
    unsure = replace(
        summarise(squat),
        exercise=Recognition("squat", 0.6),
        faults=(),
        checks=(),
    )
    text = text_of(unsure)
    assert (
        "5 repetitions" in text
        and "may be a squat" in text
        and "5 squats" not in text
    )
    assert (
        "stood out" not in text
        and "Drive the floor" not in text
        and "pause" not in text
    )


def test_what_the_view_hides_is_named_and_not_praised() -> None:
    side = summarise(clip("squat", depth=1.25, yaw_deg=90.0), "squat")
    front = summarise(clip("squat", depth=1.25, yaw_deg=0.0), "squat")
    assert (
        outcome(side, "knee_valgus") == "unseen"
        and outcome(side, "shallow_depth") == "clear"
    )
    assert (
        outcome(front, "knee_valgus") == "clear"
        and outcome(front, "shallow_depth") == "unseen"
    )
    assert (
        "could not judge knee position, difference between the sides or side lean (filmed"
        in text_of(side)
    )
    praised = next(s for s in script(front) if s.name == "matters").options[0]
    assert "knee position" in praised and "depth" not in praised


def test_a_limb_that_was_not_seen_is_neither_blamed_nor_praised() -> None:
    analysis = clip("squat", depth=1.25, yaw_deg=90.0)
    points, seen = (
        analysis.track.keypoints_px.copy(),
        analysis.track.confidence.copy(),
    )
    for ankle in (15, 16):
        points[:, ankle], seen[:, ankle] = np.nan, 0.0
    blind = summarise(
        replace(
            analysis,
            track=replace(analysis.track, keypoints_px=points, confidence=seen),
        ),
        "squat",
    )
    assert outcome(blind, "uneven_sides") == "unseen"
    assert all(figure.joint != "knee" for figure in blind.figures)


def test_a_body_that_misses_the_picture_is_not_judged() -> None:
    analysis = clip("squat", depth=0.6, yaw_deg=90.0)
    poor = replace(
        analysis, quality=replace(analysis.quality, reprojection_error_px=60.0)
    )
    summary = summarise(poor, "squat")
    assert summary.faults == () and {c.outcome for c in summary.checks} == {
        "unseen"
    }
    assert "does not lie well on the picture" in text_of(summary)


@pytest.mark.parametrize(
    ("torque_nm", "effort", "told"),
    [
        (1.3, 1.23, False),  # two numbers near zero
        (7.4, 0.4, False),  # torque just below 0.1 N m/kg of 75 kg
        (7.6, 0.4, True),
        (14.0, 1.0, False),  # strength of 14 N m, below 0.2 N m/kg
        (16.0, 1.0, True),
        (105.0, 1.4, True),
    ],
)
def test_effort_is_told_only_above_both_floors(
    torque_nm: float, effort: float, told: bool
) -> None:
    made = told_effort(np.array([torque_nm]), np.array([effort]), 75.0)
    assert np.isfinite(made[0]) == told


def with_knees(effort: float, band_nm: float = 8.0) -> PhysicsSummary:
    """A clean squat whose knees reach an effort at 60 N m."""
    analysis = clip("squat", depth=1.25, yaw_deg=90.0)
    torque, work = (
        np.zeros_like(analysis.tau_nm),
        np.zeros_like(analysis.effort),
    )
    torque[:, KNEE], work[:, KNEE - 6] = 60.0, 0.1
    work[40, KNEE - 6] = effort
    bands = np.full_like(analysis.tau_band_nm, band_nm)
    return summarise(
        replace(analysis, tau_nm=torque, effort=work, tau_band_nm=bands),
        "squat",
    )


def test_effort_and_torque_of_a_sentence_are_of_one_moment() -> None:
    summary = with_knees(0.5)
    effort, torque = (
        summary.figure(f"{k}_knee_flexion_l.{s}")
        for k, s in (("effort", "max"), ("tau", "at_effort"))
    )
    assert effort is not None and torque is not None
    assert effort.time_s == torque.time_s == pytest.approx(40 / 30)
    assert effort.band == pytest.approx(100 * 0.5 * 8 / 60)
    assert (
        "The knees worked hardest, at 60 N m: 50% of their estimated strength."
        in text_of(summary)
    )


def test_a_body_that_lies_badly_on_the_picture_gets_no_sure_name() -> None:
    analysis = clip("squat", yaw_deg=90.0)
    quality = replace(analysis.quality, reprojection_error_px=60.0)
    poor = summarise(replace(analysis, quality=quality))
    assert poor.fit_level == "low" and poor.exercise.name == "squat"
    assert summarise(analysis).is_sure and not poor.is_sure
    assert "may be a squat" in text_of(poor)


def test_above_full_strength_no_effort_is_told() -> None:
    """The estimate or the torque is wrong; which of them is not known."""
    text = text_of(with_knees(1.3))
    assert "strength" not in text and "130" not in text


@pytest.mark.parametrize(
    ("effort", "band_nm", "load", "wait"),
    [(0.5, 8.0, 0.0, False), (0.85, 8.0, 0.0, True), (0.5, 70.0, 0.0, True)],
)
def test_progress_waits_for_effort_and_certainty(
    effort: float, band_nm: float, load: float, wait: bool
) -> None:
    summary = with_knees(effort, band_nm)
    assert bool(reason_to_wait(summary)) == wait
    assert ("Add a little weight" in text_of(summary)) != wait


def test_an_untold_weight_is_asked_for() -> None:
    untold = summarise(clip("curl", yaw_deg=90.0))
    assert untold.exercise.name == "curl"
    assert "No weight was told" in text_of(untold) and "N m" not in text_of(
        untold
    )
    told = summarise(
        clip("curl", yaw_deg=90.0, load=ExternalLoad(10.0, "hands"))
    )
    assert "No weight was told" not in text_of(told) and "N m" in text_of(told)


def test_hands_that_carry_are_said_and_no_force_is_told() -> None:
    text = text_of(summarise(clip("push_up", yaw_deg=90.0)), "clinician")
    assert "Weight is carried beside the feet too (hands)" in text
    assert "N m" not in text and "body weights" not in text


def test_where_the_exercise_is_not_sure_what_may_carry_is_said() -> None:
    sure = summarise(clip("push_up", yaw_deg=90.0))
    unsure = replace(sure, exercise=Recognition("push_up", 0.5))
    text = text_of(unsure, "clinician")
    assert (
        "If it is a push-up, weight is carried beside the feet too (hands)"
        in text
    )
    assert "body weights" not in text


@pytest.mark.parametrize("level", ["beginner", "athlete", "clinician"])
def test_loads_of_left_and_right_are_never_compared(level: str) -> None:
    summary = summarise(clip("squat", right_share=0.6))
    for slot in script(summary, level):  # type: ignore[arg-type]
        for option in slot.options:
            both_sides = "left" in option and "right" in option
            assert not (both_sides and ("N m" in option or "%" in option)), (
                option
            )
    answers = " ".join(
        o
        for s in answer(summary, "Which leg carries more load?")
        for o in s.options
    )
    assert "cannot be seen by one camera" in answers and "N m" not in answers


def test_depth_is_told_against_level() -> None:
    high = summarise(clip("squat", depth=1.2, yaw_deg=90.0))
    figure = high.figure("thigh_above_level.depth")
    # Hips 126 deg bent and the pelvis 45.6 deg forward leave the thighs 90 - (126 - 45.6) = 9.6 deg above level.
    assert figure is not None and figure.value == pytest.approx(9.6, abs=0.7)
    assert re.search(r"were about (9|10)° above level", text_of(high))
    low = replace(high, figures=(replace(figure, value=-12.0),))
    assert "were about 12° below level" in text_of(low)
    assert "level" not in text_of(replace(high, view="front"))


def test_a_told_exercise_wins_and_is_called_told() -> None:
    told = summarise(clip("romanian_deadlift", yaw_deg=90.0), "deadlift")
    assert told.exercise.name == "deadlift" and told.is_sure
    assert "as you told me" in text_of(told)
    assert "as you told me" not in text_of(
        summarise(clip("squat", yaw_deg=90.0))
    )


def test_a_told_exercise_that_the_picture_contradicts_is_doubted() -> None:
    doubt = "does not look like the exercise that was told (plank)"
    summary = summarise(clip("squat", yaw_deg=90.0), "plank")
    assert any(doubt in w for w in summary.warnings)
    assert not summary.faults and all(
        check.outcome == "unseen" for check in summary.checks
    )
    fits = summarise(clip("squat", yaw_deg=90.0), "squat")
    assert not any("that was told" in w for w in fits.warnings)


def test_of_a_body_that_lies_no_force_is_told_whatever_it_does() -> None:
    summary = summarise(clip("push_up", yaw_deg=90.0))
    unknown = replace(summary, exercise=Recognition("other", 0.9))
    assert (
        summary.rests
        and "You lie, sit or lean on more than your feet" in text_of(unknown)
    )
    assert not summarise(clip("squat", yaw_deg=90.0)).rests


def test_who_leans_on_a_wall_is_not_judged_as_if_he_stood_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deep = clip("squat", depth=1.25, yaw_deg=90.0)
    assert "nothing stood out" in text_of(summarise(deep, "squat"))
    monkeypatch.setattr(
        "musclepose.movement.summarise.is_carried_beside_feet", lambda _: True
    )
    leaning = summarise(deep, "squat")
    assert {c.outcome for c in leaning.checks} == {"unseen"}
    text = text_of(leaning)
    assert "more than the feet carries" in text and "stood out" not in text


@pytest.mark.parametrize(
    ("far", "outcome_", "reason"),
    [(0.95, "clear", ""), (0.65, "unseen", "one side is hidden")],
)
def test_a_limb_behind_the_body_is_not_compared(
    far: float, outcome_: str, reason: str
) -> None:
    analysis = clip("squat", yaw_deg=45.0)
    confidence = np.ones_like(analysis.track.confidence)
    confidence[:, 13] = far  # left knee
    track = replace(analysis.track, confidence=confidence)
    summary = summarise(replace(analysis, track=track), "squat")
    (check_,) = (c for c in summary.checks if c.fault == "uneven_sides")
    assert (check_.outcome, check_.reason) == (outcome_, reason)


def test_figures_of_an_unknown_movement_on_the_floor_leave_forces_out() -> None:
    for kind, lies in (("push_up", True), ("squat", False)):
        summary = summarise(clip(kind, yaw_deg=90.0), "other")
        forces = [
            f.key
            for f in summary.figures
            if f.key.startswith(("grf_", "tau_", "effort_"))
        ]
        assert bool(forces) != lies


@pytest.mark.parametrize(
    ("load_kg", "what"),
    [(0.0, "Your hands rose at"), (60.0, "The weight rose at")],
)
def test_a_weight_that_was_not_told_does_not_rise(
    load_kg: float, what: str
) -> None:
    loaded = replace(clip("deadlift", yaw_deg=90.0), load=ExternalLoad(load_kg))
    first, _ = speed_of_lift(summarise(loaded, "deadlift"))
    assert (
        first.startswith(what)
        and check(first, summarise(loaded, "deadlift")).ok
    )


def test_of_a_movement_without_a_name_only_that_it_repeats_itself_is_missed() -> (
    None
):
    still = replace(
        summarise(clip("squat", yaw_deg=90.0), "other"),
        repetitions=(),
        kind="none",
        figures=(),
    )
    assert "I saw no movement that repeats itself." in text_of(still)
    named = replace(still, exercise=Recognition("squat", 0.99))
    assert "no full repetition" in text_of(named).lower()
