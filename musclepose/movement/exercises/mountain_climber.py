"""Mountain climber."""

from musclepose.movement.exercises._common import HOLDS
from musclepose.movement.records import (
    NEVER_FILMED,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_lean", 55.0, 5.0),
    less("pic_lean_range", 35.0, 5.0),
    more("pic_knee_range", 60.0, 8.0),
    less("pic_knees_together", 0.3, 0.15),
    less("pic_elbow_angle_range", 50.0, 6.0),
    less("pic_wrist_up", -0.6, 0.1),
    more("pic_leg_lean", 45.0, 6.0),
    more("pic_knee_middle", 112.0, 8.0),
    less("pic_feet_y", 0.8, 0.1),
)
EXERCISE = Exercise(
    name="mountain_climber",
    title="mountain climber",
    plural="mountain climbers",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(Signal("hip_flexion_{}_deg", 30.0, "concentric"),),
    figures=HOLDS,
    cues=(
        "Keep your hips level while your knees drive.",
        "Push the floor away with your hands.",
    ),
    drills=("Slow down and place each foot softly.",),
    tells_tempo=False,
    tells_lean=False,
    range_joint="hip",
    supported_by="hands",
)
