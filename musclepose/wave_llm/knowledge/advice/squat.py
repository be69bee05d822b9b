"""Squat."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "deep": Advice(
        "Keep this depth and drive the floor away.",
        "Pause at the bottom, then stand up fast.",
        "Deep squats let the front of the thigh grow more than half squats with more weight.",
        "Bloomquist 2013",
    ),
    "level": Advice(
        "Keep this depth, and let hips and chest rise together.",
        "Pause at the bottom for a breath.",
        "In a review squats of full range built more leg muscle than partial ones.",
        "Schoenfeld 2020",
    ),
    "controlled": Advice(
        "Keep the way down this calm and the way up this fast.",
        "Squat with your heels flat and stop for a breath halfway down.",
        "For strength one to two seconds down and one to two up are the usual advice.",
        "ACSM 2009",
    ),
    "above level": Advice(
        "Sit a little deeper, as far as your heels stay down.",
        "Hold the bottom of an unloaded squat, hands on a post.",
        "In a review squats of full range built more leg muscle than partial ones.",
        "Schoenfeld 2020",
    ),
    "upright": Advice(
        "Keep your chest this tall and push through the whole foot.",
        "Squat with a weight held at your chest.",
        "With knees that may travel forward the trunk stays more upright, and the knees do more of the work.",
        "Fry 2003",
    ),
    "leaning": Advice(
        "Let hips and chest rise together.",
        "Squat slowly facing a wall, hands off it.",
        "Leaning further forward moves work from the knees to the hips and the back.",
        "Fry 2003",
    ),
    "depth varies": Advice(
        "Sit to the same depth every time.",
        "Squat to a box and touch it softly each time.",
        "In a review squats of full range built more leg muscle than partial ones.",
        "Schoenfeld 2020",
    ),
    "quick": Advice(
        "Take a breath at the top before each squat.",
        "Lower more slowly and count to yourself.",
        "Repetitions of very different length build muscle alike, so speed is a choice.",
        "Schoenfeld 2015",
    ),
    "slow middle": Advice(
        "Keep pushing through the middle of the way up.",
        "Pause halfway up with less weight, then finish.",
        "Where a lift slows down most is where a set ends, so that place is worth training.",
        "Kompf 2016",
    ),
    "default": Advice(
        "Drive the floor away on the way up.",
        "Add a pause at the bottom.",
        "Attention on what the movement does, such as pushing the floor, helps more than attention on the legs.",
        "Wulf 2013",
    ),
}
