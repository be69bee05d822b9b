"""Landings on stiff legs."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your knees bent only {value} when you landed{reps}.",
        "On landing the knees bent just {value}{reps}.",
    ),
    plain=("You land with stiff legs.", "Your landings are hard."),
    why=(
        "Soft knees and hips spread the landing over time and joints.",
        "A stiff landing makes the force peak higher.",
    ),
    cue=(
        "Land quietly: hips back, knees soft, like a cat.",
        "Touch down on the balls of the feet and sink into it.",
    ),
    drill=(
        "Step off a low box and freeze in a soft landing.",
        "Do small hops and make each landing quieter.",
    ),
)

FAULT = FaultKind(
    name="stiff_landing",
    name_when_clear="stiff landing",
    claims=(
        r"stiff (?:legs?|landings?)",
        r"land\w* (?:stiff|hard)",
        r"landings are hard",
        r"knees bent (?:only|just)",
    ),
    cases=(
        Case(
            ("jump",),
            "stiff landing",
            Limit(
                "max",
                "knee_flexion_{}_deg",
                -1,
                45,
                10,
                "Padua 2009 (Landing Error Scoring System, knee flexion displacement)",
                together=True,
            ),
            weight=2.6,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
