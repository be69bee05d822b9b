"""Step-up."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "quick": Advice(
        "Lower yourself without a sound.",
        "Take three slow breaths on every way down.",
        "The glutes work hard in step-ups, also on the way down.",
        "Simenz 2012",
    ),
    "default": Advice(
        "Drive through the heel on the step and stay tall.",
        "Lower yourself slowly before you raise the step.",
        "Of the common exercises step-ups work the glutes most.",
        "Neto 2020",
    ),
}
