"""Inverse dynamics against mechanics that does not know it: Euler-Lagrange, power, statics by hand, symmetry."""

from __future__ import annotations

import math

import pytest
import torch
from bodies import (
    F64,
    Body,
    average_body,
    random_body,
    random_motion,
    random_wrenches,
)
from finite_difference import numerical_jacobian
from torch import Tensor
from torch.func import grad, jacfwd, jvp

from musclepose.physics.body_dynamics import (
    com_motion,
    energy,
    mass_matrix,
    motion_at_rest,
    net_external_wrench_required,
)
from musclepose.physics.constants import G_M_S2
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.external_load import CARRIERS, load_wrenches
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    bias_force,
    concatenate_wrenches,
    inverse_dynamics,
)
from musclepose.physics.inverse_dynamics_reference import (
    inverse_dynamics_reference,
)
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    FEET,
    LENGTHS,
    N_DOF,
    SEGMENTS,
    mirror_index,
)
from musclepose.records import LoadSite

ZERO = torch.zeros(N_DOF, dtype=F64)


def _pose(**angles: float) -> Tensor:
    q = ZERO.clone()
    for name, value in angles.items():
        q[DOF_INDEX[name]] = value
    return q


def _static_torque(
    q: Tensor, body: Body, wrenches: ExternalWrenches | None = None
) -> Tensor:
    return inverse_dynamics(
        q, ZERO, ZERO, body.lengths_m, body.inertia, wrenches
    )


def test_fast_version_equals_the_textbook() -> None:
    body, motion, wrenches = (
        random_body(1, 4),
        random_motion(2, 4),
        random_wrenches(3, 4),
    )
    for w in (None, wrenches):
        fast = inverse_dynamics(*motion, *body, w)
        textbook = inverse_dynamics_reference(*motion, *body, w)
        torch.testing.assert_close(fast, textbook, rtol=1e-10, atol=1e-9)


def test_euler_lagrange() -> None:
    """tau = d/dt dL/dqdot - dL/dq of the scalar L = T - V, which sees positions and rotations only."""
    body, (q, qdot, qddot) = random_body(4), random_motion(5)
    mass, com, inertia = body.inertia

    def lagrangian(q: Tensor, qdot: Tensor) -> Tensor:
        def place(q: Tensor) -> tuple[Tensor, Tensor]:
            R, p = forward_kinematics(q, body.lengths_m)
            return p + (R @ com[..., None])[..., 0], R

        (p, R), (v, dR) = jvp(place, (q,), (qdot,))
        W = R.mT @ dR  # skew of the angular velocity in segment axes
        omega = torch.stack((W[:, 2, 1], W[:, 0, 2], W[:, 1, 0]), -1)
        kinetic = 0.5 * (mass * v.square().sum(-1)).sum() + 0.5 * torch.einsum(
            "sa,sab,sb->", omega, inertia, omega
        )
        return kinetic - (mass * G_M_S2 * p[:, 1]).sum()

    def momentum(q: Tensor, qdot: Tensor) -> Tensor:
        return grad(lagrangian, argnums=1)(q, qdot)

    _, rate = jvp(momentum, (q, qdot), (qdot, qddot))
    oracle = rate - grad(lagrangian, argnums=0)(q, qdot)
    tau = inverse_dynamics(q, qdot, qddot, *body)
    assert (tau - oracle).abs().max() <= 1e-10 * oracle.abs().max()
    torch.testing.assert_close(
        mass_matrix(q, *body), jacfwd(momentum, argnums=1)(q, qdot)
    )


def test_power_balance() -> None:
    """qdot . tau = dE/dt, with and without wrenches, whose own power is force . v_point + moment . omega."""
    body, (q, qdot, qddot) = random_body(6), random_motion(7)

    def total_energy(t: Tensor) -> Tensor:
        motion = segment_motion(
            q + qdot * t + 0.5 * qddot * t**2,
            qdot + qddot * t,
            qddot,
            body.lengths_m,
            body.inertia.com,
        )
        return sum(energy(motion, body.inertia), torch.zeros((), dtype=F64))

    power = numerical_jacobian(
        total_energy, torch.zeros((), dtype=F64), step=1e-5
    )
    assert qdot @ inverse_dynamics(q, qdot, qddot, *body) == pytest.approx(
        power.item(), rel=1e-7
    )

    wrenches = random_wrenches(8)
    motion = segment_motion(q, qdot, qddot, body.lengths_m, body.inertia.com)
    on = list(wrenches.segments)
    lever = wrenches.point_world_m - motion.p_world_com[on]
    v_point = motion.v_world_com[on] + torch.linalg.cross(
        motion.omega_world[on], lever
    )
    given = (wrenches.force_world_n * v_point).sum() + (
        wrenches.moment_world_nm * motion.omega_world[on]
    ).sum()
    tau = inverse_dynamics(q, qdot, qddot, *body, wrenches)
    assert qdot @ tau + given == pytest.approx(power.item(), rel=1e-7)


