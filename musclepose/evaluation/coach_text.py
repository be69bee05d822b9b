"""Three figures of a text against one reference, as computed here: no external data, no package of language tools.

They are not to be compared with published METEOR or ROUGE, whose tokenizers, stemmers and synonyms are others.
Word match: the formula of METEOR (Banerjee and Lavie 2005; alpha = 0.9, beta = 3, gamma = 0.5) over equal words and
equal stems, without synonyms.
Common sequence: F1 of the longest common subsequence of words, the formula of ROUGE-L (Lin 2004).
BERTScore-like (Zhang et al. 2020): F1 of the greedy cosine matches between token vectors, which are here hidden states
of the language model at two thirds of its depth, less their mean over all references. No idf, no rescaling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "ly", "s")


def words(text: str) -> list[str]:
    """Lower-case words and numbers."""
    return re.findall(r"[a-z]+|\d+(?:\.\d+)?", text.lower())


def stem(word: str) -> str:
    """A word without its ending; at least three letters stay."""
    return next(
        (
            word[: -len(e)]
            for e in _ENDINGS
            if word.endswith(e) and len(word) - len(e) >= 3
        ),
        word,
    )


def _matches(said: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """Aligned positions: exact ones first, then stems; each word once, the nearest free one taken."""
    pairs: list[tuple[int, int]] = []
    used: set[int] = set()
    for form in (str, stem):
        done = {i for i, _ in pairs}
        for i, word in enumerate(said):
            if i in done:
                continue
            free = [
                j
                for j, w in enumerate(wanted)
                if j not in used and form(w) == form(word)
            ]
            if free:
                last = next((j for k, j in pairs if k == i - 1), i)
                j = min(free, key=lambda j, last=last: abs(j - last - 1))  # type: ignore[misc]
                pairs.append((i, j))
                used.add(j)
    return sorted(pairs)


def word_match(text: str, reference: str) -> float:
    """Weighted F of matched words, less for words in another order; in [0, 1]."""
    said, wanted = words(text), words(reference)
    pairs = _matches(said, wanted)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(said), len(pairs) / len(wanted)
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    chunks = 1 + sum(
        b != (a[0] + 1, a[1] + 1)
        for a, b in zip(pairs[:-1], pairs[1:], strict=True)
    )
    return mean * (1.0 - 0.5 * (chunks / len(pairs)) ** 3)


def common_sequence(text: str, reference: str) -> float:
    """F1 of the longest common subsequence of words, in [0, 1]."""
    said, wanted = words(text), words(reference)
    row = [0] * (len(wanted) + 1)
    for a in said:
        before = row[:]
        for j, b in enumerate(wanted, 1):
            row[j] = before[j - 1] + 1 if a == b else max(before[j], row[j - 1])
    common = row[-1]
    return 2.0 * common / (len(said) + len(wanted)) if common else 0.0


@torch.inference_mode()
def token_vectors(
    model: Any, tokenizer: Any, text: str
) -> Float[Tensor, "n d"]:
    """Hidden states of a text's tokens at two thirds of the depth, without the first token, which sees nothing."""
    ids = torch.tensor(
        [tokenizer(text, add_special_tokens=False)["input_ids"]],
        device=model.device,
    )
    layers = model(
        input_ids=ids, output_hidden_states=True, use_cache=False
    ).hidden_states
    vectors: Tensor = layers[2 * len(layers) // 3][0, 1:].float()
    return vectors


def matched_f1(
    said: Float[Tensor, "n d"], wanted: Float[Tensor, "m d"]
) -> float:
    """F1 of mean best cosine of every said token (precision) and of every wanted token (recall)."""
    if not len(said) or not len(wanted):
        return 0.0
    cosine = (
        torch.nn.functional.normalize(said, dim=-1)
        @ torch.nn.functional.normalize(wanted, dim=-1).T
    )
    precision, recall = (
        float(cosine.amax(1).mean()),
        float(cosine.amax(0).mean()),
    )
    return 2.0 * precision * recall / max(precision + recall, 1e-9)


def bertscore_like(
    model: Any, tokenizer: Any, pairs: Sequence[tuple[str, str]]
) -> list[float]:
    """Figure of each (text, reference)."""
    said, wanted = (
        [token_vectors(model, tokenizer, pair[k]) for pair in pairs]
        for k in (0, 1)
    )
    mean = torch.cat(wanted).mean(0)
    return [
        matched_f1(a - mean, b - mean)
        for a, b in zip(said, wanted, strict=True)
    ]
