"""A recording -> clean 30 Hz clips of joint positions -> one subject's npz and its rows of index.csv.

Glitches are cut out (a body joint above 30 m/s, or a change of velocity above 7 m/s between frames, 0.15 s to either
side); clips of at least 1 s remain. Local rotations and the root track are low-passed (zero-lag Butterworth, -6 dB at
12 Hz) and sampled at 30 Hz, then the joints are posed: bone lengths stay exact. Positions are int16 mm, Y up.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.fitting.fit_sources import FPS, resample_30hz
from musclepose.fitting.import_asf import CMU_BONES
from musclepose.fitting.import_bvh import CGSPEED_JOINTS
from musclepose.fitting.import_skeleton import (
    Recording,
    parents_of,
    pick_joints,
    rest_positions,
    world_positions,
)
from musclepose.records import Array

FPS_RANGE = (25.0, 1000.0)  # 12 Hz must lie below half the rate
SHORTEST_S = 1.0
MAX_SPEED_M_S, MAX_STEP_M_S, GLITCH_MARGIN_S = 30.0, 7.0, 0.15
HEIGHT_RANGE_M = (
    0.8,
    2.3,
)  # of the topmost joint, which is at eye level in CMU's skeletons
ANKLE_HEIGHT_SHARE = (
    0.35  # ankle height / ankle to ball, as CMU's skeletons stand
)
LOOSE = (
    "toetip",
    "knuckles",
    "fingers",
    "thumb",
)  # noisy in the source: they make no glitch
FEET = ("ankle", "toebase", "toetip")
COLUMNS = (
    "subject", "trial", "frames", "seconds", "description", "subject_description", "split", "flat_floor", "source",
    "source_fps", "source_first", "source_last", "source_frames", "body_height_m", "floor_mm", "lowest_foot_mm",
    "mean_root_speed",
)  # fmt: skip
Z_UP = np.array(
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]
)  # (x, y, z) -> (x, z, -y)


@dataclass(frozen=True)
class Labels:
    """What the files do not say."""

    description: str = "Unknown"
    split: str = "train"
    flat_floor: bool = True
    z_up: bool = False
    names: dict[str, str] | None = (
        None  # our joint -> the file's, in place of the CMU names
    )


@dataclass(frozen=True)
class ImportedClip:
    """One clip at 30 Hz: joints (T, K, 3) in m, Y up, and the frames of the source trial that it is."""

    name: str
    joint_names: tuple[str, ...]
    joints_m: Array
    recording: Recording
    first: int
    last: int


def _turned(joints: Array, z_up: bool) -> Array:
    return joints @ Z_UP.T if z_up else joints


def _check_stature(
    recording: Recording, kept: dict[str, int], labels: Labels, file: str
) -> None:
    """Refuse another unit or another up axis, both of which the rest pose shows."""
    rest = _turned(rest_positions(recording.skeleton), labels.z_up)
    height = body_height_m(
        {j: rest[n] * recording.unit_m for j, n in kept.items()}
    )
    if not HEIGHT_RANGE_M[0] <= height <= HEIGHT_RANGE_M[1]:
        raise InputError(
            f"{file}: the figure is {height:.2f} m tall at {recording.unit_m:g} m per unit; {HEIGHT_RANGE_M[0]} to "
            f"{HEIGHT_RANGE_M[1]} m are allowed: give --unit_m (0.01 for centimetres)."
        )
    up = rest[kept["neck_base"]] - rest[kept["root"]]
    if up[1] < 0.7 * np.linalg.norm(up):
        raise InputError(
            f"{file}: the trunk of the rest pose does not point along +Y; give --up z if Z is up."
        )


def body_height_m(joint: dict[str, Array]) -> float:
    """Bones from the sole to the topmost joint laid end to end, mean of both sides, m."""

    def length(*chain: str) -> float:
        have = [joint[n] for n in chain if n in joint]
        return float(
            sum(
                np.linalg.norm(a - b)
                for a, b in zip(have, have[1:], strict=False)
            )
        )

    legs = [
        length("root", *(f"{s}_{j}" for j in ("hip", "knee", "ankle")))
        for s in "lr"
    ]
    feet = [length(f"{s}_ankle", f"{s}_toebase") for s in "lr"]
    spine = length(
        "root",
        "spine1",
        "spine2",
        "neck_base",
        "neck_mid",
        "head_base",
        "head_end",
    )
    return spine + sum(legs) / 2 + ANKLE_HEIGHT_SHARE * sum(feet) / 2


def clean_spans(joints_m: Array, fps: float) -> list[tuple[int, int]]:
    """First and last frame of the parts without glitches that last at least SHORTEST_S."""
    velocity = np.diff(joints_m, axis=0) * fps
    bad = np.zeros(len(joints_m), dtype=bool)
    fast = (np.linalg.norm(velocity, axis=-1) > MAX_SPEED_M_S).any(1)
    jump = (
        np.linalg.norm(np.diff(velocity, axis=0), axis=-1) > MAX_STEP_M_S
    ).any(1)
    bad[:-1] |= fast
    bad[1:] |= fast
    bad[1:-1] |= jump
    margin = int(np.ceil(GLITCH_MARGIN_S * fps))
    bad = (
        np.convolve(bad, np.ones(2 * margin + 1), mode="same") > 0.5
        if bad.any()
        else bad
    )
    edges = np.flatnonzero(np.diff(np.concatenate(([1], bad.astype(int), [1]))))
    spans = zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)
    return [(a, b) for a, b in spans if b - a + 1 >= SHORTEST_S * fps]


def nearest_rotations(matrices: Array) -> Array:
    """(..., 3, 3) orthogonal matrices nearest to low-passed ones (chordal mean)."""
    u, _, vt = np.linalg.svd(matrices)
    flip = np.ones((*matrices.shape[:-2], 3))
    flip[..., 2] = np.sign(np.linalg.det(u @ vt))
    return np.asarray((u * flip[..., None, :]) @ vt)


def at_30hz(recording: Recording, first: int, last: int) -> Array:
    """(T, N, 3) node positions in file units at 30 Hz."""
    part = slice(first, last + 1)
    R = nearest_rotations(
        resample_30hz(recording.R_parent_node[part], recording.fps).astype(
            np.float64
        )
    )
    return world_positions(
        recording.skeleton,
        R,
        resample_30hz(recording.root[part], recording.fps).astype(np.float64),
    )


def clips_of(
    recording: Recording, name: str, labels: Labels
) -> list[ImportedClip]:
    """All clips of one trial; the second and later ones are called <name>-2, -3 ..."""
    if not FPS_RANGE[0] <= recording.fps <= FPS_RANGE[1]:
        raise InputError(
            f"{name} has {recording.fps:g} frames/s; {FPS_RANGE[0]:g} to {FPS_RANGE[1]:g} are allowed: give --fps."
        )
    table = labels.names or (
        CMU_BONES if recording.source == "asf+amc" else CGSPEED_JOINTS
    )
    kept = pick_joints(recording.skeleton.names, table, name)
    _check_stature(recording, kept, labels, name)
    columns, joint_names = list(kept.values()), tuple(kept)
    body = [i for i, j in enumerate(joint_names) if not j.endswith(LOOSE)]
    raw = (
        world_positions(
            recording.skeleton, recording.R_parent_node, recording.root
        )[:, columns]
        * recording.unit_m
    )
    out = []
    for k, (first, last) in enumerate(
        clean_spans(raw[:, body], recording.fps), 1
    ):
        joints = _turned(
            at_30hz(recording, first, last)[:, columns] * recording.unit_m,
            labels.z_up,
        )
        out.append(
            ImportedClip(
                name if k == 1 else f"{name}-{k}",
                joint_names,
                joints,
                recording,
                first,
                last,
            )
        )
    return out


def millimetres(clip: ImportedClip) -> NDArray[np.int16]:
    """(T, K, 3) int16 mm."""
    mm = np.round(1000.0 * clip.joints_m)
    if np.abs(mm).max() > np.iinfo(np.int16).max:
        raise InputError(
            f"{clip.name} goes {np.abs(mm).max() / 1000:.0f} m from its origin; 32 m are allowed."
        )
    return mm.astype(np.int16)


def index_row(
    clip: ImportedClip, subject: str, labels: Labels
) -> dict[str, str]:
    """The clip's row of index.csv."""
    joints, r = clip.joints_m, clip.recording
    column = {n: i for i, n in enumerate(clip.joint_names)}
    feet = joints[:, [i for n, i in column.items() if n.endswith(FEET)], 1].min(
        1
    )
    speed = (
        np.linalg.norm(
            np.diff(joints[:, column["root"]], axis=0), axis=-1
        ).mean()
        * FPS
    )
    values = (
        subject,
        clip.name,
        len(joints),
        f"{len(joints) / FPS:.2f}",
        labels.description,
        "",
        labels.split,
        int(labels.flat_floor),
        r.source,
        f"{r.fps:g}",
        clip.first,
        clip.last,
        len(r.root),
        f"{body_height_m({n: joints[0, i] for n, i in column.items()}):.3f}",
        f"{1000 * np.percentile(feet, 10):.0f}",
        f"{1000 * feet.min():.0f}",
        f"{speed:.2f}",
    )
    return dict(zip(COLUMNS, map(str, values), strict=True))


