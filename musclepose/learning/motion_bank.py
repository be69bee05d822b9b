"""Which motion is trained and validated on, and how often each clip is drawn.

    python -m musclepose.learning.motion_bank --data_dir ../shared/data --out motion.npz

packs both sets into one small file, for a training on another machine: `musclepose.train --data_dir motion.npz`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from musclepose.errors import InputError
from musclepose.fitting.real_motion import (
    CACHE_DIR,
    MotionClip,
    known_contact,
    load_clips,
    load_real_motion,
    save_clips,
)
from musclepose.learning.packed_motion import WeightedClips, pack, unpack
from musclepose.synthesis.augment import NO_AUGMENT, MotionBank
from musclepose.synthesis.exercise.generate import generate_clip

# Subjects whose motion is far from sport are drawn less: 29 acts animals, 60, 61 and 94 dance, 01 climbs.
RARE = {
    "cmu_29": 0.4,
    "cmu_60": 0.5,
    "cmu_61": 0.5,
    "cmu_94": 0.7,
    "cmu_01": 0.5,
}
FORCE_PLATE_WEIGHT = 3.0
GENERATED_CLIPS = 1440
GENERATED_SHARE = 0.3  # of the windows
GENERATED_SEED = 10_000


def generated_motion(
    count: int = GENERATED_CLIPS, cache_dir: Path = CACHE_DIR
) -> list[MotionClip]:
    """Clips of the exercise generator, made once."""
    path = cache_dir / f"generated-{count}-{GENERATED_SEED}.npz"
    if not path.exists():
        clips = [generate_clip(GENERATED_SEED + n).motion for n in range(count)]
        path.parent.mkdir(parents=True, exist_ok=True)
        save_clips(path, clips)
    return load_clips(path)


def _weight(clip: MotionClip) -> float:
    """How near the clip's subject is to what users film."""
    return (
        RARE.get(clip.subject, 1.0)
        if clip.subject.startswith("cmu_")
        else FORCE_PLATE_WEIGHT
    )


def training_clips(data_dir: Path, generated: bool = True) -> WeightedClips:
    """Of a folder or a packed file. Generated motion alone where none is measured; none generated if told so."""
    if data_dir.is_file():
        return unpack(data_dir)[0]
    try:
        measured = [
            replace(c, contact=known_contact(c))
            for c in load_real_motion(data_dir, "train")
        ]
    except InputError:
        measured = []
    made = generated_motion() if generated or not measured else []
    weights = [_weight(c) for c in measured]
    drawn = sum(w * len(c.q) for w, c in zip(weights, measured, strict=True))
    made_frames = max(1, sum(len(c.q) for c in made))
    share = (
        GENERATED_SHARE / (1 - GENERATED_SHARE) * drawn / made_frames
        if measured
        else 1.0
    )
    frames = made_frames + sum(len(c.q) for c in measured)
    what = f"{len(measured)} measured and {len(made)} generated clips, {frames} frames at 30 Hz"
    return WeightedClips(measured + made, weights + [share] * len(made), what)


def validation_clips(data_dir: Path) -> list[MotionClip]:
    """Motion of subjects that training never sees; generated clips of other seeds where none is measured."""
    if data_dir.is_file():
        return unpack(data_dir)[1]
    try:
        return [
            c
            for c in load_real_motion(data_dir, "val")
            if c.subject.startswith("cmu_")
        ]
    except InputError:
        return [generate_clip(n).motion for n in range(12)]


def training_bank(
    data_dir: Path, generated: bool = True
) -> tuple[MotionBank, int, str]:
    """Bank of `training_clips`, number of frames and what it is made of."""
    clips, weights, what = training_clips(data_dir, generated)
    return MotionBank(clips, weights), sum(len(c.q) for c in clips), what


def validation_bank(data_dir: Path) -> MotionBank:
    """Bank of `validation_clips`, unchanged."""
    return MotionBank(validation_clips(data_dir), config=NO_AUGMENT)


def main(argv: Sequence[str] | None = None) -> None:
    """Pack the motion of a folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data_dir", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    training = training_clips(args.data_dir)
    pack(args.out, training, validation_clips(args.data_dir))
    print(f"Packed {training.what}: {args.out.stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
