"""Body geometry from stature and shape: the 13 scale lengths of skeleton47.

Mass, centre of mass and inertia of the segments are in `dumas_bsip`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.skeleton47 import LENGTHS
from musclepose.records import DEFAULT_AGE_YEARS, Athlete, Person

REFERENCE_STATURE_M = 1.70
REFERENCE_BMI = 23.0
N_LENGTHS = len(LENGTHS)
N_BETA = (
    2 + N_LENGTHS
)  # log stature ratio, log body-mass-index ratio, log length ratios

# Share of stature. Limb lengths after de Leva 1996 Table 4 (mean of both sexes; female thigh is measured from another
# landmark there, so thigh is the male value); trunk split, widths and foot after Dumas 2007 / Drillis and Contini
# proportions, rounded (chosen where the split has no single published number).
LENGTH_SHARE = {
    "pelvis": 0.055, "hip_width": 0.096, "abdomen": 0.080, "thorax": 0.210, "head": 0.140, "shoulder_width": 0.200,
    "upper_arm": 0.160, "forearm": 0.153, "hand": 0.047, "thigh": 0.242, "shank": 0.248, "foot": 0.148,
    "ankle_height": 0.040,
}  # fmt: skip
# Vertical run of the upright zero pose: these lengths times these coefficients sum to the stature.
HEIGHT_COEFFICIENT = {
    "ankle_height": 1.0, "shank": 1.0, "thigh": 1.0, "pelvis": 0.893, "abdomen": 1.0, "thorax": 1.0, "head": 1.0,
}  # fmt: skip


STATURE_RANGE_M = (
    1.3,
    2.15,
)  # of an adult, where only the network says it (chosen)


def person_of(told: Athlete, stature_m: float) -> Person:
    """The body to compute with: told, or the stature seen (m), a body-mass index of 23 and the young group."""
    low, high = STATURE_RANGE_M
    height_m = told.height_m or min(max(stature_m, low), high)
    mass_kg = told.mass_kg or REFERENCE_BMI * height_m**2
    return Person(
        height_m, mass_kg, told.sex, told.age_years or DEFAULT_AGE_YEARS
    )


def assumed_fields(told: Athlete) -> tuple[str, ...]:
    """Names of what `person_of` fills in, and of a sex that was not told."""
    missing = (
        name for name, value in vars(told).items() if value in (None, "unknown")
    )
    return tuple(missing)


class Shape(NamedTuple):
    """What beta means: stature (m), body mass (kg), lengths (m, 13)."""

    stature_m: Float[Tensor, "*b"]
    mass_kg: Float[Tensor, "*b"]
    lengths_m: Float[Tensor, "*b 13"]


def _row(table: dict[str, float], like: Tensor) -> Float[Tensor, 13]:
    return torch.tensor(
        [table.get(name, 0.0) for name in LENGTHS],
        dtype=like.dtype,
        device=like.device,
    )


def standing_height(lengths_m: Float[Tensor, "*b 13"]) -> Float[Tensor, "*b"]:
    """Sole to vertex in the zero pose, m."""
    return (lengths_m * _row(HEIGHT_COEFFICIENT, lengths_m)).sum(-1)


def segment_lengths(
    stature_m: Float[Tensor, "*b"], log_ratio: Float[Tensor, "*b 13"]
) -> Float[Tensor, "*b 13"]:
    """Scale lengths (m) whose zero pose stands exactly `stature_m` tall; `log_ratio` = 0 gives the average build."""
    lengths = _row(LENGTH_SHARE, log_ratio) * torch.exp(log_ratio)
    return lengths * (stature_m / standing_height(lengths)).unsqueeze(-1)


def shape_from_beta(
    beta: Float[Tensor, "*b 15"],
    stature_m: Float[Tensor, "*b"] | None = None,
    mass_kg: Float[Tensor, "*b"] | None = None,
) -> Shape:
    """Stature, mass and lengths. A stature or mass that the user gave replaces the one in beta."""
    stature = (
        REFERENCE_STATURE_M * torch.exp(beta[..., 0])
        if stature_m is None
        else stature_m
    )
    mass = (
        REFERENCE_BMI * torch.exp(beta[..., 1]) * stature.square()
        if mass_kg is None
        else mass_kg
    )
    return Shape(stature, mass, segment_lengths(stature, beta[..., 2:]))
