"""The ground reaction model: features, cone and sole, residuals, the committed table, and its fit on plates."""

from __future__ import annotations

import math

import pytest
import torch
from force_plate_data import fitted_trials
from torch import Tensor

from musclepose.fitting.fit_grfm import fit
from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.foot_sole import (
    contact_sole,
    inside,
    point_on_sole,
    sole_coordinates,
)
from musclepose.physics.grfm import (
    DELTA,
    FEATURES,
    OUTPUTS,
    ankle_features,
    ground_reaction,
    published_fit,
)
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import DOF_INDEX, FEET, LENGTHS, N_DOF

F64 = torch.float64
LENGTHS_M = segment_lengths(
    torch.tensor(1.75, dtype=F64), torch.zeros(13, dtype=F64)
)
MASS_KG = 70.0
BODY_WEIGHT_N = MASS_KG * 9.81


def standing(frames: int = 1) -> Tensor:
    """q (T, 47) of the zero pose with the soles on y = 0."""
    q = torch.zeros(frames, N_DOF, dtype=F64)
    q[:, 1] = LENGTHS_M[
        [LENGTHS.index(n) for n in ("thigh", "shank", "ankle_height")]
    ].sum()
    return q


def soles(q: Tensor) -> Tensor:
    return sole_points(forward_kinematics(q, LENGTHS_M), LENGTHS_M)


def random_pose(frames: int) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return standing(frames) + 0.3 * torch.randn(
        frames, N_DOF, dtype=F64, generator=generator
    )


def test_standing_still_carries_half_a_body_weight_on_each_foot() -> None:
    q = standing(3)
    out = ground_reaction(
        ankle_features(q, 0 * q, 0 * q, LENGTHS_M),
        soles(q),
        torch.ones(3, 2, dtype=F64),
        MASS_KG,
    )
    torch.testing.assert_close(
        out.force_world_n[..., 1],
        torch.full((3, 2), 0.5 * BODY_WEIGHT_N, dtype=F64),
    )
    assert (out.cop_world_m[..., 1] == 0.0).all()


def test_features_are_height_angle_and_their_time_derivatives() -> None:
    """Velocity and acceleration of the ankle against finite differences of the pose along q(t)."""
    q, v, a = (
        random_pose(5),
        random_pose(5) - standing(5),
        random_pose(5).flip(0) - standing(5),
    )
    psi = ankle_features(q, v, a, LENGTHS_M, floor_m=0.1)
    h = 1e-4

    def height(t: float) -> Tensor:
        return forward_kinematics(
            q + t * v + 0.5 * t * t * a, LENGTHS_M
        ).p_world_seg[:, list(FEET), 1]

    ankle = LENGTHS_M[LENGTHS.index("ankle_height")]
    torch.testing.assert_close(psi[..., 1], height(0.0) - ankle - 0.1)
    torch.testing.assert_close(psi[..., 2], psi[..., 1].flip(-1))
    torch.testing.assert_close(
        psi[..., 3], (height(h) - height(-h)) / (2 * h), atol=1e-6, rtol=1e-6
    )
    torch.testing.assert_close(
        psi[..., 4],
        (height(h) - 2 * height(0.0) + height(-h)) / h**2,
        atol=1e-5,
        rtol=1e-5,
    )
    assert (
        psi[:, 1, 5] == q[:, DOF_INDEX["ankle_dorsiflexion_r"]]
    ).all() and psi.shape[-1] == len(FEATURES)


def test_any_residual_stays_in_the_friction_cone_and_the_sole() -> None:
    q = random_pose(200)
    features = ankle_features(
        q, q - standing(200), 20 * (q - standing(200)), LENGTHS_M
    )
    generator = torch.Generator().manual_seed(5)
    delta = 3.0 * torch.randn(
        200, 2, len(DELTA), dtype=F64, generator=generator
    )
    contact = torch.rand(200, 2, dtype=F64, generator=generator)
    out = ground_reaction(features, soles(q), contact, MASS_KG, delta)
    force = out.force_world_n
    mu = (0.8 + delta[..., 2]).clamp(0.05, 2.0)
    assert (force[..., 1] >= 0.0).all()
    assert (
        force[..., [0, 2]].norm(dim=-1)
        <= mu * force[..., 1] * (1 + 1e-6) + 1e-9
    ).all()
    assert out.cop_world_m[..., 1].abs().max() <= 0.03
    # Steep random feet collapse to a sliver on the floor, where the sole's smallest half width (5 mm) rules.
    assert (
        inside(contact_sole(soles(q)), out.cop_world_m[..., [0, 2]]).min()
        > -0.005
    )


