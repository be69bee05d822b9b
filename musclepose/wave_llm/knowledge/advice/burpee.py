"""Burpee."""

from musclepose.wave_llm.knowledge.advice import Advice
from musclepose.wave_llm.knowledge.advice._general import (
    CHANGED_RHYTHM,
    SHORT_HARD_SETS,
)

ADVICE = {
    "changed": CHANGED_RHYTHM,
    "default": Advice(
        "Keep one line from head to heels when you are down.",
        "Step back in place of the jump.",
        *SHORT_HARD_SETS,
    ),
}
