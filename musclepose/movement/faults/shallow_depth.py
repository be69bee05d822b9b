"""A movement that ends too early."""

from musclepose.movement.records import CHOSEN, Case, FaultKind, Limit, Words

_WORDS_SQUAT = Words(
    saw=(
        "At the bottom your thighs stayed {value} above level{reps}.",
        "Depth stopped with the thighs {value} short of level{reps}.",
    ),
    plain=(
        "You stop a little high: your thighs do not reach level.",
        "You could sit deeper before you stand up.",
    ),
    why=(
        "The thighs and hips get less work from a shorter movement.",
        "A fuller movement trains the bottom position, where you are weakest.",
    ),
    cue=(
        "Sit down between your heels until your thighs are level, then stand.",
        "Let knees and hips bend together and go only as low as your heels stay down.",
    ),
    drill=(
        "Squat to a box of knee height, touch it softly and stand up.",
        "Hold the bottom of an unloaded squat while you breathe slowly, hands on a post.",
    ),
)
_WORDS_LUNGE = Words(
    saw=(
        "The knees bent only {value} on average{reps}.",
        "At the bottom the knees reached just {value}{reps}.",
    ),
    plain=(
        "You stay quite high in the lunge.",
        "You could drop lower in each lunge.",
    ),
    why=(
        "A deeper lunge makes the front leg do the work.",
        "More bend trains hip and thigh through a longer path.",
    ),
    cue=(
        "Lower the back knee straight down towards the floor.",
        "Drop straight down like a lift, then drive up.",
    ),
    drill=(
        "Do split squats on the spot with the back knee just kissing a cushion.",
        "Hold on to a rail and practise slow lunges to full depth.",
    ),
)
_WORDS_PUSH_UP = Words(
    saw=(
        "Your elbows bent only {value}{reps}.",
        "At the bottom the elbows reached {value}{reps}.",
    ),
    plain=(
        "You stop before you are fully down.",
        "Your chest stays far from the floor.",
    ),
    why=(
        "Chest and triceps get little work in a short movement.",
        "Strength near the floor comes from going there.",
    ),
    cue=(
        "Lower your chest until it nearly touches the floor.",
        "Take your chest to the floor, not your chin.",
    ),
    drill=(
        "Raise your hands on a bench and do full push-ups there.",
        "Lower yourself slowly to the floor, then get up any way you like and repeat.",
    ),
)

FAULT = FaultKind(
    name="shallow_depth",
    name_when_clear="depth",
    claims=(
        r"too (?:high|shallow)",
        r"shallow",
        r"not (?:go )?(?:deep|low) enough",
        r"(?:short of|not reach) level|stayed (?:\S+ ){0,2}above level",
        r"partial depth",
        r"could (?:sit deeper|drop lower)",
        r"(?:knees|elbows) (?:bent (?:only|just)|reached just)",
        r"at the bottom the (?:knees|elbows) reached",
        r"stay quite high",
        r"stop before you are fully down",
        r"chest stays far",
    ),
    cases=(
        Case(
            ("squat",),
            "thighs stay above level",
            Limit(
                "min",
                "thigh_above_level_{}_deg",
                1,
                10,
                12,
                CHOSEN + ": thigh level is parallel depth",
                together=True,
            ),
            weight=2.0,
            words=_WORDS_SQUAT,
        ),
        Case(
            ("lunge",),
            "shallow lunge",
            Limit("max", "knee_flexion_{}_deg", -1, 75, 12, together=True),
            weight=1.8,
            words=_WORDS_LUNGE,
        ),
        Case(
            ("push_up",),
            "elbows bend too little",
            Limit("max", "elbow_flexion_{}_deg", -1, 80, 15, together=True),
            weight=2.0,
            words=_WORDS_PUSH_UP,
        ),
    ),
    views=("oblique", "side"),
)
