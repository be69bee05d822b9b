"""Cadence of walking and running."""

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note
from musclepose.wave_llm.observations import is_usual_cadence

BRISK, NEARLY = (
    100.0,
    90.0,
)  # steps per minute from which walking is moderate (Tudor-Locke 2018); a little below
LONG, QUICK = (
    160.0,
    170.0,
)  # of running (chosen: most recreational runners lie between)


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only for a gait that was counted."""
    cadence = summary.figure("cadence")
    if cadence is None or not is_usual_cadence(summary):
        return None
    named = (
        _walking(cadence.value)
        if summary.exercise.name == "walking"
        else ("", "")
    )
    if summary.exercise.name == "running":
        named = _running(cadence.value)
    name, plain = named
    told = f"The cadence was {cadence.value:.0f} steps per minute."
    return Note(name, 0.5, plain, told, "count") if name else None


def _walking(cadence: float) -> tuple[str, str]:
    if cadence >= BRISK:
        return "brisk", "You walk briskly enough to train your heart."
    if cadence >= NEARLY:
        return (
            "nearly brisk",
            "You are a few steps a minute short of a brisk pace.",
        )
    return "easy", "This is an easy pace."


def _running(cadence: float) -> tuple[str, str]:
    if cadence < LONG:
        return "long steps", "You take long, slow steps."
    return (
        ("quick steps", "You take quick, short steps.")
        if cadence >= QUICK
        else ("", "")
    )
