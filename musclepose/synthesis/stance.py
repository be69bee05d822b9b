"""Standing differently on the same floor: weight over one foot, toes turned in or out, one foot lifted.

The feet say where the legs end; thighs, knees and ankles follow in closed form, so what stands does not slide. Bodies
are shifted as a whole above the hips, which moves the centre of mass by nearly as much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from musclepose.physics.kinematics import (
    Pose,
    forward_kinematics,
    joint_offsets,
)
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    DOFS,
    FEET,
    PARENTS,
    SEGMENTS,
    limits,
)
from musclepose.utils.rot import (
    matrix_from_zxy,
    nearest_zxy,
    rot_y,
    rot_z,
    zxy_from_matrix,
)

REACH = 0.9999  # of the stretched leg
SLACK_RAD = 0.02  # how far past its limit a changed joint may end
LIFT_M = (0.03, 0.30)
APART_M = (
    0.08,
    0.9,
)  # between the ankles: nearer or farther feet are left alone
MOST_OVER = 0.55  # of the way between the ankles, from the middle: a little past one of them
ONE_LEG = 0.42  # from here on the other foot may leave the floor
HEAD = SEGMENTS.index("head")
LEGS = tuple(
    (PARENTS[PARENTS[foot]], PARENTS[foot], foot) for foot in FEET
)  # thigh, shank, foot
_HIP = ("hip_flexion", "hip_adduction", "hip_rotation")
_ANKLE = ("ankle_dorsiflexion", "ankle_inversion", "ankle_adduction")


@dataclass(frozen=True)
class StanceConfig:
    """Shares are of the windows in which the change is possible."""

    shift: float = (
        0.3  # both feet stand, and the body moves towards one of them
    )
    lift: float = (
        0.3  # of those that moved far enough: the free foot leaves the floor
    )
    progression: float = 0.35  # feet turned, each by its own angle
    progression_deg: float = 9.0  # standard deviation


def _row(names: tuple[str, ...], side: str) -> tuple[list[int], Tensor]:
    index = [DOF_INDEX[f"{name}_{side}"] for name in names]
    return index, torch.tensor([DOFS[i].sign for i in index])


def reach_feet(
    q: Float[Tensor, "b t 47"],
    lengths_m: Float[Tensor, "b 13"],
    ankle_m: Float[Tensor, "b t 2 3"],
    R_world_foot: Float[Tensor, "b t 2 3 3"],
    ahead: Float[Tensor, "b t 2 3"],
) -> Float[Tensor, "b t 47"]:
    """q with hips, knees and ankles that put the feet there; knees point to `ahead` (world). What is out of reach is
    reached by a lower root."""
    offsets = joint_offsets(lengths_m)[:, None]
    R_root = matrix_from_zxy(q[..., 3], q[..., 4], q[..., 5])
    sockets = [
        (R_root @ offsets[..., thigh, :, None])[..., 0] for thigh, _, _ in LEGS
    ]
    sizes = [_link_lengths(offsets, shank, foot) for _, shank, foot in LEGS]
    root = _lowered(q[..., :3], sockets, sizes, ankle_m)
    out = torch.cat((root, q[..., 3:]), -1)
    for k, side in enumerate(("l", "r")):
        line = ankle_m[..., k, :] - root - sockets[k]
        R_world_thigh, knee = _two_links(line, ahead[..., k, :], *sizes[k])
        R_world_shank = R_world_thigh @ rot_z(-knee)
        R_ankle = R_world_shank.mT @ R_world_foot[..., k, :, :]
        R_hip = R_root.mT @ R_world_thigh
        for names, R in ((_HIP, R_hip), (_ANKLE, R_ankle)):
            index, sign = _row(names, side)
            before = q[..., index] * sign
            out[..., index] = nearest_zxy(zxy_from_matrix(R), before) * sign
        out[..., DOF_INDEX[f"knee_flexion_{side}"]] = knee
    return out


def _link_lengths(
    offsets: Tensor, shank: int, foot: int
) -> tuple[Tensor, Tensor]:
    """Of thigh and shank: how far the next joint is."""
    thigh_m = offsets[..., shank, :].norm(dim=-1)
    shank_m = offsets[..., foot, :].norm(dim=-1)
    return thigh_m, shank_m


def _lowered(
    root: Tensor,
    sockets: list[Tensor],
    sizes: list[tuple[Tensor, Tensor]],
    ankle_m: Tensor,
) -> Tensor:
    """The root (b, t, 3) no higher than stretched legs allow."""
    lack = torch.zeros_like(root[..., 1])
    for k, (socket, lengths) in enumerate(zip(sockets, sizes, strict=True)):
        line = root + socket - ankle_m[..., k, :]
        longest = REACH * (lengths[0] + lengths[1])
        aside2 = line[..., (0, 2)].square().sum(-1)
        most2 = longest.square() - aside2
        most = most2.clamp(min=0.01).sqrt()
        lack = torch.maximum(lack, line[..., 1] - most)
    up = root.new_tensor([0.0, 1.0, 0.0])
    return root - lack[..., None] * up


def _two_links(
    line: Tensor, pole: Tensor, upper: Tensor, lower: Tensor
) -> tuple[Tensor, Tensor]:
    """World rotation of the thigh and knee flexion for the line from hip to ankle; the knee points to `pole`."""
    longest = REACH * (upper + lower)
    D = torch.minimum(line.norm(dim=-1), longest)
    e = torch.nn.functional.normalize(line, dim=-1)
    pole_along = (pole * e).sum(-1, keepdim=True)
    u = torch.nn.functional.normalize(pole - pole_along * e, dim=-1)
    cos_knee = (D**2 - upper**2 - lower**2) / (2 * upper * lower)
    knee = torch.acos(cos_knee.clamp(-1.0, 1.0))
    cos_turn = (upper**2 + D**2 - lower**2) / (2 * upper * D)
    turn = torch.acos(cos_turn.clamp(-1.0, 1.0))[..., None]
    x = turn.cos() * u - turn.sin() * e
    y = -(turn.cos() * e + turn.sin() * u)
    z = torch.linalg.cross(x, y, dim=-1)
    return torch.stack((x, y, z), -1), knee


def _inside(q: Tensor, old: Tensor) -> Bool[Tensor, " b"]:
    """Windows whose changed leg angles stay within their limits, or no further out than they were."""
    lower, upper = (torch.from_numpy(x).to(q) for x in limits())
    legs = [
        i
        for i, d in enumerate(DOFS)
        if d.name.startswith(("hip", "knee", "ankle"))
    ]

    def excess(x: Tensor) -> Tensor:
        return torch.maximum(x - upper, lower - x)[..., legs]

    allowed = torch.relu(excess(old)) + SLACK_RAD
    worse = excess(q) > allowed
    return ~worse.any(-1).any(-1)


def _targets(
    q: Tensor, lengths_m: Tensor
) -> tuple[Pose, Tensor, Tensor, Tensor]:
    """The pose, and of both sides: the ankle (m), the rotation of the foot, the direction of the thigh's front."""
    pose = forward_kinematics(q, lengths_m[:, None])
    feet = list(FEET)
    thighs = [thigh for thigh, _, _ in LEGS]
    ankle_m = pose.p_world_seg[..., feet, :]
    R_world_foot = pose.R_world_seg[..., feet, :, :]
    ahead = pose.R_world_seg[..., thighs, :, 0]
    return pose, ankle_m, R_world_foot, ahead


