"""Triceps extension."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Keep your upper arms still.",
        "Use less weight and pause with straight arms.",
        "Triceps grew more when trained with the arms overhead than beside the body.",
        "Maeo 2023",
    ),
}
