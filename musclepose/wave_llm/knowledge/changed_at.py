"""The repetition from which the movement took clearly longer than the ones before, or that a set grew faster."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, by_repetition, show

MORE = 1.3  # times the average of all before


def noticed(summary: PhysicsSummary) -> Note | None:
    """From five repetitions on; all from that one on must be longer. Faster: by the trend of the set."""
    if not EXERCISES[summary.exercise.name].tells_tempo:
        return None
    times = by_repetition(summary, "tempo.whole")
    for at in range(2, len(times) if len(times) >= 5 else 0):
        before = sum(f.value for f in times[:at]) / at
        if before > 0 and all(f.value >= MORE * before for f in times[at:]):
            first = times[at]
            return Note(
                "changed",
                0.8,
                "Partway through the set your repetitions became longer.",
                f"From repetition {first.repetition} on each took longer: {show(first)} in repetition "
                f"{first.repetition}, {show(times[0])} in repetition 1.",
            )
    if any(t.name == "tempo" and t.direction == "down" for t in summary.trends):
        told = "Your repetitions became quicker over the set."
        return Note("faster", 0.55, told, told, says_again="trend")
    return None
