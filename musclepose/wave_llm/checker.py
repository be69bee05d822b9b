"""Checks a sentence against the summary: every number is a figure within rounding, every claim holds.

A number passes when a figure (or the evidence of a fault) has the same unit and, rounded to the shown decimals, the
same value, and agrees with the joint, side and repetition that its clause names. Claims: which side is larger, what
rose or fell over the set, which fault was found, which exercise it was, nothing medical. Cues and drills of the wording
bank are advice, not claims: they pass as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.movement.query.words import ENGLISH_NUMBERS
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.claims import claim_error
from musclepose.wave_llm.knowledge import advice
from musclepose.wave_llm.knowledge.sources import SOURCES, in_full

_UNITS: tuple[tuple[str, str], ...] = (
    (
        r"N\s?[m·]\s?m?/kg|Nm/kg|newton[- ]met(?:er|re)s? per k(?:g|ilogram)",
        "N m/kg",
    ),
    (r"N\s?·?\s?m\b|newton[- ]met(?:er|re)s?", "N m"),
    (r"N\b|newtons?\b", "N"),
    (r"°|deg(?:ree)?s?\b", "deg"),
    (r"%|percent\b|per cent\b", "%"),
    (r"BW\b|body ?weights?\b", "BW"),
    (r"m/s\b|met(?:er|re)s per second", "m/s"),
    (r"steps per minute|steps a minute|per minute|/min\b", "1/min"),
    (r"seconds?\b|s\b", "s"),
    (r"kg\b|kilograms?\b", "kg"),
    (r"cm\b|centimet(?:er|re)s?\b", "cm"),
    (r"m\b|met(?:er|re)s?\b", "m"),
    (r"px\b|pixels?\b", "px"),
)
_UNIT = re.compile(
    "|".join(f"(?P<u{i}>{p})" for i, (p, _) in enumerate(_UNITS))
)
_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d+(?:[.,]\d+)?")
_EXERCISE_WORDS = "|".join(
    re.escape(word).replace(r"\-", "-?")
    for e in EXERCISES.values()
    for word in (e.plural, e.title)
    if e.is_named
)
_COUNTED = (
    rf"(?:full |partial |good |clean )?(?:rep(?:etition)?s?|steps?|{_EXERCISE_WORDS}|"
    r"seconds?|degrees?|percent)\b"
)
_WORD_NUMBER = re.compile(
    rf"\b({'|'.join(ENGLISH_NUMBERS)})\b(?=[\s-]+{_COUNTED})", re.IGNORECASE
)
_REP = re.compile(
    r"\brep(?:etition)?s?\.?\s+((?:(?:number |#)?\d+(?:,\s*|\s+and\s+|\s*-\s*|\s+to\s+|\s*,\s*and\s+)?)+)",
    re.I,
)
_SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_JOINT = re.compile(
    r"\b(knee|hip|ankle|elbow|shoulder|wrist|trunk|torso|back)s?\b",
    re.IGNORECASE,
)
_SAME_JOINT = {"torso": "trunk", "back": "trunk"}
# Words of a clause -> what the key of the figure must contain, by unit.
_KINDS: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (unit, re.compile(pattern, re.IGNORECASE), keys)
    for unit, pattern, keys in (
        ("deg", r"inward|valgus|midline|drift(?:ed)? in", ("valgus",)),
        ("deg", r"\blean|tipped|from upright", ("lean", "trunk")),
        ("deg", r"(?:above|short of|below) level", ("thigh_above_level",)),
        (
            "deg",
            r"\b(?:bent|bend|bends|bending|flex\w*)\b",
            ("flexion", "body_line"),
        ),
        ("s", r"\blower|\bdown\b|eccentric", ("eccentric", "fast_lowering")),
        ("s", r"\blift|\bup\b|concentric", ("concentric",)),
        ("s", r"\bpause|\bheld\b", ("hold", "clip")),
        ("N m", r"torque", ("tau_",)),
        (
            "%",
            r"of (?:its|their|your) (?:estimated )?(?:strength|capacity)|effort",
            ("effort_",),
        ),
    )
)
_YEAR = re.compile(r"[A-Z]\w+ (?:et al\.? )?(?:19|20)\d\d\b")
_CLAUSE = re.compile(
    r"[,;:()]|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\bagainst\b|\bcompared (?:to|with)\b|\bthan\b"
)


_QUOTED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence may be shown, and why not."""

    ok: bool
    reason: str = ""


