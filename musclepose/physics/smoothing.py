"""Smooth coordinates and their derivatives without the damage that Euler angles do near their singular pose.

Joint angles are low-passed and differentiated as everywhere else (`filters`), except for the five ball joints that
swing far (pelvis, shoulders, hips): there the rotation matrix is low-passed and differentiated, and the angles and
their rates are read off it. A shoulder that passes 90 degrees of abduction turns its ZXY angles by half a turn within
a few frames while the arm moves smoothly; low-passed as numbers, those angles describe another motion.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.euler_jacobian import zxy_jacobian, zxy_jacobian_rate
from musclepose.physics.filters import (
    DEFAULT_CUTOFF_HZ,
    derivatives,
    filtered_derivatives,
    low_pass,
)
from musclepose.physics.skeleton47 import DOF_INDEX, DOFS
from musclepose.utils.rot import matrix_from_zxy, nearest_zxy, zxy_from_matrix

BALLS = tuple(
    tuple(DOF_INDEX[n] for n in names)
    for names in (
        ("pelvis_tilt", "pelvis_list", "pelvis_rotation"),
        *(
            tuple(f"{j}_{a}_{s}" for a in ("flexion", "adduction", "rotation"))
            for j in ("shoulder", "hip")
            for s in "lr"
        ),
    )
)
SINGULAR_COSINE = 0.2  # the rates are damped where cos(x) is below this, within 12 degrees of the singular pose
DAMPING = 0.02  # of the squared rates there


class Motion(NamedTuple):
    """Coordinates and derivatives: m and rad, per second, per second squared."""

    q: Float[Tensor, "*b t 47"]
    qdot: Float[Tensor, "*b t 47"]
    qddot: Float[Tensor, "*b t 47"]


def _vee(M: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 3"]:
    """Vector of the antisymmetric part."""
    return 0.5 * torch.stack(
        (
            M[..., 2, 1] - M[..., 1, 2],
            M[..., 0, 2] - M[..., 2, 0],
            M[..., 1, 0] - M[..., 0, 1],
        ),
        -1,
    )


def orthonormal(
    M: Float[Tensor, "*b 3 3"], steps: int = 4
) -> Float[Tensor, "*b 3 3"]:
    """Nearest rotation to a matrix that is almost one: Newton-Schulz, R <- R (3 - R'R) / 2."""
    eye = torch.eye(3, dtype=M.dtype, device=M.device)
    for _ in range(steps):
        M = 0.5 * M @ (3.0 * eye - M.mT @ M)
    return M


def _rates(J: Tensor, rhs: Tensor, x: Tensor) -> Tensor:
    """Least-squares `J rates = rhs`, damped near the singular pose."""
    damping = DAMPING * (1.0 - (x.cos() / SINGULAR_COSINE).square()).clamp_min(
        0.0
    )
    eye = torch.eye(3, dtype=J.dtype, device=J.device)
    normal = J.mT @ J + (damping + 1e-9)[..., None, None] * eye
    return torch.linalg.solve(normal, (J.mT @ rhs.unsqueeze(-1))).squeeze(-1)


def ball_motion(
    angles: Float[Tensor, "*b t j 3"], dt: float, cutoff_hz: float | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Low-passed ZXY angles of ball joints, their rates and accelerations, through the rotation matrix.

    1. R(t), low-passed entry by entry and made orthonormal; 2. omega = vee(R' R^T), alpha = vee(R'' R^T);
    3. rates from `J rates = omega`, accelerations from `J acc = alpha - J' rates`.
    """
    R = matrix_from_zxy(*angles.unbind(-1)).flatten(-3)
    if cutoff_hz is not None:
        R = low_pass(R, dt, cutoff_hz)
    R = orthonormal(R.unflatten(-1, (-1, 3, 3))).flatten(-3)
    first, second = (v.unflatten(-1, (-1, 3, 3)) for v in derivatives(R, dt))
    R = R.unflatten(-1, (-1, 3, 3))
    omega, alpha = _vee(first @ R.mT), _vee(second @ R.mT)
    smooth = nearest_zxy(zxy_from_matrix(R), angles)
    z, x = smooth[..., 0], smooth[..., 1]
    J = zxy_jacobian(z, x)
    rates = _rates(J, omega, x)
    drift = (
        zxy_jacobian_rate(z, x, rates[..., 0], rates[..., 1])
        @ rates.unsqueeze(-1)
    ).squeeze(-1)
    return smooth, rates, _rates(J, alpha - drift, x)


def smooth_motion(
    q: Float[Tensor, "*b t 47"],
    dt: float,
    cutoff_hz: float | None = DEFAULT_CUTOFF_HZ,
    root_cutoff_hz: float | None = None,
) -> Motion:
    """Low-passed coordinates with their derivatives; `cutoff_hz` None differentiates without a filter.

    `root_cutoff_hz` low-passes the root's translation first, where that is known less well than the angles.
    """
    if root_cutoff_hz is not None:
        q = torch.cat(
            (low_pass(q[..., :3], dt, root_cutoff_hz), q[..., 3:]), -1
        )
    columns = list(filtered_derivatives(q, dt, cutoff_hz))
    sign = torch.tensor(
        [[DOFS[i].sign for i in ball] for ball in BALLS],
        dtype=q.dtype,
        device=q.device,
    )
    index = torch.tensor(BALLS, device=q.device)
    balls = ball_motion(q[..., index] * sign, dt, cutoff_hz)
    flat = index.flatten()
    return Motion(
        *(
            c.index_copy(-1, flat, (b * sign).flatten(-2))
            for c, b in zip(columns, balls, strict=True)
        )
    )
