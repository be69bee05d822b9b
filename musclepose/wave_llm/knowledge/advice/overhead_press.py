"""Overhead press."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "controlled": Advice(
        "Lower to the shoulders just as calmly, then press without a bounce.",
        "Press half-kneeling, one arm at a time.",
        "Pressing with dumbbells while standing works the shoulder most, with less weight.",
        "Saeterbakken 2013",
    ),
    "quick": Advice(
        "Set your feet and belly before each press.",
        "Add a pause overhead.",
        "Repetitions of very different length build muscle alike, so speed is a choice.",
        "Schoenfeld 2015",
    ),
    "one": Advice(
        "Press straight up and finish with your ears between your arms.",
        "Film a whole set next time, so that the repetitions can be compared.",
        "Pressing with dumbbells while standing works the shoulder most, with less weight.",
        "Saeterbakken 2013",
    ),
    "default": Advice(
        "Press straight up and finish with your ears between your arms.",
        "Add a pause overhead.",
        "Pressing with dumbbells while standing works the shoulder most, with less weight.",
        "Saeterbakken 2013",
    ),
}
