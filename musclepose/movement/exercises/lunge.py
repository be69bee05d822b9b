"""Lunge and split squat: one foot in front."""

from musclepose.movement.exercises._common import LEGS, ON_FEET, ON_THE_SPOT
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="lunge",
    title="lunge",
    plural="lunges",
    ways=(
        Way(
            rules=(
                *ON_THE_SPOT,
                more("knee_range", 40, 6),
                more("split_max", 0.255, 0.02),
                more("com_range", 0.07, 0.015),
                less("lean_max", 60, 6),
                less("com_rise", 0.08, 0.015),
            ),
            gates=(
                *ON_FEET,
                more("pic_upright", 0.4, 0.1),
                less("pic_hip_over_knee_low", 0.65, 0.1),
                more("pic_hip_over_knee_low", -0.1, 0.1),
                less("pic_lower_foot_y", 0.55, 0.06),
                less("pic_feet_x", 2.0, 0.2),
            ),
        ),
    ),
    needs_legs=True,
    signals=(
        Signal(
            "knee_flexion_{}_deg",
            30.0,
            "eccentric",
            rest_low=True,
            together=True,
            height="shoulder_height_in_picture",
        ),
    ),
    stand_in=Signal("hip_flexion_{}_deg", 30.0, "eccentric", rest_low=True),
    figures=LEGS,
    cues=(
        "Keep the front foot flat and push straight up.",
        "Let the front leg do the work.",
    ),
    progressions=("Add light dumbbells before you add repetitions.",),
    drills=(
        "Try slow reverse lunges with a pause.",
        "Pause at the bottom of each lunge.",
    ),
)