def _uniform(
    batch: int, low: float, high: float, g: torch.Generator | None
) -> Tensor:
    return low + (high - low) * torch.rand(batch, generator=g)


def turn_feet(
    q: Float[Tensor, "b t 47"],
    lengths_m: Float[Tensor, "b 13"],
    config: StanceConfig,
    g: torch.Generator | None,
) -> Float[Tensor, "b t 47"]:
    """Toes in or out by a constant angle of each side; the whole leg turns, the ankles stay."""
    batch = len(q)
    drawn = torch.rand(batch, generator=g) < config.progression
    angle = math.radians(config.progression_deg) * torch.randn(
        batch, 2, generator=g
    )
    chosen = drawn.nonzero()[:, 0]
    some, lengths = q[chosen], lengths_m[chosen]
    _, ankle, R_foot, ahead = _targets(some, lengths)
    R = rot_y(angle[chosen])[:, None]
    ahead_turned = (R @ ahead[..., None])[..., 0]
    turned = reach_feet(some, lengths, ankle, R @ R_foot, ahead_turned)
    ok = _inside(turned, some)[:, None, None]
    return q.index_copy(0, chosen, torch.where(ok, turned, some))


def shift_weight(
    q: Float[Tensor, "b t 47"],
    lengths_m: Float[Tensor, "b 13"],
    contact: Float[Tensor, "b t 2"],
    config: StanceConfig,
    g: torch.Generator | None,
) -> tuple[Float[Tensor, "b t 47"], Float[Tensor, "b t 2"]]:
    """Bodies that stand on both feet moved towards one of them, up to all of the weight; and the contact then.

    The place between the ankles is drawn evenly, so the share of a foot is anything from none to all; it is held, or
    reached within the window. Some of those that end over one foot lift the other.
    """
    batch = len(q)
    drawn = torch.rand(batch, generator=g) < config.shift
    goal = _uniform(
        batch, -MOST_OVER, MOST_OVER, g
    )  # 0 between the ankles, 0.5 over one
    profile, held = _profile(batch, q.shape[1], g)
    over_one = goal.abs() > ONE_LEG
    may_lift = torch.rand(batch, generator=g) < config.lift
    lifts = held & over_one & may_lift
    up = _uniform(batch, *LIFT_M, g)
    standing = (torch.nan_to_num(contact) > 0.5).all(-1).all(-1)
    chosen = (standing & drawn).nonzero()[:, 0]
    some, touch = q[chosen], contact[chosen]
    draw = _Draw(goal[chosen], profile[chosen], lifts[chosen], up[chosen])
    legs, free, ok = _moved_over(some, lengths_m[chosen], draw)
    lifted = free & ok[:, None]
    touch_after = torch.where(lifted[:, None], 0.0, touch)
    some_after = torch.where(ok[:, None, None], legs, some)
    q = q.index_copy(0, chosen, some_after)
    return q, contact.index_copy(0, chosen, touch_after)


