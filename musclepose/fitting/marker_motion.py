"""Markers in place of a video: joint centres -> the 47-DoF body -> the same physics.

Needed are both hips, knees, ankles, shoulders, elbows and wrists as joint centres, as markerless systems and inverse
kinematics export them, and a heel or a big toe of each foot; ears, nose and the spine joints of our own .trc help where
they are there. Skin markers are not joint centres, and are refused by their names. What is not seen for longer than a
short gap stays unknown.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.fitting.fit import fit_subject
from musclepose.fitting.fit_init import initial_q
from musclepose.fitting.fit_landmarks import start_subject
from musclepose.fitting.fit_sources import (
    FPS,
    SourceClip,
    SourceSubject,
    resample_30hz,
)
from musclepose.fitting.force_plate import continuous_shoulders
from musclepose.fitting.marker_files import Markers, read_markers, with_y_up
from musclepose.fitting.real_motion import foot_contact
from musclepose.physics.contact import floor_height
from musclepose.physics.kinematics import (
    forward_kinematics,
    keypoints_coco,
    sole_points,
)
from musclepose.physics.skeleton47 import COCO17
from musclepose.pipeline import MAX_MOTION_S, MeasuredMotion
from musclepose.records import Array

JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
NEEDED = tuple(f"{side}_{joint}" for joint in JOINTS for side in "lr")
_SEGMENT = {
    "shoulder": "upperarm", "elbow": "forearm", "wrist": "hand", "hip": "thigh", "knee": "shank", "ankle": "foot",
}  # fmt: skip
_LONG = {"l": "left", "r": "right"}
# Of the usual stature: hips to shoulders, plus leg (chosen; only where the fit starts).
_STATURE_PER_LEG_AND_TRUNK = 1.25
SHORTEST_S = 0.5


def _words(side: str, joint: str) -> tuple[str, ...]:
    """Names of a joint centre in the files that circulate, without case, blanks and signs."""
    long = _LONG[side]
    own = f"{_SEGMENT[joint]}{side}joint"
    return (
        own,
        f"{side}{joint}",
        f"{long}{joint}",
        f"{joint}{side}",
        f"{side}{joint[0]}jc",
    )


def _aliases() -> dict[str, str]:
    """Plain name in a file: landmark of the fit."""
    out: dict[str, str] = {}
    for side, long in _LONG.items():
        for joint in JOINTS:
            out |= dict.fromkeys(_words(side, joint), f"{side}_{joint}")
        for theirs, ours in (
            ("heel", "heel"),
            ("bigtoe", "big_toe"),
            ("toe", "big_toe"),
            ("smalltoe", "small_toe"),
        ):
            words = (f"{side}{theirs}", f"{long}{theirs}", f"{theirs}{side}")
            out |= dict.fromkeys(words, f"{long}_{ours}")
        out |= dict.fromkeys(
            (f"{side}ear", f"{long}ear", f"coco{long}ear"), f"face_{long}_ear"
        )
    out |= dict.fromkeys(("nose", "coconose"), "face_nose")
    return out | {
        f"{name}joint": f"{name}_joint"
        for name in ("abdomen", "thorax", "head")
    }


ALIASES = _aliases()


def landmarks_of(markers: Markers, file: str) -> dict[str, Array]:
    """(T, 3) per landmark that the fit knows, as they stand in the file."""
    out: dict[str, Array] = {}
    for i, name in enumerate(markers.names):
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        if plain in ALIASES:
            out.setdefault(ALIASES[plain], markers.places_m[:, i])
    missing = [name for name in NEEDED if name not in out]
    feet = [
        s
        for s in _LONG.values()
        if not {f"{s}_heel", f"{s}_big_toe"} & set(out)
    ]
    missing += [f"{side}_heel or {side}_big_toe" for side in feet]
    if missing:
        raise InputError(
            f"{file} has no {', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''} (it has "
            f"{', '.join(markers.names[:6])} ...); joint centres named such as LHip or left_hip are needed."
        )
    return out


def _upright(landmarks: dict[str, Array]) -> dict[str, Array]:
    shoulders, ankles = (
        0.5 * (landmarks[f"l_{joint}"] + landmarks[f"r_{joint}"])
        for joint in ("shoulder", "ankle")
    )
    upward = np.nanmean(shoulders - ankles, axis=0)
    return {
        name: with_y_up(places, upward) for name, places in landmarks.items()
    }


def _seen_at_30hz(
    places: Array, rate_hz: float, frames: int
) -> NDArray[np.bool_]:
    """(T30,) whether the marker was there at the nearest frame of the file."""
    nearest = np.minimum(
        np.round(np.arange(frames) / FPS * rate_hz).astype(int), len(places) - 1
    )
    return np.asarray(np.isfinite(places).all(axis=1))[nearest]


def _stature_m(points: dict[str, Array]) -> float:
    def apart(a: str, b: str) -> float:
        return float(
            np.nanmedian(np.linalg.norm(points[a] - points[b], axis=1))
        )

    leg = apart("l_hip", "l_knee") + apart("l_knee", "l_ankle")
    return _STATURE_PER_LEG_AND_TRUNK * (leg + apart("l_hip", "l_shoulder"))


def _fitted(
    points: dict[str, Array], name: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """q (T, 47) and lengths (13,) of the body that lies best on the landmarks (T, 3) at 30 Hz."""
    names = tuple(points)
    stacked = np.stack([points[n] for n in names], axis=1).astype(np.float32)
    clip = SourceClip(name, name, "", stacked, True, "val", "markers")
    subject = SourceSubject(name, names, _stature_m(points), [clip])
    start, columns = start_subject(subject)
    tensors = {n: torch.from_numpy(stacked[:, i]) for i, n in enumerate(names)}
    hips = 0.5 * (tensors["l_hip"] + tensors["r_hip"])
    up = 0.5 * (tensors["l_shoulder"] + tensors["r_shoulder"]) - hips
    q0, other = initial_q(tensors, up, up, [len(stacked)])
    seen = torch.from_numpy(stacked)[:, columns]
    body, result = fit_subject(q0, other, seen, start, [len(stacked)])
    return continuous_shoulders(result.q).double(), body.lengths_m.double()


def _coco(
    q: torch.Tensor, lengths: torch.Tensor, joints: dict[str, Array]
) -> Array:
    """(T, 17, 3) joints as measured; the face, which no torque depends on, as the body has it."""
    body = keypoints_coco(forward_kinematics(q, lengths), lengths).numpy()
    for i, name in enumerate(COCO17):
        side, _, joint = name.partition("_")
        if joint in JOINTS:
            body[:, i] = joints[f"{side[0]}_{joint}"]
    return body


def read_motion(path: Path) -> MeasuredMotion:
    """Motion of the body at 30 Hz from a marker file. Raises InputError with one sentence."""
    markers = read_markers(path)
    landmarks = _upright(landmarks_of(markers, path.name))
    seconds = len(markers.places_m) / markers.rate_hz
    if not SHORTEST_S <= seconds <= MAX_MOTION_S:
        raise InputError(
            f"{path.name} lasts {seconds:.1f} s; {SHORTEST_S:g} to {MAX_MOTION_S:g} s are allowed."
        )
    points = {
        n: resample_30hz(p, markers.rate_hz).astype(float)
        for n, p in landmarks.items()
    }
    unknown = [name for name in NEEDED if not np.isfinite(points[name]).any()]
    if unknown:
        raise InputError(
            f"{path.name} shows {unknown[0]} in less than half of its frames."
        )
    q, lengths = _fitted(points, path.stem)
    floor_m = floor_height(
        sole_points(forward_kinematics(q, lengths), lengths).numpy()
    )
    q[:, 1] -= floor_m
    joints = {name: points[name] - [0.0, floor_m, 0.0] for name in NEEDED}
    for name, places in joints.items():
        places[~_seen_at_30hz(landmarks[name], markers.rate_hz, len(q))] = (
            np.nan
        )
    contact = foot_contact(q, lengths).astype(float)
    return MeasuredMotion(
        q.numpy(), lengths.numpy(), contact, _coco(q, lengths, joints)
    )
