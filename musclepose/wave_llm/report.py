"""The rule-written report: the script with its first wordings, or others by seed. It needs no language model."""

from __future__ import annotations

import random

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.prompt import Level
from musclepose.wave_llm.script import Slot, script

RULE_WRITTEN = (
    "Written by rules from the computed figures; no language model took part."
)


def join(slots: list[Slot], choice: list[int] | None = None) -> str:
    """Text of a script with one option per slot."""
    picked = choice or [0] * len(slots)
    return "".join(
        s.lead + s.options[i] for s, i in zip(slots, picked, strict=True)
    ).strip()


def write_report(
    summary: PhysicsSummary,
    level: Level = "athlete",
    seed: int | None = None,
    mark: bool = True,
    earlier: PhysicsSummary | None = None,
) -> str:
    """Coaching text (Markdown) for a level; `seed` varies the wording; `mark` adds the line that says who wrote it."""
    slots = script(summary, level, earlier)
    rng = random.Random(seed)
    choice = [
        0 if seed is None else rng.randrange(len(s.options)) for s in slots
    ]
    return join(slots, choice) + (f"\n\n*{RULE_WRITTEN}*" if mark else "")
