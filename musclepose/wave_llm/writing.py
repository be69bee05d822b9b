"""Writing without the library's own loop: prompt embeddings, text inside a script, text by rules, and its speed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from musclepose.wave_llm.checker import split_sentences
from musclepose.wave_llm.grammar import Grammar
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.prompt import Rendered
from musclepose.wave_llm.report import RULE_WRITTEN, join
from musclepose.wave_llm.script import Slot


def embed_prompt(
    language_model: LanguageModel,
    rendered: Rendered,
    soft_tokens: Tensor | None,
) -> Tensor:
    """(1, n, width) input embeddings; soft tokens (k, width) stand where the placeholders are."""
    model = language_model.model
    ids = torch.tensor([rendered.ids], device=model.device)
    embeddings = model.get_input_embeddings()(ids)
    if soft_tokens is not None:
        place = torch.tensor([rendered.soft_mask], device=model.device)
        embeddings = embeddings.masked_scatter(
            place.unsqueeze(-1), soft_tokens.to(embeddings)
        )
    return embeddings


def padding_token(tokenizer: Any) -> int:
    """Padding id, or the end id where there is none."""
    return int(
        tokenizer.pad_token_id
        if tokenizer.pad_token_id is not None
        else tokenizer.eos_token_id
    )


def end_token(tokenizer: Any) -> int:
    """Id that ends an assistant turn: <|im_end|>, <|end|> or the end of text."""
    known = tokenizer.get_vocab()
    name = next(
        (t for t in ("<|im_end|>", "<|end|>", "<|eot_id|>") if t in known),
        tokenizer.eos_token,
    )
    return int(tokenizer.convert_tokens_to_ids(name))


def script_stream(
    language_model: LanguageModel,
    rendered: Rendered,
    grammar: Grammar,
    soft_tokens: Tensor | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[str]:
    """Text pieces inside a script (greedy). The model runs only where wordings part; forced tokens wait for that block.

    1. A forced token is shown at once and queued.
    2. Where several may follow, the queue goes through the model in one block and the likeliest allowed one is taken.
    """
    model, tokenizer = language_model.model, language_model.tokenizer
    embed = model.get_input_embeddings()
    queue = embed_prompt(language_model, rendered, soft_tokens)
    cache, ids, shown = None, [], ""
    while not (cancel is not None and cancel.is_set()):
        allowed = grammar.allowed()
        if len(allowed) > 1:
            with torch.inference_mode():
                out = model(
                    inputs_embeds=queue,
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
            cache, scores = out.past_key_values, out.logits[0, -1]
            token, queue = (
                max(allowed, key=lambda t: float(scores[t])),
                queue[:, :0],
            )
        else:
            token = allowed[0]
        grammar.advance(token)
        if grammar.finished or token == grammar.end_token:
            return
        ids.append(token)
        queue = torch.cat(
            [
                queue,
                embed(torch.tensor([[token]], device=queue.device)).detach(),
            ],
            dim=1,
        )
        text = tokenizer.decode(ids, skip_special_tokens=True)
        if not text.endswith("\ufffd") and len(text) > len(shown):
            yield text[len(shown) :]
            shown = text


@dataclass
class Speed:
    """Of the last text: seconds to its first words, and tokens per second after them."""

    first_words_s: float = 0.0
    tokens_per_s: float = 0.0


def timed(pieces: Iterator[str], speed: Speed) -> Iterator[str]:
    """Passes a stream on and writes its speed; a piece is about one token."""
    begun = time.perf_counter()
    first, count = 0.0, 0
    for piece in pieces:
        count += 1
        first = first or time.perf_counter() - begun
        yield piece
    elapsed = time.perf_counter() - begun - first
    speed.first_words_s, speed.tokens_per_s = (
        first,
        (count - 1) / elapsed if elapsed > 0 and count > 1 else 0.0,
    )


def sentences_of(text: str) -> list[str]:
    sentences, rest = split_sentences(text)
    return [*sentences, rest] if rest.strip() else sentences


def by_rules(
    slots: Sequence[Slot], cancel: threading.Event | None, mark: bool
) -> Iterator[str]:
    """The first wordings, slot by slot."""
    for i, slot in enumerate(slots):
        if cancel is not None and cancel.is_set():
            return
        text = join([slot])
        yield (
            text
            if i == 0
            else slot.lead + text.removeprefix(slot.lead.strip()).lstrip()
        )
    if mark:
        yield f"\n\n*{RULE_WRITTEN}*"
