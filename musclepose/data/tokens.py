"""COCO-17 keypoints -> tokens. One token a frame at 30 Hz; nothing is normalised by its own frame.

A window is scaled by its own median person size and each frame carries both where the body is in the picture and how it
is arranged around its centre, so the root trajectory survives. Unseen joints are zero with their seen flag off.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from musclepose.physics.anthropometrics import REFERENCE_STATURE_M

MIN_CONFIDENCE = 0.3
MIN_JOINTS_FOR_SIZE = 6
N_CONTEXT = 7
N_FEET = 4  # left heel, right heel, left toe, right toe, where the source of keypoints knows them
BODY_DIM = (
    17 * 2 + 17 * 2 + 17 + 17 + 3 + N_CONTEXT
)  # all that a network without feet reads
TOKEN_DIM = BODY_DIM + 2 * N_FEET + N_FEET


class Tokens(NamedTuple):
    """Model input and what is needed to turn its output back into pixels and metres."""

    features: Float[Tensor, "*b t d"]
    centre: Float[
        Tensor, "*b t 2"
    ]  # person centre, long-side units from the picture centre, y down
    size: Float[
        Tensor, "*b"
    ]  # median person size in the window, long-side units
    stature_m: Float[Tensor, "*b"]  # given stature, or the reference
    stature_known: Bool[Tensor, "*b"]


def normalise_px(
    keypoints_px: Float[Tensor, "*b t k 2"], size_px: Float[Tensor, "*b 2"]
) -> Float[Tensor, "*b t k 2"]:
    """Pixels -> long-side units from the picture centre (x right, y down)."""
    long_side = size_px.amax(-1)[..., None, None, None]
    return (keypoints_px - 0.5 * size_px[..., None, None, :]) / long_side


def _extent(xy: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Centre (*b t 2), diagonal (*b t) and usable flag (*b t) of the box around the seen joints."""
    inf = torch.finfo(xy.dtype).max
    low = torch.where(seen[..., None], xy, inf).amin(-2)
    high = torch.where(seen[..., None], xy, -inf).amax(-2)
    usable = seen.sum(-1) >= MIN_JOINTS_FOR_SIZE
    middle = 0.5 * (low + high)
    across = (high - low).norm(dim=-1)
    centre = torch.where(usable[..., None], middle, torch.zeros_like(middle))
    diagonal = torch.where(usable, across, torch.zeros_like(across))
    return centre, diagonal, usable


def _median_size(
    diagonal: Float[Tensor, "*b t"], usable: Bool[Tensor, "*b t"]
) -> Float[Tensor, "*b"]:
    """Person size of a window, long-side units; half the picture where no frame shows it."""
    spread = torch.where(usable, diagonal, torch.nan).nanmedian(-1).values
    size = torch.where(
        torch.isfinite(spread), spread, torch.full_like(spread, 0.5)
    )
    return size.clamp(min=1e-3)


def _hold(
    values: Float[Tensor, "*b t c"], usable: Bool[Tensor, "*b t"]
) -> Float[Tensor, "*b t c"]:
    """Values of unusable frames replaced by the last usable one (the first usable one at the start)."""
    count = usable.shape[-1]
    frames = torch.arange(count, device=usable.device)
    last = torch.where(usable, frames, -1).cummax(-1).values
    first = torch.where(usable, frames, count).amin(-1, keepdim=True)
    first = first.clamp(max=count - 1)
    index = torch.where(last >= 0, last, first.expand_as(last))
    return values.gather(-2, index[..., None].expand_as(values))


def _feet_features(
    feet_px: Tensor | None, size_px: Tensor, centre: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor]:
    """Heels and toes around the person's centre, and which of them were located; zero where not."""
    if feet_px is None:
        none = centre.new_zeros(*centre.shape[:-1], N_FEET)
        return none.repeat_interleave(2, -1), none
    seen = torch.isfinite(feet_px).all(-1)
    from_centre = normalise_px(feet_px, size_px) - centre[..., None, :]
    relative = from_centre / scale
    relative = torch.where(
        seen[..., None], relative, torch.zeros_like(relative)
    )
    return relative.flatten(-2) * 2.0, seen.to(centre)


def _context(
    size: Tensor,
    stature_m: Tensor,
    known: Tensor,
    size_px: Tensor,
    seen: Tensor,
) -> Float[Tensor, "*b c"]:
    """What holds for the whole window: the person's size, what was told, the picture's shape, how much was seen."""
    width, height = (size_px / size_px.amax(-1, keepdim=True)).unbind(-1)
    parts = (
        size.log(),
        known.to(size),
        (stature_m / REFERENCE_STATURE_M).log() * 5.0,
        width,
        height,
        seen.to(size).mean((-1, -2)),
        torch.ones_like(size),
    )
    return torch.stack(parts, -1)


def make_tokens_from_coco(
    keypoints_px: Float[Tensor, "*b t 17 2"],
    confidence: Float[Tensor, "*b t 17"],
    size_px: Float[Tensor, "*b 2"],
    stature_m: Float[Tensor, "*b"] | None = None,
    feet_px: Float[Tensor, "*b t 4 2"] | None = None,
) -> Tokens:
    """Tokens of one window at 30 Hz. A joint is seen when its confidence is at least 0.3 and its pixels are finite.

    stature_m: metres, NaN where the user did not tell it; None when nobody did. feet_px: heels and toes, NaN where not
    located; None where nobody looked for them.
    """
    seen = (confidence >= MIN_CONFIDENCE) & torch.isfinite(keypoints_px).all(-1)
    none = torch.zeros_like(keypoints_px)
    xy = torch.where(seen[..., None], normalise_px(keypoints_px, size_px), none)
    centre, diagonal, usable = _extent(xy, seen)
    size = _median_size(diagonal, usable)
    centre = _hold(centre, usable)
    scale = size[..., None, None, None]
    from_centre = (xy - centre[..., None, :]) / scale
    relative = torch.where(seen[..., None], from_centre, none)
    if stature_m is None:
        stature_m = torch.full_like(size, torch.nan)
    known = torch.isfinite(stature_m)
    stature = torch.where(
        known, stature_m, torch.full_like(stature_m, REFERENCE_STATURE_M)
    )
    context = _context(size, stature, known, size_px, seen)
    now = diagonal / size[..., None]
    frame = torch.cat((centre, now[..., None]), -1)
    seen_value = seen.to(xy)
    parts = (
        relative.flatten(-2) * 2.0,
        xy.flatten(-2),
        torch.nan_to_num(confidence) * seen_value,
        seen_value,
        frame,
        context[..., None, :].expand(*frame.shape[:-1], N_CONTEXT),
        *_feet_features(feet_px, size_px, centre, scale),
    )
    return Tokens(torch.cat(parts, -1), centre, size, stature, known)
