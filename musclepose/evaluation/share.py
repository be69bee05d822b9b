"""`python -m musclepose.evaluate share`: is seen from one camera how much of the weight each foot carries?

Windows in which both feet stand, of people whom training never sees and of generated squats, are moved towards one foot
by an even draw (`synthesis/stance.py`), filmed, and go through the product's inference and physics. Truth is the same
physics on the true motion. A network that sees nothing of it has slope 0; one that sees all has slope 1.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from musclepose.errors import InputError
from musclepose.evaluation.held_out import clips_of
from musclepose.evaluation.motion import infer
from musclepose.evaluation.motion_kinetics import correlation
from musclepose.fitting.real_motion import MotionClip
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.models.decode import generalised_coordinates
from musclepose.models.musclepose import MusclePoseCOCO
from musclepose.physics.whole_body import (
    MEASURED,
    ONE_CAMERA,
    Trust,
    physics_of_motion,
)
from musclepose.pipeline import model_of
from musclepose.records import ExternalLoad, Person
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.film import NOISES, film
from musclepose.synthesis.stance import StanceConfig, shift_weight

FRAMES = 96
MASS_KG = 75.0  # a share does not depend on it
MOVED = StanceConfig(shift=1.0, lift=0.0, progression=0.0)
SEED = 20_000  # of generated squats; training has 10,000 to 11,439
CLEAR = 0.1  # shares this far from a half have a heavier side
WALK_M_S = 0.1  # a body that stands stays nearer than this


class Shares(NamedTuple):
    """Left foot's share of the vertical force, mean over each window."""

    true: list[float]
    seen: list[float]


def _windows(clip: MotionClip) -> list[MotionClip]:
    """Windows of FRAMES frames in which both feet stand and the body stays."""
    found = []
    for first in range(0, len(clip.q) - FRAMES + 1, FRAMES):
        part = slice(first, first + FRAMES)
        travel = np.linalg.norm(
            np.diff(clip.q[part][[0, -1]][:, [0, 2]], axis=0)
        )
        if (
            clip.contact[part] > 0.5
        ).all() and travel < WALK_M_S * FRAMES / clip.fps:
            found.append(
                replace(
                    clip,
                    name=f"{clip.name}@{first}",
                    q=clip.q[part],
                    contact=clip.contact[part],
                    source_joints=None,
                    grf_world_n=None,
                    cop_world_m=None,
                )
            )
    return found


def moved(
    clips: Sequence[MotionClip], count: int, seed: int
) -> list[MotionClip]:
    """`count` of the windows in which both feet stand, each moved over one foot by its own draw."""
    windows = [w for clip in clips for w in _windows(clip)]
    if not windows:
        raise InputError(f"No clip stands on both feet for {FRAMES} frames.")
    g = torch.Generator().manual_seed(seed)
    out: list[MotionClip] = []
    for n in range(4 * count):
        window = windows[n % len(windows)]
        q = torch.from_numpy(window.q).float()[None]
        lengths = torch.from_numpy(window.lengths_m).float()[None]
        both = torch.from_numpy(window.contact).float()[None]
        after, _ = shift_weight(q, lengths, both, MOVED, g)
        if not torch.equal(after, q):
            out.append(
                replace(window, name=f"{window.name}#{n}", q=after[0].numpy())
            )
        if len(out) == count:
            break
    return out


def left_share(
    q: Tensor,
    lengths_m: Tensor,
    contact: Tensor,
    stature_m: float,
    trust: Trust,
) -> float:
    """The left foot's mean vertical force of a motion (T, 47), as a share of both feet's."""
    person = Person(stature_m, MASS_KG)
    physics = physics_of_motion(
        q, lengths_m, contact, person, ExternalLoad(), trust=trust
    )
    vertical = physics.feet.force_world_n[..., 1].mean(0)
    return float(vertical[0] / vertical.sum())


def shares(
    model: MusclePoseCOCO, clips: Sequence[MotionClip], noise: str
) -> Shares:
    """True and estimated share of each clip, one view."""
    found = Shares([], [])
    for clip in clips:
        shot = film(clip, 0, noise)
        lengths, stance = (
            torch.from_numpy(clip.lengths_m),
            torch.from_numpy(shot.stance),
        )
        found.true.append(
            left_share(shot.q, lengths, stance, clip.stature_m, MEASURED)
        )
        out = infer(model, shot)
        q = generalised_coordinates(out.motion)
        found.seen.append(
            left_share(
                q, out.motion.lengths_m, out.contact, clip.stature_m, ONE_CAMERA
            )
        )
    return found


def figures(found: Shares) -> dict[str, float]:
    """Error, line of the estimate over the truth, correlation, and how often the heavier side is right."""
    true, seen = np.array(found.true), np.array(found.seen)
    clear = np.abs(true - 0.5) > CLEAR
    right = np.sign(seen - 0.5) == np.sign(true - 0.5)
    return {
        "windows": float(len(true)),
        "error": float(np.abs(seen - true).mean()),
        "error_of_always_half": float(np.abs(0.5 - true).mean()),
        "slope": float(np.polyfit(true, seen, 1)[0]),
        "correlation": correlation(true, seen),
        "heavier_side_right_percent": 100.0 * float(right[clear].mean())
        if clear.any()
        else np.nan,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with cmu_mocap/"
    )
    parser.add_argument(
        "--noise",
        choices=NOISES,
        default="detector",
        help="as of evaluate motion",
    )
    parser.add_argument("--windows", type=int, default=40, help="of each kind")
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    parser.add_argument("--json", type=Path, help="write the figures there too")


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, write."""
    if args.windows < 3:
        raise InputError(
            f"--windows {args.windows} came; a line needs at least 3."
        )
    torch.set_num_threads(1)
    model, _ = model_of(args.checkpoint)
    squats = [
        generate_clip(SEED + n, "squat").motion for n in range(args.windows)
    ]
    kinds = {
        "measured stances": clips_of(args.data, "val"),
        "generated squats": squats,
    }
    result = {
        kind: figures(
            shares(model, moved(clips, args.windows, seed), args.noise)
        )
        for seed, (kind, clips) in enumerate(kinds.items())
    }
    for kind, row in result.items():
        print(
            kind
            + ": "
            + ", ".join(f"{name} {value:.2f}" for name, value in row.items())
        )
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0
