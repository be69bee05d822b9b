"""The one checker that every hand-written derivative meets: central differences in float64."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_jacobian(
    f: Callable[[Tensor], Tensor], x: Tensor, step: float = 1e-6
) -> Tensor:
    """d f / d x of shape (*f.shape, *x.shape) by central differences; x must be float64."""
    assert x.dtype == torch.float64
    columns = []
    for i in range(x.numel()):
        e = torch.zeros(x.numel(), dtype=x.dtype)
        e[i] = step
        e = e.reshape(x.shape)
        columns.append((f(x + e) - f(x - e)) / (2.0 * step))
    return torch.stack(columns, -1).reshape((*columns[0].shape, *x.shape))


def assert_jacobian(
    analytic: Tensor,
    f: Callable[[Tensor], Tensor],
    x: Tensor,
    step: float = 1e-6,
    tolerance: float = 1e-8,
) -> None:
    """`analytic` equals the central difference of f at x; error relative to its largest entry (at least 1).

    With a step of 1e-6 the truncation error is about 1e-12 and the rounding error about 1e-10 of the value of f.
    """
    numeric = numerical_jacobian(f, x, step)
    assert analytic.shape == numeric.shape, (
        f"{tuple(analytic.shape)} against {tuple(numeric.shape)}"
    )
    error = (analytic - numeric).abs().max().item()
    scale = max(1.0, numeric.abs().max().item())
    assert error <= tolerance * scale, (
        f"largest error {error:.3g}, largest entry {scale:.3g}"
    )
