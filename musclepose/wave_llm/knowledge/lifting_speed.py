"""Loss of lifting speed over the set: in m/s where one camera knows it, else by the time of the lifting phases."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, by_repetition, show

LOST_PCT = 20.0  # less is within the error of one camera (docs/velocity.md)
LOSS, HELD = (
    1.25,
    1.10,
)  # last over fastest lifting time: a fifth of the speed is lost; about held
_LOST = "Your last repetition came up clearly slower than your best one, as when a set gets hard."
_HELD = "You lifted as fast at the end as at the start, so the set did not tire you much."


def noticed(summary: PhysicsSummary) -> Note | None:
    """From four repetitions on."""
    if (
        len(summary.repetitions) < 4
        or not EXERCISES[summary.exercise.name].tells_tempo
    ):
        return None
    return _by_speed(summary) or _by_time(summary)


def _by_speed(summary: PhysicsSummary) -> Note | None:
    speeds, loss = (
        by_repetition(summary, "velocity.mean"),
        summary.figure("velocity.loss"),
    )
    if (
        not speeds
        or loss is None
        or summary.fit_level == "low"
        or loss.value < LOST_PCT
    ):
        return None
    best, last = max(speeds, key=lambda f: f.value), speeds[-1]
    told = (
        f"Your fastest way up was repetition {best.repetition} at {show(best)}; "
        f"the last one came up at {show(last)}."
    )
    return Note("speed lost", 0.9, _LOST, told)


def _by_time(summary: PhysicsSummary) -> Note | None:
    lifts = by_repetition(summary, "tempo.concentric")
    if not lifts:
        return None
    fastest, last = min(lifts, key=lambda f: f.value), lifts[-1]
    if fastest.value <= 0.2:
        return None
    ratio = last.value / fastest.value
    if ratio >= LOSS and last.value - fastest.value > 0.15:
        told = (
            f"Lifting took {show(fastest)} in repetition {fastest.repetition}; "
            f"it took {show(last)} in repetition {last.repetition}, the last one."
        )
        return Note("speed lost", 0.9, _LOST, told)
    if ratio <= HELD:
        told = "The last repetition came up as fast as the fastest, within what one camera can tell apart."
        return Note("speed held", 0.5, _HELD, told)
    return None
