"""Real exercise clips seen otherwise: the truth stays, and so should what is told."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from musclepose.errors import MusclePoseError
from musclepose.evaluation.gym_conditions import CONDITIONS
from musclepose.evaluation.gym_labels import SPLITS, Label
from musclepose.evaluation.gym_score import (
    ClipScore,
    overall,
    reliability,
    score_clip,
)
from musclepose.evaluation.gym_tracks import cached_analysis, read_track
from musclepose.movement.summarise import summarise
from musclepose.wave_llm.script import script
from musclepose.wave_llm.writing import by_rules, sentences_of

WORKERS = 2
HEADINGS = {
    "exercise_accuracy": "exercise",
    "other_accuracy": "other",
    "count_exact": "count",
    "count_within_one": "within 1",
    "calibration_error": "calibr.",
    "named_wrongly_as_sure": "sure, wrong",
    "true_faults": "true f.",
    "false_faults": "false f.",
}


@dataclass(frozen=True)
class Job:
    """One clip under one condition."""

    condition: str
    label: Label
    path: Path
    cache: Path


def score_job(job: Job) -> ClipScore | str:
    """How the clip compares with its label under the condition, or why it was refused."""
    condition = CONDITIONS[job.condition]
    track = condition.of(read_track(job.path, condition.keypoints))
    try:
        summary = summarise(cached_analysis(track, job.cache))
    except MusclePoseError as error:
        return str(error)
    text = "".join(by_rules(script(summary), None, False))
    label = (
        job.label
        if condition.is_counted
        else replace(job.label, count=None, repetitions=())
    )
    return score_clip(label, summary, sentences_of(text))


def _row(name: str, split: str, figures: Mapping[str, Any]) -> str:
    cells = (
        "-" if (v := figures[key]) is None else f"{v:.4g}" for key in HEADINGS
    )
    return f"{name:12} {split:11}" + "".join(f"{cell:>12}" for cell in cells)


def _of_split(scores: Mapping[str, ClipScore], split: str) -> list[ClipScore]:
    return [s for s in scores.values() if s.split == split]


def _mistakes(scores: Mapping[str, Mapping[str, ClipScore]]) -> list[str]:
    """A line per clip that is named wrongly, counted more than one off or blamed falsely under some condition."""
    lines = []
    for name in sorted({name for of in scores.values() for name in of}):
        found = []
        for condition, of in scores.items():
            s = of.get(name)
            if s is None:
                continue
            wrong = (
                []
                if s.exercise_right
                else [f"{s.exercise} {s.probability:.2f}"]
            )
            wrong += (
                [f"{s.count} of {s.expected_count}"]
                if s.count_within_one is False
                else []
            )
            wrong += [f"false {f}" for f in s.false_faults]
            found += [f"{condition}: {', '.join(wrong)}"] if wrong else []
        if found:
            expected = next(
                of[name].expected for of in scores.values() if name in of
            )
            lines.append(f"{name:22} {expected:18} {'; '.join(found)}")
    return lines


def run_robust(
    labels: Mapping[str, Label], data: Path, cache: Path, workers: int = WORKERS
) -> dict[str, Any]:
    """Score every clip under every condition and print a row per condition and split.

    Returns per condition and split the figures of `gym_score.overall`, the reliability of all, refusals, and clips.
    """
    paths = {name: data / f"{name}.npz" for name in sorted(labels)}
    jobs = [
        Job(condition, labels[name], path, cache)
        for condition in CONDITIONS
        for name, path in paths.items()
        if path.is_file()
    ]
    scores: dict[str, dict[str, ClipScore]] = {
        condition: {} for condition in CONDITIONS
    }
    refused: dict[str, dict[str, str]] = {
        condition: {} for condition in CONDITIONS
    }
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for job, result in zip(jobs, pool.map(score_job, jobs), strict=True):
            if isinstance(result, str):
                refused[job.condition][job.label.name] = result
            else:
                scores[job.condition][job.label.name] = result
    return _told(scores, refused)


def _told(
    scores: Mapping[str, dict[str, ClipScore]],
    refused: Mapping[str, dict[str, str]],
) -> dict[str, Any]:
    """Print the table and the mistakes, and return the figures."""
    everything: dict[str, Any] = {}
    print(
        f"{'':24}" + "".join(f"{heading:>12}" for heading in HEADINGS.values())
    )
    for name, of in scores.items():
        figures = {split: overall(_of_split(of, split)) for split in SPLITS}
        for split, row in figures.items():
            print(_row(name, split, row))
        clips = {clip: asdict(score) for clip, score in of.items()}
        rest = {
            "reliability": reliability(list(of.values())),
            "refused": refused[name],
        }
        everything[name] = figures | rest | {"clips": clips}
    print("\n" + "\n".join(_mistakes(scores)))
    for name, reasons in refused.items():
        for clip, reason in reasons.items():
            print(f"{name}: {clip} refused: {reason}")
    return everything
