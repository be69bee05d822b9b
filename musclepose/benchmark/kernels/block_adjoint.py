"""Gradient of the inverse dynamics of one block of frames after the other: the forward sweeps, then their reverse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from musclepose.benchmark.kernels.adjoint import (
    PG_A,
    PG_F,
    PG_N,
    PG_W,
    act_gradient,
    force_gradient,
    load_gradient,
    move_gradient,
)
from musclepose.benchmark.kernels.block import (
    TAU_FROM_SIN,
    BodyRows,
    Constants,
    ExternalRows,
    add_external,
    clear_rows,
    copy_rows,
    new_block,
    pair,
    read_block,
    sweep_back,
    sweep_out,
)
from musclepose.benchmark.kernels.layout import (
    DOF_ROW,
    DOF_SIGN,
    LANES,
    N_RECORDS,
    N_ROTATIONS,
    RECORD,
    RECORD_SEGMENT,
    RECORD_SOURCE,
    ROW,
    SEGMENT_RECORD,
)
from musclepose.benchmark.kernels.vectors import FAST

N_BODY = (
    13  # numbers per segment: offset 3, mass 1, centre of mass 3, inertia 6
)
_G_COLLECTED = 3 * LANES * 5  # rows of G_W, G_AL, G_A, G_D, G_ROT
G_ANGLE_FROM_SIN, G_RATE_FROM_SIN, G_ACC_FROM_SIN = (
    (ROW[k] - ROW["SIN"]) * LANES for k in ("UX", "LEVER", "COS")
)


@njit(fastmath=FAST)
def read_gradient(
    V: np.ndarray, g: np.ndarray, first: int, frames: int
) -> None:
    """Incoming gradient of tau into the TAU rows and the world record; zero in lanes beyond the last frame."""
    zero = g.dtype.type(0)
    for i in range(LANES):
        n = first + min(i, frames - 1)
        for d in range(N_ROTATIONS):
            V[DOF_ROW[d] * LANES + TAU_FROM_SIN + i] = (
                g.dtype.type(DOF_SIGN[d]) * g[n, d + 3] if i < frames else zero
            )
        for k in range(3):
            V[PG_F + k * LANES + i] = g[n, k] if i < frames else zero
    clear_rows(V, PG_N, 3 * LANES)
    clear_rows(V, PG_W, _G_COLLECTED)


@njit(fastmath=FAST)
def force_gradients(V: np.ndarray) -> None:
    """From the root out."""
    for r in range(1, N_RECORDS):
        if RECORD_SEGMENT[r] < 0:
            copy_rows(
                V,
                r * RECORD + PG_F,
                RECORD_SOURCE[r] * RECORD + PG_F,
                6 * LANES,
            )
        else:
            force_gradient(pair(V, r))
        clear_rows(V, r * RECORD + PG_W, _G_COLLECTED)


@njit(fastmath=FAST)
def motion_gradients(
    V: np.ndarray,
    mass: np.ndarray,
    com: np.ndarray,
    I: np.ndarray,
    body: np.ndarray,
    wanted: bool,
) -> None:
    """From the hands and feet back; body (18, N_BODY * LANES) collects the gradients of one body where wanted."""
    for back in range(1, N_RECORDS):
        r = N_RECORDS - back
        s = RECORD_SEGMENT[r]
        if s < 0:
            target = RECORD_SOURCE[r] * RECORD + PG_W
            for i in range(_G_COLLECTED):
                V[target + i] += V[r * RECORD + PG_W + i]
        else:
            tensor = (I[s, 0], I[s, 1], I[s, 2], I[s, 3], I[s, 4], I[s, 5])
            load_gradient(
                pair(V, r),
                mass[s],
                (com[s, 0], com[s, 1], com[s, 2]),
                tensor,
                body[s],
                wanted,
            )
            move_gradient(pair(V, r), body[s], wanted)


@njit(fastmath=FAST)
def write_gradient(
    V: np.ndarray,
    q_bar: np.ndarray,
    qdot_bar: np.ndarray,
    qddot_bar: np.ndarray,
    first: int,
    frames: int,
) -> None:
    """Out of the rows; where the root is and how fast it moves along makes no difference."""
    for i in range(frames):
        for k in range(3):
            q_bar[first + i, k] = 0
            qdot_bar[first + i, k] = 0
            qddot_bar[first + i, k] = V[PG_A + k * LANES + i]
        for d in range(N_ROTATIONS):
            at, sign = DOF_ROW[d] * LANES + i, q_bar.dtype.type(DOF_SIGN[d])
            q_bar[first + i, d + 3] = sign * V[at + G_ANGLE_FROM_SIN]
            qdot_bar[first + i, d + 3] = sign * V[at + G_RATE_FROM_SIN]
            qddot_bar[first + i, d + 3] = sign * V[at + G_ACC_FROM_SIN]


MotionRows = tuple[
    np.ndarray, np.ndarray, np.ndarray
]  # q, qdot, qddot (bodies * frames, 47), or their gradients


def compile_torque_gradients(fingerprint: int) -> Callable[..., None]:
    """The kernel, or its machine code from the cache on disk, as `compile_torques`.

    One piece because the kernel holds the fingerprint as a constant, so it is written inside.
    """

    @njit(fastmath=FAST, nogil=True, cache=True)
    def torque_gradients(
        g: np.ndarray,
        motion: MotionRows,
        body: BodyRows,
        external: ExternalRows,
        constants: Constants,
        motion_bar: MotionRows,
        body_bar: np.ndarray,
        force_bar: np.ndarray,
        moment_bar: np.ndarray,
        wanted: bool,
        first_block: int,
        last_block: int,
    ) -> None:
        """Fill the gradients for blocks [first_block, last_block), arguments as of `torques`.

        body_bar (bodies, 18, N_BODY) is added to; force_bar and moment_bar must have the segments of `external`.
        One piece because it is the loop over blocks and segments, forth and back, of what stands in other kernels.
        """
        assert fingerprint
        offset, mass, com, I = body
        segments, force, moment = external
        gravity, sincos = constants
        V = new_block(sincos)
        per_lane = np.zeros((len(mass[0]), N_BODY * LANES), sincos.dtype)
        frames = len(g) // len(mass)
        blocks = (frames + LANES - 1) // LANES
        for block in range(first_block, last_block):
            b = block // blocks
            first = b * frames + (block - b * blocks) * LANES
            count = min(LANES, (b + 1) * frames - first)
            read_block(
                V, motion[0], motion[1], motion[2], gravity, first, count
            )
            sweep_out(V, sincos, offset[b], mass[b], com[b], I[b])
            add_external(V, segments, force, moment, first, count)
            sweep_back(V)
            read_gradient(V, g, first, count)
            force_gradients(V)
            for k in range(len(segments)):
                act_gradient(
                    V,
                    SEGMENT_RECORD[segments[k]] * RECORD,
                    force_bar[k],
                    moment_bar[k],
                    first,
                    count,
                )
            motion_gradients(V, mass[b], com[b], I[b], per_lane, wanted)
            write_gradient(
                V, motion_bar[0], motion_bar[1], motion_bar[2], first, count
            )
            if block + 1 == last_block or (block + 1) % blocks == 0:
                for s in range(len(per_lane)):
                    for k in range(N_BODY):
                        for i in range(LANES):
                            body_bar[b, s, k] += per_lane[s, k * LANES + i]
                            per_lane[s, k * LANES + i] = 0

    return torque_gradients
