"""What was better than in the set before it in the same visit: only where both sets can be compared."""

from __future__ import annotations

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.query.look_up import main_joint
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, bend_is_compared, show

DEEPER_DEG, FASTER_M_S = (
    8.0,
    0.08,
)  # twice what is left of the error between two sets of one camera (chosen)


def better_than(summary: PhysicsSummary, earlier: PhysicsSummary) -> list[Note]:
    """The most telling of: a fault that is gone, deeper, faster, more repetitions. Nothing where the view changed."""
    same = (
        summary.exercise.name == earlier.exercise.name
        and summary.view == earlier.view
    )
    if not same or not (summary.is_sure and earlier.is_sure):
        return []
    found = (
        f(summary, earlier) for f in (_fault_gone, _deeper, _faster, _more)
    )
    return [note for note in found if note is not None][:1]


def _fault_gone(
    summary: PhysicsSummary, earlier: PhysicsSummary
) -> Note | None:
    clear = {c.fault: c.what for c in summary.checks if c.outcome == "clear"}
    gone = next((clear[f.name] for f in earlier.faults if f.name in clear), "")
    told = f"In the set before {gone} stood out; this time it did not."
    return Note("fault gone", 1.0, told, told) if gone else None


def _average(summary: PhysicsSummary) -> Figure | None:
    joint = main_joint(summary)
    made = (summary.figure(f"{joint}_flexion_{s}.max.average") for s in "lr")
    return next((f for f in made if f is not None), None)


def _deeper(summary: PhysicsSummary, earlier: PhysicsSummary) -> Note | None:
    now, before = _average(summary), _average(earlier)
    compared = bend_is_compared(summary) and bend_is_compared(earlier)
    has_depth = any(c.what == "depth" for c in summary.checks)
    if (
        now is None
        or before is None
        or now.side != before.side
        or not (compared and has_depth)
    ):
        return None
    if now.value - before.value < DEEPER_DEG:
        return None
    told = f"You went deeper than in the set before: the {now.side} {now.joint} bent to {show(now)} on average."
    return Note("deeper", 0.95, "You went deeper than in the set before.", told)


def _faster(summary: PhysicsSummary, earlier: PhysicsSummary) -> Note | None:
    now, before = (
        summary.figure("velocity.mean"),
        earlier.figure("velocity.mean"),
    )
    if now is None or before is None or summary.load_kg < earlier.load_kg:
        return None
    poor = "low" in (summary.fit_level, earlier.fit_level)
    if poor or now.value - before.value < FASTER_M_S:
        return None
    told = (
        f"You came up faster than in the set before, at {show(now)} on average."
    )
    return Note(
        "came up faster",
        0.92,
        "You came up faster than in the set before.",
        told,
    )


def _more(summary: PhysicsSummary, earlier: PhysicsSummary) -> Note | None:
    counted = EXERCISES[summary.exercise.name].kind == "repetitions"
    cut = summary.cut_off or earlier.cut_off
    if (
        not counted
        or cut
        or len(summary.repetitions) <= len(earlier.repetitions)
    ):
        return None
    told = "That is more repetitions than in the set before."
    return Note("more", 0.9, told, told)
