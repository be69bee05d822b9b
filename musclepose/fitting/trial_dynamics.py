"""A fitted force-plate trial through our physics: motion, inertia, measured loads, torques, required wrench."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.force_plate import Fitted, Trial
from musclepose.physics.body_dynamics import (
    NetWrench,
    com_motion,
    net_external_wrench_required,
)
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.filters import low_pass
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    inverse_dynamics,
)
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import FEET
from musclepose.physics.smoothing import Motion, smooth_motion
from musclepose.records import ASSUMED_SEX_TABLE, Sex

Array = NDArray[np.float64]


def motion_of(fitted: Fitted, cutoff_hz: float | None = None) -> Motion:
    """Coordinates and derivatives. The measured joint positions carry the trial's low-pass already (the reference
    smooths its joint angles before it poses the model), so no second one is laid over it unless asked for."""
    return smooth_motion(fitted.q, fitted.trial.dt, cutoff_hz)


def inertia_of(fitted: Fitted, sex: Sex = ASSUMED_SEX_TABLE) -> BodyInertia:
    """Dumas inertial parameters for the trial's mass and the fitted lengths."""
    mass = torch.tensor(fitted.trial.mass_kg, dtype=fitted.lengths_m.dtype)
    return segment_inertia(fitted.lengths_m, mass, sex)


def measured_load(
    trial: Trial,
) -> tuple[Float[Tensor, "t 2 3"], Float[Tensor, "t 2 3"]]:
    """Force (N) and moment about the world origin (N m) of each foot's plate, low-passed like the motion."""
    force = np.nan_to_num(trial.force_world_n)
    moment = np.cross(np.nan_to_num(trial.cop_world_m), force)
    moment[..., 1] += trial.free_moment_nm
    flat = np.concatenate((force, moment), -1).reshape(len(force), -1)
    smooth = torch.from_numpy(
        low_pass(flat, trial.dt, trial.lowpass_hz)
    ).unflatten(-1, (2, 6))
    return smooth[..., :3], smooth[..., 3:]


def measured_wrenches(trial: Trial) -> ExternalWrenches:
    """The plates' loads on both feet, as wrenches at the world origin (so no centre of pressure is divided out)."""
    force, moment = measured_load(trial)
    return ExternalWrenches(force, torch.zeros_like(force), moment, FEET)


def torques(
    fitted: Fitted,
    motion: Motion,
    wrenches: ExternalWrenches | None,
    sex: Sex = ASSUMED_SEX_TABLE,
) -> Array:
    """(T, 47) generalised forces, N and N m."""
    tau = inverse_dynamics(
        *motion, fitted.lengths_m, inertia_of(fitted, sex), wrenches
    )
    return tau.numpy()


def required(
    fitted: Fitted, motion: Motion
) -> tuple[NetWrench, Float[Tensor, "t 3"]]:
    """What the floor must give about the centre of mass, and the centre of mass (m)."""
    inertia = inertia_of(fitted)
    moving = segment_motion(*motion, fitted.lengths_m, inertia.com)
    return net_external_wrench_required(moving, inertia), com_motion(
        moving, inertia
    ).p_world_m
