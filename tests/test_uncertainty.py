"""The 90 % bands: Jacobian, propagation against a linear closed form, growth with noise, calibrated model part."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from musclepose.physics import uncertainty
from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.body_dynamics import (
    com_motion,
    net_external_wrench_required,
)
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.filters import derivatives
from musclepose.physics.inverse_dynamics import inverse_dynamics
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import DOF_INDEX, N_DOF
from musclepose.physics.smoothing import Motion, smooth_motion
from musclepose.physics.uncertainty import (
    STUDENT_T,
    Loads,
    angle_noise,
    keypoint_jacobian,
    keypoint_sigma,
    liveliness,
    model_error,
    model_error_table,
    uncertainty_bands,
)

F64 = torch.float64
DT = 1.0 / 30.0
MASS_KG = 70.0
LENGTHS_M = segment_lengths(
    torch.tensor(1.75, dtype=F64), torch.zeros(13, dtype=F64)
)
INERTIA = segment_inertia(LENGTHS_M, torch.tensor(MASS_KG, dtype=F64))


def squatting(frames: int) -> Tensor:
    t = torch.arange(frames, dtype=F64) * DT
    q = torch.zeros(frames, N_DOF, dtype=F64)
    bend = 0.6 * (1.0 - torch.cos(2.0 * t))
    for side in "lr":
        q[:, DOF_INDEX[f"knee_flexion_{side}"]] = bend
        q[:, DOF_INDEX[f"hip_flexion_{side}"]] = 0.8 * bend
        q[:, DOF_INDEX[f"elbow_flexion_{side}"]] = 0.5
    q[:, 1] = 0.9 - 0.2 * bend
    return q


def loads(motion: Motion) -> Loads:
    """Torques, and half of the required force on each foot: linear enough to check by hand, no solver."""
    moving = segment_motion(*motion, LENGTHS_M, INERTIA.com)
    force = net_external_wrench_required(
        moving, INERTIA, com_motion(moving, INERTIA).p_world_m
    ).force_world_n
    return inverse_dynamics(*motion, LENGTHS_M, INERTIA), 0.5 * force.unsqueeze(
        -2
    ).expand(*force.shape[:-1], 2, 3)


def still(q: Tensor) -> Motion:
    return Motion(q, torch.zeros_like(q), torch.zeros_like(q))


def test_keypoint_jacobian_is_the_derivative_of_the_keypoints() -> None:
    q = squatting(6) + 0.2 * torch.randn(
        6, N_DOF, dtype=F64, generator=torch.Generator().manual_seed(0)
    )

    def points(row: Tensor) -> Tensor:
        return keypoints_coco(
            forward_kinematics(row, LENGTHS_M), LENGTHS_M
        ).flatten()

    points(q[0])
    reference = torch.stack(
        [torch.autograd.functional.jacobian(points, row) for row in q]
    )
    torch.testing.assert_close(keypoint_jacobian(q, LENGTHS_M), reference)


def test_angle_noise_reproduces_the_keypoint_noise_it_came_from() -> None:
    """Where keypoints over-determine a limb, the fitted error is about as large as the keypoint error, never larger."""
    q = squatting(60)
    sigma = torch.full((60, 17), 0.01, dtype=F64)
    dq = angle_noise(q, LENGTHS_M, sigma, DT, members=24)
    moved = (keypoint_jacobian(q, LENGTHS_M) @ dq.unsqueeze(-1)).squeeze(-1)
    assert 0.006 < moved.std() < 0.0105
    neighbour = (dq[:, 1:] * dq[:, :-1]).mean() / dq.square().mean()
    assert neighbour == pytest.approx(
        torch.exp(torch.tensor(-DT / 0.10)).item(), abs=0.1
    )


def noise_part(q: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    """Half widths of torque and force with the model part taken out."""
    nominal = loads(still(q))
    both = zip(
        uncertainty_bands(q, LENGTHS_M, sigma, loads, nominal, MASS_KG, DT),
        model_error(*nominal, MASS_KG, DT),
        strict=True,
    )
    tau, grf = (
        (band.square() - model.square()).clamp_min(0.0).sqrt()
        for band, model in both
    )
    return tau, grf


def test_noise_part_is_proportional_to_small_keypoint_noise() -> None:
    """Where keypoints show a joint well, millimetres of noise are small against the prior and everything is linear."""
    q = squatting(120)
    sigma = torch.full((120, 17), 0.001, dtype=F64)
    knee = [DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"]]
    once, twice = (
        noise_part(q, sigma)[0][:, knee],
        noise_part(q, 2.0 * sigma)[0][:, knee],
    )
    assert (twice / once).median() == pytest.approx(2.0, rel=0.05)


def test_noise_of_the_whole_body_becomes_mass_times_acceleration() -> None:
    """The vertical force band, against the band of m c'' + m g from the same disturbed trajectories."""
    q = squatting(120)
    sigma = torch.full((120, 17), 0.002, dtype=F64)
    moving = smooth_motion(q + angle_noise(q, LENGTHS_M, sigma, DT), DT)
    com = com_motion(
        segment_motion(*moving, LENGTHS_M, INERTIA.com), INERTIA
    ).p_world_m
    force = MASS_KG * derivatives(com, DT)[1][..., 1]
    expected = STUDENT_T * 0.5 * force.var(0)[10:-10].mean().sqrt()
    got = noise_part(q, sigma)[1][10:-10, 0, 1].square().mean().sqrt()
    assert got == pytest.approx(expected.item(), rel=0.05)


def test_an_unsure_keypoint_widens_the_band_of_its_limb_only() -> None:
    q = squatting(60)
    confidence = torch.ones(60, 17, dtype=F64)
    unsure = confidence.clone()
    unsure[:, 10] = 0.2  # right wrist
    clear, blurred = (
        noise_part(q, keypoint_sigma(c, 1.75))[0].mean(0)
        for c in (confidence, unsure)
    )
    elbow, knee = DOF_INDEX["elbow_flexion_r"], DOF_INDEX["knee_flexion_l"]
    assert blurred[elbow] > 1.5 * clear[elbow]
    assert blurred[knee] < 1.3 * clear[knee]


def test_missing_confidence_counts_as_unsure() -> None:
    sigma = keypoint_sigma(torch.tensor([[1.0, 0.5, 0.0, float("nan")]]), 1.75)
    assert sigma[0, 1] == pytest.approx(2.0 * sigma[0, 0].item())
    assert sigma[0, 2] == sigma[0, 3] > sigma[0, 1]


def test_model_part_grows_with_load_and_liveliness() -> None:
    weight = MASS_KG * 9.81
    grf = torch.zeros(60, 2, 3, dtype=F64)
    grf[..., 1] = 0.5 * weight
    grf[30, :, 1] = 1.2 * weight
    D = liveliness(grf, MASS_KG, DT)
    assert (
        D[:27].max() == 0.0 and D[30] == pytest.approx(1.4) and D[28] == D[30]
    )
    bands = model_error(torch.zeros(60, N_DOF, dtype=F64), grf, MASS_KG, DT)
    assert (bands.grf_n[30, :, 1] > bands.grf_n[0, :, 1]).all()
    assert (bands.tau_nm[:, :6] == 0.0).all() and (
        bands.tau_nm[:, 6:] > 0.0
    ).all()


def test_committed_table_covers_about_ninety_percent_of_subjects_it_never_saw() -> (
    None
):
    covered = model_error_table()["coverage_test"]
    assert all(0.8 < share <= 1.0 for share in covered.values())


def test_long_clips_are_taken_in_pieces_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    q = squatting(70)
    sigma = keypoint_sigma(torch.ones(70, 17, dtype=F64), 1.75)

    def bands() -> tuple[Tensor, Tensor]:
        return uncertainty_bands(
            q, LENGTHS_M, sigma, loads, loads(smooth_motion(q, DT)), MASS_KG, DT
        )

    whole = bands()
    monkeypatch.setattr(
        uncertainty, "FRAMES_AT_ONCE", 200
    )  # 25 frames, and two members, at once
    for pieces, once in zip(bands(), whole, strict=True):
        torch.testing.assert_close(pieces, once, rtol=1e-9, atol=1e-9)
