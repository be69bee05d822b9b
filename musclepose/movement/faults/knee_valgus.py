"""Knees that drift inwards."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your {side}knee drifted inwards by up to {value}{reps}.",
        "The {side}knee moved towards the midline, {value} at its worst{reps}.",
        "Inward movement of the {side}knee reached {value}{reps}.",
    ),
    plain=(
        "Your {side}knee falls inwards when you bend.",
        "Your {side}knee tips in towards the other one as you go down.",
    ),
    why=(
        "The hip and foot then stop sharing the load with the knee.",
        "A knee that stays over the foot lets hip and thigh push together.",
    ),
    cue=(
        "Push the floor apart and keep the kneecap over the middle toes.",
        "Screw your feet into the floor and let the knees follow your toes.",
    ),
    drill=(
        "Squat slowly with a light band above the knees, pausing at the bottom.",
        "Step down slowly from a low box in front of a mirror and keep the knee over the foot.",
    ),
)

FAULT = FaultKind(
    name="knee_valgus",
    name_when_clear="knee position",
    claims=(
        r"valgus",
        r"knees? (?:\w+ ){0,3}(?:cav\w+|collaps\w+|inwards?|together|falls? in|tips? in)",
        r"(?:drift|fall|mov|tip)\w* inwards?",
        r"towards the midline",
        r"knock[- ]?knee\w*",
        r"inward movement",
    ),
    cases=(
        Case(
            ("squat", "jump", "step_up"),
            "knee drifting inwards",
            Limit("max", "knee_valgus_{}_deg", 1, 10, 6),
            weight=3.0,
            words=_WORDS,
        ),
    ),
    views=("front", "oblique"),
)
