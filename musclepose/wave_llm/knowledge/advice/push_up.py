"""Push-up."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "speed held": Advice(
        "Keep one line from ears to heels.",
        "Put your feet on a low step.",
        "Feet on a step put more weight on the hands, hands on a step take weight off.",
        "Ebben 2011",
    ),
    "speed lost": Advice(
        "Stop the set when pushing up gets slow.",
        "Put your hands on a bench for the last repetitions.",
        "Feet on a step put more weight on the hands, hands on a step take weight off.",
        "Ebben 2011",
    ),
    "quick": Advice(
        "Touch down softly and push the floor away.",
        "Lower more slowly before you add repetitions.",
        "Repetitions of very different length build muscle alike, so speed is a choice.",
        "Schoenfeld 2015",
    ),
    "faster": Advice(
        "Keep the last push-ups as calm as the first.",
        "Lower more slowly before you add repetitions.",
        "Repetitions of very different length build muscle alike, so speed is a choice.",
        "Schoenfeld 2015",
    ),
    "many": Advice(
        "Keep one line from ears to heels to the last one.",
        "Put your feet on a low step and do fewer.",
        "Feet on a step put more weight on the hands, hands on a step take weight off.",
        "Ebben 2011",
    ),
    "one": Advice(
        "Keep one line from ears to heels.",
        "Film a whole set next time, so that the repetitions can be compared.",
        "Feet on a step put more weight on the hands, hands on a step take weight off.",
        "Ebben 2011",
    ),
    "default": Advice(
        "Push the floor away at the top.",
        "Lower more slowly before you add repetitions.",
        "Feet on a step put more weight on the hands, hands on a step take weight off.",
        "Ebben 2011",
    ),
}
