"""Arms that do not swing in walking."""

from musclepose.movement.records import Case, FaultKind, ShareOf, Words

_WORDS = Words(
    saw=(
        "Your arms hardly swing: your hands move only {value} as far apart as your feet.",
        "Seen from the side, your hands come only {value} as far apart as your feet.",
    ),
    plain=(
        "Your arms hardly swing as you walk.",
        "You hold your arms still as you walk.",
    ),
    why=(
        "Arms that swing against the legs balance the turn of the body.",
        "Still arms make the trunk turn more with each step.",
    ),
    cue=(
        "Let the arms hang loose and swing by themselves.",
        "Let each hand go with the other foot.",
    ),
    drill=(
        "Walk briskly for a minute and think of your hands only.",
        "March on the spot with big, loose arms, then walk off.",
    ),
)

FAULT = FaultKind(
    name="arm_swing",
    name_when_clear="arm swing",
    claims=(
        r"arms? (?:\w+ ){0,2}(?:hardly|barely|not) swing",
        r"arms? (?:\w+ ){0,1}still",
        r"hands (?:\w+ ){0,2}only (?:\S+ ){0,3}as far apart",
    ),
    cases=(
        # Other walkers of the real clips show 72 to 139 %, two without arm swing 35 and 52 (docs/field.md).
        Case(
            ("walking",),
            "arms that hardly swing",
            ShareOf(
                "hands_before_each_other_in_picture",
                "feet_before_each_other_in_picture",
                threshold_pct=60.0,
                step=15.0,
                least=0.3,
            ),
            weight=1.3,
            words=_WORDS,
        ),
    ),
    views=("side",),
)
