"""Jump."""

from musclepose.wave_llm.knowledge.advice import Advice

ADVICE = {
    "jumps fell": Advice(
        "Rest as soon as your jumps get lower.",
        "Add rest between jumps so that each one is your best.",
        "A jump height that falls goes along with tired muscles.",
        "Sanchez-Medina 2011",
    ),
    "jumps held": Advice(
        "Swing the arms and push the floor away.",
        "Hold each landing for a breath.",
        "In one study the arm swing alone added about a hand's breadth to the jump.",
        "Lees 2004",
    ),
    "depth varies": Advice(
        "Dip to the same depth before every jump.",
        "Jump from a short stop at the bottom of the dip.",
        "Jump training adds five to nine percent of height on average.",
        "Markovic 2007",
    ),
    "one": Advice(
        "Land as softly as you take off hard.",
        "Film a whole set next time, so that the repetitions can be compared.",
        "Landing with bent knees lets hips and knees take up more of the energy.",
        "Devita 1992",
    ),
    "default": Advice(
        "Land as softly as you take off hard.",
        "Hold each landing for a breath.",
        "Landing with bent knees lets hips and knees take up more of the energy.",
        "Devita 1992",
    ),
}
