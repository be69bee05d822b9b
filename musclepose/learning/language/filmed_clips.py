"""Generated clips that go the whole way: virtual camera, detector noise, network, physics. What the app would see.

    python -m musclepose.learning.language.filmed_clips --train 2000

writes .cache/coach/filmed-*.pt, 0.8 s a clip on one core.

The facts are those of the true motion; the features carry the errors of one camera.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from musclepose.learning.language.bridge_data import (
    CACHE,
    FIRST_SEED,
    SHARD,
    BridgeClip,
    bridge_clip,
    cached_shard,
    drawn_clip,
)
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.records import Analysis, Athlete, ExternalLoad, PoseTrack
from musclepose.synthesis.exercise import ExerciseClip
from musclepose.synthesis.film import film
from musclepose.wave_llm.soft_features import features_of_analysis

FILMED_SEED = FIRST_SEED["train"] + 1_000_000


def filmed_track(clip: ExerciseClip, view: int = 0) -> PoseTrack:
    """Noisy keypoints of a clip through one virtual camera."""
    shot = film(clip.motion, view, "detector")
    points, confidence = (
        shot.keypoints_px.double().numpy(),
        shot.confidence.double().numpy(),
    )
    return PoseTrack(
        points,
        confidence,
        np.arange(len(points)) / clip.motion.fps,
        shot.size_px,
    )


def filmed_analysis(clip: ExerciseClip, view: int = 0) -> Analysis:
    """What the app would compute from that film; height, mass, sex and load are told."""
    made = clip.motion
    athlete = Athlete(
        height_m=made.stature_m,
        mass_kg=float(np.clip(made.mass_kg, 25, 250)),
        sex=clip.sex,
    )
    load = ExternalLoad(clip.load_kg, clip.load_at)
    return analyse_track(
        filmed_track(clip, view), athlete, load, AnalyseOptions()
    )


def filmed_bridge_clip(seed: int) -> BridgeClip:
    """Features of the film of a seed, and the facts of its true motion."""
    return BridgeClip(
        features_of_analysis(filmed_analysis(drawn_clip(seed)[0])),
        bridge_clip(seed).known,
    )


def filmed_bridge_clips(count: int, folder: Path = CACHE) -> list[BridgeClip]:
    """The first `count` filmed clips for training, from the cache where they are there."""
    clips: list[BridgeClip] = []
    for index in range(-(-count // SHARD)):
        clips += cached_shard(
            folder / f"filmed-{index:04d}.pt",
            filmed_bridge_clip,
            FILMED_SEED + index * SHARD,
        )
    return clips[:count]


def main(argv: Sequence[str] | None = None) -> int:
    """Fills the cache."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.learning.language.filmed_clips",
        description=main.__doc__,
    )
    parser.add_argument("--train", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=CACHE)
    args = parser.parse_args(argv)
    filmed_bridge_clips(args.train, args.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
