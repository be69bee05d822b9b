"""What a keypoint detector does to projected joint centres, batched: bias, correlated jitter, confidence, loss, swaps.

The unit of every size is the stature in pixels at the person's depth. `DETECTORS` has one table for each source of
keypoints. BLAZEPOSE and YOLO were fitted to phone clips of people whose joints are known from markers, ONE_CLIP to two
views of one clip with triangulated joints, whose own error it could only guess (docs/data.md); it stays for comparison.
What no clip can show (equipment, swaps, missing joints) is chosen and marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from musclepose.physics.skeleton47 import COCO17, COCO17_MIRROR


class JointNoise(NamedTuple):
    """Error of one joint per picture axis, % of the stature."""

    offset: float  # constant over the clip, root mean square over clips
    slow: float  # standard deviation of an AR(1) process
    lag1: float  # its correlation from frame to frame at 30 Hz
    white: float = 0.0


@dataclass(frozen=True)
class Detector:
    """One source of keypoints. `annotated`: hips and shoulders lie where people annotate them, not at joint centres."""

    joints: dict[str, JointNoise]
    annotated: bool = False
    feet: JointNoise | None = (
        None  # heels and toes; None: it does not know them
    )


# Marker truth (4 phone clips): constant offset, robust spread around it and its lag-1 correlation. The face carries no
# markers and neither do the feet's ends as the detector draws them: their rows are chosen after the limbs'.
BLAZEPOSE = Detector(
    {
        "nose": JointNoise(1.0, 0.8, 0.85), "eye": JointNoise(1.0, 0.8, 0.85), "ear": JointNoise(1.2, 0.9, 0.85),
        "shoulder": JointNoise(1.25, 0.77, 0.83), "elbow": JointNoise(1.02, 0.93, 0.81),
        "wrist": JointNoise(0.91, 0.96, 0.81), "hip": JointNoise(0.69, 0.96, 0.87),
        "knee": JointNoise(0.78, 0.79, 0.84), "ankle": JointNoise(0.96, 0.70, 0.64),
    },
    feet=JointNoise(1.8, 1.0, 0.64),
)  # fmt: skip
YOLO = Detector(
    {
        "nose": JointNoise(1.0, 1.1, 0.85), "eye": JointNoise(1.0, 1.1, 0.85), "ear": JointNoise(1.2, 1.2, 0.85),
        "shoulder": JointNoise(1.46, 0.92, 0.85), "elbow": JointNoise(1.64, 1.25, 0.78),
        "wrist": JointNoise(1.37, 1.58, 0.79), "hip": JointNoise(1.45, 1.38, 0.88),
        "knee": JointNoise(0.74, 1.13, 0.84), "ankle": JointNoise(1.51, 2.85, 0.91),
    },
)  # fmt: skip
ONE_CLIP = Detector(
    {
        "nose": JointNoise(0.8, 1.2, 0.85, 0.4), "eye": JointNoise(0.8, 1.2, 0.85, 0.4),
        "ear": JointNoise(0.8, 1.3, 0.85, 0.4), "shoulder": JointNoise(0.8, 1.5, 0.85, 0.7),
        "elbow": JointNoise(0.8, 1.9, 0.85, 0.6), "wrist": JointNoise(0.8, 2.4, 0.85, 0.8),
        "hip": JointNoise(0.8, 1.0, 0.85, 0.3), "knee": JointNoise(0.8, 1.5, 0.85, 0.3),
        "ankle": JointNoise(0.8, 2.1, 0.85, 0.4),
    },
    annotated=True,
)  # fmt: skip
DETECTORS = {"blazepose": BLAZEPOSE, "yolo": YOLO, "one_clip": ONE_CLIP}
# Systematic offset of annotated points from joint centres: outward (share of the half width), up the trunk (stature).
# Direction after Needham et al. 2021 (hips and shoulders 30-50 mm off); the sizes are chosen.
_BIAS: dict[str, tuple[float, float]] = {
    "shoulder": (-0.03, 0.006),
    "hip": (0.10, 0.012),
}
_HIP, _SHOULDER = (11, 12), (5, 6)
_TRUNK = (5, 6, 11, 12)
_LEGS_SWAP = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 11, 14, 13, 16, 15)
_FEET_MIRROR = (1, 0, 3, 2)  # left heel, right heel, left toe, right toe
LOGIT_SEEN = 3.9  # confidence 0.98 where the error is typical
LOGIT_PER_LOG_ERROR = 3.1  # measured: 2.3 times the error at confidence 0.78
LOGIT_HIDDEN = -0.9  # far side of the face: measured 0.06 to 0.5
HIDDEN_LIMB_LOGIT = 1.0


@dataclass(frozen=True)
class NoiseConfig:
    """How hard the detector has it. `scale` multiplies every error and is drawn per clip, and so is the detector."""

    detectors: tuple[tuple[str, float], ...] = (
        ("blazepose", 0.65),
        ("yolo", 0.35),
    )  # and shares
    scale: tuple[float, float] = (0.3, 1.4)
    offset: float = 1.0  # times the table's constant offsets
    difficulty: float = (
        0.35  # standard deviation of the log error factor of a joint over time
    )
    outlier: float = (
        0.004  # per joint and frame (measured 0.008 with the raised foot)
    )
    missing: float = 0.01  # per joint and frame
    swap: float = (
        0.15  # share of clips with a left/right swap of the legs (chosen)
    )
    swap_all: float = (
        0.03  # share of clips with a swap of the whole body (chosen)
    )
    equipment: float = 0.25  # share of clips with something in front (chosen)
    missing_feet: float = 0.05  # per heel or toe and frame


def evaluation_noise(detector: str) -> NoiseConfig:
    """Errors of the measured size of one of DETECTORS."""
    return NoiseConfig(detectors=((detector, 1.0),), scale=(1.0, 1.0))


EVALUATION_NOISE = evaluation_noise(
    "blazepose"
)  # the product's default source of keypoints


class Detections(NamedTuple):
    """What the detector says: pixels (NaN where missing) and confidence (0 where missing)."""

    keypoints_px: Float[Tensor, "b t 17 2"]
    confidence: Float[Tensor, "b t 17"]
    feet_px: Float[Tensor, "b t 4 2"] | None = (
        None  # left heel, right heel, left toe, right toe
    )


class _Table(NamedTuple):
    """Shares of the stature, per clip and joint (b, j)."""

    offset: Tensor
    slow: Tensor
    lag1: Tensor
    white: Tensor
    annotated: Bool[Tensor, " b"]


def _table(
    drawn: Tensor, names: tuple[str, ...], rows: tuple[str, ...]
) -> _Table:
    """Rows of the drawn detectors (b,) for joints that are called `rows`; NaN where a detector does not know them."""
    unknown = JointNoise(*[torch.nan] * 4)
    found = []
    for name in names:
        detector = DETECTORS[name]
        known = dict(detector.joints)
        if detector.feet is not None:
            known["foot"] = detector.feet
        found.append([known.get(row, unknown) for row in rows])
    values = torch.tensor(found)[drawn]  # (b, j, 4)
    offset, slow, lag1, white = values.unbind(-1)
    annotated = torch.tensor([DETECTORS[name].annotated for name in names])[
        drawn
    ]
    return _Table(0.01 * offset, 0.01 * slow, lag1, 0.01 * white, annotated)


def _drawn_detectors(
    config: NoiseConfig, batch: int, generator: torch.Generator | None
) -> tuple[Tensor, tuple[str, ...]]:
    names, shares = zip(*config.detectors, strict=True)
    return torch.multinomial(
        torch.tensor(shares), batch, True, generator=generator
    ), names


def ar1(
    shape: tuple[int, int, int, int],
    coefficient: Float[Tensor, "b j"],
    generator: torch.Generator | None,
) -> Float[Tensor, "b t j c"]:
    """Unit-variance AR(1) noise (b, t, j, c) along t: x_t = c x_(t-1) + sqrt(1 - c^2) e_t, coefficient by clip and
    joint."""
    noise = torch.randn(shape, generator=generator)
    c = coefficient[..., None]
    drive = (1.0 - c.square()).sqrt()
    out = [noise[:, 0]]
    for t in range(1, shape[1]):
        out.append(c * out[-1] + drive * noise[:, t])
    return torch.stack(out, 1)


def _spans(
    batch: int,
    frames: int,
    probability: float,
    longest: int,
    generator: torch.Generator | None,
) -> Bool[Tensor, "b t"]:
    """One span of 2 to `longest` frames in a share of the clips."""
    has = torch.rand(batch, generator=generator) < probability
    length = torch.randint(2, max(longest, 3), (batch,), generator=generator)
    start = (torch.rand(batch, generator=generator) * frames).long()
    end = start + length
    t = torch.arange(frames)
    inside = (t >= start[:, None]) & (t < end[:, None])
    return has[:, None] & inside


def add_bias(
    px: Float[Tensor, "b t 17 2"], unit_px: Float[Tensor, "b t"]
) -> Float[Tensor, "b t 17 2"]:
    """Joint centres to where people annotate: hips outward and up, shoulders inward and up."""
    shoulders, hips = px[:, :, _SHOULDER], px[:, :, _HIP]
    trunk = shoulders.mean(2) - hips.mean(2)
    up = torch.nn.functional.normalize(trunk, dim=-1)
    out = px.clone()
    for pair, points, name in (
        (_HIP, hips, "hip"),
        (_SHOULDER, shoulders, "shoulder"),
    ):
        outward, upward = _BIAS[name]
        half = points - points.mean(2, keepdim=True)
        raised = upward * unit_px[..., None] * up
        out[:, :, pair] = points + outward * half + raised[:, :, None]
    return out


def hidden_joints(
    px: Float[Tensor, "b t 17 2"], depth_m: Float[Tensor, "b t 17"]
) -> Float[Tensor, "b t 17"]:
    """Share (0..1) to which the body itself hides a joint: the far side of the face, limbs behind the trunk."""
    ears = depth_m[..., 3:5].mean(-1, keepdim=True)
    behind_ears = depth_m[..., :5] - ears
    face = torch.sigmoid((behind_ears - 0.02) / 0.015)
    depth = depth_m[..., _TRUNK].mean(-1, keepdim=True)
    behind_trunk = depth_m[..., 7:] - depth
    behind = torch.sigmoid((behind_trunk - 0.06) / 0.02)
    shoulders = torch.zeros_like(face[..., :2])
    return torch.cat((face, shoulders, _inside_trunk(px) * behind), -1)


def _inside_trunk(px: Tensor) -> Float[Tensor, "b t 10"]:
    """Share (0..1) to which elbows, wrists and joints of the legs are in front of or behind the trunk's ellipse."""
    centre = px[..., _TRUNK, :].mean(-2, keepdim=True)
    axis = px[..., _SHOULDER, :].mean(-2) - px[..., _HIP, :].mean(-2)
    length = axis.norm(dim=-1, keepdim=True).clamp(min=1.0)
    unit = (axis / length)[..., None, :]
    offset = px[..., 7:, :] - centre
    offset_along = (offset * unit).sum(-1)
    offset_across = (offset - offset_along[..., None] * unit).norm(dim=-1)
    along = offset_along / (0.55 * length)
    across = offset_across / (0.30 * length)
    radius = (along.square() + across.square()).sqrt()
    return torch.sigmoid(8.0 * (1.0 - radius))


