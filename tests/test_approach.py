"""Who walks to the place of an exercise and away from it: that is no part of the exercise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from summary_fixtures import analysis_of, both, bumps

from musclepose.movement.approach import cut_to, exercise_part
from musclepose.movement.columns import columns_of
from musclepose.movement.recognition import features_of, recognise
from musclepose.movement.summarise import summarise
from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.records import Analysis

TO_S, BACK_S, LENGTH_S = 3.0, 10.0, 12.0  # arrives, leaves, ends
SPEED_M_S = 1.2


def _walk_squat_walk(
    to_s: float = TO_S, back_s: float = BACK_S, speed: float = SPEED_M_S
) -> Analysis:
    """Walks to the place, does three squats of 2 s, walks away."""
    t = np.arange(0.0, LENGTH_S, 1.0 / 30.0)
    goes = np.minimum(t, to_s) + np.maximum(t - back_s, 0.0)
    walking = ((t < to_s) | (t > back_s)).astype(float)
    swing, down = walking * np.sin(2.0 * np.pi * t), bumps(t, 3, 2.0, 3.5)
    curves = {
        "pelvis_tx": speed * goes,
        "hip_flexion_l": 22.0 * swing + 95.0 * down,
        "hip_flexion_r": -22.0 * swing + 95.0 * down,
        "knee_flexion_l": 20.0 * walking + 20.0 * swing + 105.0 * down,
        "knee_flexion_r": 20.0 * walking - 20.0 * swing + 105.0 * down,
        **both("ankle_dorsiflexion", 25.0 * down),
        "pelvis_tilt": -35.0 * down,
    }
    return analysis_of(curves, t, yaw_deg=90.0)


def _extended(
    analysis: Analysis,
    change: Callable[[np.ndarray], np.ndarray],
    time_s: np.ndarray,
) -> Analysis:
    """Every array with a row per frame changed alike, on other times."""

    def changed(record: Any) -> dict[str, np.ndarray]:
        values = {f.name: getattr(record, f.name) for f in fields(record)}
        frames = len(analysis.time_s)
        return {
            name: change(v)
            for name, v in values.items()
            if isinstance(v, np.ndarray) and v.ndim and len(v) == frames
        }

    track = replace(
        analysis.track, **(changed(analysis.track) | {"time_s": time_s})
    )
    return replace(
        analysis, **(changed(analysis) | {"time_s": time_s, "track": track})
    )


def test_the_walks_at_both_ends_are_found() -> None:
    analysis = _walk_squat_walk()
    part = exercise_part(analysis)
    assert analysis.time_s[part.start] == pytest.approx(TO_S, abs=0.4)
    assert analysis.time_s[part.stop - 1] == pytest.approx(BACK_S, abs=0.4)


def test_who_waits_before_the_walk_has_done_nothing_yet() -> None:
    """Stands for 2 s, walks for 2 s, squats; with hands overhead or bent legs the wait is something done."""
    waits = _walk_squat_walk(to_s=2.0, back_s=12.0)
    t = waits.time_s + 2.0
    first = np.repeat(0, 60)

    def after_a_wait(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values[first], values])

    standing = _extended(
        waits, after_a_wait, np.concatenate([np.arange(60) / 30.0, t])
    )
    part = exercise_part(standing)
    assert standing.time_s[part.start] == pytest.approx(4.0, abs=0.4)
    assert part.stop == len(standing.time_s)
    hands = [SEGMENTS.index(name) for name in ("hand_l", "hand_r")]
    joints = standing.joints_world_m.copy()
    joints[:60, hands, 1] += 0.9
    pressing = replace(standing, joints_world_m=joints)
    assert exercise_part(pressing) == slice(0, len(standing.time_s))


def test_squats_between_two_walks_are_squats_and_the_walks_are_told() -> None:
    analysis = _walk_squat_walk()
    assert not recognise(features_of(analysis, columns_of(analysis))).is_sure
    summary = summarise(analysis)
    assert summary.exercise.name == "squat" and summary.is_sure
    assert [round(r.turn_s, 1) for r in summary.repetitions] == [4.5, 6.5, 8.5]
    assert any("A walk was left out: the first" in w for w in summary.warnings)


def test_a_told_exercise_is_not_counted_in_the_walk() -> None:
    assert len(summarise(_walk_squat_walk(), "squat").repetitions) == 3


@pytest.mark.parametrize(
    "changes", [{"speed": 0.0}, {"to_s": 10.0, "back_s": 12.0}]
)
def test_who_stays_or_walks_nearly_all_the_time_is_not_cut(
    changes: dict[str, float],
) -> None:
    analysis = _walk_squat_walk(**changes)
    assert exercise_part(analysis) == slice(0, len(analysis.time_s))


def test_a_way_of_a_body_whose_feet_were_not_seen_is_no_walk() -> None:
    analysis = _walk_squat_walk()
    points, confidence = (
        analysis.track.keypoints_px.copy(),
        analysis.track.confidence.copy(),
    )
    points[:, 15:], confidence[:, 15:] = np.nan, 0.0
    track = replace(analysis.track, keypoints_px=points, confidence=confidence)
    assert exercise_part(replace(analysis, track=track)) == slice(
        0, len(analysis.time_s)
    )


def test_a_part_keeps_its_frames_and_nothing_else() -> None:
    analysis = _walk_squat_walk()
    part = cut_to(analysis, slice(90, 300))
    assert (
        len(part.time_s) == len(part.q) == len(part.track.keypoints_px) == 210
    )
    assert part.com_world_m[0] == pytest.approx(analysis.com_world_m[90])
    assert (
        part.track.time_s[0] == pytest.approx(3.0)
        and part.camera is analysis.camera
    )
