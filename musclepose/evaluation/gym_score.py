"""One real clip, and all of them, measured against what a person saw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from musclepose.evaluation.gym_labels import SCENES, Label, TimedRepetition
from musclepose.movement.summary import PhysicsSummary

BINS = 5  # of the reliability table: with about a hundred clips, narrower ones hold too few
FULL_EFFORT_PCT = 100.0
_EFFORT = re.compile(
    r"[^.]*?(\d+(?:\.\d+)?)\s?% of (?:its|the|your|their)[^.]*\."
)
_CLEAN = re.compile(
    r"nothing stood out|no fault stood out|keep this depth", re.IGNORECASE
)
_SCENE_WORDS = {
    "cut": re.compile(r"\bcuts?\b(?! off)", re.IGNORECASE),
    "moving camera": re.compile(
        r"camera (moves|moved|is moving|was moving|pans)", re.IGNORECASE
    ),
    "slow motion": re.compile(r"slow motion|slowed down", re.IGNORECASE),
    "support": re.compile(
        r"carr(y|ies) too|carried beside the[a-z ]* too|something else carries",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class ClipScore:
    """What was told of one clip, and how it compares. Times in s; None where there is nothing to compare."""

    split: str
    source: str
    expected: str
    exercise: str
    probability: float
    is_sure: bool
    exercise_right: bool
    listed: bool
    expected_count: int | None
    count: int
    count_exact: bool | None
    count_within_one: bool | None
    start_error_s: float | None
    end_error_s: float | None
    true_faults: tuple[str, ...]
    false_faults: tuple[str, ...]
    missed_faults: int
    unfounded_praise: tuple[str, ...]
    effort_above_full: tuple[str, ...]
    scene_right: tuple[str, ...]
    scene_missed: tuple[str, ...]
    scene_false: tuple[str, ...]


def _time_errors(
    expected: Sequence[TimedRepetition], summary: PhysicsSummary
) -> tuple[float | None, float | None]:
    """Median distance of start and of end between each labelled repetition and the told one that overlaps it most."""
    starts, ends = [], []
    for label in expected:
        told = [
            r
            for r in summary.repetitions
            if r.start_s < label.end_s and r.end_s > label.start_s
        ]
        if not told:
            continue
        best = max(
            told,
            key=lambda r: (
                min(r.end_s, label.end_s) - max(r.start_s, label.start_s)
            ),
        )
        starts.append(abs(best.start_s - label.start_s))
        ends.append(abs(best.end_s - label.end_s))
    if not starts:
        return None, None
    return round(float(np.median(starts)), 3), round(float(np.median(ends)), 3)


def _count_fits(label: Label, count: int, within: int) -> bool | None:
    if label.count is None:
        return None
    return any(
        abs(count - right) <= within
        for right in {label.count, *label.count_also}
    )


def _praise(
    summary: PhysicsSummary, sentences: Sequence[str]
) -> tuple[str, ...]:
    """Sentences that say that no fault is there, where nothing was looked at or a check that is named was not made."""
    told = [s for s in sentences if _CLEAN.search(s)]
    clear = [c.what for c in summary.checks if c.outcome == "clear"]
    unseen = {c.what for c in summary.checks if c.outcome == "unseen"} - set(
        clear
    )
    return tuple(
        s
        for s in told
        if not clear or any(re.search(rf"\b{u}\b", s) for u in unseen)
    )


def _too_much_effort(sentences: Sequence[str]) -> tuple[str, ...]:
    found = []
    for sentence in sentences:
        match = _EFFORT.search(sentence)
        if match and float(match.group(1)) > FULL_EFFORT_PCT:
            found.append(sentence)
    return tuple(found)


def scene_told(texts: Sequence[str]) -> set[str]:
    """The scene flags that warnings and text tell."""
    return {
        flag
        for flag, words in _SCENE_WORDS.items()
        if any(words.search(t) for t in texts)
    }


def score_clip(
    label: Label, summary: PhysicsSummary, sentences: Sequence[str]
) -> ClipScore:
    """Compare summary and text of one clip with its label."""
    recognition = summary.exercise
    start_error, end_error = _time_errors(label.repetitions, summary)
    told = [f.name for f in summary.faults]
    visible = {name for names in label.faults for name in names}
    scene = scene_told([*summary.warnings, *sentences])
    known = {flag for flag in SCENES if flag in label.scene}
    there = {flag for flag in known if label.scene[flag]}
    count = len(
        summary.steps if summary.kind == "gait" else summary.repetitions
    )
    return ClipScore(
        label.split,
        label.source,
        label.listed,
        recognition.name,
        round(recognition.probability, 4),
        summary.is_sure,
        recognition.name in label.accepted,
        label.is_listed,
        label.count,
        count,
        _count_fits(label, count, 0),
        _count_fits(label, count, 1),
        start_error,
        end_error,
        tuple(f for f in told if f in visible),
        tuple(f for f in told if f not in visible),
        sum(not set(names) & set(told) for names in label.faults),
        _praise(summary, sentences),
        _too_much_effort(sentences),
        tuple(sorted(scene & there)),
        tuple(sorted(there - scene)),
        tuple(sorted(scene & known - there)),
    )


def _share(values: Sequence[bool | None]) -> float | None:
    known = [v for v in values if v is not None]
    return round(sum(known) / len(known), 4) if known else None


def reliability(scores: Sequence[ClipScore]) -> list[dict[str, float]]:
    """Rows of equal width in probability: clips, mean probability, share that was right."""
    rows = []
    for i in range(BINS):
        low, high = i / BINS, (i + 1) / BINS
        inside = [s for s in scores if low < s.probability <= high]
        if inside:
            mean = float(np.mean([s.probability for s in inside]))
            right = float(np.mean([s.exercise_right for s in inside]))
            rows.append(
                {
                    "above": low,
                    "clips": len(inside),
                    "probability": mean,
                    "right": right,
                }
            )
    return rows


def calibration_error(scores: Sequence[ClipScore]) -> float | None:
    """Expected calibration error: distance of probability and share right, weighted by the clips of each row."""
    if not scores:
        return None
    gaps = [
        row["clips"] * abs(row["probability"] - row["right"])
        for row in reliability(scores)
    ]
    return round(sum(gaps) / len(scores), 4)


def _median(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return round(float(np.median(known)), 3) if known else None


def overall(scores: Sequence[ClipScore]) -> dict[str, Any]:
    """Figures of several clips; None where no clip has the label.

    One piece because it is a table, a figure a row.
    """
    there = sum(len(s.scene_right) + len(s.scene_missed) for s in scores)
    right = sum(len(s.scene_right) for s in scores)
    listed = [s.exercise_right for s in scores if s.listed]
    others = [s.exercise_right for s in scores if not s.listed]
    return {
        "clips": len(scores),
        "listed_clips": len(listed),
        "other_clips": len(others),
        "counted_clips": sum(s.count_exact is not None for s in scores),
        "exercise_accuracy": _share(listed),
        "other_accuracy": _share(others),
        "calibration_error": calibration_error(scores),
        "count_exact": _share([s.count_exact for s in scores]),
        "count_within_one": _share([s.count_within_one for s in scores]),
        "start_error_s": _median([s.start_error_s for s in scores]),
        "end_error_s": _median([s.end_error_s for s in scores]),
        "false_faults": sum(len(s.false_faults) for s in scores),
        "true_faults": sum(len(s.true_faults) for s in scores),
        "missed_faults": sum(s.missed_faults for s in scores),
        "unfounded_praise": sum(len(s.unfounded_praise) for s in scores),
        "effort_above_full": sum(len(s.effort_above_full) for s in scores),
        "named_wrongly_as_sure": sum(
            s.is_sure and not s.exercise_right for s in scores
        ),
        "scene_there": there,
        "scene_recall": round(right / there, 4) if there else None,
        "scene_false": sum(len(s.scene_false) for s in scores),
    }


def as_json(scores: dict[str, ClipScore]) -> dict[str, Any]:
    """`overall`, the same per split, reliability and `clips`."""
    everything = list(scores.values())
    splits = sorted({s.split for s in everything})
    return {
        "overall": overall(everything),
        **{
            split: overall([s for s in everything if s.split == split])
            for split in splits
        },
        "reliability": reliability(everything),
        "clips": {name: asdict(score) for name, score in scores.items()},
    }
