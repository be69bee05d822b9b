"""How upright the trunk stays in a squat or lunge, and whether it tips more towards the end of the set."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show, was_checked

UPRIGHT_DEG, LEANING_DEG = (
    25.0,
    40.0,
)  # chosen: about a usual error to each side of the middle


def noticed(summary: PhysicsSummary) -> Note | None:
    """Where forward lean was judged and is no fault."""
    exercise = EXERCISES[summary.exercise.name]
    if not exercise.tells_lean or summary.fault("forward_lean"):
        return None
    if any(
        t.name == "trunk_lean" and t.direction == "up" for t in summary.trends
    ):
        told = "Your trunk tipped more towards the end of the set."
        return Note("lean grew", 0.72, told, told, says_again="trend")
    lean = summary.figure("trunk_lean.max.average")
    if lean is None or not was_checked(summary, "forward_lean"):
        return None
    told = f"On average your trunk leaned {show(lean)} at the bottom."
    if lean.value <= UPRIGHT_DEG:
        return Note(
            "upright",
            0.41,
            "Your trunk stays quite upright.",
            told,
            says_again="lean",
        )
    if lean.value >= LEANING_DEG:
        return Note(
            "leaning",
            0.43,
            "Your hips go back and your trunk comes with them.",
            told,
            says_again="lean",
        )
    return None
