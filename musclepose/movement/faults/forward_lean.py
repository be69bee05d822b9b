"""A trunk that leans far forward."""

from musclepose.movement.records import Case, FaultKind, Limit, Words

_WORDS = Words(
    saw=(
        "Your trunk leaned forward up to {value}{reps}.",
        "Forward lean of the trunk reached {value}{reps}.",
        "The chest tipped forward, {value} from upright at most{reps}.",
    ),
    plain=(
        "Your chest drops forward at the bottom.",
        "You lean a long way forward as you go down.",
    ),
    why=(
        "That moves work from the thighs to the hips and lower back.",
        "The further the trunk tips, the harder the lower back has to hold it.",
    ),
    cue=(
        "Show the logo on your shirt to the wall in front of you on the way up.",
        "Brace your belly and let hips and chest rise together.",
    ),
    drill=(
        "Hold a light weight at your chest and squat to a box, sitting down between your heels.",
        "Practise slow squats facing a wall, hands off it, chest tall.",
    ),
)

FAULT = FaultKind(
    name="forward_lean",
    name_when_clear="forward lean",
    claims=(
        r"lean(?:s|ed|ing)? (?:\w+ ){0,3}forwards?",
        r"forward lean",
        r"chest (?:drops|tipped|falls)",
        r"too far forward",
    ),
    cases=(
        Case(
            ("squat",),
            "trunk leaning far forward",
            Limit("max", "trunk_lean_deg", 1, 50, 8),
            weight=2.4,
            words=_WORDS,
        ),
        Case(
            ("lunge", "step_up"),
            "trunk leaning far forward",
            Limit("max", "trunk_lean_deg", 1, 38, 8),
            weight=2.0,
            words=_WORDS,
        ),
    ),
    views=("oblique", "side"),
)
