"""Clean."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Push the floor away before you pull.",
        "Pull from above the knee with less weight.",
        "Hips, knees and ankles that straighten together are what carries over to jumping and sprinting.",
        "Suchomel 2015",
    ),
}
