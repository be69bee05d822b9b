"""Claims without numbers: sides, change over the set, faults, exercise, medicine; a test returns a reason or ""."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.movement.summary import PhysicsSummary

MEDICAL = re.compile(
    r"\b(diagnos\w*|injur(?:y|ies|ed)|torn|tears?\b(?! down)|tendin\w+|arthr\w+|menisc\w+|ligament\w*|\bACL\b|"
    r"hernia\w*|sciatica|fractur\w*|patholog\w*|syndrome|disease|surgery|medication\w*|ibuprofen|painkiller\w*|inflammation|"
    r"rehab\w*|physician|prescri\w+|patellofemoral|impingement|bursitis|scoliosis|stroke|cartilage|sprain\w*|strain(?:ed)?\b)",
    re.IGNORECASE,
)
# What no keypoint of the body shows: it can be neither claimed nor denied.
_NEVER_SEEN = re.compile(
    r"round(?:ed|ing|s) (?:\w+ )?(?:back|spine)|back (?:is |was )?round\w*|butt wink",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:no|not|never|without|none|neither|nothing|cannot|can't|didn't|did not|don't)\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"^(?:keep|push|press|sit|stand|drive|let|show|brace|squeeze|land|lower|lift|hold|pause|step|film|add|try|do|imagine|"
    r"feel|match|move|stay|take|pin|close|reach|clap|tuck|make|walk|run|practi[sc]e|squat|breathe|slow|start|think|focus|"
    r"use|avoid|don't|swing|pull|curl|row|hinge|carry|repeat|train|count|raise|finish|touch|screw|drop|choose)\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(left|right)\b[^.;]{0,40}?\b(more|further|deeper|higher|larger|stronger|harder|greater|bigger|less|lower|smaller|"
    r"weaker|shallower)\b", re.IGNORECASE,
)  # fmt: skip
_LESS_WORDS = ("less", "lower", "smaller", "weaker", "shallower")
_OVER_SET = re.compile(
    r"over the set|from start to end|as the set went on|with every rep\w*|by the end|towards the end",
    re.I,
)
_UP = re.compile(
    r"\b(rose|increas\w+|grew|longer|slower|deeper|up)\b", re.IGNORECASE
)
_DOWN = re.compile(
    r"\b(fell|decreas\w+|dropped|shorter|faster|shallower|faded|down)\b",
    re.IGNORECASE,
)


_LOAD = re.compile(
    r"load|weight|force|torque|effort|work|hard|strong|weak", re.IGNORECASE
)


def _side_values(
    text: str, summary: PhysicsSummary
) -> tuple[float, float] | None:
    """Left and right of the range that a comparison names."""
    joints = re.findall(r"\b(knee|hip|ankle|elbow|shoulder)s?\b", text.lower())
    for figure in summary.figures:
        is_range = (
            figure.unit == "deg"
            and ".max" in figure.key
            and not figure.repetition
        )
        if (
            figure.side != "left"
            or not is_range
            or (joints and figure.joint not in joints)
        ):
            continue
        other = summary.figure(figure.key.replace("_l.", "_r."))
        if other is not None:
            return figure.value, other.value
    return None


def side_error(text: str, summary: PhysicsSummary) -> str:
    """ "the left knee works harder than the right" against the figures; unprovable comparisons fail."""
    if _IMPERATIVE.match(text) or not re.search(r"\bthan\b", text):
        return ""
    match = _MORE.search(text)
    if match is None:
        return ""
    if _LOAD.search(text):
        return "how the sides share a load is not seen"
    fault = summary.fault("uneven_sides")
    side, word = match.group(1).lower(), match.group(2).lower()
    if fault and "side" in text and word == "less":
        return (
            ""
            if fault.evidence.side == side
            else f"the {fault.evidence.side} side moves less"
        )
    values = _side_values(text, summary)
    if values is None:
        return "the comparison of sides has no figure"
    larger = "left" if values[0] > values[1] else "right"
    smaller = "right" if larger == "left" else "left"
    true_side = smaller if word in _LESS_WORDS else larger
    return (
        ""
        if side == true_side and values[0] != values[1]
        else f"the {larger} side is larger"
    )


def trend_error(text: str, summary: PhysicsSummary) -> str:
    """Change over the set must be a trend of the summary, in the same direction."""
    if (
        not _OVER_SET.search(text)
        or _IMPERATIVE.match(text)
        or _NEGATED.search(text)
    ):
        return ""
    if not summary.trends:
        return "no change over the set was found"
    named = [
        t
        for t in summary.trends
        if any(w in text.lower() for w in t.label.lower().split() if len(w) > 3)
    ]
    directions = {t.direction for t in (named or summary.trends)}
    if _UP.search(text) and not _DOWN.search(text) and directions == {"down"}:
        return "the change over the set went down"
    if _DOWN.search(text) and not _UP.search(text) and directions == {"up"}:
        return "the change over the set went up"
    return ""


_CLEAR = re.compile(
    r"\bnothing stood out\b", re.IGNORECASE
)  # denies what it names, before or after


class _Claim(NamedTuple):
    """Words of a text that claim a fault."""

    fault: str
    start: int
    end: int
    denied: bool


def _claims_in(text: str) -> list[_Claim]:
    """Every fault that a text claims or denies. A pattern that holds a "not" of its own is not denied by it."""
    found = []
    clear = bool(_CLEAR.search(text))
    for kind in FAULTS.values():
        for pattern in kind.claims:
            match = re.search(pattern, text, re.IGNORECASE)
            if match is None:
                continue
            before = text[: match.start() if "not " in pattern else match.end()]
            denied = clear or bool(_NEGATED.search(before))
            found.append(_Claim(kind.name, match.start(), match.end(), denied))
    return sorted(found, key=lambda claim: claim.start)


def _together(claims: Sequence[_Claim]) -> list[list[_Claim]]:
    """Claims whose words overlap are one statement: one of their faults makes it true."""
    groups: list[list[_Claim]] = []
    for claim in claims:
        if groups and claim.start < max(c.end for c in groups[-1]):
            groups[-1].append(claim)
        else:
            groups.append([claim])
    return groups


def fault_error(text: str, summary: PhysicsSummary) -> str:
    """A statement that a fault was seen needs that fault in the summary, on that side."""
    if _IMPERATIVE.match(text):
        return ""
    unseen = _NEVER_SEEN.search(text)
    if unseen and not _NEGATED.search(text[: unseen.start()]):
        return f"'{unseen.group()}' was not found in this clip"
    errors = (
        _group_error(text, group, summary)
        for group in _together(_claims_in(text))
    )
    return next((e for e in errors if e), "")


def _group_error(
    text: str, group: Sequence[_Claim], summary: PhysicsSummary
) -> str:
    names = {claim.fault for claim in group}
    found = [f for f in summary.faults if f.name in names]
    if all(claim.denied for claim in group):
        return f"{found[0].label} was found" if found else ""
    if not found:
        return f"'{text[group[0].start : group[0].end]}' was not found in this clip"
    told = {
        s.lower()
        for s in re.findall(r"\b(left|right)\b(?! foot)", text, re.IGNORECASE)
    }
    known = {f.evidence.side for f in found}
    if len(told) == 1 and known - {""} and not told & known:
        return f"{found[0].label} was not on the {told.pop()}"
    return ""


def exercise_error(text: str, summary: PhysicsSummary) -> str:
    """ "You did 5 squats" must name the recognised exercise; advice may name any."""
    if _IMPERATIVE.match(text) or not re.search(
        r"\b(you did|i counted|this set|you performed|were doing|this is a)\b",
        text,
        re.I,
    ):
        return ""
    named = _exercises_in(text)
    if named and summary.exercise.name not in named:
        return f"the exercise is {summary.exercise.title}"
    return ""


def _exercises_in(text: str) -> set[str]:
    """Counted exercises that a text names; "deadlift" inside "Romanian deadlift" is not one of its own."""
    low = text.lower().replace("push up", "push-up")
    counted = [e for e in EXERCISES.values() if e.is_named and e.kind != "hold"]
    titles = {
        e.name: e.title.lower() for e in counted if e.title.lower() in low
    }
    return {
        name
        for name, title in titles.items()
        if not any(
            title != other and title in other for other in titles.values()
        )
    }


def claim_error(text: str, summary: PhysicsSummary) -> str:
    """First false, unprovable or medical claim of a sentence, as a reason; empty where all hold."""
    if MEDICAL.search(text):
        return "medical claim"
    return (
        side_error(text, summary)
        or trend_error(text, summary)
        or fault_error(text, summary)
        or exercise_error(text, summary)
    )