def save_subject(
    out: Path, clips: Sequence[ImportedClip], labels: Labels
) -> None:
    """The subject's npz and its rows of index.csv; rows of other subjects stay."""
    names = {c.joint_names for c in clips}
    if len(names) != 1:
        raise InputError(
            "The files of one subject show different joints; import them into different --out files."
        )
    joints = next(iter(names))
    out.parent.mkdir(parents=True, exist_ok=True)
    others = _other_rows(out.parent / "index.csv", out.stem)
    temporary = out.with_suffix(".tmp.npz")
    about: dict[str, Any] = {
        "joint_names": np.array(joints),
        "parents": np.array(parents_of(joints)),
        "fps": np.array(FPS),
    }
    arrays: dict[str, Any] = {c.name: millimetres(c) for c in clips}
    if len(arrays) != len(clips) or arrays.keys() & (about.keys() | {"file"}):
        raise InputError(
            "Two files have the same name, or one is called joint_names, parents, fps or file: rename it."
        )
    np.savez_compressed(temporary, **arrays, **about)
    temporary.replace(out)
    with (out.parent / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(
            others + [index_row(c, out.stem, labels) for c in clips]
        )


def _other_rows(index: Path, subject: str) -> list[dict[str, str]]:
    if not index.exists():
        return []
    with index.open(newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(
                f"{index.name} beside --out has other columns than this set; choose another folder."
            )
        return [row for row in reader if row["subject"] != subject]
