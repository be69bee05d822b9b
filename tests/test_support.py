"""What carries beside the feet, and slow motion of a run, by where the parts of a body are in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_figure import stick_track, wave

from musclepose.movement.picture import rests_on_more_than_feet
from musclepose.movement.slow_run import slow_run_question, step_time_s
from musclepose.movement.support import is_carried_beside_feet
from musclepose.records import PoseTrack

UP = 180.0
ARMS_DOWN = {"upper_arm": 0.0, "forearm": 0.0}
ANKLES, KNEES = [15, 16], [13, 14]


def squat(depth: float, lean: float, shank: float) -> PoseTrack:
    """From the side; degrees at the bottom from upright: thighs, trunk forward, shanks forward."""
    down = wave(0.0, 1.0)
    pose = {
        "trunk": UP - lean * down,
        "thigh": depth * down,
        "shank": -shank * down,
    }
    return stick_track({**pose, **ARMS_DOWN})


@pytest.mark.parametrize(
    ("depth", "lean", "shank", "carried"),
    [
        (90.0, 45.0, 30.0, False),  # a squat
        (70.0, 30.0, 25.0, False),
        (80.0, 0.0, 0.0, True),  # the back slides down a wall
        (45.0, 0.0, -10.0, True),
    ],
)
def test_who_sinks_behind_the_feet_leans_on_something(
    depth: float, lean: float, shank: float, carried: bool
) -> None:
    assert is_carried_beside_feet(squat(depth, lean, shank)) == carried


def without(track: PoseTrack, joints: list[int]) -> PoseTrack:
    points, confidence = track.keypoints_px.copy(), track.confidence.copy()
    points[:, joints], confidence[:, joints] = np.nan, 0.0
    return replace(track, keypoints_px=points, confidence=confidence)


@pytest.mark.parametrize(
    ("thigh", "unseen", "carried"),
    [
        (85.0, ANKLES, True),  # on a chair, the feet out of the picture
        (95.0, ANKLES, True),
        (10.0, ANKLES, False),
        (60.0, ANKLES, False),
        (
            85.0,
            ANKLES + KNEES,
            False,
        ),  # of legs that nobody sees nothing is said
    ],
)
def test_hips_as_low_as_the_knees_sit(
    thigh: float, unseen: list[int], carried: bool
) -> None:
    sitting = stick_track(
        {"trunk": UP, "thigh": thigh, "shank": 0.0, **ARMS_DOWN}, "hips"
    )
    track = without(sitting, unseen)
    assert is_carried_beside_feet(
        track
    ) == carried and not rests_on_more_than_feet(track)


def steps(seconds: float) -> PoseTrack:
    """Legs that swing in turn, each once in so many seconds."""
    legs = {
        "thigh": wave(-30.0, 40.0, seconds), "shank": wave(-60.0, 10.0, seconds),
        "thigh_r": wave(-30.0, 40.0, seconds, 0.5), "shank_r": wave(-60.0, 10.0, seconds, 0.5),
    }  # fmt: skip
    return stick_track({"trunk": UP - 8.0, **legs, **ARMS_DOWN}, "hips")


@pytest.mark.parametrize(
    ("stride_s", "asked"),
    [(0.6, False), (0.8, False), (1.3, True), (2.0, True)],
)
def test_a_run_of_few_steps_is_asked_about(
    stride_s: float, asked: bool
) -> None:
    track = steps(stride_s)
    assert step_time_s(track) == pytest.approx(stride_s / 2, abs=0.05)
    question = slow_run_question(track)
    assert bool(question) == asked and all(
        "Is this slow motion?" in one for one in question
    )


def test_exchanged_sides_and_unseen_feet_make_no_run_slow() -> None:
    track = steps(0.8)
    points = track.keypoints_px.copy()
    swapped = np.arange(len(points)) % 48 < 24  # every other stride
    points[swapped] = points[swapped][
        :, [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    ]
    assert slow_run_question(replace(track, keypoints_px=points)) == ()
    assert step_time_s(without(steps(2.0), ANKLES)) is None
