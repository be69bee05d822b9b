"""Calf raise."""

from musclepose.movement.exercises._common import STANDS
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_rise_together", 0.84, 0.06),
    more("pic_hip_y", 0.08, 0.02),
    less("pic_hip_y", 0.3, 0.05),
    more("pic_shoulder_y", 0.08, 0.02),
    more("pic_shoulder_of_hip", 0.7, 0.1),
    less("pic_shoulder_of_hip", 1.4, 0.15),
    more("pic_knee_low", 158.0, 5.0),
    less("pic_lean_range", 6.0, 2.0),
    less("pic_wrist_y", 0.22, 0.04),
    less("pic_feet_x", 0.3, 0.08),
)
EXERCISE = Exercise(
    name="calf_raise",
    title="calf raise",
    plural="calf raises",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    needs_legs=True,
    signals=(Signal("com_height_m", 0.03, "concentric", rest_low=True),),
    figures=STANDS,
    cues=(
        "Rise as high as you can and pause there.",
        "Lower your heels slowly.",
    ),
    drills=("Do one leg at a time with a hand on the wall.",),
)
