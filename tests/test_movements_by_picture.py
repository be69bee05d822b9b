"""Movements of a figure of sticks: which exercises their picture allows."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from stick_figure import FRAMES, TRUNK_PX, stick_track, wave
from summary_fixtures import clip

from musclepose.movement import recognition
from musclepose.movement.columns import columns_of
from musclepose.movement.exercises import EXERCISES, OTHER
from musclepose.movement.picture import (
    picture_features,
    rests_on_more_than_feet,
)
from musclepose.movement.recognition import (
    features_of,
    is_possible,
    membership,
    recognise,
)
from musclepose.movement.records import less
from musclepose.records import PoseTrack

LEGS_DOWN = {"thigh": 0.0, "shank": 0.0}
ARMS_DOWN = {"upper_arm": 0.0, "forearm": 0.0}
UP, RIGHT, LEFT = 180.0, 90.0, -90.0


def _sit_up() -> PoseTrack:
    """On the back, head to the left; knees bent, feet to the right."""
    trunk = wave(LEFT, -165.0)
    legs = {"thigh": 140.0, "shank": 40.0}
    return stick_track(
        {"trunk": trunk, **legs, "upper_arm": 170.0, "forearm": 170.0}, "hips"
    )


def _glute_bridge() -> PoseTrack:
    """Shoulders and feet stay; the hips rise until thighs and trunk are one line."""
    rise = wave(0.0, 25.0)
    pose = {"trunk": LEFT + -rise * 0, "thigh": 140.0 - rise, "shank": 15.0}
    return stick_track(
        {**pose, "trunk": LEFT + rise, "upper_arm": RIGHT, "forearm": RIGHT},
        "feet",
    )


def _pull_up() -> PoseTrack:
    """Hangs on fixed hands; the elbows bend to a right angle and more."""
    bend = wave(0.0, 70.0)
    arms = {"upper_arm": UP - bend, "forearm": UP + bend}
    return stick_track({"trunk": UP, **LEGS_DOWN, **arms}, "hands")


def _dip() -> PoseTrack:
    bend = wave(5.0, 60.0)
    arms = {"upper_arm": -bend, "forearm": bend}
    return stick_track(
        {"trunk": 170.0, "thigh": 5.0, "shank": -5.0, **arms}, "hands"
    )


def _front_raise() -> PoseTrack:
    arm = wave(5.0, 90.0)
    return stick_track(
        {"trunk": UP, **LEGS_DOWN, "upper_arm": arm, "forearm": arm}
    )


def _lateral_raise() -> PoseTrack:
    arm = wave(8.0, 90.0)
    arms = {
        "upper_arm": arm,
        "forearm": arm,
        "upper_arm_r": -arm,
        "forearm_r": -arm,
    }
    return stick_track({"trunk": UP, **LEGS_DOWN, **arms}, half_width=0.35)


def _bench_press() -> PoseTrack:
    """On a bench seen from the side, shins hanging; the hands go straight up and down."""
    bend = wave(0.0, 80.0)
    arms = {"upper_arm": UP - bend, "forearm": UP + bend * 0.9}
    return stick_track(
        {"trunk": LEFT, "thigh": 80.0, "shank": 0.0, **arms}, "hips"
    )


def _shoulder_tap() -> PoseTrack:
    tap, other = wave(0.0, 120.0), wave(0.0, 120.0, phase=0.5)
    arms = {"upper_arm": 0.0, "forearm": -tap, "forearm_r": -other}
    return stick_track(
        {"trunk": -105.0, "thigh": 75.0, "shank": 75.0, **arms}, "feet"
    )


def _mountain_climber() -> PoseTrack:
    left, right = wave(0.0, 100.0, 1.0), wave(0.0, 100.0, 1.0, 0.5)
    legs = {
        "thigh": 75.0 - left * 0.9, "shank": 75.0 + left * 0.1,
        "thigh_r": 75.0 - right * 0.9, "shank_r": 75.0 + right * 0.1,
    }  # fmt: skip
    return stick_track({"trunk": -105.0, **legs, **ARMS_DOWN}, "hands")


def _calf_raise() -> PoseTrack:
    return stick_track(
        {"trunk": UP, **LEGS_DOWN, **ARMS_DOWN}, shift=wave(0.0, 0.15)
    )


def _triceps_push_down() -> PoseTrack:
    forearm = wave(20.0, 105.0)
    return stick_track(
        {"trunk": UP, **LEGS_DOWN, "upper_arm": 5.0, "forearm": forearm}
    )


def _kettlebell_swing() -> PoseTrack:
    """The hips go back and the arms pass between the knees, then swing to the height of the chest."""
    down = wave(0.0, 1.0)
    arm = 80.0 - 85.0 * down
    pose = {
        "trunk": UP - 60.0 * down,
        "thigh": 30.0 * down,
        "shank": -15.0 * down,
    }
    return stick_track({**pose, "upper_arm": arm, "forearm": arm})


def _snatch() -> PoseTrack:
    """From the floor to overhead in one go, and down the same way, arms long; a deep bend of the legs at the floor."""
    t = wave(0.0, 1.0, 3.0)
    low = np.clip(1.0 - 2.0 * t, 0.0, 1.0)
    arm = np.clip(2.0 * t - 1.0, 0.0, 1.0) * UP
    pose = {"trunk": UP - 55.0 * low, "thigh": 80.0 * low, "shank": -45.0 * low}
    return stick_track({**pose, "upper_arm": arm, "forearm": arm})


def _clean() -> PoseTrack:
    """From the floor to the shoulders: long arms first, then folded ones."""
    t = wave(0.0, 1.0, 3.0)
    low, high = (
        np.clip(1.0 - 2.0 * t, 0.0, 1.0),
        np.clip(2.0 * t - 1.0, 0.0, 1.0),
    )
    pose = {"trunk": UP - 55.0 * low, "thigh": 80.0 * low, "shank": -45.0 * low}
    return stick_track(
        {**pose, "upper_arm": 60.0 * high, "forearm": 200.0 * high}
    )


def _sit_to_stand() -> PoseTrack:
    """Sits still, leans forward, stands, sits down again."""
    t = np.clip(wave(-1.0, 1.0, 6.0), 0.0, 1.0)
    lean = np.clip(wave(-2.0, 1.0, 6.0, 0.0), 0.0, 1.0) * 0.0 + 30.0 * np.sin(
        np.pi * t
    )
    pose = {"trunk": UP - lean, "thigh": 88.0 * (1.0 - t), "shank": 0.0}
    return stick_track({**pose, **ARMS_DOWN})


def _air_squat() -> PoseTrack:
    down = wave(0.0, 1.0)
    pose = {
        "trunk": UP - 25.0 * down,
        "thigh": 80.0 * down,
        "shank": -30.0 * down,
    }
    return stick_track(
        {**pose, "upper_arm": 60.0 * down, "forearm": 60.0 * down}
    )


def _stands() -> PoseTrack:
    return stick_track({"trunk": UP, **LEGS_DOWN, **ARMS_DOWN})


MOVEMENTS = {
    "sit_up": _sit_up,
    "glute_bridge": _glute_bridge,
    "pull_up": _pull_up,
    "dip": _dip,
    "front_raise": _front_raise,
    "lateral_raise": _lateral_raise,
    "bench_press": _bench_press,
    "shoulder_tap": _shoulder_tap,
    "mountain_climber": _mountain_climber,
    "calf_raise": _calf_raise,
    "triceps_extension": _triceps_push_down,
    "kettlebell_swing": _kettlebell_swing,
    "snatch": _snatch,
    "clean": _clean,
    "sit_to_stand": _sit_to_stand,
}
NEEDS_FLIGHT = {
    "burpee",
    "box_jump",
}  # of which the picture alone says less: their rules ask for time in the air
BY_PICTURE = {*MOVEMENTS, *NEEDS_FLIGHT}


def _features(track: PoseTrack, flight: float = 0.0) -> dict[str, float]:
    """Features of the picture; of the fitted body only that it does not fly, the rest was not seen."""
    return defaultdict(
        lambda: math.nan, picture_features(track) | {"flight": flight}
    )


def _possible(track: PoseTrack) -> set[str]:
    features = _features(track)
    return {
        name for name in BY_PICTURE if is_possible(EXERCISES[name], features)
    }


@pytest.mark.parametrize("name", MOVEMENTS)
def test_a_movement_is_its_exercise_and_no_other_of_these(name: str) -> None:
    assert _possible(MOVEMENTS[name]()) == {name}


@pytest.mark.parametrize("movement", [_air_squat, _stands])
def test_a_squat_and_standing_are_none_of_these(movement) -> None:
    assert _possible(movement()) == set()


@pytest.mark.parametrize(
    ("name", "most", "sure"),
    [
        ("sit_up", 0.85, True),
        ("pull_up", 0.85, True),
        ("bench_press", 0.79, False),
        ("clean", 0.75, False),
    ],
)
def test_an_exercise_with_few_films_is_named_with_little_certainty(
    name: str, most: float, sure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two films behind its rules, one, none."""
    among = {
        n: e for n, e in EXERCISES.items() if n in BY_PICTURE or n == OTHER
    }
    monkeypatch.setattr(recognition, "EXERCISES", among)
    found = recognise(_features(MOVEMENTS[name]()))
    assert found.name == name and found.is_sure == sure
    assert most - 0.04 < found.probability <= most


