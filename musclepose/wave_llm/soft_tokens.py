"""Soft tokens of a clip: a reader over time before the PhysicsBridge, and the file that both are kept in.

The bridge's attention is a weighted mean over frames: without a sense of time it cannot count. `ClipReader` takes the
place of phi (the pose network's features, masked here: that network was still training when the bridge was made): a
few dilated convolutions over the physics, sums over the whole clip, which can count, and its largest values, which know
how deep and how hard it went.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from musclepose.errors import CheckpointError
from musclepose.models.musclepose import N_SOFT_TOKENS, PhysicsBridge
from musclepose.records import Analysis
from musclepose.wave_llm.soft_features import BRIDGE_HZ, features_of_analysis

N_PHYSICS = 217  # bridge_features without phi
PHI_DIM = 256
_SUMS, _PEAKS, _WIDTH = 48, 64, 128
_DILATIONS = (1, 2, 4, 8)
KIND = "musclepose-soft-tokens"


class ClipNorm(nn.Module):
    """Mean and spread over the channels and the real frames of a clip, so that padding changes nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.ones(width)),
            nn.Parameter(torch.zeros(width)),
        )

    def forward(
        self, x: Float[Tensor, "b c t"], keep: Float[Tensor, "b 1 t"]
    ) -> Float[Tensor, "b c t"]:
        """Normalised where `keep` is 1, else 0."""
        number = keep.sum((1, 2), keepdim=True) * x.shape[1]
        mean = (x * keep).sum((1, 2), keepdim=True) / number
        spread = ((x - mean).square() * keep).sum((1, 2), keepdim=True) / number
        return (
            (x - mean) * (spread + 1e-5).rsqrt() * self.weight[:, None]
            + self.bias[:, None]
        ) * keep


class ClipReader(nn.Module):
    """Standardised physics (B, T, 217) at 15 Hz -> (B, T, 256) features: local ones, sums and peaks of the clip."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv1d(N_PHYSICS, _WIDTH, 5, padding=2)
        self.blocks = nn.ModuleList(
            nn.Conv1d(_WIDTH, _WIDTH, 5, padding=2 * d, dilation=d)
            for d in _DILATIONS
        )
        self.norms = nn.ModuleList(ClipNorm(_WIDTH) for _ in _DILATIONS)
        self.rate = nn.Linear(_WIDTH, _SUMS)
        self.peak = nn.Linear(_WIDTH, _PEAKS)
        self.local = nn.Linear(_WIDTH, PHI_DIM - 2 * _SUMS - _PEAKS)
        nn.init.constant_(self.rate.bias, -2.0)

    def forward(self, physics: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Features, and the sums (B, 48) themselves; real (B, T) is True where a frame exists."""
        keep = real.unsqueeze(1).float()
        x = torch.nn.functional.gelu(self.enter(physics.mT)) * keep
        for block, norm in zip(self.blocks, self.norms, strict=True):
            x = (
                x
                + torch.nn.functional.gelu(block(norm(x.float(), keep))) * keep
            )
        x = x.mT
        rate = torch.nn.functional.softplus(self.rate(x)) * real.unsqueeze(-1)
        sums = rate.float().sum(1) / BRIDGE_HZ
        peaks = (
            self.peak(x)
            .float()
            .masked_fill(~real.unsqueeze(-1), -torch.inf)
            .amax(1)
        )
        clip = (
            torch.cat((sums * 0.3, torch.log1p(sums), peaks), -1)
            .unsqueeze(1)
            .expand(-1, x.shape[1], -1)
        )
        return torch.cat((self.local(x), clip), -1), sums


class SoftTokens(nn.Module):
    """Physics of a clip -> 8 soft tokens: standardise, `ClipReader`, `PhysicsBridge`."""

    mean: Tensor
    scale: Tensor

    def __init__(self, llm_dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(N_PHYSICS))
        self.register_buffer("scale", torch.ones(N_PHYSICS))
        self.reader = ClipReader()
        self.bridge = PhysicsBridge(llm_dim, phi_dim=PHI_DIM)
        self.base = nn.Parameter(torch.zeros(N_SOFT_TOKENS, llm_dim))
        self.gain = nn.Parameter(torch.ones(N_SOFT_TOKENS, 1))
        self.llm_dim = llm_dim

    @torch.no_grad()
    def start_at(self, centres: Tensor, spreads: Tensor) -> None:
        """Places the first k tokens among word embeddings with these centres and mean squared spreads."""
        self.base[: len(centres)] = centres
        self.base[len(centres) :] = centres.mean(0)
        self.gain[: len(spreads), 0] = (spreads / self.llm_dim).sqrt()
        self.gain[len(spreads) :] = (spreads.mean() / self.llm_dim).sqrt()

    def forward(
        self, physics: Float[Tensor, "b t 217"], real: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Soft tokens (B, 8, llm_dim), and the reader's sums (B, 48)."""
        real = (
            torch.ones(
                physics.shape[:2], dtype=torch.bool, device=physics.device
            )
            if real is None
            else real
        )
        x = ((physics - self.mean) / self.scale).clamp(
            -8.0, 8.0
        ) * real.unsqueeze(-1)
        phi, sums = self.reader(x, real)
        return self.base + self.gain * self.bridge(
            torch.cat((phi.float(), x), -1), ~real
        ), sums

    @torch.no_grad()
    def of_analysis(self, analysis: Analysis) -> Float[Tensor, "8 d"]:
        """Soft tokens of one analysis."""
        tokens: Tensor = self(features_of_analysis(analysis).unsqueeze(0))[0][0]
        return tokens


def padded(features: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Clips of different length -> (B, T, 217) float32 and (B, T) True where a frame exists."""
    x = torch.nn.utils.rnn.pad_sequence(
        [f.float() for f in features], batch_first=True
    )
    lengths = torch.tensor([len(f) for f in features])
    return x, torch.arange(x.shape[1]) < lengths[:, None]


def save_soft_tokens(
    path: Path, model: SoftTokens, info: dict[str, Any]
) -> None:
    """Weights in float16 with `info` in the header."""
    weights = {
        k: v.detach().half().contiguous() for k, v in model.state_dict().items()
    }
    header = {
        "kind": KIND,
        "llm_dim": str(model.llm_dim),
        "info": json.dumps(info),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path.with_suffix(".tmp"), header)
    path.with_suffix(".tmp").replace(path)


def load_soft_tokens(path: Path) -> SoftTokens:
    """The network of a file that `save_soft_tokens` wrote; CheckpointError for any other."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            names = file.keys()
            weights = {name: file.get_tensor(name).float() for name in names}
    except Exception as error:
        raise CheckpointError(
            f"{path.name} cannot be read as soft-token weights ({error})."
        ) from error
    if header.get("kind") != KIND:
        raise CheckpointError(
            f"{path.name} holds {header.get('kind', 'unmarked weights')}; {KIND} is needed."
        )
    model = SoftTokens(int(header["llm_dim"]))
    model.load_state_dict(weights, strict=True)
    return model.eval()
