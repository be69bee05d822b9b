"""Keypoints of a generated exercise: what runs where nobody gave a video. Made, not measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.records import PoseTrack
from musclepose.synthesis.camera import (
    CameraRanges,
    height_px,
    place_points,
    project,
    sample_camera,
)
from musclepose.synthesis.exercise.generate import generate_clip
from musclepose.synthesis.noise import EVALUATION_NOISE, detect

TYPICAL_CAMERA = CameraRanges(
    focal=(1.0, 1.4),
    height_m=(0.8, 1.4),
    distance_m=(3.0, 5.0),
    fill=(0.6, 0.8),
)
TYPICAL_NOISE = replace(EVALUATION_NOISE, swap=0.0, swap_all=0.0, equipment=0.0)


def synthetic_track(
    exercise: str = "squat", seed: int = 0, seconds: float = 8.0
) -> PoseTrack:
    """A generated exercise seen by a virtual camera through a noisy detector; the same for the same arguments.

    Returns keypoints (T, 17, 2) px at 30 Hz. Raises InputError for an exercise that the generator does not know.
    """
    motion = generate_clip(seed, exercise, faults={}, seconds=seconds).motion
    lengths = torch.from_numpy(motion.lengths_m).float()
    points = keypoints_coco(
        forward_kinematics(torch.from_numpy(motion.q).float(), lengths), lengths
    )[None]
    g = torch.Generator().manual_seed(seed)
    camera, placement = sample_camera(points, g, TYPICAL_CAMERA)
    px, depth = project(place_points(points, placement), camera, motion.fps)
    unit = height_px(
        depth.median(-1).values, torch.tensor([float(motion.stature_m)]), camera
    )
    seen = detect(px, depth, unit, camera.size_px, g, TYPICAL_NOISE)
    width, height = (int(s) for s in camera.size_px[0])
    return PoseTrack(
        seen.keypoints_px[0].double().numpy(),
        seen.confidence[0].double().numpy(),
        np.arange(len(motion.q)) / motion.fps,
        (width, height),
        warnings=("These keypoints were generated, not measured.",),
    )
