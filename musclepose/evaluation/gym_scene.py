"""Cuts, moving cameras, slow motion and support of real films against what a person saw.

Either of the films alone, with the people that the detector finds; or of the films and the labelled tracks: then no
detector runs, and what the analysis of a track tells counts too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from musclepose.errors import MusclePoseError
from musclepose.evaluation.gym_labels import SCENES, Label
from musclepose.evaluation.gym_score import scene_told
from musclepose.evaluation.gym_tracks import read_track
from musclepose.pipeline import follow
from musclepose.pose.scene import (
    Film,
    SceneWatcher,
    notes_of,
    slow_motion_question,
)
from musclepose.records import Array, PoseTrack
from musclepose.video import open_clip

OUTCOMES = ("right", "missed", "false", "none")
SIDE_PX = 640  # of the pictures, as the detector has them
BOX_MARGIN = 0.08  # of the longer side, from the joints to the body's outline
RIGHT_PERSON = "right person"
APART = 0.2  # of the body's size: mean distance of the joints of two tracks of one person
Told = Callable[
    [str, Path], set[str]
]  # name and film -> the flags that are told of it


def outcomes(
    label: Label, told: set[str], flags: tuple[str, ...] = SCENES
) -> dict[str, str]:
    """Per flag that somebody looked for: right, missed, false, or rightly not told ("none")."""
    found = {}
    for flag in flags:
        if flag in label.scene:
            there, said = label.scene[flag], flag in told
            found[flag] = (
                ("right" if said else "missed")
                if there
                else "false"
                if said
                else "none"
            )
    return found


def told_of(folder: Path, name: str, film: Path) -> set[str]:
    """The flags that warnings and questions of a film tell, and whether the athlete is the one of the labelled track.

    Raises MusclePoseError where nobody is in it.
    """
    track = follow(film).track()
    told = scene_told([*track.warnings, *slow_motion_question(track)])
    path = folder / f"{name}.npz"
    is_right = path.is_file() and is_same_person(
        track, read_track(path, "yolo")
    )
    return told | ({RIGHT_PERSON} if is_right else set())


def is_same_person(chosen: PoseTrack, labelled: PoseTrack) -> bool:
    """True if the joints of both tracks lie together, most of the time in which the chosen one is seen."""
    nearest = np.abs(labelled.time_s[None] - chosen.time_s[:, None]).argmin(
        axis=1
    )
    other = labelled.keypoints_px[nearest]
    seen = np.isfinite(chosen.keypoints_px).any(axis=(1, 2))
    apart = np.linalg.norm(chosen.keypoints_px - other, axis=2)  # (T, 17)
    known = np.isfinite(apart)
    size_px = np.array([_size_px(points) for points in other])
    together = np.where(known, apart, 0.0).sum(
        axis=1
    ) < APART * size_px * known.sum(axis=1)
    return bool(seen.any() and together[seen].mean() > 0.5)


def _size_px(points: Array) -> float:
    """Diagonal of the box around the seen points (17, 2); 0 where none is."""
    seen = points[np.isfinite(points).all(axis=1)]
    return float(np.linalg.norm(np.ptp(seen, axis=0))) if len(seen) else 0.0


def told_beside_track(film: Path, track_path: Path) -> set[str]:
    """The same where the person is known: the track says where people are in the pictures."""
    track = read_track(track_path, "yolo")
    watched = _watched(film, track, _others_px(track_path))
    seen_s = track.time_s[np.isfinite(track.keypoints_px).any(axis=(1, 2))]
    scene = watched.scene(
        _in_longest_shot(watched.cuts_s, seen_s), float(track.time_s[-1])
    )
    return scene_told(
        [*notes_of(scene), *slow_motion_question(replace(track, scene=scene))]
    )


def _others_px(track_path: Path) -> dict[int, Array]:
    """Boxes (N, 4) of everybody, by picture, where several people were in view."""
    path = track_path.with_suffix(".boxes.npz")
    if not path.is_file():
        return {}
    with np.load(path) as data:
        frames, boxes = (
            np.asarray(data["frame"]),
            np.asarray(data["boxes_px"], float),
        )
    return {int(frame): boxes[frames == frame] for frame in np.unique(frames)}


def _box_px(points: Array) -> Array:
    """(0 or 1, 4) box around the seen points (17, 2) of one picture."""
    seen = points[np.isfinite(points).all(axis=1)]
    if not len(seen):
        return np.zeros((0, 4))
    low, high = seen.min(axis=0), seen.max(axis=0)
    margin = BOX_MARGIN * float((high - low).max())
    return np.concatenate([low - margin, high + margin])[None]


def _watched(
    film: Path, track: PoseTrack, others_px: Mapping[int, Array]
) -> Film:
    """The film with the boxes of the nearest time of a track."""
    clip, watcher = open_clip(film, max_side=SIDE_PX), SceneWatcher()
    scale = clip.size_px[0] / track.size_px[0]
    for time_s, picture in clip.frames():
        frame = int(np.abs(track.time_s - time_s).argmin())
        boxes = [
            _box_px(track.keypoints_px[frame]),
            others_px.get(frame, np.zeros((0, 4))),
        ]
        watcher.add(time_s, picture, scale * np.concatenate(boxes))
    return watcher.film()


def _in_longest_shot(cuts_s: tuple[float, ...], seen_s: Array) -> float:
    """When somebody is first seen in the shot in which it is seen most."""
    shot = np.searchsorted(np.array(cuts_s), seen_s, side="right")
    longest = Counter(shot.tolist()).most_common(1)[0][0]
    return float(seen_s[shot == longest][0])


def _with_person(label: Label) -> Label:
    """The label of a clip whose track is the right person's."""
    return replace(label, scene={**label.scene, RIGHT_PERSON: True})


def print_scenes(
    films: Mapping[str, Path],
    labels: Mapping[str, Label],
    told: Told,
    flags: tuple[str, ...] = SCENES,
) -> dict[tuple[str, str], Counter[str]]:
    """Print what is not right per film, and the outcomes per split and flag."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for name, film in films.items():
        try:
            found = outcomes(
                _with_person(labels[name]), told(name, film), flags
            )
        except MusclePoseError as error:
            print(f"{name:22} refused: {error}")
            continue
        for flag, outcome in found.items():
            counts.setdefault((labels[name].split, flag), Counter())[
                outcome
            ] += 1
        wrong = [
            f"{o} {f}" for f, o in found.items() if o in ("missed", "false")
        ]
        print(f"{name:22} {', '.join(wrong)}".rstrip(), flush=True)
    print(f"\n{'':26}" + "".join(f"{o:>8}" for o in OUTCOMES))
    for (split, flag), count in sorted(counts.items()):
        print(
            f"{split:11}{flag:15}" + "".join(f"{count[o]:8d}" for o in OUTCOMES)
        )
    return counts
