"""What the soft tokens read: the physics of a clip at 15 Hz as rows of 217 numbers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from musclepose.models.musclepose import bridge_features
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import N_DOF, N_ROOT, mirror_index
from musclepose.records import Analysis, Array
from musclepose.utils.rot import rot_x, rot_y, rot_z

BRIDGE_HZ = 15.0
MAX_FRAMES = 300  # 20 s; a longer clip is thinned out to this many
N = N_DOF - N_ROOT  # joints with muscles


def physics_features(
    q: Tensor,
    qdot: Tensor,
    tau_nm: Tensor,
    activation: Tensor,
    grf_world_n: Tensor,
    mass_kg: float,
) -> Tensor:
    """(T, 217) float32: `bridge_features` without phi, free of where the athlete stands and faces. Differentiable.

    1. root angles are replaced by the upward direction in pelvis axes; root rates are left out
    2. torques per kg, ground reaction per foot as (level magnitude, vertical, 0) in body weights
    3. what is not known (NaN) is 0
    """
    R = rot_z(q[:, 3]) @ rot_x(q[:, 4]) @ rot_y(q[:, 5])
    up = R[:, 1, :]  # R_world_pelvis.T @ up
    angles = torch.cat((q[:, :3], up, q[:, 6:]), -1)
    rates = torch.cat((torch.zeros_like(qdot[:, :6]), qdot[:, 6:]), -1)
    force = grf_world_n / (mass_kg * G_M_S2)
    level = force[..., [0, 2]].square().sum(-1)
    level = torch.where(level > 0, level.clamp(min=1e-12).sqrt(), level)
    feet = torch.stack((level, force[..., 1], torch.zeros_like(level)), -1)
    none = q.new_zeros(len(q), 0)
    out = bridge_features(
        none, angles, rates, tau_nm / mass_kg, activation, feet
    )
    return (
        torch.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)
        .float()
        .clamp(-30.0, 30.0)
    )


def mirror_features(features: Tensor) -> Tensor:
    """(..., 217) of the same clip in a mirror: sides change places, and midline joints turn the other way."""
    joint, sign = (torch.from_numpy(a)[N_ROOT:] for a in mirror_index())
    joint, sign = joint - N_ROOT, sign.to(features.dtype)
    up, q, _, qdot, tau, plus, minus, feet = features.split(
        (3, N, 3, N, N, N, N, 6), -1
    )
    up, zero = (
        up * torch.tensor([1.0, 1.0, -1.0], dtype=up.dtype),
        torch.zeros_like(up),
    )
    pull, push = (
        torch.where(sign > 0, a[..., joint], b[..., joint])
        for a, b in ((plus, minus), (minus, plus))
    )
    sided = (sign * x[..., joint] for x in (q, qdot, tau))
    q, qdot, tau = sided
    return torch.cat(
        (up, q, zero, qdot, tau, pull, push, feet[..., 3:], feet[..., :3]), -1
    )


def thinned_frames(time_s: Array) -> Tensor:
    """Indices of the frames (T,) nearest to a 15 Hz grid, at most MAX_FRAMES of them."""
    count = int(
        np.clip(round((time_s[-1] - time_s[0]) * BRIDGE_HZ) + 1, 2, MAX_FRAMES)
    )
    grid = np.linspace(time_s[0], time_s[-1], count)
    right = np.clip(np.searchsorted(time_s, grid), 1, len(time_s) - 1)
    return torch.from_numpy(
        np.where(
            grid - time_s[right - 1] < time_s[right] - grid, right - 1, right
        )
    )


def features_of_analysis(analysis: Analysis) -> Tensor:
    """(T15, 217) bridge features of an analysis."""
    parts = (
        analysis.q,
        analysis.qdot,
        analysis.tau_nm,
        analysis.activation,
        analysis.grf_world_n,
    )
    keep = thinned_frames(analysis.time_s).numpy()
    q, qdot, tau, activation, grf = (
        torch.from_numpy(np.ascontiguousarray(p[keep])) for p in parts
    )
    return physics_features(
        q, qdot, tau, activation, grf, analysis.athlete.mass_kg
    )
