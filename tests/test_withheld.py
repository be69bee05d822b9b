"""Of a body that something unknown carries, no force, torque or effort is told, drawn or written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stick_figure import stick_track, wave
from summary_fixtures import clip

from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.look_up import LookUp
from musclepose.movement.query.records import Query
from musclepose.movement.recognition import Recognition
from musclepose.movement.summarise import judged, summarise
from musclepose.movement.withheld import unknown_frames
from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.records import Analysis
from musclepose.report.c3d import write_c3d
from musclepose.report.drawing import drawing_of
from musclepose.report.overlay import Painter
from musclepose.report.skeleton_lines import lines_of
from musclepose.report.timeseries import all_columns

PHYSICS = (
    "grf_world_n", "cop_world_m", "free_moment_nm", "grf_band_n", "tau_nm", "tau_mtg_nm", "tau_band_nm", "activation",
    "effort",
)  # fmt: skip


def with_hands(analysis: Analysis) -> Analysis:
    force = np.full_like(analysis.grf_world_n, 100.0)
    return replace(analysis, hand_force_world_n=force)


def known(analysis: Analysis) -> bool:
    """Whether there is any force in it; never a part of the fields alone."""
    some = {bool(np.isfinite(getattr(analysis, f)).any()) for f in PHYSICS}
    assert len(some) == 1
    return some.pop()


@pytest.fixture(scope="module")
def push_up() -> Analysis:
    return clip("push_up", yaw_deg=90.0)


def test_a_standing_body_keeps_its_forces() -> None:
    squat = clip("squat", yaw_deg=90.0)
    assert judged(squat)[0] is squat


def test_hands_are_in_the_balance_where_the_physics_found_them(
    push_up: Analysis,
) -> None:
    assert known(judged(with_hands(push_up))[0])
    assert not known(judged(push_up)[0])


@pytest.mark.parametrize("exercise", ["other", "bench_press", "dip", "pull_up"])
def test_what_else_carries_is_not_known(
    push_up: Analysis, exercise: str
) -> None:
    analysis, _ = judged(with_hands(push_up), exercise)
    assert not known(analysis)
    hands = analysis.hand_force_world_n
    assert hands is not None and np.isnan(hands).all()
    assert np.array_equal(analysis.q, push_up.q)


@pytest.mark.parametrize(
    ("exercise", "unknown"),
    [("pull_up", True), ("step_up", False), ("squat", False)],
)
def test_who_hangs_stands_on_no_foot_and_who_stands_on_a_box_does(
    exercise: str, unknown: bool
) -> None:
    squat = clip("squat", yaw_deg=90.0)
    sure = Recognition(exercise, 0.99)
    assert unknown_frames(squat, sure, False).all() == unknown
    unsure = Recognition(exercise, 0.5)
    assert not unknown_frames(squat, unsure, False).any()
    assert unknown_frames(squat, unsure, True).all()


def test_a_seat_carries_while_somebody_sits_on_it() -> None:
    up = wave(0.0, 1.0)
    track = stick_track(
        {
            "trunk": 180.0, "thigh": 90.0 - 85.0 * up, "shank": 0.0,
            "upper_arm": 0.0, "forearm": 0.0,
        }
    )  # fmt: skip
    squat = clip("squat", yaw_deg=90.0)
    frames = unknown_frames(
        replace(squat, track=track),
        Recognition("sit_to_stand", 0.99),
        False,
    )
    hips, knees = track.keypoints_px[:, 11, 1], track.keypoints_px[:, 13, 1]
    lowest, highest = np.argmax(hips - knees), np.argmin(hips - knees)
    assert frames[lowest] and not frames[highest]


def test_nothing_of_it_is_drawn_or_written(push_up: Analysis) -> None:
    analysis, summary = judged(push_up, "other")
    lines = lines_of(analysis)
    assert not lines.effort_known.any() and np.isnan(lines.force_px).all()
    page = drawing_of(analysis, summary)
    assert page["effort"] == [None] * len(analysis.time_s)
    assert page["efforts"] is None
    assert all(v is None for frame in page["ground"] for v in frame)
    written = all_columns(analysis)
    forces = [c for c in written if c.startswith(("tau_", "grf_", "effort_"))]
    assert len(forces) > 80
    assert all(np.isnan(written[c]).all() for c in forces)


def test_a_bone_without_a_known_effort_is_white(push_up: Analysis) -> None:
    analysis, _ = judged(push_up, "other")
    width, height = analysis.track.size_px
    picture = Painter(analysis, (width, height)).paint(
        np.zeros((height, width, 3), np.uint8), 0
    )
    ends = lines_of(analysis).points_px[
        0, [SEGMENTS.index("thigh_r"), SEGMENTS.index("shank_r")]
    ]
    x, y = ends.mean(axis=0).round().astype(int)
    assert tuple(picture[y, x]) == (255, 255, 255)


def test_a_question_for_it_gets_the_reason(push_up: Analysis) -> None:
    analysis, summary = judged(push_up, "other")
    look_up = LookUp(FigureSource(summary, analysis))
    lines = look_up.lines(Query("figure", quantity="torque", joint="knee"))
    assert [line.kind for line in lines] == ["reason"]
    assert "more than the feet" in lines[0].reason
    assert summarise(push_up, "other") == summary


def test_files_of_such_a_clip_are_written(
    push_up: Analysis, tmp_path: Path
) -> None:
    from musclepose.report.files import write_files

    analysis, summary = judged(push_up, "other")
    written = write_files(analysis, summary, "Text.", tmp_path)
    assert {
        "analysis.json", "timeseries.csv", "kinematics.mot", "markers.trc",
        "motion.c3d", "results.zip",
    } <= set(written)  # fmt: skip
    of_forces = {
        "ground_reaction.mot", "moments.sto", "activations.sto",
        "external_loads.xml", "inverse_dynamics_setup.xml", "body_loads.xml",
        "body_inverse_dynamics_setup.xml",
    }  # fmt: skip
    assert not of_forces & set(written)
    assert not of_forces & {p.name for p in tmp_path.iterdir()}
    whole = tmp_path / "whole"
    whole.mkdir()
    told = write_files(*judged(with_hands(push_up)), "Text.", whole)
    assert {"ground_reaction.mot", "moments.sto"} <= set(told)


def test_a_c3d_without_forces_has_no_plates(
    push_up: Analysis, tmp_path: Path
) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    analysis, _ = judged(push_up, "other")
    read = ezc3d.c3d(str(write_c3d(tmp_path / "motion.c3d", analysis)))
    assert read["parameters"]["FORCE_PLATFORM"]["USED"]["value"][0] == 0
    names = read["parameters"]["ANALOG"]["LABELS"]["value"]
    assert names and all(name.endswith(".angle") for name in names)
