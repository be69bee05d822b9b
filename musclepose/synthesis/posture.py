"""Postures that captured motion lacks: knees and elbows that are really straight, arms turned far, bodies that lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.utils.rot import (
    matrix_from_zxy,
    rot_x,
    rot_y,
    rot_z,
    unwrap_zxy,
    zxy_from_matrix,
)

BODY_RADIUS_M = (
    0.07  # joints of a body that lies are this far above the floor at least
)
UPRIGHT_RAD = 0.8  # tilt and list of a pelvis that stands
_SIDES = ("l", "r")


@dataclass(frozen=True)
class PostureConfig:
    """Shares of the windows, or of the arms."""

    knees: float = 0.5
    knees_deg: float = (
        12.0  # a knee that is nearly straight loses up to this much
    )
    knees_fade_deg: float = 40.0  # and one that is bent this far loses nothing
    straight_legs: float = (
        0.25  # upright bodies that stand on straight legs throughout
    )
    standing_deg: float = (
        35.0  # bodies whose knees are never bent further stand
    )
    elbows: float = (
        0.3  # arms that straighten by up to all of what they never lose
    )
    straight_arm: float = 0.15  # arms that are straight throughout
    far_arm: float = 0.15  # arms turned far at the shoulder
    far_arm_rad: float = 0.5  # standard deviation
    lie: float = 0.06  # upright bodies laid on their back, front or side


def _columns(name: str) -> list[int]:
    return [DOF_INDEX[f"{name}_{side}"] for side in _SIDES]


def straighten_knees(
    q: Float[Tensor, "b t 47"], config: PostureConfig, g: torch.Generator | None
) -> Float[Tensor, "b t 47"]:
    """Nearly straight knees made straighter; hip and ankle give half each, so thigh and shank swing back together and
    the foot keeps its direction."""
    batch = len(q)
    chosen = torch.rand(batch, 1, 1, generator=g) < config.knees
    most = (
        math.radians(config.knees_deg)
        * torch.rand(batch, 1, 1, generator=g)
        * chosen
    )
    knee = q[..., _columns("knee_flexion")]
    bent = knee / math.radians(config.knees_fade_deg)
    fade = (1.0 - bent).clamp(0.0, 1.0)
    change = torch.minimum(most * fade, knee.clamp(min=0.0))
    change = torch.maximum(change, _to_straight(q, knee, config, g))
    out = q.clone()
    out[..., _columns("knee_flexion")] -= change
    out[..., _columns("hip_flexion")] -= 0.5 * change
    out[..., _columns("ankle_dorsiflexion")] -= 0.5 * change
    return out


def _to_straight(
    q: Float[Tensor, "b t 47"],
    knee: Float[Tensor, "b t 2"],
    config: PostureConfig,
    g: torch.Generator | None,
) -> Float[Tensor, "b t 2"]:
    """What knees of some standing bodies lose until less than 6 degrees are left."""
    batch = len(q)
    stands = knee.amax((1, 2)) < math.radians(config.standing_deg)
    upright = q[:, :, 3:5].abs().amax((1, 2)) < UPRIGHT_RAD
    chosen = (
        stands
        & upright
        & (torch.rand(batch, generator=g) < config.straight_legs)
    )
    left = math.radians(6.0) * torch.rand(batch, 1, 2, generator=g)
    return torch.relu(knee - left) * chosen[:, None, None]


def straighten_arms(
    q: Float[Tensor, "b t 47"],
    config: PostureConfig,
    bounds: Float[Tensor, "2 47"],
    g: torch.Generator | None,
) -> Float[Tensor, "b t 47"]:
    """Elbows that open further, arms straight throughout, arms turned far at the shoulder; inside the limits."""
    batch = len(q)
    elbow = q[..., _columns("elbow_flexion")]
    never = elbow.clamp(min=0.0).amin(1, keepdim=True)
    drawn = torch.rand(3, batch, 1, 2, generator=g)
    opens = drawn[0] < config.elbows
    is_straight = drawn[1] < config.straight_arm
    is_far = drawn[2] < config.far_arm
    opened = elbow - never * torch.rand(batch, 1, 2, generator=g) * opens
    straight = (
        math.radians(6.0) * torch.rand(batch, 1, 2, generator=g) + 0.04 * elbow
    )
    out = q.clone()
    out[..., _columns("elbow_flexion")] = torch.where(
        is_straight, straight, opened
    )
    for name in ("shoulder_flexion", "shoulder_adduction", "shoulder_rotation"):
        turn = config.far_arm_rad * torch.randn(batch, 1, 2, generator=g)
        columns = _columns(name)
        angle = q[..., columns]
        moved = angle + turn * is_far
        low = torch.minimum(angle, bounds[0, columns])
        high = torch.maximum(angle, bounds[1, columns])
        out[..., columns] = torch.minimum(torch.maximum(moved, low), high)
    return out


def _tipped_over(heading: Tensor, g: torch.Generator | None) -> Tensor:
    """(n, 3, 3) quarter turns, about, onto back or front, one in five onto a side, of bodies with a heading (rad)."""
    n = len(heading)
    sign = torch.where(torch.rand(n, generator=g) < 0.5, 1.0, -1.0)
    further, roll = math.radians(20.0) * torch.randn(2, n, generator=g)
    aside = torch.rand(n, generator=g) < 0.2
    tip = 0.5 * math.pi * sign + further
    onto_side = rot_x(tip) @ rot_z(roll)
    onto_back = rot_z(tip) @ rot_x(roll)
    down = torch.where(aside[:, None, None], onto_side, onto_back)
    return rot_y(heading) @ down @ rot_y(-heading)


def lay_down(
    q: Float[Tensor, "b t 47"],
    lengths_m: Float[Tensor, "b 13"],
    config: PostureConfig,
    g: torch.Generator | None,
) -> tuple[Float[Tensor, "b t 47"], Tensor]:
    """Upright bodies turned by about a quarter onto back, front or side, the lowest joint just above the floor; and
    which (b,): what touches the floor is unknown there."""
    batch = len(q)
    upright = q[:, 0, 3:5].abs().amax(-1) < UPRIGHT_RAD
    chosen = upright & (torch.rand(batch, generator=g) < config.lie)
    if not bool(chosen.any()):
        return q, chosen
    some = q[chosen]
    turn = _tipped_over(some[:, 0, 5], g)[:, None]
    R = turn @ matrix_from_zxy(some[..., 3], some[..., 4], some[..., 5])
    root_angles = unwrap_zxy(zxy_from_matrix(R))
    centre = some[:, :1, :3]
    from_centre = some[..., :3] - centre
    root = (turn @ from_centre[..., None])[..., 0] + centre
    lying = torch.cat((root, root_angles, some[..., 6:]), -1)
    pose = forward_kinematics(lying, lengths_m[chosen][:, None])
    low = pose.p_world_seg[..., 1].amin((1, 2))
    lying[..., 1] += (BODY_RADIUS_M - low)[:, None]
    out = q.clone()
    out[chosen] = lying
    return out, chosen
