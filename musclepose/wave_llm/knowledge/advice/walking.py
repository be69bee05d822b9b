"""Walking."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "brisk": Advice(
        "Walk tall and let the arms swing.",
        "Walk up a gentle hill, tall and relaxed.",
        "From about a hundred steps a minute walking counts as moderate exercise for adults.",
        "Tudor-Locke 2018",
    ),
    "nearly brisk": Advice(
        "Add a few steps a minute and let the arms swing.",
        "Walk to a song with a quicker beat.",
        "From about a hundred steps a minute walking counts as moderate exercise for adults.",
        "Tudor-Locke 2018",
    ),
    "easy": Advice(
        "Take quicker, not longer, steps.",
        "Walk briskly for a few minutes and relax your shoulders.",
        "From about a hundred steps a minute walking counts as moderate exercise for adults.",
        "Tudor-Locke 2018",
    ),
    "default": Advice(
        "Walk tall and let the arms swing.",
        "Walk briskly for a few minutes and relax your shoulders.",
        "Half an hour of moderate exercise on five days a week is what most adults are advised.",
        "ACSM 2011",
    ),
}