@dataclass(frozen=True)
class Quantity:
    """A number that may be said: value with unit, and the joint, side and repetition it belongs to."""

    value: float
    unit: str
    joint: str = ""
    side: str = ""
    repetition: int | None = None
    key: str = ""


def quantities(summary: PhysicsSummary) -> list[Quantity]:
    """Every number of a summary."""
    out = [
        Quantity(f.value, f.unit, f.joint, f.side, f.repetition, f.key)
        for f in summary.figures
    ]
    out += [
        Quantity(f.band, f.unit, f.joint, f.side, f.repetition, f.key)
        for f in summary.figures
        if f.band is not None
    ]
    for fault in summary.faults:
        e = fault.evidence
        out.append(
            Quantity(
                e.value,
                e.unit,
                e.joint,
                e.side,
                key=f"{e.figure_key} {fault.name}",
            )
        )
        out.append(Quantity(e.threshold, e.unit, e.joint, "", key="threshold"))
        out.append(Quantity(100.0 * fault.confidence, "%", key="confidence"))
        out += [
            Quantity(float(len(fault.repetitions)), ""),
            Quantity(e.time_s, "s", e.joint, e.side),
        ]
    out += [Quantity(abs(t.change_pct), "%") for t in summary.trends]
    out += [
        Quantity(summary.load_kg, "kg"),
        Quantity(summary.mass_kg, "kg"),
        Quantity(summary.height_m, "m"),
    ]
    out += [
        Quantity(100.0 * summary.exercise.probability, "%"),
        Quantity(float(len(summary.partial)), ""),
    ]
    return out


def _unit_after(text: str, end: int) -> str:
    rest = text[end:]
    match = _UNIT.match(rest.lstrip(" -\u00a0"))
    if match is None:
        shared = re.match(
            r"\s*(?:and|to|or|-|\u2013|/)\s*[-\u2212]?\d+(?:[.,]\d+)?", rest
        )  # "104 and 112 deg"
        return _unit_after(text, end + shared.end()) if shared else ""
    return next(
        _UNITS[int(name[1:])][1]
        for name, value in match.groupdict().items()
        if value is not None
    )


def _matches(shown: str, unit: str, known: Quantity) -> bool:
    """Same unit, and equal after rounding the known value to the decimals that are shown."""
    number = float(shown.replace(",", ".").replace("\u2212", "-"))
    decimals = (
        len(re.split(r"[.,]", shown)[1]) if re.search(r"[.,]", shown) else 0
    )
    value, known_unit = known.value, known.unit
    if unit == "cm" and known_unit == "m":
        value, known_unit = 100.0 * value, "cm"
    if unit != known_unit and not (unit == "" and known_unit == "1/min"):
        return False
    half = 0.5 * 10.0**-decimals + 1e-6
    return abs(number - value) <= half or (
        value < 0 and abs(number - abs(value)) <= half
    )


@dataclass(frozen=True)
class _Context:
    sides: frozenset[str]
    joints: frozenset[str]
    repetitions: frozenset[int]
    clause: str


def _clauses(sentence: str) -> Iterator[tuple[str, int, int]]:
    start = 0
    for match in _CLAUSE.finditer(sentence):
        yield sentence[start : match.start()], start, match.start()
        start = match.end()
    yield sentence[start:], start, len(sentence)


def _repetition_numbers(text: str) -> frozenset[int]:
    return frozenset(
        int(n)
        for m in _REP.finditer(text)
        for n in re.findall(r"\d+", m.group(1))
    )


def _context_at(sentence: str, position: int) -> _Context:
    """Side and joint named in the number's clause, else in the nearest clause before it; else anywhere."""
    sides: frozenset[str] = frozenset()
    joints: frozenset[str] = frozenset()
    clause = sentence
    for text, start, end in _clauses(sentence):
        sides = frozenset(s.lower() for s in _SIDE.findall(text)) or sides
        joints = _joints(text) or joints
        if start <= position <= end:
            clause = text
            break
    sides = (
        frozenset()
        if "both sides" in sentence
        else sides or frozenset(s.lower() for s in _SIDE.findall(sentence))
    )
    return _Context(
        sides,
        joints or _joints(sentence),
        _repetition_numbers(sentence),
        clause,
    )


