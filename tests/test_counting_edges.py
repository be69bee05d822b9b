"""Repetitions at the clip's start and end: what began half way is partial, and rest decides which way is out."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.movement.counting import (
    Cycles,
    Height,
    count_pair,
    find_cycles,
    mean_of_sides,
    rhythm,
)
from musclepose.movement.exercises import EXERCISES, OTHER
from musclepose.movement.signals import Seen, counted_on

RATE_HZ = 30.0


def _bends(start_s: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
    """A joint that bends by 90 deg every 2 s and is straight at whole multiples of it, cut out of a longer set."""
    time_s = np.arange(0.0, end_s - start_s, 1.0 / RATE_HZ)
    return 45.0 * (1.0 - np.cos(np.pi * (time_s + start_s))), time_s


def _count(
    start_s: float, end_s: float, rest_low: bool | None = True
) -> Cycles:
    signal, time_s = _bends(start_s, end_s)
    return find_cycles(signal, time_s, 30.0, rest_low)


def test_whole_set() -> None:
    assert len(_count(0.0, 6.0).full) == 3


@pytest.mark.parametrize("start_s", [0.75, 1.0])
def test_started_half_way_is_cut_off_not_counted(start_s: float) -> None:
    cycles = _count(start_s, 6.0)
    assert len(cycles.full) == 2
    assert cycles.cut_off
    assert [round(c.turn_s + start_s) for c in cycles.full] == [3, 5]


def test_ended_half_way_is_cut_off_not_counted() -> None:
    cycles = _count(0.0, 5.25)
    assert len(cycles.full) == 2 and cycles.cut_off


def test_begun_half_way_is_counted_where_it_is_finished_and_not_where_nobody_saw_its_end() -> (
    None
):
    """38 of 90 deg are bent at the clip's start, or at its end."""
    begun = _count(0.45, 6.0)
    assert len(begun.full) == 3
    assert [c.begun for c in begun.full] == [True, False, False]
    assert len(_count(0.0, 5.55).full) == 2
    assert not any(c.begun for c in _count(0.0, 6.0).full)


