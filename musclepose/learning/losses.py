"""Training losses on decoded motion. Each term is one function of records; weights live in one dataclass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from musclepose.models.decode import CameraOut, Motion, Raw, picture_from_world
from musclepose.physics.kinematics import (
    SLOT_INDEX,
    SLOT_SIGN,
    Pose,
    forward_kinematics,
    keypoints_coco,
    pose_from_rotations,
    sole_points,
)
from musclepose.physics.skeleton47 import DOFS, SEGMENTS, Dof, limits
from musclepose.utils.rot import zxy_from_matrix


class Truth(NamedTuple):
    """What a training window really was, in the camera-heading frame."""

    q: Float[Tensor, "b t 47"]
    lengths_m: Float[Tensor, "b 13"]
    stature_m: Float[Tensor, " b"]
    contact: Float[Tensor, "b t 2"]
    contact_valid: Bool[Tensor, "b t"]
    camera: CameraOut
    angle_weight: Float[
        Tensor, "b 18"
    ]  # how well each segment's rotation was observed in the source, 0 to 1


@dataclass(frozen=True)
class LossWeights:
    """Weights of the sum. Lengths are in metres and angles in rad inside every term."""

    position: float = 10.0  # root-relative joints, mean distance
    rotation: float = 2.0
    angles: float = 3.0  # mean absolute error: a median does not lean towards the middle of the data
    points: float = 10.0  # the same from the linear readout, which trains the encoder and is then dropped
    velocity: float = 8.0  # joint displacement per frame
    acceleration: float = 3.0  # second difference per frame squared
    root: float = 1.0  # depth and picture position
    world: float = 0.5  # root in the world, relative to depth
    reprojection: float = 10.0  # long-side units, unseen joints too
    shape: float = 5.0
    camera: float = 0.5
    contact: float = 0.3
    skate: float = 1.5  # sole displacement per frame in stance
    over_feet: float = 10.0  # where the trunk is over each standing foot
    sink: float = (
        10.0  # height of standing feet, less what is common to the window
    )
    limits: float = 0.05
    smoothness: float = 0.002  # third difference of the joints, per frame cubed


# The terms of frame-to-frame change have gradients several times those of position, in random directions while the pose
# is still wrong: at their final weights from the start, the run learns ten times slower (docs/training.md).
FINAL_WEIGHTS = {
    "velocity": 15.0,
    "acceleration": 8.0,
    "skate": 15.0,
    "smoothness": 0.01,
}
RAMP = (
    0.6,
    0.85,
)  # shares of the run between which the weights go to their final values


def weights_at(progress: float) -> LossWeights:
    """Weights at a share of the run."""
    start, t = (
        LossWeights(),
        min(max((progress - RAMP[0]) / (RAMP[1] - RAMP[0]), 0.0), 1.0),
    )
    return replace(
        start,
        **{
            n: (1 - t) * getattr(start, n) + t * w
            for n, w in FINAL_WEIGHTS.items()
        },
    )


N_READOUT = 17 + 18  # COCO joints and segment origins
TRUNK = (
    17 + SEGMENTS.index("pelvis"),
    17 + SEGMENTS.index("head"),
)  # ends of the trunk, of the points


class Body(NamedTuple):
    """Points of a pose that the losses compare."""

    pose: Pose
    points: Float[
        Tensor, "b t k 3"
    ]  # 17 COCO, 18 segment origins, 8 sole points; world metres
    sole: Float[Tensor, "b t 2 4 3"]


def body_points(pose: Pose, lengths_m: Float[Tensor, "b 13"]) -> Body:
    """All compared points of a pose."""
    lengths = lengths_m[:, None]
    sole = sole_points(pose, lengths)
    points = torch.cat(
        (keypoints_coco(pose, lengths), pose.p_world_seg, sole.flatten(-3, -2)),
        -2,
    )
    return Body(pose, points, sole)


def predicted_body(motion: Motion) -> Body:
    """Points of a decoded motion."""
    return body_points(
        pose_from_rotations(
            motion.R_parent_seg, motion.p_world_root, motion.lengths_m[:, None]
        ),
        motion.lengths_m,
    )


def true_body(truth: Truth) -> Body:
    """Points of the true motion."""
    return body_points(
        forward_kinematics(truth.q, truth.lengths_m[:, None]), truth.lengths_m
    )


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return ((a - b).square().sum(-1) + 1e-8).sqrt()


def _root_terms(
    raw: Raw, motion: Motion, truth: Truth, true: Body
) -> tuple[Tensor, Tensor]:
    """Picture position and log depth of the root; world position of the root relative to its depth."""
    camera = truth.camera
    root = true.pose.p_world_seg[..., :1, :]
    uv = picture_from_world(root, camera)[..., 0, :]
    lift = torch.stack(
        (
            torch.zeros_like(camera.height_m),
            camera.height_m,
            torch.zeros_like(camera.height_m),
        ),
        -1,
    )
    depth = ((root[..., 0, :] - lift[:, None]) @ camera.R_world_cam())[
        ..., 2
    ].clamp(min=0.2)
    log_scale = (depth / (camera.focal * truth.stature_m)[:, None]).log()
    picture = (raw.root_uv - uv).abs().mean() * 10.0 + (
        raw.log_scale - log_scale
    ).abs().mean() * 2.0
    world = (_distance(motion.p_world_root, root[..., 0, :]) / depth).mean()
    return picture, world


FLEXIONS = ("hip_fl", "knee_fl", "ankle_dors", "elbow_fl")
LARGEST_ANGLE_ERROR = (
    1.0  # rad; beyond it lies another branch of a ball joint, not a better pose
)


def _slots_of(chosen: Callable[[Dof], bool]) -> Bool[Tensor, "18 3"]:
    """Which of a segment's z, x and y angles are chosen degrees of freedom."""
    slots = torch.zeros(len(SEGMENTS), 3, dtype=torch.bool)
    for dof in DOFS:
        if not dof.axis.startswith("t") and chosen(dof):
            slots[dof.segment, "zxy".index(dof.axis)] = True
    return slots


