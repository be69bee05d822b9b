"""Follow-up questions, answered from the same figures as slots of true wordings. Diagnosis is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from musclepose.movement.faults import case_of
from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.claims import MEDICAL
from musclepose.wave_llm.observations import (
    change_over_set,
    depth,
    hardest_work,
    joints_of,
    largest_torque,
    lean,
    not_sure_what,
    pair,
    range_of_motion,
    show,
    tempo,
    what_was_done,
)
from musclepose.wave_llm.prompt import MAX_QUESTION, sanitise
from musclepose.wave_llm.script import Slot, clean_slots, fault_slots, filled, not_judged, trust

REFUSAL = (
    "I cannot diagnose pain, injury or illness, or give medical advice; please ask a doctor or physiotherapist. "
    "I can tell you what was measured in this clip."
)
HELP = (
    "I can answer from this clip's figures: repetitions, tempo, ranges, sides, torques, effort, faults, trends over "
    "the set, what to work on, and how sure the figures are."
)
FIXED = ("refusal", "help")  # slots that say nothing about the clip
_PAIN = re.compile(
    r"\b(pain\w*|hurt\w*|ache\w*|aching|sore\w*|swollen|swelling|numb\w*|tingl\w*|doctor|medical\w*|medicine|therap\w+|"
    r"should i see|is it safe|safe to (?:train|lift|run)|heal\w*|damage\w*|"
    r"what is wrong with my (?:knee|hip|back|shoulder))\b",
    re.I,
)
_JOINT = re.compile(r"\b(knee|hip|ankle|elbow|shoulder)s?\b", re.I)
_SIDE = re.compile(r"\b(left|right)\b", re.I)


def is_medical(question: str) -> bool:
    """Whether a question asks for diagnosis or treatment."""
    return bool(_PAIN.search(question) or MEDICAL.search(question))


def _slot(name: str, *options: str) -> list[Slot]:
    return [Slot(name, tuple(options))] if options and options[0] else []


def _joint_figures(summary: PhysicsSummary, question: str, start: str, end: str) -> list[Figure]:
    joint, side = _JOINT.search(question), _SIDE.search(question)
    found = [
        f
        for f in summary.figures
        if f.key.startswith(start) and f.key.endswith(end) and not f.repetition
    ]
    if joint:
        found = [f for f in found if f.joint == joint.group(1).lower()]
    if side:
        found = [f for f in found if f.side == side.group(1).lower()]
    return found


def _absent(summary: PhysicsSummary, question: str) -> list[Slot]:
    joint = _JOINT.search(question)
    if joint is None:
        return []
    name = joint.group(1).lower()
    reason = next((a.reason for a in summary.absent if name in a.reason and "seen" in a.reason), "")
    return (
        _slot("absent", f"The {name} was not seen well enough in this clip to say.")
        if reason
        else []
    )


def _effort_answer(summary: PhysicsSummary, question: str) -> list[Slot]:
    """ "Why is my left knee red?": the colour is effort."""
    told = hardest_work(summary)
    colour = "The colour shows effort: the share of a joint's estimated strength that is used."
    if not told:
        return _absent(summary, question) or _slot("effort", colour)
    return [*_slot("colour", colour), *_slot("effort", *told)]


def _compare(summary: PhysicsSummary, question: str) -> list[Slot]:
    """ "Compare rep 1 and 5"."""
    numbers = [int(n) for n in re.findall(r"\b(\d{1,2})\b", question)]
    total = len(summary.repetitions)
    if re.search(r"\bfirst\b", question, re.I):
        numbers.insert(0, 1)
    if re.search(r"\blast\b", question, re.I):
        numbers.append(total)
    wrong = [n for n in numbers if not 1 <= n <= total]
    if total < 2 or len(set(numbers)) < 2:
        return (
            _slot("compare", f"Name two repetitions to compare; this clip has {total}.")
            if total
            else []
        )
    if wrong:
        return _slot("compare", f"This clip has {total} repetitions; choose two of those.")
    a, b = numbers[0], next(n for n in numbers[1:] if n != numbers[0])
    slots: list[Slot] = []
    keys = [
        k.removesuffix(f".r{a}") for k in (f.key for f in summary.figures) if k.endswith(f".r{a}")
    ]
    for key in [
        k
        for k in keys
        if k.startswith(
            ("tempo.whole", "knee_flexion", "hip_flexion", "elbow_flexion", "trunk_lean")
        )
    ][:5]:
        first, second = summary.figure(f"{key}.r{a}"), summary.figure(f"{key}.r{b}")
        if first and second:
            name = "time" if key.startswith("tempo") else first.label.split(",")[0]
            slots += _slot(
                "compare", f"Repetitions {a} and {b}, {name}: {show(first)} and {show(second)}."
            )
    return slots


LOAD_BY_SIDE = "How left and right share the load cannot be seen by one camera."
_LOAD_WORDS = re.compile(r"load|weight|force|torque|effort|strong|weak|hard|work|power", re.I)


def _sides(summary: PhysicsSummary, question: str) -> list[Slot]:
    """Which side does more: angles may be compared, loads may not."""
    slots = _slot("sides", LOAD_BY_SIDE) if _LOAD_WORDS.search(question) else []
    bends = _joint_figures(summary, question, "", ".max.average")
    left = [f for f in bends if f.side == "left" and "flexion" in f.key]
    best = max(left, key=lambda f: f.value, default=None)
    other = summary.figure(best.key.replace("_l.", "_r.")) if best else None
    if best and other:
        slots += _slot("sides", f"Average {best.joint} bend: {pair(best, other)}.")
    return slots or _absent(summary, question)


def _faults(summary: PhysicsSummary, question: str) -> list[Slot]:
    found = fault_slots(summary, "athlete") if summary.faults else clean_slots(summary)
    return [Slot(s.name, s.options) for s in (*found, *not_judged(summary), *_unsure(summary))]


def _unsure(summary: PhysicsSummary) -> list[Slot]:
    return _slot("not sure", *not_sure_what(summary))


def _advice(summary: PhysicsSummary, question: str) -> list[Slot]:
    if not summary.faults:
        return [Slot(s.name, s.options) for s in clean_slots(summary)] or _unsure(summary)
    fault = summary.faults[0]
    words = case_of(fault.name, summary.exercise.name).words
    total = len(summary.repetitions)
    return [
        Slot(n, filled(o, fault, total)) for n, o in (("cue", words.cue), ("drill", words.drill))
    ]


def _depth(summary: PhysicsSummary, question: str) -> list[Slot]:
    found = _joint_figures(summary, question, "", ".max.average") or _joint_figures(
        summary, question, "", ".max"
    )
    found = [f for f in found if "flexion" in f.key and f.unit == "deg"]
    if _JOINT.search(question) and found:
        left, right = (next((f for f in found if f.side == s), None) for s in ("left", "right"))
        return _slot("range", f"Bend of the {found[0].joint}: {pair(left, right)}.")
    unseen = _absent(summary, question) if _JOINT.search(question) else []
    told = _slot("depth", *depth(summary)) + _slot("range", *range_of_motion(summary))
    return unseen or told


def _torques(summary: PhysicsSummary, question: str) -> list[Slot]:
    found = _joint_figures(summary, question, "tau_", ".absmax")
    if not _JOINT.search(question):
        return _slot("torque", *largest_torque(summary, "athlete"))
    if not found:
        return _absent(summary, question)
    most = max(found, key=lambda f: f.value)
    name = joints_of(most)
    return _slot("torque", f"The largest torque at the {name} was {show(most)}.")


def _ground(summary: PhysicsSummary, question: str) -> list[Slot]:
    keys = ("grf_total.max", "grf_l.max", "grf_r.max")
    found = [f for k in keys if (f := summary.figure(k)) is not None]
    return [
        s
        for f in found
        for s in _slot("ground", f"The {f.label.split(',')[0]} peaked at {show(f)}.")
    ]


_Intent = tuple[str, Callable[[PhysicsSummary, str], list[Slot]]]
INTENTS: tuple[_Intent, ...] = (
    (r"\bcompar|\bversus\b|\bvs\b|first and last|against rep", _compare),
    (r"\bred\b|colou?r|effort|work\w* hard|hardest|\bstrain|capacity|orange|yellow", _effort_answer),
    (r"which (?:side|leg|arm|foot|knee|hip)|left (?:or|and|versus) right|right (?:or|and) left|"
     r"asymmetr|uneven|even\b|balanced|symmetr|other side|stronger|weaker",
     _sides),
    (r"how sure|accura|trust|certain|reliab|confiden|quality|assum", lambda s, q: [Slot(x.name,
        x.options) for x in trust(s, "athlete")]),
    (r"\bforces?\b|ground|land", _ground),
    (r"torque|newton|moment|\bload\b", _torques),
    (r"\btired|fatigue|over the set|trend|slow(?:er|ed) down|change\w*|consisten",
     lambda s, q: _slot("trend", *(change_over_set(s) or ("No clear change over the set was found.",)))),
    (r"how (?:can|do|should|could) i|improve|fix|cue|drill|practi[sc]e|help|next|work on|better|advice|correct",
        _advice),
    (r"wrong|fault|mistake|error|problem|bad|matters|\bform\b|technique", _faults),
    (r"how many|count|reps?\b|repetitions?\b|steps?\b|what (?:exercise|movement)|which exercise", lambda s,
        q: _slot("count", *what_was_done(s))),
    (r"tempo|speed|fast|slow|long|rhythm|time", lambda s, q: _slot("tempo", *tempo(s))),
    (r"\blean\w*|chest|trunk|torso|upright", lambda s, q: _slot("lean", *lean(s)) or _faults(s, q)),
    (r"deep|depth|low|bend|bent|range|angle|far|high", _depth),
)  # fmt: skip


def answer(summary: PhysicsSummary, question: str) -> list[Slot]:
    """Slots that answer a question; a refusal, or what can be asked, where it cannot be answered."""
    clean = sanitise(question, MAX_QUESTION)
    if is_medical(clean):
        return [Slot("refusal", (REFUSAL,))]
    for pattern, reply in INTENTS:
        if re.search(pattern, clean, re.I):
            slots = reply(summary, clean)
            if slots:
                return slots
    return [Slot("help", (HELP,))]
