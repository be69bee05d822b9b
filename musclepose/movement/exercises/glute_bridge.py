"""Glute bridge."""

from musclepose.movement.exercises._common import TRUNKS
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_lean", 75.0, 6.0),
    less("pic_knee_middle", 112.0, 8.0),
    more("pic_hip_range", 22.0, 5.0),
    less("pic_shoulder_y", 0.28, 0.05),
    less("pic_lean_range", 48.0, 5.0),
    more("pic_wrist_up", -0.5, 0.1),
    less("pic_leg_lean_high", 108.0, 6.0),
)
EXERCISE = Exercise(
    name="glute_bridge",
    title="glute bridge",
    plural="glute bridges",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    needs_legs=True,
    signals=(Signal("hip_flexion_{}_deg", 20.0, "eccentric", rest_low=False),),
    figures=TRUNKS,
    cues=(
        "Push through your heels and squeeze at the top.",
        "Keep your ribs down as your hips rise.",
    ),
    drills=("Hold the top for a breath.", "Do one leg at a time."),
    tells_lean=False,
    range_joint="hip",
    supported_by="shoulders",
)