FLEXION_SLOTS = _slots_of(lambda dof: dof.name.startswith(FLEXIONS))
# Shoulders are left out: two Euler branches show the same pose. The root has no limits.
LIMITED_SLOTS = _slots_of(
    lambda dof: dof.segment != 0 and not dof.name.startswith("shoulder")
)


@lru_cache(maxsize=4)
def _angle_constants(
    device: torch.device,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Index in q and sign of the slots, flexion and limited slots as weights, lower and upper limits, all (18, 3)."""
    index = torch.tensor(SLOT_INDEX)
    bounds = (
        torch.cat((torch.from_numpy(x).float(), torch.zeros(1)))[index]
        for x in limits()
    )
    sign = torch.tensor(SLOT_SIGN)
    parts = (index, sign, FLEXION_SLOTS.float(), LIMITED_SLOTS.float(), *bounds)
    index, sign, flexion, limited, lower, upper = (x.to(device) for x in parts)
    return index, sign, flexion, limited, lower, upper


def _angle_error(
    angles: Float[Tensor, "b t 18 3"],
    q_true: Float[Tensor, "b t 47"],
    weight: Float[Tensor, "b 18"],
) -> Float[Tensor, ""]:
    """Mean absolute error of hip, knee, ankle and elbow flexion, rad, weighted by how well the source shows them.

    angles: z, x and y angle of every segment, in the signs of q.
    """
    index, _, flexion, *_ = _angle_constants(angles.device)
    step = angles - nn.functional.pad(q_true, (0, 1))[..., index]
    error = (
        torch.atan2(step.sin(), step.cos()).abs().clamp(max=LARGEST_ANGLE_ERROR)
    )
    share = flexion * weight[:, None, :, None]
    return (error * share).sum((-1, -2)).mean() / flexion.sum()


def _limit_penalty(angles: Float[Tensor, "b t 18 3"]) -> Float[Tensor, ""]:
    """Squared excess over the joint limits, summed over the joints, on the principal Euler branch."""
    *_, limited, lower, upper = _angle_constants(angles.device)
    excess = (
        torch.relu(angles - upper).square()
        + torch.relu(lower - angles).square()
    )
    return (excess * limited).sum((-1, -2)).mean()


def _standing_terms(
    body: Body, true: Body, stands: Tensor
) -> tuple[Tensor, Tensor]:
    """Horizontal place of the middle of the trunk over each foot, and height of the feet, while they stand (b, t, 2).

    Share of the weight and sinking feet are centimetres that the mean over all points hardly notices.
    """
    off = []
    for one in (body, true):
        trunk = one.points[..., TRUNK, :].mean(-2)
        off.append((one.sole.mean(-2) - trunk[..., None, :])[..., (0, 2)])
    across = (off[0] - off[1]).norm(dim=-1)
    height = (body.sole - true.sole)[..., 1].mean(-1)
    count = stands.sum((1, 2), keepdim=True).clamp(min=1.0)
    common = (height * stands).sum((1, 2), keepdim=True) / count
    return (across * stands).mean(), ((height - common).abs() * stands).mean()


def loss_terms(
    raw: Raw, motion: Motion, truth: Truth, readout: Float[Tensor, "b t 35 3"]
) -> dict[str, Tensor]:
    """Unweighted terms by name (the names of LossWeights). readout: joints and segment origins from the root, m.

    One piece because it is a table: a term a row, over differences that several rows share.
    """
    body, true = predicted_body(motion), true_body(truth)
    relative = body.points - motion.p_world_root[..., None, :]
    relative_true = true.points - truth.q[..., None, :3]
    R_true = true.pose.R_world_seg
    angles = (
        zxy_from_matrix(motion.R_parent_seg)
        * _angle_constants(motion.R_parent_seg.device)[1]
    )
    step, step_true = relative.diff(dim=1), relative_true.diff(dim=1)
    turn, turn_true = step.diff(dim=1), step_true.diff(dim=1)
    root, world = _root_terms(raw, motion, truth, true)
    known = truth.contact_valid[..., None]
    stance = (
        truth.contact[:, 1:]
        * truth.contact[:, :-1]
        * known[:, 1:]
        * known[:, :-1]
    )
    over_feet, sink = _standing_terms(body, true, truth.contact * known)
    slide = (
        (body.sole.diff(dim=1) - true.sole.diff(dim=1)).norm(dim=-1).mean(-1)
    )
    contact = nn.functional.binary_cross_entropy_with_logits(
        raw.contact, truth.contact, reduction="none"
    )
    uv, uv_true = (
        picture_from_world(body.points[..., :17, :], motion.camera),
        picture_from_world(true.points[..., :17, :], truth.camera),
    )
    inside = uv_true.abs().amax(-1) < 1.0
    c, ct = motion.camera, truth.camera
    return {
        "position": _distance(relative, relative_true).mean(),
        "points": _distance(readout, relative_true[..., :N_READOUT, :]).mean(),
        "rotation": (
            (body.pose.R_world_seg - R_true).square().sum((-1, -2))
            * truth.angle_weight[:, None]
        ).mean(),
        "angles": _angle_error(angles, truth.q, truth.angle_weight),
        "velocity": _distance(step, step_true).mean(),
        "acceleration": _distance(turn, turn_true).mean(),
        "root": root,
        "world": world,
        "reprojection": (
            (uv - uv_true).abs().mean(-1).clamp(max=1.0) * inside
        ).mean(),
        "shape": (
            (motion.lengths_m - truth.lengths_m) / truth.stature_m[:, None]
        )
        .abs()
        .sum(-1)
        .mean()
        + (motion.stature_m / truth.stature_m).log().abs().mean(),
        "camera": (c.pitch - ct.pitch).abs().mean() * 4
        + (c.roll - ct.roll).abs().mean() * 4
        + (c.focal / ct.focal).log().abs().mean() * 0.3
        + (c.height_m - ct.height_m).abs().mean(),
        "contact": (contact * known).mean(),
        "skate": (slide * stance).mean(),
        "over_feet": over_feet,
        "sink": sink,
        "limits": _limit_penalty(angles),
        "smoothness": relative.diff(n=3, dim=1).square().sum(-1).mean() * 1e4,
    }


def weighted_sum(terms: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """Sum of weight x term; every weight must have its term."""
    return torch.stack(
        [getattr(weights, f.name) * terms[f.name] for f in fields(weights)]
    ).sum()
