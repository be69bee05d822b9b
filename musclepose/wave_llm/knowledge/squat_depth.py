"""Depth against thighs that are level, where the exercise tells it."""

from dataclasses import replace

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.knowledge.note import Note, show
from musclepose.wave_llm.observations import LEVEL_WITHIN_DEG

ERROR_DEG = 9.0  # the usual error of the hip from one camera


def noticed(summary: PhysicsSummary) -> Note | None:
    """Clearly below level, or about level, seen from an angle or the side; above level is a fault of its own."""
    depth = summary.figure("thigh_above_level.depth")
    if (
        depth is None
        or not EXERCISES[summary.exercise.name].tells_depth
        or summary.view == "front"
    ):
        return None
    if (
        summary.fault("shallow_depth")
        or summary.fit_level == "low"
        or depth.value > ERROR_DEG
    ):
        return None
    if depth.value > LEVEL_WITHIN_DEG:
        told = "At the bottom your thighs stay a little above level."
        return Note("above level", 0.44, told, told, says_again="depth")
    if depth.value >= -ERROR_DEG:
        told = "At the bottom your thighs come to about level."
        return Note("level", 0.42, told, told, says_again="depth")
    size = show(replace(depth, value=abs(depth.value)))
    told = f"At the bottom your thighs were about {size} below level."
    return Note(
        "deep", 0.45, "You go deep, well below level.", told, says_again="depth"
    )
