"""Asks a language model for facts: the same question for a batch of clips at once, greedy."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from musclepose.learning.language.soft_questions import rendered_question
from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.prompt import Rendered
from musclepose.wave_llm.writing import end_token, padding_token

MAX_ANSWER_TOKENS = 7
BATCH = 32


@torch.inference_mode()
def _generated(
    loaded: LanguageModel, embeddings: Tensor, new_tokens: int, adapted: Any
) -> list[str]:
    model = adapted or loaded.model
    out = model.generate(
        inputs_embeds=embeddings,
        attention_mask=torch.ones(
            embeddings.shape[:2], device=embeddings.device
        ),
        max_new_tokens=new_tokens,
        do_sample=False,
        use_cache=True,
        pad_token_id=padding_token(loaded.tokenizer),
        eos_token_id=end_token(loaded.tokenizer),
    )
    return [
        t.strip()
        for t in loaded.tokenizer.batch_decode(out, skip_special_tokens=True)
    ]


@torch.inference_mode()
def ask_all(
    loaded: LanguageModel,
    question: str,
    soft_tokens: Tensor | None,
    count: int,
    adapted: Any = None,
) -> list[str]:
    """Answers to one question for soft tokens (count, 8, d), or `count` times the same answer without them."""
    rendered = rendered_question(
        question, loaded.tokenizer, soft=soft_tokens is not None
    )
    table = (adapted or loaded.model).get_input_embeddings()
    row = table(torch.tensor([rendered.ids], device=loaded.model.device))
    if soft_tokens is None:
        return _generated(loaded, row, MAX_ANSWER_TOKENS, adapted) * count
    place = torch.tensor(rendered.soft_mask, device=row.device)
    out: list[str] = []
    for i in range(0, count, BATCH):
        part = soft_tokens[i : i + BATCH].to(row)
        rows = row.repeat(len(part), 1, 1)
        rows[:, place] = part
        out += _generated(loaded, rows, MAX_ANSWER_TOKENS, adapted)
    return out


@torch.inference_mode()
def ask(
    loaded: LanguageModel,
    rendered: Rendered,
    soft_tokens: Tensor | None,
    new_tokens: int = 12,
) -> str:
    """Answer to a rendered prompt of any shape; soft tokens (8, d) at its places."""
    table = loaded.model.get_input_embeddings()
    row = table(torch.tensor([rendered.ids], device=loaded.model.device))
    if soft_tokens is not None:
        assert sum(rendered.soft_mask) == N_SOFT_TOKENS
        row[:, torch.tensor(rendered.soft_mask)] = soft_tokens.to(row)
    return _generated(loaded, row, new_tokens, None)[0]
