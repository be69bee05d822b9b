"""Lowering too fast."""

from musclepose.movement.records import Case, FaultKind, LoweringTime, Words

_WORDS = Words(
    saw=("You lowered in {value}.", "The lowering phase took only {value}."),
    plain=("You drop down quickly.", "You go down very fast."),
    why=(
        "Slow lowering builds control and strength at little cost.",
        "Control on the way down makes the way up stronger.",
    ),
    cue=(
        "Lower as if you had to be silent.",
        "Take your time on the way down, then lift with intent.",
    ),
    drill=(
        "Count slowly to three on every way down, with less weight.",
        "Pause halfway down for a breath.",
    ),
)

FAULT = FaultKind(
    name="fast_lowering",
    name_when_clear="lowering speed",
    claims=(
        r"lower(?:ed|ing)? too (?:fast|quick\w*)",
        r"drop down quickly",
        r"down (?:very|too) fast",
        r"you lowered in\b",
        r"lowering (?:phase )?took only",
    ),
    cases=(
        Case(
            ("squat", "romanian_deadlift"),
            "lowering too fast",
            LoweringTime(0.4),
            weight=1.6,
            words=_WORDS,
        ),
        Case(
            ("deadlift", "push_up", "row", "overhead_press", "lunge"),
            "lowering too fast",
            LoweringTime(0.3),
            weight=1.6,
            words=_WORDS,
        ),
        Case(
            ("curl",),
            "lowering too fast",
            LoweringTime(0.35),
            weight=1.6,
            words=_WORDS,
        ),
    ),
)
