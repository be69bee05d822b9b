"""Deadlift: hips and knees lift a weight from the floor."""

from musclepose.movement.exercises._common import HINGE, HINGES, ON_FEET
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="deadlift",
    title="deadlift",
    plural="deadlifts",
    ways=(
        Way(
            rules=(*HINGE, more("knee_range", 54, 12), more("lean_max", 44, 4)),
            gates=(
                *ON_FEET,
                more("pic_upright", 0.3, 0.1),
                less("pic_wrist_up_high", -0.57, 0.06),
                less("pic_feet_x", 1.3, 0.2),
            ),
        ),
    ),
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
    never_seen=("rounding of the back",),
    rises="hand",
)
