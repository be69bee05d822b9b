"""What to say about what was noticed: cue, drill and reason with its source, one exercise a file.

A file has `ADVICE`: by the name of a note, and "default" for a set in which no note asks for anything. What an exercise
does not say itself stands in `_general`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

DEFAULT = "default"


@dataclass(frozen=True)
class Advice:
    """Cue and drill carry no digits; "" where there is nothing to ask for. reason: a fact in our words, of `source`."""

    cue: str
    drill: str
    reason: str = ""
    source: str = ""

    @property
    def cited(self) -> str:
        """The reason with its source in brackets; empty where there is none."""
        return (
            f"{self.reason[:-1]} ({self.source})."
            if self.source
            else self.reason
        )


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, Advice]]:
    names = [m.name for m in iter_modules(__path__)]
    return {name: import_module(f"{__name__}.{name}").ADVICE for name in names}


def advice_for(exercise: str, note: str) -> Advice | None:
    """The exercise's own advice for a note, else the general one."""
    own = _all().get(exercise, {})
    return own.get(note) or _all()["_general"].get(note)


def bank() -> Iterator[Advice]:
    """All advice there is."""
    for by_note in _all().values():
        yield from by_note.values()
