"""A motion as a virtual camera and a detector see it: keypoints in, and the truth in the camera-heading frame."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.fitting.real_motion import MotionClip, known_contact
from musclepose.physics.kinematics import (
    Pose,
    forward_kinematics,
    heels_and_toes,
    keypoints_coco,
    sole_points,
)
from musclepose.records import Array
from musclepose.synthesis.camera import (
    Placement,
    VirtualCamera,
    height_px,
    place_points,
    place_q,
    project,
    sample_camera,
)
from musclepose.synthesis.noise import Detections, detect, evaluation_noise

CANDIDATES = (
    16  # cameras drawn for one view; the first that frames the person is taken
)
MIN_INSIDE = 0.9  # share of all joints of the clip that lie inside the picture: people point the camera at the athlete
CLEAN_CONFIDENCE = 0.98
# Perfect keypoints, or as a detector locates them: both stages (the product's default), YOLO alone, and the noise that
# was fitted to one clip, for comparison with older figures.
DETECTOR_OF = {"detector": "blazepose", "yolo": "yolo", "one_clip": "one_clip"}
NOISES = ("clean", *DETECTOR_OF)


@dataclass(frozen=True)
class Film:
    """One clip seen by one camera."""

    clip: MotionClip
    view: int
    keypoints_px: Float[Tensor, "t 17 2"]  # NaN where unseen
    confidence: Float[Tensor, "t 17"]
    size_px: tuple[int, int]
    stature_m: float | None  # as told to the model
    q: Float[Tensor, "t 47"]  # truth in the camera-heading frame
    stance: Array  # (T, 2) true contact, NaN where unknown
    points: Array  # (T, 43, 3) truth, see body_points
    feet_px: Float[Tensor, "t 4 2"] | None = (
        None  # heels and toes, NaN where unseen
    )


def body_points(
    q: Float[Tensor, "t 47"], lengths_m: Float[Tensor, " 13"]
) -> Array:
    """`pose_points` of generalised coordinates."""
    return pose_points(forward_kinematics(q, lengths_m), lengths_m)


def pose_points(pose: Pose, lengths_m: Float[Tensor, " 13"]) -> Array:
    """(T, 43, 3): 17 COCO points, 18 segment origins, 8 sole points (left, right: heel, balls, toe), world metres."""
    sole = sole_points(pose, lengths_m).flatten(-3, -2)
    points = torch.cat(
        (keypoints_coco(pose, lengths_m), pose.p_world_seg, sole), -2
    )
    return np.asarray(points.double().numpy())


def _row(record: VirtualCamera | Placement, i: int) -> tuple[Tensor, ...]:
    return tuple(field[i : i + 1] for field in record)


def framing_camera(
    points: Float[Tensor, "1 t k 3"], generator: torch.Generator
) -> tuple[VirtualCamera, Placement, float]:
    """A camera of the training distribution that frames the person: first of CANDIDATES with MIN_INSIDE, else the
    best; and its share of joints inside the picture."""
    many = points.expand(CANDIDATES, -1, -1, -1)
    camera, placement = sample_camera(many, generator)
    px, _ = project(place_points(many, placement), camera)
    inside = (
        ((px >= 0) & (px <= camera.size_px[:, None, None]))
        .all(-1)
        .float()
        .mean((1, 2))
    )
    good = (inside >= MIN_INSIDE).nonzero()[:, 0]
    i = int(good[0]) if len(good) else int(inside.argmax())
    return (
        VirtualCamera(*_row(camera, i)),
        Placement(*_row(placement, i)),
        float(inside[i]),
    )


def _seen(
    px: Tensor,
    depth: Tensor,
    unit: Tensor,
    size_px: Tensor,
    feet_px: Tensor,
    noise: str,
    generator: torch.Generator,
) -> Detections:
    """Perfect keypoints inside the picture, or what one of DETECTOR_OF says."""
    if noise != "clean":
        settings = evaluation_noise(DETECTOR_OF[noise])
        return detect(px, depth, unit, size_px, generator, settings, feet_px)

    def inside(points: Tensor) -> Tensor:
        return ((points >= 0) & (points <= size_px[:, None, None])).all(-1)

    return Detections(
        torch.where(inside(px)[..., None], px, torch.nan),
        CLEAN_CONFIDENCE * inside(px),
        torch.where(inside(feet_px)[..., None], feet_px, torch.nan),
    )


@torch.no_grad()
def film(
    clip: MotionClip, view: int, noise: str, stature_told: bool = True
) -> Film:
    """The whole clip through virtual camera number `view`; the seed depends on the clip's name and the view alone."""
    g = torch.Generator().manual_seed(crc32(f"{clip.name}/{view}".encode()))
    q, lengths = (
        torch.from_numpy(clip.q).float()[None],
        torch.from_numpy(clip.lengths_m).float(),
    )
    pose = forward_kinematics(q, lengths)
    points = keypoints_coco(pose, lengths)
    camera, placement, _ = framing_camera(points, g)
    px, depth = project(place_points(points, placement), camera)
    unit = height_px(
        depth.median(-1).values, torch.tensor([clip.stature_m]), camera
    )
    feet_px, _ = project(
        place_points(heels_and_toes(sole_points(pose, lengths)), placement),
        camera,
    )
    seen = _seen(px, depth, unit, camera.size_px, feet_px, noise, g)
    placed = place_q(q, placement)[0]
    width, height = (int(x) for x in camera.size_px[0])
    return Film(
        clip,
        view,
        seen.keypoints_px[0],
        seen.confidence[0],
        (width, height),
        clip.stature_m if stature_told else None,
        placed,
        known_contact(clip).astype(np.float64),
        body_points(placed, lengths),
        None if seen.feet_px is None else seen.feet_px[0],
    )
