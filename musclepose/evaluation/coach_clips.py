"""`evaluate coach --clips`: the texts of real clips against what a person saw in them, for three readers.

A sentence is a statement where it says something of this clip; cues, drills and reasons are advice. Of each statement:

- unfounded: its figures do not follow from the arrays again, a claim in it fails the checker, or it praises what was
  not looked at;
- true, false by the index: it names the exercise, a count, a fault, or that nothing stood out, and the index knows;
- else it is founded: it follows from the arrays, and the index says nothing of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, Literal

import numpy as np

from musclepose.errors import MusclePoseError
from musclepose.evaluation.coach_answers import LOAD_COMPARED, recomputed
from musclepose.evaluation.coach_reading import reading_grade
from musclepose.evaluation.gym_labels import Label, read_labels
from musclepose.evaluation.gym_tracks import cached_analysis, read_track
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.query.way_up import with_way_up
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm.checker import bare, check
from musclepose.wave_llm.prompt import LEVELS, Level
from musclepose.wave_llm.script import Slot, script
from musclepose.wave_llm.writing import sentences_of

Verdict = Literal["true", "false", "unfounded", "founded", "advice"]
VERDICTS: tuple[Verdict, ...] = ("true", "false", "founded", "unfounded")
ADVICE = ("cue", "drill", "why", "reason", "sources", "load")
FRAME = ("quality", "not judged", "support", "assumed", "load", "sources")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a shown text, the slot it stands in, and how it is judged."""

    slot: str
    text: str
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True)
class ClipText:
    """The text of one clip for one reader. is_clean: a sure exercise with repetitions or steps, and no fault told."""

    name: str
    exercise: str
    is_clean: bool
    level: Level
    sentences: tuple[Sentence, ...]


def shown(
    slots: Iterable[Slot], summary: PhysicsSummary
) -> list[tuple[str, str]]:
    """Slot and sentence of the first wording of each slot that passes the checker, as the product shows it."""
    out = []
    for slot in slots:
        good = (
            o
            for o in slot.options
            if all(check(s, summary).ok for s in sentences_of(o))
        )
        option = next(good, "")
        out += [(slot.name, bare(s)) for s in sentences_of(option)]
    return [(name, text) for name, text in out if text]


def judge(
    slot: str,
    text: str,
    summary: PhysicsSummary,
    fresh: PhysicsSummary,
    label: Label,
    looked: bool,
) -> tuple[Verdict, str]:
    """Verdict and reason of one sentence. looked: somebody looked for faults in this clip."""
    if slot in ADVICE:
        return "advice", ""
    verdict = check(text, fresh)
    if not verdict.ok:
        return "unfounded", verdict.reason
    if LOAD_COMPARED.search(text):
        return "unfounded", "compares loads of the sides"
    if slot == "count":
        return _count_verdict(summary, label)
    if slot == "saw" and looked:
        return _fault_verdict(text, summary, label)
    if slot == "matters":
        return _clear_verdict(summary, label, looked)
    return "founded", ""


def _count_verdict(
    summary: PhysicsSummary, label: Label
) -> tuple[Verdict, str]:
    counted = len(summary.repetitions)
    named = summary.is_sure and summary.kind != "none"
    if named and summary.exercise.name not in label.accepted:
        return "false", f"the index says {label.listed}"
    if summary.kind in ("gait", "hold"):
        return ("true", "") if named else ("founded", "")
    if label.count is None:
        return ("true", "") if named else ("founded", "")
    says_nothing_repeats = (
        counted == 0 and not EXERCISES[summary.exercise.name].is_named
    )
    fits = counted in {label.count, *label.count_also} or (
        says_nothing_repeats and label.count == 1
    )
    return (
        ("true", "")
        if fits
        else ("false", f"the index counts {label.count}, told {counted}")
    )


def _fault_verdict(
    text: str, summary: PhysicsSummary, label: Label
) -> tuple[Verdict, str]:
    visible = {name for names in label.faults for name in names}
    told = {f.name for f in summary.faults}
    return (
        ("true", "")
        if told & visible
        else ("false", f"the index says {sorted(visible) or 'clean'}")
    )


def _clear_verdict(
    summary: PhysicsSummary, label: Label, looked: bool
) -> tuple[Verdict, str]:
    clear = {c.fault for c in summary.checks if c.outcome == "clear"}
    if not clear and summary.kind != "none":
        return "unfounded", "nothing was looked at"
    if not looked or not clear:
        return "founded", ""
    missed = clear & {name for names in label.faults for name in names}
    return (
        ("false", f"the index says {sorted(missed)}")
        if missed
        else ("true", "")
    )


def texts_of(
    name: str,
    summary: PhysicsSummary,
    fresh: PhysicsSummary,
    label: Label,
    looked: bool,
    levels: Sequence[Level] = LEVELS,
) -> list[ClipText]:
    """The judged texts of one clip. fresh: the summary with the figures that follow from the arrays again."""
    clean = summary.is_sure and not summary.faults and summary.kind != "none"
    out = []
    for level in levels:
        told = shown(script(summary, level), summary)
        judged = tuple(
            Sentence(
                slot, text, *judge(slot, text, summary, fresh, label, looked)
            )
            for slot, text in told
        )
        out.append(ClipText(name, summary.exercise.name, clean, level, judged))
    return out


