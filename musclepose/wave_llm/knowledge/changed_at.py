"""The repetition from which the movement took clearly longer than the ones before."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, by_repetition, show

MORE = 1.3  # times the average of all before


def noticed(summary: PhysicsSummary) -> Note | None:
    """From five repetitions on; all from that one on must be longer."""
    times = by_repetition(summary, "tempo.whole")
    if len(times) < 5 or not EXERCISES[summary.exercise.name].tells_tempo:
        return None
    for at in range(2, len(times)):
        before = sum(f.value for f in times[:at]) / at
        if before > 0 and all(f.value >= MORE * before for f in times[at:]):
            first = times[at]
            return Note(
                "changed", 0.8,
                "Partway through the set your repetitions became longer.",
                f"From repetition {first.repetition} on each took longer: {show(first)} in repetition "
                f"{first.repetition}, "
                f"{show(times[0])} in repetition 1.",
                "Repetitions that grow longer at the same weight show fatigue (Sanchez-Medina 2011).",
                "Sanchez-Medina 2011",
                "Rest before it changes, or take a little off the bar.",
                "Split the set in two with a short rest between.",
            )  # fmt: skip
    return None
