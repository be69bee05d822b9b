"""Kettlebell swing."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "speed lost": Advice(
        "Stop when the swing loses its snap.",
        "Do many short sets with rest between.",
        "A swing is made of quick bursts of the hip and back muscles.",
        "McGill 2012",
    ),
    "default": Advice(
        "Snap your hips and let the arms follow.",
        "Practise the hip hinge without weight.",
        "A swing is a hip hinge with quick bursts of the glutes.",
        "McGill 2012",
    ),
}
