"""Sit to stand."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "speed lost": Advice(
        "Rest as soon as standing up gets slower.",
        "Use a higher seat and do all of them at one speed.",
        "A higher seat asks much less of knees and hips.",
        "Janssen 2002",
    ),
    "quick": Advice(
        "Sit down as if the seat were hot.",
        "Stop just above the seat for a breath.",
        "Moving the feet back under you lowers what the hips have to do.",
        "Janssen 2002",
    ),
    "default": Advice(
        "Lean forward and push the floor away.",
        "Use a lower seat once this is easy.",
        "A higher seat asks much less of knees and hips, so a lower one is the next step.",
        "Janssen 2002",
    ),
}
