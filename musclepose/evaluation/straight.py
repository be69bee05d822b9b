"""`python -m musclepose.evaluate straight`: are limbs that the picture shows straight and flat estimated straight?

No labels are needed: where elbow or knee lies on the line between its neighbours and both segments are as long in the
picture as they ever get in the clip, the limb is straight and in the picture's plane. The joint angle of the estimate
there, less the bend of the picture, is error.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from musclepose.errors import InputError, MusclePoseError
from musclepose.evaluation.gym import CACHE
from musclepose.evaluation.gym_tracks import cached_analysis, read_track
from musclepose.physics.skeleton47 import COCO17, DOF_INDEX
from musclepose.records import Analysis, Array

LIMBS = {
    "arm": ("shoulder", "elbow", "wrist", "elbow_flexion"),
    "leg": ("hip", "knee", "ankle", "knee_flexion"),
}
SEEN = 0.5  # least confidence of the three points
STRAIGHT_DEG = 8.0
FLAT = 0.95  # of the longest that a segment gets in the clip (99 % quantile)
FEWEST = 8  # frames at 30 Hz
FRONT = 0.5  # shoulder width over trunk length in the picture, from here on a view from the front or back


class Limb(NamedTuple):
    """One limb of one clip, where the picture shows it straight and flat; medians over those frames."""

    clip: str
    kind: str  # arm or leg
    front: bool
    estimate_deg: float
    picture_deg: float

    @property
    def error_deg(self) -> float:
        return self.estimate_deg - self.picture_deg


def straight_and_flat(
    points_px: Array, confidence: Array
) -> tuple[NDArray[np.bool_], NDArray[np.floating]]:
    """Frames (T,) in which three points (T, 3, 2) lie in a line as long as it ever is, and the bend there, deg."""
    upper, lower = (
        points_px[:, 1] - points_px[:, 0],
        points_px[:, 2] - points_px[:, 1],
    )
    seen = np.asarray(
        np.isfinite(points_px).all((1, 2)) & (confidence >= SEEN).all(1)
    )
    if seen.sum() < FEWEST:
        return np.zeros_like(seen), np.full(len(seen), np.nan)
    cross = upper[:, 0] * lower[:, 1] - upper[:, 1] * lower[:, 0]
    bend = np.degrees(np.arctan2(np.abs(cross), (upper * lower).sum(1)))
    flat = seen.copy()
    for segment in (upper, lower):
        length = np.hypot(*segment.T)
        flat &= length >= FLAT * np.quantile(length[seen], 0.99)
    return flat & (bend <= STRAIGHT_DEG), bend


def limbs_of(analysis: Analysis, clip: str) -> Iterator[Limb]:
    """Every limb that is straight and flat for FEWEST frames or more."""
    track = analysis.track
    at = {name: i for i, name in enumerate(COCO17)}
    shoulders, hips = (
        [at[f"{s}_{n}"] for s in ("left", "right")] for n in ("shoulder", "hip")
    )
    px, sure = track.keypoints_px, track.confidence
    width = np.hypot(*(px[:, shoulders[1]] - px[:, shoulders[0]]).T)
    trunk = np.hypot(*(px[:, shoulders].mean(1) - px[:, hips].mean(1)).T)
    for kind, (*names, dof) in LIMBS.items():
        for side in ("left", "right"):
            three = [at[f"{side}_{n}"] for n in names]
            chosen, bend = straight_and_flat(px[:, three], sure[:, three])
            if chosen.sum() < FEWEST:
                continue
            angle = np.interp(
                track.time_s[chosen],
                analysis.time_s,
                np.degrees(analysis.q[:, DOF_INDEX[f"{dof}_{side[0]}"]]),
            )
            front = float(np.nanmedian((width / trunk)[chosen])) >= FRONT
            yield Limb(
                clip,
                kind,
                front,
                float(np.median(angle)),
                float(np.median(bend[chosen])),
            )


def figures(limbs: list[Limb]) -> dict[str, dict[str, float]]:
    """Error by kind of limb and view: how many, mean, median, and how many within 8 degrees."""
    groups: dict[str, list[float]] = {}
    for limb in limbs:
        view = "from the front" if limb.front else "from the side"
        groups.setdefault(f"{limb.kind}s {view}", []).append(limb.error_deg)
    return {
        name: {
            "limbs": float(len(errors)),
            "mean_error_deg": float(np.mean(errors)),
            "median_error_deg": float(np.median(errors)),
            "within_8_deg_percent": 100.0
            * float(np.mean(np.abs(errors) <= 8.0)),
        }
        for name, errors in sorted(groups.items())
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder of tracks, NAME.npz each",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        help="where analyses are kept, as of gym",
    )
    parser.add_argument("--json", type=Path, help="write the figures there too")


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, write."""
    paths = [
        p
        for p in sorted(args.data.glob("*.npz"))
        if not p.stem.endswith(".boxes")
    ]
    if not paths:
        raise InputError(f"{args.data} holds no tracks (NAME.npz).")
    limbs: list[Limb] = []
    for path in paths:
        try:
            limbs += limbs_of(
                cached_analysis(read_track(path), args.cache), path.stem
            )
        except MusclePoseError as error:
            print(f"{path.stem} left out: {error}")
    result = figures(limbs)
    for name, row in result.items():
        print(
            f"{name}: "
            + ", ".join(f"{key} {value:.1f}" for key, value in row.items())
        )
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0
