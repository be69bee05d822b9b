"""What a keypoint detector does to projected joint centres, batched: bias, correlated jitter, confidence, loss, swaps.

The unit of every size is the stature in pixels at the person's depth. Constants were fitted to YOLO11n-pose on two
views of one real clip with triangulated joints (docs/data.md has the table); what that clip cannot show (equipment,
swaps, missing joints) is chosen and marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from musclepose.physics.skeleton47 import COCO17, COCO17_MIRROR

# joint: slow error (AR(1)) and white error, standard deviation per picture axis, % of the stature
_SIGMA_PERCENT: dict[str, tuple[float, float]] = {
    "nose": (1.2, 0.4), "eye": (1.2, 0.4), "ear": (1.3, 0.4), "shoulder": (1.5, 0.7), "elbow": (1.9, 0.6),
    "wrist": (2.4, 0.8), "hip": (1.0, 0.3), "knee": (1.5, 0.3), "ankle": (2.1, 0.4),
}  # fmt: skip
AR_COEFFICIENT = 0.85  # at 30 Hz, measured 0.81 to 0.87 on the limbs
# Systematic offset of annotated points from joint centres: outward (share of the half width), up the trunk (stature).
# Direction after Needham et al. 2021 (hips and shoulders 30-50 mm off); the sizes are chosen.
_BIAS: dict[str, tuple[float, float]] = {"shoulder": (-0.03, 0.006), "hip": (0.10, 0.012)}
_HIP, _SHOULDER = (11, 12), (5, 6)
_LEGS_SWAP = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 11, 14, 13, 16, 15)
LOGIT_SEEN = 3.9  # confidence 0.98 where the error is typical
LOGIT_PER_LOG_ERROR = 3.1  # measured: 2.3 times the error at confidence 0.78
LOGIT_HIDDEN = -0.9  # far side of the face: measured 0.06 to 0.5
HIDDEN_LIMB_LOGIT = 1.0


@dataclass(frozen=True)
class NoiseConfig:
    """How hard the detector has it. `scale` multiplies every error and is drawn per clip."""

    scale: tuple[float, float] = (0.3, 1.2)
    bias_percent: float = 0.8  # constant offset per clip, joint and axis, standard deviation
    difficulty: float = 0.35  # standard deviation of the log error factor of a joint over time
    outlier: float = 0.004  # per joint and frame (measured 0.008 with the raised foot)
    missing: float = 0.01  # per joint and frame
    swap: float = 0.15  # share of clips with a left/right swap of the legs (chosen)
    swap_all: float = 0.03  # share of clips with a swap of the whole body (chosen)
    equipment: float = 0.25  # share of clips with something in front (chosen)


EVALUATION_NOISE = NoiseConfig(scale=(1.0, 1.0))


class Detections(NamedTuple):
    """What the detector says: pixels (NaN where missing) and confidence (0 where missing)."""

    keypoints_px: Float[Tensor, "b t 17 2"]
    confidence: Float[Tensor, "b t 17"]


def _sigma_table() -> Float[Tensor, "2 17"]:
    return torch.tensor([_SIGMA_PERCENT[name.split("_")[-1]] for name in COCO17]).T / 100.0


def ar1(
    shape: tuple[int, ...], coefficient: float, generator: torch.Generator | None, dim: int = 1
) -> Float[Tensor, "*s"]:
    """Unit-variance AR(1) noise along `dim`: x_t = c x_(t-1) + sqrt(1 - c^2) e_t, as one triangular product."""
    frames = shape[dim]
    t = torch.arange(frames)
    kernel = coefficient ** (t[:, None] - t).clamp(min=0).float() * (t[:, None] >= t)
    kernel[:, 1:] *= (1 - coefficient**2) ** 0.5
    noise = torch.randn(shape, generator=generator)
    return torch.tensordot(noise, kernel, dims=([dim], [1])).movedim(-1, dim)


def _spans(
    batch: int, frames: int, probability: float, longest: int, generator: torch.Generator | None
) -> Bool[Tensor, "b t"]:
    """One span of 2 to `longest` frames in a share of the clips."""
    has = torch.rand(batch, generator=generator) < probability
    length = torch.randint(2, max(longest, 3), (batch,), generator=generator)
    start = (torch.rand(batch, generator=generator) * frames).long()
    t = torch.arange(frames)
    return has[:, None] & (t >= start[:, None]) & (t < (start + length)[:, None])


def add_bias(
    px: Float[Tensor, "b t 17 2"], unit_px: Float[Tensor, "b t"]
) -> Float[Tensor, "b t 17 2"]:
    """Joint centres to where people annotate: hips outward and up, shoulders inward and up."""
    up = px[:, :, _SHOULDER, :].mean(2) - px[:, :, _HIP, :].mean(2)
    up = torch.nn.functional.normalize(up, dim=-1)
    out = px.clone()
    for pair, name in ((_HIP, "hip"), (_SHOULDER, "shoulder")):
        outward, upward = _BIAS[name]
        half = px[:, :, pair, :] - px[:, :, pair, :].mean(2, keepdim=True)
        out[:, :, pair, :] = (
            px[:, :, pair, :] + outward * half + (upward * unit_px[..., None] * up)[:, :, None]
        )
    return out


def hidden_joints(
    px: Float[Tensor, "b t 17 2"], depth_m: Float[Tensor, "b t 17"]
) -> Float[Tensor, "b t 17"]:
    """Share (0..1) to which the body itself hides a joint: the far side of the face, limbs behind the trunk."""
    ears = depth_m[..., 3:5].mean(-1, keepdim=True)
    face = torch.sigmoid((depth_m[..., :5] - ears - 0.02) / 0.015)
    trunk = (5, 6, 11, 12)
    centre, depth = (
        px[..., trunk, :].mean(-2, keepdim=True),
        depth_m[..., trunk].mean(-1, keepdim=True),
    )
    axis = px[..., _SHOULDER, :].mean(-2) - px[..., _HIP, :].mean(-2)
    length = axis.norm(dim=-1, keepdim=True).clamp(min=1.0)
    offset = px[..., 7:, :] - centre
    unit = (axis / length)[..., None, :]
    along = (offset * unit).sum(-1) / (0.55 * length)
    across = (offset - (offset * unit).sum(-1, keepdim=True) * unit).norm(dim=-1) / (0.30 * length)
    inside = torch.sigmoid(8.0 * (1.0 - (along.square() + across.square()).sqrt()))
    behind = torch.sigmoid((depth_m[..., 7:] - depth - 0.06) / 0.02)
    return torch.cat((face, torch.zeros_like(face[..., :2]), inside * behind), -1)


def _equipment(
    px: Tensor, unit_px: Tensor, config: NoiseConfig, generator: torch.Generator | None
) -> Bool[Tensor, "b t 17"]:
    """Joints inside a box that stands in the picture over a span of frames, near a random joint of the clip."""
    batch, frames = px.shape[:2]
    span = _spans(batch, frames, config.equipment, 2 * frames, generator)
    row = torch.arange(batch)
    at = px[
        row,
        torch.randint(frames, (batch,), generator=generator),
        torch.randint(17, (batch,), generator=generator),
    ]
    half = unit_px.mean(1)[:, None] * (0.05 + 0.15 * torch.rand(batch, 2, generator=generator))
    inside = ((px - at[:, None, None]).abs() < half[:, None, None]).all(-1)
    return inside & span[..., None]


def detect(
    joints_px: Float[Tensor, "b t 17 2"],
    depth_m: Float[Tensor, "b t 17"],
    unit_px: Float[Tensor, "b t"],
    size_px: Float[Tensor, "b 2"],
    generator: torch.Generator | None = None,
    config: NoiseConfig | None = None,
) -> Detections:
    """Detections of projected joint centres: bias, error, confidence, swaps, occlusion, truncation, loss, outliers."""
    config = config or NoiseConfig()
    batch, frames = joints_px.shape[:2]
    slow, white = _sigma_table()
    scale = config.scale[0] + (config.scale[1] - config.scale[0]) * torch.rand(
        batch, 1, 1, generator=generator
    )
    covered = _equipment(joints_px, unit_px, config, generator)
    hidden = torch.maximum(hidden_joints(joints_px, depth_m), covered.float())
    difficulty = (config.difficulty * ar1((batch, frames, 17), 0.9, generator)).exp() * (
        1.0 + 1.5 * hidden
    )
    error = slow[:, None] * ar1((batch, frames, 17, 2), AR_COEFFICIENT, generator)
    error = error + white[:, None] * torch.randn(batch, frames, 17, 2, generator=generator)
    constant = 0.01 * config.bias_percent * torch.randn(batch, 1, 17, 2, generator=generator)
    wild = torch.rand(batch, frames, 17, 1, generator=generator) < config.outlier * scale[..., None]
    error = error * difficulty[..., None] + constant
    error = error + wild * 0.12 * torch.randn(batch, frames, 17, 2, generator=generator)
    factor = scale[..., None] * unit_px[..., None, None]
    biased = joints_px + scale[..., None].clamp(max=1.0) * (
        add_bias(joints_px, unit_px) - joints_px
    )
    px = biased + factor * error
    confidence = _confidence(difficulty, hidden, wild[..., 0], generator)
    return _lose(*_swap(px, confidence, config, generator), biased, size_px, config, generator)


def _confidence(
    difficulty: Tensor, hidden: Tensor, wild: Tensor, generator: torch.Generator | None
) -> Tensor:
    """Logit falls with the log of the error factor; the far face is lost more than a limb behind the trunk."""
    floor = torch.full((17,), HIDDEN_LIMB_LOGIT)
    floor[:5] = LOGIT_HIDDEN
    logit = LOGIT_SEEN - LOGIT_PER_LOG_ERROR * (difficulty / (1.0 + 1.5 * hidden)).log()
    logit = torch.lerp(logit, floor + 0.3 * (logit - LOGIT_SEEN), hidden) - 2.0 * wild
    return torch.sigmoid(logit + 0.5 * torch.randn(logit.shape, generator=generator))


def _swap(
    px: Tensor, confidence: Tensor, config: NoiseConfig, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Left and right exchanged over short spans: the legs, or everything."""
    batch, frames = px.shape[:2]
    for table, share, longest in (
        (_LEGS_SWAP, config.swap, 12),
        (COCO17_MIRROR, config.swap_all, 8),
    ):
        span = _spans(batch, frames, share, longest, generator)[..., None]
        px = torch.where(span[..., None], px[:, :, table], px)
        confidence = torch.where(span, confidence[:, :, table], confidence)
    return px, confidence


def _lose(
    px: Tensor,
    confidence: Tensor,
    clean_px: Tensor,
    size_px: Tensor,
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> Detections:
    """Joints outside the picture are gone (near the edge they are guessed, badly); some others are missed."""
    margin = 0.02 * size_px.amax(-1)[:, None, None, None]
    size = size_px[:, None, None]
    outside = ((clean_px < 0) | (clean_px > size)).any(-1)
    far = ((clean_px < -margin) | (clean_px > size + margin)).any(-1)
    missing = far | (torch.rand(confidence.shape, generator=generator) < config.missing)
    confidence = torch.where(outside, 0.3 * confidence, confidence)
    px = torch.maximum(torch.minimum(px, size), torch.zeros_like(px))
    return Detections(
        torch.where(missing[..., None], torch.nan, px),
        torch.where(missing, torch.zeros_like(confidence), confidence),
    )
