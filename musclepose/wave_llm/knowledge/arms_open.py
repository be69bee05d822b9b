"""Whether the elbows open at the start of each repetition of a curl, row or pull-up."""

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, either_side, show

BENT_DEG = 45.0  # far beyond the error of one camera
EXERCISES_WITH_LONG_ARMS = ("curl", "pull_up", "row")


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only where every repetition started with elbows that are clearly bent."""
    if (
        summary.exercise.name not in EXERCISES_WITH_LONG_ARMS
        or summary.fit_level == "low"
    ):
        return None
    bends = either_side(summary, "elbow_flexion_{}.min")
    if len(bends) < 2 or min(f.value for f in bends) < BENT_DEG:
        return None
    least = min(bends, key=lambda f: f.value)
    told = f"The smallest bend of the {least.side} elbow was {show(least)}."
    return Note(
        "bottom bent",
        0.68,
        "Your arms do not get long between the repetitions.",
        told,
    )
