"""Bench press."""

from musclepose.movement.exercises._common import PRESSES
from musclepose.movement.records import (
    ONE_FILM,
    Exercise,
    Signal,
    less,
    more,
    strictly,
)

RULES = (
    more("pic_wrist_up_low", 0.0, 0.1),
    more("pic_wrist_up", 0.25, 0.1),
    more("pic_lean", 28.0, 6.0),
    more("pic_elbow_angle_range", 50.0, 8.0),
    less("pic_shoulder_y", 0.5, 0.08),
    less("pic_hip_y", 0.5, 0.08),
)
EXERCISE = Exercise(
    name="bench_press",
    title="bench press",
    plural="bench presses",
    ways=(strictly(*RULES),),
    most_sure=ONE_FILM,
    signals=(Signal("elbow_flexion_{}_deg", 25.0, "eccentric"),),
    figures=PRESSES,
    cues=(
        "Keep your shoulder blades pulled together on the bench.",
        "Lower under control and press up in one line.",
    ),
    drills=("Add a pause at the chest with less weight.",),
    tells_lean=False,
    range_joint="elbow",
    usually_loaded=True,
    supported_by="bench",
)
