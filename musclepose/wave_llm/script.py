"""The true text of a clip as slots with alternative wordings: the report takes the first, a language model may choose.

Every alternative is rendered from figures of the summary, so that any path through the script is true.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from musclepose.movement.assumed import of_the_athlete
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import case_of
from musclepose.movement.progress import reason_to_wait
from musclepose.movement.summary import Fault, PhysicsSummary
from musclepose.wave_llm.knowledge import notes_of, what_to_work_on
from musclepose.wave_llm.knowledge.advice import advice_for
from musclepose.wave_llm.knowledge.earlier_set import better_than
from musclepose.wave_llm.knowledge.sources import SOURCES, in_full
from musclepose.wave_llm.observations import (
    change_over_set,
    depth,
    forces_are_told,
    ground_force,
    hardest_work,
    jump_height,
    largest_torque,
    lean,
    not_sure_what,
    partial_repetitions,
    plain_depth,
    range_of_motion,
    show,
    speed_of_lift,
    tempo,
    what_was_done,
    with_article,
)
from musclepose.wave_llm.prompt import Level


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


def filled(
    options: tuple[str, ...], fault: Fault, total: int
) -> tuple[str, ...]:
    side = f"{fault.evidence.side} " if fault.evidence.side else ""
    value = value_text(fault)
    if fault.evidence.unit == "deg" and fault.evidence.value < 0:
        value = value.removeprefix("-")
    return tuple(
        o.format(side=side, value=value, reps=reps_text(fault, total), limit="")
        for o in options
    )


def fault_slots(summary: PhysicsSummary, level: Level) -> list[Slot]:
    total = len(summary.repetitions)
    slots: list[Slot] = []
    for rank, fault in enumerate(
        summary.faults[: 1 if level == "beginner" else 2]
    ):
        words = case_of(fault.name, summary.exercise.name).words
        saw = words.plain if level == "beginner" else words.saw
        slots.append(
            Slot(
                "saw",
                filled(saw, fault, total),
                _MATTERS if rank == 0 else " ",
            )
        )
        if level == "clinician":
            e = fault.evidence
            limit = f"{e.threshold:g}" + {"deg": "°", "%": "%"}.get(
                e.unit, f" {e.unit}"
            )
            sure = f"{100 * fault.confidence:.0f}%"
            slots.append(
                Slot(
                    "limit",
                    (
                        f"The threshold is {limit} ({e.threshold_source}); confidence {sure}.",
                    ),
                )
            )
        slots.append(Slot("why", words.why))
    top = case_of(summary.faults[0].name, summary.exercise.name).words
    slots.append(Slot("cue", filled(top.cue, summary.faults[0], total), _CUE))
    slots.append(
        Slot("drill", filled(top.drill, summary.faults[0], total), _DRILL)
    )
    return slots


_MATTERS, _CUE, _DRILL = (
    "\n\n**What matters most.** ",
    "\n\n**Cue.** ",
    "\n\n**Drill.** ",
)


def _in_words(names: Sequence[str], last: str = "and") -> str:
    """ "depth, lean and lockout"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


NOTES_TOLD: dict[Level, int] = {"beginner": 1, "athlete": 2, "clinician": 4}
_WHY, _SOURCES = "\n\n**Why.** ", "\n\n**Sources.** "


def note_slots(
    summary: PhysicsSummary,
    level: Level,
    said: Container[str] = (),
    earlier: PhysicsSummary | None = None,
) -> list[Slot]:
    """What is noticed beyond faults, as the reader wants it; a clinician gets the reason with its source.

    said: names of slots that stand in the text; a note that would repeat one is not told again.
    """
    slots: list[Slot] = []
    notes = (
        [*better_than(summary, earlier), *notes_of(summary)]
        if earlier
        else notes_of(summary)
    )
    for note in notes[: NOTES_TOLD[level]]:
        if level == "beginner":
            slots.append(Slot("note", (note.beginner,)))
        elif note.says_again not in said:
            slots.append(Slot("note", (note.athlete,)))
        reason = advice_for(summary.exercise.name, note.name)
        if level == "clinician" and reason is not None and reason.source:
            slots.append(Slot("reason", (reason.cited,)))
    return slots


def _cue_and_drill(summary: PhysicsSummary, level: Level) -> list[Slot]:
    """Of the most telling note that asks for something, else the exercise's own; an athlete also gets why."""
    advice = what_to_work_on(summary)
    if advice is None:
        return []
    goes_on = (
        EXERCISES[summary.exercise.name].progressions
        if not reason_to_wait(summary)
        else ()
    )
    slots = [
        Slot("cue", (advice.cue,), _CUE),
        Slot("drill", (advice.drill, *goes_on), _DRILL),
    ]
    if level == "athlete" and advice.reason:
        slots.insert(0, Slot("reason", (advice.reason,), _WHY))
    if level == "clinician" and advice.source:
        slots.insert(0, Slot("reason", (advice.cited,), _WHY))
    return slots


def clean_slots(
    summary: PhysicsSummary, level: Level = "beginner"
) -> list[Slot]:
    """No fault found: what was looked for, without praise that nothing supports, then what to build on."""
    if summary.kind == "none":
        none = (
            "Record at least one full repetition with the whole body in view.",
            "Film again with the whole body in the picture from start to end.",
        )
        return [Slot("matters", none, _MATTERS)]
    clear = [check.what for check in summary.checks if check.outcome == "clear"]
    if not clear:
        return _cue_and_drill(summary, level)
    looked = _in_words(clear)
    matters = (
        f"I looked at {looked}; nothing stood out.",
        f"Nothing stood out in what I could judge: {looked}.",
    )
    return [Slot("matters", matters, _MATTERS), *_cue_and_drill(summary, level)]


