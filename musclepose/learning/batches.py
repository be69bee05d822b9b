"""Training batches: windows of motion, changed honestly, seen by a random camera through a noisy detector."""

from __future__ import annotations

import torch
from torch import Tensor

from musclepose.data.tokens import Tokens, make_tokens_from_coco
from musclepose.learning.losses import Truth
from musclepose.models.decode import CameraOut
from musclepose.physics.kinematics import (
    forward_kinematics,
    heels_and_toes,
    keypoints_coco,
    sole_points,
)
from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.synthesis.augment import MotionBank
from musclepose.synthesis.camera import (
    CameraRanges,
    VirtualCamera,
    height_px,
    place_points,
    place_q,
    project,
    sample_camera,
)
from musclepose.synthesis.noise import Detections, NoiseConfig, detect

# How well the source shows each segment's rotation (axial turns are unseen in joint positions); 1 where not named.
SEGMENT_WEIGHT = {
    "abdomen": 0.5, "thorax": 0.5, "head": 0.3, "hand_l": 0.1, "hand_r": 0.1, "scapula_l": 0.3, "scapula_r": 0.3,
    "forearm_l": 0.5, "forearm_r": 0.5, "foot_l": 0.5, "foot_r": 0.5,
}  # fmt: skip
STATURE_TOLD = (
    0.6  # share of windows whose stature the user is taken to have told
)
STATURE_ERROR = 0.01  # relative standard deviation of what users say
CLEAN_CONFIDENCE = 0.98
CLEAN_FEET = 0.5  # share of the perfectly seen windows in which heels and toes are seen too
LONG = 4
# Wider than what the evaluation films with: real phones stand on shelves, lean, and do not aim at the athlete.
TRAINING_CAMERAS = CameraRanges(
    height_m=(0.2, 2.8),
    roll_deg=(4.0, 16.0),
    fill=(0.3, 1.25),
    spare=0.6,
    phone=0.5,
)


class BatchMaker:
    """Numbered batches: batch n depends on the seed and n alone."""

    def __init__(
        self,
        bank: MotionBank,
        batch: int,
        frames: int,
        seed: int,
        clean_share: float = 0.2,
        noise: NoiseConfig | None = None,
        cameras: CameraRanges | None = None,
        long_every: int = 0,
    ) -> None:
        """long_every: every so many batches the windows are LONG times as long and as many times fewer; 0 never."""
        self.long_every = long_every
        self.bank, self.batch, self.frames, self.seed, self.clean_share = (
            bank,
            batch,
            frames,
            seed,
            clean_share,
        )
        self.noise, self.cameras = (
            noise or NoiseConfig(),
            cameras or CameraRanges(),
        )
        self.angle_weight = torch.tensor(
            [SEGMENT_WEIGHT.get(s, 1.0) for s in SEGMENTS]
        )

    def __call__(self, step: int) -> tuple[Tokens, Truth]:
        g = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        long = (
            self.long_every > 0
            and step % self.long_every == self.long_every - 1
        )
        batch, frames = (
            (max(1, self.batch // LONG), self.frames * LONG)
            if long
            else (self.batch, self.frames)
        )
        with torch.no_grad():
            w = self.bank.sample(batch, frames, g)
            q, camera, seen = self._film(
                w["q"], w["lengths_m"], w["stature_m"], g
            )
            told = torch.rand(batch, generator=g) < STATURE_TOLD
            said = w["stature_m"] * (
                1 + STATURE_ERROR * torch.randn(batch, generator=g)
            )
            stature = torch.where(told, said, torch.nan)
            tokens = make_tokens_from_coco(
                seen.keypoints_px,
                seen.confidence,
                camera.size_px,
                stature,
                seen.feet_px,
            )
        view = CameraOut(
            camera.focal, camera.pitch, camera.roll, camera.height_m
        )
        weight = self.angle_weight.expand(batch, -1)
        return tokens, Truth(
            q,
            w["lengths_m"],
            w["stature_m"],
            w["contact"],
            w["contact_valid"],
            view,
            weight,
        )

    def _film(
        self,
        q: Tensor,
        lengths_m: Tensor,
        stature_m: Tensor,
        g: torch.Generator,
    ) -> tuple[Tensor, VirtualCamera, Detections]:
        """q in the frame of a random camera, and what the detector says; some windows are seen perfectly."""
        pose = forward_kinematics(q, lengths_m[:, None])
        points = keypoints_coco(pose, lengths_m[:, None])
        camera, placement = sample_camera(points, g, self.cameras)
        px, depth = project(place_points(points, placement), camera)
        feet = heels_and_toes(sole_points(pose, lengths_m[:, None]))
        feet_px, _ = project(place_points(feet, placement), camera)
        unit = height_px(depth.median(-1).values, stature_m, camera)
        noisy = detect(px, depth, unit, camera.size_px, g, self.noise, feet_px)
        assert noisy.feet_px is not None
        inside = ((px >= 0) & (px <= camera.size_px[:, None, None])).all(-1)
        clean = (torch.rand(len(q), generator=g) < self.clean_share)[
            :, None, None
        ]
        located = (torch.rand(len(q), generator=g) < CLEAN_FEET)[
            :, None, None, None
        ]
        perfect = torch.where(inside[..., None], px, torch.nan)
        return (
            place_q(q, placement),
            camera,
            Detections(
                torch.where(clean[..., None], perfect, noisy.keypoints_px),
                torch.where(clean, CLEAN_CONFIDENCE * inside, noisy.confidence),
                torch.where(
                    clean[..., None],
                    torch.where(located, feet_px, torch.nan),
                    noisy.feet_px,
                ),
            ),
        )
