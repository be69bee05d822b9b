"""Forward kinematics of the 47-DoF tree: batched over any leading axes, functional, differentiable, torch.func safe."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.skeleton47 import (
    DOFS,
    FEET,
    GEOMETRY,
    N_SEGMENTS,
    PARENTS,
)
from musclepose.utils.rot import matrix_from_zxy


class Pose(NamedTuple):
    """World pose of the segments: `p_world = R_world_seg @ p_seg + p_world_seg`."""

    R_world_seg: Float[Tensor, "*b 18 3 3"]
    p_world_seg: Float[Tensor, "*b 18 3"]


def _joint_slots() -> tuple[list[list[int]], list[list[float]]]:
    """Per segment the q index of its z, x and y angle (47 = constant zero) and the sign of each."""
    index = [[len(DOFS)] * 3 for _ in range(N_SEGMENTS)]
    sign = [[0.0] * 3 for _ in range(N_SEGMENTS)]
    for i, dof in enumerate(DOFS):
        if not dof.axis.startswith("t"):
            slot = "zxy".index(dof.axis)
            index[dof.segment][slot], sign[dof.segment][slot] = i, dof.sign
    return index, sign


SLOT_INDEX, SLOT_SIGN = _joint_slots()


@lru_cache(maxsize=16)
def _constants(
    dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    def tensor(array: object) -> Tensor:
        return torch.as_tensor(array, dtype=dtype, device=device)

    index = torch.tensor(SLOT_INDEX, device=device)
    return (
        index,
        tensor(SLOT_SIGN),
        tensor(GEOMETRY.joint_offsets),
        tensor(GEOMETRY.keypoint_offsets),
        tensor(GEOMETRY.sole_offsets),
    )


def local_rotations(q: Float[Tensor, "*b 47"]) -> Float[Tensor, "*b 18 3 3"]:
    """`R_parent_seg` of every segment: intrinsic ZXY of the signed joint angles (the root's parent is the world)."""
    index, sign, *_ = _constants(q.dtype, q.device)
    padded = torch.nn.functional.pad(q, (0, 1))
    angles = padded[..., index] * sign
    return matrix_from_zxy(angles[..., 0], angles[..., 1], angles[..., 2])


def joint_offsets(lengths: Float[Tensor, "*b 13"]) -> Float[Tensor, "*b 18 3"]:
    """Joint position of each segment in its parent's frame, m."""
    return torch.einsum(
        "sck,...k->...sc", _constants(lengths.dtype, lengths.device)[2], lengths
    )


def pose_from_rotations(
    R_parent_seg: Float[Tensor, "*b 18 3 3"],
    p_world_root: Float[Tensor, "*b 3"],
    lengths: Float[Tensor, "*c 13"],
) -> Pose:
    """Chain local rotations down the tree: `R_w_s = R_w_p R_p_s`, `p_w_s = p_w_p + R_w_p o_p_s`."""
    offsets = joint_offsets(lengths)
    rotations, positions = [R_parent_seg[..., 0, :, :]], [p_world_root]
    for s in range(1, N_SEGMENTS):
        parent = PARENTS[s]
        rotations.append(rotations[parent] @ R_parent_seg[..., s, :, :])
        positions.append(
            positions[parent]
            + (rotations[parent] @ offsets[..., s, :, None])[..., 0]
        )
    return Pose(torch.stack(rotations, -3), torch.stack(positions, -2))


def forward_kinematics(
    q: Float[Tensor, "*b 47"], lengths: Float[Tensor, "*c 13"]
) -> Pose:
    """Pose of all segments from generalised coordinates (rad, m) and the 13 scale lengths (m), which broadcast."""
    return pose_from_rotations(local_rotations(q), q[..., :3], lengths)


def keypoints_coco(
    pose: Pose, lengths: Float[Tensor, "*c 13"]
) -> Float[Tensor, "*b 17 3"]:
    """The 17 COCO points on the body, world metres."""
    offsets = torch.einsum(
        "kcl,...l->...kc", _constants(lengths.dtype, lengths.device)[3], lengths
    )
    segment = torch.as_tensor(GEOMETRY.keypoint_segments, device=lengths.device)
    return (
        pose.p_world_seg[..., segment, :]
        + (pose.R_world_seg[..., segment, :, :] @ offsets[..., None])[..., 0]
    )


def sole_points(
    pose: Pose, lengths: Float[Tensor, "*c 13"]
) -> Float[Tensor, "*b 2 4 3"]:
    """Heel, medial and lateral ball and toe tip of the left and right sole, world metres."""
    offsets = torch.einsum(
        "fpcl,...l->...fpc",
        _constants(lengths.dtype, lengths.device)[4],
        lengths,
    )
    feet = list(FEET)
    R = pose.R_world_seg[..., feet, :, :]
    return (
        pose.p_world_seg[..., feet, None, :]
        + (R[..., None, :, :] @ offsets[..., None])[..., 0]
    )


def heels_and_toes(sole: Float[Tensor, "*b 2 4 3"]) -> Float[Tensor, "*b 4 3"]:
    """Left heel, right heel, left toe, right toe of the sole points, as keypoint sources order them."""
    return sole[..., (0, 3), :].transpose(-3, -2).flatten(-3, -2)
