"""Leaning back under the weight."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your trunk tipped {value} from upright under the weight{reps}.",
        "You leaned back up to {value} as the weight went up{reps}.",
    ),
    plain=(
        "You lean back to get the weight up.",
        "Your back arches as you press.",
    ),
    why=(
        "The lower back then takes load that the shoulders should carry.",
        "Leaning back turns the press into a chest movement and loads the lower back.",
    ),
    cue=(
        "Squeeze your buttocks, keep your ribs down, and press to the ceiling.",
        "Stand tall like between two walls while the weight goes up.",
    ),
    drill=(
        "Press half-kneeling with one light dumbbell.",
        "Press seated on the floor with straight legs, light weight.",
    ),
)

FAULT = FaultKind(
    name="lean_back",
    name_when_clear="leaning back",
    claims=(
        r"lean(?:s|ed|ing)? back",
        r"arch(?:es|ed|ing)? (?:your|the) (?:lower )?back",
        r"back arches",
        r"tipped (?:\S+ ){0,3}from upright under",
    ),
    cases=(
        Case(
            ("overhead_press",),
            "leaning back under the weight",
            Limit("max", "trunk_lean_deg", 1, 20, 6),
            weight=2.2,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
