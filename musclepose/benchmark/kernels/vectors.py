"""3-vectors as tuples of numbers, and rows of a block, for numba: inlined to nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from musclepose.benchmark.kernels.layout import LANES

Vec = tuple[float, float, float]
# a * b + c may be fused, and -0 is 0; sums keep their order, so results do not depend on the machine's vector width.
FAST = {"contract", "nsz"}
inlined = njit(fastmath=FAST, forceinline=True)


@inlined
def load(rows: np.ndarray, at: int) -> Vec:
    """Three rows from `at` on, of one lane."""
    return rows[at], rows[at + LANES], rows[at + 2 * LANES]


@inlined
def store(rows: np.ndarray, at: int, v: Vec) -> None:
    rows[at], rows[at + LANES], rows[at + 2 * LANES] = v


@inlined
def accumulate(rows: np.ndarray, at: int, v: Vec) -> None:
    rows[at] += v[0]
    rows[at + LANES] += v[1]
    rows[at + 2 * LANES] += v[2]


@inlined
def add(a: Vec, b: Vec) -> Vec:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@inlined
def sub(a: Vec, b: Vec) -> Vec:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@inlined
def scale(s: float, a: Vec) -> Vec:
    return s * a[0], s * a[1], s * a[2]


@inlined
def add_scaled(a: Vec, s: float, b: Vec) -> Vec:
    """`a + s b`."""
    return a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]


@inlined
def dot(a: Vec, b: Vec) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@inlined
def cross(a: Vec, b: Vec) -> Vec:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@inlined
def rotate(X: Vec, Y: Vec, Z: Vec, v: Vec) -> Vec:
    """`R @ v`, R given by its columns."""
    return add_scaled(add_scaled(scale(v[0], X), v[1], Y), v[2], Z)


@inlined
def rotate_back(X: Vec, Y: Vec, Z: Vec, v: Vec) -> Vec:
    """`R.T @ v`."""
    return dot(X, v), dot(Y, v), dot(Z, v)


@inlined
def times_inertia(I: Any, v: Vec) -> Vec:
    """Symmetric matrix (xx, yy, zz, xy, xz, yz) times v."""
    return (
        I[0] * v[0] + I[3] * v[1] + I[4] * v[2],
        I[3] * v[0] + I[1] * v[1] + I[5] * v[2],
        I[4] * v[0] + I[5] * v[1] + I[2] * v[2],
    )
