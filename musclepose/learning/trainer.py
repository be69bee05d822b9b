"""The training loop: resumable to the step, batches made ahead by another process, averaged weights."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from musclepose.errors import InputError
from musclepose.learning.muon import Muon
from musclepose.learning.team import Alone

Batch = Any
LossFn = Callable[
    [nn.Module, Batch, float], dict[str, Tensor]
]  # model, batch, share of the run that is done


@dataclass(frozen=True)
class TrainConfig:
    """How long and how fast to train."""

    steps: int = 2000
    minutes: float = 0.0  # where given, the schedule follows the training clock and ends with it
    learning_rate: float = 1e-3  # of AdamW: biases, norms, embeddings and heads
    matrix_learning_rate: float = (
        2.5e-3  # of Muon: the encoder's matrices; 0 gives them to AdamW too
    )
    warmup_steps: int = 100
    weight_decay: float = 0.02
    gradient_clip: float = 5.0
    average_decay: float = 0.999
    seed: int = 0
    save_every: int = 200
    log_every: int = 50


@dataclass
class TrainState:
    """What a resumed run needs besides the weights."""

    step: int = 0
    seconds: float = 0.0
    log: list[dict[str, float]] = field(default_factory=list)


def progress_of(state: TrainState, config: TrainConfig) -> float:
    """Share of the run that is done, by steps or, where minutes are given, by whichever is further."""
    by_time = (
        state.seconds / (60.0 * config.minutes) if config.minutes > 0 else 0.0
    )
    return max(by_time, state.step / config.steps)


def schedule(state: TrainState, config: TrainConfig) -> float:
    """Share of the peak learning rate: linear warm-up, then a cosine to 2 %."""
    if state.step < config.warmup_steps:
        return (state.step + 1) / config.warmup_steps
    return 0.02 + 0.98 * 0.5 * (
        1.0 + math.cos(math.pi * min(progress_of(state, config), 1.0))
    )


def optimizers_for(
    model: nn.Module, config: TrainConfig
) -> tuple[list[torch.optim.Optimizer], list[float]]:
    """Muon (Jordan 2024) for the matrices of the encoder's layers, AdamW for the rest; and their peak rates.

    docs/training.md: Muon reaches the error of 600 AdamW steps in 100.
    """
    layers = "layers." if config.matrix_learning_rate > 0 else "(none)"
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    matrices = [p for n, p in named if p.ndim == 2 and layers in n]
    others = [p for n, p in named if not (p.ndim == 2 and layers in n)]
    made: list[torch.optim.Optimizer] = []
    rates = []
    if others:
        made.append(
            torch.optim.AdamW(
                others,
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                betas=(0.9, 0.98),
            )
        )
        rates.append(config.learning_rate)
    if matrices:
        made.append(
            Muon(matrices, config.matrix_learning_rate, config.weight_decay)
        )
        rates.append(config.matrix_learning_rate)
    return made, rates


class _Numbered(Dataset[Batch]):
    """Batches by number, for a loader process."""

    def __init__(self, make: Callable[[int], Batch]) -> None:
        self.make = make

    def __getitem__(self, step: int) -> Batch:
        return self.make(step)


def _one_thread(_worker: int) -> None:
    torch.set_num_threads(1)


def _as_it_is(batch: Batch) -> Batch:
    return batch


DEVICES = ("cpu", "cuda")


def default_device() -> str:
    """A GPU where torch has one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Tensors of nested (named) tuples on `device`; everything else as it is."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, tuple):
        moved = (to_device(part, device) for part in batch)
        return (
            type(batch)(*moved) if hasattr(batch, "_fields") else tuple(moved)
        )
    return batch


def prefetch(
    make: Callable[[int], Batch],
    first: int,
    last: int,
    workers: int = 1,
    every: int = 1,
) -> Iterator[Batch]:
    """Batches first, first + every, ... below `last`, made ahead by other processes (a thread would share the
    interpreter's lock)."""
    loader = DataLoader(
        _Numbered(make),
        batch_size=None,
        collate_fn=_as_it_is,  # torch's own turns a tuple into a list, which `to_device` would leave on the CPU
        sampler=range(first, last, every),
        num_workers=workers,
        prefetch_factor=2,
        worker_init_fn=_one_thread,
    )
    return iter(loader)


class _Terms(nn.Module):
    """A loss as one module, so that processes that train together can share its gradients."""

    def __init__(self, model: nn.Module, loss: LossFn) -> None:
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """All terms; gradients come from the total alone."""
        terms = self.loss(self.model, batch, progress)
        return {k: v if k == "total" else v.detach() for k, v in terms.items()}