def _runs_to_the_camera(lift: float) -> PoseTrack:
    """From the front a leg that swings back only folds: its foot goes up to the knee, the knee stays."""
    left = np.clip(wave(-lift, lift, 0.7), 0.0, None)
    right = np.clip(wave(-lift, lift, 0.7, 0.5), 0.0, None)
    pose = {"thigh": 0.0, "shank": left, "shank_r": -right}
    return stick_track(
        {"trunk": UP, **pose, **ARMS_DOWN}, "hips", half_width=0.3
    )


def test_a_runner_is_known_from_the_front_and_a_walker_is_not() -> None:
    running = EXERCISES["running"].ways[1].rules
    for lift, runs in ((150.0, True), (30.0, False)):
        features = _features(_runs_to_the_camera(lift))
        assert all(membership(rule, features) > 0.5 for rule in running) == runs


def _fits(name: str, way: int, track: PoseTrack) -> bool:
    features = _features(track)
    return all(
        membership(rule, features) >= 0.5
        for rule in EXERCISES[name].ways[way].rules
    )


def _filmed_from(
    track: PoseTrack, size: np.ndarray, down: np.ndarray | float = 0.0
) -> PoseTrack:
    """The same film by a camera that leaves (size falls) and tilts (px down)."""
    moved = (track.keypoints_px - 500.0) * size[:, None, None] + 500.0
    moved[..., 1] += np.broadcast_to(down, FRAMES)[:, None]
    return replace(track, keypoints_px=moved)


