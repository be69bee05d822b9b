"""Answers about faults and what to do: one fault, all of them, advice, why, more weight."""

from __future__ import annotations

from dataclasses import replace

from musclepose.movement.faults import FAULTS, case_of
from musclepose.movement.progress import hardest_effort, reason_to_wait
from musclepose.movement.query.quantities import QUANTITIES
from musclepose.wave_llm.answer_clip import Clip, slot
from musclepose.wave_llm.answer_figures import in_words
from musclepose.wave_llm.observations import not_sure_what, show
from musclepose.wave_llm.script import (
    Slot,
    clean_slots,
    fault_slots,
    filled,
    not_judged,
)


def one_fault(clip: Clip) -> list[Slot]:
    """One fault: found, not found, not judged, or not looked for in this exercise."""
    summary, name = clip.summary, clip.query.term
    what = FAULTS[name].name_when_clear
    check = next((c for c in summary.checks if c.fault == name), None)
    if check is None:
        return slot(
            "fault", f"I do not look at {what} in this exercise."
        ) + _related(clip, name)
    if check.outcome == "unseen":
        return slot(
            "fault",
            f"I could not judge {what} ({_plain_reason(check.reason)}).",
        )
    if check.outcome == "clear":
        return slot(
            "fault", f"I looked at {what}; nothing stood out."
        ) + _related(clip, name)
    total = len(summary.repetitions)
    found = [f for f in summary.faults if f.name == name]
    words = case_of(name, summary.exercise.name).words
    slots = [Slot("saw", filled(words.saw, f, total)) for f in found]
    return [
        *slots,
        Slot("why", words.why),
        Slot("cue", filled(words.cue, found[0], total)),
    ]


def _plain_reason(reason: str) -> str:
    return (
        f"the {reason.split(' seen in only')[0]} was not seen well enough"
        if " seen in only" in reason
        else reason
    )


def _related(clip: Clip, name: str) -> list[Slot]:
    """The figure behind a fault that was not found: lean, inward movement."""
    quantity = next(
        (
            q
            for q in ("lean", "inward", "sidelean", "line")
            if _column_of(q) in _rule_columns(name)
        ),
        "",
    )
    if not quantity:
        return []
    slots = clip.lines(
        replace(
            clip.query,
            topic="figure",
            quantity=quantity,
            joint="",
            statistic=None,
        )
    )
    return [s for s in slots if not s.options[0].startswith("I cannot tell")]


def _column_of(quantity: str) -> str:
    return QUANTITIES[quantity].columns[""]


def _rule_columns(name: str) -> set[str]:
    return {getattr(case.rule, "column", "") for case in FAULTS[name].cases}


def all_faults(clip: Clip) -> list[Slot]:
    summary = clip.summary
    found = (
        fault_slots(summary, "athlete")
        if summary.faults
        else clean_slots(summary)
    )
    return [
        *(Slot(s.name, s.options) for s in (*found, *not_judged(summary))),
        *unsure(clip),
    ]


def unsure(clip: Clip) -> list[Slot]:
    return slot("not sure", *not_sure_what(clip.summary))


def advice(clip: Clip) -> list[Slot]:
    """What to change first, why, and how."""
    summary = clip.summary
    if not summary.faults:
        return (
            [Slot(s.name, s.options) for s in clean_slots(summary)]
            or unsure(clip)
            or all_faults(clip)
        )
    fault, total = summary.faults[0], len(summary.repetitions)
    words = case_of(fault.name, summary.exercise.name).words
    parts = (
        ("saw", words.saw),
        ("why", words.why),
        ("cue", words.cue),
        ("drill", words.drill),
    )
    return [
        Slot(n, filled(o, fault, total) if n != "why" else o) for n, o in parts
    ]


def why(clip: Clip) -> list[Slot]:
    summary = clip.summary
    if not summary.faults:
        return all_faults(clip)
    return [
        Slot(
            "why",
            case_of(summary.faults[0].name, summary.exercise.name).words.why,
        )
    ]


def add_weight(clip: Clip) -> list[Slot]:
    """Only within the rule of `movement.progress`."""
    summary = clip.summary
    wait = reason_to_wait(summary)
    if wait:
        return slot(
            "wait", f"I would not add weight from this clip: {wait}."
        ) + (advice(clip) if summary.faults else [])
    clear = in_words([c.what for c in summary.checks if c.outcome == "clear"])
    effort = hardest_effort(summary)
    told = (
        f" and the hardest joint used {show(effort)} of its estimated strength"
        if effort
        else ""
    )
    return [
        *slot(
            "go on",
            f"Nothing that I could see speaks against a small step: I looked at {clear}; nothing stood out{told}.",
        ),
        *slot("drill", *clip.exercise.progressions),
        *slot(
            "limit",
            "How many repetitions were left in you cannot be seen, so go by that too.",
        ),
    ]
