"""What the whole body does: mass matrix, centre of mass and its motion, energy, and the wrench it needs from the
world."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.constants import gravity_like
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    inverse_dynamics,
    newton_euler,
)
from musclepose.physics.kinematics import Pose
from musclepose.physics.segment_motion import (
    SegmentMotion,
    apply,
    cross,
    segment_motion,
)
from musclepose.physics.skeleton47 import N_DOF


class ComMotion(NamedTuple):
    """Motion of the whole-body centre of mass, world axes."""

    p_world_m: Float[Tensor, "*b 3"]
    v_world_m_s: Float[Tensor, "*b 3"]
    a_world_m_s2: Float[Tensor, "*b 3"]


class NetWrench(NamedTuple):
    """A force and the moment about a stated point, world axes."""

    force_world_n: Float[Tensor, "*b 3"]
    moment_world_nm: Float[Tensor, "*b 3"]


class Energy(NamedTuple):
    """Kinetic and potential energy, J; the potential is zero with the centre of mass at height zero."""

    kinetic_j: Float[Tensor, "*b"]
    potential_j: Float[Tensor, "*b"]


def _mean_by_mass(
    x: Float[Tensor, "*b 18 3"], mass: Float[Tensor, "*c 18"]
) -> Float[Tensor, "*d 3"]:
    return (mass[..., None] * x).sum(-2) / mass.sum(-1, keepdim=True)


def center_of_mass(pose: Pose, inertia: BodyInertia) -> Float[Tensor, "*b 3"]:
    """Whole-body centre of mass, world m."""
    return _mean_by_mass(
        pose.p_world_seg + apply(pose.R_world_seg, inertia.com), inertia.mass
    )


def com_motion(motion: SegmentMotion, inertia: BodyInertia) -> ComMotion:
    """Position, velocity and acceleration of the whole-body centre of mass."""
    fields = (motion.p_world_com, motion.v_world_com, motion.a_world_com)
    p, v, a = (_mean_by_mass(x, inertia.mass) for x in fields)
    return ComMotion(p, v, a)


def energy(motion: SegmentMotion, inertia: BodyInertia) -> Energy:
    """T = sum 1/2 m v^2 + 1/2 omega I omega; V = - sum m g . p."""
    spin = apply(motion.R_world_seg.mT, motion.omega_world)
    translation = inertia.mass * motion.v_world_com.square().sum(-1)
    rotation = (spin * apply(inertia.inertia, spin)).sum(-1)
    height = (motion.p_world_com * -gravity_like(spin)).sum(-1)
    return Energy(
        0.5 * (translation + rotation).sum(-1), (inertia.mass * height).sum(-1)
    )


def mass_matrix(
    q: Float[Tensor, "*b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    inertia: BodyInertia,
) -> Float[Tensor, "*d 47 47"]:
    """M(q): column j is the generalised force of a unit acceleration of DoF j, at rest and without gravity."""
    unit = torch.eye(N_DOF, dtype=q.dtype, device=q.device)
    rest = torch.zeros_like(q).unsqueeze(-2)
    body = BodyInertia(
        inertia.mass.unsqueeze(-2),
        inertia.com.unsqueeze(-3),
        inertia.inertia.unsqueeze(-4),
    )
    lengths = lengths_m.unsqueeze(-2)
    q = q.unsqueeze(-2)
    moving = inverse_dynamics(
        q, rest, unit.expand(*q.shape[:-2], N_DOF, N_DOF), lengths, body
    )
    return (moving - inverse_dynamics(q, rest, rest, lengths, body)).mT


def net_external_wrench_required(
    motion: SegmentMotion,
    inertia: BodyInertia,
    about_world_m: Float[Tensor, "*b 3"] | None = None,
    carried: ExternalWrenches | None = None,
) -> NetWrench:
    """The wrench that the ground must exert for this motion, less what `carried` loads exert already.

    force = sum m (a - g);  moment = sum [I alpha + omega x I omega + (c - o) x m (a - g)] about the world point o, by
    default the body's centre of mass.
    """
    origin = (
        com_motion(motion, inertia).p_world_m
        if about_world_m is None
        else about_world_m
    )
    force, moment = newton_euler(motion, inertia)
    moment = moment + cross(motion.p_world_com - origin.unsqueeze(-2), force)
    force_net, moment_net = force.sum(-2), moment.sum(-2)
    if carried is not None:
        lever = cross(
            carried.point_world_m - origin.unsqueeze(-2), carried.force_world_n
        )
        force_net = force_net - carried.force_world_n.sum(-2)
        moment_net = moment_net - (carried.moment_world_nm + lever).sum(-2)
    return NetWrench(force_net, moment_net)


def motion_at_rest(
    q: Float[Tensor, "*b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    inertia: BodyInertia,
) -> SegmentMotion:
    """Segment motion of a pose held still."""
    zero = torch.zeros_like(q)
    return segment_motion(q, zero, zero, lengths_m, inertia.com)
