"""Romanian deadlift."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "same depth": Advice(
        "Reach back with the hips until the hamstrings stop you.",
        "Lower slowly and stop where the hamstrings stop you.",
        "Of the deadlifts the Romanian one works the hamstrings more than the back.",
        "Martin-Fuentes 2020",
    ),
    "depth varies": Advice(
        "Stop where the hamstrings stop you, every time.",
        "Hinge to a bench or a box behind you.",
        "A review found more strength from the full range than from part of it, so range is worth keeping.",
        "Pallares 2021",
    ),
    "default": Advice(
        "Keep the weight close to your legs and the shins still.",
        "Try the single-leg version without weight.",
        "Of the deadlifts the Romanian one works the hamstrings more than the back.",
        "Martin-Fuentes 2020",
    ),
}
