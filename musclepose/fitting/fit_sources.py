"""Measured motion as landmark tracks at 30 Hz: readers of the motion-capture and the force-plate folders."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.physics.filters import low_pass
from musclepose.utils.rot import matrix_from_zxy

FPS = 30.0
ANTI_ALIAS_HZ = 9.7  # half power before sampling at 30 Hz: -6 dB at 12 Hz, as in the capture files themselves
CMU_STATURE_PER_HEAD_END = (
    1.06  # the capture's topmost joint is at eye level; README of the data
)
_COCO_FROM = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


@dataclass(frozen=True)
class SourceClip:
    """One measured clip at 30 Hz: landmark tracks (T, M, 3) in m, NaN where missing, Y up, and what else is known."""

    name: str
    subject: str
    activity: str
    points: NDArray[np.float32]
    flat_floor: bool
    split: str
    source: str
    mass_kg: float = float("nan")
    grf_world_n: NDArray[np.float32] | None = None  # (T, 2, 3) left, right
    cop_world_m: NDArray[np.float32] | None = None  # (T, 2, 3)
    treadmill: bool = False


@dataclass(frozen=True)
class SourceSubject:
    """All clips of one subject with the landmark names of their columns and a stature to start from."""

    name: str
    landmark_names: tuple[str, ...]
    stature_m: float
    clips: list[SourceClip] = field(default_factory=list)


def read_cmu(folder: Path) -> list[SourceSubject]:
    """CMU clips by subject (already 30 Hz); the floor correction of the index is applied on flat floors."""
    rows = list(csv.DictReader((folder / "index.csv").open()))
    subjects = []
    for name in sorted({r["subject"] for r in rows}):
        own = [r for r in rows if r["subject"] == name]
        archive = np.load(folder / f"{name}.npz")
        clips = []
        for r in own:
            points = archive[r["trial"]].astype(np.float32) / 1000.0
            flat = r["flat_floor"] == "1"
            if flat:
                # index floor = toe joints, which sit about 16 mm above the sole
                points[..., 1] -= float(r["floor_mm"]) / 1000.0 - 0.016
            clips.append(
                SourceClip(
                    r["trial"],
                    f"cmu_{name}",
                    r["description"],
                    points,
                    flat,
                    r["split"],
                    r["source"],
                )
            )
        stature = CMU_STATURE_PER_HEAD_END * float(own[0]["body_height_m"])
        subjects.append(
            SourceSubject(
                f"cmu_{name}",
                tuple(str(n) for n in archive["joint_names"]),
                stature,
                clips,
            )
        )
    return subjects


def resample_30hz(x: NDArray[np.float64], fps: float) -> NDArray[np.float32]:
    """(T, ...) low-passed and sampled at 30 Hz; columns of which half or more is NaN become NaN."""
    flat = x.reshape(len(x), -1).copy()
    t = np.arange(len(x)) / fps
    new_t = np.arange(int(np.floor(t[-1] * FPS)) + 1) / FPS
    out = np.full((len(new_t), flat.shape[1]), np.nan, np.float32)
    for k in range(flat.shape[1]):
        good = np.isfinite(flat[:, k])
        if good.mean() < 0.5:
            continue
        filled = np.interp(t, t[good], flat[good, k])[:, None]
        out[:, k] = np.interp(
            new_t, t, low_pass(filled, 1.0 / fps, ANTI_ALIAS_HZ)[:, 0]
        )
    return out.reshape(len(new_t), *x.shape[1:])


def pelvis_rotation(
    angles: Mapping[str, NDArray[np.float64]],
) -> NDArray[np.float64]:
    """(T, 3, 3) R_world_pelvis from the file's OpenSim tilt, list, rotation (degrees): the same ZXY order as ours."""
    z, x, y = (
        torch.tensor(np.radians(angles[f"pelvis_{k}"]))
        for k in ("tilt", "list", "rotation")
    )
    return np.asarray(matrix_from_zxy(z, x, y).numpy(), dtype=np.float64)


def _joints_of_trial(
    z: Mapping[str, NDArray[Any]], stature_m: float
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """(T, n, 3) joint centres in m, with two virtual points on the pelvis, and their names."""
    names = [str(n) for n in z["joint_names"]]
    joints = z["joint_positions"].astype(np.float64)
    angles = {
        str(n): z["joint_angles"][:, i].astype(np.float64)
        for i, n in enumerate(z["joint_angle_names"])
    }
    R, origin = pelvis_rotation(angles), joints[:, names.index("pelvis")]
    reach = 1.5 * 0.055 * stature_m  # the two virtual points of _FORCE_PLATE
    front_up = np.stack(
        (origin + R[:, :, 0] * reach, origin + R[:, :, 1] * reach), 1
    )
    short = {
        f"{a}_{j}": f"{a[0]}_{j}" for a in ("left", "right") for j in _COCO_FROM
    }
    columns = tuple(short.get(n, n) for n in names) + (
        "pelvis_front",
        "pelvis_up",
    )
    return np.concatenate((joints, front_up), 1), columns


def _force_plate_clip(
    path: Path, split: str
) -> tuple[SourceClip, tuple[str, ...], float]:
    z = np.load(path)
    meta = json.loads(str(z["meta"]))
    fps = float(z["fps"])
    stature = float(meta.get("height_from_model_m") or z["height_m"])
    joints, columns = _joints_of_trial(z, stature)
    has_grf = bool(np.isfinite(z["grf_left"]).any())
    grf = np.stack((z["grf_left"], z["grf_right"]), 1).astype(np.float64)
    cop = np.stack((z["cop_left"], z["cop_right"]), 1).astype(np.float64)
    clip = SourceClip(
        path.stem,
        str(z["subject"]),
        str(z["activity"]),
        resample_30hz(joints, fps),
        True,
        split,
        "force_plate",
        float(z["mass_kg"]),
        resample_30hz(grf, fps) if has_grf else None,
        resample_cop(cop, grf, fps) if has_grf else None,
        bool(meta.get("treadmill", False)),
    )
    return clip, columns, stature


def resample_cop(
    cop: NDArray[np.float64], grf: NDArray[np.float64], fps: float
) -> NDArray[np.float32]:
    """Centre of pressure at 30 Hz: low-passed `cop * f_y` over low-passed `f_y`; NaN below 30 N."""
    force = np.where(np.isfinite(grf[..., 1:2]), grf[..., 1:2], 0.0)
    moment = resample_30hz(
        np.where(np.isfinite(cop), cop, 0.0)
        * force
        * np.isfinite(cop[..., :1]),
        fps,
    )
    carried = resample_30hz(force * np.isfinite(cop[..., :1]), fps)
    return np.where(
        carried > 30.0, moment / np.maximum(carried, 1.0), np.nan
    ).astype(np.float32)


FORCE_PLATE_TRAIN = (
    "labx_62kg",
    "rajagopal_walker",
    "bmclab_runner",
    "opensim_gait2354_subject01",
)


def read_force_plate(folder: Path) -> list[SourceSubject]:
    """Force-plate trials by subject at 30 Hz; opencap_* subjects are validation."""
    by_subject: dict[str, SourceSubject] = {}
    for row in json.loads((folder / "index.json").read_text()):
        split = "train" if row["subject"] in FORCE_PLATE_TRAIN else "val"
        clip, columns, stature = _force_plate_clip(folder / row["file"], split)
        known = by_subject.setdefault(
            clip.subject, SourceSubject(clip.subject, columns, stature, [])
        )
        known.clips.append(clip)
    return list(by_subject.values())
