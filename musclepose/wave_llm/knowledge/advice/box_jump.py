"""Box jump."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "default": Advice(
        "Land softly with your whole foot on the box.",
        "Use a lower box and hold each landing.",
        "Landing with bent knees lets hips and knees take up more of the energy.",
        "Devita 1992",
    ),
}
