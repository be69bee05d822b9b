"""Questions about facts that stand only in the soft tokens, through the one renderer; wordings split by use."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal

from musclepose.learning.language.soft_facts import CLASSES
from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.wave_llm.prompt import Message, Rendered, render

Split = Literal["train", "test"]
SYSTEM = "Answer from the clip in a few words."
TRAIN: dict[str, tuple[str, ...]] = {
    "exercise": ("Which exercise is this?", "Name the exercise.", "What movement was done?", "Exercise?",
                 "What is the athlete doing?", "Say what exercise you see.", "Which lift or drill is it?",
                 "What kind of exercise?", "Recognise the movement.", "Give the exercise."),
    "count": ("How many repetitions?", "Count the reps.", "Number of repetitions?", "How many times was it done?",
              "Give the rep count.", "How often was the movement repeated?", "Say how many reps you see.",
              "Total reps?", "How long was the set in reps?", "What number of reps was done?"),
    "side": ("Which side is stronger?", "Left, right or even?", "Which side does more work?", "Stronger side?",
             "Is one side doing more?", "Which leg or arm leads?", "Compare left and right.",
             "Who works harder, left or right?", "Say which side carries more.", "Are both sides even?"),
    "hardest": ("Which joint works hardest?", "Name the hardest working joint.", "Hardest joint?",
                "Where is the effort largest?", "Which joint is loaded most?", "Say which joint is nearest its limit.",
                "Where does the athlete strain most?", "The joint with the most effort?",
                "Which part of the body works hardest?", "Give the busiest joint."),
    "depth": ("How deep was it?", "Shallow, medium or deep?", "Depth?", "What was the depth of the movement?",
              "How low did they go?", "Was it shallow or deep?", "Say how deep the reps were.", "Rate the depth.",
              "How low was the lowest point?", "Describe the depth in one word."),
    "fault": ("Which fault was seen?", "Name the fault, or none.", "Fault?", "What was wrong with the form?",
              "Was there an error in technique?", "Say what should be fixed.", "Which form error is there?",
              "What went wrong, if anything?", "Any mistake?", "Point out the flaw."),
}  # fmt: skip
TEST: dict[str, tuple[str, ...]] = {
    "exercise": (
        "What exercise did the athlete do?",
        "Tell me the name of this movement.",
    ),
    "count": ("How many reps were there?", "What is the repetition count?"),
    "side": (
        "Does the left or the right side work more?",
        "Which of the two sides is the stronger one?",
    ),
    "hardest": (
        "What joint had to work the most?",
        "Tell me which joint is the hardest working one.",
    ),
    "depth": (
        "How far down did the athlete go?",
        "Tell me the depth of this clip.",
    ),
    "fault": (
        "Is there a fault, and which one?",
        "What mistake does the athlete make?",
    ),
}


def question_of(fact: str, split: Split, rng: random.Random) -> str:
    """A wording of a fact's question."""
    return rng.choice((TRAIN if split == "train" else TEST)[fact])


def rendered_question(
    question: str, tokenizer: Any, answer: str = "", soft: bool = True
) -> Rendered:
    """Prompt ids with the soft-token places, and the answer where it is given."""
    messages: list[Message] = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": question},
    ]
    if answer:
        messages.append({"role": "assistant", "content": answer})
    return render(messages, tokenizer, N_SOFT_TOKENS if soft else 0)


def answer_index(fact: str, text: str) -> int | None:
    """Class that an answer names, or None: the whole answer must be that class."""
    said = text.strip().strip(".").lower()
    return next(
        (i for i, name in enumerate(CLASSES[fact]) if name.lower() == said),
        None,
    )


def answers(fact: str) -> Sequence[str]:
    """All answers of a fact."""
    return CLASSES[fact]
