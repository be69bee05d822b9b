"""One thing that is noticed, for three readers, and figures of a set by repetition."""

from __future__ import annotations

from dataclasses import dataclass

from musclepose.movement.figures import Figure
from musclepose.movement.query.look_up import is_same
from musclepose.movement.summary import PhysicsSummary


@dataclass(frozen=True)
class Note:
    """What was seen; what to say about it stands in `knowledge.advice` by the note's name.

    weight: how telling it is, 0 to 1. athlete: "" where the figures of the text say it already.
    """

    name: str
    weight: float
    beginner: str
    athlete: str
    says_again: str = ""  # slot of the script that says the same as `athlete`


def show(figure: Figure) -> str:
    """Value with unit for a reader: degrees as a sign."""
    return figure.text.replace(" deg", "°")


def by_repetition(summary: PhysicsSummary, stem: str) -> list[Figure]:
    """The figures `<stem>.r1` and so on, in order; empty where one is absent."""
    made = [summary.figure(f"{stem}.r{r.index}") for r in summary.repetitions]
    return [f for f in made if f is not None] if None not in made else []


def either_side(summary: PhysicsSummary, stem: str) -> list[Figure]:
    """By repetition on the left, else on the right side."""
    left = by_repetition(summary, stem.format("l"))
    return left or by_repetition(summary, stem.format("r"))


def extremes(figures: list[Figure]) -> tuple[Figure, Figure] | None:
    """Smallest and largest, where they can be told apart."""
    if len(figures) < 2:
        return None
    low, high = (pick(figures, key=lambda f: f.value) for pick in (min, max))
    return None if is_same(low, high) else (low, high)


def was_checked(summary: PhysicsSummary, fault: str) -> bool:
    """Whether a fault could be judged in this clip, found or not."""
    return any(
        c.fault == fault and c.outcome != "unseen" for c in summary.checks
    )


def bend_is_compared(summary: PhysicsSummary) -> bool:
    """Whether repetitions may be compared by their bend: not where depth could not be judged."""
    depth = next((c for c in summary.checks if c.what == "depth"), None)
    return summary.fit_level != "low" and (
        depth is None or depth.outcome != "unseen"
    )