def test_a_camera_that_leaves_and_tilts_still_shows_a_runner() -> None:
    """Over the clip the runner becomes a third as large and sinks by three trunks in the picture."""
    share = np.linspace(0.0, 1.0, FRAMES)
    size, down = 1.0 - 0.67 * share, 300.0 * share
    for lift, runs in ((150.0, True), (30.0, False)):
        track = _filmed_from(_runs_to_the_camera(lift), size, down)
        assert not _fits("running", 1, track)
        assert _fits("running", 2, track) == runs


def test_slow_lunges_to_both_sides_are_no_quick_turns() -> None:
    """The same feet that rise in turn, in four seconds instead of 0.7."""
    left, right = (
        np.clip(wave(-150.0, 150.0, 4.0, p), 0.0, None) for p in (0.0, 0.5)
    )
    legs = {"thigh": 0.0, "shank": left, "shank_r": -right}
    track = stick_track(
        {"trunk": UP, **legs, **ARMS_DOWN}, "hips", half_width=0.3
    )
    assert _features(track)["pic_feet_in_turn"] > 0.5
    assert not _fits("running", 2, track)


def _arms_overhead(bend: float = 0.0, jump: float = 0.0) -> PoseTrack:
    """Both arms from the hips to overhead, out to the sides; `bend`: the elbows fold on the way, as in a press."""
    arm = wave(8.0, 170.0)
    fold = bend * np.sin(np.radians(arm))
    arms = {
        "upper_arm": arm, "forearm": arm + fold, "upper_arm_r": -arm, "forearm_r": -arm - fold,
    }  # fmt: skip
    pose = {"trunk": UP, **LEGS_DOWN, **arms}
    return stick_track(pose, half_width=0.3, shift=wave(0.0, jump, 1.0))