def _equipment(
    px: Tensor,
    unit_px: Tensor,
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> Bool[Tensor, "b t 17"]:
    """Joints inside a box that stands in the picture over a span of frames, near a random joint of the clip."""
    batch, frames = px.shape[:2]
    span = _spans(batch, frames, config.equipment, 2 * frames, generator)
    frame = torch.randint(frames, (batch,), generator=generator)
    joint = torch.randint(17, (batch,), generator=generator)
    at = px[torch.arange(batch), frame, joint]
    share = 0.05 + 0.15 * torch.rand(batch, 2, generator=generator)
    half = unit_px.mean(1)[:, None] * share
    away = (px - at[:, None, None]).abs()
    inside = (away < half[:, None, None]).all(-1)
    return inside & span[..., None]


def _errors(
    table: _Table,
    difficulty: Float[Tensor, "b t j"],
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> Float[Tensor, "b t j 2"]:
    """Errors in statures: constant, slow and white."""
    shape = (*difficulty.shape, 2)
    batch, _, joints, _ = shape
    sizes = (table.offset, table.slow, table.white)
    offset, slow, white = (size[:, None, :, None] for size in sizes)
    moving = slow * ar1(shape, table.lag1, generator)
    moving = moving + white * torch.randn(shape, generator=generator)
    constant = torch.randn(batch, 1, joints, 2, generator=generator)
    return difficulty[..., None] * moving + config.offset * offset * constant


_ANKLE_OF_FEET = (
    15,
    16,
    15,
    16,
)  # beside left heel, right heel, left toe, right toe


def _difficulty(
    joints_px: Tensor,
    depth_m: Tensor,
    unit_px: Tensor,
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> tuple[Float[Tensor, "b t 17"], Float[Tensor, "b t 17"]]:
    """How far each joint is hidden (0 to 1), and the factor that this and the times put on its error."""
    covered = _equipment(joints_px, unit_px, config, generator)
    hidden = torch.maximum(hidden_joints(joints_px, depth_m), covered.float())
    slowly = torch.full((len(hidden), 17), 0.9)
    hard = ar1((*hidden.shape, 1), slowly, generator)[..., 0]
    over_time = (config.difficulty * hard).exp()
    return hidden, over_time * (1.0 + 1.5 * hidden)


def _feet_found(
    feet_px: Tensor,
    size_px: Tensor,
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> Float[Tensor, "b t 4 2"]:
    """Heels and toes with NaN where they were not located, or lie outside of the picture."""
    batch, frames = feet_px.shape[:2]
    gone = (
        torch.rand(batch, frames, 4, 1, generator=generator)
        < config.missing_feet
    )
    beyond = (feet_px < 0) | (feet_px > size_px[:, None, None])
    outside = beyond.any(-1, keepdim=True)
    return torch.where(gone | outside, torch.nan, feet_px)


def _biased(
    joints_px: Tensor, unit_px: Tensor, size: Tensor
) -> Float[Tensor, "b t 17 2"]:
    """Where annotators put the joints: a share `size` (b, 1, 1) of the way, at most the whole."""
    away = add_bias(joints_px, unit_px) - joints_px
    return joints_px + size[..., None].clamp(max=1.0) * away


def detect(
    joints_px: Float[Tensor, "b t 17 2"],
    depth_m: Float[Tensor, "b t 17"],
    unit_px: Float[Tensor, "b t"],
    size_px: Float[Tensor, "b 2"],
    generator: torch.Generator | None = None,
    config: NoiseConfig | None = None,
    feet_px: Float[Tensor, "b t 4 2"] | None = None,
) -> Detections:
    """Detections of projected joint centres: bias, error, confidence, swaps, occlusion, truncation, loss, outliers.

    feet_px: projected left heel, right heel, left toe, right toe; a detector that does not know them gives NaN.
    """
    config = config or NoiseConfig()
    batch = len(joints_px)
    low, high = config.scale
    scale = low + (high - low) * torch.rand(batch, 1, 1, generator=generator)
    drawn, names = _drawn_detectors(config, batch, generator)
    rows = tuple(name.split("_")[-1] for name in COCO17)
    table = _table(drawn, names, rows)
    hidden, difficulty = _difficulty(
        joints_px, depth_m, unit_px, config, generator
    )
    error = _errors(table, difficulty, config, generator)
    wild = (
        torch.rand(hidden.shape, generator=generator) < config.outlier * scale
    )
    error = error + 0.12 * wild[..., None] * torch.randn(
        error.shape, generator=generator
    )
    factor = scale[..., None] * unit_px[..., None, None]
    biased = _biased(joints_px, unit_px, scale * table.annotated[:, None, None])
    px = biased + factor * error
    confidence = _confidence(difficulty, hidden, wild, generator)
    feet = None
    if feet_px is not None:
        of_feet = _table(drawn, names, ("foot",) * 4)
        at_ankle = difficulty[..., _ANKLE_OF_FEET]
        feet = feet_px + factor * _errors(of_feet, at_ankle, config, generator)
    px, confidence, feet = _swap(px, confidence, feet, config, generator)
    if feet is not None:
        feet = _feet_found(feet, size_px, config, generator)
    return _lose(px, confidence, biased, size_px, config, generator)._replace(
        feet_px=feet
    )


def _confidence(
    difficulty: Tensor,
    hidden: Tensor,
    wild: Tensor,
    generator: torch.Generator | None,
) -> Tensor:
    """Logit falls with the log of the error factor; the far face is lost more than a limb behind the trunk."""
    floor = torch.full((17,), HIDDEN_LIMB_LOGIT)
    floor[:5] = LOGIT_HIDDEN
    over_time = difficulty / (1.0 + 1.5 * hidden)
    logit = LOGIT_SEEN - LOGIT_PER_LOG_ERROR * over_time.log()
    logit_hidden = floor + 0.3 * (logit - LOGIT_SEEN)
    logit = torch.lerp(logit, logit_hidden, hidden) - 2.0 * wild
    scatter = 0.5 * torch.randn(logit.shape, generator=generator)
    return torch.sigmoid(logit + scatter)


def _swap(
    px: Tensor,
    confidence: Tensor,
    feet: Tensor | None,
    config: NoiseConfig,
    generator: torch.Generator | None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Left and right exchanged over short spans: the legs, or everything."""
    batch, frames = px.shape[:2]
    of_legs = (_LEGS_SWAP, config.swap, 12)
    of_all = (COCO17_MIRROR, config.swap_all, 8)
    for table, share, longest in (of_legs, of_all):
        span = _spans(batch, frames, share, longest, generator)[..., None]
        px = torch.where(span[..., None], px[:, :, table], px)
        confidence = torch.where(span, confidence[:, :, table], confidence)
        if feet is not None:
            feet = torch.where(span[..., None], feet[:, :, _FEET_MIRROR], feet)
    return px, confidence, feet


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
    missing = far | (
        torch.rand(confidence.shape, generator=generator) < config.missing
    )
    confidence = torch.where(outside, 0.3 * confidence, confidence)
    px = torch.minimum(px, size).clamp(min=0.0)
    seen_px = torch.where(missing[..., None], torch.nan, px)
    seen_confidence = torch.where(missing, 0.0, confidence)
    return Detections(seen_px, seen_confidence)
