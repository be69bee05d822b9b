"""Errors during training: fixed virtual cameras on the motion of people that training never sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.data.tokens import Tokens
from musclepose.learning.batches import BatchMaker
from musclepose.learning.losses import predicted_body, true_body
from musclepose.models.decode import decode
from musclepose.models.musclepose import MusclePoseCOCO, NetworkOut
from musclepose.synthesis.augment import MotionBank
from musclepose.synthesis.noise import EVALUATION_NOISE

SEED, BATCH, FRAMES_HZ = 77, 16, 30.0
LIMB = slice(5, 17)  # of COCO
Points = Callable[
    [Tokens], Float[Tensor, "b t 43 3"]
]  # body points, m, of a batch of windows


class Errors(NamedTuple):
    """Mean over frames and the 12 limb joints after moving the mid-hips together."""

    mpjpe_mm: float
    accel_m_s2: float


def points_by(model: Callable[[Tokens], NetworkOut]) -> Points:
    """Body points of what the network says."""

    def points(tokens: Tokens) -> Tensor:
        return predicted_body(
            decode(model(tokens).raw, tokens.stature_m, tokens.stature_known)
        ).points

    return points


@torch.no_grad()
def errors(
    points: Points, bank: MotionBank, window: int, noisy: bool, batches: int = 4
) -> Errors:
    """With perfect keypoints, or with those of the evaluation's detector."""
    maker = BatchMaker(
        bank,
        BATCH,
        window,
        SEED,
        clean_share=0.0 if noisy else 1.0,
        noise=EVALUATION_NOISE,
    )
    place, bend = [], []
    for n in range(batches):
        tokens, truth = maker(n)
        a, b = (
            points(tokens)[..., LIMB, :],
            true_body(truth).points[..., LIMB, :],
        )
        a, b = (p - p[..., 6:8, :].mean(-2, keepdim=True) for p in (a, b))
        place.append((a - b).norm(dim=-1).mean())
        bend.append((a - b).diff(n=2, dim=1).norm(dim=-1).mean() * FRAMES_HZ**2)
    return Errors(
        1000.0 * float(torch.stack(place).mean()),
        float(torch.stack(bend).mean()),
    )


def report_row(
    points: Points, bank: MotionBank, window: int
) -> dict[str, float]:
    """What a training log says."""
    return {
        f"val_{n}_mpjpe_mm": errors(points, bank, window, n == "noisy").mpjpe_mm
        for n in ("clean", "noisy")
    }


def network_row(model: MusclePoseCOCO, bank: MotionBank) -> dict[str, float]:
    """`report_row` of MusclePoseCOCO."""
    return report_row(points_by(model), bank, model.config.window)
