"""Arms that never straighten between repetitions."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your arms stayed bent by {value} at the bottom{reps}.",
        "At the bottom {value} of bend was left in your arms{reps}.",
    ),
    plain=(
        "You stop before your arms are straight at the bottom.",
        "Your arms stay bent between repetitions.",
    ),
    why=(
        "The part that is left out is where the muscle works at its longest.",
        "A full way down trains the whole range of the muscle.",
    ),
    cue=(
        "Lower until your arms are long, then start the next one.",
        "Finish each way down with straight arms.",
    ),
    drill=(
        "Pause with straight arms at the bottom of every repetition, with less weight.",
        "Do slow repetitions and touch the bottom each time.",
    ),
)

FAULT = FaultKind(
    name="partial_range",
    name_when_clear="straight arms at the bottom",
    claims=(
        r"arms (?:\w+ ){0,2}bent (?:\S+ ){0,4}(?:at the bottom|between)",
        r"bend was left in your arms",
        r"stop before your arms are straight",
    ),
    cases=(
        # Clean real curls come down to 25 deg, the short ones stay at 37 and more (docs/field.md).
        Case(
            ("curl",),
            "elbows not straight at the bottom",
            Limit(
                "min",
                "elbow_in_picture_{}_deg",
                1,
                30,
                10,
                together=True,
                between=True,
            ),
            weight=1.7,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
