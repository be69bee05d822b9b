"""The faults, one record a file. A new file with a FAULT of its own is a new fault."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.records import Case, FaultKind


def _found() -> dict[str, FaultKind]:
    """The FAULT of every file of this folder, by name; a file without one, or with another name, is an error."""
    found: dict[str, FaultKind] = {}
    for module in sorted(
        m.name for m in iter_modules(__path__) if not m.name.startswith("_")
    ):
        fault = import_module(f"{__name__}.{module}").FAULT
        if fault.name != module:
            raise ImportError(
                f"movement/faults/{module}.py holds the fault {fault.name}."
            )
        unknown = {e for case in fault.cases for e in case.exercises} - set(
            EXERCISES
        )
        if unknown:
            raise ImportError(
                f"movement/faults/{module}.py names {', '.join(sorted(unknown))}."
            )
        found[module] = fault
    return found


FAULTS: dict[str, FaultKind] = _found()


def case_of(fault: str, exercise: str) -> Case:
    """How a fault shows in an exercise; KeyError where it is not looked for there."""
    found = _case(FAULTS[fault], exercise)
    if found is None:
        raise KeyError(f"{fault} is not looked for in {exercise}")
    return found


def _case(kind: FaultKind, exercise: str) -> Case | None:
    own = EXERCISES[exercise].faults.get(kind.name)
    return own or next((c for c in kind.cases if exercise in c.exercises), None)


def cases_of(exercise: str) -> tuple[tuple[FaultKind, Case], ...]:
    """The faults that are looked for in an exercise, what matters most first; KeyError for one without a record."""
    unknown = set(EXERCISES[exercise].faults) - set(FAULTS)
    if unknown:
        raise KeyError(
            f"{exercise} names {', '.join(sorted(unknown))}: no such fault record"
        )
    found = [(kind, _case(kind, exercise)) for kind in FAULTS.values()]
    cases = [(kind, case) for kind, case in found if case is not None]
    return tuple(sorted(cases, key=lambda pair: -pair[1].weight))
