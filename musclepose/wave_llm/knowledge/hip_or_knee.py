"""Whether hips or knees carry most of a squat or lunge: peak torques, the sides taken together."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show
from musclepose.wave_llm.observations import forces_are_told

CLEAR = 1.5  # ratio of peak torques that is told (chosen: bands are a tenth to a fifth)


def _peak(summary: PhysicsSummary, joint: str) -> Figure | None:
    made = [summary.figure(f"tau_{joint}_flexion_{s}.absmax") for s in "lr"]
    seen = [
        f
        for f in made
        if f is not None and (f.band is None or f.band <= f.value)
    ]
    return max(seen, key=lambda f: f.value, default=None)


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only where repetitions bend both under load, and both torques are known."""
    exercise = EXERCISES[summary.exercise.name]
    bends = exercise.range_joint == "knee" and exercise.kind == "repetitions"
    hip, knee = _peak(summary, "hip"), _peak(summary, "knee")
    if not bends or exercise.supported_by or hip is None or knee is None:
        return None
    if (
        exercise.tells_jump
        or summary.quality_level == "low"
        or not forces_are_told(summary)
    ):
        return None
    told = f"Peak torque was {show(hip)} at the hips; it was {show(knee)} at the knees."
    if hip.value >= CLEAR * knee.value:
        return Note(
            "hips carry",
            0.7,
            "Your hips did more of the work than your knees.",
            told,
        )
    if knee.value >= CLEAR * hip.value:
        return Note(
            "knees carry",
            0.7,
            "Your knees did more of the work than your hips.",
            told,
        )
    return None