def read_texts(data: Path, cache: Path) -> list[ClipText]:
    """Texts of every clip of the folder that is not refused."""
    labels = read_labels(data)
    entries = json.loads((data / "index.json").read_text("utf-8"))
    out: list[ClipText] = []
    for name, label in sorted(labels.items()):
        path = data / f"{name}.npz"
        if not path.is_file():
            continue
        try:
            analysis = cached_analysis(read_track(path), cache)
        except MusclePoseError:
            continue
        looked = entries[name].get("visible_faults") is not None
        summary = with_way_up(summarise(analysis), analysis)
        out += texts_of(
            name, summary, recomputed(summary, analysis), label, looked
        )
    return out


def shared_share(
    texts: Sequence[ClipText], slots: Sequence[str] | None = None
) -> float | None:
    """Mean over ordered pairs of clean clips of one exercise: share of the first's sentences that stand in the second.

    slots: only sentences of these slots; None: all but those of FRAME (how sure, what was assumed).
    """
    by_exercise: dict[str, list[set[str]]] = defaultdict(list)
    for text in (t for t in texts if t.is_clean):
        told = {
            s.text
            for s in text.sentences
            if (s.slot in slots if slots is not None else s.slot not in FRAME)
        }
        if told:
            by_exercise[text.exercise].append(told)
    shares = [
        len(a & b) / len(a)
        for group in by_exercise.values()
        for a, b in permutations(group, 2)
    ]
    return float(np.mean(shares)) if shares else None


def distinct(
    texts: Sequence[ClipText], slots: Sequence[str]
) -> tuple[int, int]:
    """Different (exercise, sentences of these slots) among clean clips of exercises that have several, of how many."""
    clean = [t for t in texts if t.is_clean]
    several = {
        t.exercise
        for t in clean
        if sum(o.exercise == t.exercise for o in clean) > 1
    }
    rows = [
        (t.exercise, tuple(s.text for s in t.sentences if s.slot in slots))
        for t in clean
        if t.exercise in several
    ]
    return len(set(rows)), len(rows)


def table(texts: Sequence[ClipText]) -> dict[str, Any]:
    """Figures by reader."""
    result: dict[str, Any] = {}
    for level in LEVELS:
        mine = [t for t in texts if t.level == level]
        said = [s for t in mine for s in t.sentences]
        counts = {v: sum(s.verdict == v for s in said) for v in VERDICTS}
        told, clean = distinct(mine, ("cue", "drill"))
        result[level] = {
            "clips": len(mine),
            "clean": sum(t.is_clean for t in mine),
            "statements": sum(counts.values()),
            **counts,
            "sentences_a_text": len(said) / max(len(mine), 1),
            "shared": shared_share(mine),
            "shared_advice": shared_share(
                mine, ("cue", "drill", "why", "reason", "note")
            ),
            "distinct_advice": told,
            "compared": clean,
            "grade": reading_grade(
                [s.text for s in said if s.slot != "sources"]
            ),
        }
    return result


_ROWS = (
    ("clips", "clips with a text", "{:.0f}"), ("statements", "statements", "{:.0f}"),
    ("true", "true by the index", "{:.0f}"), ("false", "false by the index", "{:.0f}"),
    ("founded", "from the arrays, not in the index", "{:.0f}"), ("unfounded", "unfounded", "{:.0f}"),
    ("sentences_a_text", "sentences a text", "{:.1f}"), ("clean", "clean clips", "{:.0f}"),
    ("shared", "sentences shared by two of them", "{:.0%}"), ("shared_advice", "of notes and advice", "{:.0%}"),
    ("distinct_advice", "different cues with drills", "{:.0f}"), ("compared", "  of clean clips compared", "{:.0f}"),
    ("grade", "reading grade (Flesch-Kincaid)", "{:.1f}"),
)  # fmt: skip


def print_clips(result: dict[str, Any]) -> None:
    """A row for each figure, a column for each reader."""
    print(f"{'':36}" + "".join(f"{level:>12}" for level in result))
    for key, words, shape in _ROWS:
        cells = (
            "-" if row[key] is None else shape.format(row[key])
            for row in result.values()
        )
        print(f"{words:36}" + "".join(f"{cell:>12}" for cell in cells))


def print_wrong(texts: Sequence[ClipText]) -> None:
    """Every statement that is false or unfounded, once."""
    rows = {
        (t.name, s.text, s.verdict, s.why)
        for t in texts
        for s in t.sentences
        if s.verdict in ("false", "unfounded")
    }
    for name, text, verdict, why in sorted(rows):
        print(f"{name:22} {verdict:9} {text}  [{why}]")


def print_texts(texts: Sequence[ClipText], names: Sequence[str]) -> None:
    """The texts of some clips, reader by reader."""
    for text in (t for t in texts if t.name in names):
        print(
            f"\n{text.name}, {text.level}:\n  "
            + "\n  ".join(s.text for s in text.sentences)
        )
