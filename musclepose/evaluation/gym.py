"""Real exercise clips: exercise, count, times, faults, praise and scene against what a person saw."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from musclepose.errors import InputError, MusclePoseError
from musclepose.evaluation.gym_labels import SCENES, Label, read_labels
from musclepose.evaluation.gym_robust import WORKERS, run_robust
from musclepose.evaluation.gym_scene import (
    RIGHT_PERSON,
    print_scenes,
    told_beside_track,
    told_of,
)
from musclepose.evaluation.gym_score import (
    ClipScore,
    as_json,
    scene_told,
    score_clip,
)
from musclepose.evaluation.gym_tracks import (
    Keypoints,
    cached_analysis,
    read_track,
)
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.pipeline import analyse
from musclepose.records import Analysis, Athlete, ExternalLoad
from musclepose.wave_llm.script import script
from musclepose.wave_llm.writing import by_rules, sentences_of

CACHE = Path(".cache/gym")
FILM_ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".gif")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `evaluate gym`."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with index.json, tracks",
    )
    parser.add_argument(
        "--videos", type=Path, help="films, named as in the index; whole path"
    )
    parser.add_argument(
        "--scene",
        nargs="?",
        const="detector",
        choices=("detector", "tracks"),
        help="with --videos: scene flags alone; people are found by the detector (then: is it the right one), or known "
        "from the tracks",
    )
    parser.add_argument(
        "--keypoints", choices=("second", "yolo"), default="second"
    )
    parser.add_argument(
        "--robust",
        action="store_true",
        help="the tracks seen otherwise, a row per condition",
    )
    parser.add_argument(
        "--workers", type=int, default=WORKERS, help="processes of --robust"
    )
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="where analyses are kept"
    )
    parser.add_argument("--json", type=Path, help="write the figures there")


def _score(label: Label, analysis: Analysis) -> ClipScore:
    summary = summarise(analysis)
    return score_clip(label, summary, _sentences(summary))


def _sentences(summary: PhysicsSummary) -> list[str]:
    return sentences_of("".join(by_rules(script(summary), None, False)))


def _film_of(folder: Path, name: str) -> Path | None:
    return next(
        (p for e in FILM_ENDINGS if (p := folder / (name + e)).is_file()), None
    )


def _from_track(path: Path, keypoints: Keypoints, cache: Path) -> Analysis:
    return cached_analysis(read_track(path, keypoints), cache)


def _from_film(path: Path) -> Analysis:
    return analyse(path, Athlete(height_m=1.75, mass_kg=75.0), ExternalLoad())


def _scene_beside_track(
    args: argparse.Namespace, name: str, film: Path
) -> set[str]:
    """The flags that the film tells, and those that the analysis of the labelled track tells."""
    path = args.data / f"{name}.npz"
    summary = summarise(_from_track(path, args.keypoints, args.cache))
    return told_beside_track(film, path) | scene_told(
        [*summary.warnings, *_sentences(summary)]
    )


def _sources(
    args: argparse.Namespace, names: Sequence[str]
) -> dict[str, Callable[[], Analysis]]:
    """Per clip that is there, the call that makes its analysis."""
    if args.videos is not None:
        films = {name: _film_of(args.videos, name) for name in names}
        return {
            name: partial(_from_film, film)
            for name, film in films.items()
            if film
        }
    tracks = {name: args.data / f"{name}.npz" for name in names}
    return {
        name: partial(_from_track, path, args.keypoints, args.cache)
        for name, path in tracks.items()
        if path.is_file()
    }


def _row(name: str, s: ClipScore) -> str:
    mark = "right" if s.exercise_right else "WRONG"
    told = f"{s.exercise} {s.probability:.2f}"
    counted = (
        "-" if s.expected_count is None else f"{s.count} of {s.expected_count}"
    )
    faults = ", ".join(
        [*s.true_faults, *(f"false: {f}" for f in s.false_faults)]
    )
    scene = ", ".join(
        [
            *(f"missed {f}" for f in s.scene_missed),
            *(f"false {f}" for f in s.scene_false),
        ]
    )
    return f"{name:22} {s.expected:18} {mark} {told:24} {counted:9} {faults} {scene}".rstrip()


def _print_table(figures: dict[str, Any]) -> None:
    splits = [
        key for key in ("train", "validation", "overall") if key in figures
    ]
    print(f"\n{'':24}" + "".join(f"{split:>12}" for split in splits))
    for key in figures["overall"]:
        cells = (
            "-" if (v := figures[s][key]) is None else f"{v:g}" for s in splits
        )
        print(f"{key:24}" + "".join(f"{cell:>12}" for cell in cells))
    print("\nprobability above   clips   mean   right")
    for row in figures["reliability"]:
        print(
            f"{row['above']:17.1f}   {row['clips']:5d}   {row['probability']:.2f}   {row['right']:.2f}"
        )


def run(args: argparse.Namespace) -> int:
    """Print a row per clip and the figures per split; clips that are refused are told and left out."""
    labels = read_labels(args.data)
    if args.scene and args.videos is not None:
        found = {name: _film_of(args.videos, name) for name in sorted(labels)}
        films = {name: film for name, film in found.items() if film}
        if args.scene == "detector":
            flags = (*SCENES[:3], RIGHT_PERSON)
            print_scenes(films, labels, partial(told_of, args.data), flags)
        else:
            print_scenes(films, labels, partial(_scene_beside_track, args))
        return 0
    if args.robust:
        _write(
            run_robust(labels, args.data, args.cache, args.workers), args.json
        )
        return 0
    sources = _sources(args, sorted(labels))
    if not sources:
        raise InputError(
            f"No clip of the index lies in {args.videos or args.data}."
        )
    scores: dict[str, ClipScore] = {}
    refused: dict[str, str] = {}
    for name, make in sources.items():
        try:
            scores[name] = _score(labels[name], make())
        except MusclePoseError as error:
            refused[name] = str(error)
            print(f"{name:22} refused: {error}")
            continue
        print(_row(name, scores[name]))
    figures = as_json(scores) | {"refused": refused}
    _print_table(figures)
    _write(figures, args.json)
    return 0


def _write(figures: dict[str, Any], path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(figures, indent=1), encoding="utf-8")
