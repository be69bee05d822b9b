"""MotionEncoder: a pre-norm transformer over frames with rotary positions, so that windows of any length fit."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


def rotary_angles(
    frames: int, head_dim: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Cosine and sine (frames, head_dim / 2) of rotary positions (Su et al. 2021), base 1000 for windows of seconds."""
    channel = torch.arange(0, head_dim, 2, device=device, dtype=torch.float32)
    rate = 1000.0 ** (-channel / head_dim)
    position = torch.arange(frames, device=device, dtype=torch.float32)
    angle = position[:, None] * rate
    return angle.cos(), angle.sin()


def rotate(
    x: Float[Tensor, "*b h t e"], cos: Tensor, sin: Tensor
) -> Float[Tensor, "*b h t e"]:
    """Turn each pair of channels by its position's angle."""
    a, b = x.chunk(2, -1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    turned_a = a * cos - b * sin
    turned_b = a * sin + b * cos
    return torch.cat((turned_a, turned_b), -1)


class EncoderLayer(nn.Module):
    """Self-attention and a gated feed-forward, each behind a layer norm and a residual."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_attention = nn.LayerNorm(width)
        self.norm_forward = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self._attended(self.norm_attention(x), cos, sin).float()
        wide = nn.functional.gelu(
            self.up(self.norm_forward(x)), approximate="tanh"
        )
        return x + self.down(wide).float()

    def _attended(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, frames, width = x.shape
        split = self.qkv(x).view(batch, frames, 3, self.heads, -1)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        # Written out: at these lengths the fused kernel's backward takes four times as long on a CPU.
        query = rotate(q, cos, sin) * q.shape[-1] ** -0.5
        key = rotate(k, cos, sin)
        weight = (query @ key.transpose(-1, -2)).softmax(-1).to(v.dtype)
        kept = nn.functional.dropout(weight, self.dropout, self.training)
        mixed = (kept @ v).transpose(1, 2).reshape(batch, frames, width)
        return self.out(mixed)


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
        self.embed = nn.Sequential(
            nn.Linear(token_dim, width), nn.GELU(), nn.Linear(width, width)
        )
        self.layers = nn.ModuleList(
            EncoderLayer(width, heads, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Float[Tensor, "b t d"]) -> Float[Tensor, "b t w"]:
        cos, sin = rotary_angles(tokens.shape[1], self.head_dim, tokens.device)
        x = self.embed(
            tokens
        ).float()  # the residual stream stays float32 under autocast: bfloat16 learns slower
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)
