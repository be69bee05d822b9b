"""Angular velocity of an intrinsic ZXY joint from its angle rates, and the rate of that Jacobian, in closed form.

With R = Rz(z) Rx(x) Ry(y) and rates in the order z, x, y, the angular velocity of the segment relative to its parent,
in parent axes, is `omega = J(z, x) @ (zdot, xdot, ydot)`. The columns of J are the joint axes as the parent sees
them: its own z, the x axis after the first turn, and the y axis after the second:

    J = [ e_z,  Rz e_x,  Rz Rx e_y ] = [[0, cz, -sz cx], [0, sz, cz cx], [1, 0, sx]].

det J = cos(x): at x = +-pi/2 the first and third axis are parallel (gimbal lock). See e.g. Featherstone (2008), Rigid
Body Dynamics Algorithms, ch. 4.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def _matrix(rows: tuple[Tensor, ...]) -> Float[Tensor, "*b 3 3"]:
    return torch.stack(rows, -1).unflatten(-1, (3, 3))


def zxy_jacobian(
    z: Float[Tensor, "*b"], x: Float[Tensor, "*b"]
) -> Float[Tensor, "*b 3 3"]:
    """J(z, x): parent-frame angular velocity per rate of (z, x, y); radians."""
    cz, sz, cx, sx = z.cos(), z.sin(), x.cos(), x.sin()
    o, i = torch.zeros_like(z), torch.ones_like(z)
    return _matrix((o, cz, -sz * cx, o, sz, cz * cx, i, o, sx))


def zxy_jacobian_rate(
    z: Float[Tensor, "*b"],
    x: Float[Tensor, "*b"],
    zdot: Float[Tensor, "*b"],
    xdot: Float[Tensor, "*b"],
) -> Float[Tensor, "*b 3 3"]:
    """dJ/dt for angles (rad) and rates (rad/s); `alpha = J @ thetaddot + Jdot @ thetadot` in parent axes."""
    cz, sz, cx, sx = z.cos(), z.sin(), x.cos(), x.sin()
    o = torch.zeros_like(z)
    rows = (
        o,
        -sz * zdot,
        -cz * cx * zdot + sz * sx * xdot,
        o,
        cz * zdot,
        -sz * cx * zdot - cz * sx * xdot,
        o,
        o,
        cx * xdot,
    )
    return _matrix(rows)


def angular_velocity(
    angles: Float[Tensor, "*b 3"], rates: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b 3"]:
    """Parent-frame angular velocity (rad/s) of a ZXY joint, angles and rates in the order z, x, y."""
    return (zxy_jacobian(angles[..., 0], angles[..., 1]) @ rates[..., None])[
        ..., 0
    ]


def angular_acceleration(
    angles: Float[Tensor, "*b 3"],
    rates: Float[Tensor, "*b 3"],
    accelerations: Float[Tensor, "*b 3"],
) -> Float[Tensor, "*b 3"]:
    """Time derivative of `angular_velocity` in parent axes, rad/s^2 (the parent held still)."""
    J = zxy_jacobian(angles[..., 0], angles[..., 1])
    J_rate = zxy_jacobian_rate(
        angles[..., 0], angles[..., 1], rates[..., 0], rates[..., 1]
    )
    return (J @ accelerations[..., None] + J_rate @ rates[..., None])[..., 0]
