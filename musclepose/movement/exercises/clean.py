"""Clean."""

from musclepose.movement.exercises._common import HINGES
from musclepose.movement.records import (
    NEVER_FILMED,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    less("pic_wrist_over_ankle_low", 0.5, 0.06),
    more("pic_wrist_up_high", -0.3, 0.06),
    less("pic_wrist_up_high", 0.33, 0.06),
    less("pic_elbow_low", 85.0, 8.0),
    more("pic_shoulder_y", 0.6, 0.1),
    more("pic_wrist_y", 1.2, 0.12),
    more("pic_knee_range", 50.0, 8.0),
    less("pic_leg_lean_high", 40.0, 5.0),
    less("pic_feet_x", 0.8, 0.1),
)
EXERCISE = Exercise(
    name="clean",
    title="clean",
    plural="cleans",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(
        Signal("wrist_over_shoulder_{}_m", 0.5, "concentric", rest_low=True),
    ),
    figures=HINGES,
    cues=(
        "Push the floor away before you pull.",
        "Bring your elbows round fast.",
    ),
    drills=("Pull from above the knee with less weight.",),
    tells_tempo=False,
    range_joint="hip",
    usually_loaded=True,
)
