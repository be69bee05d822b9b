"""Seconds of an analysis from keypoints, by stage: network, physics without bands, bands, the rest.

The best of several turns counts, after one for warming up. The stages are timed inside whole analyses.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from musclepose import pipeline
from musclepose.errors import InputError
from musclepose.physics import whole_body
from musclepose.records import Athlete, ExternalLoad
from musclepose.synthesis.synthetic import synthetic_track

ATHLETE = Athlete(height_m=1.78, mass_kg=75.0, sex="male")
STAGES = ("network_s", "physics_s", "bands_s", "rest_s")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument(
        "--seconds",
        type=float,
        default=10.0,
        help="length of the generated clip",
    )
    parser.add_argument(
        "--turns", type=int, default=5, help="the best of so many counts"
    )


@contextmanager
def _timed(module: Any, name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Adds the time spent in `module.name` to `seconds[name]`."""
    original: Callable[..., Any] = getattr(module, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        out = original(*args, **kwargs)
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start
        return out

    with patch.object(module, name, wrapped):
        yield


def one_analysis(clip_s: float) -> dict[str, float]:
    """Seconds of one analysis of a generated squat, in total and by stage."""
    track = synthetic_track("squat", 1, clip_s)
    spent: dict[str, float] = {}
    with (
        _timed(pipeline, "infer_clip", spent),
        _timed(pipeline, "physics_of_motion", spent),
        _timed(whole_body, "uncertainty_bands", spent),
    ):
        start = time.perf_counter()
        pipeline.analyse_track(track, ATHLETE, ExternalLoad())
        total = time.perf_counter() - start
    bands, physics = (
        spent["uncertainty_bands"],
        spent["physics_of_motion"] - spent["uncertainty_bands"],
    )
    parts = (
        spent["infer_clip"],
        physics,
        bands,
        total - spent["infer_clip"] - physics - bands,
    )
    return {"total_s": total} | dict(zip(STAGES, parts, strict=True))


def run(args: argparse.Namespace) -> int:
    """Measure, print, write."""
    if not 1.0 <= args.seconds <= 60.0 or args.turns < 1:
        raise InputError(
            f"--seconds {args.seconds:g}, --turns {args.turns}: 1 to 60 seconds, at least 1 turn."
        )
    rows = [one_analysis(args.seconds) for _ in range(args.turns + 1)][1:]
    best = min(rows, key=lambda row: row["total_s"])
    print(
        f"A generated clip of {args.seconds:g} s at 30 frames/s, best of {args.turns}, torch {torch.__version__}:"
    )
    for name, value in best.items():
        print(f"  {name.removesuffix('_s'):10s}{value:8.3f} s")
    if args.json:
        record = {
            "clip_s": args.seconds,
            "turns": args.turns,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": platform.processor() or platform.machine(),
            "torch": torch.__version__,
        } | best
        args.json.write_text(json.dumps(record, indent=1))
    return 0
