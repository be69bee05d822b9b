"""Walking."""

from musclepose.movement.exercises._common import (
    GAIT,
    IN_TURN,
    ON_FEET,
    STRIDES,
)
from musclepose.movement.records import Exercise, Way, less, more

EXERCISE = Exercise(
    name="walking",
    title="walking",
    plural="walking",
    ways=(
        Way(
            rules=(
                *GAIT,
                less("flight", 0.06, 0.02),
                more("speed", 0.35, 0.06),
                less("speed", 2.3, 0.15),
                less("com_range", 0.12, 0.02),
            ),
            gates=(*ON_FEET, IN_TURN),
            needs=("knee_range",),
        ),
    ),
    needs_legs=True,
    signals=(),
    figures=STRIDES,
    cues=(
        "Walk tall and let the arms swing.",
        "Push off behind you and look ahead.",
    ),
    drills=(
        "Walk briskly for a few minutes and relax your shoulders.",
        "Walk up a gentle hill, tall and relaxed.",
    ),
    kind="gait",
    done="walked",
    tells_lean=False,
    effort_can_be_full=False,
)
