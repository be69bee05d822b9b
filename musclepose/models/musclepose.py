"""MusclePoseCOCO: tokens -> motion, contact, shape, camera and physics heads; PhysicsBridge: -> soft tokens."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from musclepose.data.tokens import TOKEN_DIM, Tokens
from musclepose.models.decode import N_CAMERA, N_FRAME_POSE, Raw, raw_from_heads
from musclepose.models.encoder import MotionEncoder
from musclepose.physics.anthropometrics import N_BETA
from musclepose.physics.skeleton47 import N_DOF, N_MUSCLE_DOF, N_SEGMENTS

N_DELTA = 7
N_SOFT_TOKENS = 8


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the network; saved inside the checkpoint."""

    width: int = 256
    layers: int = 8
    heads: int = 8
    dropout: float = 0.0
    window: int = 96  # frames at 30 Hz
    token_dim: int = TOKEN_DIM

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class NetworkOut:
    """What the network itself says, before any physics."""

    raw: Raw
    phi: Float[Tensor, "b t w"]  # motion features
    mass_correction: Float[
        Tensor, "b 18"
    ]  # E: log corrections of the segment masses
    alpha: Float[
        Tensor, "b t 82"
    ]  # activation in [0, 1], flexion side then extension side
    delta: Float[Tensor, "b t 2 7"]  # GRFM residuals


@dataclass(frozen=True)
class ForwardOut:
    """Everything of one clip at 30 Hz: motion, shape, contact and physics. Foot order left, right."""

    q: Float[Tensor, "b t 47"]
    qdot: Float[Tensor, "b t 47"]
    qddot: Float[Tensor, "b t 47"]
    beta: Float[Tensor, "b 15"]
    mass_correction: Float[Tensor, "b 18"]
    contact: Float[Tensor, "b t 2"]
    delta: Float[Tensor, "b t 2 7"]
    alpha: Float[Tensor, "b t 82"]
    tau_q: Float[Tensor, "b t 47"]
    tau_mtg: Float[Tensor, "b t 41"]
    foot_force_n: Float[Tensor, "b t 2 3"]
    foot_cop_m: Float[Tensor, "b t 2 3"]
    foot_free_moment_nm: Float[Tensor, "b t 2"]
    phi: Float[Tensor, "b t w"]
    camera: Float[Tensor, "b 4"]


class MusclePoseCOCO(nn.Module):
    """Encoder and heads. Heads of the clip (shape, camera) read the mean over the window."""

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self.config = config or ModelConfig()
        c = self.config
        self.encoder = MotionEncoder(
            c.token_dim, c.width, c.layers, c.heads, c.dropout
        )
        self.pose, self.root = (
            nn.Linear(c.width, N_FRAME_POSE),
            nn.Linear(c.width, 3),
        )
        self.contact = nn.Linear(c.width, 2)
        self.clip = nn.Sequential(
            nn.Linear(c.width, c.width),
            nn.GELU(),
            nn.Linear(c.width, N_BETA + N_CAMERA),
        )
        self.muscle = nn.Sequential(
            nn.Linear(c.width, c.width),
            nn.GELU(),
            nn.Linear(c.width, 2 * N_MUSCLE_DOF + 2 * N_DELTA),
        )
        self.mass = nn.Linear(c.width, N_SEGMENTS)
        for head in (
            self.pose,
            self.root,
            self.clip[2],
            self.muscle[2],
            self.mass,
        ):
            assert isinstance(head, nn.Linear)
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)

    def forward(self, tokens: Tokens, bf16: bool = False) -> NetworkOut:
        """Network outputs of a batch of windows, (B, T, D) tokens; bf16 runs the encoder alone in bfloat16."""
        with torch.autocast(
            tokens.features.device.type, dtype=torch.bfloat16, enabled=bf16
        ):
            phi = self.encoder(tokens.features[..., : self.config.token_dim])
        phi = phi.float()
        clip = self.clip(phi.mean(1))
        muscle = self.muscle(phi)
        raw = raw_from_heads(
            self.pose(phi),
            self.root(phi),
            self.contact(phi),
            clip[:, :N_BETA],
            clip[:, N_BETA:] * 0.5,
            tokens,
        )
        alpha, delta = muscle.split((2 * N_MUSCLE_DOF, 2 * N_DELTA), -1)
        mass_correction = 0.1 * torch.tanh(self.mass(phi.mean(1)))
        return NetworkOut(
            raw,
            phi,
            mass_correction,
            torch.sigmoid(alpha - 2.0),
            delta.unflatten(-1, (2, N_DELTA)),
        )


def bridge_features(
    phi: Tensor,
    q: Tensor,
    qdot: Tensor,
    tau: Tensor,
    alpha: Tensor,
    grf: Tensor,
) -> Tensor:
    """Frame features (B, T, N) of the bridge: phi, angles, rates, torques (N m/kg), activations, force (BW)."""
    return torch.cat(
        (
            phi,
            q[..., 3:],
            qdot[..., 3:] * 0.2,
            tau[..., 6:],
            alpha,
            grf.flatten(-2),
        ),
        -1,
    )


class PhysicsBridge(nn.Module):
    """All physics of a clip -> 8 soft tokens of a language model: learned queries attend over the frames."""

    def __init__(
        self, llm_dim: int, width: int = 256, phi_dim: int = 256, heads: int = 8
    ) -> None:
        super().__init__()
        n = phi_dim + 2 * (N_DOF - 3) + N_MUSCLE_DOF + 2 * N_MUSCLE_DOF + 6
        self.embed = nn.Sequential(
            nn.LayerNorm(n),
            nn.Linear(n, width),
            nn.GELU(),
            nn.Linear(width, width),
        )
        self.query = nn.Parameter(
            torch.randn(N_SOFT_TOKENS, width) * width**-0.5
        )
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mix = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
        )
        self.out = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, llm_dim))

    def forward(
        self, features: Float[Tensor, "b t n"], padding: Tensor | None = None
    ) -> Float[Tensor, "b 8 d"]:
        """features: from `bridge_features`; padding (B, T) is True where a frame does not exist."""
        x = self.embed(features)
        query = self.query.expand(len(x), -1, -1)
        tokens = (
            query
            + self.attend(
                query, x, x, key_padding_mask=padding, need_weights=False
            )[0]
        )
        return self.out(tokens + self.mix(tokens))
