"""Checkpoints: safetensors with the configuration and provenance in the header. Loading is strict and loud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from musclepose.errors import CheckpointError
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO

KIND = "musclepose-coco"
DEFAULT_CHECKPOINT = (
    Path(__file__).resolve().parents[2]
    / "checkpoints"
    / "musclepose_coco.safetensors"
)


def save_checkpoint(
    path: Path, model: MusclePoseCOCO, info: dict[str, Any], half: bool = True
) -> None:
    """Weights (fp16 by default), model configuration and `info` (data, seed, command, step, metrics) in one file."""
    dtype = torch.float16 if half else torch.float32
    weights = {
        k: v.detach().to(dtype).contiguous().cpu()
        for k, v in model.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    header = {
        "kind": KIND,
        "config": json.dumps(model.config.to_json()),
        "info": json.dumps(info),
    }
    save_file(weights, temporary, header)
    temporary.replace(path)


def load_checkpoint(
    path: Path = DEFAULT_CHECKPOINT,
) -> tuple[MusclePoseCOCO, dict[str, Any]]:
    """Model in evaluation mode (float32) and its info; CheckpointError where the file is not one of ours."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(
            f"No checkpoint at {path.name}; give --checkpoint a .safetensors file that musclepose.train wrote."
        )
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            names = file.keys()
            weights = {name: file.get_tensor(name).float() for name in names}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path.name} is not a readable safetensors file ({error})."
        ) from error
    if header.get("kind") != KIND:
        raise CheckpointError(
            f"{path.name} holds {header.get('kind', 'unmarked weights')}; {KIND} weights are needed."
        )
    try:
        model = MusclePoseCOCO(ModelConfig(**json.loads(header["config"])))
        info = json.loads(header["info"])
        model.load_state_dict(weights, strict=True)
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path.name} does not fit this version of the model: {str(error)[:200]}"
        ) from error
    return model.eval(), info
