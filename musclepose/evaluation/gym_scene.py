"""Cuts, moving cameras and slow motion of real films against what a person saw: the film alone, no body is fitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from musclepose.errors import MusclePoseError
from musclepose.evaluation.gym_labels import Label
from musclepose.evaluation.gym_score import scene_told
from musclepose.pipeline import follow
from musclepose.pose.scene import slow_motion_question

FLAGS = ("cut", "moving camera", "slow motion")
OUTCOMES = ("right", "missed", "false", "none")


def outcomes(label: Label, told: set[str]) -> dict[str, str]:
    """Per flag that somebody looked for: right, missed, false, or rightly not told ("none")."""
    found = {}
    for flag in FLAGS:
        if flag in label.scene:
            there, said = label.scene[flag], flag in told
            found[flag] = ("right" if said else "missed") if there else "false" if said else "none"
    return found


def told_of(film: Path) -> set[str]:
    """The flags that warnings and questions of a film tell. Raises MusclePoseError where nobody is in it."""
    track = follow(film).track()
    return scene_told([*track.warnings, *slow_motion_question(track)])


def print_scenes(films: Mapping[str, Path], labels: Mapping[str, Label]) -> dict[str, Counter[str]]:
    """Print what is not right per film, and the outcomes per flag."""
    counts = {flag: Counter[str]() for flag in FLAGS}
    for name, film in films.items():
        try:
            told = told_of(film)
        except MusclePoseError as error:
            print(f"{name:22} refused: {error}")
            continue
        found = outcomes(labels[name], told)
        for flag, outcome in found.items():
            counts[flag][outcome] += 1
        wrong = [f"{o} {f}" for f, o in found.items() if o in ("missed", "false")]
        print(f"{name:22} {', '.join(wrong)}".rstrip(), flush=True)
    print(f"\n{'':15}" + "".join(f"{o:>8}" for o in OUTCOMES))
    for flag in FLAGS:
        print(f"{flag:15}" + "".join(f"{counts[flag][o]:8d}" for o in OUTCOMES))
    return counts
