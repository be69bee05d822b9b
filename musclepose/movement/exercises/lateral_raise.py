"""Lateral raise."""

from musclepose.movement.exercises._common import ARM_RAISES, RAISE
from musclepose.movement.records import ONE_FILM, Exercise, Signal, more, strictly

# Seen from the front: elsewhere the arms move along the camera's axis.
RULES = (*RAISE, more("pic_shoulder_width", 0.5, 0.05))
EXERCISE = Exercise(
    name="lateral_raise",
    title="lateral raise",
    plural="lateral raises",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    signals=(Signal("arm_elevation_{}_deg", 35.0, "concentric", rest_low=True),),
    figures=ARM_RAISES,
    cues=(
        "Lead with your elbows up to shoulder height.",
        "Keep your shoulders away from your ears.",
    ),
    drills=("Lower more slowly.",),
    range_joint="elbow",
    usually_loaded=True,
)
