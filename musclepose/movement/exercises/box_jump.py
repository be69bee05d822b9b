"""Box jump."""

from musclepose.movement.exercises._common import STANDS
from musclepose.movement.records import (
    NEVER_FILMED,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("flight", 0.02, 0.008),
    more("pic_step_height", 0.35, 0.06),
    more("pic_knees_together", 0.6, 0.1),
    more("pic_feet_y", 0.4, 0.08),
    more("pic_hip_y", 0.5, 0.08),
    less("pic_feet_x", 2.2, 0.2),
    more("pic_upright_low", 0.2, 0.1),
    less("pic_lean", 30.0, 5.0),
)
EXERCISE = Exercise(
    name="box_jump",
    title="box jump",
    plural="box jumps",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(Signal("com_height_m", 0.15, "concentric", rest_low=True),),
    figures=STANDS,
    cues=(
        "Land softly with your whole foot on the box.",
        "Step down one foot at a time.",
    ),
    drills=("Use a lower box and hold each landing.",),
    tells_tempo=False,
    supported_by="box",
)
