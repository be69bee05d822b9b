"""Seconds from a video file to all results, by stage: `infer` itself, first in a fresh process, then once more in it.

The stages are those that `infer` tells while it works; one lasts until the next is told, so that its first pictures are
counted with the stage before. The first run is cold (imports, weights and language model are loaded on the way), the
second warm. The language model loads beside the other stages, and what is left of that is in the text. `ready_s`:
imports and the weights of pose and motion are there.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from musclepose.assets import asset_path
from musclepose.utils.cpu import usable_cores

IMPORTING, LOADING, OPENING = (
    "Importing",
    "Loading the weights",
    "Opening the film",
)
COUNTING = ": picture "  # told by a stage that goes from picture to picture of the film


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--input", type=Path, help="video; none: the example clip"
    )
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        help="write the figures there too; without a path, print them",
    )


class Clock:
    """Seconds of each stage that was told, in their order; the last lasts until `stop`."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.stage_s: dict[str, float] = {}
        self.pictures: set[str] = set()  # stages that counted pictures
        self.plots_s = self.first_text_s = float("nan")
        self._stage, self._since_s = "", 0.0

    def now_s(self) -> float:
        return time.perf_counter() - self.start

    def told(self, _fraction: float, text: str) -> None:
        """What is done from now on, with or without the number of a picture."""
        stage, counts, _ = text.partition(COUNTING)
        if counts:
            self.pictures.add(stage)
        if stage != self._stage:
            self.stop()
            self._stage = stage

    def stop(self) -> None:
        """The present stage is over."""
        now_s = self.now_s()
        if self._stage:
            before = self.stage_s.get(self._stage, 0.0)
            self.stage_s[self._stage] = before + now_s - self._since_s
        self._stage, self._since_s = "", now_s

    def listened(
        self, text: Iterator[str], _coach: object = None
    ) -> Iterator[str]:
        """The pieces of the text; asked for when the plots are drawn."""
        self.plots_s = self.now_s()
        for number, piece in enumerate(text):
            if number == 0:
                self.first_text_s = self.now_s()
            yield piece


def one_run(path: Path) -> dict[str, Any]:
    """One clip through the command line: `stage_s`, `pose_fps`, and the seconds after which something is there."""
    clock = Clock()
    clock.told(0.0, IMPORTING)
    from musclepose import infer, pipeline
    from musclepose.wave_llm.coach import Coach

    coach = Coach()
    coach.preload()
    clock.told(0.0, LOADING)
    pipeline.load_models(pipeline.AnalyseOptions())
    ready_s = clock.now_s()
    clock.told(0.0, OPENING)
    with tempfile.TemporaryDirectory() as folder:
        args = infer.arguments(["--input", str(path), "--out", folder])
        files = infer.run(args, coach, clock.told, clock.listened)
        clock.stop()
        frames = (
            len(files["timeseries.csv"].read_text("utf-8").splitlines()) - 1
        )
    return _record(clock, frames, ready_s)


def _record(clock: Clock, frames: int, ready_s: float) -> dict[str, Any]:
    pose_s = sum(clock.stage_s[stage] for stage in (OPENING, *clock.pictures))
    stage_s = {
        stage: round(seconds, 3) for stage, seconds in clock.stage_s.items()
    }
    return {
        "frames": frames,
        "stage_s": stage_s | {"total": round(clock.now_s(), 3)},
        "pose_fps": round(frames / pose_s, 2),
        "ready_s": round(ready_s, 3),
        "first_plot_s": round(clock.plots_s, 3),
        "first_text_s": round(clock.first_text_s, 3),
    }


def _cold_and_warm(path: Path) -> dict[str, Any]:
    cold = one_run(path)
    return {
        **cold,
        "peak_rss_mb": round(_peak_rss_mb(), 1),
        "warm": one_run(path),
    }


def _peak_rss_mb() -> float:
    """Largest resident memory of this process so far; NaN where the system does not tell."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def run(args: argparse.Namespace) -> int:
    """Measure in a process of its own, print, write."""
    path = Path(args.input or asset_path("example-clip"))
    with get_context("spawn").Pool(1) as pool:
        record = pool.apply(_cold_and_warm, (path,))
    record |= {
        "clip": path.name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.processor() or platform.machine(),
        "cores": usable_cores(),
    }
    if args.json == "-":
        print(json.dumps(record, indent=1))
        return 0
    warm = record["warm"]
    print(
        f"{path.name}, {record['frames']} pictures, {record['cores']} cores; seconds cold and warm:"
    )
    for name, cold_s in record["stage_s"].items():
        print(f"  {name:30s}{cold_s:8.2f}{warm['stage_s'].get(name, 0.0):8.2f}")
    for name in ("ready_s", "first_plot_s", "first_text_s"):
        print(
            f"  {name.removesuffix('_s'):30s}{record[name]:8.2f}{warm[name]:8.2f}"
        )
    print(
        f"  pose {record['pose_fps']:.1f} and {warm['pose_fps']:.1f} pictures/s; "
        f"peak memory of the first run {record['peak_rss_mb']:.0f} MB"
    )
    if args.json:
        Path(args.json).write_text(
            json.dumps(record, indent=1), encoding="utf-8"
        )
    return 0
