"""Kettlebell swing."""

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
    more("pic_lean_range", 28.0, 5.0),
    more("pic_hip_range", 45.0, 8.0),
    more("pic_wrist_up_high", -0.35, 0.08),
    less("pic_wrist_up_high", 0.45, 0.1),
    more("pic_wrist_y", 1.0, 0.1),
    more("pic_elbow_low", 118.0, 8.0),
    less("pic_shoulder_y", 1.3, 0.1),
    less("pic_hip_y", 0.6, 0.08),
    less("pic_feet_x", 0.5, 0.1),
)
EXERCISE = Exercise(
    name="kettlebell_swing",
    title="kettlebell swing",
    plural="kettlebell swings",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(Signal("hip_flexion_{}_deg", 30.0, "eccentric", rest_low=True),),
    figures=HINGES,
    cues=(
        "Snap your hips and let the arms follow.",
        "Stand tall at the top of each swing.",
    ),
    drills=("Practise the hip hinge without weight.",),
    range_joint="hip",
    usually_loaded=True,
)
