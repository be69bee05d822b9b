"""Fair timing on a machine that others use too: all cases take turns, and the best turn of each counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MIN_TURN_S = 0.02
SLOW_TURN_S, SLOW_TURNS = (
    2.0,
    2,
)  # a case that takes longer than this gets no more turns than that


@dataclass(frozen=True)
class Case:
    """Something to time: `run()` handles `frames` frames."""

    name: str
    frames: int
    gradient: bool
    dtype: str
    threads: int
    run: Callable[[], object]


@dataclass(frozen=True)
class Timed:
    """A case and its best turn."""

    name: str
    frames: int
    gradient: bool
    dtype: str
    threads: int
    frames_per_s: float
    us_per_frame: float
    ms_per_call: float
    peak_memory_mb: float = float(
        "nan"
    )  # what one run needs above what was held before it


def _turn_s(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def time_cases(cases: Sequence[Case], turns: int) -> list[Timed]:
    """Every case once for warming up, then `turns` rounds over all of them."""
    calls = []
    for case in cases:
        case.run()
        calls.append(
            max(1, round(MIN_TURN_S / max(_turn_s(case.run, 1), 1e-6)))
        )
    best = [float("inf")] * len(cases)
    for turn in range(turns):
        for i, case in enumerate(cases):
            if turn >= SLOW_TURNS and best[i] > SLOW_TURN_S:
                continue
            best[i] = min(best[i], _turn_s(case.run, calls[i]))
    return [
        Timed(
            c.name,
            c.frames,
            c.gradient,
            c.dtype,
            c.threads,
            c.frames / s,
            1e6 * s / c.frames,
            1e3 * s,
        )
        for c, s in zip(cases, best, strict=True)
    ]
