"""What the coach needs to know about a language model, without importing the library that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

EMBEDDED = "smollm2"
PHI = "microsoft/Phi-3.5-mini-instruct"


@dataclass(frozen=True)
class LanguageModel:
    """A loaded causal language model with its tokenizer; `adapter` names trained weights, `soft_dim` their width."""

    name: str
    model: Any
    tokenizer: Any
    device: str
    precision: str
    adapter: str = ""  # empty: the model is as its makers published it
    bridge: Any = None  # trained PhysicsBridge for this very model, or None
    note: str = ""

    @property
    def width(self) -> int:
        """Embedding width, which soft tokens must have."""
        return int(self.model.config.hidden_size)


def default_model() -> str:
    """Phi-3.5-mini on CUDA, else the embedded SmolLM2."""
    return PHI if torch.cuda.is_available() else EMBEDDED
