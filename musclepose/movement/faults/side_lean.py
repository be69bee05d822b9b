"""A trunk that tips to one side."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "The trunk tipped sideways by up to {value}{reps}.",
        "Side lean of the trunk reached {value}{reps}.",
    ),
    plain=(
        "You tip over to one side.",
        "Your body leans to one side as you move.",
    ),
    why=(
        "A trunk over the middle keeps hips and shoulders level.",
        "A straight trunk is easier to repeat in the same way.",
    ),
    cue=(
        "Keep both shoulders at the same height.",
        "Imagine a straight line from head to belt buckle to floor.",
    ),
    drill=(
        "Carry one weight in one hand, walk tall, then change hands.",
        "Repeat the movement slowly and unloaded in front of a mirror.",
    ),
)

FAULT = FaultKind(
    name="side_lean",
    name_when_clear="side lean",
    claims=(
        r"tip(?:s|ped)? (?:sideways|over to one side)",
        r"side lean",
        r"lean(?:s|ed|ing)? to (?:one|the (?:left|right)) side",
        r"uneven",
        r"asymmetr\w+",
        r"weight shift\w*",
        r"shifts? to the (?:left|right)",
    ),
    cases=(
        Case(
            ("squat", "deadlift", "overhead_press", "lunge"),
            "trunk tipping to one side",
            Limit("absmax", "trunk_side_lean_deg", 1, 12, 6),
            weight=1.8,
            words=_WORDS,
        ),
    ),
    views=("front", "oblique"),
)
