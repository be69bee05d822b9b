"""Front raise."""

from musclepose.movement.exercises._common import ARM_RAISES, RAISE
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    strictly,
)

# Seen from the side: elsewhere the arms move along the camera's axis.
RULES = (*RAISE, less("pic_shoulder_width", 0.42, 0.05))
EXERCISE = Exercise(
    name="front_raise",
    title="front raise",
    plural="front raises",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    signals=(
        Signal("arm_elevation_{}_deg", 35.0, "concentric", rest_low=True),
    ),
    figures=ARM_RAISES,
    cues=("Lift with long arms to shoulder height.", "Keep your trunk still."),
    drills=("Lower more slowly.",),
    range_joint="elbow",
    usually_loaded=True,
)