def _joints(text: str) -> frozenset[str]:
    return frozenset(
        _SAME_JOINT.get(j.lower(), j.lower()) for j in _JOINT.findall(text)
    )


def _agrees(known: Quantity, context: _Context) -> bool:
    if known.side and context.sides and known.side not in context.sides:
        return False
    if (
        known.joint
        and context.joints
        and known.joint not in context.joints
        and known.joint != "feet"
    ):
        return False
    if known.key and known.key not in ("threshold", "confidence"):
        for unit, pattern, keys in _KINDS:
            if (
                unit == known.unit
                and pattern.search(context.clause)
                and not any(k in known.key for k in keys)
            ):
                return False
    return not (
        context.repetitions
        and known.repetition
        and known.repetition not in context.repetitions
    )


def number_error(sentence: str, summary: PhysicsSummary) -> str:
    """First number that no figure supports, as a reason; empty where all are right."""
    known = quantities(summary)
    in_reps = [m.span(1) for m in _REP.finditer(sentence)] + [
        m.span() for m in _YEAR.finditer(sentence)
    ]
    for rep in _repetition_numbers(sentence):
        if not 1 <= rep <= len(summary.repetitions):
            return f"there is no repetition {rep}"
    found = [
        (m.group(), m.start(), m.end()) for m in _NUMBER.finditer(sentence)
    ]
    found += [
        (str(ENGLISH_NUMBERS[m.group(1).lower()]), m.start(), m.end())
        for m in _WORD_NUMBER.finditer(sentence)
    ]
    for shown, start, end in found:
        if any(a <= start < b for a, b in in_reps):
            continue
        unit, context = _unit_after(sentence, end), _context_at(sentence, start)
        same = [k for k in known if _matches(shown, unit, k)]
        if not any(_agrees(k, context) for k in same):
            where = " for the joint and side it names" if same else ""
            return f"{shown} {unit} is no figure of this clip{where}".replace(
                "  ", " "
            )
    return ""


@lru_cache(maxsize=1)
def advice_sentences() -> frozenset[str]:
    """Whys, cues and drills of all records and all advice, for every side; reasons and their sources."""
    words = [case.words for kind in FAULTS.values() for case in kind.cases]
    words += [
        case.words for e in EXERCISES.values() for case in e.faults.values()
    ]
    bank = [text for w in words for text in (*w.why, *w.cue, *w.drill)]
    bank += [
        text
        for e in EXERCISES.values()
        for text in (*e.cues, *e.drills, *e.progressions)
    ]
    bank += [
        t
        for a in advice.bank()
        for t in (a.cue, a.drill, a.reason, a.cited)
        if t
    ]
    bank += [in_full(name) for name in SOURCES]
    sides = ("", "left ", "right ")
    return frozenset(
        t.format(side=s, value="", reps="") for t in bank for s in sides
    )


def bare(sentence: str) -> str:
    """A sentence without Markdown headings and outer space."""
    return re.sub(r"\*\*[^*]{1,40}\*\*", "", sentence).replace("*", "").strip()


def _without_formulas(text: str, summary: PhysicsSummary) -> tuple[str, str]:
    """A text without the formulas of figures that it quotes, and the first quoted one that is none."""
    known = {f.source for f in summary.figures}
    unknown = next((q for q in _QUOTED.findall(text) if q not in known), "")
    return _QUOTED.sub("", text), unknown


def check(sentence: str, summary: PhysicsSummary) -> Verdict:
    """May this sentence be shown for this clip?"""
    text, unknown = _without_formulas(bare(sentence), summary)
    if unknown:
        return Verdict(False, f"`{unknown}` is no formula of this clip")
    if not text or text in advice_sentences():
        return Verdict(True)
    reason = number_error(text, summary) or claim_error(text, summary)
    return Verdict(not reason, reason)


_END = re.compile(r"(?<=[.!?])(?:[\"')\u201d]*)(?=\s|$)")


def split_sentences(text: str) -> tuple[list[str], str]:
    """Complete sentences (with the space before them) and the unfinished rest. A decimal point ends no sentence."""
    out, start = [], 0
    for match in _END.finditer(text):
        if match.end() == len(text):
            break  # the next piece may continue a number
        out.append(text[start : match.end()])
        start = match.end()
    return out, text[start:]
