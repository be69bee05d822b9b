"""How high the jumps of a set went, and whether they became lower."""

from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, by_repetition, show

FALLS = 0.85  # last two over best: a fall beyond the error of one camera (docs/velocity.md)


def noticed(summary: PhysicsSummary) -> Note | None:
    """From two jumps on; held and fallen from four on."""
    average, jumps = (
        summary.figure("jump_height"),
        by_repetition(summary, "jump_height"),
    )
    if average is None or len(jumps) < 2 or summary.fit_level == "low":
        return None
    best = max(jumps, key=lambda f: f.value)
    told = f"Your jumps were {show(average)} high on average; the highest was repetition {best.repetition}."
    if len(jumps) < 4:
        return Note("jumps", 0.5, "I could see how high you jumped.", told)
    end = sum(f.value for f in jumps[-2:]) / 2
    if end < FALLS * best.value:
        return Note(
            "jumps fell",
            0.8,
            "Your last jumps were lower than your best one.",
            told,
        )
    return Note(
        "jumps held", 0.55, "You jumped as high at the end as before.", told
    )
