"""Trained weights for a language model: LoRA adapter and bridge, with the model card that says which model they fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from musclepose.errors import CheckpointError
from musclepose.wave_llm.models import LanguageModel

CHECKPOINTS = Path(__file__).resolve().parent.parent.parent / "checkpoints"
CARD = "card.json"
SOFT_FOLDER = (
    CHECKPOINTS / "coach"
)  # soft tokens and the LoRA that reads them, for the embedded model
SOFT_WEIGHTS, LORA_WEIGHTS = "bridge.safetensors", "adapter_model.safetensors"
_KNOWN_LINEAR = ("Linear", "Linear4bit", "Linear8bitLt", "Conv1D")


def lora_targets(model: Any) -> list[str]:
    """Names of the linear layers inside the decoder blocks, read from the model itself.

    Phi-3.5 gives qkv_proj, o_proj, gate_up_proj, down_proj; Llama and SmolLM2 the seven separate ones.
    """
    head = model.get_output_embeddings()
    names = {
        path.rsplit(".", 1)[-1]
        for path, module in model.named_modules()
        if module is not head
        and type(module).__name__ in _KNOWN_LINEAR
        and not path.endswith("lm_head")
    }
    if not names:
        raise CheckpointError(
            "the language model has no linear layers that an adapter could be put on."
        )
    return sorted(names)


def adapter_folder(name: str) -> Path:
    """Where the committed adapter of a language model lies."""
    return CHECKPOINTS / ("coach-" + name.rsplit("/", 1)[-1].lower())


def save_lora(folder: Path, model: Any, base_name: str) -> None:
    """LoRA weights (float16) and configuration of a PEFT model, without a path of the machine that trained it."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    weights = {
        n: v.detach().half().contiguous()
        for n, v in get_peft_model_state_dict(model).items()
    }
    config = model.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = base_name, True
    config.target_modules = sorted(config.target_modules)
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(str(folder))
    save_file(weights, folder / LORA_WEIGHTS, {"format": "pt"})


def read_card(folder: Path) -> dict[str, Any]:
    """Model card of an adapter folder."""
    path = folder / CARD
    if not path.is_file():
        raise CheckpointError(
            f"{folder.name} has no {CARD}; an adapter folder holds {CARD} and adapter weights."
        )
    card: dict[str, Any] = json.loads(path.read_text())
    return card


def attach_soft_tokens(
    loaded: LanguageModel, folder: Path = SOFT_FOLDER
) -> LanguageModel:
    """The language model with the trained bridge and its LoRA merged in, where they exist for that very model.

    The LoRA was trained to answer short questions, not to write freely: `adapter` stays empty, so that the model goes
    on choosing among checked wordings. Nothing is attached where the card does not say `released`.
    """
    if not (folder / CARD).is_file() or loaded.precision == "nf4":
        return loaded
    card = read_card(folder)
    fits = (
        card.get("language_model") == loaded.name
        and card.get("width") == loaded.width
    )
    if not fits or not card.get("released", False):
        return loaded
    from peft import PeftModel

    from musclepose.wave_llm.soft_tokens import load_soft_tokens

    bridge = load_soft_tokens(folder / SOFT_WEIGHTS)
    merged: Any = PeftModel.from_pretrained(
        loaded.model, str(folder)
    ).merge_and_unload()
    merged.eval()
    return replace(loaded, model=merged, bridge=bridge)


def attach_adapter(
    loaded: LanguageModel, adapter_path: str | None = None
) -> LanguageModel:
    """The language model with its trained adapter merged, where one exists for that very model; else unchanged.

    An adapter that the user names must fit; the committed one is used only where its card says that it is good enough.
    """
    folder = Path(adapter_path) if adapter_path else adapter_folder(loaded.name)
    if not adapter_path and not (folder / CARD).is_file():
        return loaded
    card = read_card(folder)
    if (
        card.get("language_model") != loaded.name
        or card.get("width") != loaded.width
    ):
        raise CheckpointError(
            f"adapter {folder.name} is for {card.get('language_model')}; {loaded.name} needs one of its own, or none."
        )
    if not adapter_path and not card.get("released", False):
        return loaded
    from peft import PeftModel

    model: Any = PeftModel.from_pretrained(loaded.model, str(folder))
    merged = model.merge_and_unload() if loaded.precision != "nf4" else model
    merged.eval()
    if not (folder / SOFT_WEIGHTS).is_file():
        return replace(loaded, model=merged, adapter=folder.name)
    from musclepose.wave_llm.soft_tokens import load_soft_tokens

    return replace(
        loaded,
        model=merged,
        adapter=folder.name,
        bridge=load_soft_tokens(folder / SOFT_WEIGHTS),
    )
