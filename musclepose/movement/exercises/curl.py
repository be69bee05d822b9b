"""Biceps curl."""

from musclepose.movement.exercises._common import ARMS, LEGS_STILL, STANDING
from musclepose.movement.records import Exercise, Signal, less, more

EXERCISE = Exercise(
    name="curl",
    title="curl",
    plural="curls",
    recognition=(
        *LEGS_STILL,
        *STANDING,
        more("elbow_range", 45, 6),
        less("arm_max", 85, 8),
        less("hip_range", 40, 6),
    ),
    signals=(Signal("elbow_flexion_{}_deg", 35.0, "concentric"),),
    figures=ARMS,
    cues=("Keep your elbows at your ribs and lower slowly.", "Squeeze at the top and stand still."),
    progressions=("Add a little weight next time.",),
    drills=("Lower more slowly.", "Curl one arm at a time."),
    usually_loaded=True,
)
