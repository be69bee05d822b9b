"""Triceps extension."""

from musclepose.movement.exercises._common import ARMS
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    less("pic_hand_up_high", -0.12, 0.1),
    more("pic_elbow_low", 44.0, 8.0),
    more("pic_elbow_angle_range", 60.0, 8.0),
    less("pic_arm_low", 20.0, 4.0),
    less("pic_arm_high", 45.0, 6.0),
    less("pic_lean_high", 30.0, 5.0),
    less("pic_knee_angle_range", 35.0, 6.0),
    less("pic_feet_x", 0.6, 0.1),
    less("pic_hip_y", 0.3, 0.05),
)
EXERCISE = Exercise(
    name="triceps_extension",
    title="triceps extension",
    plural="triceps extensions",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    signals=(Signal("elbow_flexion_{}_deg", 30.0, "eccentric"),),
    figures=ARMS,
    cues=(
        "Keep your upper arms still beside your trunk.",
        "Straighten your elbows fully and return slowly.",
    ),
    drills=("Use less weight and pause with straight arms.",),
    range_joint="elbow",
    usually_loaded=True,
)
