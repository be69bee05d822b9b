"""The body with landmarks on it: where they sit, how they move with each DoF."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from musclepose.physics.kinematics import Pose
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    DOFS,
    N_DOF,
    N_SEGMENTS,
    PARENTS,
)

# Stiffness to neutral (rad): how far a DoF moves from neutral when no landmark shows it. Chosen, not published.
NEUTRAL_SIGMA = {
    "lumbar": 0.35, "thoracic": 0.35, "neck": 0.6, "neck_rotation": 0.1, "scapula": 0.25, "shoulder": 2.0,
    "shoulder_rotation": 1.0, "elbow": 2.0, "forearm": 0.8, "wrist": 0.3, "hip": 2.0, "hip_rotation": 0.5, "knee": 2.0,
    "ankle_dorsiflexion": 1.0, "ankle_inversion": 0.2, "ankle_adduction": 0.12, "pelvis": 1e4,
}  # fmt: skip
NEUTRAL_RAD = {
    "forearm_pronation_l": 1.4,
    "forearm_pronation_r": 1.4,
}  # thumbs forward


@dataclass(frozen=True)
class LandmarkModel:
    """Where landmarks sit on the body: `p_seg = coefficients @ lengths + offset_m` in the frame of `segment`."""

    names: tuple[str, ...]
    segment: Tensor  # (M,) int
    coefficients: Float[Tensor, "m 3 13"]
    offset_m: Float[Tensor, "m 3"]
    sigma_m: Float[Tensor, " m"]  # weight of the landmark in a frame
    offset_sigma_m: Float[
        Tensor, "m 3"
    ]  # how far the offset may be learned away from its start


@dataclass(frozen=True)
class Subject:
    """A calibrated body: 13 lengths (m), the landmark model with learned offsets, their prior."""

    lengths_m: Float[Tensor, " 13"]
    landmarks: LandmarkModel
    length_sigma_m: Float[Tensor, " 13"]


def neutral_prior() -> tuple[Float[Tensor, " 47"], Float[Tensor, " 47"]]:
    """Neutral angles (rad) and stiffness sigma (rad) per DoF; the most specific name in NEUTRAL_SIGMA wins."""
    sigma = torch.empty(N_DOF)
    for i, dof in enumerate(DOFS):
        matches = [key for key in NEUTRAL_SIGMA if dof.name.startswith(key)]
        sigma[i] = NEUTRAL_SIGMA[max(matches, key=len)]
    neutral = torch.zeros(N_DOF)
    for name, value in NEUTRAL_RAD.items():
        neutral[DOF_INDEX[name]] = value
    return neutral, sigma


def _ancestors() -> Bool[Tensor, "18 18"]:
    """[s, a]: segment a carries segment s (or is it)."""
    out = torch.zeros(N_SEGMENTS, N_SEGMENTS, dtype=torch.bool)
    for s in range(N_SEGMENTS):
        a = s
        while a >= 0:
            out[s, a] = True
            a = PARENTS[a]
    return out


_ANCESTORS = _ancestors()
_DOF_SEGMENT = torch.tensor([d.segment for d in DOFS])
_DOF_SIGN = torch.tensor([d.sign for d in DOFS], dtype=torch.float32)
_DOF_AXIS = ["xyz".index(d.axis[-1]) for d in DOFS]
_Z_SLOT = [
    next(
        (
            i
            for i, e in enumerate(DOFS)
            if e.segment == d.segment and e.axis == "z"
        ),
        -1,
    )
    for d in DOFS
]


def dof_axes(q: Float[Tensor, "n 47"], pose: Pose) -> Float[Tensor, "n 44 3"]:
    """World axes of the 44 rotational DoFs, signed: z of the parent, x after the z turn, y of the segment itself."""
    axes = []
    identity = torch.eye(3, dtype=q.dtype).expand(q.shape[0], 3, 3)
    for i in range(3, N_DOF):
        segment, axis = DOFS[i].segment, _DOF_AXIS[i]
        parent = PARENTS[segment]
        R_w_p = pose.R_world_seg[:, parent] if parent >= 0 else identity
        if axis == 2:
            a = R_w_p[:, :, 2]
        elif axis == 1:
            a = pose.R_world_seg[:, segment, :, 1]
        else:
            z = (q[:, _Z_SLOT[i]] * _DOF_SIGN[_Z_SLOT[i]])[:, None]
            a = R_w_p[:, :, 0] * z.cos() + R_w_p[:, :, 1] * z.sin()
        axes.append(a * _DOF_SIGN[i])
    return torch.stack(axes, 1)


def landmark_positions(pose: Pose, subject: Subject) -> Float[Tensor, "n m 3"]:
    """World position of every landmark of the model, m."""
    model = subject.landmarks
    local = model.coefficients @ subject.lengths_m + model.offset_m
    R = pose.R_world_seg[:, model.segment]
    return pose.p_world_seg[:, model.segment] + (R @ local[..., None])[..., 0]


def landmark_jacobian(
    q: Float[Tensor, "n 47"],
    pose: Pose,
    points: Float[Tensor, "n m 3"],
    segment: Tensor,
) -> Float[Tensor, "n 47 m 3"]:
    """d p_m / d q_i in world axes."""
    n, m = points.shape[:2]
    axes = dof_axes(q, pose)
    arm = points[:, None] - pose.p_world_seg[:, _DOF_SEGMENT[3:], None]
    turn = torch.linalg.cross(axes[:, :, None].expand_as(arm), arm, dim=-1)
    moves = _ANCESTORS[segment][:, _DOF_SEGMENT[3:]].T.to(points.dtype)
    shift = torch.eye(3, dtype=points.dtype)[:, None].expand(n, 3, m, 3)
    return torch.cat((shift, turn * moves[None, :, :, None]), 1)
