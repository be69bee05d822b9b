"""Answers about the figures themselves: what was told or assumed, how sure, by which formula; fixed texts."""

from __future__ import annotations

from collections.abc import Callable

from musclepose.movement.assumed import ASSUMED_WORDS
from musclepose.movement.figures import Figure
from musclepose.movement.judging import ANGLE_ERROR_DEG, LEVEL_FACTOR
from musclepose.movement.query.look_up import LookUp
from musclepose.wave_llm.answer_clip import Clip, slot
from musclepose.wave_llm.answer_figures import capital, in_words
from musclepose.wave_llm.observations import show
from musclepose.wave_llm.script import Slot, trust

REFUSAL = (
    "I cannot diagnose pain, injury or illness, or give medical advice. Stop the movement that "
    "hurts, and ask a doctor or "
    "physiotherapist; see one soon where pain is sudden, strong or does not go. I can tell you what "
    "was measured in this clip."
)
HELP = (
    "I can answer from this clip's figures: repetitions, times, angles, depth, sides, torques, "
    "effort, ground force, faults, "
    "changes over the set, what to work on, and how sure the figures are."
)


def load(clip: Clip) -> list[Slot]:
    summary = clip.summary
    if summary.load_kg:
        return slot(
            "load",
            f"You told {summary.load_kg:g} kg at the {summary.load_at}; the weight itself cannot be seen.",
        )
    return slot(
        "load", "No weight was told, and the weight itself cannot be seen."
    )


def person(clip: Clip) -> list[Slot]:
    s = clip.summary
    return slot(
        "person",
        f"I used a height of {s.height_m:.2f} m and a body mass of {s.mass_kg:.0f} kg.",
    ) + assumed(clip)


def assumed(clip: Clip) -> list[Slot]:
    names = [ASSUMED_WORDS[name] for name in clip.summary.assumed]
    if not names:
        told = "You told height, body mass, sex and age, so none of them was assumed."
        return slot("assumed", told) if clip.query.topic == "assumed" else []
    verb = "was" if len(names) == 1 else "were"
    slots = slot(
        "assumed",
        f"Your {in_words(names)} {verb} assumed, so torques and efforts are rough.",
    )
    untold = (
        clip.exercise.usually_loaded
        and not clip.summary.load_kg
        and clip.summary.is_sure
    )
    return slots + (
        slot(
            "load",
            "No weight was told: tell it, and I can say torques and effort.",
        )
        if untold
        else []
    )


def sure(clip: Clip) -> list[Slot]:
    """How far to trust it, and the usual error of the joint that was asked for."""
    joint = clip.query.joint
    slots = [Slot(s.name, s.options) for s in trust(clip.summary, "athlete")]
    if joint in ANGLE_ERROR_DEG:
        error = ANGLE_ERROR_DEG[joint] * LEVEL_FACTOR[clip.summary.fit_level]
        source = f"product({ANGLE_ERROR_DEG[joint]:g}, {LEVEL_FACTOR[clip.summary.fit_level]:g})"
        figure = Figure(
            f"error.{joint}_flexion",
            error,
            "deg",
            source,
            0,
            f"{joint} angle, usual error",
            joint,
        )
        clip.source.made[figure.key] = figure
        slots = (
            slot(
                "error",
                f"One camera is usually off by about {show(figure)} at the {joint}.",
            )
            + slots
        )
    level = 100.0 * clip.summary.exercise.probability
    return slots + (
        slot("recognised", f"The exercise is {level:.0f}% sure.")
        if not joint
        else []
    )


def formula(clip: Clip) -> list[Slot]:
    """The formula of the figure that was asked for, over the columns of timeseries.csv."""
    query = clip.query
    general = (
        "Angles come from a body that is fitted to the points in the picture; forces and torques "
        "from its motion and mass "
        "by Newton's laws."
    )
    if not query.quantity:
        return slot("formula", general)
    lines = [line for line in LookUp(clip.source).lines(query) if line.figures]
    told = [
        f"{capital(line.words)}: `{line.figures[0].source}` over timeseries.csv."
        for line in lines
    ]
    return slot("formula", general) + [
        s for t in told[:2] for s in slot("formula", t)
    ]


def fixed(name: str, *texts: str) -> Callable[[Clip], list[Slot]]:
    return lambda _clip: [Slot(name, (text,)) for text in texts]
