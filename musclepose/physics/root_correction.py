"""A trajectory that the ground could have produced: the root moves by millimetres until the residual force fades.

The balance leaves a residual force r = required - carried. A shift d(t) of the whole body changes the required force
by m d'' and nothing else (feet and centre of mass move together), so the smallest shift that takes the residual away
solves

    min_d  sum_t |d_t|^2 / sigma_shift^2 + |r_t + m d''_t|^2 / sigma_force^2,

one pentadiagonal system per axis. Shift and balance alternate. In flight this makes the centre of mass ballistic. The
shift is bounded by its weight and reported; angles are not touched, so the keypoints move by exactly the shift.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from torch import Tensor

from musclepose.physics.balance import Balance, BalanceWeights, balance
from musclepose.physics.constants import G_M_S2
from musclepose.physics.grfm import FootWrench

Array = NDArray[np.float64]
AVERAGE_S = 0.25
UNEXPLAINED_BW = 0.5  # chosen
DEFAULT_BALANCE = BalanceWeights()


@dataclass(frozen=True)
class ShiftWeights:
    """Standard deviations: how far the root may move, and the residual force that is left alone."""

    shift_m: float = 0.005
    force_bw: float = 0.02
    rounds: int = 3


def trusted_frames(
    residual_n: Array, mass_kg: float, dt: float
) -> NDArray[np.bool_]:
    """(T,) frames whose residual may be a fault of the trajectory. A vertical residual that stays above UNEXPLAINED_BW
    on average over AVERAGE_S is something else (a seat, a box, a missed contact), and no shift may explain it away."""
    width = max(1, int(round(AVERAGE_S / dt)))
    before, after = width // 2, width - 1 - width // 2
    padded = np.pad(residual_n[:, 1], (before, after), mode="edge")
    average = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    strange = np.abs(average) > UNEXPLAINED_BW * mass_kg * G_M_S2
    near_strange = np.convolve(strange, np.ones(width), mode="same")
    return ~near_strange.astype(bool)


def normal_bands(frames: int, dt: float) -> Array:
    """Lower bands (3, T) of D'D, D the second difference (T - 2, T), in 1/s^4."""
    row = np.array([1.0, -2.0, 1.0]) / dt**2
    bands = np.zeros((3, frames))
    for lag in range(3):
        for j in range(3 - lag):
            bands[lag, j : frames - 2 + j] += row[j] * row[j + lag]
    return bands


def _transpose_difference(r: Array, dt: float) -> Array:
    """D'r for the inner frames of r (T, C)."""
    inner = r[1:-1] / dt**2
    out = np.zeros_like(r)
    out[:-2] += inner
    out[1:-1] -= 2.0 * inner
    out[2:] += inner
    return out


def shift_for(
    residual_n: Array,
    trusted: NDArray[np.bool_],
    mass_kg: float,
    dt: float,
    weights: ShiftWeights = ShiftWeights(),
) -> Array:
    """(T, 3) shift of the root in m that trades its own size against the residual force (T, 3) in N where trusted."""
    if len(residual_n) < 5:
        return np.zeros_like(residual_n)
    sigma = weights.force_bw * mass_kg * G_M_S2
    bands = (mass_kg / sigma) ** 2 * normal_bands(len(residual_n), dt)
    bands[0] += weights.shift_m**-2
    target = np.where(
        trusted[:, None], residual_n, 0.0
    )  # elsewhere no acceleration is allowed
    pull = -(mass_kg / sigma**2) * _transpose_difference(target, dt)
    return solveh_banded(bands, pull, lower=True)


def acceleration_of(shift_m: Array, dt: float) -> Array:
    """(T, 3) second difference of a shift, zero at the two ends, m/s^2."""
    out = np.zeros_like(shift_m)
    out[1:-1] = (shift_m[2:] - 2.0 * shift_m[1:-1] + shift_m[:-2]) / dt**2
    return out


def correct_root(
    residual_of: Callable[[Array], Array],
    frames: int,
    mass_kg: float,
    dt: float,
    weights: ShiftWeights = ShiftWeights(),
) -> Array:
    """Alternate shift and balance: `residual_of(shift)` returns the residual force (T, 3) of the body moved by `shift`.

    A round asks for the shift that removes what is missing now, counted from no shift at all; the total stays small by
    the same weight.
    """
    shift = np.zeros((frames, 3))
    trusted = None
    for _ in range(weights.rounds):
        residual = residual_of(shift)
        trusted = (
            trusted_frames(residual, mass_kg, dt)
            if trusted is None
            else trusted
        )
        missing = residual - mass_kg * acceleration_of(shift, dt)
        shift = shift_for(missing, trusted, mass_kg, dt, weights)
    return shift


def balance_with_shift(
    force_n: Tensor,
    moment_nm: Tensor,
    com_world_m: Tensor,
    sole_world_m: Tensor,
    contact: Tensor,
    mass_kg: float,
    dt: float,
    prior: FootWrench | None = None,
    floor_m: float = 0.0,
    shift_weights: ShiftWeights = ShiftWeights(),
    weights: BalanceWeights = DEFAULT_BALANCE,
    height_m: Float[Tensor, " n"] | None = None,
) -> tuple[Balance, Float[Tensor, "t 3"]]:
    """`balance` of one clip moved by the shift that lowers its residual force; arguments as there. The shift belongs on
    `q[:, :3]`, its second difference on `qddot[:, :3]`; no gradient flows through its choice."""

    def moved(shift: Tensor) -> Balance:
        acceleration = torch.from_numpy(acceleration_of(shift.numpy(), dt))
        force = force_n + mass_kg * acceleration.to(force_n)
        by = shift.to(force_n)
        sole = sole_world_m + by[:, None, None]
        com = com_world_m + by
        return balance(
            force,
            moment_nm,
            com,
            sole,
            contact,
            mass_kg,
            dt,
            prior,
            floor_m,
            weights,
            height_m,
        )

    def residual_of(shift: Array) -> Array:
        with torch.no_grad():
            return (
                moved(torch.from_numpy(shift))
                .residual_force_n.double()
                .cpu()
                .numpy()
            )

    shift = torch.from_numpy(
        correct_root(residual_of, len(force_n), mass_kg, dt, shift_weights)
    )
    return moved(shift), shift.to(force_n)
