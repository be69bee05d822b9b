"""Jumping jack."""

from musclepose.movement.exercises._common import FORCE
from musclepose.movement.records import (
    Content,
    Exercise,
    Signal,
    Way,
    less,
    more,
)

EXERCISE = Exercise(
    name="jumping_jack",
    title="jumping jack",
    plural="jumping jacks",
    ways=(
        Way(
            rules=(
                more("arm_range", 85, 10),
                more("stance_range", 0.14, 0.025),
                less("elbow_range", 50, 8),
                less("knee_range", 45, 6),
                less("lean_middle", 35, 7),
                less("travel", 0.35, 0.08),
            ),
            gates=(
                more("pic_upright", 0.6, 0.1),
                more("pic_arm_range", 70.0, 5.0),
                more("pic_feet_apart_range", 0.15, 0.05),
                more("pic_wrist_up_high", 0.2, 0.1),
            ),
        ),
    ),
    needs_legs=True,
    signals=(
        Signal("arm_elevation_{}_deg", 50.0, "concentric", rest_low=True),
    ),
    figures=Content(
        each=(("max", "arm_elevation_{}_deg"), ("range", "stance_width_m")),
        whole=FORCE,
        torques=(),
    ),
    cues=("Stay light on the balls of your feet.", "Breathe with the rhythm."),
    drills=(
        "Try short fast sets with rests.",
        "Alternate jacks with slow squats.",
    ),
    tells_tempo=False,
    tells_force=True,
)
