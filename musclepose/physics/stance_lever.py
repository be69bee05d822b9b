"""Statics of two feet: while both stand, each carries by where the centre of mass is between them.

The linear ground reaction model knows ankles alone, so for a body that stands over one foot it says half and half. As a
prior of a balance that doubts its moments (motion from one camera) it pulls every share towards that half; the lever
does not. In a step both feet touch for a tenth of a second and the weight moves faster than the centre of mass, so the
lever counts only where both feet stand for longer.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from scipy.ndimage import minimum_filter1d
from torch import Tensor

from musclepose.physics.grfm import FootWrench


def standing(
    gate: Float[Tensor, "t 2"], dt: float, hold_s: float
) -> Float[Tensor, " t"]:
    """How far both feet carry throughout `hold_s` to each side of a frame, 0 to 1."""
    both = gate.amin(-1).numpy()
    width = 2 * round(hold_s / dt) + 1
    return torch.from_numpy(
        minimum_filter1d(np.asarray(both), width, mode="nearest")
    )


def stance_prior(
    feet: FootWrench,
    force_n: Float[Tensor, "t 3"],
    com_world_m: Float[Tensor, "t 3"],
    sole_world_m: Float[Tensor, "t 2 4 3"],
    stands: Float[Tensor, " t"],
) -> FootWrench:
    """`feet` with the vertical forces of the lever where `stands` is 1; in between, a mixture. force_n: required."""
    left, right = sole_world_m.mean(-2)[..., (0, 2)].unbind(-2)
    line = right - left
    to_com = com_world_m[..., (0, 2)] - left
    length2 = line.square().sum(-1).clamp(min=1e-4)
    share = ((to_com * line).sum(-1) / length2).clamp(0.0, 1.0)
    lever = torch.stack((1.0 - share, share), -1) * force_n[..., 1:2].clamp(
        min=0.0
    )
    x, vertical, z = feet.force_world_n.unbind(-1)
    mixed = torch.lerp(vertical, lever, stands[..., None])
    return feet._replace(force_world_n=torch.stack((x, mixed, z), -1))
