"""Physical constants, each defined once."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

G_M_S2 = 9.81
GRAVITY_WORLD_M_S2 = (0.0, -G_M_S2, 0.0)


def gravity_like(reference: Tensor) -> Float[Tensor, "xyz=3"]:
    """Gravity in world axes (Y up), m/s^2, with the dtype and device of `reference`."""
    return torch.tensor(
        GRAVITY_WORLD_M_S2, dtype=reference.dtype, device=reference.device
    )
