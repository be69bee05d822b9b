"""Foot contact from kinematics on motions whose contacts are known."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.physics.contact import (
    detect_contact,
    flies,
    hysteresis,
    ramp,
    unsupported,
    with_support,
)

DT = 1.0 / 30.0
FLAT = np.array(
    [[-0.06, 0.0, 0.0], [0.12, 0.0, -0.05], [0.10, 0.0, 0.05], [0.19, 0.0, 0.0]]
)


def soles(height: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """(T, 2, 4, 3) flat soles, left and right 0.2 m apart, moved by height and forward position (T, 2)."""
    out = np.broadcast_to(FLAT, (*height.shape, 4, 3)).copy()
    out[..., 1] += height[..., None]
    out[..., 0] += forward[..., None]
    out[:, 0, :, 2] -= 0.1
    out[:, 1, :, 2] += 0.1
    return out


def gait(frames: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """A walk at 1.2 m/s: swing 40 % of the cycle with 3 cm of clearance. Soles and the true contact (T, 2).

    The foot leaves and lands gently here, so the first and last frame of swing look like contact.
    """
    phase = (np.arange(frames)[:, None] * DT / 1.1 + np.array([0.0, 0.5])) % 1.0
    swing = phase > 0.6
    u = np.where(swing, (phase - 0.6) / 0.4, 0.0)
    step = np.floor(
        np.arange(frames)[:, None] * DT / 1.1 + np.array([0.0, 0.5])
    )
    forward = 1.32 * (step + u - np.sin(2 * np.pi * u) / (2 * np.pi))
    return soles(0.03 * np.sin(np.pi * u) ** 2, forward), ~swing


def test_standing_always_touches_whatever_the_floor_height() -> None:
    out = detect_contact(soles(np.full((40, 2), 0.73), np.zeros((40, 2))), DT)
    assert out.touching.all() and out.gate.min() == 1.0
    assert out.floor_m == pytest.approx(0.73)
    assert out.warnings == ()


def test_walking_contact_is_found_within_a_tenth_of_a_second() -> None:
    sole, true = gait()
    out = detect_contact(sole, DT)
    assert (out.touching == true).mean() > 0.85
    starts = [
        np.flatnonzero(np.diff(c[:, 0].astype(int)) == 1)
        for c in (out.touching, true)
    ]
    assert (
        len(starts[0]) == len(starts[1])
        and np.abs(starts[0] - starts[1]).max() <= 3
    )


def test_treadmill_belt_is_taken_out() -> None:
    sole, true = gait()
    sole[..., 0] -= 1.2 * np.arange(len(sole))[:, None, None] * DT
    out = detect_contact(sole, DT)
    assert out.belt_m_s[0] == pytest.approx(-1.2, abs=0.05)
    assert (out.touching == true).mean() > 0.85


def test_jump_has_a_flight_phase() -> None:
    t = np.arange(60) * DT
    height = np.clip(2.4 * (t - 0.8) - 4.905 * (t - 0.8) ** 2, 0.0, None)[
        :, None
    ] * np.ones(2)
    out = detect_contact(soles(height, np.zeros_like(height)), DT)
    assert (
        not out.touching[28:36].any()
        and out.touching[:23].all()
        and out.touching[44:].all()
    )
    assert (out.gate[28:36] == 0.0).all()
    needs = np.zeros((60, 3))
    assert not unsupported(out.touching, needs, 70.0).any()
    needs[30, 1] = 600.0
    assert unsupported(out.touching, needs, 70.0).nonzero()[0].tolist() == [30]


def test_hysteresis_ignores_flicker_and_short_gaps() -> None:
    p = np.array(
        [
            0.9,
            0.9,
            0.5,
            0.45,
            0.9,
            0.1,
            0.9,
            0.9,
            0.1,
            0.1,
            0.1,
            0.55,
            0.5,
            0.1,
            0.1,
        ]
    )
    assert hysteresis(p, DT).tolist() == [True] * 8 + [False] * 7


def test_ramp_takes_three_frames() -> None:
    touching = np.zeros((6, 2), bool)
    touching[3:, 0] = True
    np.testing.assert_allclose(ramp(touching)[:, 0], [0, 0, 1 / 3, 2 / 3, 1, 1])


def test_no_contact_and_drifting_floor_are_said() -> None:
    rising = np.linspace(0.0, 1.0, 90)[:, None] * np.ones(2)
    out = detect_contact(soles(rising, np.zeros_like(rising)), DT, floor_m=-5.0)
    assert not out.touching.any() and "No foot contact" in out.warnings[0]
    steps = np.repeat([0.0, 0.12], 40)[:, None] * np.ones(2)
    out = detect_contact(soles(steps, np.zeros_like(steps)), DT, floor_m=0.1)
    assert any("floor height is uncertain" in w for w in out.warnings)


def test_a_body_that_does_not_fall_stands_on_the_foot_near_the_floor() -> None:
    """Standing, then 10 frames in which nothing is said to touch, then a jump of 10 frames without any force."""
    frames = 60
    touching, probability = (
        np.ones((frames, 2), bool),
        np.full((frames, 2), 0.9),
    )
    touching[10:20], probability[10:20] = False, (0.4, 0.2)
    touching[40:50], probability[40:50] = False, 0.2
    needed = np.ones(frames)
    needed[38:52] = 0.0
    height = np.full((frames, 2), 0.05)
    height[10:20, 1] = 0.10  # still near the floor, but less likely
    height[40:50] = 0.3
    out = with_support(touching, probability, needed, height, 1 / 30)
    assert out[10:20, 0].all() and not out[10:20, 1].any()
    assert not out[40:50].any()
    assert out[:10].all() and out[20:40].all() and out[50:].all()


def test_what_hangs_in_the_air_stays_unexplained() -> None:
    height = np.full((40, 2), 0.02)
    height[20:] = 0.6  # on a bar, or on a box
    touching = np.repeat([[True], [False]], 20, axis=0).repeat(2, axis=1)
    out = with_support(
        touching, np.full((40, 2), 0.4), np.ones(40), height, 1 / 30
    )
    assert not out[20:34].any()
    certain = with_support(
        np.zeros((40, 2), bool),
        np.full((40, 2), 0.02),
        np.ones(40),
        np.zeros((40, 2)),
        1 / 30,
    )
    assert not certain.any()


def test_who_flies_is_off_the_ground_between_two_contacts_and_falls() -> None:
    dt = 1.0 / 30.0
    touching, needed = np.ones((30, 2), bool), np.ones(30)
    assert not flies(touching, needed, dt)
    touching[10:14] = False
    needed[10:14] = 0.1
    assert flies(touching, needed, dt)
    assert not flies(
        touching, np.ones(30), dt
    )  # a foot that is lost: something still carries
    one = touching.copy()
    one[10:14, 1] = True
    assert not flies(one, needed, dt)  # walking
    assert not flies(
        touching[11:], needed[11:], dt
    )  # the clip cuts it: nobody saw the take-off
    short = np.ones((30, 2), bool)
    short[10] = False
    assert not flies(short, needed, dt)
