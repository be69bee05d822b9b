"""Inverse dynamics of one block of frames after the other: read, sweep out, sweep back, write."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from musclepose.benchmark.kernels.layout import (
    DOF_ROW,
    DOF_SIGN,
    LANES,
    N_RECORDS,
    N_ROTATIONS,
    N_STATE_ROWS,
    RECORD,
    RECORD_SEGMENT,
    RECORD_SOURCE,
    ROW,
    SEGMENT_RECORD,
)
from musclepose.benchmark.kernels.newton_euler import (
    P_A,
    P_F,
    act,
    hand_on,
    load_segment,
    move,
    project,
    sines,
)
from musclepose.benchmark.kernels.vectors import FAST, inlined

STATE = N_STATE_ROWS * LANES
RATE_FROM_SIN, ACC_FROM_SIN, TAU_FROM_SIN = (
    (ROW[k] - ROW["SIN"]) * LANES for k in ("RATE", "ACC", "TAU")
)

BodyRows = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray
]  # offset, mass, com, inertia of B bodies
ExternalRows = tuple[
    np.ndarray, np.ndarray, np.ndarray
]  # segments, force, moment about the root's origin
Constants = tuple[
    np.ndarray, np.ndarray
]  # gravity (3,), SINCOS, in the type of the motion


@inlined
def pair(V: np.ndarray, record: int) -> np.ndarray:
    """The record before and the record itself."""
    return V[(record - 1) * RECORD : (record + 1) * RECORD]


@njit(fastmath=FAST)
def copy_rows(V: np.ndarray, to: int, source: int, count: int) -> None:
    for i in range(count):
        V[to + i] = V[source + i]


@njit(fastmath=FAST)
def clear_rows(V: np.ndarray, at: int, count: int) -> None:
    for i in range(count):
        V[at + i] = 0


@njit(fastmath=FAST)
def new_block(sincos: np.ndarray) -> np.ndarray:
    """Empty records in the type of `sincos`; the world stands still and upright. Absent joint axes stay at zero."""
    V = np.zeros(N_RECORDS * RECORD, sincos.dtype)
    for k in range(3):
        V[4 * k * LANES : (4 * k + 1) * LANES] = 1  # X_x, Y_y, Z_z
    return V


@njit(fastmath=FAST)
def read_block(
    V: np.ndarray,
    q: np.ndarray,
    qdot: np.ndarray,
    qddot: np.ndarray,
    g: np.ndarray,
    first: int,
    frames: int,
) -> None:
    """Frames `first` and on into the joint rows; lanes beyond the last frame repeat it. The world record gets a - g."""
    for i in range(LANES):
        n = first + min(i, frames - 1)
        for d in range(N_ROTATIONS):
            at, sign = DOF_ROW[d] * LANES + i, q.dtype.type(DOF_SIGN[d])
            V[at] = sign * q[n, d + 3]
            V[at + RATE_FROM_SIN] = sign * qdot[n, d + 3]
            V[at + ACC_FROM_SIN] = sign * qddot[n, d + 3]
        for k in range(3):
            V[P_A + k * LANES + i] = qddot[n, k] - g[k]


@njit(fastmath=FAST)
def sweep_out(
    V: np.ndarray,
    sincos: np.ndarray,
    offset: np.ndarray,
    mass: np.ndarray,
    com: np.ndarray,
    I: np.ndarray,
) -> None:
    """Motion and own load of every segment of one body: offset, com (18, 3), mass (18,), I (18, 6)."""
    clear_rows(V, P_F, 6 * LANES)
    for r in range(1, N_RECORDS):
        s = RECORD_SEGMENT[r]
        if s < 0:
            copy_rows(V, r * RECORD, RECORD_SOURCE[r] * RECORD, STATE)
            clear_rows(V, r * RECORD + P_F, 6 * LANES)
        else:
            rows = pair(V, r)
            sines(rows, sincos)
            move(rows, (offset[s, 0], offset[s, 1], offset[s, 2]))
            tensor = (I[s, 0], I[s, 1], I[s, 2], I[s, 3], I[s, 4], I[s, 5])
            load_segment(
                rows, mass[s], (com[s, 0], com[s, 1], com[s, 2]), tensor
            )


@njit(fastmath=FAST)
def add_external(
    V: np.ndarray,
    segments: np.ndarray,
    force: np.ndarray,
    moment: np.ndarray,
    first: int,
    frames: int,
) -> None:
    """External force and moment about the root's origin (k, frames, 3) on the segments (k,), each named once."""
    for k in range(len(segments)):
        act(
            V,
            SEGMENT_RECORD[segments[k]] * RECORD,
            force[k],
            moment[k],
            first,
            frames,
        )


@njit(fastmath=FAST)
def sweep_back(V: np.ndarray) -> None:
    """F and N of every record become those of everything that hangs on it."""
    for back in range(1, N_RECORDS):
        r = N_RECORDS - back
        if RECORD_SEGMENT[r] < 0:
            target = RECORD_SOURCE[r] * RECORD + P_F
            for i in range(6 * LANES):
                V[target + i] += V[r * RECORD + P_F + i]
        else:
            hand_on(pair(V, r))


def compile_torques(fingerprint: int) -> Callable[..., None]:
    """The kernel, or its machine code from numba's cache on disk.

    That cache looks at the changes of this file only; the fingerprint of all sources, a constant inside, does the rest.
    One piece because of that constant: the kernel is written inside.
    """

    @njit(fastmath=FAST, nogil=True, cache=True)
    def torques(
        q: np.ndarray,
        qdot: np.ndarray,
        qddot: np.ndarray,
        body: BodyRows,
        external: ExternalRows,
        constants: Constants,
        tau: np.ndarray,
        first_block: int,
        last_block: int,
    ) -> None:
        """Fill tau (bodies * frames, 47) for blocks [first_block, last_block); bodies have equally many frames."""
        assert fingerprint
        offset, mass, com, I = body
        segments, force, moment = external
        g, sincos = constants
        V = new_block(sincos)
        frames = len(q) // len(mass)
        blocks = (frames + LANES - 1) // LANES  # per body
        for block in range(first_block, last_block):
            b = block // blocks
            first = b * frames + (block - b * blocks) * LANES
            count = min(LANES, (b + 1) * frames - first)
            read_block(V, q, qdot, qddot, g, first, count)
            sweep_out(V, sincos, offset[b], mass[b], com[b], I[b])
            add_external(V, segments, force, moment, first, count)
            sweep_back(V)
            for r in range(1, N_RECORDS):
                if RECORD_SEGMENT[r] >= 0:
                    project(pair(V, r))
            for i in range(count):
                for k in range(3):
                    tau[first + i, k] = V[P_F + k * LANES + i]
                for d in range(N_ROTATIONS):
                    sign = q.dtype.type(DOF_SIGN[d])
                    tau[first + i, d + 3] = (
                        sign * V[DOF_ROW[d] * LANES + TAU_FROM_SIN + i]
                    )

    return torques
