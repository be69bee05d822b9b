"""Deadlift."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "quick": Advice(
        "Let the weight come to rest before each pull.",
        "Do sets of single pulls, each from a dead stop.",
        "A pause takes away the spring of the stretch, so the muscles start from rest.",
        "Wilson 1991",
    ),
    "controlled": Advice(
        "Guide the weight down along your legs.",
        "Add a pause just off the floor with less weight.",
        "For strength one to two seconds down and one to two up are the usual advice.",
        "ACSM 2009",
    ),
    "same depth": Advice(
        "Tighten your upper back before each pull.",
        "Pull from the same start every time, weight over the middle of the foot.",
        "The deadlift works the back and the front of the thighs even more than the glutes.",
        "Martin-Fuentes 2020",
    ),
    "slow middle": Advice(
        "Keep pushing the floor away as the weight passes your knees.",
        "Pause just below the knee with less weight, then finish.",
        "Where a lift slows down most is where a set ends, so that place is worth training.",
        "Kompf 2016",
    ),
    "default": Advice(
        "Keep the weight close and push the floor away.",
        "Add a pause just off the floor with less weight.",
        "The deadlift works the back and the front of the thighs even more than the glutes.",
        "Martin-Fuentes 2020",
    ),
}
