"""The baseline: a plain transformer of equal size that regresses 3D points, with no body and no physics.

The same encoder and the same tokens as `MusclePoseCOCO`; one linear head in place of joints, shape, camera and contact.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from musclepose.data.tokens import Tokens
from musclepose.errors import CheckpointError
from musclepose.models.encoder import MotionEncoder
from musclepose.models.musclepose import ModelConfig

N_POINTS = (
    17 + 18 + 8
)  # COCO joints, segment origins, sole points: the order of `losses.body_points`
HIPS = slice(11, 13)  # COCO
KIND = "musclepose-plain"


class PlainRegressor(nn.Module):
    """Tokens -> points (B, T, 43, 3) in metres, mid-hip relative; x right of the picture, y up, z to the viewer."""

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or ModelConfig()
        self.encoder = MotionEncoder(
            c.token_dim, c.width, c.layers, c.heads, c.dropout
        )
        self.points = nn.Linear(c.width, 3 * N_POINTS)

    def forward(
        self, tokens: Tokens, bf16: bool = False
    ) -> Float[Tensor, "b t 43 3"]:
        """Scaled by the told (or reference) stature; bf16 runs the encoder alone in bfloat16."""
        with torch.autocast(
            tokens.features.device.type, dtype=torch.bfloat16, enabled=bf16
        ):
            phi = self.encoder(tokens.features[..., : self.config.token_dim])
        points = self.points(phi.float()).unflatten(-1, (N_POINTS, 3))
        centred = points - points[..., HIPS, :].mean(-2, keepdim=True)
        return centred * tokens.stature_m[:, None, None, None]


def save_plain(path: Path, model: PlainRegressor, info: dict[str, Any]) -> None:
    """Weights in fp16 with configuration and `info` in the header."""
    weights = {
        k: v.detach().half().contiguous().cpu()
        for k, v in model.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {
        "kind": KIND,
        "config": json.dumps(model.config.to_json()),
        "info": json.dumps(info),
    }
    save_file(weights, path.with_suffix(".tmp"), header)
    path.with_suffix(".tmp").replace(path)


def load_plain(path: Path) -> Callable[[Tokens], Tensor]:
    """The regressor of a file that `save_plain` wrote; CheckpointError for any other."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            names = file.keys()
            weights = {name: file.get_tensor(name).float() for name in names}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{Path(path).name} is not a readable safetensors file ({error})."
        ) from error
    if header.get("kind") != KIND:
        raise CheckpointError(
            f"{Path(path).name} holds {header.get('kind', 'unmarked weights')}; {KIND} is needed."
        )
    model = PlainRegressor(ModelConfig(**json.loads(header["config"])))
    model.load_state_dict(weights, strict=True)
    return model.eval()
