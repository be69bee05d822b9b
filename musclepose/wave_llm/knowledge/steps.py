"""Cadence of walking."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note

BRISK = 100.0  # steps per minute from which walking is of moderate intensity (Tudor-Locke 2018)
RUNNING = 150.0


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only for a gait that was counted."""
    cadence = summary.figure("cadence")
    if (
        cadence is None
        or EXERCISES[summary.exercise.name].kind != "gait"
        or cadence.value >= RUNNING
    ):
        return None
    brisk = cadence.value >= BRISK
    return Note(
        "brisk" if brisk else "easy", 0.5,
        "You walk briskly enough to train your heart." if brisk else "This is an easy pace.",
        f"The cadence was {cadence.value:.0f} steps per minute.",
        "From about a hundred steps a minute walking counts as moderate exercise for adults (Tudor-Locke 2018).",
        "Tudor-Locke 2018",
        "" if brisk else "Take quicker, not longer, steps.",
        says_again="count",
    )  # fmt: skip
