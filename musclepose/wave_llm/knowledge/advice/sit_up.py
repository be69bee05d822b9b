"""Sit-up."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Curl up one vertebra after the other.",
        "Lower slowly with your arms crossed.",
        "Partial curl-ups give the belly most work for the load on the spine.",
        "Axler 1997",
    ),
}
