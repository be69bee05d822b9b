"""Follow-up questions: each is a query, its answer true sentences from figures. Diagnosis is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from musclepose.movement.assumed import ASSUMED_WORDS
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS, case_of
from musclepose.movement.figures import Figure
from musclepose.movement.judging import ANGLE_ERROR_DEG, LEVEL_FACTOR
from musclepose.movement.progress import hardest_effort, reason_to_wait
from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.grammar import parse
from musclepose.movement.query.look_up import LookUp, is_same, main_joint, withheld
from musclepose.movement.query.quantities import QUANTITIES
from musclepose.movement.query.records import Query
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.wave_llm.answer_figures import WITHIN, capital, in_words, reason_sentence, sentences
from musclepose.wave_llm.claims import MEDICAL
from musclepose.wave_llm.glossary import FILM, GLOSSARY, HELLO, NOT_SEEN
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
from musclepose.wave_llm.prompt import MAX_QUESTION, sanitise
from musclepose.wave_llm.script import (
    Slot,
    clean_slots,
    fault_slots,
    filled,
    not_judged,
    trust,
)

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
FIXED = (
    "refusal",
    "help",
    "define",
    "film",
    "unseen",
    "hello",
)  # slots that say nothing about the clip
LOAD_BY_SIDE = "How left and right share the load cannot be seen by one camera."
COLOUR = "The colour shows effort: the share of a joint's estimated strength that is used."
SAME_OVER_SET = "No clear change over the set was found."
LEVEL_ERROR_DEG = (
    9.0  # of the thigh against level from one camera: that of the hip (ANGLE_ERROR_DEG)
)
_PAIN = re.compile(
    r"\b(pain\w*|hurt\w*|ache\w*|aching|sore\w*|swollen|swelling|numb\w*|tingl\w*|doctor|medical\w*|medicine|therap\w+|"
    r"should i see|is it safe|safe to (?:train|lift|run)|heal\w*|damage\w*|"
    r"what is wrong with my (?:knee|hip|back|shoulder))\b",
    re.I,
)


@dataclass(frozen=True)
class Answer:
    """Slots of an answer, the query that was understood, and the summary with the figures that were made for it."""

    slots: list[Slot]
    query: Query
    summary: PhysicsSummary


def is_medical(question: str) -> bool:
    """Whether a question asks for diagnosis or treatment."""
    return (
        bool(_PAIN.search(question) or MEDICAL.search(question)) or parse(question).topic == "pain"
    )


def _slot(name: str, *options: str) -> list[Slot]:
    return [Slot(name, tuple(options))] if options and options[0] else []


class _Clip:
    """What a topic answers from."""

    def __init__(self, query: Query, source: FigureSource) -> None:
        self.query, self.source, self.summary = query, source, source.summary
        self.exercise = EXERCISES[source.summary.exercise.name]

    def lines(self, query: Query) -> list[Slot]:
        """Figures as slots."""
        found = LookUp(self.source).lines(query)
        return [s for line in found for s in _slot("figure", sentences(line))]

    def caveats(self, quantity: str) -> list[Slot]:
        """What makes a force or torque rough: quality and assumed mass."""
        if quantity not in QUANTITIES or not QUANTITIES[quantity].is_load or not self.source.made:
            return []
        limited = self.summary.quality_level == "low"
        return [
            *(
                _slot("hint", "The data quality of this clip is limited, so read it as a hint.")
                if limited
                else []
            ),
            *(s for s in trust(self.summary, "clinician") if s.name == "assumed"),
        ]


def _figure(clip: _Clip) -> list[Slot]:
    if clip.query.quantity.startswith("tempo.") and clip.summary.kind in ("hold", "gait"):
        held = _count(_Clip(replace(clip.query, term="held"), clip.source))
        speed = replace(clip.query, topic="figure", quantity="speed", repetitions=(), pick="")
        return held if clip.summary.kind == "hold" else held + clip.lines(speed)
    slots = clip.lines(clip.query)
    if clip.query.quantity == "effort":
        slots = _slot("colour", COLOUR) + slots
    told = any(not s.options[0].startswith("I cannot tell") for s in slots)
    return slots + (clip.caveats(clip.query.quantity) if told else [])


def _sides(clip: _Clip) -> list[Slot]:
    """Which side does more: angles may be compared, loads may not."""
    query = clip.query
    slots = _slot("sides", LOAD_BY_SIDE) if query.quantity == "torque" else []
    quantity = "inward" if query.quantity == "inward" else "angle"
    joint = query.joint or main_joint(clip.summary)
    columns = QUANTITIES[quantity].columns
    column = columns.get(joint) or columns.get("")
    if column is None or "{}" not in column:
        return slots or clip.lines(replace(query, topic="figure", quantity=quantity))
    reason = withheld(clip.summary, QUANTITIES[quantity], column)
    made = [
        clip.source.average("max", column.format(s))
        or clip.source.statistic("max", column.format(s))
        for s in "lr"
    ]
    left, right = made
    if reason or isinstance(left, str) or isinstance(right, str):
        why = reason or next(m for m in made if isinstance(m, str))
        return slots + _slot("sides", reason_sentence(why))
    what = left.label.split(",")[0].removeprefix("left ")
    same = f" {WITHIN}" if is_same(left, right) else ""
    return slots + _slot("sides", f"{capital(what)}: {pair(left, right)}.{same}")


def _depth(clip: _Clip) -> list[Slot]:
    """How deep against level, where the exercise has a level; else the main bend."""
    summary, figure = clip.summary, clip.summary.figure("thigh_above_level.depth")
    bend = clip.lines(replace(clip.query, topic="figure", quantity="angle", statistic=None))
    if not clip.exercise.tells_depth or figure is None or not summary.is_sure:
        return _judged_depth(clip) + bend
    if summary.view == "front":
        return _slot("depth", "Depth against level cannot be judged from the front.") + bend
    told = list(depth(summary)) or [_above_level(figure)]
    return _slot("depth", *told) + _slot("verdict", _level_verdict(figure.value)) + bend


def _judged_depth(clip: _Clip) -> list[Slot]:
    """What was found of the exercise's own depth."""
    name = next((c.fault for c in clip.summary.checks if c.what == "depth"), "")
    return _fault(_Clip(replace(clip.query, topic="fault", term=name), clip.source)) if name else []


