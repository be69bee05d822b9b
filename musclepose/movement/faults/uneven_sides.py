"""One side that moves less than the other."""

from musclepose.movement.records import Case, FaultKind, SideDifference, Words

_WORDS = Words(
    saw=(
        "Your {side}side moved {value} less than the other.",
        "There is a {value} difference: the {side}side moves less.",
    ),
    plain=(
        "Your {side}side moves less than the other.",
        "The two sides do not move alike.",
    ),
    why=(
        "Differences of this size are worth evening out.",
        "Sides that move alike make the movement easier to repeat.",
    ),
    cue=(
        "Match both sides and let the smaller one set the depth.",
        "Move slowly and keep both sides level.",
    ),
    drill=(
        "Train one side at a time and start with the {side}one.",
        "Add single-side work, beginning with the {side}side.",
    ),
)

FAULT = FaultKind(
    name="uneven_sides",
    name_when_clear="difference between the sides",
    claims=(
        r"uneven",
        r"asymmetr\w+",
        r"moves? less than the other",
        r"not move alike",
        r"mov\w+ (?:\S+ ){0,3}less than the other",
        r"side moves less",
    ),
    cases=(
        Case(
            ("squat", "jump"),
            "one side moves less than the other",
            SideDifference(
                "knee_flexion_{}_deg", 15.0, "limb symmetry index, Barber 1990"
            ),
            weight=2.0,
            words=_WORDS,
        ),
        Case(
            ("deadlift", "romanian_deadlift"),
            "one side moves less than the other",
            SideDifference(
                "hip_flexion_{}_deg", 15.0, "limb symmetry index, Barber 1990"
            ),
            weight=2.0,
            words=_WORDS,
        ),
        Case(
            ("push_up", "curl", "row"),
            "one side moves less than the other",
            SideDifference(
                "elbow_flexion_{}_deg", 15.0, "limb symmetry index, Barber 1990"
            ),
            weight=2.0,
            words=_WORDS,
        ),
        Case(
            ("overhead_press", "jumping_jack"),
            "one side moves less than the other",
            SideDifference(
                "arm_elevation_{}_deg", 15.0, "limb symmetry index, Barber 1990"
            ),
            weight=2.0,
            words=_WORDS,
        ),
    ),
    views=("front", "oblique"),  # from the side the body hides the other limb
)
