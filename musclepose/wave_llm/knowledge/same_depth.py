"""How much the main bend differs from repetition to repetition."""

from musclepose.movement.query.look_up import main_joint
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, either_side, extremes, show


def noticed(summary: PhysicsSummary) -> Note | None:
    """From three repetitions on."""
    joint = main_joint(summary)
    bends = either_side(summary, f"{joint}_flexion_{{}}.max")
    if len(bends) < 3:
        return None
    ends = extremes(bends)
    if ends is None:
        return Note(
            "same depth", 0.3,
            "Every repetition looked the same, and that is good practice.",
            "All repetitions reached the same bend within what one camera can tell apart.",
            "Equal repetitions make sets comparable, which progression needs (ACSM 2009).",
            "ACSM 2009",
        )  # fmt: skip
    low, high = ends
    return Note(
        "depth varies", 0.6,
        "Your repetitions were not all equally deep.",
        f"The {low.side} {joint} bent to {show(high)} in repetition {high.repetition}; it bent to {show(low)} in "
        f"repetition {low.repetition}.",
        "The range of a repetition decides what it trains, so sets of unequal range are hard to "
        "compare (Pinto 2012).",
        "Pinto 2012",
        "Choose one end point and reach it in every repetition.",
        "Put a box or a band where the movement should end, and touch it softly each time.",
    )  # fmt: skip
