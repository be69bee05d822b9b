"""The picture in a mirror: keypoints and network outputs with left and right exchanged.

A body is symmetric, so the motion seen in the mirror is the mirrored motion. A network knows this only nearly; the mean
of both views is exact, and more accurate.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.models.decode import ANGLE_DOFS, BALL_SEGMENTS, Raw
from musclepose.physics.skeleton47 import COCO17, SEGMENTS, mirror_index
from musclepose.utils.rot import matrix_from_6d, sixd_from_matrix


def _partner(name: str) -> str:
    for here, there in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(here):
            return there + name.removeprefix(here)
    for here, there in (("_l", "_r"), ("_r", "_l")):
        if name.endswith(here):
            return name.removesuffix(here) + there
    return name


_COCO = [COCO17.index(_partner(n)) for n in COCO17]
FEET_MIRROR = (1, 0, 3, 2)  # of left heel, right heel, left toe, right toe
_BALLS = [
    BALL_SEGMENTS.index(SEGMENTS.index(_partner(SEGMENTS[s])))
    for s in BALL_SEGMENTS
]
_index, _sign = mirror_index()
_ANGLES = [ANGLE_DOFS.index(int(_index[i])) for i in ANGLE_DOFS]
_ANGLE_SIGN = torch.tensor([float(_sign[i]) for i in ANGLE_DOFS])
_PELVIS = BALL_SEGMENTS.index(SEGMENTS.index("pelvis"))


def mirror_keypoints(
    keypoints_px: Float[Tensor, "*b t 17 2"],
    confidence: Float[Tensor, "*b t 17"],
    width_px: float,
) -> tuple[Tensor, Tensor]:
    """Keypoints and confidences of the picture flipped left to right."""
    flipped = torch.stack(
        (width_px - keypoints_px[..., 0], keypoints_px[..., 1]), -1
    )
    return flipped[..., _COCO, :], confidence[..., _COCO]


def mirror_feet(
    feet_px: Float[Tensor, "*b t 4 2"], width_px: float
) -> Float[Tensor, "*b t 4 2"]:
    """Left heel, right heel, left toe, right toe of the flipped picture."""
    flipped = torch.stack((width_px - feet_px[..., 0], feet_px[..., 1]), -1)
    return flipped[..., FEET_MIRROR, :]


def mirror_raw(raw: Raw) -> Raw:
    """Network outputs of the mirrored motion.

    A segment's rotation becomes S R S with S = diag(1, 1, -1) (z is lateral); the pelvis, whose parent is the world,
    W R S with W = diag(-1, 1, 1) (x runs across the picture).
    """
    R = matrix_from_6d(raw.rotation6d)[..., _BALLS, :, :]
    lateral = R.new_tensor([1.0, 1.0, -1.0])
    left = lateral.repeat(len(BALL_SEGMENTS), 1)
    left[_PELVIS] = R.new_tensor([-1.0, 1.0, 1.0])
    roll = raw.camera.new_tensor([1.0, 1.0, -1.0, 1.0])
    return Raw(
        sixd_from_matrix(left[:, :, None] * R * lateral),
        raw.angle[..., _ANGLES] * _ANGLE_SIGN.to(raw.angle),
        raw.root_uv * raw.root_uv.new_tensor([-1.0, 1.0]),
        raw.log_scale,
        raw.contact.flip(-1),
        raw.beta,
        raw.camera * roll,
    )
