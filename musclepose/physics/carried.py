"""When a load in the hands is carried: not while it lies on the floor, and not before it was first taken from there.

A bar on plates of 45 cm lies 22.5 cm high, and the wrists of who holds it are 7 cm higher. At the bottom of a lift that
does not reach the floor the hands stay higher, or turn at once. What comes after the last time on the floor counts as
carried: whether the hands rose with the bar, or let go of it, is not seen.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

# Height of both wrists: with real bars on the floor 0.28 to 0.33, at the bottom of a hinge in the air 0.38
# (docs/field.md).
FLOOR_GRIP_M = 0.36
STILL_M_S = 0.15  # vertical speed of hands that lie (chosen)
LIES_S = 0.25  # so long they stay, or they only turned there (chosen)
LIFTED_M = 0.55  # height of the wrists, above which the load was lifted and not only gripped anew (chosen)
TAKEN_S = 0.2  # in which the hands take the weight over before it moves, and give it back (chosen)


def lies(
    wrist_height_m: Float[Tensor, "t 2"], dt: float
) -> list[tuple[int, int]]:
    """First and last frame of each time in which what both hands hold lies on the floor."""
    height = wrist_height_m.amax(-1).double().cpu().numpy()
    speed = np.abs(np.gradient(height, dt))
    still = (height < FLOOR_GRIP_M) & (speed < STILL_M_S)
    edges = np.flatnonzero(np.diff(still, prepend=False, append=False)).tolist()
    found: list[tuple[int, int]] = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        if (end - 1 - first) * dt < LIES_S:
            continue
        if found and height[found[-1][1] : first].max() < LIFTED_M:
            found[-1] = (found[-1][0], end - 1)
        else:
            found.append((first, end - 1))
    if found and height[found[-1][1] :].max() < LIFTED_M:
        found[-1] = (found[-1][0], len(height) - 1)
    return found


def carried_share(
    wrist_height_m: Float[Tensor, "t 2"], dt: float
) -> Float[Tensor, " t"]:
    """Share of a load in the hands that is carried, 0 to 1; from the wrists' heights over the floor."""
    count = len(wrist_height_m)
    share = np.ones(count)
    for number, (first, last) in enumerate(lies(wrist_height_m, dt)):
        start = first if number else 0
        frame = np.arange(start, last + 1)
        given = taken = np.full(len(frame), math.inf)
        if number:
            given = (frame - first) * dt / TAKEN_S
        if last < count - 1:
            taken = (last - frame) * dt / TAKEN_S
        away = np.clip(np.minimum(given, taken), 0.0, 1.0)
        share[frame] = 0.5 * (1.0 + np.cos(np.pi * away))
    return torch.from_numpy(share).to(wrist_height_m)
