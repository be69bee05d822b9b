"""How the lowering phase compares with the lifting phase."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show

SLOW, LONG_S = 1.5, 4.0


def noticed(summary: PhysicsSummary) -> Note | None:
    """Where both phases were timed."""
    down, up = summary.figure("tempo.eccentric"), summary.figure("tempo.concentric")
    if (
        down is None
        or up is None
        or not EXERCISES[summary.exercise.name].tells_tempo
        or up.value <= 0
    ):
        return None
    told = f"On average lowering took {show(down)}; lifting took {show(up)}."
    if down.value >= LONG_S:
        return Note(
            "very slow lowering", 0.55,
            "You lower very slowly.",
            told,
            "Short and long repetitions build muscle alike over a wide range, so lowering this "
            "slowly is no must (Schoenfeld 2015).",
            "Schoenfeld 2015",
            "Lower with control, but do not stretch it out.",
            says_again="tempo",
        )  # fmt: skip
    if down.value >= SLOW * up.value:
        return Note(
            "controlled", 0.4,
            "You lower under control and come up faster, which is a good habit.",
            told,
            "A controlled lowering with a faster lift is the usual advice for strength (ACSM 2009).",
            "ACSM 2009",
            says_again="tempo",
        )  # fmt: skip
    if up.value >= SLOW * down.value:
        return Note(
            "slow lift", 0.65,
            "You go down faster than you come up.",
            told,
            "Lowering at moderate speed and lifting with the intent to be fast suits most aims (ACSM 2009).",
            "ACSM 2009",
            "Take a little longer on the way down than on the way up.",
            "Count to yourself on the way down, then drive up.",
            "tempo",
        )  # fmt: skip
    return None