def source_slots(slots: Sequence[Slot]) -> list[Slot]:
    """Every source that the text names, in full."""
    told = " ".join(s.options[0] for s in slots if s.name == "reason")
    named = [name for name in SOURCES if f"({name})" in told]
    return [
        Slot("sources", (in_full(name),), " " if i else _SOURCES)
        for i, name in enumerate(named)
    ]


def not_judged(summary: PhysicsSummary) -> list[Slot]:
    """What could not be judged, in one sentence, with the reasons."""
    if not summary.is_sure:
        return []
    by_reason: dict[str, list[str]] = {}
    for check in summary.checks:
        if check.outcome == "unseen":
            by_reason.setdefault(check.reason, []).append(check.what)
    if not by_reason:
        return []
    parts = [
        f"{_in_words(names, 'or')} ({reason})"
        for reason, names in by_reason.items()
    ]
    return [Slot("not judged", (f"I could not judge {'; '.join(parts)}.",))]


def _support_words(summary: PhysicsSummary) -> str:
    """What carries beside the feet; empty where nothing does."""
    exercise = EXERCISES[summary.exercise.name]
    if not exercise.supported_by:
        rests = "You lie, sit or lean on more than your feet, so weight is carried beside them too"
        return (
            f"{rests}, and no force or torque is told." if summary.rests else ""
        )
    carrier = f"is carried beside the feet too ({exercise.supported_by})"
    end = "so no force under the feet is told."
    if summary.is_sure:
        return f"Weight {carrier}, {end}"
    return f"If it is {with_article(exercise.title)}, weight {carrier}, {end}"


def _load_slots(summary: PhysicsSummary) -> list[Slot]:
    """What is missing for forces: hands that carry, or an untold weight."""
    words = _support_words(summary)
    if words:
        return [Slot("support", (words,))]
    if (
        summary.is_sure
        and EXERCISES[summary.exercise.name].usually_loaded
        and not summary.load_kg
    ):
        return [
            Slot(
                "load",
                (
                    "No weight was told: tell it, and I can say torques and effort.",
                ),
            )
        ]
    return []


def _quality_words(summary: PhysicsSummary, level: Level) -> str:
    quality = summary.quality_level
    if level == "beginner":
        seen = {"high": "well", "medium": "fairly well", "low": "only partly"}[
            quality
        ]
        return f"I could see you {seen}" + (
            ", so take this as a hint." if quality == "low" else "."
        )
    words = {"high": "good", "medium": "fair", "low": "limited"}[quality]
    hint = ", so read the figures as hints" if quality == "low" else ""
    return f"The data quality of this clip is {words}{hint}."


def trust(summary: PhysicsSummary, level: Level) -> list[Slot]:
    """How far to trust it: quality, what was assumed, what was not seen."""
    lead, slots = "\n\n**How sure.** ", []
    slots.append(Slot("quality", (_quality_words(summary, level),), lead))
    residual = summary.figure("quality.residual_force")
    if residual and level == "clinician":
        slots.append(
            Slot(
                "residual",
                (
                    f"Unexplained force is {show(residual)} of the net external force.",
                ),
            )
        )
    slots += not_judged(summary)
    slots += _load_slots(summary)
    assumed = of_the_athlete(summary)
    if assumed and tells_forces(summary, level):
        told = _in_words(assumed)
        verb = "was" if len(assumed) == 1 else "were"
        slots.append(
            Slot(
                "assumed",
                (
                    f"Your {told} {verb} assumed, so torques and efforts are rough.",
                ),
            )
        )
    return slots


def tells_forces(summary: PhysicsSummary, level: Level) -> bool:
    """Whether torques and efforts are told: not to a beginner, those of a poor fit to a clinician alone, and to nobody
    where forces and motion do not add up.
    """
    has_any = any(f.key.startswith("tau_") for f in summary.figures)
    clear = level == "clinician" or summary.quality_level != "low"
    return (
        has_any and level != "beginner" and clear and forces_are_told(summary)
    )


def _what_was_seen(
    summary: PhysicsSummary, level: Level
) -> list[tuple[str, tuple[str, ...]]]:
    parts = [
        ("partial", partial_repetitions(summary)),
        ("not sure", not_sure_what(summary)),
    ]
    if level == "beginner":
        return [*parts, ("depth", plain_depth(summary))]
    parts += [("tempo", tempo(summary)), ("depth", depth(summary))]
    parts.append(("range", range_of_motion(summary)))
    parts.append(("lean", lean(summary)))
    parts.append(("speed", speed_of_lift(summary)))
    parts.append(("height", jump_height(summary)))
    if tells_forces(summary, level):
        parts.append(("torque", largest_torque(summary, level)))
        parts.append(("effort", hardest_work(summary)))
        parts.append(("ground", ground_force(summary, level)))
    return [*parts, ("trend", change_over_set(summary))]


def script(
    summary: PhysicsSummary,
    level: Level = "athlete",
    earlier: PhysicsSummary | None = None,
) -> list[Slot]:
    """Slots of the coaching text in reading order. earlier: the set before it in the same visit, if there was one."""
    counted = what_was_done(summary)
    # the last wording is kept for held-out texts (learning/language/corpus.py), whoever reads
    ordered = (
        (*counted[-2::-1], *counted[-1:]) if level == "clinician" else counted
    )
    slots = [Slot("count", ordered, "**What I saw.** ")]
    slots += [
        Slot(name, options)
        for name, options in _what_was_seen(summary, level)
        if options
    ]
    slots += note_slots(summary, level, {slot.name for slot in slots}, earlier)
    slots += (
        fault_slots(summary, level)
        if summary.faults
        else clean_slots(summary, level)
    )
    slots += trust(summary, level)
    return slots + source_slots(slots)
