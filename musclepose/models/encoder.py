"""MotionEncoder: a pre-norm transformer over frames with rotary positions, so that windows of any length fit."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


def rotary_angles(frames: int, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine (frames, head_dim / 2) of rotary positions (Su et al. 2021), base 1000 for windows of seconds."""
    rate = 1000.0 ** (-torch.arange(0, head_dim, 2, device=device, dtype=torch.float32) / head_dim)
    angle = torch.arange(frames, device=device, dtype=torch.float32)[:, None] * rate
    return angle.cos(), angle.sin()


def rotate(x: Float[Tensor, "*b h t e"], cos: Tensor, sin: Tensor) -> Float[Tensor, "*b h t e"]:
    """Turn each pair of channels by its position's angle."""
    a, b = x.chunk(2, -1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


class EncoderLayer(nn.Module):
    """Self-attention and a gated feed-forward, each behind a layer norm and a residual."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_attention, self.norm_forward = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, frames, width = x.shape
        q, k, v = (
            self.qkv(self.norm_attention(x))
            .view(batch, frames, 3, self.heads, -1)
            .permute(2, 0, 3, 1, 4)
        )
        # Written out: at these lengths the fused kernel's backward takes four times as long on a CPU.
        weight = (rotate(q, cos, sin) * q.shape[-1] ** -0.5) @ rotate(k, cos, sin).transpose(-1, -2)
        mixed = (
            nn.functional.dropout(weight.softmax(-1).to(v.dtype), self.dropout, self.training) @ v
        )
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, frames, width)).float()
        return (
            x
            + self.down(
                nn.functional.gelu(self.up(self.norm_forward(x)), approximate="tanh")
            ).float()
        )


class MotionEncoder(nn.Module):
    """Tokens (B, T, D) -> motion features phi (B, T, width)."""

    def __init__(
        self,
        token_dim: int,
        width: int = 256,
        layers: int = 8,
        heads: int = 8,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.head_dim = width // heads
        self.embed = nn.Sequential(nn.Linear(token_dim, width), nn.GELU(), nn.Linear(width, width))
        self.layers = nn.ModuleList(EncoderLayer(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Float[Tensor, "b t d"]) -> Float[Tensor, "b t w"]:
        cos, sin = rotary_angles(tokens.shape[1], self.head_dim, tokens.device)
        x = self.embed(
            tokens
        ).float()  # the residual stream stays float32 under autocast: bfloat16 learns slower
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)
