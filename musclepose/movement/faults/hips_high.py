"""Hips that are piked up."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your hips were piked up by {value}{reps}.",
        "The hips rose {value} above the body line{reps}.",
    ),
    plain=(
        "Your hips are too high.",
        "Your body makes a roof instead of a line.",
    ),
    why=(
        "That takes the work away from trunk and chest.",
        "The trunk works hardest in a straight line.",
    ),
    cue=(
        "Lower your hips until shoulders, hips and heels are in one line.",
        "Push the heels back and lengthen your body.",
    ),
    drill=(
        "Film a short plank from the side and copy the straight line.",
        "Hold a plank with a stick along your back.",
    ),
)

FAULT = FaultKind(
    name="hips_high",
    name_when_clear="high hips",
    claims=(
        r"pik(?:e|ed|ing)\b",
        r"hips (?:are |were )?too high",
        r"hips rose",
        r"makes a roof",
    ),
    cases=(
        Case(
            ("push_up", "plank"),
            "hips piked up",
            Limit("mean", "body_line_deg", 1, 6, 6),
            weight=2.0,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
