"""Muon: its update is orthogonal, and it takes the steps of torch's own, which rounds to bfloat16."""

from __future__ import annotations

import pytest
import torch

from musclepose.learning.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(24, 60), (60, 24), (32, 32)])
def test_singular_values_go_near_one_and_directions_stay(shape: tuple[int, int]) -> None:
    g = torch.Generator().manual_seed(0)
    matrix = torch.randn(shape, generator=g)
    made = orthogonalised(matrix)
    values = torch.linalg.svdvals(made)
    assert made.shape == shape and float(values.max()) < 1.3 and float(values.median()) > 0.6
    u, _, vt = torch.linalg.svd(matrix, full_matrices=False)
    along = u.T @ made @ vt.T  # diagonal where the singular directions are kept
    assert float((along - along.diag().diag()).abs().max()) < 1e-3


def test_it_steps_like_torchs() -> None:
    g = torch.Generator().manual_seed(1)
    start = torch.randn(40, 96, generator=g)
    ours, theirs = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    mine = Muon([ours], 0.02, 0.1)
    torchs = torch.optim.Muon(
        [theirs], lr=0.02, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw"
    )
    for _ in range(5):
        gradient = torch.randn(40, 96, generator=g)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        mine.step()
        torchs.step()
    moved = float((ours - start).detach().norm())
    assert float((ours - theirs).detach().norm()) < 0.02 * moved  # bfloat16


def test_a_closure_is_refused() -> None:
    with pytest.raises(ValueError, match="closure"):
        Muon([torch.nn.Parameter(torch.ones(2, 2))], 0.1).step(lambda: 0.0)
