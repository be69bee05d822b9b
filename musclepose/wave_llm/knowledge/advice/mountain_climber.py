"""Mountain climber."""

from musclepose.wave_llm.knowledge.advice import Advice
from musclepose.wave_llm.knowledge.advice._general import (
    CHANGED_RHYTHM,
    SHORT_HARD_SETS,
)

ADVICE = {
    "changed": CHANGED_RHYTHM,
    "default": Advice(
        "Keep your hips level while your knees drive.",
        "Slow down and place each foot softly.",
        *SHORT_HARD_SETS,
    ),
}
