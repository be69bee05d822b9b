"""Hands that carry: levers by hand, published shares of the push-up, and nobody who stands leans on the hands."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from bodies import average_body
from torch import Tensor

from musclepose.physics.constants import G_M_S2
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import DOF_INDEX, SEGMENTS
from musclepose.physics.whole_body import (
    ONE_CAMERA,
    BodyPhysics,
    Trust,
    physics_of_motion,
)
from musclepose.records import ExternalLoad, Person
from musclepose.synthesis.exercise import generate_clip

MASS_KG, FRAMES = 75.0, 30
PERSON = Person(1.75, MASS_KG, "male", 25)
WEIGHT_N = MASS_KG * G_M_S2


def still(q: Tensor, trust: Trust = ONE_CAMERA) -> BodyPhysics:
    feet = torch.ones(len(q), 2)
    return physics_of_motion(
        q, average_body().lengths_m, feet, PERSON, ExternalLoad(), trust=trust
    )


def push_up_pose(arm_deg: float = 90.0) -> Tensor:
    """A straight body on toes and hands, arms at a right angle to it, elbows straight; not moving."""
    q = torch.zeros(FRAMES, 47, dtype=torch.float64)
    slope = math.radians(18.0)  # of the body over the floor
    q[:, 3] = -(0.5 * math.pi - slope)
    for side in "lr":
        q[:, DOF_INDEX[f"shoulder_flexion_{side}"]] = (
            math.radians(arm_deg) - slope
        )
        q[:, DOF_INDEX[f"ankle_dorsiflexion_{side}"]] = math.radians(0.0)
    return q


def share_by_levers(q: Tensor) -> float:
    """Hands' share of the weight: moments about the toes, masses of Dumas, wrists as where the hands press."""
    body = average_body()
    pose = forward_kinematics(q, body.lengths_m)
    inertia = segment_inertia(
        body.lengths_m, torch.tensor(MASS_KG, dtype=torch.float64), "male"
    )
    com = pose.p_world_seg + (pose.R_world_seg @ inertia.com[..., None])[..., 0]
    x = float(
        ((com * inertia.mass[:, None]).sum(-2) / inertia.mass.sum())[0, 0]
    )
    wrist = float(pose.p_world_seg[0, SEGMENTS.index("hand_l"), 0])
    foot = pose.p_world_seg[0, SEGMENTS.index("foot_l")]
    toe = foot + pose.R_world_seg[0, SEGMENTS.index("foot_l")] @ torch.tensor(
        [0.5 * float(body.lengths_m[11]), -float(body.lengths_m[12]), 0.0],
        dtype=torch.float64,
    )
    return (x - float(toe[0])) / (wrist - float(toe[0]))


def hands_share(p: BodyPhysics) -> float:
    assert p.hands is not None
    up, feet = (
        p.hands.force_world_n[..., 1].sum(-1),
        p.feet.force_world_n[..., 1].sum(-1),
    )
    inner = slice(8, -8)
    assert float((up + feet)[inner].mean()) == pytest.approx(WEIGHT_N, rel=0.03)
    return float((up / (up + feet))[inner].mean())


def test_a_body_on_hands_and_toes_shares_by_levers() -> None:
    q = push_up_pose()
    assert hands_share(still(q)) == pytest.approx(share_by_levers(q), abs=0.06)


def test_the_hands_bend_the_elbows_as_a_lever_says() -> None:
    """Elbow torque by hand: the force on the palm times its distance from the elbow, less forearm and hand's weight
    (some 2 kg under the elbow, hardly any lever); flexion is +z of a body that faces +x."""
    p = still(push_up_pose())
    assert p.hands is not None
    body = average_body()
    elbow = forward_kinematics(p.q, body.lengths_m).p_world_seg[
        :, SEGMENTS.index("forearm_l")
    ]
    force, at = p.hands.force_world_n[:, 0], p.hands.cop_world_m[:, 0]
    by_floor = torch.linalg.cross(at - elbow, force)[10:20, 2]
    torque = p.tau_nm[10:20, DOF_INDEX["elbow_flexion_l"]]
    assert float(by_floor.abs().max()) > 5.0
    torch.testing.assert_close(torque, -by_floor, atol=2.0, rtol=0.0)
    residual = p.residual_force_n[10:20].norm(dim=-1)
    assert float(residual.max()) < 0.05 * WEIGHT_N


def shares_of(clip_seed: int) -> tuple[float, float]:
    """Hands' share with straight arms and at the lowest point of a generated push-up."""
    clip = generate_clip(clip_seed, "push_up", faults={})
    motion = clip.motion
    person = Person(
        float(motion.stature_m), float(motion.mass_kg), clip.sex, 25
    )
    p = physics_of_motion(
        torch.from_numpy(motion.q),
        torch.from_numpy(motion.lengths_m),
        torch.from_numpy(motion.contact),
        person,
        ExternalLoad(),
        trust=ONE_CAMERA,
    )
    assert p.hands is not None
    hand = p.hands.force_world_n[..., 1].sum(-1).numpy()
    share = hand / (float(motion.mass_kg) * G_M_S2)
    middle = slice(15, -15)
    shoulder = forward_kinematics(
        torch.from_numpy(motion.q), torch.from_numpy(motion.lengths_m)
    ).p_world_seg[:, SEGMENTS.index("upper_arm_l"), 1]
    height = shoulder.numpy()[middle]
    up = height > np.quantile(height, 0.9)
    down = height < np.quantile(height, 0.1)
    return float(np.median(share[middle][up])), float(
        np.median(share[middle][down])
    )


def test_push_ups_reach_the_published_shares() -> None:
    """Suprak, Dawes and Stephenson 2011: hands carry 69 % of the body weight up and 75 % down (men, static)."""
    found = np.array([shares_of(seed) for seed in (1, 2, 3)])
    up, down = found.mean(0)
    assert up == pytest.approx(0.69, abs=0.06)
    assert down == pytest.approx(0.75, abs=0.06)
    assert down > up


@pytest.mark.parametrize(
    "exercise", ["squat", "deadlift", "row", "lunge", "jump", "curl"]
)
def test_nobody_who_stands_leans_on_the_hands(exercise: str) -> None:
    clip = generate_clip(4, exercise, faults={})
    motion = clip.motion
    person = Person(
        float(motion.stature_m), float(motion.mass_kg), clip.sex, 25
    )
    p = physics_of_motion(
        torch.from_numpy(motion.q[:90]),
        torch.from_numpy(motion.lengths_m),
        torch.from_numpy(motion.contact[:90]),
        person,
        ExternalLoad(clip.load_kg, clip.load_at),
        trust=ONE_CAMERA,
    )
    assert p.hands is None and p.hand_support is None


def test_forearms_carry_in_a_plank() -> None:
    clip = generate_clip(2, "plank", faults={}, seconds=3.0)
    motion = clip.motion
    p = physics_of_motion(
        torch.from_numpy(motion.q),
        torch.from_numpy(motion.lengths_m),
        torch.from_numpy(motion.contact),
        Person(float(motion.stature_m), float(motion.mass_kg), clip.sex, 25),
        ExternalLoad(),
        trust=ONE_CAMERA,
    )
    assert p.hand_support is not None and p.hands is not None
    assert p.hand_support.segments == (
        SEGMENTS.index("forearm_l"),
        SEGMENTS.index("forearm_r"),
    )
    assert p.hand_support.on_floor
    share = p.hands.force_world_n[..., 1].sum(-1) / (
        float(motion.mass_kg) * G_M_S2
    )
    assert 0.5 < float(share[15:-15].mean()) < 0.75
