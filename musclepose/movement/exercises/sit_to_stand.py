"""Sit-to-stand."""

from musclepose.movement.exercises._common import SEATS
from musclepose.movement.records import (
    NEVER_FILMED,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_seated", 0.25, 0.05),
    more("pic_shoulder_y", 0.6, 0.1),
    more("pic_knee_range", 55.0, 8.0),
    more("pic_rise_together", 0.6, 0.1),
    more("pic_upright_low", 0.3, 0.1),
    less("pic_lean", 30.0, 5.0),
    less("pic_feet_x", 0.6, 0.1),
)
EXERCISE = Exercise(
    name="sit_to_stand",
    title="sit-to-stand",
    plural="sit-to-stands",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(Signal("knee_flexion_{}_deg", 30.0, "eccentric", rest_low=False),),
    figures=SEATS,
    cues=("Lean forward and push the floor away.", "Sit down slowly."),
    drills=("Use a lower seat once this is easy.",),
    supported_by="seat",
)
