"""Pull-up."""

from musclepose.movement.exercises._common import HANGS
from musclepose.movement.records import (
    TWO_FILMS,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_wrist_up", 0.15, 0.1),
    more("pic_wrist_up_low", -0.2, 0.1),
    less("pic_wrist_of_shoulder", 0.85, 0.06),
    more("pic_shoulder_y", 0.45, 0.08),
    more("pic_elbow_angle_range", 50.0, 8.0),
    less("pic_lean", 40.0, 6.0),
)
EXERCISE = Exercise(
    name="pull_up",
    title="pull-up",
    plural="pull-ups",
    ways=(strictly(*RULES),),
    most_sure=TWO_FILMS,
    signals=(
        Signal("elbow_flexion_{}_deg", 35.0, "concentric", rest_low=True),
    ),
    figures=HANGS,
    cues=(
        "Start each pull from long arms.",
        "Pull your elbows down to your ribs.",
    ),
    drills=(
        "Lower slowly from the top.",
        "Hang with long arms and pull only your shoulder blades down.",
    ),
    tells_lean=False,
    range_joint="elbow",
    supported_by="bar",
)
