"""Paired data for the language model: facts of a generated clip -> coaching text. Deterministic from a seed.

Train and test share neither a clip (their seeds come from ranges that do not meet) nor a wording: of every slot's
alternatives the last one is for the test, the others are for training; a slot with one wording is left out of the test.
Levels, lengths, noise, quality, what was told and the athlete's note vary.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from musclepose.movement.recognition import Recognition
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Quality
from musclepose.synthesis.exercise import EXERCISES, ExerciseClip, generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip
from musclepose.wave_llm.checker import check, split_sentences
from musclepose.wave_llm.prompt import LEVELS, Level, Message, build_messages
from musclepose.wave_llm.report import join
from musclepose.wave_llm.script import Slot, script

Split = Literal["train", "test"]
FIRST_SEED: dict[Split, int] = {"train": 1_000_000, "test": 50_000_000}
SEEDS_PER_SPLIT = 10_000_000
NOTES = (
    "",
    "",
    "",
    "second set",
    "felt heavy today",
    "first time with this weight",
    "please look at my knees",
)
_OPTIONAL = (
    "lean",
    "torque",
    "effort",
    "sides",
    "ground",
    "trend",
    "why",
    "residual",
    "view",
)


@dataclass(frozen=True)
class Sample:
    """One training pair with what it was made from."""

    messages: tuple[Message, ...]
    answer: str
    seed: int
    exercise: str
    level: Level
    summary: PhysicsSummary


def _of_split(slots: list[Slot], split: Split) -> list[Slot]:
    """Slots with the wordings that a split may use."""
    if split == "train":
        return [replace(s, options=s.options[:-1] or s.options) for s in slots]
    return [
        replace(s, options=s.options[-1:]) for s in slots if len(s.options) > 1
    ]


def _shortened(slots: list[Slot], rng: random.Random) -> list[Slot]:
    """Some optional sentences left out; a heading moves to the sentence that takes its place."""
    share = rng.choice((0.0, 0.3, 0.6))
    return [
        s for s in slots if s.name not in _OPTIONAL or rng.random() >= share
    ]


def clip_of_seed(seed: int, exercise: str) -> ExerciseClip:
    """The generated clip of a seed: 5, 8 or 12 s."""
    return generate_clip(
        seed, exercise, seconds=random.Random(seed).choice((5.0, 8.0, 12.0))
    )


def summary_of_seed(
    seed: int, exercise: str, forces: bool = True
) -> PhysicsSummary:
    """Summary of one generated clip under random noise, quality and gaps in what the user told."""
    clip, rng = clip_of_seed(seed, exercise), random.Random(f"{seed}/noise")
    analysis = analysis_of_clip(
        clip, seed, angle_noise_deg=rng.choice((0.0, 2.0, 4.0)), forces=forces
    )
    level = rng.choice(("high", "medium", "medium", "low"))
    quality = Quality(0.1, 0.08, 0.02, 4.0, 0.95, level)  # type: ignore[arg-type]
    assumed = tuple(
        n for n in ("height_m", "mass_kg", "sex") if rng.random() < 0.3
    )
    told = summarise(
        replace(analysis, quality=quality, assumed=assumed), exercise=exercise
    )
    return replace(
        told, exercise=Recognition(exercise, 1.0)
    )  # as if it had been recognised


def sample_of_seed(seed: int, split: Split, forces: bool = True) -> Sample:
    """The pair of a seed. Every sentence of the answer passes the checker."""
    rng = random.Random(seed + 1)
    exercise = list(EXERCISES)[seed % len(EXERCISES)]
    summary = summary_of_seed(seed, exercise, forces)
    level: Level = rng.choice(LEVELS)
    slots = _shortened(_of_split(script(summary, level), split), rng)
    choice = [rng.randrange(len(s.options)) for s in slots]
    messages = build_messages(summary, rng.choice(NOTES), level)
    return Sample(
        tuple(messages), join(slots, choice), seed, exercise, level, summary
    )


def samples(
    split: Split, count: int, seed: int = 0, forces: bool = True
) -> Iterator[Sample]:
    """`count` pairs of a split; the same seed gives the same pairs. Without `forces` no torques are told (fast)."""
    first = FIRST_SEED[split] + seed * 100_003 % (SEEDS_PER_SPLIT - count)
    for i in range(count):
        yield sample_of_seed(first + i, split, forces)


def faithful(text: str, summary: PhysicsSummary) -> tuple[int, int]:
    """How many sentences of a text pass the checker, and how many there are."""
    sentences, rest = split_sentences(text + " ")
    sentences = [s for s in (*sentences, rest) if s.strip()]
    return sum(check(s, summary).ok for s in sentences), len(sentences)
