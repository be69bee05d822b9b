"""Biceps curl."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "speed lost": Advice(
        "End the set when the weight starts to crawl.",
        "Take a little less weight and keep one speed.",
        "Ending a set after a fifth of the speed is lost costs little strength gain.",
        "Pareja-Blanco 2017",
    ),
    "one": Advice(
        "Keep your elbows at your ribs and lower slowly.",
        "Film a whole set next time, so that the repetitions can be compared.",
        "Curls with hanging arms work the biceps over the whole way, a curl bench only over a part.",
        "Oliveira 2009",
    ),
    "default": Advice(
        "Keep your elbows at your ribs and lower slowly.",
        "Curl one arm at a time.",
        "Curls with hanging arms work the biceps over the whole way, a curl bench only over a part.",
        "Oliveira 2009",
    ),
}
