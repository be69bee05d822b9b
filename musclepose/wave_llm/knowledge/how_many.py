"""One repetition only, or a long set."""

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note

MANY = 15  # more than fifteen repetitions train endurance (ACSM 2009)


def noticed(summary: PhysicsSummary) -> Note | None:
    """By the count; a clip of one repetition shows no change over the set."""
    count = len(summary.repetitions)
    if summary.kind != "repetitions":
        return None
    if count == 1:
        told = "One repetition does not show how a set changes."
        return Note("one", 0.35, told, told)
    if count > MANY:
        return Note(
            "many", 0.58, "That was a long set.", "That was a long set."
        )
    return None
