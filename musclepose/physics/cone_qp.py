"""A small quadratic program per frame, coupled in time, inside a polyhedral cone; batched and differentiable.

    min_x  sum_t 1/2 x_t' H_t x_t + g_t' x_t  +  1/2 sum_t (x_{t+1} - x_t)' diag(s) (x_{t+1} - x_t)
    s.t.   C_t x_t >= 0

Primal-dual interior point (Nocedal and Wright 2006, section 16.6) with a fixed last barrier weight, so the answer is a
smooth function of H, g and C. Every Newton system is block tridiagonal with diagonal coupling, hence banded with
bandwidth n, and takes one banded Cholesky per clip. Gradients come from the implicit function theorem: one more Newton
step, differentiable in H, g and C with its matrix held fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import cho_solve_banded, cholesky_banded
from torch import Tensor

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Solver:
    """Interior-point settings."""

    barrier: float = (
        1e-3  # last barrier weight: slack times multiplier at the answer
    )
    iterations: int = 200  # upper bound; 15 to 50 are used
    centring: float = 0.1  # next barrier weight / mean complementarity
    tolerance: float = (
        1e-9  # on the Newton step, relative to the largest unknown
    )


def banded_cholesky(
    blocks: Float[Array, "t n n"], coupling: Float[Array, " n"]
) -> Array:
    """Cholesky factor of block_tridiag(blocks, -diag(coupling)) in LAPACK lower band storage (n + 1, t n)."""
    t, n, _ = blocks.shape
    band = np.zeros((n + 1, t, n))
    row, column = np.tril_indices(n)
    band[row - column, :, column] = blocks[:, row, column].T
    band[n, :-1] = -coupling
    return cholesky_banded(
        band.reshape(n + 1, t * n), lower=True, check_finite=False
    )


def banded_solve(factor: Array, rhs: Float[Array, "t n"]) -> Array:
    """Solve with a factor of `banded_cholesky`."""
    return cho_solve_banded(
        (factor, True), rhs.reshape(-1), check_finite=False
    ).reshape(rhs.shape)


def smoothing_gradient(x: Any, coupling: Any) -> Any:
    """Gradient of 1/2 sum_t |x_{t+1} - x_t|^2_s, for numpy arrays (t, n) and tensors (..., t, n)."""
    step = (x[..., 1:, :] - x[..., :-1, :]) * coupling
    if isinstance(x, Tensor):
        pad = torch.nn.functional.pad
        return pad(step, (0, 0, 1, 0)) - pad(step, (0, 0, 0, 1))
    out = np.zeros_like(x)
    out[..., 1:, :] += step
    out[..., :-1, :] -= step
    return out


def _neighbours(t: int) -> Array:
    count = np.full((t, 1), 2.0)
    count[0] -= 1.0
    count[-1] -= 1.0
    return count


def _largest_step(value: Array, change: Array) -> float:
    falling = change < 0.0
    if not falling.any():
        return 1.0
    to_zero = -value[falling] / change[falling]
    return min(1.0, 0.995 * float(to_zero.min()))


def _times(matrix: Array, x: Array) -> Array:
    """(t, m): matrix (t, m, n) times x (t, n), frame by frame."""
    return (matrix @ x[..., None])[..., 0]


def _interior_point(
    H: Array, g: Array, C: Array, coupling: Array, x: Array, solver: Solver
) -> tuple[Array, Array]:
    """One clip: x (t, n) and the factor of the Newton matrix at the last barrier weight.

    One piece because it is one primal-dual Newton iteration, every line of which reads the lines above it.
    """
    t, n = x.shape
    eye = np.arange(n)
    H = H.copy()
    H[:, eye, eye] += _neighbours(t) * coupling
    Ct = np.ascontiguousarray(C.transpose(0, 2, 1))

    def newton_factor(stiffness: Array) -> Array:
        walls = (Ct * stiffness[:, None, :]) @ C
        return banded_cholesky(H + walls, coupling)

    def gradient_at(x: Array) -> Array:
        return _times(H, x) + g + _cross(x, coupling)

    s = _times(C, x)
    guess = float(np.abs(gradient_at(x)).mean() * s.mean()) * 0.1
    mu = max(solver.barrier, guess)
    z = mu / s
    for _ in range(solver.iterations):
        complementarity = float((s * z).mean())
        mu = max(solver.barrier, solver.centring * min(mu, complementarity))
        factor = newton_factor(z / s)
        dx = banded_solve(factor, _times(Ct, mu / s) - gradient_at(x))
        ds = _times(C, dx)
        dz = (mu - z * ds) / s - z
        a = _largest_step(s, ds)
        b = _largest_step(z, dz)
        x = x + a * dx
        z = z + b * dz
        s = s + a * ds
        done = mu <= solver.barrier and a == 1.0 and b == 1.0
        if done and np.abs(dx).max() <= solver.tolerance * (
            1.0 + np.abs(x).max()
        ):
            break
    s = _times(C, x)
    return x, newton_factor(solver.barrier / s**2)


def _cross(x: Array, coupling: Array) -> Array:
    """Off-diagonal part of the coupling times x."""
    return smoothing_gradient(x, coupling) - _neighbours(len(x)) * coupling * x


class _NewtonStep(torch.autograd.Function):
    """K^-1 r for every clip with the given factors; the backward pass is the same solve (K is symmetric)."""

    @staticmethod
    def forward(ctx: Any, residual: Tensor, factors: list[Array]) -> Tensor:
        ctx.factors = factors
        return _solve_all(factors, residual)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return _solve_all(ctx.factors, grad), None


def _solve_all(factors: list[Array], rhs: Tensor) -> Tensor:
    clips = zip(factors, rhs.detach().cpu().numpy(), strict=True)
    rows = [banded_solve(factor, one) for factor, one in clips]
    return torch.as_tensor(np.stack(rows), dtype=rhs.dtype, device=rhs.device)


def solve_cone_qp(
    H: Float[Tensor, "b t n n"],
    g: Float[Tensor, "b t n"],
    C: Float[Tensor, "b t m n"],
    coupling: Float[Tensor, " n"],
    x_inside: Float[Tensor, "b t n"],
    solver: Solver = Solver(),
) -> tuple[Float[Tensor, "b t n"], list[Array]]:
    """The minimiser, and per clip the factor of its Newton matrix (for sensitivities).

    All float64. `x_inside` is any point with C x > 0. The search runs on the CPU without a tape; gradients flow to H, g
    and C through the last step, x = x* - K^-1 F(x*), F = H x + g + coupling - C' (mu / C x). Where the search ended
    early, that step is cut at the wall of the cone: the answer may be worse than the best, but never outside.
    """
    arrays = [v.detach().cpu().numpy() for v in (H, g, C, x_inside)]
    s = coupling.detach().cpu().numpy()
    answers, factors = [], []
    for Hb, gb, Cb, xb in zip(*arrays, strict=True):
        x_one, factor = _interior_point(Hb, gb, Cb, s, xb, solver)
        answers.append(x_one)
        factors.append(factor)
    x = torch.as_tensor(np.stack(answers), dtype=H.dtype, device=H.device)
    residual = optimality(H, g, C, coupling, x, solver.barrier)
    step = _NewtonStep.apply(residual, factors)
    return x - _share_inside(x, step, C) * step, factors


@torch.no_grad()
def _share_inside(x: Tensor, step: Tensor, C: Tensor) -> Tensor:
    """(b, 1, 1): how much of `-step` each clip can take without leaving the cone."""
    slack = (C @ x.unsqueeze(-1)).squeeze(-1)
    loss = (C @ step.unsqueeze(-1)).squeeze(-1)
    to_wall = 0.995 * slack / loss.clamp_min(1e-300)
    share = torch.where(loss > 0, to_wall, 1.0)
    return share.amin((1, 2)).clamp(0.0, 1.0)[:, None, None]


def optimality(
    H: Tensor, g: Tensor, C: Tensor, coupling: Tensor, x: Tensor, barrier: float
) -> Tensor:
    """F(x) = H x + g + coupling(x) - C' (mu / C x); zero at the answer."""
    slack = (C @ x.unsqueeze(-1)).clamp_min(1e-300)
    pull = (C.mT @ (barrier / slack)).squeeze(-1)
    Hx = (H @ x.unsqueeze(-1)).squeeze(-1)
    return Hx + g + smoothing_gradient(x, coupling) - pull
