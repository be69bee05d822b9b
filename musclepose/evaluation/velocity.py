"""Speed and height of lifts and jumps from one camera against the true motion of generated clips."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.learning.language.filmed_clips import filmed_analysis
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.exercise.generate import EXERCISES as GENERATED
from musclepose.synthesis.made_clips import analysis_of_clip

STATURE_M = 1.75  # to which heights are scaled
KEYS = {
    "velocity.mean": "m/s",
    "velocity.peak": "m/s",
    "velocity.range": "m",
    "velocity.loss": "%",
    "jump_height": "m",
}
MIN_FLIGHT_FRAMES = 4
FIRST_SEED = 7_000_000  # of no training or validation clip


@dataclass(frozen=True)
class Errors:
    """One figure over the clips that have it: the film's against the truth's."""

    clips: int
    missing: int  # the film gave none
    bias: float
    mean_absolute: float
    p90_absolute: float
    correlation: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `evaluate velocity`."""
    parser.add_argument(
        "--seed", type=int, default=FIRST_SEED, help="of the first clip"
    )
    parser.add_argument("--clips", type=int, default=10, help="per exercise")
    parser.add_argument("--json", type=Path, help="write the figures there")


def _figures(summary: PhysicsSummary, stature_m: float) -> dict[str, float]:
    found = {key: summary.figure(key) for key in KEYS}
    scale = {
        key: STATURE_M / stature_m if unit == "m" else 1.0
        for key, unit in KEYS.items()
    }
    return {
        key: f.value * scale[key] for key, f in found.items() if f is not None
    }


def _pairs(
    exercise: str, count: int, seed: int
) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """Figures of the true motion and of its film; the exercise is told to both."""
    for i in range(count):
        clip = generate_clip(seed + i, exercise, seconds=10.0)
        made = analysis_of_clip(clip, forces=False)
        stature_m = clip.motion.stature_m
        true = _figures(summarise(made, exercise), stature_m)
        if "jump_height" in true:
            true["jump_height"] = flown_height_m(made) * STATURE_M / stature_m
        yield (
            true,
            _figures(summarise(filmed_analysis(clip, i), exercise), stature_m),
        )


def flown_height_m(made: Analysis) -> float:
    """How far the centre of mass rises from the last touch of the ground to its highest point, mean of the flights."""
    height, air = made.com_world_m[:, 1], made.contact.max(axis=1) < 0.5
    edges = np.flatnonzero(np.diff(air.astype(int)))
    flights = [
        (a, b) for a, b in zip(edges[:-1], edges[1:], strict=True) if air[a + 1]
    ]
    rises = [
        height[a : b + 2].max() - height[a]
        for a, b in flights
        if b - a >= MIN_FLIGHT_FRAMES
    ]
    return float(np.mean(rises)) if rises else float("nan")


def errors_of(
    pairs: Sequence[tuple[dict[str, float], dict[str, float]]], key: str
) -> Errors | None:
    """Errors of one figure; None where the true motion of no clip has it."""
    wanted = [(t[key], f.get(key, np.nan)) for t, f in pairs if key in t]
    if not wanted:
        return None
    true, film = (
        np.array([w for w in wanted if np.isfinite(w[1])]).reshape(-1, 2).T
    )
    off = film - true
    varies = len(true) > 2 and min(np.std(true), np.std(film)) > 0
    return Errors(
        len(true),
        len(wanted) - len(true),
        float(off.mean()) if len(off) else float("nan"),
        float(np.abs(off).mean()) if len(off) else float("nan"),
        float(np.quantile(np.abs(off), 0.9)) if len(off) else float("nan"),
        float(np.corrcoef(true, film)[0, 1]) if varies else float("nan"),
    )


def run(args: argparse.Namespace) -> int:
    """Print a row per exercise and figure."""
    if args.clips < 1:
        raise InputError("--clips must be at least 1.")
    names = [
        n for n in GENERATED if EXERCISES[n].rises or EXERCISES[n].tells_jump
    ]
    print(
        f"{'simulated film':20}{'':16}{'clips':>6}{'none':>6}{'bias':>8}{'mean':>8}{'90 %':>8}{'r':>7}"
    )
    out: dict[str, dict[str, dict[str, float]]] = {}
    for name in names:
        pairs = list(_pairs(name, args.clips, args.seed))
        for key, unit in KEYS.items():
            e = errors_of(pairs, key)
            if e is None:
                continue
            out.setdefault(name, {})[f"{key}_{unit}"] = asdict(e)
            print(
                f"{name:20}{key:16}{e.clips:6d}{e.missing:6d}{e.bias:8.3f}{e.mean_absolute:8.3f}"
                f"{e.p90_absolute:8.3f}{e.correlation:7.2f}  {unit}",
                flush=True,
            )
    if args.json:
        args.json.write_text(json.dumps(out, indent=1), encoding="utf-8")
    return 0
