"""Training of the motion network: what is trained, its loss, and where a run starts and ends."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from musclepose.data.tokens import Tokens
from musclepose.learning.losses import (
    N_READOUT,
    Truth,
    loss_terms,
    true_body,
    weighted_sum,
    weights_at,
)
from musclepose.learning.trainer import Trainer, to_device
from musclepose.models.checkpoint import load_checkpoint
from musclepose.models.decode import decode
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO, NetworkOut
from musclepose.utils.cpu import trains_in_bf16

FIRST_LAYER = "encoder.embed.0.weight"


class MotionTraining(nn.Module):
    """The network with a linear readout of root-relative points (statures) that helps the encoder to learn."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.network = MusclePoseCOCO(config)
        self.readout = nn.Linear(config.width, 3 * N_READOUT)

    def forward(self, tokens: Tokens) -> tuple[NetworkOut, Tensor]:
        """Network outputs and points (B, T, 35, 3)."""
        out = self.network(tokens, bf16=trains_in_bf16(tokens.features.device))
        return out, self.readout(out.phi).unflatten(-1, (N_READOUT, 3))


def motion_loss(
    model: nn.Module, batch: tuple[Tokens, Truth], progress: float
) -> dict[str, Tensor]:
    """All terms and their weighted total."""
    tokens, truth = batch
    out, readout = model(tokens)
    motion = decode(out.raw, tokens.stature_m, tokens.stature_known)
    terms = loss_terms(
        out.raw, motion, truth, readout * truth.stature_m[:, None, None, None]
    )
    return terms | {"total": weighted_sum(terms, weights_at(progress))}


def widened(
    weights: dict[str, Tensor], config: ModelConfig
) -> dict[str, Tensor]:
    """Weights of a network that reads fewer features, for one that reads more at the end, ignored at first."""
    first = weights[FIRST_LAYER]
    lack = config.token_dim - first.shape[1]
    return weights | {FIRST_LAYER: nn.functional.pad(first, (0, lack))}


@torch.no_grad()
def start_from_checkpoint(
    trainer: Trainer, path: Path, batch: tuple[Tokens, Truth]
) -> None:
    """Weights of a released network, and the readout that fits `batch` best: a random one would pull at the encoder."""
    training = trainer.model
    assert isinstance(training, MotionTraining)
    network, _ = load_checkpoint(path)
    training.network.load_state_dict(
        widened(network.state_dict(), training.network.config)
    )
    tokens, truth = to_device(batch, trainer.device)
    points = true_body(truth).points - truth.q[..., None, :3]
    share = (
        (points[..., :N_READOUT, :] / truth.stature_m[:, None, None, None])
        .flatten(-2)
        .flatten(0, 1)
    )
    phi = torch.nn.functional.pad(
        training.network(tokens).phi.flatten(0, 1), (0, 1), value=1.0
    )
    ridge = 1e-3 * len(phi) * torch.eye(phi.shape[1], device=phi.device)
    weight = torch.linalg.solve(phi.T @ phi + ridge, phi.T @ share)
    training.readout.weight.copy_(weight[:-1].T)
    training.readout.bias.copy_(weight[-1])
    trainer.average = {
        k: v.detach().clone() for k, v in training.state_dict().items()
    }


def averaged_model(trainer: Trainer, config: ModelConfig) -> MusclePoseCOCO:
    """A copy with the running average of the weights."""
    training = MotionTraining(config)
    training.load_state_dict(trainer.average)
    return training.network.eval()


@torch.no_grad()
def with_neutral_heads(model: MusclePoseCOCO) -> MusclePoseCOCO:
    """The heads that no loss of this run reaches (activation, GRFM residual, mass correction) say exactly nothing:
    the published tables and models stand as they are."""
    for layer in (model.muscle[2], model.mass):
        assert isinstance(layer, nn.Linear)
        layer.weight.zero_()
        layer.bias.zero_()
    return model
