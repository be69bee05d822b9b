"""Snatch."""

from musclepose.movement.exercises._common import HINGES
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    less("pic_wrist_over_ankle_low", 0.5, 0.06),
    more("pic_wrist_up_high", 0.35, 0.06),
    more("pic_elbow_low", 95.0, 8.0),
    more("pic_shoulder_y", 0.6, 0.1),
    more("pic_wrist_y", 1.5, 0.12),
    more("pic_knee_range", 50.0, 8.0),
    less("pic_leg_lean_high", 25.0, 4.0),
    less("pic_feet_x", 0.8, 0.1),
)
EXERCISE = Exercise(
    name="snatch",
    title="snatch",
    plural="snatches",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    needs_legs=True,
    signals=(
        Signal("wrist_over_shoulder_{}_m", 0.7, "concentric", rest_low=True),
    ),
    figures=HINGES,
    cues=(
        "Keep the weight close all the way up.",
        "Punch up and stand tall under it.",
    ),
    drills=("Practise the overhead position with an empty bar.",),
    tells_tempo=False,
    range_joint="hip",
    usually_loaded=True,
)
