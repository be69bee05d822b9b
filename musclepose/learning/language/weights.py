"""Where the soft tokens of a joint run start, and the folder that it leaves for `--adapter_path`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from musclepose.learning.language.bridge_data import FIRST_SEED, bridge_clip
from musclepose.learning.language.joint import JointTraining
from musclepose.learning.language.train_bridge import fresh_soft_tokens
from musclepose.wave_llm.adapter import (
    CARD,
    SOFT_FOLDER,
    SOFT_WEIGHTS,
    read_card,
    save_lora,
)
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.soft_tokens import (
    SoftTokens,
    load_soft_tokens,
    save_soft_tokens,
)

CLIPS_TO_STANDARDISE = 24


def start_soft_tokens(
    loaded: LanguageModel, folder: Path = SOFT_FOLDER
) -> SoftTokens:
    """The committed soft tokens where they are for that very model, else fresh ones."""
    if (folder / CARD).is_file() and read_card(folder).get(
        "language_model"
    ) == loaded.name:
        return load_soft_tokens(folder / SOFT_WEIGHTS)
    return fresh_soft_tokens(
        loaded,
        [
            bridge_clip(FIRST_SEED["train"] + i)
            for i in range(CLIPS_TO_STANDARDISE)
        ],
    )


def save_language(
    folder: Path, joint: JointTraining, loaded: LanguageModel, command: str
) -> dict[str, Any]:
    """Soft tokens, LoRA (float16) and card; `released` is for who measured them (`evaluate coach`), so it is false."""
    save_lora(folder, joint.language, loaded.name)
    save_soft_tokens(
        folder / SOFT_WEIGHTS, joint.soft, {"config": asdict(joint.config)}
    )
    card: dict[str, Any] = {
        "language_model": loaded.name,
        "width": loaded.width,
        "soft_tokens": True,
        "config": asdict(joint.config),
        "command": command,
        "steps_done": joint.step,
        "released": False,
        "torch": torch.__version__,
    }
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n")
    return card
