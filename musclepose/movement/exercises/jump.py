"""Vertical jump with both feet."""

from dataclasses import replace

from musclepose.movement.exercises._common import FORCE, LEGS, ON_FEET
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="jump",
    title="jump",
    plural="jumps",
    ways=(
        Way(
            rules=(
                more("flight", 0.03, 0.01),
                more("knee_range", 45, 6),
                more("com_rise", 0.09, 0.015),
                more("com_range", 0.18, 0.03),
                more("knee_together", 0.3, 0.15),
                less("stance_range", 0.3, 0.03),
            ),
            gates=(
                *ON_FEET,
                more("pic_upright_low", 0.2, 0.1),
                more("pic_knee_range", 35.0, 5.0),
                less("pic_wrist_up", 0.1, 0.1),
                less("pic_feet_apart_range", 0.75, 0.1),
                more("pic_feet_y", 0.1, 0.05),
            ),
        ),
    ),
    needs_legs=True,
    signals=(Signal("com_height_m", 0.12, "concentric", rest_low=True),),
    figures=replace(LEGS, whole=(*FORCE, ("range", "com_height_m"))),
    cues=(
        "Land as softly as you take off hard.",
        "Swing the arms and push the floor away.",
    ),
    drills=(
        "Hold each landing for a breath.",
        "Add rest between jumps so that each one is your best.",
    ),
    tells_tempo=False,
    tells_force=True,
    tells_jump=True,
)
