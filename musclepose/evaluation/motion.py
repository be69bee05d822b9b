"""The filtered motion of a fitted trial: q, qdot, qddot at the trial's rate and cut-off."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy.signal import butter, sosfiltfilt
from torch import Tensor

from musclepose.data.force_plate import Fitted


class Motion(NamedTuple):
    """Low-passed coordinates and their derivatives (rad, m; per second)."""

    q: Float[Tensor, "t 47"]
    qdot: Float[Tensor, "t 47"]
    qddot: Float[Tensor, "t 47"]


def motion_of(fitted: Fitted) -> Motion:
    """Low-pass at the cut-off that the reference used, then central differences."""
    trial = fitted.trial
    sos = butter(2, trial.lowpass_hz, fs=1.0 / trial.dt, output="sos")
    q = sosfiltfilt(sos, fitted.q.numpy(), axis=0)
    qd = np.gradient(q, trial.dt, axis=0)
    return Motion(*(torch.from_numpy(np.ascontiguousarray(v)) for v in (q, qd, np.gradient(qd, trial.dt, axis=0))))
