"""Peak memory of one run, in a process of its own: memory that was used once stays resident and hides the next."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

WARM_UP_FRAMES = 30
# glibc gives every larger block back at once, so that no run hides in what an earlier one left behind.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def _status_mb(key: str) -> float:
    for line in (
        Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    ):
        if line.startswith(key):
            return float(line.split()[1]) / 1024.0
    return float("nan")


def _measure(make: Callable[[int], Callable[[], object]], frames: int) -> float:
    make(WARM_UP_FRAMES)()
    run = make(frames)
    before = _status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text(
        "5", encoding="ascii"
    )  # resets the high-water mark
    run()
    return round(max(0.0, _status_mb("VmHWM") - before), 1)


def peak_memory_mb(
    make: Callable[[int], Callable[[], object]], frames: int
) -> float:
    """Largest resident memory (MB) during `make(frames)()` above that before it; NaN where the system does not tell.

    `make` must be picklable; `make(30)()` runs first, so that libraries and kernels are loaded.
    """
    if not Path("/proc/self/clear_refs").exists():
        return float("nan")
    before = {key: os.environ.get(key) for key in MALLOC}
    os.environ.update(MALLOC)
    try:
        with get_context("spawn").Pool(1) as pool:
            return pool.apply(_measure, (make, frames))
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update(
                {key: value}
            )
