"""Standing differently: feet stay where they were, the weight goes where it was asked, toes turn as told."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import (
    forward_kinematics,
    heels_and_toes,
    sole_points,
)
from musclepose.physics.skeleton47 import DOF_INDEX, FEET, N_DOF, limits
from musclepose.synthesis.posture import (
    PostureConfig,
    lay_down,
    straighten_arms,
    straighten_knees,
)
from musclepose.synthesis.stance import StanceConfig, shift_weight, turn_feet

ALWAYS = StanceConfig(
    shift=1.0, lift=0.0, progression=1.0, progression_deg=10.0
)
BATCH, FRAMES = 40, 12


def lengths() -> Tensor:
    return segment_lengths(torch.tensor(1.75), torch.zeros(13)).expand(
        BATCH, 13
    )


def standing(knee_deg: float = 30.0, abduction_deg: float = 8.0) -> Tensor:
    """A half squat with the feet apart, soles level: hip = 0.5 knee, ankle = 0.5 knee, thigh and shank nearly equal."""
    q = torch.zeros(BATCH, FRAMES, N_DOF)
    for side in "lr":
        q[..., DOF_INDEX[f"knee_flexion_{side}"]] = math.radians(knee_deg)
        q[..., DOF_INDEX[f"hip_flexion_{side}"]] = math.radians(0.5 * knee_deg)
        q[..., DOF_INDEX[f"ankle_dorsiflexion_{side}"]] = math.radians(
            0.5 * knee_deg
        )
        q[..., DOF_INDEX[f"hip_adduction_{side}"]] = -math.radians(
            abduction_deg
        )
    q[..., 1] = 0.9
    return q


def feet(q: Tensor) -> tuple[Tensor, Tensor]:
    pose = forward_kinematics(q, lengths()[:, None])
    return pose.p_world_seg[..., list(FEET), :], pose.R_world_seg[
        ..., list(FEET), :, :
    ]


def centre_of_mass(q: Tensor) -> Tensor:
    """(B, T, 3) by Dumas' segment masses."""
    pose = forward_kinematics(q.double(), lengths()[:, None].double())
    inertia = segment_inertia(
        lengths()[0].double(), torch.tensor(75.0).double(), "male"
    )
    p = pose.p_world_seg + (pose.R_world_seg @ inertia.com[..., None])[..., 0]
    return (p * inertia.mass[:, None]).sum(-2) / inertia.mass.sum()


def test_weight_goes_from_foot_to_foot_while_both_stay() -> None:
    q, both = standing(), torch.ones(BATCH, FRAMES, 2)
    moved, contact = shift_weight(
        q, lengths(), both, ALWAYS, torch.Generator().manual_seed(0)
    )
    (place, turned), (place_before, turned_before) = feet(moved), feet(q)
    torch.testing.assert_close(place, place_before, atol=2e-3, rtol=0)
    torch.testing.assert_close(turned, turned_before, atol=1e-3, rtol=0)
    assert torch.equal(contact, both)
    left, right = place[..., 0, 2], place[..., 1, 2]
    share = ((centre_of_mass(moved)[..., 2] - left) / (right - left))[
        :, -1
    ]  # 0: all on the left
    assert float(share.min()) < 0.15 and float(share.max()) > 0.85
    assert 0.15 < float(share.std()) < 0.45
    lower, upper = (torch.from_numpy(x).float() for x in limits())
    assert bool(
        ((moved >= lower - 0.03) & (moved <= upper + 0.03))[..., 6:].all()
    )


def test_feet_that_do_not_stand_are_left_alone() -> None:
    q, one = standing(), torch.ones(BATCH, FRAMES, 2)
    one[:, 3, 1] = 0.0
    moved, contact = shift_weight(
        q, lengths(), one, ALWAYS, torch.Generator().manual_seed(1)
    )
    assert torch.equal(moved, q) and torch.equal(contact, one)


def test_a_lifted_foot_is_off_the_floor_and_says_so() -> None:
    config = replace(ALWAYS, lift=1.0)
    q, both = standing(), torch.ones(BATCH, FRAMES, 2)
    moved, contact = shift_weight(
        q, lengths(), both, config, torch.Generator().manual_seed(2)
    )
    up = (feet(moved)[0] - feet(q)[0])[..., 1]
    off = contact == 0.0
    assert bool(off.any()) and not bool(off.all(-1).any())
    assert float(up[off].min()) > 0.025 and float(up[~off].abs().max()) < 2e-3


