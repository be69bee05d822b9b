"""Inverse dynamics: tau = M(q) qddot + C(q, qdot) - gravity - external wrenches, fast and batched.

Newton-Euler in world axes, summed over the tree: every segment needs a force and a moment about its centre of mass;
what a joint must carry is the sum over everything that hangs on it; its share about each joint axis is the
generalised force. The sign of a torque is the sign of its DoF (a positive knee torque flexes the knee). The first
three entries are the force (N) at the root, the next three the moments (N m) about the root's z, x, y axes: with the
true external wrenches they vanish.

`inverse_dynamics_reference` is the same contract from the textbook formula.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.constants import gravity_like
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.segment_motion import (
    SegmentMotion,
    apply,
    cross,
    segment_motion,
    sum_over_descendants,
)
from musclepose.physics.skeleton47 import DOFS, N_SEGMENTS


class ExternalWrenches(NamedTuple):
    """K wrenches that the world exerts on the body; wrench k acts on the segment with index `segments[k]`."""

    force_world_n: Float[Tensor, "*b k 3"]
    point_world_m: Float[Tensor, "*b k 3"]  # where the force acts
    moment_world_nm: Float[
        Tensor, "*b k 3"
    ]  # free moment, added to the force's own
    segments: tuple[int, ...]


def concatenate_wrenches(
    *parts: ExternalWrenches | None,
) -> ExternalWrenches | None:
    """All wrenches in one record; None stands for no wrench. Leading axes broadcast."""
    given = [p for p in parts if p is not None]
    if not given:
        return None
    tensors = [
        (p.force_world_n, p.point_world_m, p.moment_world_nm) for p in given
    ]
    lead = torch.broadcast_shapes(
        *(t.shape[:-2] for triple in tensors for t in triple)
    )
    force, point, moment = (
        torch.cat([t.expand(*lead, *t.shape[-2:]) for t in column], -2)
        for column in zip(*tensors, strict=True)
    )
    return ExternalWrenches(
        force, point, moment, tuple(s for p in given for s in p.segments)
    )


@lru_cache(maxsize=8)
def _dof_slots(
    dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Flat index into (18, 3) joint axes, and sign, of the 44 rotational DoFs in the order of q."""
    index = [3 * d.segment + "zxy".index(d.axis) for d in DOFS[3:]]
    sign = torch.tensor([d.sign for d in DOFS[3:]], dtype=dtype, device=device)
    return torch.tensor(index, device=device), sign


def segment_one_hot(
    segments: tuple[int, ...], like: Tensor
) -> Float[Tensor, "18 k"]:
    """Column k has its one in row `segments[k]`."""
    index = torch.tensor(segments, device=like.device)
    return torch.nn.functional.one_hot(index, N_SEGMENTS).to(like.dtype).mT


def newton_euler(
    motion: SegmentMotion, inertia: BodyInertia
) -> tuple[Float[Tensor, "*b 18 3"], Float[Tensor, "*b 18 3"]]:
    """Force (N) through, and moment (N m) about, each centre of mass that the motion needs besides gravity."""
    # f = m (a - g);  n = I alpha + omega x I omega, with I turned into world axes
    force = inertia.mass[..., None] * (
        motion.a_world_com - gravity_like(motion.a_world_com)
    )
    R = motion.R_world_seg
    spin, turn = (
        apply(R.mT, motion.omega_world),
        apply(R.mT, motion.alpha_world),
    )
    moment_seg = apply(inertia.inertia, turn) + cross(
        spin, apply(inertia.inertia, spin)
    )
    return force, apply(R, moment_seg)


def joint_torques(
    motion: SegmentMotion,
    force: Float[Tensor, "*#b 18 3"],
    moment: Float[Tensor, "*#b 18 3"],
    wrenches: ExternalWrenches | None,
) -> Float[Tensor, "*b 47"]:
    """Generalised forces for each segment's `force` through its centre of mass and `moment`, less `wrenches`."""
    p_root = motion.p_world_seg[..., :1, :]
    moment = moment + cross(
        motion.p_world_com - p_root, force
    )  # about the root origin
    if wrenches is not None:
        on_segment = segment_one_hot(wrenches.segments, force)
        lever = cross(wrenches.point_world_m - p_root, wrenches.force_world_n)
        force = force - on_segment @ wrenches.force_world_n
        moment = moment - on_segment @ (wrenches.moment_world_nm + lever)
    # what hangs on joint s: F_s, and the moment about its own origin N_s = N_root - (p_s - p_root) x F_s
    carried = sum_over_descendants(torch.cat((force, moment), -1))
    F, N = carried[..., :3], carried[..., 3:]
    N = N - cross(motion.p_world_seg - p_root, F)
    index, sign = _dof_slots(force.dtype, force.device)
    torque = apply(motion.axes_world.mT, N).flatten(-2)[..., index] * sign
    return torch.cat((F[..., 0, :], torque), -1)


def inverse_dynamics(
    q: Float[Tensor, "*#b 47"],
    qdot: Float[Tensor, "*#b 47"],
    qddot: Float[Tensor, "*#b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None = None,
) -> Float[Tensor, "*d 47"]:
    """Generalised forces (N, N m) that the motion needs besides gravity and external wrenches; leading axes broadcast.

    1. pose, angular velocity and acceleration, acceleration of the centres of mass (`segment_motion`)
    2. force and moment of each segment (`newton_euler`)
    3. sums over what each joint carries, projected on its axes (`joint_torques`)
    """
    motion = segment_motion(q, qdot, qddot, lengths_m, inertia.com)
    force, moment = newton_euler(motion, inertia)
    return joint_torques(motion, force, moment, wrenches)


def bias_force(
    q: Float[Tensor, "*#b 47"],
    qdot: Float[Tensor, "*#b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None = None,
) -> Float[Tensor, "*d 47"]:
    """C(q, qdot) - gravity - external wrenches: the generalised force of the motion without acceleration."""
    return inverse_dynamics(
        q, qdot, torch.zeros_like(q), lengths_m, inertia, wrenches
    )
