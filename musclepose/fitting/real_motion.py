"""Measured motion on the 47-DoF body: fitted once per source file, cached, loaded by split.

    python -m musclepose.fitting.real_motion --data_dir ../shared/data

Contact is measured where there is force (more than 30 N); elsewhere a foot touches where the lowest point of its sole
is less than CONTACT_HEIGHT_M above the floor and moves slower than CONTACT_SPEED_M_S.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.fitting.fit import FIT_VERSION, fit_subject
from musclepose.fitting.fit_init import initial_q
from musclepose.fitting.fit_landmarks import start_subject, up_directions
from musclepose.fitting.fit_model import Subject
from musclepose.fitting.fit_sources import (
    FPS,
    SourceClip,
    SourceSubject,
    read_cmu,
    read_force_plate,
)
from musclepose.fitting.gait_calibration import (
    PELVIS_LANDMARK,
    pelvis_turn_deg,
    with_straight_legs,
    with_turned_pelvis,
)
from musclepose.physics.anthropometrics import standing_height
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import COCO17, DOF_INDEX

log = logging.getLogger(__name__)

CACHE_DIR = Path(".cache/motion")
CONTACT_HEIGHT_M = 0.05
CONTACT_SPEED_M_S = 0.55
CONTACT_FORCE_N = 30.0
LEG_ANGLES = ("knee_flexion", "ankle_dorsiflexion", "hip_flexion")
BRANCH_STEP_RAD = 1.2  # a larger step between frames is another name of the same rotation, not movement


@dataclass(frozen=True)
class MotionClip:
    """A motion of the 47-DoF body at 30 Hz with what is known about it. World axes Y up; feet order left, right."""

    name: str
    subject: str
    activity: str
    q: NDArray[np.float32]  # (T, 47) rad, first three m
    lengths_m: NDArray[np.float32]  # (13,)
    stature_m: float
    mass_kg: float  # NaN where unknown
    contact: NDArray[np.float32]  # (T, 2) 0 or 1, NaN where unknown
    flat_floor: bool
    split: str
    source: str
    residual_mm: float  # RMS landmark distance of the fit, mean over the clip; 0 for generated motion
    source_joints: NDArray[np.float32] | None = (
        None  # (T, 17, 3) measured joint centres in COCO order, NaN elsewhere
    )
    grf_world_n: NDArray[np.float32] | None = None  # (T, 2, 3)
    cop_world_m: NDArray[np.float32] | None = None  # (T, 2, 3)
    fps: float = FPS

    @property
    def continuous(self) -> NDArray[np.bool_]:
        """(T,) false beside a jump between two Euler triples of one rotation: mask velocities of q there."""
        step = np.abs(np.diff(self.q[:, 3:], axis=0)).max(1) > BRANCH_STEP_RAD
        out = np.ones(len(self.q), dtype=bool)
        out[1:] &= ~step
        out[:-1] &= ~step
        return out


def foot_contact(
    q: torch.Tensor, lengths_m: torch.Tensor
) -> NDArray[np.float32]:
    """(T, 2) contact from the height and speed of the lowest sole point over the floor y = 0."""
    sole = sole_points(forward_kinematics(q, lengths_m), lengths_m)
    velocity = (
        torch.gradient(sole, dim=0)[0] * FPS
        if len(q) > 1
        else torch.zeros_like(sole)
    )
    height, lowest = sole[..., 1].min(-1)
    speed = velocity.norm(dim=-1).gather(-1, lowest[..., None])[..., 0]
    return (
        ((height < CONTACT_HEIGHT_M) & (speed < CONTACT_SPEED_M_S))
        .float()
        .numpy()
    )


def known_contact(clip: MotionClip) -> NDArray[np.float32]:
    """True contact (T, 2); NaN where a plate says nothing: a foot without load that stands still may be on a box or on
    floor without a plate."""
    contact = np.asarray(clip.contact, np.float32)
    if clip.grf_world_n is None or len(clip.q) < 2:
        return contact
    q, lengths = (
        torch.from_numpy(clip.q).float(),
        torch.from_numpy(clip.lengths_m).float(),
    )
    sole = sole_points(forward_kinematics(q, lengths), lengths)
    slowest = (
        (torch.gradient(sole, dim=0)[0] * FPS).norm(dim=-1).amin(-1).numpy()
    )
    return np.where(
        (contact == 0.0) & (slowest < CONTACT_SPEED_M_S), np.nan, contact
    ).astype(np.float32)


def _to_floor(q: torch.Tensor, lengths_m: torch.Tensor) -> float:
    """Height of the floor under a clip: the 10 % quantile of the lowest sole point."""
    sole = sole_points(forward_kinematics(q, lengths_m), lengths_m)
    return float(sole[..., 1].amin((1, 2)).quantile(0.1))


def _source_joints(
    clip: SourceClip, names: tuple[str, ...], floor_m: float
) -> NDArray[np.float32]:
    out = np.full((len(clip.points), 17, 3), np.nan, np.float32)
    for k, coco in enumerate(COCO17):
        side, _, joint = coco.partition("_")
        short = f"{side[0]}_{joint}"
        if (
            joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
            and short in names
        ):
            out[:, k] = clip.points[:, names.index(short)]
    out[..., 1] -= floor_m
    return out


def _finish(
    clip: SourceClip,
    q: torch.Tensor,
    residual: float,
    body: Subject,
    names: tuple[str, ...],
) -> MotionClip:
    floor = (
        _to_floor(q, body.lengths_m)
        if clip.flat_floor and clip.source != "force_plate"
        else 0.0
    )
    q = torch.cat((q[:, :1], q[:, 1:2] - floor, q[:, 2:]), 1)
    contact = foot_contact(q, body.lengths_m)
    if clip.grf_world_n is not None:
        vertical = clip.grf_world_n[..., 1]
        contact = np.where(
            np.isfinite(vertical), vertical > CONTACT_FORCE_N, contact
        ).astype(np.float32)
    elif not clip.flat_floor:
        contact = np.full_like(contact, np.nan)
    return MotionClip(
        clip.name,
        clip.subject,
        clip.activity,
        q.numpy(),
        body.lengths_m.numpy(),
        float(standing_height(body.lengths_m)),
        clip.mass_kg,
        contact,
        clip.flat_floor,
        clip.split,
        clip.source,
        residual,
        _source_joints(clip, names, floor),
        clip.grf_world_n,
        clip.cop_world_m,
    )


def fit_source(source: SourceSubject) -> list[MotionClip]:
    """All clips of one subject, fitted with one body; knees and pelvis of a captured skeleton calibrated first."""
    captured = PELVIS_LANDMARK in source.landmark_names
    source = with_straight_legs(source) if captured else source
    start, columns = start_subject(source)
    points = torch.from_numpy(
        np.concatenate([c.points[:, columns] for c in source.clips])
    )
    frames = [len(c.points) for c in source.clips]
    joints = dict(zip(start.landmarks.names, points.unbind(1), strict=True))
    q0, alternative = initial_q(joints, *up_directions(source), frames)
    body, fitted = fit_subject(q0, alternative, points, start, frames)
    turn_deg = (
        pelvis_turn_deg(fitted.q, body.lengths_m)
        if PELVIS_LANDMARK in start.landmarks.names
        else 0.0
    )
    if turn_deg:
        turned = replace(
            start, landmarks=with_turned_pelvis(start.landmarks, turn_deg)
        )
        body, fitted = fit_subject(
            fitted.q, alternative, points, turned, frames
        )
    pieces = zip(
        source.clips,
        fitted.q.split(frames),
        fitted.residual_mm.split(frames),
        strict=True,
    )
    return [
        _finish(clip, q, float(residual.mean()), body, source.landmark_names)
        for clip, q, residual in pieces
    ]


def save_clips(path: Path, clips: list[MotionClip]) -> None:
    """One npz: fields as `<i>/<field>`."""
    arrays = {
        f"{i}/{k}": v
        for i, c in enumerate(clips)
        for k, v in vars(c).items()
        if v is not None
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, count=len(clips), **arrays)
    temporary.replace(path)


def load_clips(path: Path) -> list[MotionClip]:
    """Inverse of `save_clips`."""
    with np.load(path) as z:
        rows: list[dict] = [{} for _ in range(int(z["count"]))]
        for key in z.files:
            if "/" in key:
                i, field = key.split("/")
                value = z[key]
                rows[int(i)][field] = value if value.ndim else value.item()
    return [MotionClip(**row) for row in rows]


def _cache_key(folder: Path, name: str) -> str:
    """Hash of the source files' names, sizes and the fit version: enough to notice another data set or another fit."""
    files = sorted(
        p for p in folder.iterdir() if p.suffix in (".npz", ".csv", ".json")
    )
    text = f"{FIT_VERSION}|{name}|" + "|".join(
        f"{p.name}:{p.stat().st_size}" for p in files
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


READERS = {"force_plate": read_force_plate, "cmu_mocap": read_cmu}  # by folder


def build(
    data_dir: Path,
    cache_dir: Path = CACHE_DIR,
    sources: Sequence[str] = tuple(READERS),
) -> list[MotionClip]:
    """Every fitted clip of those folders under `data_dir`, from the cache if there."""
    clips: list[MotionClip] = []
    for name, read in READERS.items():
        folder = data_dir / name
        if name not in sources or not folder.is_dir():
            continue
        key = _cache_key(folder, folder.name)
        path = cache_dir / f"{folder.name}-{key}.npz"
        if path.exists():
            clips += load_clips(path)
            continue
        fitted: list[MotionClip] = []
        for source in read(folder):
            own = fit_source(source)
            fitted += own
            mean = np.mean([c.residual_mm for c in own])
            frames = sum(len(c.q) for c in own)
            log.info(
                "%s: %d clips, %d frames, residual %.1f mm",
                source.name,
                len(own),
                frames,
                mean,
            )
        save_clips(path, fitted)
        clips += fitted
    if not clips:
        raise InputError(
            f"{data_dir} holds neither cmu_mocap/ nor force_plate/; point --data_dir at one that does."
        )
    return clips


def load_real_motion(
    data_dir: Path | str, split: str, cache_dir: Path = CACHE_DIR
) -> list[MotionClip]:
    """Fitted clips of `split` ("train" or "val"); no subject is in both."""
    clips = [c for c in build(Path(data_dir), cache_dir) if c.split == split]
    if not clips:
        raise InputError(f"split is {split!r}; it must be train or val.")
    return clips


def straightest_deg(clips: list[MotionClip]) -> dict[str, float]:
    """5 % quantile of knee flexion, medians of ankle dorsiflexion and hip flexion over all frames and sides, deg."""
    q = np.degrees(np.concatenate([c.q for c in clips]))
    sides = {
        n: q[:, [DOF_INDEX[f"{n}_l"], DOF_INDEX[f"{n}_r"]]] for n in LEG_ANGLES
    }
    return {
        n: float(np.percentile(x, 5 if n == "knee_flexion" else 50))
        for n, x in sides.items()
    }


def main() -> None:
    """Build the cache and print one line per split, with --angles one per subject too."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data_dir", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache_dir", type=Path, default=CACHE_DIR)
    parser.add_argument(
        "--angles",
        action="store_true",
        help="per subject: how straight the legs get",
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    clips = build(args.data_dir, args.cache_dir)
    for split in ("train", "val"):
        own = [c for c in clips if c.split == split]
        minutes = sum(len(c.q) for c in own) / FPS / 60.0
        residual = np.array([c.residual_mm for c in own])
        figures = f"residual mean {residual.mean():.2f} mm, worst {residual.max():.2f} mm"
        print(f"{split}: {len(own)} clips, {minutes:.1f} min, {figures}")
    for subject in sorted({c.subject for c in clips}) if args.angles else ():
        found = straightest_deg([c for c in clips if c.subject == subject])
        print(
            f"{subject}: " + ", ".join(f"{n} {v:.1f}" for n, v in found.items())
        )


if __name__ == "__main__":
    main()
