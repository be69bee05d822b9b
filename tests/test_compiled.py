"""The compiled inverse dynamics against the eager one: values, gradients, shapes, threads, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from bodies import (
    F64,
    average_body,
    random_body,
    random_motion,
    random_wrenches,
)
from finite_difference import assert_jacobian
from torch import Tensor

from musclepose.benchmark.compiled import inverse_dynamics_compiled
from musclepose.errors import InputError
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    inverse_dynamics,
)
from musclepose.physics.skeleton47 import FEET, HANDS, N_DOF

pytest.importorskip("numba")


def _inputs(
    seed: int, bodies: int, frames: int, segments: tuple[int, ...]
) -> list[Tensor]:
    body, wrenches = (
        random_body(seed, bodies),
        random_wrenches(seed, bodies, frames, segments=segments),
    )
    per_body = [body.lengths_m[:, None], *(x[:, None] for x in body.inertia)]
    return [
        x.clone().requires_grad_()
        for x in (
            *random_motion(seed, bodies, frames),
            *per_body,
            *wrenches[:3],
        )
    ]


def _run(
    inputs: list[Tensor],
    segments: tuple[int, ...] | None,
    torques: Callable[..., Tensor],
) -> Tensor:
    q, qdot, qddot, lengths, mass, com, inertia, force, point, moment = inputs
    inertia = 0.5 * (inertia + inertia.mT)
    wrenches = (
        None
        if segments is None
        else ExternalWrenches(force, point, moment, segments)
    )
    return torques(
        q, qdot, qddot, lengths, BodyInertia(mass, com, inertia), wrenches
    )


# One frame, a full block, a block and a bit, several bodies; wrenches on no, some, and twice the same segment.
@pytest.mark.parametrize(
    ("bodies", "frames"), [(1, 1), (1, 16), (1, 37), (3, 21)]
)
@pytest.mark.parametrize(
    "segments", [None, (FEET[0],), (*HANDS, *FEET, FEET[0], 0)]
)
def test_values_and_gradients_equal_the_eager_ones(
    bodies: int, frames: int, segments: tuple[int, ...] | None
) -> None:
    inputs = _inputs(7, bodies, frames, segments or (0,))
    eager, fast = (
        _run(inputs, segments, torques)
        for torques in (inverse_dynamics, inverse_dynamics_compiled)
    )
    scale = eager.abs().max().item()
    torch.testing.assert_close(fast, eager, rtol=0, atol=1e-12 * scale)
    g = torch.randn(
        eager.shape, dtype=F64, generator=torch.Generator().manual_seed(1)
    )
    theirs = torch.autograd.grad(eager, inputs, g, allow_unused=True)
    ours = torch.autograd.grad(fast, inputs, g, allow_unused=True)
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            torch.testing.assert_close(
                a, b, rtol=0, atol=1e-11 * max(1.0, b.abs().max().item())
            )


def test_gradient_against_finite_differences() -> None:
    """The hand-written reverse sweep, not by way of the eager version."""
    q, qdot, qddot = random_motion(3)
    body, wrenches = random_body(3), random_wrenches(3)
    g = torch.randn(
        N_DOF, dtype=F64, generator=torch.Generator().manual_seed(2)
    )
    parts = [
        q,
        qdot,
        qddot,
        body.lengths_m,
        body.inertia.mass,
        body.inertia.com,
        *wrenches[:3],
    ]
    sizes = [x.numel() for x in parts]

    def loss(flat: Tensor) -> Tensor:
        pieces = [
            p.reshape(x.shape)
            for p, x in zip(flat.split(sizes), parts, strict=True)
        ]
        inertia = BodyInertia(pieces[4], pieces[5], body.inertia.inertia)
        external = ExternalWrenches(*pieces[6:], wrenches.segments)
        return g @ inverse_dynamics_compiled(*pieces[:4], inertia, external)

    flat = torch.cat([x.reshape(-1) for x in parts]).requires_grad_()
    (analytic,) = torch.autograd.grad(loss(flat), flat)
    with torch.no_grad():
        # The loss is about 1e4 N m: rounding leaves 1e-6 in a central difference.
        assert_jacobian(
            analytic, loss, flat.detach(), step=1e-5, tolerance=1e-8
        )


def test_threads_share_the_work() -> None:
    motion, body = random_motion(5, 3000), average_body()
    before = torch.get_num_threads()
    results = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        q = motion[0].clone().requires_grad_()
        tau = inverse_dynamics_compiled(q, *motion[1:], *body)
        results.append(
            (tau.detach(), *torch.autograd.grad(tau.square().sum(), q))
        )
    torch.set_num_threads(before)
    for one, many in zip(*results, strict=True):
        assert torch.equal(one, many)
    torch.testing.assert_close(results[0][0], inverse_dynamics(*motion, *body))


def test_float32() -> None:
    motion, body = random_motion(6, 50), average_body()
    exact = inverse_dynamics(*motion, *body)
    inertia = BodyInertia(*(x.float() for x in body.inertia))
    single = inverse_dynamics_compiled(
        *(x.float() for x in motion), body.lengths_m.float(), inertia
    )
    assert single.dtype == torch.float32
    assert (single.double() - exact).abs().max() <= 1e-5 * exact.abs().max()


def test_sines_of_many_turns() -> None:
    """Its own sine and cosine hold to the last digits over hundreds of turns; q is unwrapped, so it may grow."""
    from musclepose.benchmark.kernels.layout import LANES, RECORD
    from musclepose.benchmark.kernels.newton_euler import (
        S_COS,
        S_SIN,
        SINCOS,
        sines,
    )

    rows, n = np.zeros(2 * RECORD), 3 * LANES
    for top in (0.8, 7.0, 1000.0):
        angles = np.random.default_rng(0).uniform(-top, top, n)
        rows[S_SIN : S_SIN + n] = angles
        sines(rows, SINCOS)
        np.testing.assert_allclose(
            rows[S_SIN : S_SIN + n], np.sin(angles), rtol=0, atol=3e-16
        )
        np.testing.assert_allclose(
            rows[S_COS : S_COS + n], np.cos(angles), rtol=0, atol=3e-16
        )


def test_nan_stays_in_its_frame() -> None:
    motion, body = random_motion(8, 20), average_body()
    motion[0][5, 10] = float("nan")
    tau = inverse_dynamics_compiled(*motion, *body)
    assert tau[5].isnan().any()
    assert not tau[[i for i in range(20) if i != 5]].isnan().any()


def test_it_refuses_what_it_cannot_do() -> None:
    """torch.func, other float types and empty batches."""
    motion, body = random_motion(9, 2), average_body()
    with pytest.raises(InputError, match="torch.func"):
        torch.vmap(lambda *m: inverse_dynamics_compiled(*m, *body))(*motion)
    for wrong in ([x[:0] for x in motion], [x.half() for x in motion]):
        with pytest.raises(InputError, match="one float type"):
            inverse_dynamics_compiled(*wrong, *body)
