"""The kernels on tensors: rows of numpy in and out, blocks shared over threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from musclepose.benchmark.kernels import fingerprint
from musclepose.benchmark.kernels.block import compile_torques
from musclepose.benchmark.kernels.block_adjoint import (
    N_BODY,
    compile_torque_gradients,
)
from musclepose.benchmark.kernels.layout import LANES
from musclepose.benchmark.kernels.newton_euler import SINCOS
from musclepose.physics.constants import GRAVITY_WORLD_M_S2
from musclepose.physics.skeleton47 import N_DOF, N_SEGMENTS

BLOCKS_PER_THREAD = (
    16  # fewer are not worth the hand-over to a second thread (about 30 us)
)
CHUNKS_PER_THREAD = 8


class Arguments(NamedTuple):
    """What the kernels work on: n = bodies * frames rows of motion, wrenches by segment about the root's origin."""

    motion: tuple[Tensor, Tensor, Tensor]  # (n, 47)
    body: tuple[
        Tensor, ...
    ]  # offset (B, 18, 3), mass (B, 18), com (B, 18, 3), inertia (B, 18, 6)
    segments: tuple[int, ...]
    force: Tensor  # (k, n, 3)
    moment: Tensor


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="inverse-dynamics")


os.register_at_fork(
    after_in_child=_pool.cache_clear
)  # threads do not survive a fork


def _in_parallel(
    work: Callable[[int, int, int], None], blocks: int, threads: int
) -> None:
    """`work(worker, first_block, last_block)` over all blocks.

    The kernels drop the GIL. Workers fetch small chunks until none is left: a core that others keep busy delays nobody.
    """
    if threads == 1:
        work(0, 0, blocks)
        return
    chunk = max(BLOCKS_PER_THREAD, blocks // (CHUNKS_PER_THREAD * threads))
    starts = iter(range(0, blocks, chunk))
    lock = threading.Lock()

    def run(worker: int) -> None:
        while True:
            with lock:
                first = next(starts, None)
            if first is None:
                return
            work(worker, first, min(first + chunk, blocks))

    helpers = [_pool().submit(run, worker) for worker in range(1, threads)]
    run(0)
    for helper in helpers:
        if not helper.cancel():
            helper.result()


def _rows(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(t.detach().contiguous().numpy() for t in tensors)


@lru_cache(maxsize=4)
def _constants(dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    return np.array(GRAVITY_WORLD_M_S2, dtype), SINCOS.astype(dtype)


class Prepared:
    """The arguments as rows, and how the work is shared."""

    def __init__(self, a: Arguments) -> None:
        self.motion, self.body = _rows(*a.motion), _rows(*a.body)
        self.external = (
            np.array(a.segments, dtype=np.int64),
            *_rows(a.force, a.moment),
        )
        self.constants = _constants(self.motion[0].dtype)
        bodies = len(self.body[1])
        self.blocks = bodies * -(-(len(self.motion[0]) // bodies) // LANES)
        self.threads = max(
            1, min(torch.get_num_threads(), self.blocks // BLOCKS_PER_THREAD)
        )


class Kernels:
    """Inverse dynamics and its gradient as machine code."""

    def __init__(self) -> None:
        """Compile, or load from the cache, for both float types."""
        self._torques = compile_torques(fingerprint())
        self._torque_gradients = compile_torque_gradients(fingerprint())
        for dtype in (torch.float32, torch.float64):
            q, one = (
                torch.zeros(1, N_DOF, dtype=dtype),
                torch.ones(1, N_SEGMENTS, 6, dtype=dtype),
            )
            none = torch.zeros(0, 1, 3, dtype=dtype)
            smallest = Arguments(
                (q, q, q),
                (one[..., :3], one[..., 0], one[..., :3], one),
                (),
                none,
                none,
            )
            self.backward(self.forward(smallest)[1], q)

    def forward(self, a: Arguments) -> tuple[Tensor, Prepared]:
        """tau (n, 47), and what the backward pass needs."""
        p = Prepared(a)
        tau = np.empty_like(p.motion[0])

        def work(_: int, first: int, last: int) -> None:
            self._torques(
                *p.motion, p.body, p.external, p.constants, tau, first, last
            )

        _in_parallel(work, p.blocks, p.threads)
        return torch.from_numpy(tau), p

    def backward(
        self, p: Prepared, g: Tensor, body_wanted: bool = True
    ) -> list[Tensor]:
        """Gradients of q, qdot, qddot, offset, mass, com, inertia, force, moment from that of tau (n, 47).

        Without `body_wanted` those of the body (offset, mass, com, inertia) stay zero, which saves a fifth in float32.
        """
        (g_rows,) = _rows(g)
        motion_bar = np.empty(
            (3, *g_rows.shape), g_rows.dtype
        )  # one piece: numpy then asks for huge pages
        wrench_bar = [np.zeros_like(x) for x in p.external[1:]]
        body_bar = np.zeros((p.threads, *p.body[1].shape, N_BODY), g_rows.dtype)
        given = (
            g_rows,
            p.motion,
            p.body,
            p.external,
            p.constants,
            tuple(motion_bar),
        )

        def work(worker: int, first: int, last: int) -> None:
            self._torque_gradients(
                *given, body_bar[worker], *wrench_bar, body_wanted, first, last
            )

        _in_parallel(work, p.blocks, p.threads)
        body = torch.from_numpy(body_bar.sum(0))
        split = [body[..., :3], body[..., 3], body[..., 4:7], body[..., 7:]]
        return [
            *torch.from_numpy(motion_bar),
            *split,
            *map(torch.from_numpy, wrench_bar),
        ]
