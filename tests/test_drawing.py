"""What the player is given: each number stands at its own place, time and side, and unknown is None."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from asymmetric_analysis import (
    FRAMES,
    HIDDEN,
    JOINTS_M,
    POINT_ORDER,
    RATE_HZ,
    WEIGHT_N,
    angle_rad,
    asymmetric_analysis,
    detected_px,
    force_n,
    pixel_of,
    pressure_m,
)
from fake_analysis import fake_analysis, fake_video

from musclepose.movement.counting import Step
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import Phase, PhysicsSummary, Repetition
from musclepose.report.drawing import drawing_of
from musclepose.report.film import write_film
from musclepose.video import open_clip, probe

SUMMARY = PhysicsSummary(
    Recognition("squat", 1.0),
    "repetitions",
    0.8,
    "side",
    (
        Repetition(
            1,
            0.1,
            0.35,
            0.7,
            (Phase("eccentric", 0.1, 0.3), Phase("hold", 0.3, 0.4)),
        ),
    ),
)
DRAWING = drawing_of(asymmetric_analysis(), SUMMARY)
SEGMENTS = list(JOINTS_M)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_each_joint_lies_where_the_camera_sees_it(segment: str) -> None:
    k = SEGMENTS.index(segment)
    for frame in (0, FRAMES - 1):
        assert DRAWING["points"][frame][2 * k : 2 * k + 2] == pytest.approx(
            pixel_of(JOINTS_M[segment]), abs=0.06
        )


def test_found_points_are_those_of_the_detector_and_unseen_ones_are_none() -> (
    None
):
    for k, name in enumerate(POINT_ORDER):
        x, y = DRAWING["keypoints"][6][2 * k : 2 * k + 2]
        if name == "left_wrist":
            assert (x, y) == (None, None)
        else:
            wanted = [detected_px(name, a)[6] for a in "xy"]
            assert [x, y] == pytest.approx(wanted, abs=0.06)


def test_the_path_of_the_hands_is_the_middle_of_both_or_the_one_that_was_seen() -> (
    None
):
    left, right = (
        [detected_px(f"{s}_wrist", a) for a in "xy"] for s in ("left", "right")
    )
    both = [(left[i][2] + right[i][2]) / 2 for i in (0, 1)]
    assert DRAWING["path"][2] == pytest.approx(both, abs=0.06)
    assert DRAWING["path"][HIDDEN.start] == pytest.approx(
        [right[0][HIDDEN.start], right[1][HIDDEN.start]], abs=0.06
    )


def test_angles_carry_their_side_and_the_point_of_their_joint() -> None:
    joints = {a["name"]: a for a in DRAWING["angles"]}
    for side in "lr":
        knee, elbow = joints[f"knee_{side}"], joints[f"elbow_{side}"]
        assert knee["point"] == SEGMENTS.index(f"shank_{side}")
        assert elbow["point"] == SEGMENTS.index(f"forearm_{side}")
        wanted = np.degrees(angle_rad(f"knee_flexion_{side}"))
        assert knee["deg"] == pytest.approx(wanted.round(), abs=0.6)
    assert joints["elbow_l"]["deg"][HIDDEN.start] is None
    assert joints["elbow_r"]["deg"][HIDDEN.start] is not None


def test_forces_start_at_the_centre_of_pressure_and_are_told_in_body_weights() -> (
    None
):
    for i, foot in enumerate("lr"):
        start = tuple(float(pressure_m(foot, a)[12]) for a in "xyz")
        assert DRAWING["forces"][12][4 * i : 4 * i + 2] == pytest.approx(
            pixel_of(start), abs=0.06
        )
        assert DRAWING["ground"][12][i] == pytest.approx(
            force_n(foot, "y")[12] / WEIGHT_N, abs=6e-3
        )


def test_times_and_repetitions_are_in_seconds() -> None:
    assert DRAWING["times"] == pytest.approx(
        np.arange(FRAMES) / RATE_HZ, abs=1e-4
    )
    (rep,) = DRAWING["repetitions"]
    assert (rep["start"], rep["turn"], rep["end"]) == (0.1, 0.35, 0.7)
    assert rep["phases"][1] == {"name": "hold", "start": 0.3, "end": 0.4}


def test_steps_carry_their_side() -> None:
    walked = dataclasses.replace(
        SUMMARY, repetitions=(), steps=(Step(0.2, "left"), Step(0.6, "right"))
    )
    made = drawing_of(asymmetric_analysis(), walked)
    assert made["steps"] == [
        {"time": 0.2, "side": "left"},
        {"time": 0.6, "side": "right"},
    ]


def test_a_force_that_is_not_known_is_none() -> None:
    analysis = asymmetric_analysis()
    force = analysis.grf_world_n.copy()
    force[3, 1] = np.nan
    made = drawing_of(dataclasses.replace(analysis, grf_world_n=force), SUMMARY)
    assert made["ground"][3][1] is None and made["ground"][3][0] is not None


def test_the_film_plays_everywhere_and_keeps_the_times_of_the_analysis(
    tmp_path: Path,
) -> None:
    analysis = fake_analysis(frames=24, size_px=(640, 360))
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    slower = (
        analysis.time_s / 1.5
    )  # plays slower than it was filmed, as told by the user
    film = write_film(clip, slower, tmp_path / "film.mp4")
    assert probe(film).codec == "h264" and probe(film).size_px == (640, 360)
    assert [t for t, _ in open_clip(film).frames()] == pytest.approx(
        slower, abs=1e-3
    )
