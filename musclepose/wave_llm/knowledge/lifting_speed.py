"""Loss of lifting speed over the set: time of the lifting phases, first repetitions against the last."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, by_repetition, show

LOSS, HELD = 1.25, 1.10  # last over fastest lifting time: a fifth of the speed is lost; about held


def noticed(summary: PhysicsSummary) -> Note | None:
    """From four repetitions on."""
    lifts = by_repetition(summary, "tempo.concentric")
    if len(lifts) < 4 or not EXERCISES[summary.exercise.name].tells_tempo:
        return None
    fastest, last = min(lifts, key=lambda f: f.value), lifts[-1]
    if fastest.value <= 0.2:
        return None
    ratio = last.value / fastest.value
    told = f"Lifting took {show(fastest)} in repetition {fastest.repetition}"
    if ratio >= LOSS and last.value - fastest.value > 0.15:
        return Note(
            "speed lost", 0.9,
            "Your last repetition came up clearly slower than your best one, so the set was hard for you.",
            f"{told}; it took {show(last)} in repetition {last.repetition}, the last one.",
            "Lifting slows down as fatigue grows, and ending a set after a fifth of the speed is "
            "lost costs little strength gain "
            "(Pareja-Blanco 2017).",
            "Pareja-Blanco 2017",
            "Push as fast as you can on every way up, and end the set when it gets clearly slower.",
            "Do shorter sets with full rest and the same speed in each repetition.",
        )  # fmt: skip
    if ratio <= HELD:
        return Note(
            "speed held", 0.5,
            "You lifted as fast at the end as at the start, so you were not close to your limit.",
            "The last repetition came up as fast as the fastest, within what one camera can tell apart.",
            "An unchanged lifting speed means little fatigue in the set (Sanchez-Medina 2011).",
            "Sanchez-Medina 2011",
        )  # fmt: skip
    return None
