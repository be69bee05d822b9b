"""Running."""

from musclepose.movement.exercises._common import (
    GAIT,
    IN_TURN,
    ON_FEET,
    STRIDES,
)
from musclepose.movement.records import (
    TWO_FILMS,
    Exercise,
    Way,
    less,
    more,
    strictly,
)

EXERCISE = Exercise(
    name="running",
    title="running",
    plural="running",
    ways=(
        Way(
            rules=(
                *GAIT,
                more("flight", 0.07, 0.025),
                more("speed", 1.5, 0.2),
                more("knee_max", 65, 6),
            ),
            gates=(*ON_FEET, IN_TURN),
        ),
        strictly(
            more("pic_feet_in_turn", 0.35, 0.06),
            more("pic_knees_apart", 60.0, 8.0),
            less("pic_hips_apart", 75.0, 8.0),
            less("pic_lean_high", 25.0, 5.0),
            less("pic_hip_y", 0.6, 0.08),
        ),
        # A camera that follows or leaves the runner: what is slower than a stride says nothing.
        strictly(
            more("pic_feet_in_quick_turn", 0.6, 0.08),
            more("pic_knees_apart", 60.0, 8.0),
            less("pic_hips_apart", 75.0, 8.0),
            less("pic_lean_high", 25.0, 5.0),
            less("pic_hip_bob", 0.4, 0.06),
            most_sure=TWO_FILMS,
        ),
    ),
    needs_legs=True,
    signals=(),
    figures=STRIDES,
    cues=(
        "Run tall, with quick light steps.",
        "Land under your hips and look ahead.",
    ),
    drills=(
        "Run short relaxed strides on flat ground.",
        "Practise skipping for rhythm.",
    ),
    kind="gait",
    done="ran",
    tells_lean=False,
)
