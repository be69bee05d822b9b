"""Claims without numbers: sides, change over the set, faults, exercise, medicine; a test returns a reason or ""."""

from __future__ import annotations

import re

from musclepose.movement.recognition import EXERCISES, TITLES
from musclepose.movement.summary import PhysicsSummary

MEDICAL = re.compile(
    r"\b(diagnos\w*|injur(?:y|ies|ed)|torn|tears?\b(?! down)|tendin\w+|arthr\w+|menisc\w+|ligament\w*|\bACL\b|"
    r"hernia\w*|sciatica|fractur\w*|patholog\w*|syndrome|disease|surgery|medication\w*|ibuprofen|painkiller\w*|inflammation|"
    r"rehab\w*|physician|prescri\w+|patellofemoral|impingement|bursitis|scoliosis|stroke|cartilage|sprain\w*|strain(?:ed)?\b)",
    re.IGNORECASE,
)
# Words that name a fault -> fault names, one of which must be in the summary.
_FAULT_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"valgus|knees? (?:\w+ ){0,3}(?:cav\w+|collaps\w+|inwards?|together|falls? in|tips? in)|"
     r"(?:drift|fall|mov|tip)\w* inwards?|towards the midline|knock[- ]?knee\w*|inward movement", ("knee_valgus",)),
    (r"too (?:high|shallow)|shallow|not (?:go )?(?:deep|low) enough|(?:short of|above|not reach) level|partial depth",
     ("shallow_depth",)),
    (r"lean(?:s|ed|ing)? (?:\w+ ){0,3}forwards?|forward lean|chest (?:drops|tipped|falls)|too far forward",
        ("forward_lean",)),
    (r"lean(?:s|ed|ing)? back|arch(?:es|ed|ing)? (?:your|the) (?:lower )?back|back arches", ("lean_back",)),
    (r"tip(?:s|ped)? (?:sideways|over to one side)|side lean|lean(?:s|ed|ing)? to (?:one|the (?:left|right)) side",
        ("side_lean",)),
    (r"hips? (?:sag\w*|drop\w*)|sagg(?:ing|ed)|middle sags", ("hips_sag",)),
    (r"pik(?:e|ed|ing)\b|hips (?:are |were )?too high", ("hips_high",)),
    (r"sw[iu]ng(?:s|ing)? (?:your|the) (?:body|trunk)|trunk swung|momentum", ("body_swing",)),
    (r"elbows? (?:drift\w*|wander\w*|flar\w*)", ("elbow_drift",)),
    (r"stiff (?:legs?|landings?)|land\w* (?:stiff|hard)|landings are hard", ("stiff_landing",)),
    (r"uneven|asymmetr\w+|weight shift\w*|shifts? to the (?:left|right)|moves? less than the other|not move alike",
     ("uneven_load", "uneven_sides", "side_lean")),
    (r"lower(?:ed|ing)? too (?:fast|quick\w*)|drop down quickly|down (?:very|too) fast", ("fast_lowering",)),
    (r"round(?:ed|ing|s) (?:\w+ )?(?:back|spine)|back (?:is |was )?round\w*|"
     r"heels? (?:lift|rise|came|come)\w*|butt wink", ()),
)  # fmt: skip
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
_UP = re.compile(r"\b(rose|increas\w+|grew|longer|slower|deeper|up)\b", re.IGNORECASE)
_DOWN = re.compile(
    r"\b(fell|decreas\w+|dropped|shorter|faster|shallower|faded|down)\b", re.IGNORECASE
)


def _side_values(text: str, summary: PhysicsSummary) -> tuple[float, float] | None:
    """Left and right of the quantity that a comparison names: effort, torque or range of the named joint."""
    joints = re.findall(r"\b(knee|hip|ankle|elbow|shoulder)s?\b", text.lower())
    kind = (
        "tau_"
        if "torque" in text
        else "effort_"
        if re.search(r"effort|work|hard|strong|weak", text)
        else ""
    )
    for figure in summary.figures:
        is_range = not kind and figure.unit == "deg" and ".max" in figure.key
        if figure.side != "left" or figure.repetition or (joints and figure.joint not in joints):
            continue
        if (kind and figure.key.startswith(kind) and not figure.key.endswith("per_kg")) or is_range:
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
    fault = summary.fault("uneven_sides")
    side, word = match.group(1).lower(), match.group(2).lower()
    if fault and "side" in text and word == "less":
        return "" if fault.evidence.side == side else f"the {fault.evidence.side} side moves less"
    values = _side_values(text, summary)
    if values is None:
        return "the comparison of sides has no figure"
    larger = "left" if values[0] > values[1] else "right"
    smaller = "right" if larger == "left" else "left"
    true_side = smaller if word in _LESS_WORDS else larger
    return "" if side == true_side and values[0] != values[1] else f"the {larger} side is larger"


def trend_error(text: str, summary: PhysicsSummary) -> str:
    """Change over the set must be a trend of the summary, in the same direction."""
    if not _OVER_SET.search(text) or _IMPERATIVE.match(text) or _NEGATED.search(text):
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


def fault_error(text: str, summary: PhysicsSummary) -> str:
    """A statement that a fault was seen needs that fault in the summary, on that side."""
    if _IMPERATIVE.match(text):
        return ""
    for pattern, names in _FAULT_WORDS:
        match = re.search(pattern, text, re.IGNORECASE)
        if match is None:
            continue
        faults = [f for n in names if (f := summary.fault(n)) is not None]
        if _NEGATED.search(text[: match.end() if names == ("knee_valgus",) else match.start()]):
            if faults and names:
                return f"{faults[0].label} was found"
            continue
        if not faults:
            return f"'{match.group()}' was not found in this clip"
        sides = {s.lower() for s in re.findall(r"\b(left|right)\b(?! foot)", text, re.IGNORECASE)}
        known = {f.evidence.side for n in names for f in summary.faults if f.name == n}
        if len(sides) == 1 and known - {""} and not sides & known:
            return f"{faults[0].label} was not on the {sides.pop()}"
    return ""


def exercise_error(text: str, summary: PhysicsSummary) -> str:
    """ "You did 5 squats" must name the recognised exercise; advice may name any."""
    if _IMPERATIVE.match(text) or not re.search(
        r"\b(you did|i counted|this set|you performed|were doing|this is a)\b", text, re.I
    ):
        return ""
    low = text.lower().replace("push up", "push-up")
    found = [n for n in EXERCISES if n not in ("other", "plank") and TITLES[n].lower() in low]
    found = [
        n
        for n in found
        if not any(n != m and TITLES[n].lower() in TITLES[m].lower() for m in found)
    ]
    if found and summary.exercise.name not in found:
        return f"the exercise is a {summary.exercise.title}"
    return ""


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
