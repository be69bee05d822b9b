"""The moments worth looking at: each finding where it showed most, then the peaks of the set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import Fault, PhysicsSummary
from musclepose.report.repetitions import cell_text, is_beyond

MAX_MOMENTS = 5
_DEGREES = {"deg": "°"}


@dataclass(frozen=True)
class Moment:
    """What happened when; `kind` says whether it is a finding or a peak without judgement."""

    kind: Literal["finding", "peak"]
    title: str  # "thighs stay above level"
    value: str  # "18°"
    time_s: float


def moments_of(summary: PhysicsSummary) -> tuple[Moment, ...]:
    """At most five, findings first, no two of the same moment."""
    chosen: list[Moment] = []
    for moment in (*map(_of_fault, summary.faults), *_peaks(summary)):
        if all(abs(moment.time_s - other.time_s) > 1e-3 for other in chosen):
            chosen.append(moment)
    return tuple(chosen[:MAX_MOMENTS])


def _of_fault(fault: Fault) -> Moment:
    evidence = fault.evidence
    side = f"{evidence.side} " if evidence.side else ""
    digits = 1 if evidence.unit == "s" else 0
    unit = _DEGREES.get(evidence.unit, f" {evidence.unit}")
    value = f"{evidence.value:.{digits}f}{unit}".rstrip()
    return Moment("finding", f"{side}{fault.label}", value, evidence.time_s)


def _peaks(summary: PhysicsSummary) -> Iterator[Moment]:
    """The largest bend that is counted on, the largest torque per mass, and the largest ground force."""
    exercise = EXERCISES[summary.exercise.name]
    counted = [n for s in exercise.signals for n in sides_of(s.column)]
    bends = [
        summary.figure(f"{name.removesuffix('_deg')}.max") for name in counted
    ]
    torques: list[Figure | None] = [
        f for f in summary.figures if f.key.endswith(".absmax_per_kg")
    ]
    force = summary.figure("grf_total.max")
    groups: tuple[list[Figure | None], ...] = (bends, torques, [force])
    for group in groups:
        largest = _largest(group)
        if largest is not None and largest.time_s is not None:
            title = largest.label
            if (
                group is torques
            ):  # one camera does not see how the sides share the load
                title = title.removeprefix(f"{largest.side} ")
            yield Moment("peak", title, told(largest), largest.time_s)


def _largest(figures: Iterable[Figure | None]) -> Figure | None:
    timed = [f for f in figures if f is not None and f.time_s is not None]
    return max(timed, key=lambda f: abs(f.value), default=None)


def told(figure: Figure) -> str:
    """Value as a reader sees it: degrees with their sign, no fraction as a unit, no effort above the strength."""
    if is_beyond(figure):
        return f"{cell_text(figure)}%"
    return figure.text.replace(" deg", "°").replace(" 1/min", " per min")
