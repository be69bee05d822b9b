"""Effort that may be told: the share of a joint's strength where both torque and strength are more than noise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from musclepose.records import Array

# A ratio of two small numbers says nothing. Both floors are chosen: a tenth and a fifth of a newton metre per kilogram
# are 7 and 15 N m for 75 kg, about the torque that holds a stretched arm and a quarter of an elbow's strength.
MIN_TORQUE_NM_PER_KG = 0.1
MIN_STRENGTH_NM_PER_KG = 0.2


def is_told(
    torque_nm: Float[np.ndarray, " t"],
    effort: Float[np.ndarray, " t"],
    mass_kg: float,
) -> Bool[np.ndarray, " t"]:
    """Frames whose effort is a ratio of two numbers that are both above their floors."""
    size = np.abs(torque_nm)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.where(effort > 0, size / effort, np.inf)
    enough_torque = size >= MIN_TORQUE_NM_PER_KG * mass_kg
    return enough_torque & (strength >= MIN_STRENGTH_NM_PER_KG * mass_kg)


def told_effort(torque_nm: Array, effort: Array, mass_kg: float) -> Array:
    """(T,) effort, NaN where it may not be told."""
    return np.where(is_told(torque_nm, effort, mass_kg), effort, np.nan)


def effort_band(
    torque_nm: Array, torque_band_nm: Array, effort: Array
) -> Array:
    """(T,) half width of the 90 % band of effort: that of the torque over the same strength."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(effort) * torque_band_nm / np.abs(torque_nm)
