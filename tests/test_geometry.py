"""Angles and distances of a body whose joints are put somewhere by hand: signs, sides and planes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from asymmetric_analysis import FRAMES, JOINTS_M, asymmetric_analysis

from musclepose.movement.columns import columns_of, values_of
from musclepose.records import Analysis, Array

# Upright, facing +x, right is +z. Hips 0.9 m high and 0.2 m apart, thighs and shanks 0.4 m.
UPRIGHT = {
    "pelvis": (0.0, 0.9, 0.0), "abdomen": (0.0, 1.0, 0.0), "thorax": (0.0, 1.1, 0.0), "head": (0.0, 1.5, 0.0),
    "scapula_l": (0.0, 1.4, -0.05), "upper_arm_l": (0.0, 1.4, -0.2), "forearm_l": (0.0, 1.1, -0.2),
    "hand_l": (0.0, 0.85, -0.2),
    "scapula_r": (0.0, 1.4, 0.05), "upper_arm_r": (0.0, 1.4, 0.2), "forearm_r": (0.0, 1.1, 0.2),
    "hand_r": (0.0, 0.85, 0.2),
    "thigh_l": (0.0, 0.9, -0.1), "shank_l": (0.0, 0.5, -0.1), "foot_l": (0.0, 0.1, -0.1),
    "thigh_r": (0.0, 0.9, 0.1), "shank_r": (0.0, 0.5, 0.1), "foot_r": (0.0, 0.1, 0.1),
}  # fmt: skip


def body(**moved: tuple[float, float, float]) -> Analysis:
    """Upright, with these joints somewhere else."""
    places = {**UPRIGHT, **moved}
    joints = np.tile(
        np.array([places[name] for name in JOINTS_M]), (FRAMES, 1, 1)
    )
    return replace(asymmetric_analysis(), joints_world_m=joints)


def value(analysis: Analysis, name: str) -> float:
    column: Array = values_of(columns_of(analysis))[name]
    return float(column[0])


def test_upright_everything_is_zero_or_straight() -> None:
    columns = values_of(columns_of(body()))
    zero = "trunk_lean_deg trunk_side_lean_deg body_line_deg knee_valgus_l_deg knee_valgus_r_deg"
    for name in [
        *zero.split(),
        "step_split_m",
        "foot_height_gap_m",
        "arm_elevation_l_deg",
    ]:
        assert columns[name][0] == pytest.approx(0.0, abs=1e-4), name
    assert columns["thigh_above_level_l_deg"][0] == pytest.approx(90.0)
    assert columns["stance_width_m"][0] == pytest.approx(0.2)


def test_a_knee_inside_the_line_from_hip_to_ankle_is_positive_on_both_sides() -> (
    None
):
    left_in = body(shank_l=(0.0, 0.5, -0.06), shank_r=(0.0, 0.5, 0.12))
    # 4 cm off the line over 40 cm of thigh and of shank; on the right 2 cm to the outside.
    inward, outward = (
        2.0 * math.degrees(math.atan(cm / 40.0)) for cm in (4.0, 2.0)
    )
    assert value(left_in, "knee_valgus_l_deg") == pytest.approx(inward)
    assert value(left_in, "knee_valgus_r_deg") == pytest.approx(-outward)


def test_thigh_above_level_is_ninety_standing_and_negative_below() -> None:
    half = body(
        shank_l=(0.4 * math.cos(math.radians(30)), 0.9 - 0.2, -0.1),
        shank_r=(0.4, 0.95, 0.1),
    )
    assert value(half, "thigh_above_level_l_deg") == pytest.approx(30.0)
    assert value(half, "thigh_above_level_r_deg") < 0


def test_the_trunk_leans_to_the_right_with_a_plus() -> None:
    right = {"upper_arm_l": (0.0, 1.4, -0.1), "upper_arm_r": (0.0, 1.4, 0.3)}
    lean = math.degrees(math.atan(0.1 / 0.5))
    assert value(body(**right), "trunk_side_lean_deg") == pytest.approx(
        lean, abs=1e-3
    )
    assert value(body(**right), "trunk_lean_deg") == pytest.approx(
        lean, abs=1e-3
    )


def test_hips_above_the_line_are_positive_and_sagging_ones_negative() -> None:
    """Lying level, facing the floor: shoulders at x = 0.6, ankles at x = -0.6."""
    line = {
        "upper_arm_l": (0.6, 0.4, -0.2), "upper_arm_r": (0.6, 0.4, 0.2),
        "foot_l": (-0.6, 0.4, -0.1), "foot_r": (-0.6, 0.4, 0.1),
    }  # fmt: skip
    bend = 2.0 * math.degrees(math.atan(0.1 / 0.6))
    for height, expected in ((0.5, bend), (0.3, -bend)):
        hips = {"thigh_l": (0.0, height, -0.1), "thigh_r": (0.0, height, 0.1)}
        assert value(body(**line, **hips), "body_line_deg") == pytest.approx(
            expected, abs=1e-3
        )


def test_the_right_foot_in_front_and_the_right_foot_higher_are_positive() -> (
    None
):
    stepping = body(foot_r=(0.3, 0.25, 0.15))
    assert value(stepping, "step_split_m") == pytest.approx(0.3)
    assert value(stepping, "foot_height_gap_m") == pytest.approx(0.15)
    assert value(stepping, "stance_width_m") == pytest.approx(0.25)


def test_the_body_shifts_towards_the_right_foot_with_a_plus() -> None:
    shifted = replace(
        body(), com_world_m=np.tile([0.3, 1.0, 0.07], (FRAMES, 1))
    )
    assert value(shifted, "side_shift_m") == pytest.approx(0.07)
    assert value(shifted, "com_height_m") == pytest.approx(1.0)


def test_arms_rise_from_hanging_and_wrists_stand_over_shoulders() -> None:
    raised = body(forearm_l=(0.0, 1.4, -0.5), hand_l=(0.0, 1.65, -0.5))
    assert value(raised, "arm_elevation_l_deg") == pytest.approx(90.0)
    assert value(raised, "arm_elevation_r_deg") == pytest.approx(0.0, abs=1e-4)
    assert value(raised, "wrist_over_shoulder_l_m") == pytest.approx(0.25)
    assert value(raised, "wrist_over_shoulder_r_m") == pytest.approx(-0.55)


def test_speed_is_level_speed() -> None:
    time_s = np.arange(FRAMES) / 30.0
    com = np.stack([0.3 * time_s, 2.0 * time_s, 0.4 * time_s], axis=1)
    assert value(
        replace(body(), com_world_m=com), "com_speed_m_s"
    ) == pytest.approx(0.5)


@pytest.mark.parametrize(("share_bw", "is_told"), [(0.29, False), (0.31, True)])
def test_the_share_of_the_feet_is_undefined_below_three_tenths_of_a_body_weight(
    share_bw: float, is_told: bool
) -> None:
    grf = np.zeros((FRAMES, 2, 3))
    grf[:, 0, 1] = share_bw * 80.0 * 9.81
    told = value(replace(body(), grf_world_n=grf), "load_share_l_pct")
    assert math.isfinite(told) == is_told
