"""Foot contact from kinematics: height of the lowest sole point above the floor, and its horizontal speed.

For when no learned contact is at hand, or it is weak. The probability is logistic in height and speed, fitted on force
plates (a foot is in contact when it carries more than 30 N; docs/kinetics.md has the accuracy); hysteresis and a
shortest duration make it a decision. A treadmill's belt speed is the common speed of the lowest foot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d

from musclepose.physics.constants import G_M_S2

Array = NDArray[np.float64]

# logit = BIAS - PER_METRE * height - PER_SPEED * speed; fitted on the training subjects of the force-plate trials.
BIAS, PER_METRE, PER_SPEED = 4.5, 31.0, 2.9
ON, OFF = 0.6, 0.4  # probability at which contact starts and ends
SUPPORT_BW = 0.4  # required vertical force, mean over SUPPORT_S, above which something must carry the body
SUPPORT_S, SUPPORT_HEIGHT_M = (
    0.2,
    0.12,
)  # and how far above the floor a foot may be to be what does
SUPPORT_PROBABILITY = 0.1  # and how likely its contact must be at least
FLIGHT_S, FALLS_BW = 0.06, 0.5  # two frames at 30 Hz; chosen
FLOOR_WINDOW_S = (
    0.7  # to either side: where the floor of a moment is looked for
)
SHORTEST_S = 0.07  # contacts and gaps shorter than this are dropped
FLOOR_QUANTILE = 0.2  # of the lowest sole height per frame
BELT_M_S = 0.5  # slower common speeds of the lowest foot count as no belt
DRIFT_M = 0.08  # spread of the sole height in contact above which the floor is called uncertain


class Contact(NamedTuple):
    """Contact of the left and right foot."""

    probability: Array  # (T, 2) logistic, before hysteresis
    touching: NDArray[np.bool_]  # (T, 2) the decision
    gate: Array  # (T, 2) the decision with a ramp of one frame to each side, for the balance
    floor_m: float
    belt_m_s: Array  # (2,) x, z
    warnings: tuple[str, ...]


def floor_height(sole_world_m: Array) -> float:
    """A low quantile over the clip of the lowest of all sole points (T, 2, 4, 3): robust to a few wild frames."""
    return float(np.quantile(sole_world_m[..., 1].min((1, 2)), FLOOR_QUANTILE))


def _lowest(sole: Array, dt: float) -> tuple[Array, Array]:
    """Height (T, 2) and horizontal velocity (T, 2, 2) of each foot's lowest point."""
    height = sole[..., 1]
    lowest = height.argmin(-1)[..., None, None]
    velocity = (
        np.gradient(sole, dt, axis=0) if len(sole) > 1 else np.zeros_like(sole)
    )
    of_lowest = np.take_along_axis(velocity, lowest, 2)[:, :, 0]
    return height.min(-1), of_lowest[..., [0, 2]]


def _belt(height: Array, velocity: Array) -> Array:
    lower = height.argmin(1)
    common = np.median(velocity[np.arange(len(lower)), lower], axis=0)
    return common if np.linalg.norm(common) > BELT_M_S else np.zeros(2)


def _runs(state: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(state.astype(np.int8))) + 1
    bounds = [0, *edges.tolist(), len(state)]
    return list(zip(bounds[:-1], bounds[1:], strict=True))


def hysteresis(probability: Array, dt: float) -> NDArray[np.bool_]:
    """Contact of one foot (T,): on above ON, off below OFF; then gaps and contacts under SHORTEST_S are dropped."""
    state = np.empty(len(probability), bool)
    current = bool(probability[0] >= 0.5)
    for t, p in enumerate(probability):
        current = p > ON or (current and p >= OFF)
        state[t] = current
    for value in (False, True):
        for start, stop in _runs(state):
            inner = start > 0 and stop < len(state)
            if (
                inner
                and state[start] == value
                and (stop - start) * dt < SHORTEST_S
            ):
                state[start:stop] = not value
    return state