def _above_level(figure: Figure) -> str:
    where = "above" if figure.value > 0 else "below"
    return f"At the bottom your thighs were about {show(replace(figure, value=abs(figure.value)))} {where} level."


def _level_verdict(above_deg: float) -> str:
    if above_deg > LEVEL_ERROR_DEG:
        return "So you did not reach parallel."
    if above_deg < -LEVEL_ERROR_DEG:
        return "So you were below parallel."
    return "That is too near to parallel to say on which side of it you were."


def _trend(clip: _Clip) -> list[Slot]:
    told = change_over_set(clip.summary)
    if told:
        return _slot("trend", *told)
    total = len(clip.summary.repetitions)
    if total < 2:
        return _slot("trend", "There are too few repetitions to speak of a change over the set.")
    first_last = replace(
        clip.query, topic="figure", quantity="main", repetitions=(1, -1), pick="", joint="", side=""
    )
    return _slot("trend", SAME_OVER_SET) + clip.lines(first_last)


def _count(clip: _Clip) -> list[Slot]:
    summary, term = clip.summary, clip.query.term
    slots = _slot("count", *what_was_done(summary))
    length = summary.figure("clip.duration")
    if term in ("steps", "cadence") and summary.kind != "gait":
        slots = _slot("count", "I counted no steps in this clip.") + slots
    if term == "held" and summary.kind != "hold" and length is not None:
        slots = _slot("length", f"The clip lasts {show(length)}.") + slots
    if summary.kind == "hold" and not term:
        slots = _slot("count", "A hold has no repetitions to count.") + slots
    return slots + _slot("partial", *partial_repetitions(summary))


def _partial(clip: _Clip) -> list[Slot]:
    return _slot(
        "partial",
        *(partial_repetitions(clip.summary) or ("No movement was left out as too small.",)),
    )


def _exercise(clip: _Clip) -> list[Slot]:
    if clip.summary.is_sure:
        title = clip.summary.exercise.title
        return _slot("exercise", f"This is recognised as {title}.") + _slot(
            "count", *what_was_done(clip.summary)
        )
    return _slot("not sure", *not_sure_what(clip.summary))


def _hardest(clip: _Clip) -> list[Slot]:
    """ "Why is my left knee red?", "Which joint works hardest?": the colour is effort."""
    most = hardest_work(clip.summary)
    torque = largest_torque(clip.summary, "athlete")
    if clip.query.quantity == "torque":
        most = ()
    told = _slot("torque", *torque) if not most else _slot("effort", *most)
    if told:
        return (_slot("colour", COLOUR) if most else []) + told + _slot("sides", LOAD_BY_SIDE)
    column = QUANTITIES["torque"].columns["knee"]
    reason = (
        withheld(clip.summary, QUANTITIES["torque"], column)
        or "it was not seen well enough in this clip"
    )
    return _slot("colour", COLOUR) + _slot("absent", reason_sentence(reason))


