"""Mass, centre of mass and inertia tensor of the 18 segments from the Dumas tables (`configs/dumas_bsip.yaml`).

The tables measure the trunk from its upper joints; our segment origins are the lower ones, so the reference joint of
the pelvis (L5/S1), abdomen (T12/L1) and thorax (C7/T1) is the origin of the next segment. The two scapulae are taken
out of the published thorax such that thorax and scapulae together have its mass, centre and inertia in the zero pose.
The midline segments are made symmetric (mean of the row and its mirror image: z, xz and yz vanish; the published
offsets are below a millimetre), so that a mirrored motion has exactly mirrored torques.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import torch
import yaml
from jaxtyping import Float
from torch import Tensor

from musclepose.errors import InputError
from musclepose.physics.kinematics import joint_offsets
from musclepose.physics.skeleton47 import (
    GEOMETRY,
    LENGTHS,
    N_SEGMENTS,
    SEGMENTS,
    SOLE_POINTS,
)
from musclepose.records import Sex

FEMALE_SHARE: dict[Sex, float] = {
    "female": 1.0,
    "male": 0.0,
    "unknown": 0.5,
}  # unknown: the mean of both tables
_ABDOMEN, _THORAX, _HEAD = (
    SEGMENTS.index(s) for s in ("abdomen", "thorax", "head")
)
_SCAPULAE = [SEGMENTS.index("scapula_l"), SEGMENTS.index("scapula_r")]
_UPPER_ARMS = [SEGMENTS.index("upper_arm_l"), SEGMENTS.index("upper_arm_r")]
# Segment whose origin is the upper joint that the table measures this segment from.
_UPPER_SEGMENT = [_ABDOMEN, _THORAX, _HEAD, *range(_HEAD, N_SEGMENTS)]
_HAS_UPPER = [[1.0 if i < _HEAD else 0.0] for i in range(N_SEGMENTS)]
_MIRROR = np.diag([1.0, 1.0, -1.0])
_BALLS = [SOLE_POINTS.index("ball_medial"), SOLE_POINTS.index("ball_lateral")]


class BodyInertia(NamedTuple):
    """Inertial parameters of the segments, in each segment's own frame (origin: its proximal joint)."""

    mass: Float[Tensor, "*b 18"]  # kg
    com: Float[Tensor, "*b 18 3"]  # m
    inertia: Float[Tensor, "*b 18 3 3"]  # kg m^2, about the centre of mass


class _Rows(NamedTuple):
    """One sex: share of body mass, centre of mass per reference length, squared radii per squared reference length."""

    share: np.ndarray  # (18,) sums to one
    com: np.ndarray  # (18, 3)
    gyration: np.ndarray  # (18, 3, 3)


@lru_cache(maxsize=1)
def load_table() -> dict:
    """The published rows as they stand in the file."""
    return yaml.safe_load(
        (files("musclepose") / "configs" / "dumas_bsip.yaml").read_text(
            encoding="utf-8"
        )
    )


def gyration_tensor(radii: list[float]) -> np.ndarray:
    """(3, 3) signed squares of r_xx, r_yy, r_zz, r_xy, r_xz, r_yz given in per cent."""
    xx, yy, zz, xy, xz, yz = (np.sign(r) * (r / 100.0) ** 2 for r in radii)
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def _rows(sex: str) -> _Rows:
    table = load_table()[sex]
    share = np.zeros(N_SEGMENTS)
    com = np.zeros((N_SEGMENTS, 3))
    gyration = np.zeros((N_SEGMENTS, 3, 3))
    for i, name in enumerate(SEGMENTS):
        base = name.removesuffix("_l").removesuffix("_r")
        if base == "scapula":
            continue
        share[i], com_percent, radii_percent = table[base]
        right = np.array(com_percent) / 100.0
        tensor = gyration_tensor(radii_percent)
        images = _images(name)
        com[i] = np.mean([image @ right for image in images], axis=0)
        gyration[i] = np.mean(
            [image @ tensor @ image for image in images], axis=0
        )
    return _Rows(share / share.sum(), com, gyration)


def _images(segment: str) -> list[np.ndarray]:
    """What turns a published (right) row into this segment's; a midline segment is the mean of both."""
    if segment.endswith("_l"):
        return [_MIRROR]
    if segment.endswith("_r"):
        return [np.eye(3)]
    return [np.eye(3), _MIRROR]


