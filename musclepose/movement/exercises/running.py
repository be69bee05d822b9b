"""Running."""

from musclepose.movement.exercises._common import GAIT, STRIDES
from musclepose.movement.records import Exercise, more

EXERCISE = Exercise(
    name="running",
    title="running",
    plural="running",
    recognition=(
        *GAIT,
        more("flight", 0.07, 0.025),
        more("speed", 1.5, 0.2),
        more("knee_max", 65, 6),
    ),
    needs_legs=True,
    signals=(),
    figures=STRIDES,
    cues=("Run tall, with quick light steps.", "Land under your hips and look ahead."),
    drills=("Run short relaxed strides on flat ground.", "Practise skipping for rhythm."),
    kind="gait",
    done="ran",
)
