"""Romanian deadlift: hips back, knees quiet."""

from musclepose.movement.exercises._common import HINGE, HINGES, ON_FEET
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="romanian_deadlift",
    title="Romanian deadlift",
    plural="Romanian deadlifts",
    ways=(
        Way(
            rules=(
                *HINGE,
                less("knee_range", 54, 12),
                more("lean_max", 40, 4),
                more("pic_lean_high", 25, 9.5),
            ),
            gates=(
                *ON_FEET,
                more("pic_upright", 0.3, 0.1),
                less("pic_wrist_up_high", -0.57, 0.06),
                less("pic_feet_x", 1.3, 0.2),
            ),
        ),
    ),
    signals=(Signal("hip_flexion_{}_deg", 30.0, "eccentric", rest_low=True),),
    figures=HINGES,
    cues=(
        "Keep the weight close to your legs and the shins still.",
        "Reach back with the hips until the hamstrings stop you.",
    ),
    progressions=("Add a little weight next time.",),
    drills=(
        "Lower slowly and stop where the hamstrings stop you.",
        "Try the single-leg version without weight.",
    ),
    range_joint="hip",
    usually_loaded=True,
    never_seen=("rounding of the back",),
    rises="hand",
)
