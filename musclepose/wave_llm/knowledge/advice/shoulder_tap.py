"""Shoulder tap."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Keep your hips level as each hand leaves the floor.",
        "Tap more slowly and pause with one hand up.",
        "In a plank, arms further in front and a tucked pelvis make the belly work much harder.",
        "Schoenfeld 2014",
    ),
}
