"""Plank."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Squeeze buttocks and belly and keep breathing.",
        "Add short holds with full tension.",
        "In a plank, arms further in front and a tucked pelvis make the belly work much harder.",
        "Schoenfeld 2014",
    ),
}
