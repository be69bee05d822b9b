"""Muon: its update is orthogonal, and it takes the steps of torch's own, which rounds to bfloat16."""

from __future__ import annotations

import pytest
import torch

from musclepose.learning.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(24, 60), (60, 24), (32, 32)])
def test_singular_values_go_near_one_and_directions_stay(
    shape: tuple[int, int],
) -> None:
    g = torch.Generator().manual_seed(0)
    matrix = torch.randn(shape, generator=g)
    made = orthogonalised(torch.stack((torch.ones(shape), matrix)))[1]
    values = torch.linalg.svdvals(made)
    assert (
        made.shape == shape
        and float(values.max()) < 1.3
        and float(values.median()) > 0.6
    )
    u, _, vt = torch.linalg.svd(matrix, full_matrices=False)
    along = u.T @ made @ vt.T  # diagonal where the singular directions are kept
    assert float((along - along.diag().diag()).abs().max()) < 1e-3


def test_it_steps_like_torchs() -> None:
    g = torch.Generator().manual_seed(1)
    start = torch.randn(40, 96, generator=g)
    ours, theirs = (
        torch.nn.Parameter(start.clone()),
        torch.nn.Parameter(start.clone()),
    )
    mine = Muon([ours], 0.02, 0.1)
    torchs = torch.optim.Muon(
        [theirs],
        lr=0.02,
        weight_decay=0.1,
        momentum=0.95,
        adjust_lr_fn="match_rms_adamw",
    )
    for _ in range(5):
        gradient = torch.randn(40, 96, generator=g)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        mine.step()
        torchs.step()
    moved = float((ours - start).detach().norm())
    assert float((ours - theirs).detach().norm()) < 0.02 * moved  # bfloat16


def test_parameters_of_one_shape_do_not_mix() -> None:
    """Each of several matrices goes where it would go alone; one without a gradient stays."""
    g = torch.Generator().manual_seed(2)
    start = torch.randn(3, 8, 20, generator=g)
    gradient = torch.randn(3, 8, 20, generator=g)
    together = [torch.nn.Parameter(s.clone()) for s in start]
    idle = torch.nn.Parameter(start[0].clone())
    optimizer = Muon([*together, idle], 0.05, 0.1)
    alone = [torch.nn.Parameter(s.clone()) for s in start]
    singles = [Muon([p], 0.05, 0.1) for p in alone]
    for scale in (1.0, -0.3, 2.0):
        for k in range(3):
            together[k].grad = scale * gradient[k]
            alone[k].grad = scale * gradient[k]
            singles[k].step()
        optimizer.step()
    for one, other in zip(together, alone, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    assert torch.equal(idle, start[0])


def test_a_closure_is_refused() -> None:
    with pytest.raises(ValueError, match="closure"):
        Muon([torch.nn.Parameter(torch.ones(2, 2))], 0.1).step(lambda: 0.0)
