"""The embedded model as it is used, converted once: dequantised, adapter merged, written beside the assets.

Reading 4-bit weights, turning them into float32 and merging the adapter takes most of the start. The second start maps
the finished float32 file into memory instead. The folder's name is a digest of all that the result depends on, so that
other weights, another adapter or another library make a new one.
"""

from __future__ import annotations

import copy
import hashlib
import logging
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from musclepose.assets import asset_path, assets_dir
from musclepose.wave_llm.adapter import (
    CARD,
    LORA_WEIGHTS,
    SOFT_FOLDER,
    SOFT_WEIGHTS,
)
from musclepose.wave_llm.hugging_face import (
    AutoModelForCausalLM,
    AutoTokenizer,
    transformers,
)
from musclepose.wave_llm.models import EMBEDDED, LanguageModel

LOG = logging.getLogger(__name__)
_FORMAT = b"1"
_HAS_BRIDGE = "bridge"  # an empty file in the folder: the adapter of the soft tokens is merged


def converted_folder(root: Path | None = None) -> Path:
    """Where the converted model of these very weights, adapter and library lies, or would lie."""
    weights = asset_path(EMBEDDED)
    digest = hashlib.sha256(_FORMAT + transformers.__version__.encode())
    digest.update(f"{weights.name} {weights.stat().st_size}".encode())
    for name in (CARD, LORA_WEIGHTS):
        path = SOFT_FOLDER / name
        digest.update(path.read_bytes() if path.is_file() else b"none")
    return (
        root or assets_dir().parent / "converted"
    ) / f"{EMBEDDED}-{digest.hexdigest()[:16]}"


def read_converted(folder: Path) -> LanguageModel | None:
    """The converted model, mapped from its file; None where it was not made, or cannot be read."""
    if not (folder / "config.json").is_file():
        return None
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError) as error:
        LOG.warning(
            "The converted language model cannot be read (%s); it is made again.",
            error,
        )
        shutil.rmtree(folder, ignore_errors=True)
        return None
    bridge: Any = None
    if (folder / _HAS_BRIDGE).is_file():
        from musclepose.wave_llm.soft_tokens import load_soft_tokens

        bridge = load_soft_tokens(SOFT_FOLDER / SOFT_WEIGHTS)
    return LanguageModel(
        EMBEDDED, model.eval(), tokenizer, "cpu", "fp32", bridge=bridge
    )


def _write_model(model: Any, folder: Path) -> None:
    """Configuration without a word of 4 bits, and the weights; those that are tied stand once."""
    config = copy.deepcopy(model.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    tied = "lm_head.weight" if config.tie_word_embeddings else ""
    weights = {
        k: v.contiguous() for k, v in model.state_dict().items() if k != tied
    }
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def write_converted(loaded: LanguageModel, folder: Path) -> None:
    """Writes it whole or not at all; where nothing can be written, the next start takes as long as this one."""
    part = folder.with_suffix(".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _write_model(loaded.model, part)
        loaded.tokenizer.save_pretrained(part)
        if loaded.bridge is not None:
            (part / _HAS_BRIDGE).touch()
        part.replace(folder)
    except OSError as error:
        LOG.warning("The converted language model was not kept: %s", error)
        shutil.rmtree(part, ignore_errors=True)
