"""The clips that the question set asks about: generated ones by name, and real tracks where the data are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from musclepose.evaluation.gym_tracks import cached_analysis, read_track
from musclepose.records import Analysis
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip

ANGLE_NOISE_DEG = 1.0
GYM = Path("../shared/data/gym")
CACHE = Path(".cache/gym")


@dataclass(frozen=True)
class MadeClip:
    """How a generated clip is drawn; yaw 0 looks at the athlete's face."""

    exercise: str
    seed: int
    yaw_deg: float
    seconds: float = 12.0
    fault: str = ""


MADE: dict[str, MadeClip] = {
    "gen_squat": MadeClip("squat", 21, 50.0, 16.0),
    "gen_squat_front": MadeClip("squat", 22, 5.0, fault="knee_valgus"),
    "gen_deadlift": MadeClip("deadlift", 23, 60.0),
    "gen_curl": MadeClip("curl", 24, 45.0),
    "gen_lunge": MadeClip("lunge", 25, 50.0),
    "gen_push_up": MadeClip("push_up", 26, 75.0),
    "gen_plank": MadeClip("plank", 27, 80.0),
    "gen_jump": MadeClip("jump", 28, 40.0),
    "gen_press": MadeClip("overhead_press", 30, 45.0),
}


@lru_cache(maxsize=64)
def question_clip(
    name: str, data: Path = GYM, cache: Path = CACHE
) -> Analysis | None:
    """Analysis of a clip of the set; None for a real one whose track is not there."""
    if name.startswith("gym:"):
        path = data / f"{name.removeprefix('gym:')}.npz"
        return (
            cached_analysis(read_track(path), cache) if path.is_file() else None
        )
    made = MADE[name]
    faults = {made.fault: 0.9} if made.fault else {}
    clip = generate_clip(
        made.seed, made.exercise, faults=faults, seconds=made.seconds
    )
    return analysis_of_clip(clip, made.seed, ANGLE_NOISE_DEG, made.yaw_deg)
