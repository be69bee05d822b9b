"""Seconds from a video file to all results, by stage, as `infer` goes: first in a fresh process, then once more in it.

The first run is cold (imports, weights and language model are loaded on the way), the second warm. `stage_s.model` are
the weights of pose and motion; the language model loads beside the other stages, and what is left of that is in the
text. `ready_s`: imports and those weights are there.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from musclepose.assets import asset_path
from musclepose.utils.cpu import usable_cores

STAGES = ("import", "model", "pose", "physics", "overlay", "plots", "text", "files", "total")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--input", type=Path, help="video; none: the example clip")
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        help="write the figures there too; without a path, print them",
    )


class Clock:
    """Seconds since it was made, and by stage."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.stage_s: dict[str, float] = {}

    def now_s(self) -> float:
        return time.perf_counter() - self.start

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        before = self.now_s()
        yield
        self.stage_s[name] = self.now_s() - before


def one_run(path: Path) -> dict[str, Any]:
    """One clip through everything: `stage_s`, `pose_fps`, and the seconds after which something is there.

    One piece because it is the stages of the pipeline in their order, each under its clock.
    """
    clock = Clock()
    with clock.stage("import"):
        from musclepose import pipeline
        from musclepose.movement.summarise import summarise
        from musclepose.records import Athlete, ExternalLoad
        from musclepose.report.files import write_files
        from musclepose.report.overlay import write_overlay
        from musclepose.report.plots import write_plots
        from musclepose.wave_llm.coach import Coach
    coach = Coach()
    coach.preload()
    options = pipeline.AnalyseOptions()
    with clock.stage("model"):
        pipeline.load_models(options)
    ready_s = clock.now_s()
    with clock.stage("pose"):
        track = pipeline.track_of_video(path, 0, options.keypoints)
    with clock.stage("physics"):
        analysis = pipeline.analyse_track(track, Athlete(), ExternalLoad(), options)
        summary = summarise(analysis)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        with clock.stage("overlay"):
            overlay = write_overlay(path, analysis, out / "overlay.mp4")
        with clock.stage("plots"):
            spans = [(r.start_s, r.end_s) for r in summary.repetitions]
            plots = write_plots(analysis, out / "plots.png", spans)
        first_plot_s, first_text_s = clock.now_s(), float("nan")
        pieces: list[str] = []
        with clock.stage("text"):
            for piece in coach.stream(summary, soft_tokens=coach.soft_tokens_of(analysis)):
                first_text_s = first_text_s if pieces else clock.now_s()
                pieces.append(piece)
        with clock.stage("files"):
            write_files(analysis, summary, "".join(pieces), out, (overlay, plots))
    clock.stage_s["total"] = clock.now_s()
    return {
        "frames": len(track.time_s),
        "stage_s": {name: round(clock.stage_s[name], 3) for name in STAGES},
        "pose_fps": round(len(track.time_s) / clock.stage_s["pose"], 2),
        "ready_s": round(ready_s, 3),
        "first_plot_s": round(first_plot_s, 3),
        "first_text_s": round(first_text_s, 3),
    }


def _cold_and_warm(path: Path) -> dict[str, Any]:
    cold = one_run(path)
    return {**cold, "peak_rss_mb": round(_peak_rss_mb(), 1), "warm": one_run(path)}


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
    for name in STAGES:
        print(f"  {name:10s}{record['stage_s'][name]:8.2f}{warm['stage_s'][name]:8.2f}")
    for name in ("ready_s", "first_plot_s", "first_text_s"):
        print(f"  {name.removesuffix('_s'):10s}{record[name]:8.2f}{warm[name]:8.2f}")
    print(
        f"  pose {record['pose_fps']:.1f} and {warm['pose_fps']:.1f} pictures/s; "
        f"peak memory of the first run {record['peak_rss_mb']:.0f} MB"
    )
    if args.json:
        Path(args.json).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return 0
