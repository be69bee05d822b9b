"""The root shift that lowers the residual, and differentiation of ball joints through their singular pose."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from musclepose.physics.filters import filtered_derivatives
from musclepose.physics.root_correction import (
    ShiftWeights,
    acceleration_of,
    balance_with_shift,
    normal_bands,
    shift_for,
    trusted_frames,
)
from musclepose.physics.skeleton47 import DOF_INDEX, N_DOF
from musclepose.physics.smoothing import ball_motion, smooth_motion

DT, MASS_KG = 1.0 / 30.0, 70.0
WEIGHT_N = MASS_KG * 9.81


def test_bands_are_the_normal_matrix_of_second_differences() -> None:
    D = np.zeros((6, 8))
    for i in range(6):
        D[i, i : i + 3] = np.array([1.0, -2.0, 1.0]) / DT**2
    bands, full = normal_bands(8, DT), D.T @ D
    for lag in range(3):
        np.testing.assert_allclose(
            bands[lag, : 8 - lag], np.diagonal(full, -lag)
        )


def test_shift_removes_a_wobble_of_the_root_and_stays_small() -> None:
    """A root that wobbles by 2 mm at 3 Hz asks for a force that the shift takes back."""
    t = np.arange(120) * DT
    wobble = np.zeros((120, 3))
    wobble[:, 1] = 0.002 * np.sin(2 * np.pi * 3.0 * t)
    residual = MASS_KG * acceleration_of(wobble, DT)
    shift = shift_for(residual, np.ones(120, bool), MASS_KG, DT)
    left = residual + MASS_KG * acceleration_of(shift, DT)
    assert np.abs(left).max() < 0.1 * np.abs(residual).max()
    assert np.abs(shift).max() < 0.004


def test_a_seat_is_not_explained_away() -> None:
    residual = np.zeros((120, 3))
    residual[40:80, 1] = WEIGHT_N
    trusted = trusted_frames(residual, MASS_KG, DT)
    assert (
        not trusted[40:80].any() and trusted[:30].all() and trusted[90:].all()
    )
    assert np.abs(shift_for(residual, trusted, MASS_KG, DT)).max() < 1e-12


def test_flight_becomes_ballistic() -> None:
    """In flight the floor gives nothing; a noisy trajectory is moved until it asks for nothing."""
    rng, frames = np.random.default_rng(0), 12
    noise = torch.from_numpy(rng.normal(0.0, 60.0, (frames, 3)))
    sole = torch.zeros(frames, 2, 4, 3, dtype=torch.float64)
    sole[..., 0] = torch.tensor([-0.06, 0.12, 0.10, 0.19])
    sole[..., 2] = torch.tensor(
        [[-0.1, -0.05, -0.15, -0.1], [0.1, 0.05, 0.15, 0.1]]
    )
    com = torch.tensor([0.05, 1.0, 0.0], dtype=torch.float64).expand(frames, 3)
    contact = torch.zeros(frames, 2, dtype=torch.float64)
    weights = ShiftWeights(shift_m=0.05)
    out, shift = balance_with_shift(
        noise, 0 * noise, com, sole, contact, MASS_KG, DT, shift_weights=weights
    )
    assert (out.wrench.force_world_n == 0.0).all()
    assert out.residual_force_n[1:-1].norm() < 0.1 * noise[1:-1].norm()
    assert shift.abs().max() < 0.03


def arm_over_head(frames: int = 90) -> Tensor:
    """(T, 1, 3) ZXY angles of an arm that swings through x = -90 degrees at a constant rate, a little off the plane."""
    angles = torch.zeros(frames, 1, 3, dtype=torch.float64)
    angles[:, 0, 1] = torch.linspace(
        -0.3, -math.pi + 0.3, frames, dtype=torch.float64
    )
    angles[:, 0, 0] = 0.2
    return angles


def test_ball_joint_rates_agree_with_angle_rates_away_from_the_singular_pose() -> (
    None
):
    t = torch.arange(90, dtype=torch.float64) * DT
    angles = torch.stack(
        (0.5 * (2 * t).sin(), 0.4 * (3 * t).cos(), 0.3 * t), -1
    ).unsqueeze(1)
    smooth, rates, accelerations = ball_motion(angles, DT, None)
    torch.testing.assert_close(smooth, angles, atol=1e-9, rtol=0.0)
    q, qd, qdd = filtered_derivatives(angles.flatten(1), DT, None)
    inner = slice(
        3, -3
    )  # both are second-order differences: they agree to dt^2
    torch.testing.assert_close(rates[inner, 0], qd[inner], atol=1e-2, rtol=1e-2)
    torch.testing.assert_close(
        accelerations[inner, 0], qdd[inner], atol=5e-2, rtol=2e-2
    )


def test_a_constant_swing_through_the_singular_pose_has_no_acceleration() -> (
    None
):
    rate = (-math.pi + 0.6) / (89 * DT)
    _, rates, accelerations = ball_motion(arm_over_head(), DT, None)
    away = (arm_over_head()[:, 0, 1].cos().abs() > 0.3).nonzero()[2:-2, 0]
    assert rates[away, 0, 1].numpy() == pytest.approx(rate, abs=0.02)
    assert accelerations[2:-2].abs().max() < 1.0


def test_branch_flips_do_not_become_motion() -> None:
    """The same rotations written on two Euler branches give the same filtered rotation."""
    q = torch.zeros(60, N_DOF, dtype=torch.float64)
    i = [
        DOF_INDEX[f"shoulder_{a}_r"]
        for a in ("flexion", "adduction", "rotation")
    ]
    q[:, i[1]] = torch.linspace(-0.2, -1.2, 60, dtype=torch.float64)
    flipped = q.clone()
    flipped[30:, i[0]] += math.pi
    flipped[30:, i[1]] = math.pi - flipped[30:, i[1]]
    flipped[30:, i[2]] += math.pi
    plain, other = smooth_motion(q, DT, 6.0), smooth_motion(flipped, DT, 6.0)
    torch.testing.assert_close(plain.q[:30], other.q[:30], atol=1e-9, rtol=0.0)
    assert (other.qdot[:, i].abs().max(-1).values < 1.0).all()
    torch.testing.assert_close(
        plain.qdot[:29], other.qdot[:29], atol=1e-9, rtol=0.0
    )


def test_smooth_motion_is_differentiable_and_batched() -> None:
    q = 0.3 * torch.randn(
        2,
        20,
        N_DOF,
        dtype=torch.float64,
        generator=torch.Generator().manual_seed(1),
    )
    both = smooth_motion(q, DT, 6.0)
    for b in range(2):
        one = smooth_motion(q[b], DT, 6.0)
        torch.testing.assert_close(both.qddot[b], one.qddot)
    x = q[0].clone().requires_grad_()
    smooth_motion(x, DT, 6.0).qddot.square().sum().backward()
    assert x.grad is not None
    h, direction = (
        1e-6,
        torch.randn(
            20,
            N_DOF,
            dtype=torch.float64,
            generator=torch.Generator().manual_seed(2),
        ),
    )
    ends = [
        smooth_motion(q[0] + s * h * direction, DT, 6.0).qddot.square().sum()
        for s in (1.0, -1.0)
    ]
    assert (x.grad * direction).sum().item() == pytest.approx(
        ((ends[0] - ends[1]) / (2 * h)).item(), rel=1e-5
    )