class _Draw(NamedTuple):
    """Where windows (b,) go: place between the ankles, share of the way (b, t), whose free foot lifts, how high (m)."""

    goal: Tensor
    profile: Tensor
    lifts: Tensor
    up: Tensor


def _moved_over(
    q: Tensor, lengths_m: Tensor, draw: _Draw
) -> tuple[Tensor, Tensor, Tensor]:
    """Moved bodies (b, t, 47), feet that leave the floor (b, 2), and whose legs and feet allow it (b,)."""
    pose, ankle, R_foot, ahead = _targets(q, lengths_m)
    level = q.new_tensor([1.0, 0.0, 1.0])
    between = (ankle[..., 1, :] - ankle[..., 0, :]) * level
    apart = between.norm(dim=-1)
    nearest, farthest = APART_M
    near = (apart > nearest).all(-1) & (apart < farthest).all(-1)
    trunk = 0.5 * (
        q[..., :3] + pose.p_world_seg[..., HEAD, :]
    )  # about the centre of mass
    aside = (trunk - ankle.mean(-2)) * between
    now = aside.sum(-1) / apart.square().clamp(min=1e-4)
    lacking = draw.goal[:, None] - now.mean(-1, keepdim=True)
    way = lacking * draw.profile
    root = q[..., :3] + way[..., None] * between
    moved = torch.cat((root, q[..., 3:]), -1)
    beyond = torch.stack(
        (draw.goal > 0, draw.goal < 0), -1
    )  # over the left: the right one
    free = beyond & draw.lifts[:, None]
    lifted = ankle + free[:, None, :, None] * _lift(draw.up, between)
    legs = reach_feet(moved, lengths_m, lifted, R_foot, ahead)
    return legs, free, near & _inside(legs, q)


def _lift(up_m: Tensor, between: Tensor) -> Tensor:
    """(b, t, 2, 3) where a free foot goes: up, and towards the other foot."""
    rise = up_m[:, None, None, None] * between.new_tensor([0.0, 1.0, 0.0])
    inward = 0.3 * between[..., None, :] * between.new_tensor([[1.0], [-1.0]])
    return rise + inward


def _profile(
    batch: int, frames: int, g: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Share of the way (b, t), held from the start or reached in one smooth step; and which are held."""
    held = torch.rand(batch, generator=g) < 0.5
    start = _uniform(batch, -0.2, 0.6, g)
    takes = _uniform(batch, 0.3, 1.0, g)
    time = torch.linspace(0.0, 1.0, frames)
    u = ((time - start[:, None]) / takes[:, None]).clamp(0.0, 1.0)
    step = u * u * (3.0 - 2.0 * u)
    return torch.where(held[:, None], torch.ones(()), step), held