@pytest.mark.parametrize(("start_deg", "count"), [(45.0, 3), (54.0, 2)])
def test_half_of_the_way_out_is_enough_and_less_is_cut_off(
    start_deg: float, count: int
) -> None:
    """A first bend to 90 deg that had begun at so many, then two to 60 deg."""
    knots_s, bends = (
        [0.0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
        [start_deg, 90, 0, 60, 0, 60, 0],
    )
    time_s = np.arange(0.0, 5.5, 1.0 / RATE_HZ)
    cycles = find_cycles(np.interp(time_s, knots_s, bends), time_s, 30.0, True)
    assert len(cycles.full) == count and cycles.full[0].begun == (count == 3)


def test_a_body_that_is_up_again_has_finished_although_its_knees_are_bent() -> (
    None
):
    """The clip ends while 38 of 90 deg are bent; the body has 95 or 53 % of its height back by then."""
    signal, time_s = _bends(0.0, 5.55)
    for back, count in ((0.9, 3), (0.5, 2)):
        sunk = np.where(
            time_s > 5.0, 1.0 - 2.0 * back * (time_s - 5.0), signal / 90.0
        )
        height = Height(time_s, 1.5 - sunk)
        assert (
            len(find_cycles(signal, time_s, 30.0, True, height=height).full)
            == count
        )
    unseen = Height(time_s, np.full(len(time_s), np.nan))
    assert len(find_cycles(signal, time_s, 30.0, True, height=unseen).full) == 2


@pytest.mark.parametrize("name", ["lunge", "step_up"])
def test_the_height_of_the_shoulders_ends_a_lunge_and_a_step_up(
    name: str,
) -> None:
    signal, time_s = _bends(0.0, 5.55)
    counted = EXERCISES[name].signals[0].column
    size = -0.01 if counted == "com_height_m" else 1.0
    courses = dict.fromkeys(
        (counted.format("l"), counted.format("r")), size * signal
    )
    sunk = np.where(time_s > 5.0, 0.0, signal / 90.0)
    for height, count in ((-sunk, 3), (-signal / 90.0, 2)):
        seen = _seen(
            courses | {"shoulder_height_in_picture": height}, len(time_s)
        )
        found = counted_on(name, seen, time_s)
        assert found is not None and len(found[1].full) == count


def test_half_way_between_two_rests_the_one_that_gives_more_repetitions_counts() -> (
    None
):
    """Of three bends the first and the last are cut; from bent to bent two are whole."""
    signal, time_s = _bends(0.55, 5.45)
    assert len(find_cycles(signal, time_s, 30.0).full) == 2
    assert len(find_cycles(90.0 - signal, time_s, 30.0).full) == 2
    assert len(find_cycles(signal, time_s, 30.0, True).full) == 1


def test_a_hidden_side_that_goes_its_own_way_is_not_counted() -> None:
    """The left wrist goes up twice and is always seen; the right one is a guess, and seen most of the time."""
    bend, time_s = _bends(0.0, 4.0)
    guess = np.where((time_s > 3.0) & (time_s < 3.4), 0.0, bend)
    assert len(count_pair(bend, guess, time_s, 30.0, True).full) == 2
    hidden = np.where(
        time_s % 1.0 < 0.2, np.nan, 90.0 * (np.sin(4.0 * time_s) > 0.0)
    )
    for pair in ((bend, hidden), (hidden, bend)):
        cycles = count_pair(*pair, time_s, 30.0, True)
        assert [c.turn_s for c in cycles.full] == pytest.approx(
            [1.0, 3.0], abs=0.05
        )


def test_sides_that_take_no_turns_are_counted_together() -> None:
    """Six times both knees open, in turn by 110 deg; out of its turn the left one by 60 deg, the right one by 20."""
    time_s = np.arange(0.0, 12.0, 1.0 / RATE_HZ)
    left, right = np.full(len(time_s), 120.0), np.full(len(time_s), 120.0)
    for i in range(6):
        opening = np.exp(-(((time_s - 1.0 - 2.0 * i) / 0.4) ** 2))
        left -= (110.0 if i % 2 else 60.0) * opening
        right -= (20.0 if i % 2 else 110.0) * opening
    for counted, one in ((6, left), (3, right)):
        assert len(find_cycles(one, time_s, 24.0, False).full) == counted
    assert len(count_pair(left, right, time_s, 24.0, False).full) == 6


@pytest.mark.parametrize(
    "name", ["curl", "push_up", "overhead_press", "jumping_jack", "squat"]
)
def test_rest_is_known_of_exercises_with_a_rest(name: str) -> None:
    assert all(signal.rest_low is True for signal in EXERCISES[name].signals)


def test_nothing_is_counted_across_what_nobody_saw() -> None:
    """Three bends of 2 s; the turn of the second one is unseen for 0.4 s, then for 1 s."""
    signal, time_s = _bends(0.0, 6.0)
    for gap_s, count in ((0.4, 3), (1.0, 2)):
        unseen = np.abs(time_s - 3.0) < 0.5 * gap_s
        cycles = find_cycles(
            np.where(unseen, np.nan, signal), time_s, 30.0, True
        )
        assert len(cycles.full) == count
        assert cycles.cut_off == (count == 2)


def test_rhythm_of_a_wave_of_one_bump_and_of_a_drift() -> None:
    signal, time_s = _bends(0.0, 10.0)
    bump = np.exp(-(((time_s - 5.0) / 0.5) ** 2))
    assert rhythm(signal, time_s) > 0.95
    assert rhythm(bump, time_s) < 0.35
    assert rhythm(3.0 * time_s, time_s) < 0.3
    assert rhythm(np.full(300, np.nan), time_s) == 0.0


def _seen(courses: dict[str, np.ndarray], frames: int) -> Seen:
    return lambda column: courses.get(column, np.zeros(frames))


def test_a_movement_without_a_name_must_repeat_itself() -> None:
    """Bends of one length are repetitions; bends each shorter than the last are none."""
    time_s = np.arange(0.0, 16.0, 1.0 / RATE_HZ)
    for turns, count in (
        (time_s / 4.0, 4),
        (0.05 * time_s + 0.04 * time_s**2, 0),
    ):
        bend = 30.0 * (1.0 - np.cos(2.0 * np.pi * turns))
        assert len(find_cycles(bend, time_s, 24.0).full) >= 4
        found = counted_on(
            OTHER, _seen({"elbow_flexion_l_deg": bend}, len(time_s)), time_s
        )
        assert found is not None and len(found[1].full) == count


def test_arms_that_open_and_close_are_counted_where_no_joint_bends() -> None:
    time_s = np.arange(0.0, 12.0, 1.0 / RATE_HZ)
    apart = 1.0 - np.cos(np.pi * time_s)  # 0 to 2 trunks every 2 s
    for course, count in (
        (apart, 6),
        (0.2 * apart, 0),
        (np.where(time_s < 2.0, apart, 0.0), 0),
    ):
        found = counted_on(
            OTHER,
            _seen({"hands_apart_in_picture": course}, len(time_s)),
            time_s,
        )
        assert found is not None and len(found[1].full) == count


def test_a_named_exercise_needs_no_rhythm() -> None:
    time_s = np.arange(0.0, 16.0, 1.0 / RATE_HZ)
    bend = sum(
        90.0 * np.exp(-(((time_s - m) / 0.5) ** 2))
        for m in (1.0, 2.6, 9.0, 14.6)
    )
    courses = {f"elbow_flexion_{side}_deg": bend for side in "lr"}
    found = counted_on("curl", _seen(courses, len(time_s)), time_s)
    assert found is not None and len(found[1].full) == 4


def test_a_quieter_signal_is_counted_where_it_moves_more_and_repeats_more_clearly() -> (
    None
):
    """The elbow bends five times with a drifting size; the hips open and close six times, more clearly."""
    time_s = np.arange(0.0, 12.0, 1.0 / RATE_HZ)
    uneven = 15.0 * (
        1.0 - np.cos(2.0 * np.pi * (0.3 * time_s + 0.01 * time_s**2))
    )
    hip = 40.0 * (1.0 - np.cos(np.pi * time_s))
    courses = {"elbow_flexion_l_deg": uneven}
    for course, column in (
        (hip, "hip_in_picture"),
        (0.3 * hip, "elbow_flexion"),
    ):
        seen = _seen(
            courses | {f"hip_in_picture_{side}_deg": course for side in "lr"},
            len(time_s),
        )
        found = counted_on(OTHER, seen, time_s)
        assert found is not None and found[0].column == f"{column}_{{}}_deg"
    found = counted_on(
        OTHER,
        _seen(courses | {"hip_in_picture_l_deg": hip}, len(time_s)),
        time_s,
    )
    assert found is not None and len(found[1].full) == 6


@pytest.mark.parametrize("name", ["squat", "lunge"])
def test_hips_stand_in_for_knees_that_were_seen_less(name: str) -> None:
    """The feet leave the picture in the first of three repetitions."""
    bend, time_s = _bends(0.0, 6.0)
    lost = np.where(time_s < 1.2, np.nan, bend)
    hips = {f"hip_flexion_{side}_deg": bend for side in "lr"}
    for knee, counted, count in ((lost, "hip", 3), (bend, "knee", 3)):
        courses = hips | {f"knee_flexion_{side}_deg": knee for side in "lr"}
        found = counted_on(name, _seen(courses, len(time_s)), time_s)
        assert found is not None and len(found[1].full) == count
        assert found[0].column == f"{counted}_flexion_{{}}_deg"


def test_a_side_that_is_lost_leaves_no_jump_in_the_mean() -> None:
    """The right knee bends 40 deg more at rest and is seen every other second."""
    bend, time_s = _bends(0.0, 6.0)
    right = np.where(time_s % 2.0 < 1.0, bend + 40.0, np.nan)
    assert mean_of_sides(bend, right) == pytest.approx(bend + 20.0)
    assert mean_of_sides(right, bend) == pytest.approx(bend + 20.0)
    assert len(count_pair(bend, right, time_s, 30.0, True).full) == 3


def test_a_movement_without_a_name_that_was_hardly_seen_or_fills_the_clip_is_not_counted() -> (
    None
):
    time_s = np.arange(0.0, 8.0, 1.0 / RATE_HZ)
    slow = 40.0 * (1.0 - np.cos(np.pi * time_s / 4.0))  # one excursion of 8 s
    quick, _ = _bends(0.0, 8.0)
    seldom = np.where(time_s < 3.0, quick, np.nan)
    for bend, count in ((slow, 0), (seldom, 0), (quick, 4)):
        unseen = {
            f"elbow_flexion_{side}_deg": np.full(len(time_s), np.nan)
            for side in "lr"
        }
        seen = _seen(unseen | {"elbow_flexion_l_deg": bend}, len(time_s))
        found = counted_on(OTHER, seen, time_s)
        assert found is not None and len(found[1].full) == count


def test_a_movement_without_a_name_is_counted_where_most_signals_agree() -> (
    None
):
    """The knees bend most and once more than hips, elbows and shoulders, which bend six times."""
    time_s = np.arange(0.0, 12.0, 1.0 / RATE_HZ)
    six = 0.5 * (1.0 - np.cos(np.pi * time_s))
    seven = 0.5 * (1.0 - np.cos(2.0 * np.pi * time_s * 7.0 / 12.0))
    for others, count in ((six, 6), (seven, 7)):
        courses = {
            f"{joint}_flexion_{side}_deg": 60.0 * others
            for joint in ("hip", "elbow")
            for side in "lr"
        }
        courses |= {f"knee_flexion_{s}_deg": 90.0 * seven for s in "lr"}
        found = counted_on(OTHER, _seen(courses, len(time_s)), time_s)
        assert found is not None and len(found[1].full) == count


def test_a_single_excursion_of_a_movement_without_a_name_is_no_repetition() -> (
    None
):
    time_s = np.arange(0.0, 8.0, 1.0 / RATE_HZ)
    for second_deg, of_curls, of_something in ((28.0, 1, 0), (80.0, 2, 2)):
        bend = sum(
            size * np.exp(-(((time_s - m) / 0.6) ** 2))
            for m, size in ((2.0, 80.0), (5.0, second_deg))
        )
        courses = {f"elbow_flexion_{s}_deg": bend for s in "lr"}
        seen = _seen(courses, len(time_s))
        for name, count in (("curl", of_curls), (OTHER, of_something)):
            found = counted_on(name, seen, time_s)
            assert found is not None and len(found[1].full) == count
