"""Step-up onto a box."""

from musclepose.movement.exercises._common import LEGS, ON_FEET
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    Way,
    less,
    more,
)

EXERCISE = Exercise(
    name="step_up",
    title="step-up",
    plural="step-ups",
    ways=(
        Way(
            rules=(
                less("flight", 0.12, 0.03),
                more("com_range", 0.08, 0.015),
                more("knee_range", 45, 6),
                more("com_rise", 0.075, 0.015),
                more("foot_gap", 0.09, 0.015),
                less("split_max", 0.32, 0.03),
                less("hip_together", 0.8, 0.08),
                less("speed", 0.55, 0.08),
                less("lean_max", 62, 6),
            ),
            gates=(
                *ON_FEET,
                more("pic_step_height", 0.12, 0.04),
                less("pic_wrist_up_high", 0.2, 0.1),
                more("pic_upright", 0.5, 0.1),
                less("pic_feet_x", 1.2, 0.2),
                more("pic_hip_over_knee_low", -0.05, 0.1),
                more("pic_lower_foot_y", 0.15, 0.04),
            ),
        ),
    ),
    most_sure=ONE_FILM,
    needs_legs=True,
    signals=(
        Signal(
            "com_height_m",
            0.1,
            "concentric",
            height="shoulder_height_in_picture",
        ),
    ),
    figures=LEGS,
    cues=(
        "Drive through the heel on the step and stay tall.",
        "Push with the upper leg, not the lower foot.",
    ),
    progressions=("Hold light dumbbells.",),
    drills=("Lower yourself slowly before you raise the step.",),
    supported_by="box",
)
