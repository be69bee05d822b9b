"""Bench press."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "speed lost": Advice(
        "Push hardest just after the chest.",
        "Add a pause at the chest with less weight.",
        "A heavy bench press slows down soon after it leaves the chest.",
        "Tillaar 2010",
    ),
    "default": Advice(
        "Keep your shoulder blades pulled together on the bench.",
        "Add a pause at the chest with less weight.",
        "A heavy bench press slows down soon after it leaves the chest.",
        "Tillaar 2010",
    ),
}
