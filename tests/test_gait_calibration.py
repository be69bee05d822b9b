"""Knees that never straighten and pelvises that tilt by convention are put where walking people have them."""

import numpy as np
import pytest
import torch

from musclepose.fitting import gait_calibration as gait
from musclepose.fitting.fit_landmarks import start_subject
from musclepose.fitting.fit_sources import SourceClip, SourceSubject
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import DOF_INDEX, LENGTHS, SEGMENTS
from musclepose.records import Array

THIGH_M, SHANK_M = 0.42, 0.40


def legs(flexion_deg: Array, forward_m: float = 0.0) -> Array:
    """(N, 3, 3) hip, knee, ankle in the sagittal plane (x forward, y up); knee moved off the true centre."""
    a = np.radians(flexion_deg)
    hip, zero = np.zeros((len(a), 3)), np.zeros_like(a)
    knee = THIGH_M * np.stack((np.sin(a / 2), -np.cos(a / 2), zero), -1)
    ankle = knee + SHANK_M * np.stack(
        (-np.sin(a / 2), -np.cos(a / 2), zero), -1
    )
    away = (ankle - hip)[:, [1, 0, 2]] * np.array([-1.0, 1.0, 1.0])
    away /= np.linalg.norm(away, axis=-1, keepdims=True)
    return np.stack((hip, knee + forward_m * away, ankle), 1)


WALK_DEG = 4.0 + 56.0 * np.sin(np.linspace(0, 20 * np.pi, 600)) ** 2


def test_a_knee_too_far_in_front_is_found_and_moved_back() -> None:
    given = legs(WALK_DEG, 0.03)
    bent = gait.knee_flexion_deg(given, given[:, 1])
    assert bent.min() == pytest.approx(
        4.0 + np.degrees(0.03 / THIGH_M + 0.03 / SHANK_M), abs=0.5
    )
    shift = gait.knee_shift_m(given)
    assert shift == pytest.approx(0.03, abs=2e-3)
    moved = gait.knees_moved(given, shift)
    np.testing.assert_allclose(
        gait.knee_flexion_deg(given, moved), WALK_DEG, atol=1.5
    )
    np.testing.assert_allclose(moved, legs(WALK_DEG)[:, 1], atol=2e-3)


def test_legs_that_straighten_are_left_alone_and_a_crouch_is_not_straightened_away() -> (
    None
):
    assert gait.knee_shift_m(legs(WALK_DEG - 4.0)) == 0.0
    crouch = legs(np.linspace(60.0, 90.0, 200))
    assert gait.knee_shift_m(crouch) == gait.MAX_KNEE_SHIFT_M


def test_flexion_past_straight_is_negative() -> None:
    straight = legs(np.full(1, 10.0))
    past = gait.knees_moved(straight, 0.06)
    assert gait.knee_flexion_deg(straight, past)[0] < -3.0


def test_only_knees_move() -> None:
    names = tuple(f"{s}_{j}" for s in "lr" for j in ("hip", "knee", "ankle"))
    leg = legs(WALK_DEG, 0.03)
    clip = SourceClip(
        "c",
        "s",
        "walk",
        np.concatenate((leg, leg), 1).astype(np.float32),
        True,
        "train",
        "bvh",
    )
    subject = SourceSubject("s", names, 1.75, [clip])
    moved = gait.with_straight_legs(subject).clips[0].points - clip.points
    still = [i for i, n in enumerate(names) if not n.endswith("knee")]
    assert np.abs(moved[:, still]).max() == 0.0
    np.testing.assert_allclose(
        np.linalg.norm(moved[:, [1, 4]], axis=-1), 0.03, atol=2e-3
    )


def upright(lean_deg: float, frames: int = 100) -> torch.Tensor:
    """(N, 47) a body that stands with a straight trunk on a pelvis that leans forward by `lean_deg`."""
    q = torch.zeros(frames, 47)
    q[:, DOF_INDEX["pelvis_tilt"]] = -np.radians(lean_deg)
    q[:, DOF_INDEX["lumbar_flexion"]] = np.radians(lean_deg)
    return q


def test_the_pelvis_is_turned_to_the_tilt_of_upright_people() -> None:
    lengths = torch.full((len(LENGTHS),), 0.3)
    q = upright(5.0)
    lean = gait.forward_lean_deg(
        forward_kinematics(q, lengths).R_world_seg[:, SEGMENTS.index("pelvis")]
    )
    torch.testing.assert_close(
        lean, torch.full_like(lean, 5.0), atol=1e-3, rtol=0
    )
    assert gait.pelvis_turn_deg(q, lengths) == pytest.approx(
        5.0 - gait.UPRIGHT_PELVIS_LEAN_DEG, abs=1e-3
    )
    assert gait.pelvis_turn_deg(upright(5.0, 10), lengths) == 0.0, (
        "too few upright frames say nothing"
    )
    squat = upright(5.0)
    squat[:, DOF_INDEX["knee_flexion_l"]] = 2.0
    assert gait.pelvis_turn_deg(squat, lengths) == 0.0


def test_the_same_root_joint_means_a_pelvis_tipped_backwards() -> None:
    names = [
        f"{s}_{j}"
        for s in "lr"
        for j in (
            "hip",
            "knee",
            "ankle",
            "shoulder",
            "elbow",
            "wrist",
            "toebase",
        )
    ]
    names += ["root", "spine1", "neck_base"]
    points = (
        np.random.default_rng(0)
        .normal(size=(20, len(names), 3))
        .astype(np.float32)
    )
    clip = SourceClip("c", "s", "walk", points, True, "train", "bvh")
    start, _ = start_subject(SourceSubject("s", tuple(names), 1.75, [clip]))
    k = start.landmarks.names.index("root")
    before = start.landmarks.coefficients[k].sum(-1)
    after = (
        gait.with_turned_pelvis(start.landmarks, 10.0).coefficients[k].sum(-1)
    )
    # seen from the pelvis, the joint is turned forwards; so with the joint fixed, the pelvis is turned backwards
    turned = np.degrees(
        np.arctan2(before[0], before[1]) - np.arctan2(after[0], after[1])
    )
    assert turned == pytest.approx(-10.0, abs=1e-3)
    torch.testing.assert_close(after.norm(), before.norm())
