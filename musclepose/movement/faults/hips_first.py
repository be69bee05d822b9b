"""Hips that rise before the shoulders."""

from musclepose.movement.records import Case, FaultKind, WhilePassing, Words

_WORDS = Words(
    saw=(
        "Your hips rose first: with nearly straight knees your trunk still leaned {value}.",
        "The knees were nearly straight while the trunk still leaned {value}: the hips rose first.",
    ),
    plain=(
        "Your hips shoot up before your shoulders.",
        "Your hips rise first and your chest comes after.",
    ),
    why=(
        "The legs are then done early and the back lifts the rest alone.",
        "When hips and shoulders rise together, legs and back share the lift.",
    ),
    cue=(
        "Push the floor away and let hips and shoulders rise together.",
        "Keep the chest coming up as fast as the hips.",
    ),
    drill=(
        "Lift a light weight slowly and pause when it passes your knees.",
        "Practise the first part alone: from the floor to below the knees, and down again.",
    ),
)

FAULT = FaultKind(
    name="hips_first",
    name_when_clear="hips rising first",
    claims=(
        r"hips? (?:\w+ ){0,2}(?:first|early|too (?:fast|quick\w*))",
        r"hips? (?:\w+ ){0,2}before (?:your |the )?(?:shoulders?|chest)",
        r"trunk still leaned",
    ),
    cases=(
        # In the real clips (docs/field.md) clean pulls lean 42 to 54 deg there, three with this fault 60 to 64.
        Case(
            ("deadlift",),
            "hips rising before the shoulders",
            WhilePassing(
                "trunk_in_picture_deg",
                55.0,
                8.0,
                passing="knee_in_picture_{}_deg",
                start=68.0,
                value=52.0,
                lifted="hand_height_in_picture",
            ),
            weight=2.4,
            words=_WORDS,
        ),
        Case(
            ("squat",),
            "hips rising before the shoulders",
            WhilePassing(
                "trunk_in_picture_deg",
                45.0,
                8.0,
                passing="knee_in_picture_{}_deg",
                start=75.0,
                value=52.0,
                lifted="shoulder_height_in_picture",
            ),
            weight=2.2,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
