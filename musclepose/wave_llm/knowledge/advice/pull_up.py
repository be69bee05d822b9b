"""Pull-up."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "bottom bent": Advice(
        "Start each pull from long arms.",
        "Hang with long arms and pull only your shoulder blades down.",
        "A pull-up begins with the muscles that pull the shoulder blades down.",
        "Youdas 2010",
    ),
    "speed lost": Advice(
        "Stop when you can no longer pull at one speed.",
        "Lower slowly from the top.",
        "A pull-up ends with the biceps and the broad back muscle.",
        "Youdas 2010",
    ),
    "speed held": Advice(
        "Pull your elbows down to your ribs.",
        "Lower slowly from the top.",
        "A pull-up ends with the biceps and the broad back muscle.",
        "Youdas 2010",
    ),
    "default": Advice(
        "Start each pull from long arms.",
        "Lower slowly from the top.",
        "A pull-up begins with the muscles that pull the shoulder blades down.",
        "Youdas 2010",
    ),
}
