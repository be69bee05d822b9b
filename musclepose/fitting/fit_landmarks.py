"""Where the landmarks of each source sit on the 47-DoF body, and the body that a fit starts from.

Sigmas are model error, not marker noise: how well a rigid 18-segment body can follow that landmark.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.fit_model import LandmarkModel, Subject
from musclepose.fitting.fit_sources import FPS, SourceSubject
from musclepose.physics.anthropometrics import segment_lengths
from musclepose.physics.skeleton47 import LENGTHS, SEGMENTS

Lm = tuple[str, dict[str, tuple[float, float, float]], float, float]

# landmark: (segment, {length: coefficients}, sigma m, offset sigma m)
_EXACT: dict[str, Lm] = {}
for _s in ("l", "r"):
    for _joint, _segment in (
        ("shoulder", "upper_arm"),
        ("elbow", "forearm"),
        ("wrist", "hand"),
        ("hip", "thigh"),
        ("knee", "shank"),
        ("ankle", "foot"),
    ):
        _EXACT[f"{_s}_{_joint}"] = (
            f"{_segment}_{_s}",
            {},
            0.008 if _joint == "shoulder" else 0.005,
            0.003,
        )
_CMU: dict[str, Lm] = {
    "root": ("pelvis", {"pelvis": (-0.36, 1.0, 0.0)}, 0.010, 0.012),
    "spine1": ("thorax", {}, 0.015, 0.02),
    "spine2": ("thorax", {"thorax": (0.03, 0.32, 0.0)}, 0.015, 0.02),
    "neck_base": ("thorax", {"thorax": (0.05, 0.63, 0.0)}, 0.015, 0.02),
    "head_base": ("head", {"head": (0.0, 0.22, 0.0)}, 0.02, 0.02),
    "head_end": ("head", {"head": (0.04, 0.57, 0.0)}, 0.02, 0.02),
}
_FORCE_PLATE: dict[str, Lm] = {
    "pelvis_front": ("pelvis", {"pelvis": (1.5, 0.0, 0.0)}, 0.006, 0.002),
    "pelvis_up": ("pelvis", {"pelvis": (0.0, 1.5, 0.0)}, 0.006, 0.002),
    "nose": (
        "thorax",
        {"thorax": (0.0, 1.0, 0.0), "head": (0.50, 0.44, 0.0)},
        0.015,
        0.03,
    ),
    "left_ear": (
        "thorax",
        {"thorax": (0.0, 1.0, 0.0), "head": (0.08, 0.50, -0.30)},
        0.015,
        0.03,
    ),
    "right_ear": (
        "thorax",
        {"thorax": (0.0, 1.0, 0.0), "head": (0.08, 0.50, 0.30)},
        0.015,
        0.03,
    ),
    "head_top": (
        "thorax",
        {"thorax": (0.0, 1.0, 0.0), "head": (0.06, 1.0, 0.0)},
        0.015,
        0.03,
    ),
}
# Of a marker file (marker_motion): segment origins of our own body, and a face that turns with its head.
_MARKERS: dict[str, Lm] = {
    **{
        f"{name}_joint": (name, {}, 0.010, 0.005)
        for name in ("abdomen", "thorax", "head")
    },
    "face_nose": ("head", {"head": (0.50, 0.44, 0.0)}, 0.015, 0.02),
    "face_left_ear": ("head", {"head": (0.08, 0.50, -0.30)}, 0.015, 0.02),
    "face_right_ear": ("head", {"head": (0.08, 0.50, 0.30)}, 0.015, 0.02),
}
# The retargeted figure's root lies between the hips and shows no pelvic tilt; its neck base is at the level of C7.
_RETARGETED: dict[str, Lm] = {
    "spine2": ("thorax", {"thorax": (0.0, 0.32, 0.0)}, 0.015, 0.03),
    "neck_base": ("thorax", {"thorax": (0.0, 0.94, 0.0)}, 0.015, 0.03),
    "head_base": ("head", {"head": (0.0, 0.25, 0.0)}, 0.02, 0.03),
}


def _still_feet(
    subject: SourceSubject, ids: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Foot landmark heights (N, K) of flat-floor clips and the frames in which they all stand still.

    On a treadmill the belt carries the foot, so only its vertical speed is looked at.
    """
    heights, speeds = [], []
    for clip in subject.clips:
        if not clip.flat_floor or len(clip.points) <= 10:
            continue
        velocity = np.gradient(clip.points[:, ids], axis=0) * FPS
        speeds.append(
            (
                np.abs(velocity[..., 1]) * 3.0
                if clip.treadmill
                else np.linalg.norm(velocity, axis=-1)
            ).max(1)
        )
        heights.append(clip.points[:, ids, 1])
    if not heights:
        return np.zeros((0, len(ids)), np.float32), np.zeros(0, bool)
    speed, height = np.concatenate(speeds), np.concatenate(heights)
    seen = np.isfinite(height).all(1) & np.isfinite(speed)
    still = seen & (speed < 0.25)
    return height, still if still.sum() >= 8 else seen & (
        speed < np.nanquantile(speed, 0.1)
    )


