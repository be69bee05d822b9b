"""`evaluate coach --questions`: natural questions answered right, partly, wrong or not at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from musclepose.evaluation.question_clips import CACHE, GYM, question_clip
from musclepose.evaluation.question_truth import Number, Truth, Unseen
from musclepose.movement.columns import columns_of, values_of
from musclepose.movement.formulas import FormulaEvaluator
from musclepose.movement.query.words import words_of
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.wave_llm.answers import FIXED, HELP, answered
from musclepose.wave_llm.checker import advice_sentences, check
from musclepose.wave_llm.writing import sentences_of

FOLDER = Path(__file__).parent / "coach_questions"
FILES = ("seen", "held_out")
Grade = Literal["right", "partly", "wrong", "evaded"]
GRADES: tuple[Grade, ...] = ("right", "partly", "wrong", "evaded")
_CANNOT = re.compile(
    r"cannot|could not|was not seen|were not|no point|not told|no full repetition|repeats itself|I counted no",
    re.I,
)
_SHOWN = re.compile(
    r"(?<![\w.])(-?\d+(?:\.\d+)?) ?(°|%|N m/kg|N m|N\b|kg|BW|body weights|m/s|cm|m\b|s\b|steps per minute)?"
)
_UNITS = {"°": "deg", "body weights": "BW", "steps per minute": "1/min"}
LOAD_COMPARED = re.compile(
    r"\b(left|right)\b[^.]*\b(stronger|weaker|harder|more (?:load|weight|force))\b",
    re.I,
)


@dataclass(frozen=True)
class Question:
    """One row of the set."""

    clip: str
    text: str
    expected: str


@dataclass(frozen=True)
class Graded:
    """A question with what was said, and how that is judged. `false` are sentences that are not so."""

    question: Question
    language: str
    grade: Grade
    said: str
    false: tuple[str, ...]


def read_questions(path: Path) -> list[Question]:
    """Rows of clip, question and expectation, divided by tabs; a line that starts with # is a remark."""
    rows = [
        line
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return [Question(*row.split("\t")) for row in rows]


def _shown_numbers(text: str) -> list[tuple[float, int, str]]:
    """Value, decimals and unit of every number of a text; "104° and 101°" has two."""
    out = []
    for match in _SHOWN.finditer(text):
        unit = match.group(2) or ""
        decimals = len(match.group(1).partition(".")[2])
        is_repetition = (
            re.search(r"repetitions? $", text[: match.start()]) is not None
        )
        out.append(
            (
                float(match.group(1)),
                decimals,
                "repetition" if is_repetition else _UNITS.get(unit, unit),
            )
        )
    return out


def _shows(number: Number, shown: Sequence[tuple[float, int, str]]) -> bool:
    return any(
        unit == number.unit
        and abs(value - number.value) <= 0.5 * 10.0**-decimals + 1e-3
        for value, decimals, unit in shown
    )


def _has_advice(text: str, summary: PhysicsSummary) -> bool:
    """A cue or drill of the records or of a note; of an exercise that is not sure, that none is given."""
    if not summary.is_sure:
        return "no advice" in text
    return any(a in text for a in advice_sentences() if len(a) > 10)


def _item_holds(item: str, text: str, truth: Truth) -> bool:
    """One item of an expectation; Unseen where its number may not be told."""
    if item.startswith("@"):
        shown = _shown_numbers(text)
        return any(
            all(_shows(n, shown) for n in way)
            for way in truth.numbers(item[1:])
        )
    if item == "advice":
        return _has_advice(text, truth.summary)
    negated, pattern = item.startswith("!"), item.strip("!").strip("/")
    return bool(re.search(pattern, text, re.I)) != negated


def grade_of(expected: str, text: str, truth: Truth) -> Grade:
    """Right where one alternative holds as a whole, partly where a part of one does."""
    parts, unseen = 0, 0
    alternatives = [
        alternative.split(" & ") for alternative in expected.split(" || ")
    ]
    for items in alternatives:
        try:
            held = [_item_holds(item.strip(), text, truth) for item in items]
        except Unseen:
            unseen += 1
            continue
        if all(held):
            return "right"
        parts += any(
            h
            for h, item in zip(held, items, strict=True)
            if not item.strip().startswith("!")
        )
    if unseen == len(alternatives):
        return "right" if _CANNOT.search(text) else "wrong"
    if parts:
        return "partly"
    return "evaded" if HELP[:40] in text or _CANNOT.search(text) else "wrong"


def recomputed(summary: PhysicsSummary, analysis: Analysis) -> PhysicsSummary:
    """The summary with only those figures whose formula gives their value again over fresh columns."""
    values = {
        **values_of(columns_of(analysis)),
        **counting_columns(summary, analysis.time_s),
    }
    evaluate = FormulaEvaluator(
        {**values, "time_s": analysis.time_s}, analysis.quality
    )
    good = [
        f
        for f in summary.figures
        if abs(evaluate(f.source) - f.value) <= 1e-4 * max(1.0, abs(f.value))
    ]
    return replace(summary, figures=tuple(good))


def say(
    question: Question, analysis: Analysis, summary: PhysicsSummary
) -> tuple[str, list[str]]:
    """The text by rules, and those of its sentences that are not so by figures computed anew."""
    reply = answered(summary, question.text, analysis)
    passed = [
        option
        for slot in reply.slots
        if (
            option := next(
                (
                    o
                    for o in slot.options
                    if _passes(slot.name, o, reply.summary)
                ),
                "",
            )
        )
    ]
    fresh = recomputed(reply.summary, analysis)
    fixed = {
        o for slot in reply.slots if slot.name in FIXED for o in slot.options
    }
    claims = [s for o in passed if o not in fixed for s in sentences_of(o)]
    false = [
        s for s in claims if not check(s, fresh).ok or LOAD_COMPARED.search(s)
    ]
    return " ".join(passed), false


def _passes(name: str, option: str, summary: PhysicsSummary) -> bool:
    return name in FIXED or all(
        check(s, summary).ok for s in sentences_of(option)
    )


def graded(
    questions: Sequence[Question], data: Path = GYM, cache: Path = CACHE
) -> Iterator[Graded]:
    """Every question whose clip is there."""
    truths: dict[str, tuple[Analysis, PhysicsSummary, Truth] | None] = {}
    for question in questions:
        if question.clip not in truths:
            analysis = question_clip(question.clip, data, cache)
            summary = None if analysis is None else summarise(analysis)
            truths[question.clip] = (
                None
                if analysis is None or summary is None
                else (analysis, summary, Truth(analysis, summary))
            )
        known = truths[question.clip]
        if known is None:
            continue
        said, false = say(question, known[0], known[1])
        grade = grade_of(question.expected, said, known[2])
        yield Graded(
            question,
            words_of(question.text).language,
            grade,
            said,
            tuple(false),
        )


def question_table(
    data: Path = GYM, verbose: bool = False, cache: Path = CACHE
) -> dict[str, Any]:
    """Counts by file and by language. Held-out questions are never printed one by one."""
    result: dict[str, Any] = {}
    for name in FILES:
        rows = list(graded(read_questions(FOLDER / f"{name}.tsv"), data, cache))
        counts = Counter(row.grade for row in rows)
        asked = Counter(row.language for row in rows)
        right = Counter(row.language for row in rows if row.grade == "right")
        result[name] = {
            "asked": len(rows),
            **{grade: counts[grade] for grade in GRADES},
            "false": sum(bool(row.false) for row in rows),
            "languages": {
                lang: [right[lang], asked[lang]] for lang in sorted(asked)
            },
        }
        if verbose and name == "seen":
            for row in (r for r in rows if r.grade != "right" or r.false):
                print(
                    f"{row.grade:7} {row.question.clip:18} {row.question.text}\n        {row.said} {row.false or ''}"
                )
    return result


def print_table(result: dict[str, Any]) -> None:
    """Right, partly, wrong, evaded per file; right of asked per language."""
    print(
        f"{'':10}{'asked':>7}"
        + "".join(f"{g:>9}" for g in GRADES)
        + f"{'false':>9}"
    )
    for name, row in result.items():
        shares = "".join(
            f"{100 * row[g] / max(row['asked'], 1):8.1f}%" for g in GRADES
        )
        print(
            f"{name:10}{row['asked']:7}{shares}{100 * row['false'] / max(row['asked'], 1):8.1f}%"
        )
        print(
            "          right of asked: "
            + ", ".join(
                f"{k} {a} of {b}" for k, (a, b) in row["languages"].items()
            )
        )
