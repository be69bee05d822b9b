"""How much the main bend differs from repetition to repetition, or shrinks over the set."""

from musclepose.movement.query.look_up import main_joint
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import (
    Note,
    bend_is_compared,
    either_side,
    extremes,
    show,
)

VARIES_DEG = 10.0  # twice what one camera can tell apart


def noticed(summary: PhysicsSummary) -> Note | None:
    """From three repetitions on, where the bend may be told."""
    joint = main_joint(summary)
    bends = either_side(summary, f"{joint}_flexion_{{}}.max")
    if len(bends) < 3 or not bend_is_compared(summary):
        return None
    if any(
        t.name.startswith(f"{joint}_flexion") and t.direction == "down"
        for t in summary.trends
    ):
        told = "Your repetitions became less deep over the set."
        return Note("depth fell", 0.75, told, told, says_again="trend")
    ends = extremes(bends)
    if ends is None:
        return Note(
            "same depth",
            0.3,
            "Every repetition reached the same end point, and that is good practice.",
            "All repetitions reached the same bend within what one camera can tell apart.",
        )
    low, high = ends
    if high.value - low.value < VARIES_DEG:
        return None
    return Note(
        "depth varies",
        0.6,
        "Your repetitions were not all equally deep.",
        f"The {low.side} {joint} bent to {show(high)} in repetition {high.repetition}; it bent to {show(low)} in "
        f"repetition {low.repetition}.",
    )