def test_toes_turn_by_their_own_angle_and_ankles_stay() -> None:
    q = standing()
    turned = turn_feet(q, lengths(), ALWAYS, torch.Generator().manual_seed(3))
    torch.testing.assert_close(feet(turned)[0], feet(q)[0], atol=2e-3, rtol=0)
    pose = forward_kinematics(turned, lengths()[:, None])
    points = heels_and_toes(sole_points(pose, lengths()[:, None]))
    along = (
        points[..., 2:, :] - points[..., :2, :]
    )  # heel to toe, left and right
    angle = torch.rad2deg(torch.atan2(-along[..., 2], along[..., 0]))
    assert float(along[..., 1].abs().max()) < 5e-3  # soles stay level
    assert float(angle.std(0).mean()) == pytest.approx(10.0, rel=0.35)
    assert (
        float((angle - angle[:, :1]).abs().max()) < 0.05
    )  # constant over the window


def test_straighter_knees_leave_feet_level_and_deep_knees_alone() -> None:
    config = PostureConfig(knees=1.0, straight_legs=0.0)
    q = standing(knee_deg=9.0, abduction_deg=0.0)
    straight = straighten_knees(q, config, torch.Generator().manual_seed(4))
    knee = torch.rad2deg(straight[..., DOF_INDEX["knee_flexion_l"]])
    assert (
        float(knee.min()) >= 0.0
        and float(knee.min()) < 1.0
        and float(knee.max()) > 7.0
    )
    torch.testing.assert_close(feet(straight)[1], feet(q)[1], atol=1e-4, rtol=0)
    deep = standing(knee_deg=80.0)
    assert torch.equal(
        straighten_knees(deep, config, torch.Generator().manual_seed(5)), deep
    )


def test_legs_of_who_stands_become_straight_and_of_who_squats_do_not() -> None:
    config = PostureConfig(knees=0.0, straight_legs=1.0)
    q = standing(knee_deg=25.0, abduction_deg=0.0)
    straight = straighten_knees(q, config, torch.Generator().manual_seed(4))
    knees = torch.rad2deg(
        straight[
            ..., [DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"]]
        ]
    )
    assert float(knees.min()) >= 0.0 and 4.5 < float(knees.max()) < 6.0
    torch.testing.assert_close(feet(straight)[1], feet(q)[1], atol=1e-4, rtol=0)
    squat = standing(knee_deg=40.0)
    assert torch.equal(
        straighten_knees(squat, config, torch.Generator().manual_seed(5)), squat
    )
    lying = standing(knee_deg=25.0)
    lying[..., DOF_INDEX["pelvis_tilt"]] = -1.5
    assert torch.equal(
        straighten_knees(lying, config, torch.Generator().manual_seed(6)), lying
    )


def test_arms_become_straight() -> None:
    q = standing()
    for side in "lr":
        q[..., DOF_INDEX[f"elbow_flexion_{side}"]] = math.radians(40.0)
    bounds = torch.stack([torch.from_numpy(x).float() for x in limits()])
    config = PostureConfig(elbows=0.0, straight_arm=1.0, far_arm=1.0)
    out = straighten_arms(q, config, bounds, torch.Generator().manual_seed(6))
    elbows = torch.rad2deg(out[..., DOF_INDEX["elbow_flexion_l"]])
    assert float(elbows.max()) < 8.0 and float(elbows.min()) >= 0.0
    arm = [
        DOF_INDEX[f"shoulder_{n}_l"]
        for n in ("flexion", "adduction", "rotation")
    ]
    assert float(out[..., arm].std(0).mean()) == pytest.approx(
        config.far_arm_rad, rel=0.3
    )
    assert bool(
        ((out >= bounds[0] - 1e-6) & (out <= bounds[1] + 1e-6))[..., 6:].all()
    )


def test_who_lies_keeps_the_shape_and_touches_the_floor() -> None:
    q = standing()
    lying, chosen = lay_down(
        q, lengths(), PostureConfig(lie=1.0), torch.Generator().manual_seed(7)
    )
    assert bool(chosen.all())
    before, after = (
        forward_kinematics(x, lengths()[:, None]).p_world_seg
        for x in (q, lying)
    )
    torch.testing.assert_close(
        torch.cdist(before, before),
        torch.cdist(after, after),
        atol=1e-3,
        rtol=0,
    )
    assert float(after[..., 1].min()) == pytest.approx(0.07, abs=1e-4)
    head = after[..., 3, :] - after[..., 0, :]  # mid-hip to the neck
    steep = torch.rad2deg(
        torch.asin((head[..., 1] / head.norm(dim=-1)).clamp(-1, 1))
    )
    assert float(steep.abs().median()) < 25.0
