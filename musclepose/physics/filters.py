"""The one low-pass filter and the one set of finite differences that every derivative in this project comes from.

Filter: zero-lag Butterworth of order 4 (a second-order filter run forwards and backwards), cut-off 6 Hz unless told
otherwise. Of a digital Butterworth of order n, designed by the bilinear transform, both passes together have the real
gain

    G(f) = 1 / (1 + (tan(pi f dt) / W)^(2n)),   W = tan(pi cutoff dt) / (sqrt(2) - 1)^(1/(2n)),

so that the double pass has its half-power point (-3 dB) at the cut-off itself (Winter 2009, section 2.2.4.4). A
zero-lag filter is a convolution with a symmetric kernel, the inverse Fourier transform of G; that is how it is run
here, in torch, linear and differentiable, in O(T).

Ends: the record is continued by its point reflection about the end points (odd extension, as scipy's `filtfilt`),
without limit: the line through both end points is taken off, and the rest is odd and periodic. So a constant or
uniform motion passes unchanged, the end points stay where they are (with their noise), and the curvature fades to
zero within about half a period of the cut-off: accelerations of the first and last 0.1 s are not to be trusted.

Differences: central, second order; at the ends those of the parabola through the last three frames. Angles must be
unwrapped and gaps filled before.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import overload

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from musclepose.errors import InputError

DEFAULT_CUTOFF_HZ = 6.0
DEFAULT_ORDER = 4
_GRID = 1 << 15  # frequencies on which the gain is sampled
_NEGLIGIBLE = 1e-13  # kernel tails below this are cut
CONVOLVED_AT_ONCE = 4_000_000  # numbers: torch copies a record once for each weight of the kernel


def gain(
    frequency_hz: NDArray[np.float64] | np.float64,
    dt: float,
    cutoff_hz: float,
    order: int = DEFAULT_ORDER,
) -> NDArray[np.float64] | np.float64:
    """Real gain of the zero-lag filter of total order `order`; 1 at zero, sqrt(1/2) at the cut-off, 0 at Nyquist."""
    if not 0.0 < cutoff_hz < 0.5 / dt:
        raise InputError(
            f"the cut-off is {cutoff_hz:g} Hz; at {1 / dt:g} frames/s it must lie between 0 and {0.5 / dt:g} Hz."
        )
    if order < 2 or order % 2:
        raise InputError(
            f"the filter order is {order}; it must be even: the filter runs forwards and back."
        )
    W = math.tan(math.pi * cutoff_hz * dt) / (math.sqrt(2.0) - 1.0) ** (
        1.0 / order
    )
    return 1.0 / (1.0 + (np.tan(np.pi * frequency_hz * dt) / W) ** order)


@lru_cache(maxsize=32)
def kernel(
    dt: float, cutoff_hz: float, order: int = DEFAULT_ORDER
) -> NDArray[np.float64]:
    """(2r + 1,) symmetric impulse response of the zero-lag filter; sums to one."""
    frequency = np.arange(_GRID // 2 + 1) / (_GRID * dt)
    response = np.fft.irfft(gain(frequency, dt, cutoff_hz, order), _GRID)
    tail = np.flatnonzero(np.abs(response[: _GRID // 2]) > _NEGLIGIBLE)
    half = response[: tail[-1] + 1]
    whole = np.concatenate((half[:0:-1], half))
    return whole / whole.sum()


def extend_odd(x: Float[Tensor, "*b t"], radius: int) -> Float[Tensor, "*b t2"]:
    """The record with `radius` more frames at both ends, reflected through its end points as often as it takes."""
    frames = x.shape[-1]
    if frames == 1:
        return x.expand(*x.shape[:-1], 1 + 2 * radius)
    first, last = x[..., :1], x[..., -1:]
    steps = frames - 1
    slope = (last - first) / steps
    rest = x - first - slope * torch.arange(frames, device=x.device)
    time = torch.arange(-radius, frames + radius, device=x.device)
    phase = time % (2 * steps)
    mirrored = phase >= frames
    index = torch.where(mirrored, 2 * steps - phase, phase)
    sign = torch.where(mirrored, -1.0, 1.0).to(x.dtype)
    return first + slope * time + sign * rest[..., index]


def _low_pass(x: Tensor, dt: float, cutoff_hz: float, order: int) -> Tensor:
    """Zero-lag low-pass along the last axis."""
    h = torch.as_tensor(
        kernel(dt, cutoff_hz, order), dtype=x.dtype, device=x.device
    )
    extended = extend_odd(x, len(h) // 2)
    rows = extended.reshape(-1, 1, extended.shape[-1])
    few = rows.split(max(1, CONVOLVED_AT_ONCE // (len(h) * x.shape[-1])))
    smooth = [torch.nn.functional.conv1d(some, h[None, None]) for some in few]
    return torch.cat(smooth).reshape(x.shape)


def _differences(x: Tensor, dt: float) -> tuple[Tensor, Tensor]:
    """First and second time derivative along the last axis."""
    frames = x.shape[-1]
    if frames < 3:
        step = (x[..., -1:] - x[..., :1]) / dt
        return step.expand(x.shape), torch.zeros_like(x)
    before, here, after = x[..., :-2], x[..., 1:-1], x[..., 2:]
    velocity = (after - before) / (2.0 * dt)
    acceleration = (after - 2.0 * here + before) / dt**2
    first_acceleration, last_acceleration = (
        acceleration[..., :1],
        acceleration[..., -1:],
    )
    first = velocity[..., :1] - dt * first_acceleration
    last = velocity[..., -1:] + dt * last_acceleration
    acceleration = torch.cat(
        (first_acceleration, acceleration, last_acceleration), -1
    )
    return torch.cat((first, velocity, last), -1), acceleration


@overload
def low_pass(
    x: Tensor, dt: float, cutoff_hz: float = ..., order: int = ...
) -> Tensor: ...
@overload
def low_pass(
    x: NDArray, dt: float, cutoff_hz: float = ..., order: int = ...
) -> NDArray: ...
def low_pass(
    x: Tensor | NDArray,
    dt: float,
    cutoff_hz: float = DEFAULT_CUTOFF_HZ,
    order: int = DEFAULT_ORDER,
) -> Tensor | NDArray:
    """Zero-lag low-pass of x (..., T, D) along T; `dt` in s. An array comes back as an array, computed alike."""
    if isinstance(x, np.ndarray):
        return low_pass(torch.from_numpy(x), dt, cutoff_hz, order).numpy()
    return _low_pass(x.mT, dt, cutoff_hz, order).mT


@overload
def derivatives(q: Tensor, dt: float) -> tuple[Tensor, Tensor]: ...
@overload
def derivatives(q: NDArray, dt: float) -> tuple[NDArray, NDArray]: ...
def derivatives(
    q: Tensor | NDArray, dt: float
) -> tuple[Tensor, Tensor] | tuple[NDArray, NDArray]:
    """First and second derivative of q (..., T, D) along T by central differences, without a filter."""
    if isinstance(q, np.ndarray):
        velocity, acceleration = derivatives(torch.from_numpy(q), dt)
        return velocity.numpy(), acceleration.numpy()
    velocity, acceleration = _differences(q.mT, dt)
    return velocity.mT, acceleration.mT


@overload
def filtered_derivatives(
    q: Tensor, dt: float, cutoff_hz: float | None = ..., order: int = ...
) -> tuple[Tensor, Tensor, Tensor]: ...
@overload
def filtered_derivatives(
    q: NDArray, dt: float, cutoff_hz: float | None = ..., order: int = ...
) -> tuple[NDArray, NDArray, NDArray]: ...
def filtered_derivatives(
    q: Tensor | NDArray,
    dt: float,
    cutoff_hz: float | None = DEFAULT_CUTOFF_HZ,
    order: int = DEFAULT_ORDER,
) -> tuple[Tensor, Tensor, Tensor] | tuple[NDArray, NDArray, NDArray]:
    """Low-passed q (..., T, D) and its two derivatives (per s, per s^2) along T; None leaves the filter out."""
    if isinstance(q, np.ndarray):
        smooth, velocity, acceleration = filtered_derivatives(
            torch.from_numpy(q), dt, cutoff_hz, order
        )
        return smooth.numpy(), velocity.numpy(), acceleration.numpy()
    x = q.mT if cutoff_hz is None else _low_pass(q.mT, dt, cutoff_hz, order)
    velocity, acceleration = _differences(x, dt)
    return x.mT, velocity.mT, acceleration.mT
