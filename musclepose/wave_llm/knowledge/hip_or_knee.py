"""Whether hips or knees carry most of a squat or lunge: peak torques, the sides taken together."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show

CLEAR = 1.5  # ratio of peak torques that is told (chosen: bands are a tenth to a fifth)


def _peak(summary: PhysicsSummary, joint: str) -> Figure | None:
    made = [summary.figure(f"tau_{joint}_flexion_{s}.absmax") for s in "lr"]
    seen = [f for f in made if f is not None and (f.band is None or f.band <= f.value)]
    return max(seen, key=lambda f: f.value, default=None)


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only where the exercise bends both under load, and both torques are known."""
    exercise = EXERCISES[summary.exercise.name]
    hip, knee = _peak(summary, "hip"), _peak(summary, "knee")
    if (
        exercise.range_joint != "knee"
        or exercise.supported_by
        or not hip
        or not knee
        or summary.quality_level == "low"
    ):
        return None
    told = f"Peak torque was {show(hip)} at the hips; it was {show(knee)} at the knees."
    if hip.value >= CLEAR * knee.value:
        return Note(
            "hips carry", 0.7,
            "Your hips did more of the work than your knees.",
            told,
            "Keeping the knees back moves torque from knees to hips and tips the trunk forward (Fry 2003).",
            "Fry 2003",
            "Let the knees travel forward over the toes as you sit down, heels on the floor.",
            "Do some sets with a weight held at the chest, trunk tall.",
        )  # fmt: skip
    if knee.value >= CLEAR * hip.value:
        return Note(
            "knees carry", 0.7,
            "Your knees did more of the work than your hips.",
            told,
            "Knees that travel further forward raise the torque at the knee and lower it at the hip (Fry 2003).",
            "Fry 2003",
            "Sit back a little more, as if on a chair behind you.",
            "Do some sets to a box behind you, and sit back until you touch it.",
        )  # fmt: skip
    return None