def test_leg_held_horizontally() -> None:
    """Standing on the root, right leg straight forward: hip moment = g times the sum of mass x lever, by hand."""
    body = average_body()
    thigh, shank, foot = (
        SEGMENTS.index(f"{n}_r") for n in ("thigh", "shank", "foot")
    )
    length = dict(zip(LENGTHS, body.lengths_m.tolist(), strict=True))
    down = -body.inertia.com[
        :, 1
    ]  # distance of each centre of mass below its joint in the hanging leg
    levers = {
        thigh: down[thigh],
        shank: length["thigh"] + down[shank],
        foot: length["thigh"] + length["shank"] + down[foot],
    }
    hip = G_M_S2 * sum(
        body.inertia.mass[s] * lever for s, lever in levers.items()
    )
    knee = G_M_S2 * sum(
        body.inertia.mass[s] * (levers[s] - length["thigh"])
        for s in (shank, foot)
    )
    tau = _static_torque(_pose(hip_flexion_r=math.pi / 2), body)
    assert tau[DOF_INDEX["hip_flexion_r"]] == pytest.approx(
        hip.item(), rel=1e-12
    )  # flexors hold the leg up
    assert tau[DOF_INDEX["knee_flexion_r"]] == pytest.approx(
        -knee.item(), rel=1e-12
    )  # extensors hold the shank up
    assert 40 < hip < 50  # N m in a 75 kg man


def test_forearm_held_horizontally() -> None:
    body = average_body()
    forearm, hand = SEGMENTS.index("forearm_l"), SEGMENTS.index("hand_l")
    reach = body.lengths_m[LENGTHS.index("forearm")] - body.inertia.com[hand, 1]
    elbow = G_M_S2 * (
        body.inertia.mass[forearm] * -body.inertia.com[forearm, 1]
        + body.inertia.mass[hand] * reach
    )
    q = _pose(elbow_flexion_l=math.pi / 2)
    elbow_flexion = DOF_INDEX["elbow_flexion_l"]
    assert _static_torque(q, body)[elbow_flexion] == pytest.approx(
        elbow.item(), rel=1e-12
    )
    load = load_wrenches(20.0, "hands", motion_at_rest(q, *body))
    loaded = _static_torque(q, body, load)[elbow_flexion]
    assert loaded == pytest.approx(
        (elbow + 10.0 * G_M_S2 * reach).item(), rel=1e-12
    )


def test_standing_on_both_feet() -> None:
    """Half the weight on each foot under the centre of mass: no residual at the root; knee moment by hand."""
    body = average_body()
    q = _pose(
        hip_flexion_l=0.8,
        hip_flexion_r=0.8,
        knee_flexion_l=1.2,
        knee_flexion_r=1.2,
        pelvis_tilt=-0.4,
    )
    motion = motion_at_rest(q, *body)
    required = net_external_wrench_required(motion, body.inertia)
    weight = 75.0 * G_M_S2
    torch.testing.assert_close(
        required.force_world_n, torch.tensor([0.0, weight, 0.0], dtype=F64)
    )
    torch.testing.assert_close(
        required.moment_world_nm, torch.zeros(3, dtype=F64), atol=1e-10, rtol=0
    )

    centre = com_motion(motion, body.inertia).p_world_m
    point = torch.stack(
        [
            torch.stack(
                (centre[0], motion.p_world_seg[f, 1], motion.p_world_seg[f, 2])
            )
            for f in FEET
        ]
    )
    force = torch.tensor([[0.0, weight / 2, 0.0]] * 2, dtype=F64)
    tau = _static_torque(
        q, body, ExternalWrenches(force, point, torch.zeros_like(point), FEET)
    )
    torch.testing.assert_close(
        tau[:6], torch.zeros(6, dtype=F64), atol=1e-9, rtol=0
    )

    knee_x = motion.p_world_seg[SEGMENTS.index("shank_r"), 0]
    below = [SEGMENTS.index("shank_r"), SEGMENTS.index("foot_r")]
    about_knee = weight / 2 * (centre[0] - knee_x)
    about_knee -= (
        G_M_S2
        * (
            body.inertia.mass[below] * (motion.p_world_com[below, 0] - knee_x)
        ).sum()
    )
    # What the muscles add balances the moment of the floor and of gravity about the knee; flexion turns about -z.
    assert tau[DOF_INDEX["knee_flexion_r"]] == pytest.approx(
        about_knee.item(), rel=1e-9
    )
    assert (
        tau[DOF_INDEX["knee_flexion_r"]] < -10
    )  # extensors carry the bent knee


