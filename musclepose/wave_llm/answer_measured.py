"""Answers from figures: a quantity, the sides, depth, change over the set, counts."""

from __future__ import annotations

from dataclasses import replace

from musclepose.movement.figures import Figure
from musclepose.movement.query.look_up import is_same, main_joint, withheld
from musclepose.movement.query.quantities import QUANTITIES
from musclepose.wave_llm.answer_advice import one_fault
from musclepose.wave_llm.answer_clip import LOAD_BY_SIDE, Clip, slot
from musclepose.wave_llm.answer_figures import WITHIN, capital, reason_sentence
from musclepose.wave_llm.observations import (
    change_over_set,
    depth,
    hardest_work,
    largest_torque,
    not_sure_what,
    pair,
    partial_repetitions,
    show,
    what_was_done,
)
from musclepose.wave_llm.script import Slot

COLOUR = "The colour shows effort: the share of a joint's estimated strength that is used."
SAME_OVER_SET = "No clear change over the set was found."
LEVEL_ERROR_DEG = 9.0  # of the thigh against level from one camera: that of the hip (ANGLE_ERROR_DEG)


def figure_answer(clip: Clip) -> list[Slot]:
    if clip.query.quantity.startswith("tempo.") and clip.summary.kind in (
        "hold",
        "gait",
    ):
        held = count(Clip(replace(clip.query, term="held"), clip.source))
        speed = replace(
            clip.query,
            topic="figure",
            quantity="speed",
            repetitions=(),
            pick="",
        )
        return held if clip.summary.kind == "hold" else held + clip.lines(speed)
    slots = clip.lines(clip.query)
    if clip.query.quantity == "effort":
        slots = slot("colour", COLOUR) + slots
    told = any(not s.options[0].startswith("I cannot tell") for s in slots)
    return slots + (clip.caveats(clip.query.quantity) if told else [])


def sides(clip: Clip) -> list[Slot]:
    """Which side does more: angles may be compared, loads may not."""
    query = clip.query
    slots = slot("sides", LOAD_BY_SIDE) if query.quantity == "torque" else []
    quantity = "inward" if query.quantity == "inward" else "angle"
    joint = query.joint or main_joint(clip.summary)
    columns = QUANTITIES[quantity].columns
    column = columns.get(joint) or columns.get("")
    if column is None or "{}" not in column:
        return slots or clip.lines(
            replace(query, topic="figure", quantity=quantity)
        )
    reason = withheld(clip.summary, QUANTITIES[quantity], column)
    made = [
        clip.source.average("max", column.format(s))
        or clip.source.statistic("max", column.format(s))
        for s in "lr"
    ]
    left, right = made
    if reason or isinstance(left, str) or isinstance(right, str):
        why = reason or next(m for m in made if isinstance(m, str))
        return slots + slot("sides", reason_sentence(why))
    what = left.label.split(",")[0].removeprefix("left ")
    same = f" {WITHIN}" if is_same(left, right) else ""
    return slots + slot("sides", f"{capital(what)}: {pair(left, right)}.{same}")


def depth_answer(clip: Clip) -> list[Slot]:
    """How deep against level, where the exercise has a level; else the main bend."""
    summary, figure = (
        clip.summary,
        clip.summary.figure("thigh_above_level.depth"),
    )
    bend = clip.lines(
        replace(clip.query, topic="figure", quantity="angle", statistic=None)
    )
    if not clip.exercise.tells_depth or figure is None or not summary.is_sure:
        return _judged_depth(clip) + bend
    if summary.view == "front":
        return (
            slot(
                "depth", "Depth against level cannot be judged from the front."
            )
            + bend
        )
    told = list(depth(summary)) or [_above_level(figure)]
    return (
        slot("depth", *told)
        + slot("verdict", _level_verdict(figure.value))
        + bend
    )


def _judged_depth(clip: Clip) -> list[Slot]:
    """What was found of the exercise's own depth."""
    name = next((c.fault for c in clip.summary.checks if c.what == "depth"), "")
    return (
        one_fault(
            Clip(replace(clip.query, topic="fault", term=name), clip.source)
        )
        if name
        else []
    )


def _above_level(figure: Figure) -> str:
    where = "above" if figure.value > 0 else "below"
    return f"At the bottom your thighs were about {show(replace(figure, value=abs(figure.value)))} {where} level."


def _level_verdict(above_deg: float) -> str:
    if above_deg > LEVEL_ERROR_DEG:
        return "So you did not reach parallel."
    if above_deg < -LEVEL_ERROR_DEG:
        return "So you were below parallel."
    return "That is too near to parallel to say on which side of it you were."


def trend(clip: Clip) -> list[Slot]:
    told = change_over_set(clip.summary)
    if told:
        return slot("trend", *told)
    total = len(clip.summary.repetitions)
    if total < 2:
        return slot(
            "trend",
            "There are too few repetitions to speak of a change over the set.",
        )
    first_last = replace(
        clip.query,
        topic="figure",
        quantity="main",
        repetitions=(1, -1),
        pick="",
        joint="",
        side="",
    )
    return slot("trend", SAME_OVER_SET) + clip.lines(first_last)


def count(clip: Clip) -> list[Slot]:
    summary, term = clip.summary, clip.query.term
    slots = slot("count", *what_was_done(summary))
    length = summary.figure("clip.duration")
    if term in ("steps", "cadence") and summary.kind != "gait":
        slots = slot("count", "I counted no steps in this clip.") + slots
    if term == "held" and summary.kind != "hold" and length is not None:
        slots = slot("length", f"The clip lasts {show(length)}.") + slots
    if summary.kind == "hold" and not term:
        slots = slot("count", "A hold has no repetitions to count.") + slots
    return slots + slot("partial", *partial_repetitions(summary))


def partial(clip: Clip) -> list[Slot]:
    return slot(
        "partial",
        *(
            partial_repetitions(clip.summary)
            or ("No movement was left out as too small.",)
        ),
    )


def exercise(clip: Clip) -> list[Slot]:
    if clip.summary.is_sure:
        title = clip.summary.exercise.title
        return slot("exercise", f"This is recognised as {title}.") + slot(
            "count", *what_was_done(clip.summary)
        )
    return slot("not sure", *not_sure_what(clip.summary))


def hardest(clip: Clip) -> list[Slot]:
    """ "Why is my left knee red?", "Which joint works hardest?": the colour is effort."""
    most = hardest_work(clip.summary)
    torque = largest_torque(clip.summary, "athlete")
    if clip.query.quantity == "torque":
        most = ()
    told = slot("torque", *torque) if not most else slot("effort", *most)
    if told:
        return (
            (slot("colour", COLOUR) if most else [])
            + told
            + slot("sides", LOAD_BY_SIDE)
        )
    column = QUANTITIES["torque"].columns["knee"]
    reason = (
        withheld(clip.summary, QUANTITIES["torque"], column)
        or "it was not seen well enough in this clip"
    )
    return slot("colour", COLOUR) + slot("absent", reason_sentence(reason))


def best(clip: Clip) -> list[Slot]:
    """Best and worst have no figure: what the repetitions differ in is told."""
    if len(clip.summary.repetitions) < 2:
        return count(clip)
    deepest = replace(
        clip.query,
        topic="figure",
        quantity="angle",
        pick="most",
        joint="",
        side="",
        statistic=None,
    )
    longest = replace(deepest, quantity="tempo.whole")
    understood = "Best and worst depend on the aim, so here is how the repetitions differ."
    return (
        slot("understood", understood)
        + clip.lines(deepest)
        + clip.lines(longest)
    )
