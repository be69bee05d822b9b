"""Laws that the whole-body balance keeps: it carries what it can, stays inside friction and sole, and hides nothing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.balance import Balance, BalanceWeights, balance
from musclepose.physics.cone_qp import Solver
from musclepose.physics.foot_sole import contact_sole, inside
from musclepose.physics.grfm import FootWrench
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import N_DOF

MASS_KG, DT = 70.0, 1.0 / 30.0
BODY_WEIGHT_N = MASS_KG * 9.81
F64 = torch.float64


def standing_soles(frames: int) -> Tensor:
    """Sole points (T, 2, 4, 3) of the zero pose on the floor y = 0."""
    lengths = segment_lengths(
        torch.tensor(1.75, dtype=F64), torch.zeros(13, dtype=F64)
    )
    sole = sole_points(
        forward_kinematics(torch.zeros(frames, N_DOF, dtype=F64), lengths),
        lengths,
    )
    return sole - torch.tensor([0.0, 1.0, 0.0], dtype=F64) * sole[..., 1].min()


def centre_over(sole: Tensor, x: float = 0.0, z: float = 0.0) -> Tensor:
    middle = contact_sole(sole).reference_m.mean(-2)
    return torch.stack(
        (
            middle[..., 0] + x,
            torch.full_like(middle[..., 0], 1.0),
            middle[..., 1] + z,
        ),
        -1,
    )


def moving_wrench(frames: int) -> tuple[Tensor, Tensor]:
    """A required wrench that both feet together can carry."""
    t = torch.arange(frames, dtype=F64) * DT
    up = BODY_WEIGHT_N * (1.0 + 0.3 * (5.0 * t).sin())
    force = torch.stack(
        (40.0 * (3.0 * t).sin(), up, 20.0 * (2.0 * t).cos()), -1
    )
    return force, torch.stack(
        (4.0 * t.sin(), 2.0 * (2.0 * t).sin(), 15.0 * (4.0 * t).cos()), -1
    )


def solve(
    frames: int = 40, contact: Tensor | None = None
) -> tuple[Balance, Tensor]:
    sole = standing_soles(frames)
    force, moment = moving_wrench(frames)
    c = torch.ones(frames, 2, dtype=F64) if contact is None else contact
    return balance(force, moment, centre_over(sole), sole, c, MASS_KG, DT), sole


def test_standing_carries_one_body_weight_with_the_pressure_under_the_centre_of_mass() -> (
    None
):
    sole = standing_soles(10)
    up = torch.tensor([0.0, BODY_WEIGHT_N, 0.0], dtype=F64).expand(10, 3)
    com = centre_over(sole, x=0.02, z=0.03)
    out = balance(
        up,
        torch.zeros_like(up),
        com,
        sole,
        torch.ones(10, 2, dtype=F64),
        MASS_KG,
        DT,
    )
    force, cop = out.wrench.force_world_n, out.wrench.cop_world_m
    torch.testing.assert_close(force.sum(-2), up, atol=0.5, rtol=0.0)
    total = (force[..., 1:2] * cop).sum(-2) / force[..., 1:2].sum(-2)
    assert (total - com)[..., [0, 2]].abs().max() < 1e-3
    assert (force[:, 1, 1] > force[:, 0, 1]).all()  # it leans to the right
    assert (cop[..., 1] == 0.0).all()


def test_feasible_balance_is_exact_and_infeasible_leaves_a_visible_residual() -> (
    None
):
    out, _ = solve()
    assert out.residual_force_n.norm(dim=-1).max() < 1e-3 * BODY_WEIGHT_N
    assert out.residual_moment_nm.norm(dim=-1).max() < 1e-3 * BODY_WEIGHT_N
    sole = standing_soles(5)
    pull = torch.tensor([0.0, -100.0, 0.0], dtype=F64).expand(
        5, 3
    )  # the floor cannot pull
    down = balance(
        pull,
        torch.zeros_like(pull),
        centre_over(sole),
        sole,
        torch.ones(5, 2, dtype=F64),
        MASS_KG,
        DT,
    )
    assert down.wrench.force_world_n.abs().max() < 1.0
    torch.testing.assert_close(down.residual_force_n, pull, atol=1.0, rtol=0.0)


def test_flight_carries_exactly_nothing_and_the_residual_says_so() -> None:
    contact = torch.ones(30, 2, dtype=F64)
    contact[10:20] = 0.0
    contact[20:, 0] = 0.2  # below the gate
    out, _ = solve(30, contact)
    assert (out.wrench.force_world_n[10:20] == 0.0).all() and (
        out.wrench.free_moment_nm[10:20] == 0.0
    ).all()
    assert (out.wrench.force_world_n[20:, 0] == 0.0).all()
    torch.testing.assert_close(
        out.residual_force_n[10:20], moving_wrench(30)[0][10:20]
    )


@pytest.mark.parametrize(
    "push", [(0.0, 0.0, 0.0), (2000.0, 0.0, -900.0), (-500.0, 300.0, 1500.0)]
)
@pytest.mark.parametrize("twist", [(0.0, 0.0, 0.0), (300.0, 200.0, -400.0)])
def test_friction_cone_and_sole_are_never_left(
    push: tuple[float, ...], twist: tuple[float, ...]
) -> None:
    sole = standing_soles(20)
    force, moment = moving_wrench(20)
    force, moment = (
        force + torch.tensor(push, dtype=F64),
        moment + torch.tensor(twist, dtype=F64),
    )
    out = balance(
        force,
        moment,
        centre_over(sole),
        sole,
        torch.ones(20, 2, dtype=F64),
        MASS_KG,
        DT,
    )
    F = out.wrench.force_world_n
    assert (F[..., 1] >= 0.0).all()
    assert (
        F[..., [0, 2]].norm(dim=-1)
        <= BalanceWeights().friction * F[..., 1] + 1e-9
    ).all()
    assert (
        inside(contact_sole(sole), out.wrench.cop_world_m[..., [0, 2]]).min()
        >= -1e-9
    )


def test_what_is_reported_is_what_was_required() -> None:
    """Required = carried + residual, with the moment recomputed here from force, centre of pressure and free moment."""
    contact = torch.ones(40, 2, dtype=F64)
    contact[15:, 1] = 0.5
    out, sole = solve(40, contact)
    force, moment = moving_wrench(40)
    F, cop, free = out.wrench
    carried = torch.linalg.cross(cop - centre_over(sole)[:, None], F)
    carried[..., 1] += free
    torch.testing.assert_close(F.sum(-2) + out.residual_force_n, force)
    torch.testing.assert_close(
        carried.sum(-2) + out.residual_moment_nm, moment, atol=1e-9, rtol=1e-9
    )


def test_gradient_matches_finite_differences() -> None:
    sole = standing_soles(4)
    force, moment = moving_wrench(4)
    contact = torch.tensor(
        [[1.0, 1.0], [1.0, 0.6], [0.45, 1.0], [0.0, 1.0]], dtype=F64
    )
    moment[1, 2] += 300.0  # one frame at the edge of the sole
    inputs = [
        v.clone().requires_grad_()
        for v in (
            force / 100.0,
            moment / 10.0,
            centre_over(sole),
            sole,
            contact,
        )
    ]

    def carried(
        f: Tensor, m: Tensor, com: Tensor, s: Tensor, c: Tensor
    ) -> tuple[Tensor, ...]:
        out = balance(100.0 * f, 10.0 * m, com, s, c, MASS_KG, DT)
        return (
            *(
                v / s
                for v, s in zip(out.wrench, (100.0, 1.0, 1.0), strict=True)
            ),
            out.residual_moment_nm,
        )

    # The implicit derivative is exact at the optimum; the tolerance is that of central differences at 1e-6.
    assert torch.autograd.gradcheck(
        carried, inputs, eps=1e-6, atol=1e-3, rtol=1e-3, nondet_tol=1e-9
    )


def test_batch_is_loop_and_keeps_dtype() -> None:
    sole = standing_soles(12)
    force, moment = moving_wrench(24)
    contact = torch.ones(2, 12, 2, dtype=F64)
    contact[1, 4:8, 0] = 0.0
    com = centre_over(sole)
    pairs = (
        force.unflatten(0, (2, 12)),
        moment.unflatten(0, (2, 12)),
        com.expand(2, 12, 3),
        sole.expand(2, 12, 2, 4, 3),
    )
    both = balance(*pairs, contact, torch.tensor([MASS_KG, 80.0]), DT)
    for i, mass in enumerate((MASS_KG, 80.0)):
        one = balance(
            force[12 * i : 12 * i + 12],
            moment[12 * i : 12 * i + 12],
            com,
            sole,
            contact[i],
            mass,
            DT,
        )
        torch.testing.assert_close(
            both.wrench.force_world_n[i], one.wrench.force_world_n
        )
        torch.testing.assert_close(
            both.residual_moment_nm[i], one.residual_moment_nm
        )
    f32 = [v.float() for v in (force[:12], moment[:12], com, sole, contact[0])]
    single = balance(f32[0], f32[1], f32[2], f32[3], f32[4], MASS_KG, DT)
    assert single.wrench.force_world_n.dtype == torch.float32


def test_mirror_swaps_the_feet() -> None:
    sole, flip = standing_soles(15), torch.tensor([1.0, 1.0, -1.0], dtype=F64)
    force, moment = moving_wrench(15)
    com = centre_over(sole, z=0.04)
    contact = torch.rand(
        15, 2, dtype=F64, generator=torch.Generator().manual_seed(1)
    )
    out = balance(force, moment, com, sole, contact, MASS_KG, DT)
    mirrored = balance(
        force * flip,
        -moment * flip,
        com * flip,
        (sole * flip).flip(1),
        contact.flip(-1),
        MASS_KG,
        DT,
    )
    for got, want in zip(mirrored.wrench[:2], out.wrench[:2], strict=True):
        torch.testing.assert_close(
            got, (want * flip).flip(1), atol=1e-6, rtol=1e-6
        )


def test_prior_decides_the_share_that_the_balance_leaves_open() -> None:
    """Fore-aft shear may be split between the feet at will: the prior splits it."""
    sole = standing_soles(8)
    up = torch.tensor([0.0, BODY_WEIGHT_N, 0.0], dtype=F64).expand(8, 3)
    middle, none = contact_sole(sole).reference_m, torch.zeros(8, 2, dtype=F64)
    cop = torch.stack((middle[..., 0], none, middle[..., 1]), -1)
    half = 0.5 * BODY_WEIGHT_N
    shear = torch.tensor(
        [[60.0, half, 0.0], [-60.0, half, 0.0]], dtype=F64
    ).expand(8, 2, 3)
    com, contact = centre_over(sole), torch.ones(8, 2, dtype=F64)
    even = balance(up, torch.zeros_like(up), com, sole, contact, MASS_KG, DT)
    split = balance(
        up,
        torch.zeros_like(up),
        com,
        sole,
        contact,
        MASS_KG,
        DT,
        FootWrench(shear, cop, none),
    )
    gap = [
        o.wrench.force_world_n[:, 0, 0] - o.wrench.force_world_n[:, 1, 0]
        for o in (even, split)
    ]
    assert gap[0].abs().max() < 1.0 and gap[1].min() > 5.0
    assert split.residual_force_n.abs().max() < 1.0


@pytest.mark.parametrize("iterations", [2, 5, 200])
def test_a_wild_motion_never_makes_the_floor_pull(iterations: int) -> None:
    """Noise of several body weights, and a search that is cut short: the answer is worse, but inside the cone."""
    g = torch.Generator().manual_seed(3)
    sole = standing_soles(60)
    force = 5.0 * BODY_WEIGHT_N * torch.randn(60, 3, generator=g, dtype=F64)
    moment = BODY_WEIGHT_N * torch.randn(60, 3, generator=g, dtype=F64)
    contact = (torch.rand(60, 2, generator=g, dtype=F64) > 0.3).double()
    weights = BalanceWeights(solver=Solver(iterations=iterations))
    out = balance(
        force,
        moment,
        centre_over(sole),
        sole,
        contact,
        MASS_KG,
        DT,
        weights=weights,
    )
    F = out.wrench.force_world_n
    assert (F[..., 1] >= -1e-6).all()
    assert (
        F[..., [0, 2]].norm(dim=-1) <= weights.friction * F[..., 1] + 1e-6
    ).all()
    torch.testing.assert_close(F.sum(1) + out.residual_force_n, force)


def test_a_flat_sole_is_as_wide_as_chosen() -> None:
    """Ball 10 cm wide: heel 6 cm, toe 5 cm; both corners of an end lie beside its middle."""
    heel, medial, lateral, toe = (
        [0.0, 0, 0],
        [0.2, 0, -0.05],
        [0.2, 0, 0.05],
        [0.27, 0, 0],
    )
    corners = contact_sole(
        torch.tensor([[heel, medial, lateral, toe]], dtype=F64)
    ).corners_m[0]
    z = corners[:, 1].tolist()
    assert z == pytest.approx([-0.03, -0.05, -0.025, 0.025, 0.05, 0.03])
    assert corners[:, 0].tolist() == pytest.approx(
        [0.0, 0.2, 0.27, 0.27, 0.2, 0.0]
    )
