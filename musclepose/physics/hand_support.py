"""Hands and forearms that carry: found from the motion, with a floor of their own.

A body whose centre of mass hangs far beside its feet would tip over; if it does not, and its hands (or forearms) rest
below the shoulders, these carry. Push-ups, planks, burpees and mountain climbers do so. What the hands rest on need not
be the floor: its height is where they rest. The hand itself is hardly seen, so the pad under it is level and starts at
the wrist. Wrench k acts on segment `segments[k]`, order left, right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from torch import Tensor

from musclepose.physics.grfm import FootWrench
from musclepose.physics.kinematics import Pose
from musclepose.physics.skeleton47 import HANDS, SEGMENTS

FOREARMS = (
    SEGMENTS.index("forearm_l"),
    SEGMENTS.index("forearm_r"),
)  # their origins are the elbows
SHOULDERS = (SEGMENTS.index("upper_arm_l"), SEGMENTS.index("upper_arm_r"))
TRUNK = (SEGMENTS.index("pelvis"), SEGMENTS.index("head"))
# All chosen: a standing lift keeps the centre of mass within 0.1 m of the soles and the trunk steeper, a push-up has it
# 0.6 to 0.9 m ahead of the toes.
BESIDE_M = 0.2  # the centre of mass beside the soles
LEAN_DEG = 40.0  # of the trunk from the vertical
STILL_M_S = 0.25
STILL_S = 0.3  # over which speed is judged
SHORTEST_S = 0.2
WRIST_M = 0.05  # wrist above what the palm rests on
ELBOW_LOW_M = 0.12  # elbows lower than this over the wrists' support: the forearms rest
ON_FLOOR_M = 0.10  # support nearer to the floor than this is the floor
PALM_M = (-0.02, 0.13, 0.045)  # pad behind and ahead of the wrist, half width


@dataclass(frozen=True)
class HandSupport:
    """What the hands do over a clip."""

    gate: Float[Tensor, "t 2"]  # 0 free, 1 carries
    segments: tuple[int, int]
    height_m: Float[Tensor, " 2"]  # of what they rest on, over the floor

    @property
    def on_floor(self) -> bool:
        """Whether that is the floor for both."""
        return not bool(self.height_m.any())


class _Place(NamedTuple):
    wrist: Tensor
    elbow: Tensor
    ahead: Tensor  # unit, level, from the hips to the head


def _place(pose: Pose) -> _Place:
    p = pose.p_world_seg
    along = p[..., TRUNK[1], :] - p[..., TRUNK[0], :]
    level = along * along.new_tensor([1.0, 0.0, 1.0])
    ahead = torch.nn.functional.normalize(level, dim=-1, eps=1e-6)[..., None, :]
    return _Place(p[..., list(HANDS), :], p[..., list(FOREARMS), :], ahead)


def pads(pose: Pose, support: HandSupport) -> Float[Tensor, "*b t 2 4 3"]:
    """Four points under each hand or forearm, in the order of a sole: rear, inner, outer, front; level."""
    place = _place(pose)
    up = place.wrist.new_tensor([0.0, 1.0, 0.0])
    ahead = place.ahead.expand_as(place.wrist)
    start, end = place.wrist + PALM_M[0] * ahead, place.wrist + PALM_M[1] * ahead
    if support.segments == FOREARMS:
        start, end = place.elbow, place.wrist
        ahead = torch.nn.functional.normalize((end - start) * (1.0 - up), dim=-1, eps=1e-6)
    across = torch.linalg.cross(ahead, up.expand_as(ahead))  # to the right
    side = across * across.new_tensor([[-1.0], [1.0]])  # outward
    middle = 0.35 * start + 0.65 * end
    points = (start, middle - PALM_M[2] * side, middle + PALM_M[2] * side, end)
    flat = torch.stack(points, -2) * (1.0 - up)
    return flat + (support.height_m.to(flat)[:, None, None] * up)


def hand_support(
    pose: Pose, com_world_m: Float[Tensor, "t 3"], sole_world_m: Float[Tensor, "t 2 4 3"], dt: float
) -> HandSupport | None:
    """Which hands carry, frame by frame; None where none ever does. The floor is y = 0."""
    touching = np.stack(
        [_runs(one, dt) for one in _carries(pose, com_world_m, sole_world_m, dt).T], 1
    )
    if not touching.any():
        return None
    p = pose.p_world_seg.numpy()
    wrist, elbow = p[:, list(HANDS), 1], p[:, list(FOREARMS), 1]
    low = np.median((elbow - wrist)[touching]) < ELBOW_LOW_M - WRIST_M
    height = np.zeros(2)
    for k in range(2):
        if touching[:, k].any():
            height[k] = float(np.median(wrist[touching[:, k], k])) - WRIST_M
    height = np.where(np.abs(height) < ON_FLOOR_M, 0.0, height)
    ramp = uniform_filter1d(touching.astype(np.float64), 3, axis=0, mode="nearest")
    gate = torch.from_numpy(ramp).to(com_world_m)
    return HandSupport(gate, FOREARMS if low else HANDS, torch.from_numpy(height).to(com_world_m))


def _carries(pose: Pose, com: Tensor, soles: Tensor, dt: float) -> NDArray[np.bool_]:
    """(T, 2) hands that rest below the shoulders of a leaning body whose centre of mass is not over its feet."""
    p = pose.p_world_seg
    flat = soles.flatten(-3, -2)[..., (0, 2)]
    beside = (flat - com[:, None, (0, 2)]).norm(dim=-1).amin(-1) > BESIDE_M
    trunk = p[:, TRUNK[1]] - p[:, TRUNK[0]]
    lean = torch.rad2deg(torch.atan2(trunk[:, (0, 2)].norm(dim=-1), trunk[:, 1])) > LEAN_DEG
    wrist = p[:, list(HANDS)].numpy()
    below = wrist[..., 1] < p[:, list(SHOULDERS), 1].numpy() - WRIST_M
    width = max(1, int(round(STILL_S / dt)))
    calm = uniform_filter1d(wrist, width, axis=0, mode="nearest")
    speed = np.linalg.norm(np.gradient(calm, dt, axis=0), axis=-1) if len(calm) > 1 else 0.0 * below
    return np.asarray((beside & lean).numpy()[:, None] & below & (speed < STILL_M_S))


def _runs(state: NDArray[np.bool_], dt: float) -> NDArray[np.bool_]:
    """Gaps, then contacts, shorter than SHORTEST_S are dropped."""
    out = state.copy()
    for value in (False, True):
        edges = np.flatnonzero(np.diff(out.astype(np.int8))) + 1
        bounds = [0, *edges.tolist(), len(out)]
        for a, b in zip(bounds[:-1], bounds[1:], strict=True):
            inner = a > 0 and b < len(out)
            if inner and out[a] == value and (b - a) * dt < SHORTEST_S:
                out[a:b] = not value
    return out


def lever_prior(
    feet: FootWrench,
    force_n: Float[Tensor, "t 3"],
    com_world_m: Float[Tensor, "t 3"],
    sole_world_m: Float[Tensor, "t 2 4 3"],
    pad_world_m: Float[Tensor, "t 2 4 3"],
    gates: Float[Tensor, "t 4"],
) -> FootWrench:
    """Prior of four supports: the feet's own model while no hand carries; else the required force, shared by the lever
    arms of the centre of mass between hands and feet, evenly over what touches."""
    centres = torch.cat((sole_world_m, pad_world_m), -3).mean(-2)
    parts = _lever_shares(centres, com_world_m, gates)
    lever = parts[..., None] * force_n[:, None]
    lever = torch.cat((lever[..., :1], lever[..., 1:2].clamp(min=0.0), lever[..., 2:]), -1)
    carried = gates[:, 2:].amax(-1)
    own = torch.cat((feet.force_world_n, torch.zeros_like(feet.force_world_n)), -2)
    mixed = torch.lerp(own, lever, carried[:, None, None])
    cop = torch.cat((feet.cop_world_m, centres[:, 2:]), -2)
    middle = torch.lerp(cop, centres, carried[:, None, None])
    free = torch.nn.functional.pad(feet.free_moment_nm, (0, 2)) * (1.0 - carried)[:, None]
    return FootWrench(mixed, middle, free)


def _lever_shares(
    centres: Float[Tensor, "t 4 3"], com_world_m: Float[Tensor, "t 3"], gates: Float[Tensor, "t 4"]
) -> Float[Tensor, "t 4"]:
    """Shares of both feet and both hands: lever arms between the pairs, evenly inside a pair over what touches."""
    weight = gates.clamp(min=1e-6)[..., None]
    foot = (weight[:, :2] * centres[:, :2]).sum(1) / weight[:, :2].sum(1)
    hand = (weight[:, 2:] * centres[:, 2:]).sum(1) / weight[:, 2:].sum(1)
    line = (hand - foot)[:, (0, 2)]
    along = ((com_world_m - foot)[:, (0, 2)] * line).sum(-1) / line.square().sum(-1).clamp(min=1e-4)
    share = along.clamp(0.0, 1.0)
    share = torch.where(gates[:, :2].amax(-1) > 0, share, torch.ones_like(share))
    pairs = torch.stack((gates[:, :2].sum(-1), gates[:, 2:].sum(-1)), -1).clamp(min=1e-6)
    even = gates / pairs.repeat_interleave(2, -1)
    return torch.stack((1.0 - share, 1.0 - share, share, share), -1) * even
