"""Which motion is trained and validated on, and how often each clip is drawn."""

from __future__ import annotations

from pathlib import Path

from musclepose.data.real_motion import MotionClip, load_real_motion
from musclepose.learning.batches import Bank

# Subjects whose motion is far from sport are drawn less: 29 acts animals, 60 and 61 dance in closed hold, 01 climbs.
RARE = {"cmu_29": 0.2, "cmu_60": 0.4, "cmu_61": 0.4, "cmu_94": 0.5, "cmu_01": 0.5}
FORCE_PLATE_WEIGHT = 3.0


def draw_weight(clip: MotionClip) -> float:
    """Frames of the clip, times how near its subject is to what users film."""
    weight = float(len(clip.q)) * RARE.get(clip.subject, 1.0)
    return weight * (1.0 if clip.subject.startswith("cmu_") else FORCE_PLATE_WEIGHT)


def training_bank(data_dir: Path) -> tuple[Bank, int, str]:
    """Bank, number of frames and a sentence that says what it is made of."""
    clips = load_real_motion(data_dir, "train")
    frames = sum(len(c.q) for c in clips)
    return Bank(clips, [draw_weight(c) for c in clips]), frames, f"{len(clips)} measured clips ({frames} frames)"


def validation_bank(data_dir: Path) -> Bank:
    """Motion of subjects that training never sees."""
    clips = [c for c in load_real_motion(data_dir, "val") if c.subject.startswith("cmu_")]
    return Bank(clips, [float(len(c.q)) for c in clips])
