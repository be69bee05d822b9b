"""Running."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "long steps": Advice(
        "Take quicker, shorter steps at the same speed.",
        "Run short stretches to a slightly faster beat.",
        "A few more steps a minute at the same speed take load off knees and hips.",
        "Heiderscheit 2011",
    ),
    "quick steps": Advice(
        "Run tall and keep this light, quick step.",
        "Run short relaxed strides on flat ground.",
        "A few more steps a minute at the same speed take load off knees and hips.",
        "Heiderscheit 2011",
    ),
    "default": Advice(
        "Run tall, with quick light steps.",
        "Practise skipping for rhythm.",
        "A few more steps a minute at the same speed take load off knees and hips.",
        "Heiderscheit 2011",
    ),
}
