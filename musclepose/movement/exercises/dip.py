"""Dip."""

from musclepose.movement.exercises._common import HANGS
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    less("pic_wrist_up", -0.4, 0.1),
    less("pic_wrist_of_shoulder", 0.85, 0.06),
    more("pic_shoulder_y", 0.45, 0.08),
    more("pic_elbow_angle_range", 50.0, 8.0),
    less("pic_lean", 29.0, 4.0),
    less("pic_leg_lean", 25.0, 4.0),
    less("pic_knee_range", 60.0, 8.0),
    more("pic_feet_y", 0.2, 0.05),
)
EXERCISE = Exercise(
    name="dip",
    title="dip",
    plural="dips",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    signals=(Signal("elbow_flexion_{}_deg", 35.0, "eccentric", rest_low=True),),
    figures=HANGS,
    cues=(
        "Keep your shoulders away from your ears.",
        "Lower until your upper arms are about level, no further than feels good.",
    ),
    drills=("Lower slowly with your feet helping on a box.",),
    tells_lean=False,
    range_joint="elbow",
    supported_by="bars",
)
