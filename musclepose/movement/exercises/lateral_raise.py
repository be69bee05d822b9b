"""Lateral raise."""

from musclepose.movement.exercises._common import ARM_RAISES
from musclepose.movement.records import ONE_FILM, Exercise, Signal, less, more

RULES = (
    less("pic_lean_high", 22.0, 4.0),
    more("pic_elbow_low", 112.0, 8.0),
    less("pic_elbow_angle_range", 50.0, 6.0),
    more("pic_arm_high", 68.0, 6.0),
    less("pic_arm_high", 135.0, 8.0),
    less("pic_arm_low", 40.0, 6.0),
    more("pic_wrist_y", 0.85, 0.1),
    more("pic_shoulder_width", 0.5, 0.05),
    less("pic_knee_angle_range", 35.0, 6.0),
)
EXERCISE = Exercise(
    name="lateral_raise",
    title="lateral raise",
    plural="lateral raises",
    recognition=RULES,
    gates=RULES,
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