def detect_contact(
    sole_world_m: Array, dt: float, floor_m: float | None = None
) -> Contact:
    """Contact of both feet from the sole points (T, 2, 4, 3) in world metres, Y up, `dt` seconds apart."""
    floor = floor_height(sole_world_m) if floor_m is None else floor_m
    height, velocity = _lowest(sole_world_m, dt)
    belt = _belt(height, velocity)
    speed = np.linalg.norm(velocity - belt, axis=-1)
    above = np.maximum(height - floor, 0.0)
    against = np.clip(PER_METRE * above + PER_SPEED * speed - BIAS, -40.0, 40.0)
    probability = 1.0 / (1.0 + np.exp(against))
    touching = np.stack([hysteresis(p, dt) for p in probability.T], 1)
    return Contact(
        probability,
        touching,
        ramp(touching),
        floor,
        belt,
        _warnings(touching, height),
    )


def ramp(touching: NDArray[np.bool_]) -> Array:
    """Mean of each frame and its neighbours: a foot starts and ends to carry over three frames."""
    padded = np.pad(touching.astype(np.float64), ((1, 1), (0, 0)), mode="edge")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3.0


def _warnings(touching: NDArray[np.bool_], height: Array) -> tuple[str, ...]:
    out = []
    if not touching.any():
        out.append(
            "No foot contact was found: ground reaction is zero throughout."
        )
    elif np.ptp(np.quantile(height[touching], (0.1, 0.9))) > DRIFT_M:
        out.append(
            "The floor height is uncertain: feet in contact lie at different heights over the clip."
        )
    return tuple(out)


def with_support(
    touching: NDArray[np.bool_],
    probability: Array,
    required_bw: Array,
    sole_height_m: Array,
    dt: float,
) -> NDArray[np.bool_]:
    """Contacts (T, 2) with those added that gravity asks for: a body that does not fall is carried by something.

    probability (T, 2): of contact; required_bw (T,): vertical force that the motion needs, body weights; sole_height_m
    (T, 2): lowest sole point of each foot. Where no foot touches although more than SUPPORT_BW is needed, those feet do
    that are near the floor of these seconds (an estimated floor may lean): the likelier one, or both if equally likely.
    Where none is near, or contact is out of the question for the network, the force stays unexplained.
    """
    width = max(1, int(round(SUPPORT_S / dt)))
    before, after = width // 2, width - 1 - width // 2
    padded = np.pad(required_bw, (before, after), mode="edge")
    average = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    lacks_support = ~touching.any(1) & (average > SUPPORT_BW)
    around = 2 * int(round(FLOOR_WINDOW_S / dt)) + 1
    floor = minimum_filter1d(sole_height_m.min(1), around, mode="nearest")
    low = sole_height_m - floor[:, None] < SUPPORT_HEIGHT_M
    may_carry = low & (probability > SUPPORT_PROBABILITY)
    rank = np.where(may_carry, probability, -1.0)
    likely = may_carry & (rank > rank.max(1, keepdims=True) - 0.1)
    return touching | (lacks_support[:, None] & likely)


def flies(touching: NDArray[np.bool_], required_bw: Array, dt: float) -> bool:
    """Whether the body flies at some time, as in running and jumping: between two contacts no foot touches for FLIGHT_S
    or longer, and the motion asks for less than FALLS_BW meanwhile. touching (T, 2), required_bw (T,)."""
    some: NDArray[np.bool_] = np.asarray(touching.any(1))
    return any(
        a > 0
        and b < len(some)
        and not bool(some[a])
        and (b - a) * dt >= FLIGHT_S
        and float(required_bw[a:b].mean()) < FALLS_BW
        for a, b in _runs(some)
    )


def unsupported(
    touching: NDArray[np.bool_],
    required_force_n: NDArray[np.floating],
    mass_kg: float,
) -> NDArray[np.bool_]:
    """(T,) frames in which no foot touches although the body needs more than half its weight from somewhere: a seat,
    the hands, or a missed contact."""
    return ~touching.any(1) & (required_force_n[:, 1] > 0.5 * mass_kg * G_M_S2)
