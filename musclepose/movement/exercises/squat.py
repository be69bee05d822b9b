"""Squat, with or without weight."""

from musclepose.movement.exercises._common import LEGS, ON_FEET, ON_THE_SPOT
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="squat",
    title="squat",
    plural="squats",
    ways=(
        Way(
            rules=(
                *ON_THE_SPOT,
                more("knee_range", 45, 6),
                more("hip_range", 35, 6),
                more("hip_together", 0.5, 0.12),
                less("lean_max", 60, 5),
                less("split_max", 0.23, 0.03),
                more("com_range", 0.07, 0.015),
                less("arm_max", 130, 12),
            ),
            gates=(
                *ON_FEET,
                more("pic_upright", 0.4, 0.1),
                more("pic_knee_range", 25.0, 5.0),
                more("pic_hip_y", 0.25, 0.05),
                more("pic_hip_over_knee_low", -0.3, 0.1),
                less("pic_lean_at_floor", 42.0, 4.0),
            ),
        ),
    ),
    needs_legs=True,
    signals=(Signal("knee_flexion_{}_deg", 30.0, "eccentric", rest_low=True),),
    stand_in=Signal("hip_flexion_{}_deg", 30.0, "eccentric", rest_low=True),
    figures=LEGS,
    cues=(
        "Drive the floor away on the way up.",
        "Push through the whole foot.",
    ),
    progressions=("Add a little weight next time.",),
    drills=(
        "Add a pause at the bottom.",
        "Lower more slowly and count to yourself.",
    ),
    tells_depth=True,
    rises="shoulder",
)
