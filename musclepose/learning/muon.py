"""Muon (Jordan 2024) in the precision of its gradients.

torch.optim.Muon orthogonalises in bfloat16 whatever the machine; on a CPU without bf16 units that one step takes longer
than the rest of the training step. Coefficients, momentum and rate are torch's, `match_rms_adamw` included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

NEWTON_SCHULZ = (
    3.4445,
    -4.7750,
    2.0315,
)  # steepest at zero; singular values end between 0.7 and 1.2
ITERATIONS = 5


def orthogonalised(matrices: Float[Tensor, "k m n"]) -> Float[Tensor, "k m n"]:
    """U V^T of each matrix, nearly, by Newton-Schulz iterations."""
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(
            x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a
        )
    return x.mT if tall else x


def _by_shape(params: Iterable[Tensor]) -> list[list[Tensor]]:
    """The parameters that have a gradient, those of one shape together."""
    groups: dict[torch.Size, list[Tensor]] = {}
    for p in params:
        if p.grad is not None:
            groups.setdefault(p.shape, []).append(p)
    return list(groups.values())


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose update is made orthogonal; every parameter is a matrix."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(
            params,
            {"lr": lr, "weight_decay": weight_decay, "momentum": momentum},
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update of all parameters that have a gradient; a closure is not supported."""
        if closure is not None:
            raise ValueError(
                "Muon takes no closure; compute the gradients first."
            )
        for group in self.param_groups:
            for alike in _by_shape(group["params"]):
                self._update(alike, group)

    def _update(self, params: list[Tensor], group: dict[str, Any]) -> None:
        """Parameters of one shape in one go: on a GPU the launches of single ones take longer than their work."""
        for p in params:
            if not self.state[p]:
                self.state[p]["momentum_buffer"] = torch.zeros_like(p)
        gradients = [g for p in params if (g := p.grad) is not None]
        buffers = [self.state[p]["momentum_buffer"] for p in params]
        torch._foreach_lerp_(buffers, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, buffers, group["momentum"])
        updates = orthogonalised(torch.stack(tuple(ahead))).unbind(0)
        rate = 0.2 * math.sqrt(max(params[0].shape)) * group["lr"]
        torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(params, updates, alpha=-rate)
