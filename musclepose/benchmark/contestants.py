"""The implementations of inverse dynamics that `bench physics` compares, all on the same 47-DoF body and motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musclepose.benchmark.compiled import inverse_dynamics_compiled
from musclepose.benchmark.timing import Case, Timed
from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.inverse_dynamics import inverse_dynamics
from musclepose.physics.inverse_dynamics_reference import (
    inverse_dynamics_reference,
)
from musclepose.physics.skeleton47 import N_DOF

Motion = tuple[Tensor, Tensor, Tensor]
Torque = Callable[..., Tensor]
REFERENCE_FRAMES = (
    300  # the reference is not asked for more: it takes milliseconds a frame
)


def body() -> tuple[Tensor, BodyInertia]:
    """A man of 1.75 m and 75 kg."""
    lengths = segment_lengths(
        torch.tensor(1.75, dtype=torch.float64),
        torch.zeros(13, dtype=torch.float64),
    )
    return lengths, segment_inertia(
        lengths, torch.tensor(75.0, dtype=torch.float64), "male"
    )


def motion(frames: int) -> Motion:
    """Random poses, rates and accelerations; the work does not depend on them."""
    generator = torch.Generator().manual_seed(0)
    q, qdot, qddot = (
        s * torch.randn(frames, N_DOF, dtype=torch.float64, generator=generator)
        for s in (0.5, 2.0, 10.0)
    )
    return q, qdot, qddot


def _torch_case(
    name: str,
    torque: Torque,
    frames: int,
    dtype: torch.dtype,
    gradient: bool,
    threads: int,
) -> Case:
    lengths, inertia = body()
    arguments = (
        lengths.to(dtype),
        BodyInertia(*(x.to(dtype) for x in inertia)),
    )
    moving = tuple(x.to(dtype) for x in motion(frames))
    weights = torch.ones(frames, N_DOF, dtype=dtype)

    def forward() -> Tensor:
        with torch.no_grad():
            return torque(*moving, *arguments)

    leaves = [x.clone().requires_grad_() for x in moving]

    def forward_backward() -> object:
        return torch.autograd.grad(torque(*leaves, *arguments), leaves, weights)

    run = forward_backward if gradient else forward
    return Case(
        name, frames, gradient, str(dtype).removeprefix("torch."), threads, run
    )


def ours(
    batches: tuple[int, ...],
    threads: int,
    way: Literal["eager", "compiled", "torch.compile"],
) -> Iterator[Case]:
    """Eager, compiled, or eager through torch.compile, with and without the gradient of q, qdot, qddot."""

    def torque(
        q: Tensor,
        qdot: Tensor,
        qddot: Tensor,
        lengths: Tensor,
        inertia: BodyInertia,
    ) -> Tensor:
        if way == "compiled":
            return inverse_dynamics_compiled(q, qdot, qddot, lengths, inertia)
        return inverse_dynamics(q, qdot, qddot, lengths, inertia)

    name = f"ours, {way}"
    for dtype in (torch.float32, torch.float64):
        for frames in batches:
            for gradient in (False, True):
                run = (
                    torch.compile(torque, dynamic=False)
                    if way == "torch.compile"
                    else torque
                )
                yield _torch_case(name, run, frames, dtype, gradient, threads)


def reference(batches: tuple[int, ...], threads: int) -> Iterator[Case]:
    """The jacrev reference."""
    for frames in batches:
        if frames <= REFERENCE_FRAMES:
            yield _torch_case(
                "ours, jacrev reference",
                inverse_dynamics_reference,
                frames,
                torch.float64,
                False,
                threads,
            )


def pinocchio(batches: tuple[int, ...], threads: int) -> Iterator[Case]:
    """`rnea` called per frame, `rneaInParallel` (its C++ loop), and the derivatives per frame."""
    import pinocchio as pin

    from musclepose.physics.engines import pinocchio_model

    model, sign = pinocchio_model(*body())
    data, pool = model.createData(), pin.ModelPool(model, threads)
    for frames in batches:
        rows = [sign * x.numpy() for x in motion(frames)]
        columns = [np.asfortranarray(x.T) for x in rows]
        tau = np.zeros_like(columns[0])

        def each(rows: list[NDArray] = rows) -> None:
            for q, v, a in zip(*rows, strict=True):
                pin.rnea(model, data, q, v, a)

        def derivatives(rows: list[NDArray] = rows) -> None:
            for q, v, a in zip(*rows, strict=True):
                pin.computeRNEADerivatives(model, data, q, v, a)

        yield Case(
            "Pinocchio rnea per frame", frames, False, "float64", 1, each
        )
        for n in sorted({1, threads}):

            def parallel(
                n: int = n, columns: list[NDArray] = columns, tau: NDArray = tau
            ) -> None:
                pin.rneaInParallel(n, pool, *columns, tau)

            yield Case(
                "Pinocchio rneaInParallel",
                frames,
                False,
                "float64",
                n,
                parallel,
            )
        yield Case(
            "Pinocchio derivatives per frame",
            frames,
            True,
            "float64",
            1,
            derivatives,
        )


def mujoco(batches: tuple[int, ...], threads: int) -> Iterator[Case]:
    """`mj_inverse` called per frame, and on as many threads as allowed (it drops the GIL; it has no batched call)."""
    import mujoco as mj

    from musclepose.physics.engines import mujoco_model

    model = mujoco_model(*body())
    scenes = [mj.MjData(model) for _ in range(threads)]
    pool = ThreadPoolExecutor(threads)
    for frames in batches:
        rows = [x.numpy() for x in motion(frames)]

        def part(k: int, n: int, rows: list[NDArray] = rows) -> None:
            data = scenes[k]
            for q, v, a in zip(*(x[k::n] for x in rows), strict=True):
                data.qpos, data.qvel, data.qacc = q, v, a
                mj.mj_inverse(model, data)

        for n in sorted({1, threads}):

            def run(
                n: int = n, part: Callable[[int, int], None] = part
            ) -> None:
                list(pool.map(lambda k: part(k, n), range(n)))

            yield Case(
                "MuJoCo mj_inverse per frame", frames, False, "float64", n, run
            )


CONTESTANTS: dict[str, tuple[str, Callable[..., Iterator[Case]]]] = {
    "compiled": ("numba", partial(ours, way="compiled")),
    "eager": ("torch", partial(ours, way="eager")),
    "torch_compile": ("torch", partial(ours, way="torch.compile")),
    "reference": ("torch", reference),
    "pinocchio": ("pinocchio", pinocchio),
    "mujoco": ("mujoco", mujoco),
}
"""Name: the package it needs, and its cases for given batch sizes and threads."""


def run_of(contestant: str, like: Timed, frames: int) -> Callable[[], object]:
    """The run of that contestant which is `like` in all but the number of frames; for a process of its own."""
    torch.set_num_threads(like.threads)
    key = (like.name, like.gradient, like.dtype, like.threads)
    cases = CONTESTANTS[contestant][1]((frames,), threads=like.threads)
    return next(
        c.run for c in cases if (c.name, c.gradient, c.dtype, c.threads) == key
    )
