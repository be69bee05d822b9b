"""`evaluate coach --parser`: whether the language model could take a question apart, constrained to the query's form.

The model is shown the topics with an example each and the question; the topic whose words it finds likeliest is its
answer. It is compared with the grammar on seen.tsv, where the grammar was built until every query was right; the same
with the examples alone (no question) says what the model would choose blindly.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import torch

from musclepose.evaluation.coach_answers import FOLDER, read_questions
from musclepose.movement.query.grammar import parse
from musclepose.movement.query.records import Topic
from musclepose.wave_llm.models import LanguageModel

EXAMPLES = (
    ("How far did my left knee bend?", "figure"), ("How many reps did I do?", "count"), ("Was I deep enough?", "depth"),
    ("Did I get slower?", "trend"), ("Which side bends more?", "sides"), ("What should I change?", "advice"),
    ("Did my knees cave in?", "fault"), ("Can I add weight?", "addweight"), ("What does effort mean?", "define"),
    ("My knee hurts.", "pain"), ("How sure are you?", "sure"), ("Is my back round?", "unseen"),
    ("Which joint works hardest?", "hardest"), ("How should I film?", "film"),
)  # fmt: skip


def _prompt(question: str) -> str:
    shown = "\n".join(f"Question: {q}\nTopic: {t}" for q, t in EXAMPLES)
    return f"{shown}\nQuestion: {question}\nTopic:"


@torch.inference_mode()
def likeliest_topic(loaded: LanguageModel, question: str) -> str:
    """The topic with the largest mean log-likelihood of its tokens after the prompt."""
    encode: Any = loaded.tokenizer
    prompt = encode(_prompt(question), add_special_tokens=False)["input_ids"]
    best, best_score = "", -float("inf")
    for topic in get_args(Topic):
        ids = encode(f" {topic}", add_special_tokens=False)["input_ids"]
        tokens = torch.tensor([[*prompt, *ids]], device=loaded.model.device)
        out = loaded.model(
            input_ids=tokens, logits_to_keep=len(ids) + 1
        ).logits[0, :-1]
        chosen = out.log_softmax(-1)[torch.arange(len(ids)), torch.tensor(ids)]
        if float(chosen.mean()) > best_score:
            best, best_score = topic, float(chosen.mean())
    return best


def parser_table(loaded: LanguageModel, every: int = 1) -> dict[str, float]:
    """Share of every n-th question of seen.tsv whose topic the model finds; the commonest topic as chance."""
    texts = [q.text for q in read_questions(FOLDER / "seen.tsv")][::every]
    right = [parse(text).topic for text in texts]
    found = [likeliest_topic(loaded, text) for text in texts]
    same = sum(a == b for a, b in zip(right, found, strict=True))
    return {
        "asked": float(len(texts)),
        "model": same / len(texts),
        "chance": max(Counter(right).values()) / len(texts),
    }
