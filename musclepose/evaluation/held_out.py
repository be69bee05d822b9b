"""Which measured clips an evaluation films: people that training never sees or, for comparison, those that it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.fitting.real_motion import CACHE_DIR, MotionClip, build

VALIDATION_SUBJECTS = ("cmu_02", "cmu_12", "opencap_subject5", "opencap_92.9kg")
FOLDERS = ("cmu_mocap", "force_plate")


def _data_folder(data_dir: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that `build` reads and the sources asked for: one of its two subfolders may be given directly."""
    if data_dir.name in FOLDERS and data_dir.is_dir():
        return data_dir.parent, (data_dir.name,)
    return data_dir, FOLDERS


def source_of(clip: MotionClip) -> str:
    """Which of the two measured sets."""
    return "force_plate" if clip.source == "force_plate" else "cmu_mocap"


def _measured(data_dir: Path, cache_dir: Path) -> tuple[Path, list[MotionClip]]:
    """The folder that was read, and all its clips of the sources asked for."""
    root, sources = _data_folder(Path(data_dir))
    return root, [c for c in build(root, cache_dir) if source_of(c) in sources]


def clips_of(data_dir: Path, split: str, cache_dir: Path = CACHE_DIR) -> list[MotionClip]:
    """train: what training sees, so that the gap to new people can be told; val and test: `held_out_clips`."""
    if split != "train":
        return held_out_clips(data_dir, split, cache_dir)
    root, clips = _measured(data_dir, cache_dir)
    chosen = [c for c in clips if c.split == "train"]
    if not chosen:
        raise InputError(
            f"{root.name} has no train subjects; give --data a folder with them, or another --split."
        )
    return chosen


def held_out_clips(data_dir: Path, split: str, cache_dir: Path = CACHE_DIR) -> list[MotionClip]:
    """val: the validation subjects; test: measured subjects that neither training nor validation uses."""
    root, clips = _measured(data_dir, cache_dir)
    clips = [c for c in clips if c.split != "train"]
    chosen = [c for c in clips if (c.subject in VALIDATION_SUBJECTS) == (split == "val")]
    if not chosen:
        have = ", ".join(sorted({c.subject for c in clips})) or "none"
        raise InputError(
            f"{root.name} has no {split} subjects (held-out subjects there: {have}); give --data a folder whose "
            "cmu_mocap/ or force_plate/ holds them, or another --split."
        )
    return chosen


def spread(clips: Sequence[MotionClip], limit: int) -> list[MotionClip]:
    """At most `limit` clips, spread evenly over the list; 0 is all."""
    if limit <= 0 or limit >= len(clips):
        return list(clips)
    return [clips[i] for i in np.linspace(0, len(clips) - 1, limit).round().astype(int)]
