"""Whether the athlete may be told to go on to more: only where nothing that was seen or not seen speaks against it."""

from __future__ import annotations

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary

MAX_EFFORT_PCT = 80.0


def hardest_effort(summary: PhysicsSummary) -> Figure | None:
    """The largest effort that may be told, of all joints and both sides."""
    efforts = [
        f
        for f in summary.figures
        if f.key.startswith("effort_") and f.key.endswith(".max")
    ]
    return max(efforts, key=lambda f: f.value, default=None)


def reason_to_wait(summary: PhysicsSummary) -> str:
    """Why no progression is advised, as the end of a sentence; empty where it may be."""
    if not summary.is_sure or summary.faults:
        return "the movement comes first"
    if not any(check.outcome == "clear" for check in summary.checks):
        return "the movement could not be judged"
    if EXERCISES[summary.exercise.name].usually_loaded and not summary.load_kg:
        return "the weight was not told"
    effort = hardest_effort(summary)
    if effort is None:
        return "the effort was not seen"
    if effort.value > MAX_EFFORT_PCT:
        return "the effort is high already"
    if effort.band is None or effort.band > effort.value:
        return "the effort is not known well enough"
    return ""
