"""Shoulder tap."""

from musclepose.movement.exercises._common import HOLDS
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_lean", 60.0, 5.0),
    less("pic_lean_range", 25.0, 4.0),
    more("pic_elbow_angle_range", 45.0, 8.0),
    more("pic_elbows_apart", 55.0, 8.0),
    less("pic_shoulder_y", 0.3, 0.05),
    less("pic_hip_y", 0.3, 0.05),
    less("pic_wrist_up", -0.6, 0.1),
    more("pic_knee_middle", 148.0, 6.0),
    more("pic_wrist_y", 0.08, 0.03),
)
EXERCISE = Exercise(
    name="shoulder_tap",
    title="shoulder tap",
    plural="shoulder taps",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    needs_legs=True,
    signals=(
        Signal("elbow_flexion_{}_deg", 40.0, "concentric", rest_low=True),
    ),
    figures=HOLDS,
    cues=(
        "Keep your hips level as each hand leaves the floor.",
        "Set your feet wider if you sway.",
    ),
    drills=("Tap more slowly and pause with one hand up.",),
    tells_tempo=False,
    tells_lean=False,
    range_joint="elbow",
    supported_by="hands",
)
