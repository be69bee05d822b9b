"""Lateral raise."""

from musclepose.movement.exercises._common import ARM_RAISES, RAISE
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

# Seen from the front: elsewhere the arms move along the camera's axis.
RULES = (*RAISE, more("pic_shoulder_width", 0.5, 0.05))
# On to overhead: long arms go out sideways, which those of a press do not, and the body does not jump.
OVERHEAD = (
    less("pic_lean_high", 30.0, 4.0),
    more("pic_elbow_low", 105.0, 6.0),
    more("pic_arm_high", 125.0, 6.0),
    less("pic_arm_low", 40.0, 6.0),
    more("pic_wrist_y", 1.2, 0.15),
    more("pic_shoulder_width", 0.5, 0.05),
    more("pic_hands_out", 1.5, 0.12),
    less("pic_shoulder_y", 0.2, 0.03),
    less("pic_knee_angle_range", 35.0, 6.0),
)
EXERCISE = Exercise(
    name="lateral_raise",
    title="lateral raise",
    plural="lateral raises",
    ways=(strictly(*RULES), strictly(*OVERHEAD)),
    most_sure=ONE_FILM,
    signals=(
        Signal("arm_elevation_{}_deg", 35.0, "concentric", rest_low=True),
    ),
    figures=ARM_RAISES,
    cues=(
        "Lead with your elbows up to shoulder height.",
        "Keep your shoulders away from your ears.",
    ),
    drills=("Lower more slowly.",),
    range_joint="elbow",
    usually_loaded=True,
)
