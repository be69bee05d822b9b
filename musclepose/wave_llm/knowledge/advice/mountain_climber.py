"""Mountain climber."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "changed": Advice(
        "Choose a rhythm that you can hold to the end.",
        "Try short fast sets with rests.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
    "default": Advice(
        "Keep your hips level while your knees drive.",
        "Slow down and place each foot softly.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
}
