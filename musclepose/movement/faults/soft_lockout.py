"""Repetitions that are not finished."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS_OVERHEAD_PRESS = Words(
    saw=(
        "Your elbows stayed bent by {value} at the top{reps}.",
        "At the top {value} of elbow bend remained{reps}.",
    ),
    plain=(
        "You do not quite straighten your arms at the top.",
        "Your elbows stay bent at the end.",
    ),
    why=(
        "The last part of the movement trains the triceps and makes it stable.",
        "A finished repetition is easier to compare with the next one.",
    ),
    cue=(
        "Push until your elbows are straight before you start the next one.",
        "Reach long at the top, then lower.",
    ),
    drill=(
        "Pause with straight arms at the top of every repetition, with less weight.",
        "Do slow repetitions against a band that is hardest at the top.",
    ),
)
_WORDS_DEADLIFT = Words(
    saw=(
        "Your hips stayed bent by {value} at the top{reps}.",
        "At the top {value} of hip bend remained{reps}.",
    ),
    plain=(
        "You do not stand up fully at the top.",
        "Your hips stay a little bent at the end.",
    ),
    why=(
        "Finishing tall trains the glutes, which end the lift.",
        "The lift is complete only when hips are straight.",
    ),
    cue=(
        "Finish by squeezing your buttocks and standing tall.",
        "Push the hips through to the bar, ribs down.",
    ),
    drill=(
        "Do glute bridges with a pause at the top.",
        "Do light pull-throughs with a cable or band, ending tall.",
    ),
)

FAULT = FaultKind(
    name="soft_lockout",
    name_when_clear="lockout",
    claims=(
        r"(?:elbows?|arms?|hips?) (?:\w+ ){0,3}bent (?:\w+ ){0,4}at the (?:top|end)",
        r"(?:elbows?|arms?|hips?) (?:\w+ ){0,3}not (?:quite )?straight\w*",
        r"(?:elbow|hip) bend remained",
        r"not (?:quite )?straighten your arms",
        r"not stand up fully",
    ),
    cases=(
        Case(
            ("overhead_press", "push_up"),
            "elbows not straight at the top",
            Limit("min", "elbow_flexion_{}_deg", 1, 40, 12, together=True),
            weight=1.6,
            words=_WORDS_OVERHEAD_PRESS,
        ),
        Case(
            ("deadlift", "romanian_deadlift"),
            "hips not straight at the top",
            Limit("min", "hip_flexion_{}_deg", 1, 25, 10, together=True),
            weight=1.6,
            words=_WORDS_DEADLIFT,
        ),
    ),
    views=("oblique", "side"),
)
