"""Raw head outputs -> rotations, angles, shape, camera and root position. Differentiable; no physics here.

World here is the camera-heading frame: x to the right of the picture, y up, z towards the viewer, origin on the floor
below the camera.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.data.tokens import Tokens
from musclepose.physics.anthropometrics import (
    N_BETA,
    REFERENCE_STATURE_M,
    segment_lengths,
)
from musclepose.physics.kinematics import local_rotations
from musclepose.physics.skeleton47 import DOFS, N_SEGMENTS, SEGMENTS, Dof
from musclepose.utils.rot import (
    matrix_from_6d,
    rot_x,
    rot_z,
    unwrap_zxy,
    zxy_from_matrix,
)

_BALLS = (
    "pelvis",
    "abdomen",
    "thorax",
    "head",
    "upper_arm_l",
    "upper_arm_r",
    "thigh_l",
    "thigh_r",
    "foot_l",
    "foot_r",
)
BALL_SEGMENTS = tuple(SEGMENTS.index(s) for s in _BALLS)
ANGLE_DOFS = tuple(
    i
    for i, d in enumerate(DOFS)
    if not d.axis.startswith("t") and d.segment not in BALL_SEGMENTS
)
N_FRAME_POSE = 6 * len(BALL_SEGMENTS) + len(ANGLE_DOFS)
N_CAMERA = 4  # log focal ratio, pitch down, roll, log camera height in statures
FOCAL_REFERENCE = 1.25  # long sides


class Raw(NamedTuple):
    """Head outputs in units that do not depend on the window, so that windows can be blended before decoding."""

    rotation6d: Float[Tensor, "*b t 10 6"]
    angle: Float[Tensor, "*b t 14"]  # rad
    root_uv: Float[
        Tensor, "*b t 2"
    ]  # picture position of the mid-hip, long-side units
    log_scale: Float[Tensor, "*b t"]  # log of depth / focal / stature
    contact: Float[Tensor, "*b t 2"]  # logits
    beta: Float[Tensor, "*b 15"]
    camera: Float[Tensor, "*b 4"]


class CameraOut(NamedTuple):
    """Camera of a clip: focal length in long sides, pitch down and roll in rad, height in m."""

    focal: Float[Tensor, "*b"]
    pitch: Float[Tensor, "*b"]
    roll: Float[Tensor, "*b"]
    height_m: Float[Tensor, "*b"]

    def R_world_cam(self) -> Float[Tensor, "*b 3 3"]:
        """OpenCV camera axes (x right, y down, z forward) to world."""
        flip = torch.diag(self.pitch.new_tensor([1.0, -1.0, -1.0]))
        return rot_x(-self.pitch) @ rot_z(self.roll) @ flip


class Motion(NamedTuple):
    """Decoded motion of a clip."""

    R_parent_seg: Float[Tensor, "*b t 18 3 3"]
    p_world_root: Float[Tensor, "*b t 3"]
    lengths_m: Float[Tensor, "*b 13"]
    stature_m: Float[Tensor, "*b"]
    camera: CameraOut


def raw_from_heads(
    pose: Tensor,
    root: Tensor,
    contact: Tensor,
    beta: Tensor,
    camera: Tensor,
    tokens: Tokens,
) -> Raw:
    """Undo the window's own scale. pose (*b t 74), root (*b t 3), contact (*b t 2), beta (*b 15), camera (*b 4)."""
    split = 6 * len(BALL_SEGMENTS)
    rotation = pose[..., :split].unflatten(-1, (len(BALL_SEGMENTS), 6))
    identity = torch.tensor(
        [1.0, 0, 0, 0, 1, 0], dtype=pose.dtype, device=pose.device
    )
    size = tokens.size[..., None]
    return Raw(
        rotation + identity,
        pose[..., split:],
        tokens.centre + size[..., None] * root[..., :2],
        root[..., 2] - size.log(),
        contact,
        beta,
        camera,
    )


def camera_from_raw(raw: Raw, stature_m: Tensor) -> CameraOut:
    """Camera of the clip; the height scales with the stature as every length does."""
    log_focal, pitch, roll, log_height = raw.camera.unbind(-1)
    focal = FOCAL_REFERENCE * torch.exp(log_focal)
    height_m = stature_m * 0.75 * torch.exp(log_height)
    return CameraOut(focal, pitch, roll, height_m)


def world_from_picture(
    uv: Tensor, depth_m: Tensor, camera: CameraOut
) -> Float[Tensor, "*b t 3"]:
    """World position of a picture point (long-side units) at a depth (m)."""
    across = uv / camera.focal[..., None, None]
    ray = torch.cat((across, torch.ones_like(uv[..., :1])), -1)
    p_cam = ray * depth_m[..., None]
    from_lens = p_cam @ camera.R_world_cam().transpose(-1, -2)
    return from_lens + _lens(camera)[..., None, :]


def _lens(camera: CameraOut) -> Float[Tensor, "*b 3"]:
    """Where the camera is in the world, m."""
    zero = torch.zeros_like(camera.height_m)
    return torch.stack((zero, camera.height_m, zero), -1)


def picture_from_world(
    p_world: Float[Tensor, "*b t k 3"], camera: CameraOut
) -> Float[Tensor, "*b t k 2"]:
    """Long-side picture coordinates of world points; depth is kept above 0.2 m so that gradients stay finite."""
    from_lens = p_world - _lens(camera)[..., None, None, :]
    p_cam = from_lens @ camera.R_world_cam()[..., None, :, :]
    focal = camera.focal[..., None, None, None]
    depth = p_cam[..., 2:].clamp(min=0.2)
    return focal * p_cam[..., :2] / depth


def decode(
    raw: Raw, stature_m: Float[Tensor, "*b"], stature_known: Tensor
) -> Motion:
    """Motion from raw outputs. Where the stature is known, it replaces the one in beta."""
    stature_of_beta = REFERENCE_STATURE_M * torch.exp(raw.beta[..., 0])
    stature = torch.where(stature_known, stature_m, stature_of_beta)
    lengths = segment_lengths(stature, raw.beta[..., 2:N_BETA])
    columns = torch.tensor(ANGLE_DOFS, device=raw.angle.device)
    q_angles = raw.angle.new_zeros(*raw.angle.shape[:-1], len(DOFS))
    q_angles = q_angles.index_copy(-1, columns, raw.angle)
    from_angles = local_rotations(q_angles)
    from_6d = matrix_from_6d(raw.rotation6d)
    parts = [
        from_6d[..., BALL_SEGMENTS.index(s), :, :]
        if s in BALL_SEGMENTS
        else from_angles[..., s, :, :]
        for s in range(N_SEGMENTS)
    ]
    camera = camera_from_raw(raw, stature)
    depth = torch.exp(raw.log_scale) * (camera.focal * stature)[..., None]
    root = world_from_picture(raw.root_uv, depth, camera)
    return Motion(torch.stack(parts, -3), root, lengths, stature, camera)


def generalised_coordinates(motion: Motion) -> Float[Tensor, "*b t 47"]:
    """Continuous q (unwrapped ZXY branches) of a decoded motion."""
    by_segment = zxy_from_matrix(motion.R_parent_seg).transpose(-3, -2)
    angles = unwrap_zxy(by_segment).transpose(-3, -2)

    def column(dof: Dof) -> Tensor:
        if dof.axis.startswith("t"):
            return motion.p_world_root[..., "xyz".index(dof.axis[1])]
        return angles[..., dof.segment, "zxy".index(dof.axis)] * dof.sign

    return torch.stack([column(dof) for dof in DOFS], -1)
