"""Calf raise."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Lower your heels slowly, as deep as they go.",
        "Do one leg at a time with a hand on the wall.",
        "Calves grew most when trained in the deep, stretched part.",
        "Kassiano 2023",
    ),
}
