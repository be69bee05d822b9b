"""What this machine can do at best, measured in the same run: vector arithmetic and memory traffic."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

# Floating-point operations of one frame of the compiled kernels (multiply, add and floor count one each), counted by
# running them in plain Python on numbers that count: see docs/physics.md.
OPERATIONS_FORWARD = 10_000
OPERATIONS_BACKWARD = 25_600  # of which 9,800 are the forward sweeps again
N_DOF = 47


@dataclass(frozen=True)
class Limits:
    """Best rates of one core."""

    gflops_float64: float
    copy_gb_per_s: float

    def forward_us_per_frame(self, itemsize: int) -> tuple[float, float]:
        """Least time per frame for the arithmetic, and for reading q, qdot, qddot and writing tau once."""
        arithmetic = (
            OPERATIONS_FORWARD / (self.gflops_float64 * 8 / itemsize) / 1e3
        )
        return arithmetic, 4 * N_DOF * itemsize / self.copy_gb_per_s / 1e3


def measure_limits(turns: int = 5) -> Limits:
    """Chains of fused multiply-adds on 64 independent float64 rows in the first cache; a copy that fits no cache."""
    from numba import njit

    rows, length, repeats = 16, 64, 2000

    @njit(fastmath={"contract"})
    def multiply_add(x: np.ndarray, a: float, b: float) -> None:
        for _ in range(repeats):
            for i in range(length):
                v = x[i]
                for _ in range(rows):
                    v = v * a + b
                x[i] = v

    x = np.ones(length)
    multiply_add(x, 0.999, 0.001)
    source = np.ones(1 << 24)
    target = np.empty_like(source)
    compute = copy = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        multiply_add(x, 0.999, 0.001)
        middle = time.perf_counter()
        np.copyto(target, source)
        compute, copy = (
            min(compute, middle - start),
            min(copy, time.perf_counter() - middle),
        )
    return Limits(
        2.0 * rows * length * repeats / compute / 1e9,
        2 * source.nbytes / copy / 1e9,
    )