@pytest.mark.parametrize(
    ("bend", "jump", "raises"),
    [(0.0, 0.0, True), (100.0, 0.0, False), (0.0, 0.4, False)],
)
def test_long_arms_that_go_out_and_overhead_are_a_lateral_raise(
    bend: float, jump: float, raises: bool
) -> None:
    """Arms that fold are a press, a body that goes up and down with them a jumping jack."""
    assert (
        is_possible(
            EXERCISES["lateral_raise"], _features(_arms_overhead(bend, jump))
        )
        == raises
    )


def _from_above(nears: float, hands_move: bool = False) -> PoseTrack:
    """A straight body seen along the camera's axis; arms fold beside the chest, which comes nearer by that share."""
    fold = wave(0.0, 1.0)
    arms = {
        "upper_arm": 30.0 + 110.0 * fold, "forearm": 150.0 - 130.0 * fold,
        "upper_arm_r": -30.0 - 110.0 * fold, "forearm_r": -150.0 + 130.0 * fold,
    }  # fmt: skip
    track = stick_track({"trunk": UP, **LEGS_DOWN, **arms}, half_width=0.3)
    points = track.keypoints_px.copy()
    for pair in ((5, 6), (11, 12)):
        middle = points[:, pair].mean(axis=1, keepdims=True)
        points[:, pair] = (
            middle
            + (points[:, pair] - middle) * (1.0 + nears * fold)[:, None, None]
        )
    hips, shoulders = points[:, 11:13].mean(axis=1), points[:, 5:7].mean(axis=1)
    points[:, 5:7] += ((shoulders - hips) * nears * fold[:, None])[:, None]
    if not hands_move:
        points[:, 9:11] = points[:, 9:11].mean(axis=0)
    return replace(track, keypoints_px=points)


@pytest.mark.parametrize(
    ("nears", "hands_move", "is_one"),
    [(0.15, False, True), (0.0, False, False), (0.15, True, False)],
)
def test_a_push_up_from_straight_above_comes_nearer_over_hands_that_stay(
    nears: float, hands_move: bool, is_one: bool
) -> None:
    assert (
        is_possible(
            EXERCISES["push_up"], _features(_from_above(nears, hands_move))
        )
        == is_one
    )


def test_a_push_up_from_above_is_told_with_the_certainty_of_one_film() -> None:
    found = recognise(_features(_from_above(0.15)) | {"lean_middle": 2.0})
    assert found.name == "push_up" and 0.7 < found.probability <= 0.79


def test_who_walks_there_and_back_does_no_lunge() -> None:
    """Feet that end where they began, three trunks of way between."""
    track = _steps_up(0.0)
    points = track.keypoints_px.copy()
    points[..., 0] += TRUNK_PX * wave(0.0, 3.0, FRAMES / 30.0)[:, None]
    on_the_spot, goes = (
        _features(track),
        _features(replace(track, keypoints_px=points)),
    )
    gate = less("pic_feet_x", 2.0, 0.2)
    assert gate in EXERCISES["lunge"].ways[0].gates
    assert membership(gate, on_the_spot) > 0.5 > membership(gate, goes)


