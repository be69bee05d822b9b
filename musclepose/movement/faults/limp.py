"""Steps of the two legs that take different times."""

from musclepose.movement.records import (
    Case,
    FaultKind,
    StepTimeDifference,
    Words,
)

_WORDS = Words(
    saw=(
        "Your steps differ by {value} in time from one leg to the other.",
        "One leg comes forward in {value} less time than the other.",
    ),
    plain=(
        "You limp a little: one step is quicker than the other.",
        "Your steps are not even.",
    ),
    why=(
        "A quick step spares the other leg, whatever the reason is.",
        "The leg that is spared gets less practice in standing.",
    ),
    cue=(
        "Walk to an even beat and give each foot the same time.",
        "Let both steps sound alike.",
    ),
    drill=(
        "Walk slowly to a metronome, one beat a step.",
        "Stand on one leg near a wall, then on the other.",
    ),
)

FAULT = FaultKind(
    name="limp",
    name_when_clear="evenness of the steps",
    claims=(
        r"limp\w*",
        r"steps (?:differ|are not even|are uneven)",
        r"less time than the other",
        r"one step is quicker",
    ),
    cases=(
        # Walkers without a limp show up to 11 % in the real clips (docs/field.md).
        Case(
            ("walking",),
            "steps that differ in time",
            StepTimeDifference(20.0),
            weight=1.5,
            words=_WORDS,
        ),
    ),
)
