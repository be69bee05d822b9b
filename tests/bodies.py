"""Random bodies, motions and wrenches that the physics tests share."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.inverse_dynamics import ExternalWrenches
from musclepose.physics.skeleton47 import FEET, HANDS, N_DOF, N_SEGMENTS
from musclepose.records import Sex

F64 = torch.float64


class Body(NamedTuple):
    lengths_m: Tensor
    inertia: BodyInertia


def average_body(
    sex: Sex = "male", stature_m: float = 1.75, mass_kg: float = 75.0
) -> Body:
    lengths = segment_lengths(
        torch.tensor(stature_m, dtype=F64), torch.zeros(13, dtype=F64)
    )
    return Body(
        lengths, segment_inertia(lengths, torch.tensor(mass_kg, dtype=F64), sex)
    )


def random_body(seed: int, *lead: int, sex: Sex = "female") -> Body:
    """Bodies of uncommon but possible build: lengths vary by 10 % and segment masses by 20 % (one sigma)."""
    g = torch.Generator().manual_seed(seed)
    lengths = segment_lengths(
        1.5 + 0.5 * torch.rand(lead, dtype=F64, generator=g),
        0.1 * torch.randn(*lead, 13, dtype=F64, generator=g),
    )
    mass = 45.0 + 60.0 * torch.rand(lead, dtype=F64, generator=g)
    return Body(
        lengths,
        segment_inertia(
            lengths,
            mass,
            sex,
            0.2 * torch.randn(*lead, N_SEGMENTS, dtype=F64, generator=g),
        ),
    )


def random_motion(seed: int, *lead: int) -> tuple[Tensor, Tensor, Tensor]:
    """q, qdot, qddot (*lead, 47): any pose, fast."""
    g = torch.Generator().manual_seed(seed)
    scale = (1.0, 3.0, 20.0)
    return tuple(
        s * torch.randn(*lead, N_DOF, dtype=F64, generator=g) for s in scale
    )  # type: ignore[return-value]


def random_wrenches(
    seed: int, *lead: int, segments: tuple[int, ...] = FEET + HANDS
) -> ExternalWrenches:
    g = torch.Generator().manual_seed(seed)
    force, point, moment = (
        s * torch.randn(*lead, len(segments), 3, dtype=F64, generator=g)
        for s in (300.0, 1.0, 30.0)
    )
    return ExternalWrenches(force, point, moment, segments)
