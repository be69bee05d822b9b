"""Clips with coaching text for the language loss: generated ones, and those whose text a user wrote."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from musclepose.data.loader import ClipDataset, Sample, load_sample
from musclepose.data.resample import resample_feet, resample_track
from musclepose.data.tokens import (
    MIN_CONFIDENCE,
    Tokens,
    make_tokens_from_coco,
    normalise_px,
)
from musclepose.learning.language.corpus import (
    FIRST_SEED,
    clip_of_seed,
    sample_of_seed,
)
from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.records import Athlete, ExternalLoad
from musclepose.synthesis.exercise import EXERCISES
from musclepose.synthesis.film import film
from musclepose.wave_llm.prompt import Message, Rendered, render

USER_TEXT_WEIGHT = (
    3.0  # of a clip whose text the user wrote, against 1 of a generated one
)
MAX_FRAMES = 360  # 12 s at 30 Hz; a longer clip is cut
COACH = (
    {"role": "system", "content": "You are a strength and movement coach."},
    {"role": "user", "content": "Coach the athlete."},
)


@dataclass(frozen=True)
class LanguageClip:
    """Keypoints of one clip at 30 Hz as the network reads them, and the rendered prompt and answer."""

    tokens: Tokens  # (1, T, D)
    uv: Float[Tensor, "t 17 2"]  # keypoints, long-side units; 0 where unseen
    seen: Bool[Tensor, "t 17"]
    athlete: Athlete  # what was told
    load: ExternalLoad
    rendered: Rendered  # with places for the soft tokens
    weight: float


def _clip(
    keypoints_px: Tensor | NDArray[Any],
    confidence: Tensor | NDArray[Any],
    size_px: tuple[int, int],
    athlete: Athlete,
    load: ExternalLoad,
    rendered: Rendered,
    weight: float,
    feet_px: Tensor | NDArray[Any] | None = None,
) -> LanguageClip:
    px, conf = (
        torch.as_tensor(x, dtype=torch.float32)[:MAX_FRAMES]
        for x in (keypoints_px, confidence)
    )
    size = torch.tensor([size_px], dtype=torch.float32)
    stature = (
        None
        if athlete.height_m is None
        else torch.tensor([athlete.height_m], dtype=torch.float32)
    )
    feet = (
        None
        if feet_px is None
        else torch.as_tensor(feet_px, dtype=torch.float32)[:MAX_FRAMES]
    )
    located = None if feet is None else feet[None]
    tokens = make_tokens_from_coco(px[None], conf[None], size, stature, located)
    seen = (conf >= MIN_CONFIDENCE) & torch.isfinite(px).all(-1)
    uv = torch.where(
        seen[..., None], normalise_px(px[None], size)[0], torch.zeros_like(px)
    )
    return LanguageClip(tokens, uv, seen, athlete, load, rendered, weight)


def generated_clip(number: int, tokenizer: Any) -> LanguageClip:
    """Clip `number` of the training corpus, filmed by a virtual camera and a noisy detector."""
    seed = FIRST_SEED["train"] + number
    clip = clip_of_seed(seed, list(EXERCISES)[seed % len(EXERCISES)])
    sample = sample_of_seed(seed, "train", forces=False)
    shot = film(clip.motion, seed, "detector")
    answer: Message = {"role": "assistant", "content": sample.answer}
    rendered = render([*sample.messages, answer], tokenizer, N_SOFT_TOKENS)
    athlete = Athlete(clip.motion.stature_m, clip.motion.mass_kg, clip.sex)
    load = ExternalLoad(clip.load_kg, clip.load_at)
    return _clip(
        shot.keypoints_px,
        shot.confidence,
        shot.size_px,
        athlete,
        load,
        rendered,
        1.0,
        shot.feet_px,
    )


def user_clip(sample: Sample, tokenizer: Any) -> LanguageClip:
    """A sample with the user's own text; nothing is told but what the soft tokens carry."""
    keypoints, confidence, _ = resample_track(sample.track)
    answer: Message = {"role": "assistant", "content": sample.coaching_text}
    rendered = render(
        [*(dict(m) for m in COACH), answer], tokenizer, N_SOFT_TOKENS
    )
    return _clip(
        keypoints,
        confidence,
        sample.track.size_px,
        sample.athlete,
        ExternalLoad(),
        rendered,
        USER_TEXT_WEIGHT,
        resample_feet(sample.track),
    )


class LanguageClips:
    """Numbered clips: every USER_EVERY-th is one of the user's, where there are any; the rest is generated."""

    USER_EVERY = 2

    def __init__(self, folder: Path | None, tokenizer: Any, seed: int) -> None:
        self.tokenizer, self.seed = tokenizer, seed
        found = (
            []
            if folder is None
            else list(map(load_sample, ClipDataset(folder).files))
        )
        self.written = [s for s in found if s.coaching_text.strip()]

    def __call__(self, number: int) -> LanguageClip:
        if self.written and number % self.USER_EVERY == 0:
            return user_clip(
                random.Random(self.seed + number).choice(self.written),
                self.tokenizer,
            )
        return generated_clip(1000 * self.seed + number, self.tokenizer)
