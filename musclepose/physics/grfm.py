"""Ground reaction model: each foot's force, linear in ankle kinematics plus residuals, in cone and sole.

Features as in the published model (ANCHORS 1a), heights Y-up and relative to the standing ankle; the coefficients are
refitted on force plates (`python -m musclepose.fitting.fit_grfm`) and stand in configs/grfm.yaml with their error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import torch
import yaml
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.constants import G_M_S2
from musclepose.physics.foot_sole import Sole, contact_sole, point_on_sole
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import DOF_INDEX, FEET, LENGTHS, N_SEGMENTS

FRICTION = 0.8  # mu0 of the published model
FRICTION_RANGE = (0.05, 2.0)
COP_HEIGHT_RANGE_M = 0.03  # the height residual moves the centre of pressure at most this far off the floor (chosen)
FEATURES = (
    "one", "ankle_height_m", "other_ankle_height_m", "ankle_velocity_m_s", "ankle_acceleration_m_s2",
    "ankle_angle_rad", "ankle_angle_velocity_rad_s", "ankle_angle_acceleration_rad_s2",
)  # fmt: skip
DELTA = (
    "vertical",
    "cop_along",
    "friction",
    "shear_forward",
    "shear_side",
    "cop_height",
    "cop_across",
)
OUTPUTS = ("vertical_bw", "cop_along", "cop_across", "shear_forward")


class FootWrench(NamedTuple):
    """Load of the floor on the left and right foot, world axes: force through the centre of pressure and a free moment.

    The centre of pressure of a foot without load is the middle of its sole; the moment about any point p is
    `(cop - p) x force + (0, free_moment, 0)`.
    """

    force_world_n: Float[Tensor, "*b 2 3"]
    cop_world_m: Float[Tensor, "*b 2 3"]
    free_moment_nm: Float[Tensor, "*b 2"]


@dataclass(frozen=True)
class Coefficients:
    """Rows over FEATURES: vertical force (body weights), centre of pressure along the sole (0 heel, 1 toe) and across
    it (-1 medial, 1 lateral), forward shear (share of the friction limit)."""

    vertical_bw: tuple[float, ...]
    cop_along: tuple[float, ...]
    cop_across: tuple[float, ...]
    shear_forward: tuple[float, ...]


@lru_cache(maxsize=1)
def published_fit() -> Coefficients:
    """The committed table, configs/grfm.yaml."""
    table = yaml.safe_load(
        files("musclepose.configs").joinpath("grfm.yaml").read_text()
    )
    if tuple(table["features"]) != FEATURES:
        raise ValueError(
            f"grfm.yaml lists the features {table['features']}; this code computes {FEATURES}."
        )
    return Coefficients(
        **{name: tuple(table["coefficients"][name]) for name in OUTPUTS}
    )


def ankle_features(
    q: Float[Tensor, "*b 47"],
    qdot: Float[Tensor, "*b 47"],
    qddot: Float[Tensor, "*b 47"],
    lengths_m: Float[Tensor, "*c 13"],
    floor_m: float | Float[Tensor, "*d"] = 0.0,
) -> Float[Tensor, "*b 2 8"]:
    """Psi of both feet; the ankle is the origin of the foot segment."""
    moving = segment_motion(
        q, qdot, qddot, lengths_m, q.new_zeros(N_SEGMENTS, 3)
    )
    of_points = (moving.p_world_com, moving.v_world_com, moving.a_world_com)
    height, v, a = (x[..., list(FEET), 1] for x in of_points)
    standing = lengths_m[..., LENGTHS.index("ankle_height")] + floor_m
    h = height - torch.as_tensor(
        standing, dtype=q.dtype, device=q.device
    ).unsqueeze(-1)
    ankle = [
        DOF_INDEX["ankle_dorsiflexion_l"],
        DOF_INDEX["ankle_dorsiflexion_r"],
    ]
    angle = (x[..., ankle] for x in (q, qdot, qddot))
    return torch.stack((torch.ones_like(h), h, h.flip(-1), v, a, *angle), -1)


def ground_reaction(
    features: Float[Tensor, "*b 2 8"],
    sole_world_m: Float[Tensor, "*b 2 4 3"],
    contact: Float[Tensor, "*b 2"],
    mass_kg: float | Float[Tensor, "*d"],
    delta: Float[Tensor, "*b 2 7"] | None = None,
    coefficients: Coefficients | None = None,
    floor_m: float | Float[Tensor, "*d"] = 0.0,
) -> FootWrench:
    """Force, centre of pressure and free moment (0) of both feet.

    FY = max(Psi eta + d_FY, 0) BW c;  mu = clamp(0.8 + d_mu);  FX = clamp(Psi eta_x + d_X, -1, 1) mu FY forward;
    FZ = clamp(d_Z, -1, 1) sqrt(mu^2 FY^2 - FX^2) to the lateral side; the centre of pressure stays in the sole.
    """
    rows = coefficients or published_fit()
    eta = features.new_tensor([getattr(rows, name) for name in OUTPUTS])
    vertical, along, across, forward = (features @ eta.T).unbind(-1)
    d = torch.zeros_like(features[..., :7]) if delta is None else delta
    d_Y, d_along, d_mu, d_X, d_Z, d_height, d_across = d.unbind(-1)
    weight = _column(mass_kg, features) * G_M_S2
    FY = (vertical + d_Y).clamp_min(0.0) * weight * contact
    mu = (FRICTION + d_mu).clamp(*FRICTION_RANGE)
    x = (forward + d_X).clamp(-1.0, 1.0)
    z = d_Z.clamp(-1.0, 1.0)
    FX = x * mu * FY
    FZ = z * mu * FY * (1.0 - x.square()).clamp_min(1e-9).sqrt()
    sole = contact_sole(sole_world_m)
    cop = point_on_sole(sole, along + d_along, across + d_across)
    raised = COP_HEIGHT_RANGE_M * torch.tanh(d_height / COP_HEIGHT_RANGE_M)
    height = _column(floor_m, features) + raised
    return _world_wrench(sole, FX, FY, FZ, cop, height)


def _world_wrench(
    sole: Sole, FX: Tensor, FY: Tensor, FZ: Tensor, cop: Tensor, height: Tensor
) -> FootWrench:
    forward_x, forward_z = sole.forward.unbind(-1)
    right = torch.stack((-forward_z, forward_x), -1)
    lateral = right * right.new_tensor([[-1.0], [1.0]])
    horizontal = FX.unsqueeze(-1) * sole.forward + FZ.unsqueeze(-1) * lateral
    force_x, force_z = horizontal.unbind(-1)
    force = torch.stack((force_x, FY, force_z), -1)
    cop_x, cop_z = cop.unbind(-1)
    point = torch.stack((cop_x, height.expand_as(FY), cop_z), -1)
    return FootWrench(force, point, torch.zeros_like(FY))


def _column(value: float | Tensor, like: Tensor) -> Tensor:
    return torch.as_tensor(
        value, dtype=like.dtype, device=like.device
    ).unsqueeze(-1)
