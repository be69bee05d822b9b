"""Heels that leave the floor."""

from musclepose.movement.records import Case, ChangeAtTurn, FaultKind, Words

_WORDS = Words(
    saw=(
        "Your {side}heel came off the floor: the foot tipped by {value}{reps}.",
        "At the bottom the {side}heel lifted and the foot tipped by {value}{reps}.",
    ),
    plain=(
        "Your {side}heel comes off the floor.",
        "You come up on your toes at the bottom.",
    ),
    why=(
        "On the toes the knees carry more and balance is harder.",
        "A foot that stays flat lets hips and thighs push together.",
    ),
    cue=(
        "Keep the whole foot on the floor: heel, big toe and little toe.",
        "Go only as deep as your heels stay down.",
    ),
    drill=(
        "Squat with a thin plate under the heels and lower it over the weeks.",
        "Rest a while in a deep squat and hold on to something, heels down.",
    ),
)

FAULT = FaultKind(
    name="heel_lift",
    name_when_clear="heels on the floor",
    claims=(
        r"heels? (?:\w+ ){0,2}(?:off the floor|lift\w*|rais\w+|ris\w+|rose|c[ao]me\w* up|leav\w+)",
        r"up on your toes",
        r"foot tipped",
    ),
    cases=(
        # Feet of the clean real squats tip by 8 deg at most (docs/field.md).
        Case(
            ("squat",),
            "heels lifting",
            ChangeAtTurn("foot_in_picture_{}_deg", 15.0, 8.0),
            weight=2.2,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
