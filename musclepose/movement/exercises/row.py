"""Bent-over row."""

from musclepose.movement.exercises._common import ARMS, LEGS_STILL
from musclepose.movement.records import Exercise, Signal, Way, less, more

EXERCISE = Exercise(
    name="row",
    title="row",
    plural="rows",
    ways=(
        Way(
            rules=(
                *LEGS_STILL,
                more("elbow_range", 40, 6),
                more("lean_middle", 28, 5),
                more("hip_middle", 40, 7),
                less("lean_range", 35, 5),
            ),
            gates=(more("pic_elbow_range", 55.0, 5.0),),
        ),
    ),
    needs_legs=True,
    signals=(Signal("elbow_flexion_{}_deg", 25.0, "concentric"),),
    figures=ARMS,
    cues=(
        "Pull your elbows to your back pockets.",
        "Keep your trunk still and squeeze your shoulder blades.",
    ),
    progressions=("Add a little weight next time.",),
    drills=(
        "Add a pause with the weight at your ribs.",
        "Row one arm at a time on a bench.",
    ),
    usually_loaded=True,
)
