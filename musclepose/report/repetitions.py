"""The table of repetitions: which figures are told for each of them, and which repetition was best and worst in what.

Best and worst are marked only in a figure for which the exercise has a limit that says which way is better, only where
the exercise is sure and that figure could be judged, and only where they differ by at least one step of severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import cases_of
from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.records import Limit, Statistic
from musclepose.movement.set_figures import PHASES
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import (
    MAX_REPETITIONS,
    PhysicsSummary,
    Repetition,
)
from musclepose.records import Analysis

Group = Literal["tempo", "movement", "torque", "effort", "further"]
_PHASE_TITLES = {
    "eccentric": "lowering",
    "hold": "hold",
    "concentric": "lifting",
}
FULL_EFFORT_PCT = 100.0
Cell = tuple[
    Figure, ...
]  # left and right where a joint has sides; empty where it was not seen


@dataclass(frozen=True)
class RepetitionColumn:
    """One figure over the repetitions. `best` and `worst` are places in `cells`, None where nothing is marked."""

    title: str
    unit: str
    group: Group
    cells: tuple[Cell, ...]
    best: int | None = None
    worst: int | None = None


def repetition_columns(
    analysis: Analysis, summary: PhysicsSummary
) -> tuple[RepetitionColumn, ...]:
    """The columns of the table; those without any value are left out. No columns without repetitions."""
    reps = summary.repetitions[:MAX_REPETITIONS]
    if not reps:
        return ()
    measure = Measure(analysis)
    columns = [
        *_tempo_columns(summary, reps),
        *_movement_columns(measure, summary, reps),
        *_load_columns(measure, summary, reps, "torque"),
        *_load_columns(measure, summary, reps, "effort"),
    ]
    return tuple(c for c in columns if any(c.cells))


def _tempo_columns(
    summary: PhysicsSummary, reps: Sequence[Repetition]
) -> Iterator[RepetitionColumn]:
    for name in ("whole", *PHASES):
        cells = tuple(
            _found(summary.figure(f"tempo.{name}.r{r.index}")) for r in reps
        )
        yield RepetitionColumn(
            _PHASE_TITLES.get(name, "time"), "s", "tempo", cells
        )


def _found(*figures: Figure | None) -> Cell:
    return tuple(f for f in figures if f is not None)


def _movement_columns(
    measure: Measure, summary: PhysicsSummary, reps: Sequence[Repetition]
) -> Iterator[RepetitionColumn]:
    """What the exercise's record asks for, and the range of what it is counted on."""
    exercise = EXERCISES[summary.exercise.name]
    counted = tuple(s.column for s in exercise.signals)
    wanted: list[tuple[Statistic, str]] = [*exercise.figures.each]
    wanted += [("range", c) for c in counted if ("range", c) not in wanted]
    limits = _judged_limits(summary)
    for statistic, column in wanted:
        cells = _statistic_cells(measure, statistic, column, reps)
        limit = limits.get((statistic, column))
        is_central = limit is not None or (
            column in counted and statistic != "min"
        )
        yield _marked(
            _title(cells), cells, "movement" if is_central else "further", limit
        )


def _statistic_cells(
    measure: Measure,
    statistic: Statistic,
    column: str,
    reps: Sequence[Repetition],
) -> tuple[Cell, ...]:
    return tuple(
        _found(
            *(
                measure.statistic(
                    statistic, name, (r.start_s, r.end_s), r.index
                )
                for name in sides_of(column)
            )
        )
        for r in reps
    )


def _title(cells: Sequence[Cell]) -> str:
    """ "knee bend, largest": the label of any figure without its side and repetition."""
    first = next((figure for cell in cells for figure in cell), None)
    if first is None:
        return ""
    words = first.label.split(", repetition")[0]
    return words.removeprefix(f"{first.side} ") if first.side else words


def _judged_limits(
    summary: PhysicsSummary,
) -> dict[tuple[Statistic, str], Limit]:
    """Limits of the exercise that could be judged in this clip, by what they look at."""
    if not summary.is_sure:
        return {}
    judged = {c.fault for c in summary.checks if c.outcome != "unseen"}
    rules = [
        case.rule
        for kind, case in cases_of(summary.exercise.name)
        if kind.name in judged
    ]
    return {(r.statistic, r.column): r for r in rules if isinstance(r, Limit)}


def _marked(
    title: str, cells: tuple[Cell, ...], group: Group, limit: Limit | None
) -> RepetitionColumn:
    unit = next((f.unit for cell in cells for f in cell), "")
    if limit is None:
        return RepetitionColumn(title, unit, group, cells)
    strain = {i: _strain(cell, limit) for i, cell in enumerate(cells) if cell}
    if (
        len(strain) < 2
        or max(strain.values()) - min(strain.values()) < limit.step
    ):
        return RepetitionColumn(title, unit, group, cells)
    best, worst = (
        min(strain, key=strain.__getitem__),
        max(strain, key=strain.__getitem__),
    )
    return RepetitionColumn(title, unit, group, cells, best, worst)


def _strain(cell: Cell, limit: Limit) -> float:
    """How far a repetition goes towards the fault: the mean of both sides or the worse one, as the limit says."""
    signed = [limit.sign * figure.value for figure in cell]
    return sum(signed) / len(signed) if limit.together else max(signed)


def _load_columns(
    measure: Measure,
    summary: PhysicsSummary,
    reps: Sequence[Repetition],
    group: Literal["torque", "effort"],
) -> list[RepetitionColumn]:
    """Peak torque or effort of each joint that the summary tells; the joint with the largest one comes first.

    A cell is the larger of both sides: one camera does not see how the sides share the load.
    """
    statistic: Statistic = "absmax" if group == "torque" else "max"
    ending = "_nm" if group == "torque" else ""
    stem = "tau" if group == "torque" else "effort"
    columns = []
    for dof in EXERCISES[summary.exercise.name].figures.torques:
        names = [
            n
            for n in sides_of(dof)
            if summary.figure(f"{stem}_{n}.{statistic}")
        ]
        pairs = [
            _found(
                *(
                    measure.statistic(
                        statistic,
                        f"{stem}_{n}{ending}",
                        (r.start_s, r.end_s),
                        r.index,
                    )
                    for n in names
                )
            )
            for r in reps
        ]
        cells = tuple((max(pair, key=_size),) if pair else () for pair in pairs)
        unit = next((f.unit for cell in cells for f in cell), "")
        columns.append(RepetitionColumn(_title(cells), unit, "further", cells))
    columns.sort(
        key=lambda c: (
            -max((_size(f) for cell in c.cells for f in cell), default=0.0)
        )
    )
    first = [
        RepetitionColumn(c.title, c.unit, group, c.cells) for c in columns[:1]
    ]
    return first + columns[1:]


def is_beyond(figure: Figure) -> bool:
    """Whether it is an effort above the estimated strength, which is then estimated too low."""
    return (
        figure.key.startswith("effort_")
        and figure.unit == "%"
        and figure.value > FULL_EFFORT_PCT
    )


def cell_text(figure: Figure) -> str:
    """Value without its unit; effort above the estimated strength is not told closer, for the estimate is then low."""
    if is_beyond(figure):
        return f"> {FULL_EFFORT_PCT:.0f}"
    return (
        figure.text.removesuffix(figure.unit).strip()
        if figure.unit
        else figure.text
    )


def _size(figure: Figure) -> float:
    return abs(figure.value)
