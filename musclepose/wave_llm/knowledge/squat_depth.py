"""Depth against thighs that are level, where the exercise tells it."""

from dataclasses import replace

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show

BELOW_DEG = -9.0  # beyond the usual error of the hip from one camera


def noticed(summary: PhysicsSummary) -> Note | None:
    """Only clearly below level, seen from an angle or the side; above level is a fault of its own."""
    depth = summary.figure("thigh_above_level.depth")
    if depth is None or not EXERCISES[summary.exercise.name].tells_depth or summary.view == "front":
        return None
    if depth.value > BELOW_DEG or summary.fault("shallow_depth"):
        return None
    size = show(replace(depth, value=abs(depth.value)))
    return Note(
        "deep", 0.45,
        "You go deep, well below the line of the thighs.",
        f"At the bottom your thighs were about {size} below level.",
        "Deep squats let the front of the thigh grow more than half squats with more weight (Bloomquist 2013).",
        "Bloomquist 2013",
        says_again="depth",
    )  # fmt: skip
