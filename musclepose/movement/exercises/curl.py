"""Biceps curl."""

from musclepose.movement.exercises._common import ARMS, LEGS_STILL, STANDING
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="curl",
    title="curl",
    plural="curls",
    ways=(
        Way(
            rules=(
                *LEGS_STILL,
                *STANDING,
                more("elbow_range", 45, 6),
                less("arm_max", 85, 8),
                less("hip_range", 40, 6),
            ),
            gates=(
                less("pic_arm_range", 65.0, 5.0),
                less("pic_wrist_up", -0.15, 0.1),
                more("pic_elbow_range", 50.0, 5.0),
                more("pic_hand_up_high", -0.24, 0.1),
                more("pic_wrist_y", 0.35, 0.08),
            ),
        ),
    ),
    signals=(
        Signal("elbow_flexion_{}_deg", 35.0, "concentric", rest_low=True),
    ),
    figures=ARMS,
    cues=(
        "Keep your elbows at your ribs and lower slowly.",
        "Squeeze at the top and stand still.",
    ),
    progressions=("Add a little weight next time.",),
    drills=("Lower more slowly.", "Curl one arm at a time."),
    usually_loaded=True,
)
