"""Weight on one foot."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "The left foot carried {value} of your weight{reps}.",
        "Your weight was uneven: {value} on the left foot{reps}.",
    ),
    plain=("You stand more on your {side}leg.", "Your weight shifts to the {side}foot."),
    why=(
        "One leg then trains more than the other.",
        "An even stance lets both legs share the work.",
    ),
    cue=(
        "Feel the same pressure under both feet before you move.",
        "Keep your belt buckle midway between your feet.",
    ),
    drill=(
        "Squat slowly with each foot on a bathroom scale, or pause at half depth and even out.",
        "Add split squats, starting with the leg that carries less.",
    ),
)

FAULT = FaultKind(
    name="uneven_load",
    claims=(
        r"uneven",
        r"asymmetr\w+",
        r"weight shift\w*",
        r"shifts? to the (?:left|right)",
        r"(?:left|right) foot carried",
        r"stand more on",
    ),
    cases=(
        Case(
            ("squat", "deadlift", "romanian_deadlift"),
            "weight shifted to one foot",
            Limit("mean", "load_share_l_pct", 0, 8, 5),
            weight=2.0,
            words=_WORDS,
        ),
    ),
)
