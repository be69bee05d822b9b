"""Many analyses in a row through the served page: does it keep memory, files, threads or processes?

The page runs as a process of its own on 127.0.0.1, and one short clip is analysed again and again through its public
call, each time for an athlete of another mass. Every few analyses what the page holds is printed. Exit code 1 where it
grows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from musclepose.benchmark.served import (
    Held,
    Served,
    ask,
    held_by,
    page_served,
    short_clip,
)
from musclepose.errors import InputError

MOST_ANALYSES = 2000
WARM_UP = 0.25  # share of the run before which caches may still fill
MOST_MB_EACH = (
    0.25  # growth of memory with each analysis that is still taken for noise
)
MOST_MORE = 2  # files, threads and processes that may be more at the end: what is just being closed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--analyses", type=int, default=200)
    parser.add_argument(
        "--every", type=int, default=10, help="analyses between two rows"
    )
    parser.add_argument(
        "--minutes", type=float, default=120.0, help="ends earlier after these"
    )
    parser.add_argument("--json", type=Path, help="write the rows there too")


@dataclass(frozen=True)
class Row:
    """What the page held after so many analyses."""

    analyses: int
    seconds: float
    held: Held


def soak(
    served: Served, clip: Path, analyses: int, every: int, end_s: float
) -> Iterator[Row]:
    """A row after the first analysis and after every few more, until the number or the time is reached."""
    start = time.monotonic()
    for number in range(1, analyses + 1):
        ask(served.url, clip, number, clip.parent)
        seconds = time.monotonic() - start
        is_last = number == analyses or seconds > end_s
        if number == 1 or number % every == 0 or is_last:
            yield Row(number, round(seconds, 1), held_by(served))
        if is_last:
            return


def growth_mb(rows: Sequence[Row]) -> float:
    """Slope of memory over analyses after the warm-up, MB each; 0 where there are not three rows."""
    late = [row for row in rows if row.analyses >= WARM_UP * rows[-1].analyses]
    if len(late) < 3:
        return 0.0
    slope, _ = np.polyfit(
        [r.analyses for r in late], [r.held.memory_mb for r in late], 1
    )
    return float(slope)


def leaks(rows: Sequence[Row]) -> list[str]:
    """What grew, in words."""
    warm = [row for row in rows if row.analyses >= WARM_UP * rows[-1].analyses]
    first, last = warm[0].held, rows[-1].held
    told = [
        f"{name.replace('_', ' ')}: {getattr(first, name)} to {getattr(last, name)}"
        for name in ("open_files", "threads", "processes", "scratch_files")
        if getattr(last, name) > getattr(first, name) + MOST_MORE
    ]
    slope = growth_mb(rows)
    return told + (
        [f"memory: {slope:+.2f} MB each analysis"]
        if slope > MOST_MB_EACH
        else []
    )


def run(args: argparse.Namespace) -> int:
    """Print the curve; 1 where something leaks."""
    if (
        not 1 <= args.analyses <= MOST_ANALYSES
        or args.every < 1
        or args.minutes <= 0
    ):
        raise InputError(
            f"--analyses must be 1 to {MOST_ANALYSES}, --every at least 1, --minutes above 0."
        )
    rows: list[Row] = []
    print(
        "analyses  seconds  memory MB  open files  threads  processes  temporary files"
    )
    with tempfile.TemporaryDirectory() as folder:
        clip = short_clip(Path(folder) / "clip.mp4")
        with page_served(Path(folder)) as served:
            for row in soak(
                served, clip, args.analyses, args.every, 60.0 * args.minutes
            ):
                rows.append(row)
                h = row.held
                print(
                    f"{row.analyses:8d}  {row.seconds:7.0f}  {h.memory_mb:9.0f}  {h.open_files:10d}  {h.threads:7d}  "
                    f"{h.processes:9d}  {h.scratch_files:15d}",
                    flush=True,
                )
                if args.json:
                    args.json.write_text(
                        json.dumps([asdict(r) for r in rows], indent=1), "utf-8"
                    )
    found = leaks(rows)
    print(
        f"Memory: {growth_mb(rows):+.3f} MB with each analysis after the first quarter."
    )
    print(f"Grew: {'; '.join(found)}." if found else "Nothing grew.")
    return 1 if found else 0
