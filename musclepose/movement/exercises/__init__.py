"""The exercises, one record a file. A new file with an EXERCISE of its own is a new exercise."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from musclepose.movement.records import Exercise


def _found() -> dict[str, Exercise]:
    """The EXERCISE of every file of this folder, by name; a file without one, or with another name, is an error."""
    found: dict[str, Exercise] = {}
    for module in sorted(
        m.name for m in iter_modules(__path__) if not m.name.startswith("_")
    ):
        exercise = import_module(f"{__name__}.{module}").EXERCISE
        if exercise.name != module:
            raise ImportError(
                f"movement/exercises/{module}.py holds the exercise {exercise.name}."
            )
        found[module] = exercise
    return found


OTHER = "other"  # what fits no exercise
EXERCISES: dict[str, Exercise] = _found()
