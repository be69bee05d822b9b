"""Speed in the three thirds of the way up of the slowest repetition: where it stalls, in figures of the summary."""

from __future__ import annotations

from dataclasses import replace

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.summary import (
    PhysicsSummary,
    Repetition,
    counting_columns,
)
from musclepose.records import Analysis

THIRDS = ("first", "middle", "last")
MIN_WAY_UP_S = 0.9  # shorter thirds are a few pictures (chosen)


def with_way_up(
    summary: PhysicsSummary, analysis: Analysis | None
) -> PhysicsSummary:
    """The summary with `way_up.first`, `.middle` and `.last` (m/s), where the speed of the lift is known."""
    slowest = _slowest(summary)
    if analysis is None or slowest is None:
        return summary
    measure = Measure(analysis)
    measure.add_counted(counting_columns(summary, analysis.time_s))
    made = _thirds(measure, EXERCISES[summary.exercise.name].rises, slowest)
    return replace(summary, figures=(*summary.figures, *made))


def _slowest(summary: PhysicsSummary) -> Repetition | None:
    """The repetition with the lowest mean speed upwards; None where it is not known or too short."""
    speeds = [
        (summary.figure(f"velocity.mean.r{r.index}"), r)
        for r in summary.repetitions
    ]
    known = [(f.value, r) for f, r in speeds if f is not None]
    if not summary.is_sure or not known:
        return None
    slowest = min(known, key=lambda pair: pair[0])[1]
    up = next(p for p in slowest.phases if p.name == "concentric")
    return slowest if up.end_s - up.start_s >= MIN_WAY_UP_S else None


def _thirds(measure: Measure, stem: str, r: Repetition) -> list[Figure]:
    up = next(p for p in r.phases if p.name == "concentric")
    endings = ("_l", "_r") if stem == "hand" else ("",)
    seen = [
        e
        for e in endings
        if measure.was_seen(f"{stem}{e}_m", up.start_s, up.end_s)
    ]
    third = (up.end_s - up.start_s) / 3.0
    made = []
    for i, name in enumerate(THIRDS if seen else ()):
        start, end = up.start_s + i * third, up.start_s + (i + 1) * third
        parts = ", ".join(
            f"mean({stem}_rise{e}_m_s, {start:.3f}, {end:.3f})" for e in seen
        )
        label = f"speed upwards in the {name} third, repetition {r.index}"
        source = f"average({parts})"
        made.append(
            measure.formula(
                f"way_up.{name}",
                source,
                "m/s",
                label,
                repetition=r.index,
                time_s=0.5 * (start + end),
            )
        )
    return [f for f in made if f is not None]
