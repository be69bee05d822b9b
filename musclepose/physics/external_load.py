"""A load that the athlete holds, as wrenches on the segments that carry it: its weight and its inertia."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.errors import InputError
from musclepose.physics.constants import gravity_like
from musclepose.physics.inverse_dynamics import ExternalWrenches
from musclepose.physics.segment_motion import SegmentMotion
from musclepose.physics.skeleton47 import HANDS, SEGMENTS
from musclepose.records import LoadSite

CARRIERS: dict[LoadSite, tuple[int, int]] = {
    "hands": (HANDS[0], HANDS[1]),
    "shoulders": (SEGMENTS.index("scapula_l"), SEGMENTS.index("scapula_r")),
}


def load_wrenches(
    load_kg: float | Float[Tensor, "*b"], at: LoadSite, motion: SegmentMotion
) -> ExternalWrenches:
    """Wrenches (K = 2, left and right) of a load of `load_kg` in all, half on each side.

    Each half is a point mass at the centre of mass of the hand or, for a bar on the shoulders, of the scapula segment
    (halfway along the clavicle, where a bar lies): force = m (g - a_point). Its own moment of inertia is left out.
    """
    if at not in CARRIERS:
        raise InputError(
            f"load position is {at!r}; it must be one of {', '.join(CARRIERS)}."
        )
    on = list(CARRIERS[at])
    point, acceleration = (
        motion.p_world_com[..., on, :],
        motion.a_world_com[..., on, :],
    )
    half = (
        0.5
        * torch.as_tensor(load_kg, dtype=point.dtype, device=point.device)[
            ..., None, None
        ]
    )
    force = half * (gravity_like(point) - acceleration)
    return ExternalWrenches(force, point, torch.zeros_like(point), CARRIERS[at])
