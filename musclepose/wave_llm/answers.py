"""Follow-up questions: each is a query, its answer true sentences from figures. Diagnosis is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.grammar import parse
from musclepose.movement.query.records import Query
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.wave_llm.answer_about import (
    HELP,
    REFUSAL,
    assumed,
    fixed,
    formula,
    load,
    person,
    sure,
)
from musclepose.wave_llm.answer_advice import (
    add_weight,
    advice,
    all_faults,
    one_fault,
    why,
)
from musclepose.wave_llm.answer_clip import Clip, slot
from musclepose.wave_llm.answer_measured import (
    best,
    count,
    depth_answer,
    exercise,
    figure_answer,
    hardest,
    partial,
    sides,
    trend,
)
from musclepose.wave_llm.claims import MEDICAL
from musclepose.wave_llm.glossary import FILM, GLOSSARY, HELLO, NOT_SEEN
from musclepose.wave_llm.prompt import MAX_QUESTION, sanitise
from musclepose.wave_llm.script import Slot

FIXED = (
    "refusal",
    "help",
    "define",
    "film",
    "unseen",
    "hello",
)  # slots that say nothing about the clip
_PAIN = re.compile(
    r"\b(pain\w*|hurt\w*|ache\w*|aching|sore\w*|swollen|swelling|numb\w*|tingl\w*|doctor|medical\w*|medicine|therap\w+|"
    r"should i see|is it safe|safe to (?:train|lift|run)|heal\w*|damage\w*|"
    r"what is wrong with my (?:knee|hip|back|shoulder))\b",
    re.I,
)


@dataclass(frozen=True)
class Answer:
    """Slots of an answer, the query that was understood, and the summary with the figures that were made for it."""

    slots: list[Slot]
    query: Query
    summary: PhysicsSummary


def is_medical(question: str) -> bool:
    """Whether a question asks for diagnosis or treatment."""
    return (
        bool(_PAIN.search(question) or MEDICAL.search(question))
        or parse(question).topic == "pain"
    )


FOUND_AFTER_ALL = {
    "heel": "heel_lift"
}  # subjects that few clips show, and the fault of those


def unseen(clip: Clip) -> list[Slot]:
    """What one camera does not show; the fault where it was found after all."""
    name = FOUND_AFTER_ALL.get(clip.query.term, "")
    if clip.summary.fault(name):
        return one_fault(
            Clip(replace(clip.query, topic="fault", term=name), clip.source)
        )
    return slot("unseen", NOT_SEEN[clip.query.term])


TOPICS: dict[str, Callable[[Clip], list[Slot]]] = {
    "figure": figure_answer, "sides": sides, "depth": depth_answer, "trend": trend, "count": count, "partial": partial,
    "exercise": exercise, "hardest": hardest, "best": best, "fault": one_fault, "faults": all_faults, "advice": advice,
    "why": why, "addweight": add_weight, "load": load, "person": person, "sure": sure, "assumed": assumed,
    "formula": formula, "film": fixed("film", *FILM), "pain": fixed("refusal", REFUSAL),
    "hello": fixed("hello", HELLO), "help": fixed("help", HELP),
    "define": lambda clip: slot("define", GLOSSARY[clip.query.term]),
    "unseen": unseen,
}  # fmt: skip


def answered(
    summary: PhysicsSummary, question: str, analysis: Analysis | None = None
) -> Answer:
    """The answer to a question; a refusal, or what can be asked, where it cannot be answered.

    With the analysis any column can be asked for; without it only what the summary holds.
    """
    clean = sanitise(question, MAX_QUESTION)
    query = parse(clean)
    if is_medical(clean):
        query = replace(query, topic="pain")
    source = FigureSource(summary, analysis)
    slots = TOPICS[query.topic](Clip(query, source)) or [Slot("help", (HELP,))]
    return Answer(
        slots,
        query,
        replace(summary, figures=(*summary.figures, *source.made.values())),
    )


def answer(
    summary: PhysicsSummary, question: str, analysis: Analysis | None = None
) -> list[Slot]:
    """The slots of `answered`."""
    return answered(summary, question, analysis).slots
