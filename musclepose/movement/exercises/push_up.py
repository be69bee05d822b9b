"""Push-up."""

from dataclasses import replace

from musclepose.movement.exercises._common import ARMS, LYING
from musclepose.movement.records import Exercise, Signal, more

EXERCISE = Exercise(
    name="push_up",
    title="push-up",
    plural="push-ups",
    recognition=(*LYING, more("elbow_range", 40, 6)),
    signals=(Signal("elbow_flexion_{}_deg", 25.0, "eccentric"),),
    figures=replace(
        ARMS,
        each=(
            ("max", "elbow_flexion_{}_deg"),
            ("min", "elbow_flexion_{}_deg"),
            ("min", "body_line_deg"),
            ("max", "body_line_deg"),
        ),
        whole=(),
    ),
    cues=("Keep one line from ears to heels.", "Push the floor away at the top."),
    drills=("Lower more slowly before you add repetitions.", "Put your feet on a low step."),
    tells_lean=False,
)
