"""Faults that only lines of the picture show: at the moment something passes, at the turn, over the clip.

A line of the picture is known to 5 degrees (chosen), a share to a tenth of its limit (chosen); a fault is told with
80 % probability, at 0.8416 standard errors beyond its limit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_figure import FRAMES, stick_track
from summary_fixtures import clip
from test_fault_limits import BASE, SURE_AT, planted, repetitions

from musclepose.movement.find_faults import find_faults, not_judged
from musclepose.movement.measure import Measure
from musclepose.movement.picture import feet_in_picture, trunk_in_picture
from musclepose.movement.summary import Check, Fault

PICTURE_ERROR_DEG = 5.0
TIME_S = BASE.time_s
STRAIGHTENING = np.clip(
    100.0 - 50.0 * TIME_S, 0.0, 100.0
)  # knees: 52 deg at 0.96 s
RISING = np.clip(0.5 * TIME_S, 0.0, 1.0)
NO_REPETITION = "no full repetition was seen"


def lift(
    lean_deg: float, exercise: str, knee: np.ndarray, lifted: np.ndarray
) -> Measure:
    """The trunk leans so much until the knees are nearly straight, then it comes up."""
    lean = np.where(TIME_S < 1.3, lean_deg, 10.0)
    place = "hand" if exercise == "deadlift" else "shoulder"
    return planted(
        {
            "trunk_in_picture_deg": lean,
            "knee_in_picture_l_deg": knee,
            "knee_in_picture_r_deg": knee,
            f"{place}_height_in_picture": lifted,
        }
    )


def told(measure: Measure, exercise: str, name: str) -> Fault | None:
    """The fault in a clip without a whole repetition."""
    faults = find_faults(measure, exercise, (), "high", "side").faults
    return next((f for f in faults if f.name == name), None)


@pytest.mark.parametrize(
    ("exercise", "limit_deg"), [("deadlift", 55.0), ("squat", 45.0)]
)
def test_a_trunk_that_still_leans_when_the_knees_are_nearly_straight(
    exercise: str, limit_deg: float
) -> None:
    sure = limit_deg + SURE_AT * PICTURE_ERROR_DEG
    fault = told(
        lift(sure + 0.1, exercise, STRAIGHTENING, RISING),
        exercise,
        "hips_first",
    )
    assert fault is not None and fault.evidence.threshold == limit_deg
    assert fault.evidence.time_s == pytest.approx(0.96, abs=0.1)
    assert fault.evidence.value == pytest.approx(sure + 0.1)
    assert (
        told(
            lift(sure - 0.1, exercise, STRAIGHTENING, RISING),
            exercise,
            "hips_first",
        )
        is None
    )


@pytest.mark.parametrize(
    ("knee", "lifted"),
    [
        (
            STRAIGHTENING,
            RISING * 0.1,
        ),  # the hands stay where they are: a change of stance
        (
            STRAIGHTENING * 0.6,
            RISING,
        ),  # knees that were never bent much: a stiff-legged pull
        (STRAIGHTENING[::-1], RISING[::-1]),  # on the way down
    ],
)
def test_what_is_no_pull_from_bent_knees_is_not_judged(
    knee: np.ndarray, lifted: np.ndarray
) -> None:
    found = find_faults(
        lift(75.0, "deadlift", knee, lifted), "deadlift", (), "high", "side"
    )
    assert not found.faults
    assert (
        next(c for c in found.checks if c.fault == "hips_first").outcome
        == "unseen"
    )


def test_hips_that_rise_first_lift_the_hands_before_the_knees_pass() -> None:
    """The hands go up while the knees are bent far, and rest while the knees straighten: the rise counts all the same.

    A grip that is set while they bend is none: the hands go down first.
    """
    early = np.clip(
        0.5 * TIME_S, 0.0, 0.3
    )  # 68 deg at 0.64 s: 0.3 by then, and no more after it
    knee = np.clip(100.0 - 50.0 * TIME_S, 0.0, 100.0)
    assert (
        told(lift(75.0, "deadlift", knee, early), "deadlift", "hips_first")
        is not None
    )
    assert (
        told(lift(75.0, "deadlift", knee, -early), "deadlift", "hips_first")
        is None
    )


def test_a_trunk_that_stays_down_was_no_lift() -> None:
    measure = lift(75.0, "deadlift", STRAIGHTENING, RISING)
    stays = {"trunk_in_picture_deg": np.full(len(TIME_S), 75.0)}
    for name, values in stays.items():
        measure.columns[name] = replace(measure.columns[name], values=values)
    assert told(measure, "deadlift", "hips_first") is None


def test_other_faults_need_a_whole_repetition() -> None:
    checks = find_faults(planted({}), "deadlift", (), "high", "side").checks
    reasons = {c.fault: c.reason for c in checks}
    assert reasons["soft_lockout"] == NO_REPETITION
    assert reasons["hips_first"] != NO_REPETITION


def tipped(by_deg: float, side: str) -> Fault | None:
    """One foot tips forward by so much within half a second of each turn."""
    near_turn = sum(np.abs(TIME_S - r.turn_s) < 0.5 for r in repetitions()) > 0
    measure = planted(
        {f"foot_in_picture_{side}_deg": np.where(near_turn, 5.0 + by_deg, 5.0)}
    )
    faults = find_faults(measure, "squat", repetitions(), "high", "side").faults
    return next((f for f in faults if f.name == "heel_lift"), None)


@pytest.mark.parametrize(("letter", "side"), [("l", "left"), ("r", "right")])
def test_a_heel_that_leaves_the_floor_is_told_of_its_side(
    letter: str, side: str
) -> None:
    sure = 15.0 + SURE_AT * PICTURE_ERROR_DEG
    fault = tipped(sure + 0.1, letter)
    assert fault is not None and fault.evidence.side == side
    assert fault.evidence.value == pytest.approx(sure + 0.1)
    assert fault.repetitions == (1, 2, 3, 4)
    assert tipped(sure - 0.1, letter) is None


def swinging(share_pct: float, feet: float = 0.5) -> tuple[Fault | None, Check]:
    hands = {
        "hands_before_each_other_in_picture": np.full(
            len(TIME_S), feet * share_pct / 100.0
        )
    }
    apart = {"feet_before_each_other_in_picture": np.full(len(TIME_S), feet)}
    found = find_faults(planted(hands | apart), "walking", (), "high", "side")
    check = next(c for c in found.checks if c.fault == "arm_swing")
    return next((f for f in found.faults if f.name == "arm_swing"), None), check


def test_arms_that_hardly_swing_beside_the_legs() -> None:
    sure = 60.0 - SURE_AT * 6.0
    fault, _ = swinging(sure - 0.1)
    assert fault is not None and fault.evidence.value == pytest.approx(
        sure - 0.1
    )
    assert swinging(sure + 0.1)[0] is None
    assert swinging(90.0)[1].outcome == "clear"
    assert (
        swinging(30.0, feet=0.2)[1].outcome == "unseen"
    )  # seen along the way, not from its side


def test_a_poor_fit_leaves_what_the_picture_shows() -> None:
    bent = {
        f"elbow_in_picture_{x}_deg": np.full(len(TIME_S), 60.0) for x in "lr"
    }
    swung = {"trunk_lean_deg": np.where(TIME_S % 1.0 < 0.5, 0.0, 60.0)}
    measure = planted(bent | swung)
    found = find_faults(
        measure, "curl", repetitions(), "low", "side", by_picture_only=True
    )
    assert [f.name for f in found.faults] == ["partial_range"]
    assert (
        next(c for c in found.checks if c.fault == "body_swing").outcome
        == "unseen"
    )


def test_straight_arms_are_looked_for_between_the_turns() -> None:
    """Straight only for a moment, midway between two turns, outside of the counted repetitions."""
    middle = (repetitions()[0].turn_s + repetitions()[1].turn_s) / 2.0
    elbow = np.where(np.abs(TIME_S - middle) < 0.1, 5.0, 60.0)
    columns = {f"elbow_in_picture_{x}_deg": elbow for x in "lr"}
    found = find_faults(planted(columns), "curl", repetitions(), "high", "side")
    fault = next(f for f in found.faults if f.name == "partial_range")
    assert fault.repetitions == (
        2,
        3,
    )  # not 1, and nothing comes after the last turn


@pytest.mark.parametrize("exercise", ["deadlift", "romanian_deadlift"])
def test_a_rounded_back_is_said_to_be_unseen_in_a_hinge(exercise: str) -> None:
    for checks in (
        find_faults(
            planted({}), exercise, repetitions(), "high", "side"
        ).checks,
        not_judged(exercise, "any reason").checks,
    ):
        assert ("rounding of the back", "unseen") in {
            (c.what, c.outcome) for c in checks
        }


def test_the_picture_s_lean_and_foot_are_those_of_the_drawing() -> None:
    track = stick_track(
        {
            "trunk": 180.0 - 30.0,
            "thigh": 0.0,
            "shank": 0.0,
            "upper_arm": 0.0,
            "forearm": 0.0,
        }
    )
    assert trunk_in_picture(track) == pytest.approx(np.full(FRAMES, 30.0))
    heel, flat, away = (
        np.array([100.0, 300.0]),
        np.array([150.0, 300.0]),
        np.array([105.0, 300.0]),
    )
    tiptoe = heel + 50.0 * np.array(
        [np.cos(np.radians(20.0)), np.sin(np.radians(20.0))]
    )
    points = np.stack([heel, heel, tiptoe, flat])
    visible = np.ones((FRAMES, 4))
    visible[:10, 3] = 0.5  # the right toe
    seen = replace(
        track,
        heel_toe_px=np.tile(points, (FRAMES, 1, 1)),
        heel_toe_visibility=visible,
    )
    left, right = feet_in_picture(seen)
    assert left == pytest.approx(np.full(FRAMES, 20.0))
    assert np.isnan(right[:10]).all() and right[10:] == pytest.approx(
        np.zeros(FRAMES - 10)
    )
    short = replace(
        seen,
        heel_toe_px=np.tile(np.stack([heel, heel, away, away]), (FRAMES, 1, 1)),
    )
    assert np.isnan(feet_in_picture(short)).all()


def test_a_clip_without_heels_shows_no_foot() -> None:
    assert np.isnan(Measure(clip("squat")).seen("foot_in_picture_l_deg")).all()


def test_elbows_drift_in_a_set_not_in_a_single_repetition() -> None:
    """A single one may be cut out of a longer movement, and the way to the start is no drift."""
    swung = np.where(TIME_S % 1.0 < 0.5, 0.0, 60.0)
    measure = planted({f"arm_in_picture_{x}_deg": swung for x in "lr"})
    for repetitions_, outcome in (
        (repetitions(), "found"),
        (repetitions()[:1], "unseen"),
    ):
        checks = find_faults(
            measure, "curl", repetitions_, "high", "side"
        ).checks
        assert {c.fault: c.outcome for c in checks}["elbow_drift"] == outcome
