"""Jumping jack."""

from musclepose.wave_llm.knowledge.advice import Advice
from musclepose.wave_llm.knowledge.advice._general import (
    CHANGED_RHYTHM,
    SHORT_HARD_SETS,
)

ADVICE = {
    "changed": CHANGED_RHYTHM,
    "default": Advice(
        "Stay light on the balls of your feet.",
        "Try short fast sets with rests.",
        *SHORT_HARD_SETS,
    ),
}
