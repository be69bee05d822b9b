"""The coach on generated clips that go the whole way: virtual camera, detector noise, network, physics, summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from musclepose.learning.language.bridge_data import (
    FIRST_SEED,
    BridgeClip,
    bridge_clip,
    drawn_clip,
)
from musclepose.learning.language.filmed_clips import filmed_analysis
from musclepose.learning.language.soft_facts import Known
from musclepose.movement.summarise import summarise
from musclepose.records import Analysis
from musclepose.synthesis.exercise import ExerciseClip
from musclepose.wave_llm.soft_features import features_of_analysis

SEEDS_AFTER = 2_000_000  # of the test range: clips that no other table uses


@dataclass(frozen=True)
class Filmed:
    """A generated clip, what the app computes from its film, and its true facts."""

    clip: ExerciseClip
    analysis: Analysis
    known: Known


def filmed(clips: int) -> list[Filmed]:
    """Held-out clips through one camera each; about a second a clip."""
    first = FIRST_SEED["test"] + SEEDS_AFTER
    return [
        Filmed(clip, filmed_analysis(clip), bridge_clip(first + i).known)
        for i, clip in enumerate(drawn_clip(first + i)[0] for i in range(clips))
    ]


def as_bridge_clips(films: Sequence[Filmed]) -> list[BridgeClip]:
    """Features as the app's own analysis gives them, with the true facts."""
    return [
        BridgeClip(features_of_analysis(f.analysis), f.known) for f in films
    ]


def filmed_counting(films: Sequence[Filmed]) -> dict[str, float]:
    """Shares of clips whose repetitions are counted exactly and within one, and whose exercise is recognised."""
    exact, near, named, counted = 0, 0, 0, 0
    for film_ in films:
        summary, clip = summarise(film_.analysis), film_.clip
        named += summary.exercise.name == clip.exercise
        if clip.repetitions:
            off = abs(len(summary.repetitions) - len(clip.repetitions))
            counted, exact, near = (
                counted + 1,
                exact + (off == 0),
                near + (off <= 1),
            )
    return {
        "exact": exact / max(counted, 1),
        "within_one": near / max(counted, 1),
        "clips": float(counted),
        "exercise_recognised": named / max(len(films), 1),
    }