class Trainer:
    """Optimises `model` on numbered batches; batch n depends on n alone, so a resumed run sees the same data.

    In a team, step n takes the batches n * size to n * size + size - 1, one a process.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: LossFn,
        make_batch: Callable[[int], Batch],
        config: TrainConfig,
        device: str = "cpu",
        workers: int = 1,
        team: Alone | None = None,
    ) -> None:
        """Batches are made on the CPU by `workers` processes and moved to `device`, where the model lives.

        team: the processes that train together; none: this one alone.
        """
        if device == "cuda" and not torch.cuda.is_available():
            raise InputError(
                "--device cuda came, but torch sees no CUDA GPU here; leave --device out or say cpu."
            )
        self.team = team or Alone()
        self.device, self.workers = self.team.device(device), workers
        self.model, self.make_batch, self.config = (
            model.to(self.device),
            make_batch,
            config,
        )
        self.terms = self.team.shared(_Terms(self.model, loss))
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.optimizers, self.rates = optimizers_for(model, config)
        self.average = {
            k: v.detach().clone() for k, v in model.state_dict().items()
        }
        self.state = TrainState()

    def resume(self, path: Path) -> bool:
        """Continue from `path` if it exists."""
        if not path.exists():
            return False
        saved = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        for optimizer, state in zip(
            self.optimizers, saved["optimizers"], strict=True
        ):
            optimizer.load_state_dict(state)
        self.average = saved["average"]
        self.state = TrainState(
            saved["step"], saved["seconds"], json.loads(saved["log"])
        )
        return True

    def start_from(self, path: Path) -> None:
        """A new run from the averaged weights and the optimizers' moments of another."""
        if not path.is_file():
            raise InputError(
                f"There is no training state {path}; give the state.pt of an earlier run."
            )
        saved = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["average"])
        for optimizer, state in zip(
            self.optimizers, saved["optimizers"], strict=True
        ):
            optimizer.load_state_dict(state)
        self.average = {
            k: v.detach().clone() for k, v in self.model.state_dict().items()
        }

    def save(self, path: Path) -> None:
        """Write everything that a resumed run needs, atomically."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [o.state_dict() for o in self.optimizers],
                "average": self.average,
                "step": self.state.step,
                "seconds": self.state.seconds,
                "log": json.dumps(self.state.log),
                "config": asdict(self.config),
            },
            temporary,
        )
        temporary.replace(path)

    def _update_average(self) -> None:
        decay = min(
            self.config.average_decay,
            (1 + self.state.step) / (10 + self.state.step),
        )
        now = self.model.state_dict()
        with torch.no_grad():
            torch._foreach_lerp_(
                [self.average[n] for n in now], list(now.values()), 1.0 - decay
            )

    def _step(self, batch: Batch) -> dict[str, Tensor]:
        """One update; the terms and the gradient's norm stay on the device, because reading them makes a GPU wait."""
        share = schedule(self.state, self.config)
        batch = to_device(batch, self.device)
        terms = self.terms(
            batch, min(progress_of(self.state, self.config), 1.0)
        )
        self.model.zero_grad(set_to_none=True)
        self.team.backward(terms["total"])
        norm = nn.utils.clip_grad_norm_(
            self.parameters, self.config.gradient_clip
        )
        if torch.isfinite(norm):
            for optimizer, rate in zip(
                self.optimizers, self.rates, strict=True
            ):
                for group in optimizer.param_groups:
                    group["lr"] = rate * share
                optimizer.step()
        self._update_average()
        return {name: value.detach() for name, value in terms.items()} | {
            "gradient": norm
        }

    def _batches(self) -> Iterator[Batch]:
        """Those of this process, from the present step on."""
        size = self.team.size
        first, last = (
            size * step + self.team.number
            for step in (self.state.step, self.config.steps)
        )
        return prefetch(self.make_batch, first, last, self.workers, size)

    def _clock(self, seconds: float) -> float:
        """The training clock; by it a team must end in the same step."""
        return (
            self.team.first_said(seconds)
            if self.config.minutes > 0
            else seconds
        )

    def run(
        self,
        path: Path,
        report: Callable[[dict[str, float]], None] = lambda _: None,
    ) -> None:
        """Train to config.steps, saving to `path` and reporting means of the terms (the first process of a team)."""
        self.model.train()
        sums: dict[str, Tensor] = {}
        count, mark = 0, time.monotonic()
        for batch in self._batches():
            for name, value in self._step(batch).items():
                sums[name] = sums[name] + value if name in sums else value
            count += 1
            self.state.step += 1
            now = time.monotonic()
            self.state.seconds, mark = (
                self._clock(self.state.seconds + now - mark),
                now,
            )
            done = progress_of(self.state, self.config) >= 1.0
            if self.state.step % self.config.log_every == 0 or done:
                row = {
                    "step": self.state.step,
                    "seconds": self.state.seconds,
                } | {
                    k: float(self.team.mean(v)) / count for k, v in sums.items()
                }
                self.state.log.append(row)
                if self.team.is_first:
                    report(row)
                sums, count = {}, 0
            if self.team.is_first and (
                self.state.step % self.config.save_every == 0 or done
            ):
                self.save(path)
            if done:
                return