def _best(clip: _Clip) -> list[Slot]:
    """Best and worst have no figure: what the repetitions differ in is told."""
    if len(clip.summary.repetitions) < 2:
        return _count(clip)
    deepest = replace(
        clip.query, topic="figure", quantity="angle", pick="most", joint="", side="", statistic=None
    )
    longest = replace(deepest, quantity="tempo.whole")
    understood = "Best and worst depend on the aim, so here is how the repetitions differ."
    return _slot("understood", understood) + clip.lines(deepest) + clip.lines(longest)


def _fault(clip: _Clip) -> list[Slot]:
    """One fault: found, not found, not judged, or not looked for in this exercise."""
    summary, name = clip.summary, clip.query.term
    what = FAULTS[name].name_when_clear
    check = next((c for c in summary.checks if c.fault == name), None)
    if check is None:
        return _slot("fault", f"I do not look at {what} in this exercise.") + _related(clip, name)
    if check.outcome == "unseen":
        return _slot("fault", f"I could not judge {what} ({_plain_reason(check.reason)}).")
    if check.outcome == "clear":
        return _slot("fault", f"I looked at {what}; nothing stood out.") + _related(clip, name)
    total = len(summary.repetitions)
    found = [f for f in summary.faults if f.name == name]
    words = case_of(name, summary.exercise.name).words
    slots = [Slot("saw", filled(words.saw, f, total)) for f in found]
    return [*slots, Slot("why", words.why), Slot("cue", filled(words.cue, found[0], total))]


def _plain_reason(reason: str) -> str:
    return (
        f"the {reason.split(' seen in only')[0]} was not seen well enough"
        if " seen in only" in reason
        else reason
    )


def _related(clip: _Clip, name: str) -> list[Slot]:
    """The figure behind a fault that was not found: lean, inward movement."""
    quantity = next(
        (q for q in ("lean", "inward", "sidelean", "line") if _column_of(q) in _rule_columns(name)),
        "",
    )
    if not quantity:
        return []
    slots = clip.lines(
        replace(clip.query, topic="figure", quantity=quantity, joint="", statistic=None)
    )
    return [s for s in slots if not s.options[0].startswith("I cannot tell")]


def _column_of(quantity: str) -> str:
    return QUANTITIES[quantity].columns[""]


def _rule_columns(name: str) -> set[str]:
    return {getattr(case.rule, "column", "") for case in FAULTS[name].cases}


def _faults(clip: _Clip) -> list[Slot]:
    summary = clip.summary
    found = fault_slots(summary, "athlete") if summary.faults else clean_slots(summary)
    return [*(Slot(s.name, s.options) for s in (*found, *not_judged(summary))), *_unsure(clip)]


def _unsure(clip: _Clip) -> list[Slot]:
    return _slot("not sure", *not_sure_what(clip.summary))


def _advice(clip: _Clip) -> list[Slot]:
    """What to change first, why, and how."""
    summary = clip.summary
    if not summary.faults:
        return (
            [Slot(s.name, s.options) for s in clean_slots(summary)]
            or _unsure(clip)
            or _faults(clip)
        )
    fault, total = summary.faults[0], len(summary.repetitions)
    words = case_of(fault.name, summary.exercise.name).words
    parts = (("saw", words.saw), ("why", words.why), ("cue", words.cue), ("drill", words.drill))
    return [Slot(n, filled(o, fault, total) if n != "why" else o) for n, o in parts]


def _why(clip: _Clip) -> list[Slot]:
    summary = clip.summary
    if not summary.faults:
        return _faults(clip)
    return [Slot("why", case_of(summary.faults[0].name, summary.exercise.name).words.why)]


def _add_weight(clip: _Clip) -> list[Slot]:
    """Only within the rule of `movement.progress`."""
    summary = clip.summary
    wait = reason_to_wait(summary)
    if wait:
        return _slot("wait", f"I would not add weight from this clip: {wait}.") + (
            _advice(clip) if summary.faults else []
        )
    clear = in_words([c.what for c in summary.checks if c.outcome == "clear"])
    effort = hardest_effort(summary)
    told = f" and the hardest joint used {show(effort)} of its estimated strength" if effort else ""
    return [
        *_slot(
            "go on",
            f"Nothing that I could see speaks against a small step: I looked at {clear}; nothing stood out{told}.",
        ),
        *_slot("drill", *clip.exercise.progressions),
        *_slot("limit", "How many repetitions were left in you cannot be seen, so go by that too."),
    ]


