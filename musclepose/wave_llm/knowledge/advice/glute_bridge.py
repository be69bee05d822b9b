"""Glute bridge."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "quick": Advice(
        "Stay at the top for a breath.",
        "Hold the top for a breath.",
        "The hip thrust, a bridge with weight, works the glutes more than a squat does.",
        "Neto 2019",
    ),
    "default": Advice(
        "Push through your heels and squeeze at the top.",
        "Do one leg at a time.",
        "The hip thrust, a bridge with weight, works the glutes more than a squat does.",
        "Neto 2019",
    ),
}
