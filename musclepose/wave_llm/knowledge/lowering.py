"""How the lowering phase compares with the lifting phase, how quick the repetitions are, and a pause between them."""

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show

SLOW, LONG_S, QUICK_S, CALM_S, PAUSE_S = 1.5, 4.0, 1.6, 4.0, 0.8
_AGAIN = "tempo"


def noticed(summary: PhysicsSummary) -> Note | None:
    """Where both phases were timed."""
    if not EXERCISES[summary.exercise.name].tells_tempo:
        return None
    hold, down, up, whole = (
        summary.figure(f"tempo.{n}")
        for n in ("hold", "eccentric", "concentric", "whole")
    )
    if (
        down is None
        or up is None
        or hold is None
        or whole is None
        or up.value <= 0
    ):
        return None
    if (
        hold.value >= PAUSE_S
        and summary.repetitions[0].phases[0].name == "eccentric"
    ):
        told = f"You paused for {show(hold)} at the turning point."
        return Note(
            "pause",
            0.6,
            "You pause at the turning point, which makes it harder.",
            told,
        )
    told = f"On average lowering took {show(down)}; lifting took {show(up)}."
    if down.value >= LONG_S:
        return Note(
            "very slow lowering", 0.55, "You lower very slowly.", told, _AGAIN
        )
    if whole.value <= QUICK_S:
        quick = f"One repetition took only {show(whole)}."
        return Note("quick", 0.45, "Your repetitions are quick.", quick)
    if whole.value >= CALM_S:
        calm = f"One repetition took {show(whole)}."
        return Note("calm", 0.36, "Your repetitions are slow and calm.", calm)
    if down.value >= SLOW * up.value:
        calm = (
            "You lower under control and come up faster, which is a good habit."
        )
        return Note("controlled", 0.4, calm, told, _AGAIN)
    judged = any(
        c.fault == "fast_lowering" and c.outcome == "clear"
        for c in summary.checks
    )
    if up.value >= SLOW * down.value and not judged:
        return Note(
            "slow lift",
            0.65,
            "You go down faster than you come up.",
            told,
            _AGAIN,
        )
    return None
