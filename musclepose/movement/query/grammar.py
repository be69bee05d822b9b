"""From words to a query: a list of rules, the first that fits decides.

A rule reads the words of the question and gives a query, or nothing. What is asked of the figures (a repetition, a
statistic, a moment, a unit) is read once and put on every query.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from musclepose.movement.columns import Side
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.movement.query.quantities import NAMED, QUANTITIES, TEMPO
from musclepose.movement.query.records import Pick, Query
from musclepose.movement.query.words import ORDINALS, Words, plain, words_of
from musclepose.movement.records import Statistic

JOINTS = (
    "knee",
    "hip",
    "ankle",
    "elbow",
    "shoulder",
    "wrist",
    "back",
    "trunk",
    "neck",
    "foot",
)
# What no keypoint shows: words of the grammar that ask for it.
UNSEEN = (
    "roundback", "heel", "barpath", "calories", "muscle", "breath", "grip", "pressure", "heart", "onerm", "eyes", "fat",
)  # fmt: skip
# Words that ask for a fault: part of the fault's `name_when_clear`.
_FAULT_WORDS = {
    "lockout": "lockout", "swing": "body swing", "sag": "sagging hips", "pike": "high hips", "landing": "stiff landing",
    "control": "lowering speed", "elbowdrift": "elbow drift", "leanback": "leaning back", "inward": "knee position",
    "sidelean": "side lean", "armraise": "arm height",
}  # fmt: skip
GLOSSARY_WORDS = (
    "perkg", "torque", "effort", "force", "bodyweight", "inward", "lower", "lift", "tempo", "cadence", "range", "level",
    "sure", "lockout", "bend", "lean", "newton", "rep", "uneven",
)  # fmt: skip
_NAMES_A_FIGURE = (
    "howmuch",
    "max",
    "min",
    "mean",
    "when",
    "whichrep",
    "each",
    "range",
    "compare",
)


def _joint(words: Words) -> str:
    found = [j for j in JOINTS if j in words.tags]
    if "back" in found and words.has("torque", "effort", "perkg"):
        return "back"
    return found[0] if found else ""


def _side(words: Words) -> Side:
    left, right = words.has("left"), words.has("right")
    if left == right or words.has("both"):
        return ""
    return "left" if left else "right"


def _repetitions(words: Words) -> tuple[int, ...]:
    """Numbers beside "rep", ordinals, first and last; what is a time or an angle is none."""
    found: list[int] = []
    tags = words.tags
    beside = _listed_numbers(tags)
    for i, tag in enumerate(tags):
        if tag == "first":
            found.append(1)
        elif tag == "last":
            found.append(-1)
        elif tag in ORDINALS and ("rep" in tags or tag != "second"):
            found.append(ORDINALS[tag])
        elif tag == "second" or (i in beside):
            found.append(2 if tag == "second" else int(float(tag[1:])))
    return tuple(dict.fromkeys(n for n in found if n != 0))


def _listed_numbers(tags: tuple[str, ...]) -> set[int]:
    """Places of the whole numbers that belong to "rep": next to it, or joined to such a number."""
    places = [
        i for i, t in enumerate(tags) if t.startswith("#") and "." not in t
    ]
    near = {
        i
        for i in places
        if "rep" in tags[max(0, i - 2) : i + 3]
        or "nr" in tags[max(0, i - 1) : i]
    }
    return {
        i for i in places if near and any(abs(i - j) <= 3 for j in near)
    } | near


def _time_s(words: Words) -> float | None:
    """ "at 2.5 seconds": a number before a unit of time, or after "at second"."""
    match = re.search(
        r"(\d+(?:[.,]\d+)?) ?(?:s|sec|secs|seconds?|sekunden?|secondes?|segundos?|secondi?|seconden)\b",
        words.plain,
    )
    return float(match.group(1).replace(",", ".")) if match else None


def _statistic(words: Words) -> Statistic | None:
    order: tuple[tuple[str, Statistic], ...] = (
        ("range", "range"),
        ("min", "min"),
        ("max", "max"),
        ("mean", "mean"),
    )
    return next((statistic for tag, statistic in order if words.has(tag)), None)


_SUPERLATIVE = re.compile(
    r"(?:slow|fast|quick|long|short|deep|shallow)\w*est\b|rep"
)


def _pick(words: Words) -> Pick:
    if words.has("each"):
        return "each"
    superlative = _SUPERLATIVE.search(words.plain) and words.has(
        "slow", "fast", "deepest", "shallow"
    )
    if not words.has("whichrep", "best", "worst") and not superlative:
        return ""
    return "least" if words.has("min", "fast", "shallow") else "most"


def _unit(words: Words) -> str:
    units = (
        ("perkg", "N m/kg"),
        ("newton", "N"),
        ("inkg", "kg"),
        ("bodyweight", "BW"),
    )
    return next((unit for tag, unit in units if words.has(tag)), "")


def _asked(words: Words) -> Query:
    """What every query of these words has."""
    return Query(
        "help",
        joint=_joint(words),
        side=_side(words),
        repetitions=_repetitions(words),
        pick=_pick(words),
        statistic=_statistic(words),
        time_s=_time_s(words),
        unit=_unit(words),
        with_moment=words.has("when", "time"),
        language=words.language,
        guessed=words.guessed,
    )


_IS_WHAT = re.compile(r"^what(?:s| s| is| are) (?:a |an |the )?(?!my\b)")


def _define(words: Words, asked: Query) -> Query | None:
    """ "What does effort mean?", "what is a ground reaction"; "mean knee angle" is a figure."""
    asks = words.has("define") and (
        not words.has("mean")
        or re.search(r"\bwhat\b|\bmeans\b|meaning", words.plain)
    )
    is_bare = not (
        asked.joint
        or asked.side
        or asked.repetitions
        or asked.pick
        or words.has("max", "min", "when")
    )
    if not asks and not (
        is_bare
        and _IS_WHAT.search(words.plain)
        and len(words.tags) <= 6
        and "my" not in words.tags
    ):
        return None
    if (
        asked.repetitions
        or (asked.side and not words.has("force"))
        or words.has("my", "average")
    ):
        return None
    term = next((t for t in GLOSSARY_WORDS if words.has(t)), "")
    return replace(asked, topic="define", term=term) if term else None


def _unseen(words: Words, asked: Query) -> Query | None:
    term = next((t for t in UNSEEN if words.has(t)), "")
    if term == "heel" and words.has("landing"):
        return None
    return replace(asked, topic="unseen", term=term) if term else None


def _topic_rules(words: Words, asked: Query) -> Query | None:
    """Subjects that a word or two decide."""
    if words.has("pain", "danger"):
        return replace(asked, topic="pain")
    if (
        words.has("film")
        and words.has("howto", "should", "film", "where", "side")
        and not words.has("sure")
    ):
        return replace(asked, topic="film")
    if words.has("addweight"):
        return replace(asked, topic="addweight")
    if words.has("assume") and not words.has("weight"):
        return replace(asked, topic="assumed")
    if words.has("formula"):
        return replace(
            asked, topic="formula", quantity=_named_quantity(words, asked)
        )
    if words.has("weight") and not words.has(
        "harder", "force", "shift", "pressure", "foot", "whichside"
    ):
        return replace(asked, topic="load")
    if words.has("mass", "stature") and not words.has("perkg"):
        return replace(asked, topic="person")
    if words.has("sure"):
        return replace(
            asked, topic="sure", quantity=_named_quantity(words, asked)
        )
    return None


def _exercise(words: Words, asked: Query) -> Query | None:
    return replace(asked, topic="exercise") if words.has("exercise") else None


def _sides(words: Words, asked: Query) -> Query | None:
    """Left against right; loads are refused by the look-up."""
    compares = (
        words.has("whichside", "uneven")
        or (
            (words.has("both") or (words.has("left") and words.has("right")))
            and words.has(
                "compare", "than", "harder", "more", "best", "uneven", "shallow"
            )
        )
        or (
            words.has("harder")
            and words.has("left", "right", "leg", "side", "foot", "shoulder")
        )
    )
    if not compares or asked.repetitions:
        return None
    loads = words.has(
        "harder",
        "torque",
        "effort",
        "force",
        "weight",
        "strong",
        "power",
        "push",
        "pushes",
        "work",
        "works",
    )
    quantity = (
        "torque" if loads else "inward" if words.has("inward") else "angle"
    )
    return replace(asked, topic="sides", quantity=quantity)


def _counted_things(words: Words, asked: Query) -> Query | None:
    if words.has("partial"):
        return replace(asked, topic="partial")
    if words.has("cadence"):
        return replace(asked, topic="count", term="cadence")
    if words.has("steps") and not words.has("split", "howmuch"):
        return replace(asked, topic="count", term="steps")
    is_count = words.has("count") and not words.has(
        "bend", "torque", "force", "time", "degrees", "slow"
    )
    if (
        is_count
        or words.tags in (("rep",), ("steps",))
        or (words.has("heldfor") and not words.has("pause"))
    ):
        return replace(
            asked, topic="count", term="held" if words.has("heldfor") else ""
        )
    return None


def _is_of_something_else(words: Words, asked: Query, phase: str) -> bool:
    """Whether words of time stand beside a trend, a moment, a bend or a speed, which is what is asked for."""
    compares = asked.pick in ("most", "least") and words.has(
        "slow", "fast", "time"
    )
    if words.has("trend") and not compares:
        return True
    named = words.has("bend", "depth", *(tag for tag, _ in NAMED))
    of_a_figure = named and not words.has("speed", "rep", *TEMPO)
    of_a_speed = words.has("speed") and not (phase or words.has("rep"))
    return asked.time_s is not None or of_a_figure or of_a_speed


def _asks_for_time(words: Words, phase: str) -> bool:
    """Whether the time of a repetition or of its phase is asked for; "held for" alone is a count."""
    if words.has("heldfor") and not phase:
        return False
    how = re.search(r"\bhow (?:fast|long|slow|quick)", words.plain)
    timed = how is not None or words.has("tempo", "time", "slow", "fast")
    return (
        timed
        or phase == "hold"
        or (phase != "" and words.has("howmuch", "time"))
    )


def _tempo(words: Words, asked: Query) -> Query | None:
    """Times of repetitions and their phases."""
    phase = next((TEMPO[w] for w in TEMPO if words.has(w)), "")
    if _is_of_something_else(words, asked, phase) or not _asks_for_time(
        words, phase
    ):
        return None
    least = words.has("fast") and not words.has("howmuch", "slow")
    pick: Pick = asked.pick
    if asked.pick == "most" and least:
        pick = "least"
    return replace(
        asked,
        topic="figure",
        quantity=f"tempo.{phase or 'whole'}",
        pick=pick,
        joint="",
        side="",
        time_s=None,
    )


def _named_quantity(words: Words, asked: Query) -> str:
    named = next((q for tag, q in NAMED if words.has(tag)), "")
    if named:
        return named
    if words.has("armraise"):
        return "angle"
    return (
        "angle"
        if asked.joint
        or words.has("bend", "depth", "deepest", "shallow", "range")
        else ""
    )


def _trend(words: Words, asked: Query) -> Query | None:
    if (
        not words.has("trend")
        or asked.pick in ("most", "least")
        or len(asked.repetitions) > 1
    ):
        return None
    return replace(asked, topic="trend")


def _hardest(words: Words, asked: Query) -> Query | None:
    if words.has("hardestjoint") or (
        words.has("hardest")
        and not asked.side
        and not asked.pick
        and not words.has("force", "leg", "when")
    ):
        return replace(asked, topic="hardest")
    if (
        words.has("effort")
        and not asked.joint
        and not asked.side
        and not asked.pick
    ):
        return replace(asked, topic="hardest")
    if (
        words.has("torque")
        and not asked.joint
        and not asked.pick
        and not asked.repetitions
    ):
        return replace(asked, topic="hardest", quantity="torque")
    return None


def fault_named(words: Words) -> str:
    """The fault that a question names: by its claims, or by the word for what is looked at; "" for none."""
    by_word = {kind.name_when_clear: kind.name for kind in FAULTS.values()}
    for tag, what in _FAULT_WORDS.items():
        if words.has(tag) and what in by_word:
            return by_word[what]
    text = words.plain
    for kind in FAULTS.values():
        if kind.name_when_clear in text or any(
            re.search(c, text) for c in kind.claims
        ):
            return kind.name
    return ""


def _fault(words: Words, asked: Query) -> Query | None:
    """ "Did my knees cave in?": yes or no, where no figure was asked for."""
    name = fault_named(words)
    if (
        not name
        or words.has("level", "shallow")
        or asked.repetitions
        or asked.pick
    ):
        return None
    asks_figure = words.has(*_NAMES_A_FIGURE) or words.plain.startswith("how ")
    if asks_figure and not words.has("landing", "lockout", "too", "enough"):
        return None
    return replace(asked, topic="fault", term=name)


def _depth(words: Words, asked: Query) -> Query | None:
    """ "Am I below parallel?", "How deep did I go?"."""
    if asked.joint or asked.repetitions or asked.pick or asked.side:
        return None
    if words.has("level", "depth", "shallow"):
        return replace(asked, topic="depth")
    return None


def _figure(words: Words, asked: Query) -> Query | None:
    """A quantity of the clip, by its word, its joint, or the depth of a repetition."""
    quantity = _named_quantity(words, asked)
    depth = words.has("depth", "deepest", "shallow", "than", "level") and (
        asked.repetitions or asked.pick
    )
    if depth and not quantity:
        quantity = "angle"
    if not quantity or quantity not in QUANTITIES:
        return None
    if quantity == "angle" and not asked.joint and words.has("armraise"):
        asked = replace(asked, joint="shoulder")
    if quantity == "ground" and (asked.side or asked.joint == "foot"):
        asked = replace(asked, joint="foot" if asked.side else "")
    statistic = asked.statistic
    if statistic == "max" and QUANTITIES[quantity].statistic == "absmax":
        statistic = "absmax"
    return replace(
        asked, topic="figure", quantity=quantity, statistic=statistic
    )


def _compared(words: Words, asked: Query) -> Query | None:
    """ "Compare rep 1 and 5", without saying of what: time and main bend."""
    named = words.has(
        "depth",
        "level",
        "shallow",
        "bend",
        "time",
        "slow",
        "fast",
        *TEMPO,
        *(t for t, _ in NAMED),
    )
    if asked.joint or named or not asked.repetitions or words.has("improve"):
        return None
    if len(asked.repetitions) >= 2 or words.has("rep", "last", "first"):
        return replace(asked, topic="figure", quantity="main")
    return None


def _best(words: Words, asked: Query) -> Query | None:
    named = (
        words.has(
            "depth", "deepest", "shallow", "bend", *(tag for tag, _ in NAMED)
        )
        or asked.joint
    )
    if words.has("best", "worst") and not named and not asked.repetitions:
        return replace(asked, topic="best")
    return None


def _advice(words: Words, asked: Query) -> Query | None:
    if words.has("improve") or (
        words.has("howto") and not words.has("howmuch")
    ):
        return replace(asked, topic="advice")
    if words.has("why"):
        return replace(asked, topic="why")
    if words.has("fault"):
        return replace(asked, topic="faults")
    return None


def _hello(words: Words, asked: Query) -> Query | None:
    return (
        replace(asked, topic="hello")
        if words.has("thanks") and len(words.tags) <= 3
        else None
    )


def _last_resort(words: Words, asked: Query) -> Query | None:
    if (
        any(plain(e.title) in words.plain for e in EXERCISES.values())
        and len(words.tags) <= 2
    ):
        return replace(asked, topic="count")
    return (
        replace(asked, topic="count")
        if words.has("rep") and not words.has("who")
        else None
    )


_Rule = Callable[[Words, Query], Query | None]
RULES: tuple[_Rule, ...] = (
    _hello, _define, _topic_rules, _unseen, _exercise, _best, _sides, _trend, _compared, _tempo, _fault,
    _counted_things, _hardest, _depth, _figure, _advice, _last_resort,
)  # fmt: skip


def parse(question: str) -> Query:
    """The query of a question in one of seven languages; topic "help" where it is none that can be answered."""
    words = words_of(question)
    asked = _asked(words)
    for rule in RULES:
        found = rule(words, asked)
        if found is not None:
            return found
    return asked
