"""Inverse dynamics of the 47-DoF body: ours, Pinocchio, MuJoCo and the jacrev reference, frames per second.

All cases take turns in one run, so that a busy machine slows all alike; the best turn of each counts. Figures of
different runs do not compare, ratios within one run do.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import torch

from musclepose.benchmark.compiled import kernels
from musclepose.benchmark.contestants import CONTESTANTS, run_of
from musclepose.benchmark.limits import (
    OPERATIONS_BACKWARD,
    OPERATIONS_FORWARD,
    Limits,
    measure_limits,
)
from musclepose.benchmark.memory import peak_memory_mb
from musclepose.benchmark.timing import Timed, time_cases
from musclepose.errors import InputError

GOALS = {
    300: 1.0,
    10_000: 3.0,
}  # at least this many times the speed of Pinocchio's best at these frames
GRADIENT_GOAL = (
    4.0  # forward and backward together take at most so many times the forward
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument(
        "--frames",
        type=int,
        nargs="+",
        default=[30, 300, 10_000],
        help="batch sizes",
    )
    parser.add_argument(
        "--turns",
        type=int,
        default=9,
        help="rounds over all cases; the best of each counts",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=torch.get_num_threads(),
        help="threads of every contestant",
    )
    parser.add_argument(
        "--torch_compile",
        action="store_true",
        help="time torch.compile too (needs a C++ compiler)",
    )


def _chosen(torch_compile: bool) -> list[str]:
    names = [n for n in CONTESTANTS if torch_compile or n != "torch_compile"]
    missing = [n for n in names if find_spec(CONTESTANTS[n][0]) is None]
    for name in missing:
        print(f"{CONTESTANTS[name][0]} is not installed: {name} is left out")
    return [n for n in names if n not in missing]


def _time_all(
    names: list[str], batches: tuple[int, ...], threads: int, turns: int
) -> list[Timed]:
    """All cases, with the peak memory of the largest batch of each (the reference: of what it ran)."""
    cases = {
        name: list(CONTESTANTS[name][1](batches, threads=threads))
        for name in names
    }
    owner = [name for name, own in cases.items() for _ in own]
    timed = time_cases([case for own in cases.values() for case in own], turns)
    largest = {name: max(c.frames for c in own) for name, own in cases.items()}
    for i, (name, t) in enumerate(zip(owner, timed, strict=True)):
        if t.frames == largest[name]:
            timed[i] = replace(
                t,
                peak_memory_mb=peak_memory_mb(
                    partial(run_of, name, t), t.frames
                ),
            )
    return timed


def _pick(
    timed: list[Timed],
    name: str,
    frames: int,
    gradient: bool = False,
    dtype: str = "float64",
) -> float:
    """Best frames per second of what the name starts with; zero where it was not timed."""
    same = (
        t
        for t in timed
        if t.name.startswith(name)
        and (t.frames, t.gradient, t.dtype) == (frames, gradient, dtype)
    )
    return max((t.frames_per_s for t in same), default=0.0)


def ratios(timed: list[Timed], batches: tuple[int, ...]) -> dict[str, float]:
    """Speed against the best of each rival (float64 on both sides), and what the gradient costs."""
    out: dict[str, float] = {}
    for frames in batches:
        fast = _pick(timed, "ours, compiled", frames)
        for rival in ("Pinocchio rnea", "MuJoCo"):
            best = _pick(timed, rival, frames)
            if fast and best:
                out[
                    f"speed_against_{rival.split()[0].lower()}_{frames}_frames"
                ] = fast / best
        for dtype in ("float32", "float64"):
            forward, both = (
                _pick(timed, "ours, compiled", frames, g, dtype)
                for g in (False, True)
            )
            if forward and both:
                out[
                    f"forward_and_backward_over_forward_{dtype}_{frames}_frames"
                ] = forward / both
    return out


def _first_use_s() -> dict[str, float]:
    """What making the kernels ready costs, once per process; compiling only where the cache has no code yet."""
    start = time.perf_counter()
    if find_spec("numba") is not None:
        kernels()
    return {"kernels_ready_after_s": time.perf_counter() - start}


def _nearness(
    timed: list[Timed], limits: Limits, batches: tuple[int, ...], threads: int
) -> dict[str, float]:
    """Least time per frame on one core for arithmetic and for memory, and how near to the limit of `threads` cores ours
    comes (1: reached), largest batch."""
    out: dict[str, float] = {}
    for dtype, itemsize in (("float32", 4), ("float64", 8)):
        arithmetic, memory = limits.forward_us_per_frame(itemsize)
        out |= {
            f"arithmetic_limit_us_per_frame_{dtype}": arithmetic,
            f"memory_limit_us_per_frame_{dtype}": memory,
        }
        fast = _pick(timed, "ours, compiled", max(batches), dtype=dtype)
        if fast:
            out[f"share_of_arithmetic_limit_{dtype}"] = (
                arithmetic * fast / 1e6 / threads
            )
    return out


def _memory(t: Timed) -> str:
    return "" if math.isnan(t.peak_memory_mb) else f"{t.peak_memory_mb:>8.1f}"


def _print_table(timed: list[Timed]) -> None:
    columns = (
        "",
        "frames",
        "gradient",
        "type",
        "threads",
        "frames/s",
        "us/frame",
        "ms/call",
        "peak MB",
    )
    print(
        "{:33}{:>7} {:>8} {:>8} {:>7} {:>12} {:>9} {:>9} {:>8}".format(*columns)
    )
    for t in timed:
        print(
            f"{t.name:33}{t.frames:>7} {'yes' if t.gradient else 'no':>8} {t.dtype:>8} {t.threads:>7} "
            f"{t.frames_per_s:>12,.0f} {t.us_per_frame:>9.2f} {t.ms_per_call:>9.3f} {_memory(t)}"
        )


def _without_nan(figures: dict) -> dict:
    return {
        k: None if isinstance(v, float) and math.isnan(v) else v
        for k, v in figures.items()
    }


def _print_goals(figures: dict[str, float]) -> None:
    for key, value in figures.items():
        goal = ""
        for frames, least in GOALS.items():
            if key == f"speed_against_pinocchio_{frames}_frames":
                goal = f"  (goal: at least {least:g}, {'reached' if value >= least else 'missed'})"
        if key.startswith("forward_and_backward"):
            goal = f"  (goal: at most {GRADIENT_GOAL:g}, {'reached' if value <= GRADIENT_GOAL else 'missed'})"
        print(f"{key:52} {value:8.3f}{goal}")


def run(args: argparse.Namespace) -> int:
    """Time everything, print the table and the ratios, write them as JSON."""
    if min(args.frames) < 1 or args.threads < 1 or args.turns < 1:
        raise InputError("--frames, --threads and --turns must be at least 1.")
    batches = tuple(sorted(set(args.frames)))
    torch.set_num_threads(args.threads)
    first = _first_use_s()
    timed = _time_all(
        _chosen(args.torch_compile), batches, args.threads, args.turns
    )
    _print_table(timed)
    figures = first | ratios(timed, batches)
    if find_spec("numba"):
        limits = measure_limits()
        operations = {
            "operations_forward": OPERATIONS_FORWARD,
            "operations_backward": OPERATIONS_BACKWARD,
        }
        figures |= (
            asdict(limits)
            | operations
            | _nearness(timed, limits, batches, args.threads)
        )
    _print_goals(figures)
    if args.json:
        machine = {
            "date_utc": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": platform.machine(),
        }
        record = (
            machine
            | {
                "threads": args.threads,
                "cases": [_without_nan(asdict(t)) for t in timed],
            }
            | figures
        )
        args.json.write_text(
            json.dumps(_without_nan(record), indent=1), encoding="utf-8"
        )
    return 0
