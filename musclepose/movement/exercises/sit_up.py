"""Sit-up."""

from musclepose.movement.exercises._common import TRUNKS
from musclepose.movement.records import (
    TWO_FILMS,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_lean_range", 48.0, 5.0),
    more("pic_leg_lean", 60.0, 6.0),
    less("pic_leg_lean_high", 118.0, 6.0),
    less("pic_knee_middle", 120.0, 8.0),
    less("pic_hip_y", 0.25, 0.05),
    more("pic_shoulder_y", 0.45, 0.08),
)
EXERCISE = Exercise(
    name="sit_up",
    title="sit-up",
    plural="sit-ups",
    ways=(strictly(*RULES),),
    most_sure=TWO_FILMS,
    needs_legs=True,
    signals=(Signal("trunk_lean_deg", 30.0, "eccentric"),),
    figures=TRUNKS,
    cues=(
        "Curl up one vertebra after the other.",
        "Breathe out on the way up.",
    ),
    drills=("Lower slowly with your arms crossed.",),
    tells_lean=False,
    range_joint="hip",
    supported_by="floor",
)
