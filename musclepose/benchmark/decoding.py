"""What the process of its own costs: the same clip decoded in it and in this one, in turns.

Processor time counts both processes, the start of the second included. As in an analysis, some pictures are held while
the next are decoded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import deque
from pathlib import Path
from statistics import median
from typing import NamedTuple

from musclepose.assets import asset_path
from musclepose.errors import InputError
from musclepose.video import INLINE, open_clip

SIDES_PX = (
    None,
    640,
)  # full size as the second keypoint stage wants it, and that of the first
HELD = 5
WAYS = {"inline": "inline", "process": ""}


class Cost(NamedTuple):
    """Of one picture, milliseconds."""

    processor_ms: float
    wall_ms: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--input", type=Path, help="video; none: the example clip"
    )
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there too")


def _processor_s() -> float:
    """Of this process and of those that it has waited for."""
    import resource

    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(
        used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds)
    )


def read_once(path: Path, side_px: int | None, way: str) -> Cost:
    """Read the clip to its end in one of WAYS."""
    os.environ[INLINE] = WAYS[way]
    clip = open_clip(path, max_side=side_px)
    held: deque[object] = deque(maxlen=HELD)
    processor_s, wall_s, count = _processor_s(), time.perf_counter(), 0
    for count, (_, picture) in enumerate(clip.frames(), start=1):  # noqa: B007
        held.append(picture)
    used_s, lasted_s = (
        _processor_s() - processor_s,
        time.perf_counter() - wall_s,
    )
    return Cost(1e3 * used_s / count, 1e3 * lasted_s / count)


def run(args: argparse.Namespace) -> int:
    """Medians of interleaved turns and their ratio; 0."""
    if sys.platform == "win32":
        raise InputError(
            "Windows decodes in the same process; there is nothing to compare."
        )
    path = args.input or asset_path("example-clip")
    rows = []
    for side_px in SIDES_PX:
        costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
        for turn in range(args.turns):
            for way in (*WAYS,) if turn % 2 else (*reversed(WAYS),):
                costs[way].append(read_once(path, side_px, way))
        mid = {
            way: Cost(*map(median, zip(*costs[way], strict=True)))
            for way in WAYS
        }
        ratio = Cost(
            *(a / b for a, b in zip(mid["process"], mid["inline"], strict=True))
        )
        rows.append({"side_px": side_px, "ratio": ratio._asdict()} | mid)
        print(
            f"{f'{side_px} px' if side_px else 'full size'}: processor {mid['inline'].processor_ms:.2f} ms a picture "
            f"in this process, {mid['process'].processor_ms:.2f} in one of its own, ratio {ratio.processor_ms:.2f}; "
            f"wall {mid['inline'].wall_ms:.2f} and {mid['process'].wall_ms:.2f}, ratio {ratio.wall_ms:.2f}"
        )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0
