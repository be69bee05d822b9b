"""Front raise."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Lift with long arms to shoulder height.",
        "Lower more slowly.",
        "Raises and presses work the shoulder more than chest exercises do.",
        "Campos 2020",
    ),
}
