"""What a coach would notice in a set beyond its faults, chosen by what the physics shows; one subject a file.

A file has `noticed(summary) -> Note | None`. What the figures of a clip do not show is not noticed. What to say about a
note (cue, drill, reason with its source) stands in `advice/`, one exercise a file, the sources in `sources.py`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.advice import DEFAULT, Advice, advice_for
from musclepose.wave_llm.knowledge.note import Note

_NOT_SUBJECTS = ("note", "advice", "sources", "earlier_set")
MODULES = tuple(
    sorted(
        m.name for m in iter_modules(__path__) if m.name not in _NOT_SUBJECTS
    )
)


def notes_of(summary: PhysicsSummary) -> list[Note]:
    """What is noticed, the most telling first; nothing where the exercise is not sure."""
    if not summary.is_sure:
        return []
    found = [
        import_module(f"{__name__}.{name}").noticed(summary) for name in MODULES
    ]
    return sorted((n for n in found if n is not None), key=lambda n: -n.weight)


def what_to_work_on(summary: PhysicsSummary) -> Advice | None:
    """Advice of the most telling note that asks for something, else the exercise's own; None where it is not sure."""
    if not summary.is_sure:
        return None
    names = [*(n.name for n in notes_of(summary)), DEFAULT]
    found = (advice_for(summary.exercise.name, name) for name in names)
    asked = next((a for a in found if a is not None and a.drill), None)
    if asked is None or asked.cue:
        return asked
    usual = advice_for(summary.exercise.name, DEFAULT)
    return (
        Advice(usual.cue, asked.drill, usual.reason, usual.source)
        if usual
        else asked
    )
