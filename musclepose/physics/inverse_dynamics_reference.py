"""The textbook inverse dynamics, kept for clarity: tau = M(q) qddot + C(q, qdot) - gravity - external wrenches.

    M = sum_s  m J_v^T J_v + J_w^T I J_w
    C = sum_s  m J_v^T (dJ_v/dt qdot) + J_w^T (I dJ_w/dt qdot + omega x I omega)

J_v and J_w (3 x 47 per segment) are the derivatives of the centre of mass and of the rotation matrix of the forward
kinematics, by `torch.func.jacrev`; their time derivatives are Jacobian-vector products along qdot. Nothing here is
shared with the fast version except the forward kinematics.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import jacrev, jvp, vmap

from musclepose.physics.constants import gravity_like
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.inverse_dynamics import ExternalWrenches
from musclepose.physics.kinematics import Pose, forward_kinematics

CHUNK_FRAMES = 64  # the Jacobian of 18 rotation matrices takes 60 kB a frame, and its derivative as much again


class Jacobians(NamedTuple):
    """Velocity per generalised velocity of one pose: segment origins, centres of mass, angular velocities (world)."""

    origin: Float[Tensor, "18 3 47"]
    com: Float[Tensor, "18 3 47"]
    omega: Float[Tensor, "18 3 47"]


def jacobians(
    q: Float[Tensor, "dof=47"],
    lengths_m: Float[Tensor, "scale=13"],
    com: Float[Tensor, "18 3"],
) -> Jacobians:
    """Jacobians of one pose by reverse-mode differentiation of the forward kinematics."""

    def pose(q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        R, p = forward_kinematics(q, lengths_m)
        return R, p, p + (R @ com[..., None])[..., 0]

    dR, d_origin, d_com = jacrev(pose)(q)  # type: ignore[misc]
    R = forward_kinematics(q, lengths_m).R_world_seg
    # skew(J_w[:, i]) = dR/dq_i R^T
    W = torch.einsum("sabi,scb->saci", dR, R)
    return Jacobians(
        d_origin, d_com, torch.stack((W[:, 2, 1], W[:, 0, 2], W[:, 1, 0]), 1)
    )


def _inverse_dynamics_frame(
    q: Tensor,
    qdot: Tensor,
    qddot: Tensor,
    lengths: Tensor,
    mass: Tensor,
    com: Tensor,
    inertia: Tensor,
    force: Tensor,
    point: Tensor,
    moment: Tensor,
    *,
    segments: tuple[int, ...],
) -> Tensor:
    def at(q: Tensor) -> Jacobians:
        return jacobians(q, lengths, com)

    J, Jdot = jvp(at, (q,), (qdot,))  # type: ignore[misc]  # two records, without has_aux
    pose: Pose = forward_kinematics(q, lengths)
    I_world = pose.R_world_seg @ inertia @ pose.R_world_seg.mT
    omega = J.omega @ qdot

    M = torch.einsum("s,sai,saj->ij", mass, J.com, J.com) + torch.einsum(
        "sai,sab,sbj->ij", J.omega, I_world, J.omega
    )
    gyroscopic = torch.linalg.cross(omega, (I_world @ omega[..., None])[..., 0])
    spin = (I_world @ (Jdot.omega @ qdot)[..., None])[..., 0] + gyroscopic
    C = torch.einsum(
        "s,sai,sa->i", mass, J.com, Jdot.com @ qdot
    ) + torch.einsum("sai,sa->i", J.omega, spin)
    gravity = torch.einsum("s,sai,a->i", mass, J.com, gravity_like(q))

    on = list(segments)
    arm = point - pose.p_world_seg[on]
    J_point = J.origin[on] + torch.linalg.cross(
        J.omega[on], arm[:, :, None].expand_as(J.omega[on]), dim=1
    )
    external = torch.einsum("kai,ka->i", J_point, force) + torch.einsum(
        "kai,ka->i", J.omega[on], moment
    )
    return M @ qddot + C - gravity - external


def inverse_dynamics_reference(
    q: Float[Tensor, "*b 47"],
    qdot: Float[Tensor, "*b 47"],
    qddot: Float[Tensor, "*b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None = None,
) -> Float[Tensor, "*d 47"]:
    """Same contract as `inverse_dynamics`, from Jacobians of the forward kinematics."""
    if wrenches is None:  # one that does nothing
        none = torch.zeros(1, 3, dtype=q.dtype, device=q.device)
        wrenches = ExternalWrenches(none, none, none, (0,))
    force, point, moment, segments = wrenches
    arguments = (q, qdot, qddot, lengths_m, *inertia, force, point, moment)
    ranks = (1, 1, 1, 1, 1, 2, 3, 2, 2, 2)
    shapes = [
        (a.shape[: a.dim() - r], a.shape[a.dim() - r :])
        for a, r in zip(arguments, ranks, strict=True)
    ]
    lead = torch.broadcast_shapes(*(batch for batch, _ in shapes))
    flat = [
        a.expand(*lead, *own).reshape(-1, *own)
        for a, (_, own) in zip(arguments, shapes, strict=True)
    ]
    frame = vmap(
        partial(_inverse_dynamics_frame, segments=segments),
        chunk_size=CHUNK_FRAMES,
    )
    return frame(*flat).reshape(*lead, q.shape[-1])