def test_required_wrench_cancels_the_root_residual_of_any_motion() -> None:
    body, (q, qdot, qddot) = random_body(9), random_motion(10)
    motion = segment_motion(q, qdot, qddot, body.lengths_m, body.inertia.com)
    load = load_wrenches(30.0, "shoulders", motion)
    point = torch.tensor([0.3, -0.9, 0.1], dtype=F64)
    need = net_external_wrench_required(motion, body.inertia, point, load)
    ground = ExternalWrenches(
        need.force_world_n[None],
        point[None],
        need.moment_world_nm[None],
        (FEET[0],),
    )
    tau = inverse_dynamics(
        q, qdot, qddot, *body, concatenate_wrenches(ground, None, load)
    )
    torch.testing.assert_close(
        tau[:6], torch.zeros(6, dtype=F64), atol=1e-8, rtol=0
    )


@pytest.mark.parametrize("at", ["hands", "shoulders"])
def test_load_is_a_mass_that_moves_along(at: LoadSite) -> None:
    """A load gives the torques of a body whose carrying segments are heavier by half of it at their centre of mass."""
    body, motion = random_body(11), random_motion(12)
    extra = torch.zeros(18, dtype=F64)
    extra[list(CARRIERS[at])] = 12.5
    heavier = BodyInertia(
        body.inertia.mass + extra, body.inertia.com, body.inertia.inertia
    )
    load = load_wrenches(
        25.0, at, segment_motion(*motion, body.lengths_m, body.inertia.com)
    )
    torch.testing.assert_close(
        inverse_dynamics(*motion, *body, load),
        inverse_dynamics(*motion, body.lengths_m, heavier),
    )


def test_mirrored_motion_has_mirrored_torques() -> None:
    body, motion = average_body("female"), random_motion(13, 6)
    index, sign = mirror_index()
    twin = [torch.from_numpy(sign) * x[:, index] for x in motion]
    tau = inverse_dynamics(*motion, *body)
    torch.testing.assert_close(
        inverse_dynamics(*twin, *body), torch.from_numpy(sign) * tau[:, index]
    )


def test_batch_equals_loop() -> None:
    """Any leading axes; the body may have fewer of them than the motion."""
    bodies, motion, wrenches = (
        random_body(14, 2),
        random_motion(15, 2, 5),
        random_wrenches(16, 2, 5),
    )
    lengths, inertia = (
        bodies.lengths_m[:, None],
        BodyInertia(*(x[:, None] for x in bodies.inertia)),
    )
    batch = inverse_dynamics(*motion, lengths, inertia, wrenches)
    for i in range(2):
        for j in range(5):
            w = ExternalWrenches(
                *(x[i, j] for x in wrenches[:3]), wrenches.segments
            )
            one_body = Body(
                bodies.lengths_m[i],
                BodyInertia(*(x[i] for x in bodies.inertia)),
            )
            one = inverse_dynamics(*(x[i, j] for x in motion), *one_body, w)
            torch.testing.assert_close(batch[i, j], one, rtol=1e-12, atol=1e-10)


def test_float32_is_close_to_float64() -> None:
    body, motion = average_body(), random_motion(17, 50)
    exact = inverse_dynamics(*motion, *body)
    single = inverse_dynamics(
        *(x.float() for x in motion),
        body.lengths_m.float(),
        BodyInertia(*(x.float() for x in body.inertia)),
    )
    assert (single.double() - exact).abs().max() <= 1e-5 * exact.abs().max()


def test_bias_force_is_the_torque_without_acceleration() -> None:
    body, (q, qdot, qddot) = random_body(18), random_motion(19)
    tau = mass_matrix(q, *body) @ qddot + bias_force(q, qdot, *body)
    torch.testing.assert_close(inverse_dynamics(q, qdot, qddot, *body), tau)


def test_mass_matrix_is_symmetric_and_positive() -> None:
    M = mass_matrix(random_motion(20, 7)[0], *random_body(21))
    torch.testing.assert_close(M, M.mT)
    assert (torch.linalg.eigvalsh(M) > 0).all()
    torch.testing.assert_close(
        M[..., :3, :3], M[..., :1, :1] * torch.eye(3, dtype=F64).expand(7, 3, 3)
    )


def test_gradient_of_the_eager_version() -> None:
    body, motion, wrenches = (
        random_body(22),
        random_motion(23),
        random_wrenches(24, segments=(FEET[1],)),
    )

    def f(
        q: Tensor,
        qd: Tensor,
        qdd: Tensor,
        L: Tensor,
        m: Tensor,
        c: Tensor,
        I: Tensor,
        *w: Tensor,
    ) -> Tensor:
        return inverse_dynamics(
            q,
            qd,
            qdd,
            L,
            BodyInertia(m, c, I),
            ExternalWrenches(*w, (FEET[1],)),
        )

    inputs = [
        x.clone().requires_grad_()
        for x in (*motion, body.lengths_m, *body.inertia, *wrenches[:3])
    ]
    assert torch.autograd.gradcheck(f, inputs, fast_mode=True)