@lru_cache(maxsize=8)
def _both_sexes(
    dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Male rows and female-minus-male rows stacked: (2, 18), (2, 18, 3), (2, 18, 3, 3)."""
    male, female = _rows("male"), _rows("female")
    stacked = (np.stack((m, f - m)) for m, f in zip(male, female, strict=True))
    share, com, gyration = (
        torch.as_tensor(a, dtype=dtype, device=device) for a in stacked
    )
    return share, com, gyration


def female_share(sex: str | Tensor, like: Tensor) -> Tensor:
    """Weight of the female table: a scalar from the word, or a tensor (...,) of weights in [0, 1] as it is."""
    if isinstance(sex, Tensor):
        return sex.to(like)
    if sex not in FEMALE_SHARE:
        raise InputError(
            f"sex is {sex!r}; it must be one of {', '.join(FEMALE_SHARE)}."
        )
    return torch.tensor(FEMALE_SHARE[sex], dtype=like.dtype, device=like.device)


def reference_lengths(
    lengths_m: Float[Tensor, "*b 13"],
) -> Float[Tensor, "*b 18"]:
    """Length (m) that the rows of each segment are per cent of; the scapula has none and gets zero."""
    by_name = dict(zip(LENGTHS, lengths_m.unbind(-1), strict=True))
    between_balls = GEOMETRY.sole_offsets[1, _BALLS].mean(0)
    per_length = torch.as_tensor(
        between_balls, dtype=lengths_m.dtype, device=lengths_m.device
    )
    by_name["foot"] = torch.linalg.vector_norm(lengths_m @ per_length.T, dim=-1)
    by_name["hand"] = by_name["hand"] * load_table()["hand_length_ratio"]
    by_name["scapula"] = torch.zeros_like(by_name["foot"])
    bases = [name.removesuffix("_l").removesuffix("_r") for name in SEGMENTS]
    return torch.stack([by_name[base] for base in bases], -1)


def parallel_axis(d: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """`|d|^2 1 - d d^T`: inertia per unit mass of a point at d."""
    eye = torch.eye(3, dtype=d.dtype, device=d.device)
    squared = d.square().sum(-1)[..., None, None]
    outer = d[..., :, None] * d[..., None, :]
    return squared * eye - outer


def _split_thorax(
    com: Float[Tensor, "*#b 3"],
    gyration: Float[Tensor, "*#b 3 3"],
    offsets: Float[Tensor, "*#b 18 3"],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Centre and squared radii of the scapulae (..., 2, 3), (..., 2, 3, 3) and of what is left of the thorax."""
    chosen = load_table()["scapula"]
    share = chosen["thorax_mass_share"]
    rest = 1.0 - 2.0 * share
    clavicle = offsets[
        ..., _UPPER_ARMS, :
    ]  # sternoclavicular to shoulder joint, scapula frame
    clavicle2 = clavicle.square().sum(-1)[..., None, None]
    eye = torch.eye(3, dtype=com.dtype, device=com.device)
    com_scapula = 0.5 * clavicle
    gyration_scapula = chosen["radius_share"] ** 2 * clavicle2 * eye
    in_thorax = offsets[..., _SCAPULAE, :] + com_scapula
    d = in_thorax - com.unsqueeze(-2)  # from the published thorax centre
    com_rest = com - share * d.sum(-2) / rest
    taken = share * (gyration_scapula + parallel_axis(d)).sum(-3)
    gyration_rest = (gyration - taken) / rest - parallel_axis(com_rest - com)
    return com_scapula, gyration_scapula, com_rest, gyration_rest


def _replace(
    values: Tensor, thorax: Tensor, scapulae: Tensor, axis: int
) -> Tensor:
    """`values` with the rows of the thorax and of both scapulae replaced, along the segment `axis`."""
    parts = list(values.unbind(axis))
    parts[_THORAX] = thorax
    parts[_SCAPULAE[0]], parts[_SCAPULAE[1]] = scapulae.unbind(axis)
    return torch.stack(torch.broadcast_tensors(*parts), axis)


def _mass_shares(
    share: Float[Tensor, "*b 18"], E: Float[Tensor, "*c 18"] | None
) -> Float[Tensor, "*d 18"]:
    """Share of the body mass per segment: scapulae out of the thorax, then times exp(E), made to sum to one."""
    published = share[..., _THORAX]
    scapula = load_table()["scapula"]["thorax_mass_share"] * published
    thorax = published - 2.0 * scapula
    split = _replace(
        share, thorax, torch.stack((scapula, scapula), -1), axis=-1
    )
    corrected = split if E is None else split * torch.exp(E)
    return corrected / corrected.sum(-1, keepdim=True)


def _mixed(male: Tensor, to_female: Tensor, weight: Tensor) -> Tensor:
    """Rows of a mixture of both tables; the axes of the weight lead."""
    share = weight.reshape(*weight.shape, *[1] * male.dim())
    return male + share * to_female


def segment_inertia(
    lengths_m: Float[Tensor, "*#b 13"],
    mass_kg: Float[Tensor, "*#b"],
    sex: str | Tensor = "unknown",
    E: Float[Tensor, "*b 18"] | None = None,
) -> BodyInertia:
    """Inertial parameters of a body of `mass_kg` with the scale lengths `lengths_m`; leading axes broadcast.

    `E` corrects the logarithm of each segment's mass share; whatever it is, the masses sum to `mass_kg`. `sex` is a
    word ('unknown' is the mean of both tables) or a tensor of weights of the female table.
    """
    weight = female_share(sex, lengths_m)
    rows = _both_sexes(lengths_m.dtype, lengths_m.device)
    share, com, gyration = (
        _mixed(male, change, weight) for male, change in rows
    )
    length, offsets = reference_lengths(lengths_m), joint_offsets(lengths_m)

    upper_joint = offsets[..., _UPPER_SEGMENT, :] * length.new_tensor(
        _HAS_UPPER
    )
    com = com * length[..., None] + upper_joint
    gyration = gyration * length[..., None, None].square()
    com_s, gyration_s, com_t, gyration_t = _split_thorax(
        com[..., _THORAX, :], gyration[..., _THORAX, :, :], offsets
    )
    com = _replace(com, com_t, com_s, axis=-2)
    gyration = _replace(gyration, gyration_t, gyration_s, axis=-3)
    mass = mass_kg[..., None] * _mass_shares(share, E)
    inertia = mass[..., None, None] * gyration
    lead = inertia.shape[:-3]
    return BodyInertia(
        mass.expand(*lead, N_SEGMENTS),
        com.expand(*lead, N_SEGMENTS, 3),
        inertia,
    )
