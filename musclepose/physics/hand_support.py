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
from musclepose.records import Array

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
ELBOW_LOW_M = (
    0.12  # elbows lower than this over the wrists' support: the forearms rest
)
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
    wrist = p[..., list(HANDS), :]
    elbow = p[..., list(FOREARMS), :]
    trunk = _trunk(pose)
    level = trunk * trunk.new_tensor([1.0, 0.0, 1.0])
    ahead = torch.nn.functional.normalize(level, dim=-1, eps=1e-6)
    return _Place(wrist, elbow, ahead[..., None, :])


def _trunk(pose: Pose) -> Float[Tensor, "*b t 3"]:
    """From the hips to the head, m."""
    pelvis, head = TRUNK
    return pose.p_world_seg[..., head, :] - pose.p_world_seg[..., pelvis, :]


def pads(pose: Pose, support: HandSupport) -> Float[Tensor, "*b t 2 4 3"]:
    """Four points under each hand or forearm, in the order of a sole: rear, inner, outer, front; level."""
    place = _place(pose)
    up = place.wrist.new_tensor([0.0, 1.0, 0.0])
    level = 1.0 - up
    rear_m, front_m, half_width_m = PALM_M
    ahead = place.ahead.expand_as(place.wrist)
    start = place.wrist + rear_m * ahead
    end = place.wrist + front_m * ahead
    if support.segments == FOREARMS:
        start, end = place.elbow, place.wrist
        ahead = torch.nn.functional.normalize(
            (end - start) * level, dim=-1, eps=1e-6
        )
    across = torch.linalg.cross(ahead, up.expand_as(ahead))  # to the right
    side = across * across.new_tensor([[-1.0], [1.0]])  # outward
    middle = 0.35 * start + 0.65 * end
    inner = middle - half_width_m * side
    outer = middle + half_width_m * side
    flat = torch.stack((start, inner, outer, end), -2) * level
    raised = support.height_m.to(flat)[:, None, None] * up
    return flat + raised


def hand_support(
    pose: Pose,
    com_world_m: Float[Tensor, "t 3"],
    sole_world_m: Float[Tensor, "t 2 4 3"],
    dt: float,
) -> HandSupport | None:
    """Which hands carry, frame by frame; None where none ever does. The floor is y = 0."""
    carries = _carries(pose, com_world_m, sole_world_m, dt)
    touching = np.stack([_runs(one, dt) for one in carries.T], 1)
    if not touching.any():
        return None
    height = pose.p_world_seg[..., 1].numpy()
    wrist = height[:, list(HANDS)]
    elbow = height[:, list(FOREARMS)]
    elbow_above = np.median((elbow - wrist)[touching])
    segments = FOREARMS if elbow_above < ELBOW_LOW_M - WRIST_M else HANDS
    gate = uniform_filter1d(
        touching.astype(np.float64), 3, axis=0, mode="nearest"
    )
    on, at = (
        torch.from_numpy(x).to(com_world_m)
        for x in (gate, _rest_height(wrist, touching))
    )
    return HandSupport(on, segments, at)


def _rest_height(wrist_m: Array, touching: NDArray[np.bool_]) -> Array:
    """(2,) height over the floor of what each hand rests on, from the wrists' heights (T, 2); 0: the floor."""
    height = np.zeros(2)
    for k in range(2):
        own = touching[:, k]
        if own.any():
            height[k] = float(np.median(wrist_m[own, k])) - WRIST_M
    return np.where(np.abs(height) < ON_FLOOR_M, 0.0, height)


def _carries(
    pose: Pose, com: Tensor, soles: Tensor, dt: float
) -> NDArray[np.bool_]:
    """(T, 2) hands that rest below the shoulders of a leaning body whose centre of mass is not over its feet."""
    sole_points = soles.flatten(-3, -2)[..., (0, 2)]
    distance = (sole_points - com[:, None, (0, 2)]).norm(dim=-1)
    beside = distance.amin(-1) > BESIDE_M
    trunk = _trunk(pose)
    sideways = trunk[:, (0, 2)].norm(dim=-1)
    leans = torch.rad2deg(torch.atan2(sideways, trunk[:, 1])) > LEAN_DEG
    needs_hands = (beside & leans).numpy()
    wrist = pose.p_world_seg[:, list(HANDS)].numpy()
    shoulder_height = pose.p_world_seg[:, list(SHOULDERS), 1].numpy()
    below = wrist[..., 1] < shoulder_height - WRIST_M
    still = _speed(wrist, dt) < STILL_M_S
    return np.asarray(needs_hands[:, None] & below & still)


def _speed(points: Array, dt: float) -> Array:
    """(T, n) speed of points (T, n, 3) in m/s, judged over STILL_S; zero where there is one frame alone."""
    width = max(1, int(round(STILL_S / dt)))
    calm = uniform_filter1d(points, width, axis=0, mode="nearest")
    if len(calm) < 2:
        return np.zeros(points.shape[:-1])
    return np.linalg.norm(np.gradient(calm, dt, axis=0), axis=-1)


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
    shares = _lever_shares(centres, com_world_m, gates)
    x, vertical, z = (shares[..., None] * force_n[:, None]).unbind(-1)
    lever = torch.stack((x, vertical.clamp(min=0.0), z), -1)
    by_hands = gates[:, 2:].amax(-1)
    own = torch.cat(
        (feet.force_world_n, torch.zeros_like(feet.force_world_n)), -2
    )
    force = torch.lerp(own, lever, by_hands[:, None, None])
    own_cop = torch.cat((feet.cop_world_m, centres[:, 2:]), -2)
    cop = torch.lerp(own_cop, centres, by_hands[:, None, None])
    own_free = torch.nn.functional.pad(feet.free_moment_nm, (0, 2))
    free = own_free * (1.0 - by_hands)[:, None]
    return FootWrench(force, cop, free)


def _lever_shares(
    centres: Float[Tensor, "t 4 3"],
    com_world_m: Float[Tensor, "t 3"],
    gates: Float[Tensor, "t 4"],
) -> Float[Tensor, "t 4"]:
    """Shares of both feet and both hands: lever arms between the pairs, evenly inside a pair over what touches."""
    of_feet, of_hands = gates.split(2, -1)
    foot, hand = (
        _middle(*pair)
        for pair in zip(centres.split(2, 1), (of_feet, of_hands), strict=True)
    )
    line = (hand - foot)[:, (0, 2)]
    to_com = (com_world_m - foot)[:, (0, 2)]
    length2 = line.square().sum(-1).clamp(min=1e-4)
    along = (to_com * line).sum(-1) / length2
    share = along.clamp(0.0, 1.0)
    share = torch.where(of_feet.amax(-1) > 0, share, torch.ones_like(share))
    pairs = torch.stack((of_feet.sum(-1), of_hands.sum(-1)), -1).clamp(min=1e-6)
    even = gates / pairs.repeat_interleave(2, -1)
    return torch.stack((1.0 - share, 1.0 - share, share, share), -1) * even


def _middle(
    points: Float[Tensor, "t 2 3"], gates: Float[Tensor, "t 2"]
) -> Float[Tensor, "t 3"]:
    """Mean of a pair, weighed by what touches."""
    weight = gates.clamp(min=1e-6)[..., None]
    return (weight * points).sum(1) / weight.sum(1)
