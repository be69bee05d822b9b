"""Jumping jack."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "changed": Advice(
        "Choose a rhythm that you can hold to the end.",
        "Try short fast sets with rests.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
    "default": Advice(
        "Stay light on the balls of your feet.",
        "Try short fast sets with rests.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
}
