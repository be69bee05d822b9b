"""Dip."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Keep your shoulders away from your ears.",
        "Lower slowly with your feet helping on a box.",
        "Dips on a bench take the shoulders further back, so bars are the better next step.",
        "McKenzie 2022",
    ),
}
