"""Upper arms that move in a curl."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your {side}upper arm moved by {value}{reps}.",
        "The {side}upper arm swung by {value}{reps}.",
    ),
    plain=(
        "Your {side}elbow wanders forwards as you curl.",
        "Your {side}upper arm moves a lot.",
    ),
    why=(
        "The shoulder then shares work meant for the biceps.",
        "Still upper arms keep the load on the biceps.",
    ),
    cue=(
        "Pin your elbows to your ribs.",
        "Imagine holding a book under each upper arm.",
    ),
    drill=(
        "Curl with your upper arms against a wall.",
        "Curl slowly with a lighter weight, elbows at your sides.",
    ),
)

FAULT = FaultKind(
    name="elbow_drift",
    name_when_clear="elbow drift",
    claims=(
        r"elbows? (?:drift\w*|wander\w*|flar\w*)",
        r"upper arms? (?:mov\w+|sw[iu]ng\w*)",
    ),
    cases=(
        Case(
            ("curl",),
            "elbows drifting away from the ribs",
            Limit("range", "arm_in_picture_{}_deg", 1, 25, 10, fewest=2),
            weight=1.8,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
