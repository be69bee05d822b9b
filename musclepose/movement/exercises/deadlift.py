"""Deadlift: hips and knees lift a weight from the floor."""

from musclepose.movement.exercises._common import HINGE, HINGES
from musclepose.movement.records import Exercise, Signal, more

EXERCISE = Exercise(
    name="deadlift",
    title="deadlift",
    plural="deadlifts",
    recognition=(*HINGE, more("knee_range", 42, 4), more("lean_max", 52, 4)),
    signals=(Signal("hip_flexion_{}_deg", 30.0, "eccentric"),),
    figures=HINGES,
    cues=(
        "Keep the weight close and push the floor away.",
        "Tighten your upper back before each pull.",
    ),
    progressions=("Add a little weight next time.",),
    drills=("Add a pause just off the floor with less weight.",),
    range_joint="hip",
    usually_loaded=True,
)
