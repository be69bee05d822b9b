"""Burpee."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "changed": Advice(
        "Choose a rhythm that you can hold to the end.",
        "Try short fast sets with rests.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
    "default": Advice(
        "Keep one line from head to heels when you are down.",
        "Step back in place of the jump.",
        "Short hard sets of body weight exercises train the heart almost like sprints on a bike.",
        "Gist 2014",
    ),
}
