"""One of the processes of test_team.py: trains a small network and writes its weights."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

from musclepose.learning.team import Alone, team_of
from musclepose.learning.trainer import TrainConfig, Trainer

STEPS = 12
Pair = tuple[torch.Tensor, torch.Tensor]


class Small(nn.Module):
    """Matrices in `layers` (trained by Muon), a head (by AdamW), and a part that no loss reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, self.head = (
            nn.ModuleList([nn.Linear(3, 3)]),
            nn.Linear(3, 1),
        )
        self.idle = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What is trained, and what is not."""
        hidden = self.layers[0](x)
        return self.head(hidden), self.idle(hidden)


def batch(number: int) -> Pair:
    """(8, 3) and (8, 1)."""
    g = torch.Generator().manual_seed(number)
    x = torch.randn(8, 3, generator=g)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]])


def both(step: int) -> Pair:
    """What two processes see in one step, as one batch."""
    parts = batch(2 * step), batch(2 * step + 1)
    x, y = (torch.cat(some) for some in zip(*parts, strict=True))
    return x, y


def loss(
    model: nn.Module, pair: Pair, _progress: float
) -> dict[str, torch.Tensor]:
    """A mean over the batch, so that the mean of two batches is that of both together."""
    told, _ = model(pair[0])
    return {"total": (told - pair[1]).square().mean()}


def trainer(make: type | object, team: Alone) -> Trainer:
    """From the same start in every process."""
    torch.manual_seed(0)
    config = TrainConfig(
        STEPS, minutes=60, learning_rate=0.05, warmup_steps=2, log_every=4
    )
    return Trainer(Small(), loss, make, config, team=team)  # type: ignore[arg-type]


def main(folder: Path) -> None:
    """Train in the team, then write this process's weights and log."""
    team = team_of("cpu")
    member = trainer(batch, team)
    member.run(
        folder / "state.pt",
        lambda row: print(f"told by {team.number}: {row['step']}"),
    )
    kept = {
        "weights": member.model.state_dict(),
        "log": str(member.state.log),
        "size": team.size,
    }
    torch.save(kept, folder / f"member-{team.number}.pt")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
