"""Generated clips as the bridge sees them: physics at 15 Hz and the facts they hold, made once and cached.

The physics is that of the pipeline without the uncertainty bands and without the root correction (a tenth of a second
a clip). Training and held-out clips come from seed ranges that do not meet.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from musclepose.learning.language.soft_facts import Known, known_of
from musclepose.physics.balance import balance
from musclepose.physics.contact import floor_height
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.mtg import activation_from_torque, mtg_parameters
from musclepose.physics.skeleton47 import N_ROOT
from musclepose.physics.smoothing import smooth_motion
from musclepose.physics.whole_body import RATE_HZ, ClipDynamics, contact_gate
from musclepose.records import Array, ExternalLoad
from musclepose.synthesis.exercise import EXERCISES, ExerciseClip, generate_clip
from musclepose.synthesis.exercise.generate import EXERCISES as SPECIFICATIONS
from musclepose.synthesis.made_clips import angle_noise
from musclepose.wave_llm.soft_features import (
    mirror_features,
    physics_features,
    thinned_frames,
)

Split = Literal["train", "test"]
FIRST_SEED: dict[Split, int] = {"train": 6_000_000, "test": 55_000_000}
SHARD = 250
CACHE = Path(".cache") / "coach"


class BridgeClip(NamedTuple):
    """One clip: features (T, 217) of `physics_features`, and its facts."""

    features: Tensor
    known: Known


def mirrored(clip: BridgeClip) -> BridgeClip:
    """The clip in a mirror: the stronger side is the other one; every other fact stays."""
    return BridgeClip(
        mirror_features(clip.features),
        replace(clip.known, side_index=-clip.known.side_index),
    )


@torch.no_grad()
def clip_arrays(
    clip: ExerciseClip, seed: int, angle_noise_deg: float
) -> tuple[Array, ...]:
    """q, qdot, torque (T, 47), activation (T, 82), effort (T, 41), ground reaction (T, 2, 3) of a generated clip."""
    rng, made, dt = np.random.default_rng(seed), clip.motion, 1.0 / RATE_HZ
    angles = made.q.astype(np.float64)
    angles[:, N_ROOT:] += angle_noise(
        (len(angles), angles.shape[1] - N_ROOT), angle_noise_deg, rng
    )
    lengths, mass = (
        torch.from_numpy(made.lengths_m).double(),
        float(np.clip(made.mass_kg, 25, 250)),
    )
    motion = smooth_motion(torch.from_numpy(angles), dt)
    floor = floor_height(
        sole_points(forward_kinematics(motion.q, lengths), lengths).numpy()
    )
    motion.q[:, 1] -= floor
    gate = contact_gate(torch.from_numpy(made.contact).double(), dt)
    inertia = segment_inertia(lengths, lengths.new_tensor(mass), clip.sex)
    body = ClipDynamics(
        lengths,
        inertia,
        mass,
        ExternalLoad(clip.load_kg, clip.load_at),
        gate,
        dt,
    )
    moving = body.moving(motion)
    shared = balance(
        *moving.required,
        moving.com_world_m,
        moving.sole_world_m,
        gate,
        body.supported_kg,
        dt,
        body.prior(moving),
    )
    tau = body.torques(moving, shared.wrench)
    muscles = mtg_parameters(
        clip.sex, None, mass, made.stature_m, dtype=tau.dtype
    )
    effort = activation_from_torque(
        tau[:, N_ROOT:], motion.q[:, N_ROOT:], motion.qdot[:, N_ROOT:], muscles
    )
    force = shared.wrench.force_world_n
    return tuple(
        x.numpy()
        for x in (
            motion.q,
            motion.qdot,
            tau,
            effort.alpha,
            effort.effort,
            force,
        )
    )


def drawn_clip(seed: int) -> tuple[ExerciseClip, float]:
    """The clip of a seed and its angle noise (deg): 4 to 16 s, no fault in 30 %, else one of severity 0.5 to 1."""
    rng = np.random.default_rng(seed)
    exercise = list(EXERCISES)[seed % len(EXERCISES)]
    allowed = SPECIFICATIONS[exercise].faults
    faults = (
        {}
        if rng.random() < 0.3
        else {allowed[rng.integers(len(allowed))]: float(rng.uniform(0.5, 1.0))}
    )
    seconds, noise = (
        float(rng.uniform(4.0, 16.0)),
        float(rng.choice((0.0, 1.0, 2.0, 4.0))),
    )
    return generate_clip(seed, exercise, faults=faults, seconds=seconds), noise


def bridge_clip(seed: int) -> BridgeClip:
    """Features and facts of a seed."""
    clip, noise = drawn_clip(seed)
    q, qdot, tau, alpha, effort, force = clip_arrays(clip, seed, noise)
    known = known_of(
        clip.exercise,
        len(clip.repetitions),
        next(iter(clip.faults), "none"),
        q,
        tau,
        effort,
    )
    keep = thinned_frames(np.arange(len(q)) / clip.motion.fps).numpy()
    angle, rate, torque, active, feet = (
        torch.from_numpy(x[keep]) for x in (q, qdot, tau, alpha, force)
    )
    return BridgeClip(
        physics_features(
            angle, rate, torque, active, feet, clip.motion.mass_kg
        ),
        known,
    )


def cached_shard(
    path: Path, make: Callable[[int], BridgeClip], first: int
) -> list[BridgeClip]:
    """SHARD clips of the seeds from `first` on, made once; features in float16."""
    if not path.exists():
        begun = time.perf_counter()
        made = [make(first + i) for i in range(SHARD)]
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = {
            "features": [c.features.half() for c in made],
            "known": [asdict(c.known) for c in made],
        }
        torch.save(rows, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        print(
            f"{path.name}: {SHARD} clips in {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
    rows = torch.load(path, weights_only=True)
    return [
        BridgeClip(f, Known(**k))
        for f, k in zip(rows["features"], rows["known"], strict=True)
    ]


def bridge_clips(
    split: Split, count: int, folder: Path = CACHE
) -> list[BridgeClip]:
    """The first `count` clips of a split, from the cache where they are there; features in float16."""
    clips: list[BridgeClip] = []
    for index in range(-(-count // SHARD)):
        path = folder / f"{split}-{index:04d}.pt"
        clips += cached_shard(
            path, bridge_clip, FIRST_SEED[split] + index * SHARD
        )
    return clips[:count]


def main(argv: Sequence[str] | None = None) -> int:
    """Fills the cache: `python -m musclepose.learning.language.bridge_data --train 20000 --test 500`."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.learning.language.bridge_data",
        description=main.__doc__,
    )
    parser.add_argument("--train", type=int, default=20000)
    parser.add_argument("--test", type=int, default=500)
    parser.add_argument("--folder", type=Path, default=CACHE)
    args = parser.parse_args(argv)
    bridge_clips("test", args.test, args.folder)
    bridge_clips("train", args.train, args.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
