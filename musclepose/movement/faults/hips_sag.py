"""Hips that sag."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your hips sagged, with a bend of {value} in the body line{reps}.",
        "The body line bent by {value} at the hips{reps}.",
    ),
    plain=("Your hips drop towards the floor.", "Your middle sags."),
    why=(
        "The lower back then hangs in its end position.",
        "A straight line lets the trunk muscles hold the load.",
    ),
    cue=(
        "Tuck your hips, squeeze your buttocks and pull your ribs to your belt.",
        "Make one straight line from ears to heels.",
    ),
    drill=(
        "Hold short planks on your knees with a perfect line.",
        "Practise dead bugs, slowly, lower back on the floor.",
    ),
)

FAULT = FaultKind(
    name="hips_sag",
    name_when_clear="sagging hips",
    claims=(
        r"hips? (?:sag\w*|drop\w*)",
        r"sagg(?:ing|ed)",
        r"middle sags",
        r"body line bent",
    ),
    cases=(
        Case(
            ("push_up", "plank"),
            "hips sagging",
            Limit("mean", "body_line_deg", -1, -13, 6),
            weight=2.6,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
