"""The coach on generated clips that go the whole way: virtual camera, detector noise, network, physics, summary."""

from __future__ import annotations

import numpy as np

from musclepose.data.exercise import ExerciseClip
from musclepose.evaluation.motion_film import film
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.records import Analysis, Athlete, ExternalLoad, PoseTrack
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.bridge_data import FIRST_SEED, drawn_clip

SEEDS_AFTER = 2_000_000  # of the test range: clips that no other table uses


def filmed_track(clip: ExerciseClip, view: int = 0) -> PoseTrack:
    """Noisy keypoints of a clip through one virtual camera."""
    shot = film(clip.motion, view, "detector")
    points, confidence = shot.keypoints_px.double().numpy(), shot.confidence.double().numpy()
    return PoseTrack(points, confidence, np.arange(len(points)) / clip.motion.fps, shot.size_px)


def filmed_analysis(clip: ExerciseClip, view: int = 0) -> Analysis:
    """What the app would compute from that film; height, mass, sex and load are told."""
    made = clip.motion
    athlete = Athlete(height_m=made.stature_m, mass_kg=float(np.clip(made.mass_kg, 25, 250)), sex=clip.sex)
    load = ExternalLoad(clip.load_kg, clip.load_at)
    return analyse_track(filmed_track(clip, view), athlete, load, AnalyseOptions())


def filmed_counting(clips: int) -> dict[str, float]:
    """Shares of clips whose repetitions are counted exactly and within one, and whose exercise is recognised."""
    first = FIRST_SEED["test"] + SEEDS_AFTER
    exact, near, named, counted = 0, 0, 0, 0
    for i in range(clips):
        clip, _ = drawn_clip(first + i)
        summary = summarise(filmed_analysis(clip))
        named += summary.exercise.name == clip.exercise
        if clip.repetitions:
            off = abs(len(summary.repetitions) - len(clip.repetitions))
            counted, exact, near = counted + 1, exact + (off == 0), near + (off <= 1)
    return {
        "exact": exact / max(counted, 1), "within_one": near / max(counted, 1), "clips": float(counted),
        "exercise_recognised": named / max(clips, 1),
    }  # fmt: skip
