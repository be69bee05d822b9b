"""Lunge."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "upright": Advice(
        "Lean forward a little from the hips if you want the glutes to work more.",
        "Do slow reverse lunges with a pause.",
        "In a lunge a trunk that leans forward brings in the hip muscles more.",
        "Farrokhi 2008",
    ),
    "leaning": Advice(
        "Keep the front foot flat and push straight up.",
        "Hold a light stick upright in front of you as you lunge.",
        "In a lunge a trunk that leans forward brings in the hip muscles more.",
        "Farrokhi 2008",
    ),
    "depth varies": Advice(
        "Drop straight down to the same depth each time.",
        "Do split squats on the spot over a cushion.",
        "A review found more strength from the full range than from part of it, so range is worth keeping.",
        "Pallares 2021",
    ),
    "quick": Advice(
        "Find your balance before you go down.",
        "Pause at the bottom of each lunge.",
        "Lunges load the hip most, and more weight adds most at hip and ankle.",
        "Riemann 2012",
    ),
    "default": Advice(
        "Let the front leg do the work.",
        "Pause at the bottom of each lunge.",
        "Lunges load the hip most, and more weight adds most at hip and ankle.",
        "Riemann 2012",
    ),
}
