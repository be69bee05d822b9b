"""Processes that train together, one a GPU, through accelerate:

    accelerate launch --multi_gpu --num_processes 4 -m musclepose.train --data_dir motion.npz --minutes 60

Each process makes batches of its own; accelerate (torch's DistributedDataParallel beneath it) averages their gradients
before each update, so that all keep the same weights. A process alone uses none of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from musclepose.errors import InputError

if TYPE_CHECKING:
    from accelerate import Accelerator


class Alone:
    """One process: nothing is shared."""

    number, size = 0, 1

    def device(self, asked: str) -> torch.device:
        """Where this process computes."""
        return torch.device(asked)

    def shared(self, module: nn.Module) -> nn.Module:
        """The module whose gradients are those of all processes."""
        return module

    def backward(self, total: Tensor) -> None:
        """Gradients of a loss."""
        total.backward()

    def mean(self, value: Tensor) -> Tensor:
        """Of the values of all processes."""
        return value

    def first_said(self, value: float) -> float:
        """The value that the first process has."""
        return value

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """The first process goes through the block before the others: what it writes, they find."""
        yield

    @property
    def is_first(self) -> bool:
        """Whether this process prints and writes."""
        return self.number == 0


class Team(Alone):
    """Several processes, started by `accelerate launch` or `torchrun`."""

    def __init__(self, asked: str) -> None:
        try:
            from accelerate import Accelerator, DistributedDataParallelKwargs
        except ImportError as error:
            said = 'training in several processes needs accelerate: pip install "musclepose[coach]".'
            raise InputError(said) from error
        # No loss reaches some heads (motion_training.with_neutral_heads).
        unused = DistributedDataParallelKwargs(find_unused_parameters=True)
        self._of: Accelerator = Accelerator(
            cpu=asked == "cpu", kwargs_handlers=[unused]
        )
        self.number, self.size = self._of.process_index, self._of.num_processes

    def device(self, asked: str) -> torch.device:
        """A GPU of its own, or the processor."""
        return self._of.device

    def shared(self, module: nn.Module) -> nn.Module:
        """The module, wrapped."""
        wrapped: nn.Module = self._of.prepare_model(module)
        return wrapped

    def backward(self, total: Tensor) -> None:
        """Gradients, averaged over the processes."""
        self._of.backward(total)

    def mean(self, value: Tensor) -> Tensor:
        """Of the values of all processes."""
        reduced = self._of.reduce(value, reduction="mean")
        assert isinstance(reduced, Tensor)
        return reduced

    def first_said(self, value: float) -> float:
        """The value that the first process has."""
        from accelerate.utils import broadcast

        told = broadcast(
            torch.tensor(value, dtype=torch.float64, device=self._of.device)
        )
        assert isinstance(told, Tensor)
        return float(told)

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """The first process goes through the block before the others."""
        with self._of.main_process_first():
            yield


def team_of(device: str) -> Alone:
    """The processes that a launcher started, or this one alone."""
    return (
        Team(device) if int(os.environ.get("WORLD_SIZE", "1")) > 1 else Alone()
    )
