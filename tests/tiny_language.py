"""A tiny random Phi-3 with a byte-level tokenizer, for tests of everything around a language model."""

from __future__ import annotations

import torch
from test_prompt import PHI, tokenizer

from musclepose.wave_llm.models import LanguageModel


def tiny_phi3() -> LanguageModel:
    """Two layers of width 32, the same weights every time."""
    from transformers import Phi3Config, Phi3ForCausalLM

    torch.manual_seed(0)
    tok = tokenizer(PHI)
    config = Phi3Config(
        vocab_size=len(tok),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=8192,
        pad_token_id=tok.pad_token_id,
        bos_token_id=tok.eos_token_id,
        eos_token_id=tok.eos_token_id,
    )
    return LanguageModel(
        "tiny-phi3", Phi3ForCausalLM(config).eval(), tok, "cpu", "fp32"
    )
