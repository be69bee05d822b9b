"""Questions about facts that stand only in the soft tokens, through the one renderer; wordings split by use."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal

from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.wave_llm.prompt import Message, Rendered, render
from musclepose.wave_llm.soft_facts import CLASSES

Split = Literal["train", "test"]
SYSTEM = "Answer from the clip in a few words."
TRAIN: dict[str, tuple[str, ...]] = {
    "exercise": ("Which exercise is this?", "Name the exercise.", "What movement was done?", "Exercise?"),
    "count": ("How many repetitions?", "Count the reps.", "Number of repetitions?", "How many times was it done?"),
    "side": ("Which side is stronger?", "Left, right or even?", "Which side does more work?", "Stronger side?"),
    "hardest": ("Which joint works hardest?", "Name the hardest working joint.", "Hardest joint?",
                "Where is the effort largest?"),
    "depth": ("How deep was it?", "Shallow, medium or deep?", "Depth?", "What was the depth of the movement?"),
    "fault": ("Which fault was seen?", "Name the fault, or none.", "Fault?", "What was wrong with the form?"),
}  # fmt: skip
TEST: dict[str, tuple[str, ...]] = {
    "exercise": ("What exercise did the athlete do?", "Tell me the name of this movement."),
    "count": ("How many reps were there?", "What is the repetition count?"),
    "side": ("Does the left or the right side work more?", "Which of the two sides is the stronger one?"),
    "hardest": ("What joint had to work the most?", "Tell me which joint is the hardest working one."),
    "depth": ("How far down did the athlete go?", "Tell me the depth of this clip."),
    "fault": ("Is there a fault, and which one?", "What mistake does the athlete make?"),
}


def question_of(fact: str, split: Split, rng: random.Random) -> str:
    """A wording of a fact's question."""
    return rng.choice((TRAIN if split == "train" else TEST)[fact])


def rendered_question(question: str, tokenizer: Any, answer: str = "", soft: bool = True) -> Rendered:
    """Prompt ids with the soft-token places, and the answer where it is given."""
    messages: list[Message] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    if answer:
        messages.append({"role": "assistant", "content": answer})
    return render(messages, tokenizer, N_SOFT_TOKENS if soft else 0)


def answer_index(fact: str, text: str) -> int | None:
    """Class that an answer names, or None: the whole answer must be that class."""
    said = text.strip().strip(".").lower()
    return next((i for i, name in enumerate(CLASSES[fact]) if name.lower() == said), None)


def answers(fact: str) -> Sequence[str]:
    """All answers of a fact."""
    return CLASSES[fact]