def _steps_up(height: float) -> PoseTrack:
    """One leg after the other is bent and straight again; the body goes up by so many trunks and down."""
    left, right = wave(0.0, 60.0, 3.0), wave(0.0, 60.0, 3.0, 0.3)
    legs = {
        "thigh": left,
        "shank": -left * 0.2,
        "thigh_r": right,
        "shank_r": -right * 0.2,
    }
    return stick_track(
        {"trunk": UP, **legs, **ARMS_DOWN}, "hips", shift=wave(0.0, height, 3.0)
    )


def test_a_lunge_stays_on_the_floor_and_a_step_up_does_not() -> None:
    high, level = _features(_steps_up(1.0)), _features(_steps_up(0.0))
    assert not is_possible(EXERCISES["lunge"], high)
    assert high["pic_lower_foot_y"] > 0.6 > 0.55 > level["pic_lower_foot_y"]


@pytest.mark.parametrize(("lean", "possible"), [(35.0, True), (55.0, False)])
def test_hands_at_the_floor_are_a_squat_only_under_an_upright_trunk(
    lean: float, possible: bool
) -> None:
    """A deep squat lets the hands hang beside the ankles; a lift from the floor leans."""
    down = wave(0.0, 1.0)
    pose = {
        "trunk": UP - lean * down,
        "thigh": 105.0 * down,
        "shank": -30.0 * down,
    }
    features = _features(stick_track({**pose, **ARMS_DOWN}))
    assert features["pic_wrist_over_ankle_low"] < 0.35
    assert is_possible(EXERCISES["squat"], features) == possible


def test_a_jump_onto_a_box() -> None:
    """Two seconds on the floor, a flight, two on the box: legs bend together before and after."""
    second = np.arange(FRAMES) / 30.0
    bend = np.exp(-(((second - 2.7) / 0.25) ** 2)) + np.exp(
        -(((second - 3.4) / 0.25) ** 2)
    )
    pose = {
        "trunk": 180.0 - 15.0 * bend,
        "thigh": 70.0 * bend,
        "shank": -35.0 * bend,
    }
    up = np.interp(second, [2.9, 3.1], [0.0, 0.7])
    track = stick_track({**pose, **ARMS_DOWN}, shift=up)
    assert is_possible(EXERCISES["box_jump"], _features(track, flight=0.06))
    assert not is_possible(EXERCISES["box_jump"], _features(track, flight=0.0))
    level = stick_track({**pose, **ARMS_DOWN})
    assert not is_possible(EXERCISES["box_jump"], _features(level, flight=0.06))


def test_a_burpee_needs_the_jump() -> None:
    """Stands, lies on straight legs, stands again."""
    t = np.clip(wave(-0.5, 1.5, 3.0), 0.0, 1.0)
    pose = {"trunk": 180.0 - 75.0 * t, "thigh": -75.0 * t, "shank": -75.0 * t}
    track = stick_track({**pose, "upper_arm": 0.0, "forearm": 0.0})
    assert is_possible(EXERCISES["burpee"], _features(track, flight=0.05))
    assert not is_possible(EXERCISES["burpee"], _features(track, flight=0.0))


@pytest.mark.parametrize(
    ("name", "rests"),
    [
        ("sit_up", True),
        ("glute_bridge", True),
        ("shoulder_tap", True),
        ("pull_up", False),
        ("snatch", False),
    ],
)
def test_who_lies_is_not_carried_by_feet_alone(name: str, rests: bool) -> None:
    assert rests_on_more_than_feet(MOVEMENTS[name]()) == rests


