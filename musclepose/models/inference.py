"""Clips of any length: overlapping windows through the network, blended before decoding, so that there are no seams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.data.tokens import Tokens, make_tokens_from_coco
from musclepose.models.decode import Motion, Raw, decode
from musclepose.models.mirror import mirror_feet, mirror_keypoints, mirror_raw
from musclepose.models.musclepose import MusclePoseCOCO, NetworkOut
from musclepose.utils.rot import matrix_from_6d, sixd_from_matrix

BATCH_WINDOWS = 16


class ClipOut(NamedTuple):
    """Network outputs of a whole clip, blended over windows."""

    raw: Raw
    motion: Motion
    contact: Float[Tensor, "t 2"]
    phi: Float[Tensor, "t w"]
    alpha: Float[Tensor, "t 82"]
    delta: Float[Tensor, "t 2 7"]
    mass_correction: Float[Tensor, " 18"]


@dataclass(frozen=True)
class Windows:
    """Start frames and length of the overlapping windows of a clip."""

    starts: tuple[int, ...]
    length: int

    @staticmethod
    def over(frames: int, length: int) -> Windows:
        """Windows half a length apart; the last ends with the clip."""
        if frames <= length:
            return Windows((0,), frames)
        starts = list(range(0, frames - length, length // 2)) + [
            frames - length
        ]
        return Windows(tuple(starts), length)

    def cut(self, values: Float[Tensor, "t ..."]) -> Float[Tensor, "n l ..."]:
        """The windows of a clip."""
        return torch.stack(
            [values[start : start + self.length] for start in self.starts]
        )

    def weights(self, frames: int) -> Float[Tensor, "n l"]:
        """Blend weights: a raised cosine per window, one where nothing overlaps, summing to one over the windows."""
        x = (torch.arange(self.length) + 0.5) / self.length
        bell = torch.sin(torch.pi * x).square() + 1e-3
        total = torch.zeros(frames)
        for start in self.starts:
            total[start : start + self.length] += bell
        return bell / self.cut(total)


def _blend(values: Tensor, windows: Windows, frames: int) -> Tensor:
    """(N, L, ...) window values -> (frames, ...)."""
    weight = windows.weights(frames).to(values)
    out = values.new_zeros(frames, *values.shape[2:])
    for n, start in enumerate(windows.starts):
        w = weight[n].view(-1, *([1] * (values.ndim - 2)))
        out[start : start + windows.length] += w * values[n]
    return out


def _run(model: MusclePoseCOCO, tokens: Tokens, bf16: bool) -> list[NetworkOut]:
    batches = zip(*(x.split(BATCH_WINDOWS) for x in tokens), strict=True)
    return [model(Tokens(*batch), bf16=bf16) for batch in batches]


def _joined(outs: list[NetworkOut]) -> Raw:
    fields = zip(*(out.raw for out in outs), strict=True)
    return Raw(*(torch.cat(parts) for parts in fields))


def _mean(a: Raw, b: Raw) -> Raw:
    """Mean of two readings; rotations through their orthonormal matrices, where both have the same length."""
    a, b = _orthonormal(a), _orthonormal(b)
    return Raw(*(0.5 * (x + y) for x, y in zip(a, b, strict=True)))


def _orthonormal(raw: Raw) -> Raw:
    rotation = matrix_from_6d(raw.rotation6d)
    return raw._replace(rotation6d=sixd_from_matrix(rotation))


def _one_reading(raws: Raw, windows: Windows, frames: int) -> Raw:
    """The windows' readings as one of the whole clip; shape and camera are their means."""
    over_time = (
        raws.rotation6d,
        raws.angle,
        raws.root_uv,
        raws.log_scale,
        raws.contact,
    )
    blended = (_blend(values, windows, frames) for values in over_time)
    return Raw(*[*blended, raws.beta.mean(0), raws.camera.mean(0)])


@torch.no_grad()
def infer_clip(
    model: MusclePoseCOCO,
    keypoints_px: Float[Tensor, "t 17 2"],
    confidence: Float[Tensor, "t 17"],
    size_px: tuple[int, int],
    stature_m: float | None = None,
    bf16: bool = False,
    feet_px: Float[Tensor, "t 4 2"] | None = None,
) -> ClipOut:
    """Motion of one clip at 30 Hz from COCO-17 keypoints (NaN where unseen); stature in metres where known; heels and
    toes (left heel, right heel, left toe, right toe) where the source of keypoints has them.

    The clip and its mirror image go through the network, and the mean counts: left and right are treated alike.
    """
    frames = len(keypoints_px)
    windows = Windows.over(frames, model.config.window)
    n = len(windows.starts)
    size = torch.tensor(size_px, dtype=torch.float32).expand(n, 2)
    stature = None if stature_m is None else torch.full((n,), stature_m)

    def tokens_of(px: Tensor, seen: Tensor, feet: Tensor | None) -> Tokens:
        feet_cut = None if feet is None else windows.cut(feet)
        return make_tokens_from_coco(
            windows.cut(px), windows.cut(seen), size, stature, feet_cut
        )

    width_px = float(size_px[0])
    tokens = tokens_of(keypoints_px, confidence, feet_px)
    outs = _run(model, tokens, bf16)
    flipped = mirror_keypoints(keypoints_px, confidence, width_px)
    flipped_feet = None if feet_px is None else mirror_feet(feet_px, width_px)
    mirrored = _run(model, tokens_of(*flipped, flipped_feet), bf16)

    def blended(pick: str) -> Tensor:
        return _blend(
            torch.cat([getattr(o, pick) for o in outs]), windows, frames
        )

    both = _mean(_joined(outs), mirror_raw(_joined(mirrored)))
    raw = _one_reading(both, windows, frames)
    motion = decode(raw, tokens.stature_m[0], tokens.stature_known[0])
    return ClipOut(
        raw,
        motion,
        torch.sigmoid(raw.contact),
        blended("phi"),
        blended("alpha"),
        blended("delta"),
        torch.cat([o.mass_correction for o in outs]).mean(0),
    )
