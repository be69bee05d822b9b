"""Position, velocity and acceleration of every segment, in closed form over the whole tree at once.

A segment's angular velocity is the sum of what its own joint and the joints of all its ancestors contribute, and so
is its angular acceleration and the acceleration of its origin: each sum is one product with the constant ancestor
matrix. Only the chain of rotations (forward kinematics) goes down the tree step by step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.euler_jacobian import zxy_jacobian, zxy_jacobian_rate
from musclepose.physics.kinematics import (
    SLOT_INDEX,
    SLOT_SIGN,
    forward_kinematics,
    joint_offsets,
)
from musclepose.physics.skeleton47 import N_SEGMENTS, PARENTS


class SegmentMotion(NamedTuple):
    """World-frame motion of the 18 segments; `axes_world[..., s, :, k]` is the axis of joint angle k (z, x, y)."""

    R_world_seg: Float[Tensor, "*b 18 3 3"]
    p_world_seg: Float[Tensor, "*b 18 3"]  # m, segment origins
    p_world_com: Float[Tensor, "*b 18 3"]  # m, segment centres of mass
    axes_world: Float[
        Tensor, "*b 18 3 3"
    ]  # unsigned: the DoF's sign multiplies its angle
    omega_world: Float[Tensor, "*b 18 3"]  # rad/s
    alpha_world: Float[Tensor, "*b 18 3"]  # rad/s^2
    v_world_com: Float[Tensor, "*b 18 3"]  # m/s
    a_world_com: Float[Tensor, "*b 18 3"]  # m/s^2


def ancestor_matrix() -> np.ndarray:
    """(18, 18): 1 where column j is segment i itself or one of its ancestors."""
    out = np.eye(N_SEGMENTS)
    for s in range(1, N_SEGMENTS):
        out[s] += out[PARENTS[s]]
    return out


@lru_cache(maxsize=8)
def _constants(
    dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Slot index (18, 3) and sign (18, 3) of the joint angles, transposed ancestor matrix (18, 18)."""
    index = torch.tensor(SLOT_INDEX, device=device)
    sign = torch.tensor(SLOT_SIGN, dtype=dtype, device=device)
    return (
        index,
        sign,
        torch.as_tensor(ancestor_matrix().T.copy(), dtype=dtype, device=device),
    )


def joint_values(q: Float[Tensor, "*b 47"]) -> Float[Tensor, "*b 18 3"]:
    """Signed z, x, y value of every joint; works for angles, rates and accelerations. Absent axes are zero."""
    index, sign, _ = _constants(q.dtype, q.device)
    return torch.nn.functional.pad(q, (0, 1))[..., index] * sign


def sum_over_ancestors(x: Float[Tensor, "*b 18 c"]) -> Float[Tensor, "*b 18 c"]:
    """Each segment gets its own value plus those of all its ancestors."""
    return (x.mT @ _constants(x.dtype, x.device)[2]).mT


def sum_over_descendants(
    x: Float[Tensor, "*b 18 c"],
) -> Float[Tensor, "*b 18 c"]:
    """Each segment gets its own value plus those of everything that hangs on it."""
    return (x.mT @ _constants(x.dtype, x.device)[2].mT).mT


def apply(
    R: Float[Tensor, "*#b 3 3"], v: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*#b 3"]:
    """`R @ v`, without the overhead of many tiny matrix products."""
    return (
        R[..., 0] * v[..., 0:1]
        + R[..., 1] * v[..., 1:2]
        + R[..., 2] * v[..., 2:3]
    )


def cross(
    a: Float[Tensor, "*#b 3"], b: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*#b 3"]:
    """`a x b`."""
    return torch.linalg.cross(a, b)


def _of_parent(x: Tensor, root: Tensor, axis: int) -> Tensor:
    """Each segment's parent's value along the segment `axis`; the root's parent is the world, with the value `root`."""
    index = torch.tensor(PARENTS[1:], device=x.device)
    return torch.cat(
        (root.expand_as(x.narrow(axis, 0, 1)), x.index_select(axis, index)),
        axis,
    )


def segment_motion(
    q: Float[Tensor, "*#b 47"],
    qdot: Float[Tensor, "*#b 47"],
    qddot: Float[Tensor, "*#b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    com: Float[Tensor, "*c 18 3"],
) -> SegmentMotion:
    """Motion of all segments from generalised coordinates (m, rad) and their derivatives; leading axes broadcast."""
    angles, rates, accelerations = (
        joint_values(q),
        joint_values(qdot),
        joint_values(qddot),
    )
    R, p = forward_kinematics(q, lengths_m)
    eye = torch.eye(3, dtype=q.dtype, device=q.device)
    zero = torch.zeros(3, dtype=q.dtype, device=q.device)
    R_world_parent = _of_parent(R, eye, -3)

    # omega_s = omega_p + axes @ rates,  axes = R_world_parent @ J(z, x)
    z, x = angles[..., 0], angles[..., 1]
    axes = R_world_parent @ zxy_jacobian(z, x)
    omega_joint = apply(axes, rates)
    omega = sum_over_ancestors(omega_joint)
    omega_parent = _of_parent(omega, zero, -2)

    # alpha_s = alpha_p + axes @ accelerations + R_world_parent @ Jdot @ rates + omega_p x omega_joint
    J_rates = apply(
        zxy_jacobian_rate(z, x, rates[..., 0], rates[..., 1]), rates
    )
    alpha = sum_over_ancestors(
        apply(axes, accelerations)
        + apply(R_world_parent, J_rates)
        + cross(omega_parent, omega_joint)
    )
    alpha_parent = _of_parent(alpha, zero, -2)

    # v_s = v_p + omega_p x r,  a_s = a_p + alpha_p x r + omega_p x (omega_p x r),  r = R_world_parent @ o_p_s
    r = apply(R_world_parent, joint_offsets(lengths_m))
    swing = cross(omega_parent, r)
    v = qdot[..., None, :3] + sum_over_ancestors(swing)
    a = qddot[..., None, :3] + sum_over_ancestors(
        cross(alpha_parent, r) + cross(omega_parent, swing)
    )

    c = apply(R, com)
    swing = cross(omega, c)
    return SegmentMotion(
        R,
        p,
        p + c,
        axes,
        omega,
        alpha,
        v + swing,
        a + cross(alpha, c) + cross(omega, swing),
    )
