"""Arms that stop short of overhead."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your arms rose only to {value}{reps}.",
        "The arms stopped at {value}, short of overhead{reps}.",
    ),
    plain=(
        "Your arms stop before they are overhead.",
        "You could reach higher with your arms.",
    ),
    why=(
        "The shoulders get little work in a short swing.",
        "Full swings raise the heart rate more.",
    ),
    cue=(
        "Clap above your head every time.",
        "Reach long and touch your hands over your head.",
    ),
    drill=(
        "Do half the speed with full arm swings.",
        "Practise the arm swing alone, standing still.",
    ),
)

FAULT = FaultKind(
    name="low_arms",
    name_when_clear="arm height",
    claims=(
        r"arms (?:rose only|stop\w*)",
        r"short of overhead",
        r"reach higher with your arms",
    ),
    cases=(
        Case(
            ("jumping_jack",),
            "arms stop short of overhead",
            Limit("max", "arm_elevation_{}_deg", -1, 135, 15, together=True),
            weight=1.4,
            words=_WORDS,
        ),
    ),
)
