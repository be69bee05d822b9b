"""Rotations: elementary matrices, intrinsic ZXY Euler angles, 6D vectors. `R_a_b @ v_b = v_a`; radians."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

TWO_PI = 2.0 * math.pi


def _matrix(*entries: Float[Tensor, "*b"]) -> Float[Tensor, "*b 3 3"]:
    """Nine entries, row by row."""
    return torch.stack(entries, -1).unflatten(-1, (3, 3))


def rot_x(angle: Float[Tensor, "*b"]) -> Float[Tensor, "*b 3 3"]:
    """Rotation about x (right-handed) by `angle` rad."""
    c, s = torch.cos(angle), torch.sin(angle)
    o, z = torch.ones_like(angle), torch.zeros_like(angle)
    return _matrix(o, z, z, z, c, -s, z, s, c)


def rot_y(angle: Float[Tensor, "*b"]) -> Float[Tensor, "*b 3 3"]:
    """Rotation about y (right-handed) by `angle` rad."""
    c, s = torch.cos(angle), torch.sin(angle)
    o, z = torch.ones_like(angle), torch.zeros_like(angle)
    return _matrix(c, z, s, z, o, z, -s, z, c)


def rot_z(angle: Float[Tensor, "*b"]) -> Float[Tensor, "*b 3 3"]:
    """Rotation about z (right-handed) by `angle` rad."""
    c, s = torch.cos(angle), torch.sin(angle)
    o, z = torch.ones_like(angle), torch.zeros_like(angle)
    return _matrix(c, -s, z, s, c, z, z, z, o)


def matrix_from_zxy(
    z: Float[Tensor, "*b"], x: Float[Tensor, "*b"], y: Float[Tensor, "*b"]
) -> Float[Tensor, "*b 3 3"]:
    """Intrinsic ZXY: `R = Rz(z) Rx(x) Ry(y)`, written out entry by entry."""
    cz, sz = z.cos(), z.sin()
    cx, sx = x.cos(), x.sin()
    cy, sy = y.cos(), y.sin()
    return _matrix(
        cz * cy - sz * sx * sy,
        -sz * cx,
        cz * sy + sz * sx * cy,
        sz * cy + cz * sx * sy,
        cz * cx,
        sz * sy - cz * sx * cy,
        -cx * sy,
        sx,
        cx * cy,
    )


def zxy_from_matrix(R: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 3"]:
    """Angles (z, x, y) with x in [-pi/2, pi/2]; the singular pose is x = +-pi/2."""
    limit = 1.0 - 1e-7
    x = torch.asin(R[..., 2, 1].clamp(-limit, limit))
    z = torch.atan2(-R[..., 0, 1], R[..., 1, 1])
    y = torch.atan2(-R[..., 2, 0], R[..., 2, 2])
    return torch.stack((z, x, y), -1)


def nearest_zxy(
    angles: Float[Tensor, "*b 3"], reference: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b 3"]:
    """Of all (z, x, y) triples of the same rotation the one nearest to `reference`.

    ZXY has two branches, (z, x, y) and (z + pi, pi - x, y + pi), each free by whole turns per angle.
    """
    half_turns = angles.new_tensor([math.pi, math.pi, math.pi])
    sign = angles.new_tensor([1.0, -1.0, 1.0])
    flipped = angles * sign + half_turns
    branches = torch.stack((angles, flipped), 0)
    away = (branches - reference).detach()
    branches = branches - TWO_PI * torch.round(away / TWO_PI)
    cost = (branches - reference).detach().square().sum(-1)
    takes_other = cost[1] < cost[0]
    return torch.where(takes_other.unsqueeze(-1), branches[1], branches[0])


def unwrap_zxy(
    angles: Float[Tensor, "*b t 3"], start: Float[Tensor, "*b 3"] | None = None
) -> Float[Tensor, "*b t 3"]:
    """A continuous track: each frame takes the branch nearest to the frame before, the first to `start` (0)."""
    previous = torch.zeros_like(angles[..., 0, :]) if start is None else start
    out = []
    for t in range(angles.shape[-2]):
        current = nearest_zxy(angles[..., t, :], previous)
        out.append(current)
        previous = current.detach()
    return torch.stack(out, -2)


def matrix_from_6d(v: Float[Tensor, "*b 6"]) -> Float[Tensor, "*b 3 3"]:
    """First two columns of a rotation, made orthonormal (Zhou et al. 2019, eq. 15)."""
    a, b = v[..., :3], v[..., 3:]
    e1 = torch.nn.functional.normalize(a, dim=-1)
    b_along = (e1 * b).sum(-1, keepdim=True) * e1
    e2 = torch.nn.functional.normalize(b - b_along, dim=-1)
    e3 = torch.cross(e1, e2, dim=-1)
    return torch.stack((e1, e2, e3), -1)


def sixd_from_matrix(R: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 6"]:
    """Inverse of `matrix_from_6d`."""
    return torch.cat((R[..., :, 0], R[..., :, 1]), -1)


def skew(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """`skew(v) @ w = v x w`."""
    x, y, z = v.unbind(-1)
    o = torch.zeros_like(x)
    return _matrix(o, -z, y, z, o, -x, -y, x, o)
