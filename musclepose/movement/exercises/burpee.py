"""Burpee."""

from musclepose.movement.exercises._common import STANDS
from musclepose.movement.records import (
    NEVER_FILMED,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("flight", 0.02, 0.008),
    more("pic_lean_range", 58.0, 6.0),
    less("pic_lean_low", 25.0, 5.0),
    more("pic_leg_lean_high", 55.0, 6.0),
    more("pic_shoulder_y", 1.4, 0.15),
    more("pic_hip_y", 0.7, 0.1),
)
EXERCISE = Exercise(
    name="burpee",
    title="burpee",
    plural="burpees",
    ways=(strictly(*RULES),),
    most_sure=NEVER_FILMED,
    needs_legs=True,
    signals=(Signal("com_height_m", 0.3, "concentric"),),
    figures=STANDS,
    cues=(
        "Keep one line from head to heels when you are down.",
        "Land softly and go straight down again.",
    ),
    drills=("Step back in place of the jump.",),
    tells_tempo=False,
    tells_lean=False,
    supported_by="hands",
)