def test_no_contact_no_load() -> None:
    q = random_pose(4)
    contact, delta = (
        torch.zeros(4, 2, dtype=F64),
        torch.ones(4, 2, 7, dtype=F64),
    )
    out = ground_reaction(
        ankle_features(q, q, q, LENGTHS_M), soles(q), contact, MASS_KG, delta
    )
    assert (out.force_world_n == 0.0).all() and (
        out.free_moment_nm == 0.0
    ).all()


def test_residuals_do_what_their_names_say() -> None:
    q = standing()
    features, contact = (
        ankle_features(q, 0 * q, 0 * q, LENGTHS_M),
        torch.ones(1, 2, dtype=F64),
    )
    base = ground_reaction(features, soles(q), contact, MASS_KG)

    def with_delta(name: str, value: float) -> tuple[Tensor, Tensor]:
        delta = torch.zeros(1, 2, 7, dtype=F64)
        delta[..., DELTA.index(name)] = value
        out = ground_reaction(features, soles(q), contact, MASS_KG, delta)
        return (
            out.force_world_n - base.force_world_n,
            out.cop_world_m - base.cop_world_m,
        )

    more = with_delta("vertical", 0.1)[0][..., 1]
    torch.testing.assert_close(
        more, torch.full((1, 2), 0.1 * BODY_WEIGHT_N, dtype=F64)
    )
    assert (with_delta("shear_forward", 0.1)[0][..., 0] > 0.0).all()
    side = with_delta("shear_side", 0.1)[0][..., 2]
    assert (
        side[0, 0] < 0.0 < side[0, 1]
    )  # lateral is -z on the left foot and +z on the right
    assert (with_delta("cop_along", 0.1)[1][..., 0] > 0.01).all()
    across = with_delta("cop_across", 0.2)[1][..., 2]
    assert across[0, 0] < 0.0 < across[0, 1]
    assert (with_delta("cop_height", 0.01)[1][..., 1] > 0.005).all()


def test_gradients_reach_features_and_residuals() -> None:
    q = standing(2)
    features = (ankle_features(q, 0 * q, 0 * q, LENGTHS_M)).requires_grad_()
    delta = torch.full((2, 2, 7), 0.02, dtype=F64, requires_grad=True)
    contact = torch.full((2, 2), 0.9, dtype=F64, requires_grad=True)

    def load(f: Tensor, d: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        out = ground_reaction(f, soles(q), c, MASS_KG, d)
        return out.force_world_n / 100.0, out.cop_world_m

    assert torch.autograd.gradcheck(
        load, (features, delta, contact), eps=1e-6, atol=1e-6
    )


def test_points_on_a_flat_sole_come_back() -> None:
    sole = contact_sole(soles(standing()))
    along, across = (
        torch.tensor([[0.1, 0.9]], dtype=F64),
        torch.tensor([[0.3, -0.4]], dtype=F64),
    )
    point = point_on_sole(sole, along, across)
    assert (inside(sole, point) > 0.0).all()
    assert (
        sole_coordinates(sole, point)[0] - along
    ).abs().max() < 0.03  # the ball is not at right angles to the foot
    tip = sole_points(forward_kinematics(standing(), LENGTHS_M), LENGTHS_M)
    q = standing()
    q[:, DOF_INDEX["ankle_dorsiflexion_r"]] = math.radians(-35.0)
    raised = contact_sole(soles(q))
    assert (
        raised.corners_m[0, 1, :, 0].amin() > tip[0, 1, 0, 0] + 0.08
    )  # on the toes, the heel part carries nothing


def test_committed_table_is_complete_and_has_the_right_signs() -> None:
    table = published_fit()
    assert all(len(getattr(table, name)) == len(FEATURES) for name in OUTPUTS)
    one, own, other = table.vertical_bw[:3]
    assert (
        one == 0.5 and own < 0.0 < other
    )  # Y up: a lifted foot carries less, the foot beside a lifted one more


@pytest.mark.shared
def test_fit_on_force_plates_gives_the_committed_table() -> None:
    table = fit(fitted_trials())
    for name in OUTPUTS:
        # The body fit converges to a millimetre, not to the last digit.
        assert table["coefficients"][name] == pytest.approx(
            list(getattr(published_fit(), name)), abs=0.3, rel=0.1
        )
    assert table["error_test"]["walking"]["vertical_force_rmse_bw"] < 0.25
