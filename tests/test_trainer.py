"""Training resumes to the step: interrupted and uninterrupted runs end with the same weights."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from musclepose.learning.trainer import (
    TrainConfig,
    Trainer,
    TrainState,
    prefetch,
    schedule,
    to_device,
)


class _Small(nn.Module):
    """Matrices in `layers` (trained by Muon) and a head (by AdamW)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, self.head = (
            nn.ModuleList([nn.Linear(3, 3)]),
            nn.Linear(3, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers[0](x))


def _batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(step)
    x = torch.randn(8, 3, generator=g)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]])


def _loss(
    model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], _progress: float
) -> dict[str, torch.Tensor]:
    return {"total": (model(batch[0]) - batch[1]).square().mean()}


def _trainer(steps: int) -> Trainer:
    torch.manual_seed(0)
    config = TrainConfig(
        steps=steps,
        learning_rate=0.05,
        warmup_steps=2,
        save_every=5,
        log_every=5,
    )
    return Trainer(_Small(), _loss, _batch, config)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = _trainer(20)
    whole.run(tmp_path / "whole.pt")
    first = _trainer(20)
    first.config = TrainConfig(
        steps=20, learning_rate=0.05, warmup_steps=2, save_every=5, log_every=5
    )
    for step in range(10):
        first._step(_batch(step))
        first.state.step += 1
    first.save(tmp_path / "part.pt")
    second = _trainer(20)
    assert second.resume(tmp_path / "part.pt") and second.state.step == 10
    second.run(tmp_path / "part.pt")
    for a, b in zip(
        whole.model.parameters(), second.model.parameters(), strict=True
    ):
        assert torch.equal(a, b)
    assert all(
        torch.equal(whole.average[k], second.average[k]) for k in whole.average
    )


def test_it_learns_and_the_log_says_so(tmp_path: Path) -> None:
    trainer = _trainer(200)
    trainer.run(tmp_path / "state.pt")
    log = trainer.state.log
    assert log[-1]["total"] < 0.02 * log[0]["total"]
    assert log[-1]["step"] == 200


def test_schedule_warms_up_and_ends_low_by_steps_or_clock() -> None:
    config = TrainConfig(steps=100, warmup_steps=10)
    assert (
        schedule(TrainState(0), config) < schedule(TrainState(5), config) < 1.0
    )
    assert schedule(TrainState(100), config) < 0.03
    clock = TrainConfig(steps=10**9, minutes=1.0, warmup_steps=10)
    assert (
        schedule(TrainState(50, 60.0), clock)
        < 0.03
        < 0.5
        < schedule(TrainState(50, 6.0), clock)
    )


class _Named(NamedTuple):
    x: torch.Tensor


def _named_batch(step: int) -> tuple[_Named, torch.Tensor]:
    return _Named(torch.full((2,), float(step))), torch.zeros(2)


def test_batches_arrive_as_they_were_made_and_move_whole() -> None:
    """A tuple that comes back as a list stayed on the CPU beside a model on the GPU."""
    (batch,) = prefetch(_named_batch, 3, 4)
    named, plain = to_device(batch, torch.device("meta"))
    assert isinstance(named, _Named) and isinstance(batch, tuple)
    assert named.x.device.type == plain.device.type == "meta"
    assert batch[0].x.tolist() == [3.0, 3.0]
