"""Where the slowest repetition stalls on its way up: a middle third slower than the thirds before and after it."""

from musclepose.movement.query.way_up import THIRDS
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show

STALLS = (
    0.75  # share of the slower neighbour; an easy lift is fastest in the middle
)


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only where the figures of `movement.query.way_up` were made."""
    made = [summary.figure(f"way_up.{name}") for name in THIRDS]
    first, middle, last = made
    if (
        first is None
        or middle is None
        or last is None
        or summary.fit_level == "low"
    ):
        return None
    if middle.value > STALLS * min(first.value, last.value):
        return None
    return Note(
        "slow middle",
        0.85,
        "You slow down in the middle of the way up, and that is where it is hardest.",
        f"The middle of the way up was slowest in repetition {middle.repetition}: {show(middle)} there, "
        f"{show(first)} before it and {show(last)} after it.",
    )