@pytest.mark.parametrize(
    ("pose", "rests"),
    [
        (
            {"trunk": UP - 5.0, "thigh": 85.0, "shank": 0.0},
            True,
        ),  # on a chair, feet in front
        (
            {"trunk": UP + 40.0, "thigh": 80.0, "shank": -30.0},
            False,
        ),  # low in a squat
        (
            {"trunk": UP + 35.0, "thigh": -35.0, "shank": -35.0},
            True,
        ),  # hands at a bar
        ({"trunk": UP, "thigh": 70.0, "shank": 110.0}, True),  # on the floor
        ({"trunk": UP, "thigh": 3.0, "shank": -3.0}, False),
    ],
)
def test_a_centre_beyond_the_feet_or_hips_as_low_as_they_are_carried_by_more(
    pose: dict[str, float], rests: bool
) -> None:
    assert rests_on_more_than_feet(stick_track({**pose, **ARMS_DOWN})) == rests


def test_who_leans_far_over_straight_legs_stands_on_the_feet() -> None:
    bent_over = stick_track(
        {"trunk": UP - 80.0, "thigh": 5.0, "shank": 0.0, **ARMS_DOWN}
    )
    assert not rests_on_more_than_feet(bent_over)


@pytest.mark.parametrize(
    "name", ["squat", "lunge", "jump", "deadlift", "walking", "running"]
)
def test_who_sits_or_lies_does_nothing_that_is_done_on_the_feet(
    name: str,
) -> None:
    """On a chair, the legs pushed out and drawn in: the knees bend as in a squat."""
    out = wave(0.0, 60.0)
    pose = {"trunk": UP - 5.0, "thigh": 85.0, "shank": 5.0 + out, **ARMS_DOWN}
    features = defaultdict(
        lambda: math.nan, picture_features(stick_track(pose, "hips"))
    )
    assert features["pic_rests"] == 1.0 and not is_possible(
        EXERCISES[name], features
    )


def _on_a_bar(
    bend: float | np.ndarray, trunk: float = UP + 32.0
) -> dict[str, float]:
    """Features of a straight body that leans on a bar; the fitted trunk leans 35 deg and its elbow bends."""
    lean, arms = (
        np.broadcast_to(bend, FRAMES) * 0.25,
        np.broadcast_to(bend, FRAMES),
    )
    pose = {
        "trunk": trunk + lean,
        "thigh": trunk + lean - UP,
        "shank": trunk + lean - UP,
    }
    track = stick_track(
        {**pose, "upper_arm": 10.0 - arms * 0.6, "forearm": 10.0 + arms * 0.8}
    )
    features = defaultdict(lambda: math.nan, picture_features(track))
    return features | {"lean_middle": 35.0, "elbow_range": 60.0}


def test_a_push_up_on_a_bar_is_one_though_the_trunk_leans_little() -> None:
    push_up = EXERCISES["push_up"]
    assert is_possible(push_up, _on_a_bar(wave(0.0, 90.0)))
    assert all(
        membership(rule, _on_a_bar(wave(0.0, 90.0))) > 0.5
        for rule in push_up.ways[1].rules
    )
    still, upright = _on_a_bar(0.0), _on_a_bar(wave(0.0, 90.0), UP + 5.0)
    for features in (still, upright):
        assert not all(
            membership(rule, features) >= 0.5 for rule in push_up.ways[1].rules
        )


@pytest.mark.parametrize(("together", "walks"), [(-0.7, True), (0.1, False)])
def test_who_rolls_along_with_both_thighs_alike_does_not_walk(
    together: float, walks: bool
) -> None:
    walker = clip("walking", yaw_deg=90.0)
    features = features_of(walker, columns_of(walker))
    found = recognise({**features, "hip_together": together})
    assert (found.name == "walking" and found.is_sure) == walks


def test_no_name_is_sure_where_the_body_lies_badly_on_the_picture() -> None:
    features = _features(MOVEMENTS["sit_up"]())
    well, badly = recognise(features), recognise(features, poorly_fitted=True)
    assert well.name == badly.name == "sit_up" and well.is_sure
    assert badly.probability <= 0.75 and not badly.is_sure
    standing = _features(stick_track({"trunk": UP, **LEGS_DOWN, **ARMS_DOWN}))
    assert recognise(standing, True) == recognise(standing)  # no name, no doubt
