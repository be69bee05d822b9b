"""Many visitors at once at the served page: does everyone get their own result, and does the page answer meanwhile?

The page runs as a process of its own on 127.0.0.1. All visitors send the same short clip at the same moment, each with
a mass of their own, which the result must bear. Meanwhile the page is fetched again and again. Exit code 1 where
somebody got no result, or somebody else's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from musclepose.benchmark.served import (
    Served,
    answer_ms,
    ask,
    page_served,
    short_clip,
)
from musclepose.errors import InputError

MOST_VISITORS = 40
LOOKS_ALONE = 20  # fetches of the page before anybody is there
EVERY_S = 0.25  # between two fetches
GOAL_MS = 300.0
NO_ANSWER_MS = 60_000.0  # counted for a fetch that fails


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures there too")


@dataclass(frozen=True)
class Visit:
    """What one visitor saw."""

    number: int
    seconds: float
    problem: str = ""


@dataclass(frozen=True)
class Load:
    """All visits, and how long each fetch of the page took: before them, and meanwhile."""

    visits: Sequence[Visit]
    alone_ms: Sequence[float]
    meanwhile_ms: Sequence[float]


def _fetch_ms(url: str) -> float:
    try:
        return answer_ms(url)
    except OSError:
        return NO_ANSWER_MS


def _visit(served: Served, clip: Path, number: int) -> Visit:
    start, problem = time.monotonic(), ""
    try:
        ask(served.url, clip, number, clip.parent)
    except InputError as error:
        problem = str(error)
    return Visit(number, round(time.monotonic() - start, 1), problem)


def all_at_once(served: Served, clip: Path, visitors: int) -> Load:
    """Every visitor in a thread of their own; the page is fetched until the last one has gone."""
    alone = [_fetch_ms(served.url) for _ in range(LOOKS_ALONE)]
    meanwhile: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY_S):
            meanwhile.append(_fetch_ms(served.url))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        with ThreadPoolExecutor(visitors) as crowd:
            visits = list(
                crowd.map(lambda n: _visit(served, clip, n), range(visitors))
            )
    finally:
        over.set()
        looking.join()
    return Load(visits, alone, meanwhile)


def _told(name: str, taken_ms: Sequence[float]) -> str:
    half, most = np.percentile(taken_ms, (50, 95))
    return (
        f"page {name}: {half:.0f} ms in the middle, {most:.0f} ms p95, "
        f"{max(taken_ms):.0f} ms at most, {len(taken_ms)} fetches"
    )


def run(args: argparse.Namespace) -> int:
    """Print what came; 1 where somebody went away without their own result."""
    if not 1 <= args.visitors <= MOST_VISITORS:
        raise InputError(f"--visitors must be 1 to {MOST_VISITORS}.")
    with tempfile.TemporaryDirectory() as folder:
        clip = short_clip(Path(folder) / "clip.mp4")
        with page_served(Path(folder)) as served:
            ask(served.url, clip, 0, clip.parent)  # loads the models
            load = all_at_once(served, clip, args.visitors)
    lost = [visit for visit in load.visits if visit.problem]
    taken = sorted(visit.seconds for visit in load.visits)
    print(
        f"{len(load.visits) - len(lost)} of {len(load.visits)} visitors got their own result."
    )
    print(f"first after {taken[0]:.0f} s, last after {taken[-1]:.0f} s")
    print(_told("alone", load.alone_ms))
    print(
        _told("meanwhile", load.meanwhile_ms), f"(goal: {GOAL_MS:.0f} ms p95)"
    )
    for visit in lost:
        print(visit.problem)
    if args.json:
        args.json.write_text(
            json.dumps(asdict(load), indent=1), encoding="utf-8"
        )
    return 1 if lost else 0
