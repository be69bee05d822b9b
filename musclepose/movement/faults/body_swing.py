"""A trunk that helps the arms."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your trunk swung through {value} to help the weight{reps}.",
        "Trunk movement reached {value} within a repetition{reps}.",
    ),
    plain=(
        "You swing your body to lift the weight.",
        "Your trunk helps a lot.",
    ),
    why=(
        "Momentum takes work away from the muscle you want to train.",
        "The swing loads the back and unloads the arms.",
    ),
    cue=(
        "Stand still like a statue and move only your arms.",
        "Choose a weight that you can lift without moving your trunk.",
    ),
    drill=(
        "Do the exercise with your back against a wall or your chest on a bench.",
        "Lower slowly and start each repetition from a dead stop.",
    ),
)

FAULT = FaultKind(
    name="body_swing",
    name_when_clear="body swing",
    claims=(
        r"sw[iu]ng(?:s|ing)? (?:your|the) (?:body|trunk)",
        r"trunk swung",
        r"momentum",
        r"trunk movement reached",
        r"trunk helps",
    ),
    cases=(
        Case(
            ("curl",),
            "trunk swinging to help the weight up",
            Limit("range", "trunk_lean_deg", 1, 14, 7),
            weight=2.4,
            words=_WORDS,
        ),
        Case(
            ("row",),
            "trunk jerking up to help the weight",
            Limit("range", "trunk_lean_deg", 1, 20, 8),
            weight=2.2,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
