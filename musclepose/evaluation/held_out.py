"""Which measured clips an evaluation films: people that training never sees or, for comparison, those that it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.fitting.real_motion import CACHE_DIR, MotionClip, build

VALIDATION_SUBJECTS = ("cmu_02", "cmu_12", "opencap_subject5", "opencap_92.9kg")
FOLDERS = ("cmu_mocap", "force_plate")
SPLITS = ("val", "test", "train", "all")


def _data_folder(data_dir: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that holds the sources, and which of them to read: one of the two may be given directly, and then its
    sibling is not read."""
    if data_dir.name in FOLDERS and data_dir.is_dir():
        return data_dir.parent, (data_dir.name,)
    return data_dir, FOLDERS


def source_of(clip: MotionClip) -> str:
    """Which of the two measured sets."""
    return "force_plate" if clip.source == "force_plate" else "cmu_mocap"


def _belongs(clip: MotionClip, split: str) -> bool:
    """Whether a clip is of a split; all: everybody, val: the validation subjects, test: others never trained on."""
    if split in ("all", "train"):
        return split == "all" or clip.split == "train"
    return clip.split != "train" and (clip.subject in VALIDATION_SUBJECTS) == (
        split == "val"
    )


def clips_of(
    data_dir: Path, split: str, cache_dir: Path = CACHE_DIR
) -> list[MotionClip]:
    """Measured clips of one of SPLITS; InputError where the folder has none."""
    root, sources = _data_folder(Path(data_dir))
    clips = build(root, cache_dir, sources)
    chosen = [c for c in clips if _belongs(c, split)]
    if not chosen:
        have = [s for s in SPLITS if any(_belongs(c, s) for c in clips)]
        people = ", ".join(sorted({c.subject for c in clips})) or "none"
        raise InputError(
            f"{Path(data_dir).name} has no {split} subjects; --split {' or '.join(have)} would find some "
            f"(people there: {people})."
        )
    return chosen


def spread(clips: Sequence[MotionClip], limit: int) -> list[MotionClip]:
    """At most `limit` clips, spread evenly over the list; 0 is all."""
    if limit <= 0 or limit >= len(clips):
        return list(clips)
    return [
        clips[i]
        for i in np.linspace(0, len(clips) - 1, limit).round().astype(int)
    ]
