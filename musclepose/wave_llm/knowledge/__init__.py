"""What a coach would notice in a set beyond its faults, chosen by what the physics shows; one subject a file.

A file has `noticed(summary) -> Note | None`. Facts are in our own words with the source of each; what the figures of a
clip do not show is not noticed.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note

MODULES = tuple(sorted(m.name for m in iter_modules(__path__) if m.name != "note"))


def notes_of(summary: PhysicsSummary) -> list[Note]:
    """What is noticed, the most telling first; nothing where the exercise is not sure."""
    if not summary.is_sure:
        return []
    found = [import_module(f"{__name__}.{name}").noticed(summary) for name in MODULES]
    return sorted((n for n in found if n is not None), key=lambda n: -n.weight)