def _foot_drop(
    subject: SourceSubject, side: str, names: tuple[str, ...]
) -> tuple[dict[str, float], float]:
    """Median drop (m) from the ankle to each foot landmark, and the ankle height, while the foot stands flat."""
    ids = [subject.landmark_names.index(n) for n in (f"{side}_ankle", *names)]
    height, still = _still_feet(subject, ids)
    if not still.any():
        return dict.fromkeys(names, 0.045), 0.075
    flat = height[still & (height[:, 0] <= np.quantile(height[still, 0], 0.5))]
    return {
        n: float(np.median(flat[:, 0] - flat[:, i]))
        for i, n in enumerate(names, 1)
    }, float(np.median(flat[:, 0]))


_FOOT = {
    "toebase": (1.0, 0.006),
    "toetip": (1.0, 0.02),
    "heel": (-1.0, 0.008),
    "big_toe": (1.0, 0.006),
    "small_toe": (1.0, 0.010),
}  # fmt: skip  (ahead or behind, sigma m)


def _foot_name(side: str, key: str) -> str:
    return (
        f"{side}_{key}"
        if key.startswith("toe")
        else f"{'left' if side == 'l' else 'right'}_{key}"
    )


def _foot_landmarks(
    subject: SourceSubject,
) -> tuple[dict[str, tuple[str, Tensor, float, Tensor]], float]:
    """Foot landmarks as constant offsets from the ankle that make a flat standing foot neutral; ankle height (m).

    Both feet share the mean drop, so that noise on one side does not tilt one foot.
    """
    keys = [
        k
        for k in _FOOT
        if all(_any_seen(subject, _foot_name(s, k)) for s in ("l", "r"))
    ]
    left, right = (
        _foot_drop(subject, s, tuple(_foot_name(s, k) for k in keys))
        for s in ("l", "r")
    )
    out: dict[str, tuple[str, Tensor, float, Tensor]] = {}
    for key in keys:
        sign, sigma = _FOOT[key]
        drop = 0.5 * (
            left[0][_foot_name("l", key)] + right[0][_foot_name("r", key)]
        )
        for side, lateral in (("l", -1.0), ("r", 1.0)):
            name = _foot_name(side, key)
            across = lateral * {"small_toe": 0.045, "big_toe": -0.005}.get(
                key, 0.0
            )
            reach = _median_distance(subject, f"{side}_ankle", name)
            forward = sign * max(reach**2 - drop**2 - across**2, 1e-4) ** 0.5
            free = torch.tensor(
                [0.01, 0.003, 0.02 if key == "small_toe" else 0.008]
            )
            out[name] = (
                f"foot_{side}",
                torch.tensor([forward, -drop, across]),
                sigma,
                free,
            )
    return out, float(np.clip(0.5 * (left[1] + right[1]), 0.055, 0.095))


def is_retargeted(subject: SourceSubject) -> bool:
    """The clips are of the one figure that CMU dances were retargeted to."""
    return any(c.source == "bvh-retargeted" for c in subject.clips)


def up_directions(subject: SourceSubject) -> tuple[Tensor, Tensor]:
    """(N, 3) up directions of pelvis and thorax, not normalised, to start the fit from."""
    column = {
        n: torch.from_numpy(_column(subject, n)) for n in subject.landmark_names
    }
    hips, shoulders = (
        0.5 * (column[f"l_{j}"] + column[f"r_{j}"]) for j in ("hip", "shoulder")
    )
    if "root" not in column:
        return column["pelvis_up"] - hips, column["head_top"] - shoulders
    return column[
        "spine1" if is_retargeted(subject) else "root"
    ] - hips, column["neck_base"] - column["spine1"]


def _column(subject: SourceSubject, name: str) -> NDArray[np.float32]:
    i = subject.landmark_names.index(name)
    return np.concatenate([c.points[:, i] for c in subject.clips])


