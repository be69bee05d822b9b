"""Snatch."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Keep the weight close all the way up.",
        "Practise the overhead position with an empty bar.",
        "Hips, knees and ankles that straighten together are what carries over to jumping and sprinting.",
        "Suchomel 2015",
    ),
}
