"""Row."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "quick": Advice(
        "Hold the weight at your ribs for a moment.",
        "Add a pause with the weight at your ribs.",
        "Bent-over rows load the lower back most of the rows.",
        "Fenwick 2009",
    ),
    "default": Advice(
        "Pull your elbows to your back pockets.",
        "Row one arm at a time on a bench.",
        "Bent-over rows load the lower back most of the rows.",
        "Fenwick 2009",
    ),
}
