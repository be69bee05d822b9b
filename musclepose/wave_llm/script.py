"""The true text of a clip as slots with alternative wordings: the report takes the first, a language model may choose.

Every alternative is rendered from figures of the summary, so that any path through the script is true.
"""

from __future__ import annotations

from dataclasses import dataclass

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import case_of, cases_of
from musclepose.movement.summary import Fault, PhysicsSummary
from musclepose.wave_llm.observations import (
    change_over_set,
    ground_force,
    hardest_work,
    largest_torque,
    lean,
    range_of_motion,
    show,
    tempo,
    torque_of_both_sides,
    what_was_done,
)
from musclepose.wave_llm.prompt import Level

ASSUMED_WORDS = {"height_m": "height", "mass_kg": "body mass", "sex": "sex", "age_years": "age"}


@dataclass(frozen=True)
class Slot:
    """One sentence: alternative wordings of the same truth. `lead` comes before it: a heading or a space."""

    name: str
    options: tuple[str, ...]
    lead: str = " "


def value_text(fault: Fault) -> str:
    """Evidence of a fault for a reader."""
    e = fault.evidence
    number = f"{e.value:.{1 if e.unit == 's' else 0}f}"
    return number + {"deg": "°", "%": "%"}.get(e.unit, f" {e.unit}")


def reps_text(fault: Fault, total: int) -> str:
    """ " in repetitions 2 and 3", empty where it shows in all or is no matter of repetitions."""
    reps = fault.repetitions
    if not reps or len(reps) >= total or total < 2:
        return ""
    if len(reps) == 1:
        return f" in repetition {reps[0]}"
    if len(reps) > 5:
        return f" in {len(reps)} of {total} repetitions"
    return f" in repetitions {', '.join(map(str, reps[:-1]))} and {reps[-1]}"


def filled(options: tuple[str, ...], fault: Fault, total: int) -> tuple[str, ...]:
    side = f"{fault.evidence.side} " if fault.evidence.side else ""
    value = value_text(fault)
    if fault.evidence.unit == "deg" and fault.evidence.value < 0:
        value = value.removeprefix("-")
    return tuple(
        o.format(side=side, value=value, reps=reps_text(fault, total), limit="") for o in options
    )


def fault_slots(summary: PhysicsSummary, level: Level) -> list[Slot]:
    total = len(summary.repetitions)
    slots: list[Slot] = []
    for rank, fault in enumerate(summary.faults[: 1 if level == "beginner" else 2]):
        words = case_of(fault.name, summary.exercise.name).words
        saw = words.plain if level == "beginner" else words.saw
        slots.append(
            Slot(
                "saw",
                filled(saw, fault, total),
                "\n\n**What matters most.** " if rank == 0 else " ",
            )
        )
        if level == "clinician":
            e = fault.evidence
            limit = f"{e.threshold:g}" + {"deg": "°", "%": "%"}.get(e.unit, f" {e.unit}")
            sure = f"{100 * fault.confidence:.0f}%"
            slots.append(
                Slot(
                    "limit",
                    (f"The threshold is {limit} ({e.threshold_source}); confidence {sure}.",),
                )
            )
        slots.append(Slot("why", words.why))
    top = case_of(summary.faults[0].name, summary.exercise.name).words
    slots.append(Slot("cue", filled(top.cue, summary.faults[0], total), "\n\n**Cue.** "))
    slots.append(Slot("drill", filled(top.drill, summary.faults[0], total), "\n\n**Drill.** "))
    return slots


def _clean_slots(summary: PhysicsSummary) -> list[Slot]:
    """No fault found: say so without praise that nothing supports, then what to build on."""
    exercise = EXERCISES[summary.exercise.name]
    if summary.kind == "none":
        none = (
            "Record at least one full repetition with the whole body in view.",
            "Film again with the whole body in the picture from start to end.",
        )
        return [Slot("matters", none, "\n\n**What matters most.** ")]
    matters = (
        "None of the faults that I check for stood out.",
        "No fault that I check for stood out in this clip.",
    )
    return [
        Slot("matters", matters, "\n\n**What matters most.** "),
        Slot("cue", exercise.cues, "\n\n**Cue.** "),
        Slot("drill", exercise.drills, "\n\n**Drill.** "),
    ]


def _could_show_valgus(exercise: str) -> bool:
    return any(kind.name == "knee_valgus" for kind, _ in cases_of(exercise))


def trust(summary: PhysicsSummary, level: Level) -> list[Slot]:
    """How far to trust it: quality, what was assumed, what was not seen."""
    lead, slots = "\n\n**How sure.** ", []
    words = {"high": "good", "medium": "fair", "low": "limited"}[summary.quality_level]
    hint = ", so read the figures as hints" if summary.quality_level == "low" else ""
    slots.append(Slot("quality", (f"The data quality of this clip is {words}{hint}.",), lead))
    residual = summary.figure("quality.residual_force")
    if residual and level == "clinician":
        slots.append(
            Slot("residual", (f"Unexplained force is {show(residual)} of the net external force.",))
        )
    if summary.view == "side" and _could_show_valgus(summary.exercise.name):
        slots.append(
            Slot("view", ("From the side I cannot judge whether the knees drift inwards.",))
        )
    assumed = [ASSUMED_WORDS[a] for a in summary.assumed if a in ASSUMED_WORDS and a != "age_years"]
    if assumed and level != "beginner":
        told = " and ".join([", ".join(assumed[:-1]), assumed[-1]] if len(assumed) > 1 else assumed)
        verb = "was" if len(assumed) == 1 else "were"
        slots.append(
            Slot("assumed", (f"Your {told} {verb} assumed, so torques and efforts are rough.",))
        )
    unseen = sorted(
        {a.reason.split(" seen")[0] for a in summary.absent if " seen in only" in a.reason}
    )
    if unseen:
        slots.append(Slot("unseen", (f"Not seen well enough to judge: {', '.join(unseen[:4])}.",)))
    return slots


def script(summary: PhysicsSummary, level: Level = "athlete") -> list[Slot]:
    """Slots of the coaching text in reading order."""
    slots = [Slot("count", what_was_done(summary), "**What I saw.** ")]
    parts = [("tempo", tempo(summary)), ("range", range_of_motion(summary))]
    forces = (
        level == "clinician" or summary.quality_level != "low"
    )  # torques of a poor fit mislead an athlete
    if level != "beginner":
        parts += [("lean", lean(summary))]
        if forces:
            parts += [("torque", largest_torque(summary, level)), ("effort", hardest_work(summary))]
            parts += [("sides", torque_of_both_sides(summary))] if level == "clinician" else []
            parts += [("ground", ground_force(summary, level))]
        parts += [("trend", change_over_set(summary))]
    slots += [Slot(name, options) for name, options in parts if options]
    slots += fault_slots(summary, level) if summary.faults else _clean_slots(summary)
    return slots + trust(summary, level)
