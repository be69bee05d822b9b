"""A hinge that became a squat."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your knees bent up to {value}, so the movement became half a squat{reps}.",
        "Knee bend reached {value} where the hips should do the work{reps}.",
    ),
    plain=(
        "Your knees bend a lot, so it turns into a squat.",
        "The knees do work that the hips should do.",
    ),
    why=(
        "The hamstrings are loaded only when the hips travel back.",
        "With bent knees the hamstrings stay slack.",
    ),
    cue=(
        "Keep the shins still and push your hips back to the wall behind you.",
        "Close a car door with your buttocks: hips back, knees quiet.",
    ),
    drill=(
        "Stand a foot's length in front of a wall and touch it with your hips.",
        "Hinge with a stick along your back, touching head, upper back and hips.",
    ),
)

FAULT = FaultKind(
    name="squatted_hinge",
    name_when_clear="knee bend in the hinge",
    claims=(
        r"half a squat",
        r"turns into a squat",
        r"knees do work that the hips",
        r"where the hips should do",
    ),
    cases=(
        Case(
            ("romanian_deadlift",),
            "knees bending instead of hips hinging",
            Limit("max", "knee_flexion_{}_deg", 1, 45, 10, together=True),
            weight=1.8,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