def _load(clip: _Clip) -> list[Slot]:
    summary = clip.summary
    if summary.load_kg:
        return _slot(
            "load",
            f"You told {summary.load_kg:g} kg at the {summary.load_at}; the weight itself cannot be seen.",
        )
    return _slot("load", "No weight was told, and the weight itself cannot be seen.")


def _person(clip: _Clip) -> list[Slot]:
    s = clip.summary
    return _slot(
        "person", f"I used a height of {s.height_m:.2f} m and a body mass of {s.mass_kg:.0f} kg."
    ) + _assumed(clip)


def _assumed(clip: _Clip) -> list[Slot]:
    names = [ASSUMED_WORDS[name] for name in clip.summary.assumed]
    if not names:
        told = "You told height, body mass, sex and age, so none of them was assumed."
        return _slot("assumed", told) if clip.query.topic == "assumed" else []
    verb = "was" if len(names) == 1 else "were"
    slots = _slot(
        "assumed", f"Your {in_words(names)} {verb} assumed, so torques and efforts are rough."
    )
    untold = clip.exercise.usually_loaded and not clip.summary.load_kg and clip.summary.is_sure
    return slots + (
        _slot("load", "No weight was told: tell it, and I can say torques and effort.")
        if untold
        else []
    )


def _sure(clip: _Clip) -> list[Slot]:
    """How far to trust it, and the usual error of the joint that was asked for."""
    joint = clip.query.joint
    slots = [Slot(s.name, s.options) for s in trust(clip.summary, "athlete")]
    if joint in ANGLE_ERROR_DEG:
        error = ANGLE_ERROR_DEG[joint] * LEVEL_FACTOR[clip.summary.fit_level]
        source = f"product({ANGLE_ERROR_DEG[joint]:g}, {LEVEL_FACTOR[clip.summary.fit_level]:g})"
        figure = Figure(
            f"error.{joint}_flexion", error, "deg", source, 0, f"{joint} angle, usual error", joint
        )
        clip.source.made[figure.key] = figure
        slots = (
            _slot("error", f"One camera is usually off by about {show(figure)} at the {joint}.")
            + slots
        )
    level = 100.0 * clip.summary.exercise.probability
    return slots + (_slot("recognised", f"The exercise is {level:.0f}% sure.") if not joint else [])


def _formula(clip: _Clip) -> list[Slot]:
    """The formula of the figure that was asked for, over the columns of timeseries.csv."""
    query = clip.query
    general = (
        "Angles come from a body that is fitted to the points in the picture; forces and torques "
        "from its motion and mass "
        "by Newton's laws."
    )
    if not query.quantity:
        return _slot("formula", general)
    lines = [line for line in LookUp(clip.source).lines(query) if line.figures]
    told = [
        f"{capital(line.words)}: `{line.figures[0].source}` over timeseries.csv." for line in lines
    ]
    return _slot("formula", general) + [s for t in told[:2] for s in _slot("formula", t)]


def _fixed(name: str, *texts: str) -> Callable[[_Clip], list[Slot]]:
    return lambda _clip: [Slot(name, (text,)) for text in texts]


TOPICS: dict[str, Callable[[_Clip], list[Slot]]] = {
    "figure": _figure, "sides": _sides, "depth": _depth, "trend": _trend, "count": _count, "partial": _partial,
    "exercise": _exercise, "hardest": _hardest, "best": _best, "fault": _fault, "faults": _faults, "advice": _advice,
    "why": _why, "addweight": _add_weight, "load": _load, "person": _person, "sure": _sure, "assumed": _assumed,
    "formula": _formula, "film": _fixed("film", *FILM), "pain": _fixed("refusal", REFUSAL),
    "hello": _fixed("hello", HELLO), "help": _fixed("help", HELP),
    "define": lambda clip: _slot("define", GLOSSARY[clip.query.term]),
    "unseen": lambda clip: _slot("unseen", NOT_SEEN[clip.query.term]),
}  # fmt: skip


def answered(summary: PhysicsSummary, question: str, analysis: Analysis | None = None) -> Answer:
    """The answer to a question; a refusal, or what can be asked, where it cannot be answered.

    With the analysis any column can be asked for; without it only what the summary holds.
    """
    clean = sanitise(question, MAX_QUESTION)
    query = parse(clean)
    if is_medical(clean):
        query = replace(query, topic="pain")
    source = FigureSource(summary, analysis)
    slots = TOPICS[query.topic](_Clip(query, source)) or [Slot("help", (HELP,))]
    return Answer(slots, query, replace(summary, figures=(*summary.figures, *source.made.values())))


def answer(summary: PhysicsSummary, question: str, analysis: Analysis | None = None) -> list[Slot]:
    """The slots of `answered`."""
    return answered(summary, question, analysis).slots