def _any_seen(subject: SourceSubject, name: str) -> bool:
    return name in subject.landmark_names and bool(
        np.isfinite(_column(subject, name)).all(-1).any()
    )


def _median_distance(subject: SourceSubject, a: str, b: str) -> float:
    return float(
        np.nanmedian(
            np.linalg.norm(_column(subject, a) - _column(subject, b), axis=-1)
        )
    )


def _start_lengths(subject: SourceSubject) -> tuple[Tensor, Tensor]:
    """Segment lengths (13,) to start from and how far they may move, m: measured where both ends are landmarks."""
    share = segment_lengths(
        torch.tensor(subject.stature_m), torch.zeros(len(LENGTHS))
    )
    lengths, sigma = share.clone(), share * 0.06
    for a, b, length in (
        ("l_hip", "r_hip", "hip_width"),
        ("l_shoulder", "l_elbow", "upper_arm"),
        ("l_elbow", "l_wrist", "forearm"),
        ("l_hip", "l_knee", "thigh"),
        ("l_knee", "l_ankle", "shank"),
    ):
        other = (
            (a.replace("l_", "r_"), b.replace("l_", "r_"))
            if length != "hip_width"
            else (a, b)
        )
        k = LENGTHS.index(length)
        lengths[k] = 0.5 * (
            _median_distance(subject, a, b) + _median_distance(subject, *other)
        )
        sigma[k] = 0.05 * lengths[k]
    for name in ("foot", "hand", "head", "ankle_height"):
        sigma[LENGTHS.index(name)] = 0.01 * share[LENGTHS.index(name)]
    return lengths, sigma


def _coefficients(
    of_lengths: Mapping[str, tuple[float, float, float]],
) -> Tensor:
    """(3, 13) place of a landmark in its segment, in shares of segment lengths."""
    out = torch.zeros(3, len(LENGTHS))
    for length, xyz in of_lengths.items():
        out[:, LENGTHS.index(length)] = torch.tensor(xyz)
    return out


def start_subject(subject: SourceSubject) -> tuple[Subject, list[int]]:
    """Landmark model and lengths to start from, and the columns of `points` that the model uses."""
    table = dict(_EXACT) | (
        _CMU if "root" in subject.landmark_names else _FORCE_PLATE | _MARKERS
    )
    if is_retargeted(subject):
        table = {
            n: row for n, row in table.items() if n != "root"
        } | _RETARGETED
    feet, ankle_height = _foot_landmarks(subject)
    lengths, sigma = _start_lengths(subject)
    lengths[LENGTHS.index("ankle_height")] = ankle_height
    no_length = torch.zeros(3, len(LENGTHS))
    rows = {
        name: (
            segment,
            _coefficients(of_lengths),
            torch.zeros(3),
            s,
            torch.full((3,), free),
        )
        for name, (segment, of_lengths, s, free) in table.items()
    } | {
        name: (segment, no_length, offset, s, wide)
        for name, (segment, offset, s, wide) in (
            feet | _hand_landmarks(subject)
        ).items()
    }
    rows = {n: r for n, r in rows.items() if _any_seen(subject, n)}
    model = LandmarkModel(
        tuple(rows),
        torch.tensor([SEGMENTS.index(r[0]) for r in rows.values()]),
        torch.stack([r[1] for r in rows.values()]),
        torch.stack([r[2] for r in rows.values()]),
        torch.tensor([r[3] for r in rows.values()]),
        torch.stack([r[4] for r in rows.values()]),
    )
    return Subject(lengths, model, sigma), [
        subject.landmark_names.index(n) for n in rows
    ]


def _hand_landmarks(
    subject: SourceSubject,
) -> dict[str, tuple[str, Tensor, float, Tensor]]:
    """Knuckles straight down the hand and the thumb half way to the lateral side, as far away as measured."""
    out = {}
    for side, lateral in (("l", -1.0), ("r", 1.0)):
        thumb = (0.0, -0.7, 0.7 * lateral)
        for name, direction, sigma in (
            ("knuckles", (0.0, -1.0, 0.0), 0.012),
            ("thumb", thumb, 0.015),
        ):
            full = f"{side}_{name}"
            if full in subject.landmark_names:
                reach = _median_distance(subject, f"{side}_wrist", full)
                out[full] = (
                    f"hand_{side}",
                    torch.tensor(direction) * reach,
                    sigma,
                    torch.full((3,), 0.005),
                )
    return out
