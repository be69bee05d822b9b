"""Training batches: windows of motion, changed honestly, seen by a random camera through a noisy detector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from musclepose.data.camera import CameraRanges, VirtualCamera, height_px, place_points, place_q, project, sample_camera
from musclepose.data.noise import Detections, NoiseConfig, detect
from musclepose.data.real_motion import MotionClip
from musclepose.data.tokens import Tokens, make_tokens_from_coco
from musclepose.learning.losses import Truth
from musclepose.models.decode import CameraOut
from musclepose.physics.anthropometrics import standing_height
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco, sole_points
from musclepose.physics.skeleton47 import N_DOF, SEGMENTS, mirror_index

# How well the source shows each segment's rotation (axial turns are unseen in joint positions); 1 where not named.
SEGMENT_WEIGHT = {
    "abdomen": 0.5, "thorax": 0.5, "head": 0.3, "hand_l": 0.1, "hand_r": 0.1, "scapula_l": 0.3, "scapula_r": 0.3,
    "forearm_l": 0.5, "forearm_r": 0.5, "foot_l": 0.5, "foot_r": 0.5,
}  # fmt: skip


class Window(NamedTuple):
    """A batch of motions before the camera."""

    q: Tensor  # (B, T, 47)
    lengths_m: Tensor  # (B, 13)
    stature_m: Tensor  # (B,)
    contact: Tensor  # (B, T, 2)
    contact_valid: Tensor  # (B,)


class Bank:
    """All clips end to end; windows are drawn by clip with the given weights."""

    def __init__(self, clips: Sequence[MotionClip], weight: Sequence[float]) -> None:
        self.q = torch.cat([torch.from_numpy(c.q) for c in clips])
        self.contact = torch.cat([torch.from_numpy(c.contact) for c in clips])
        self.lengths = torch.stack([torch.from_numpy(c.lengths_m) for c in clips])
        self.stature = torch.tensor([c.stature_m for c in clips], dtype=torch.float32)
        self.count = torch.tensor([len(c.q) for c in clips])
        self.first = torch.cat((torch.zeros(1, dtype=torch.long), self.count.cumsum(0)[:-1]))
        self.weight = torch.tensor(weight, dtype=torch.float32)

    def draw(self, batch: int, frames: int, g: torch.Generator) -> Window:
        """Windows at 0.7 to 1.4 times the speed, linear between frames, held at the end of short clips."""
        clip = torch.multinomial(self.weight, batch, replacement=True, generator=g)
        speed = torch.exp(torch.empty(batch).uniform_(math.log(0.7), math.log(1.4), generator=g))
        room = (self.count[clip] - 1 - speed * (frames - 1)).clamp(min=0.0)
        start = room * torch.rand(batch, generator=g)
        position = (start[:, None] + speed[:, None] * torch.arange(frames)).minimum(self.count[clip][:, None] - 1.0)
        low = position.floor().long().minimum(self.count[clip][:, None] - 2)
        part = (position - low)[..., None]
        a, b = self.q[self.first[clip][:, None] + low], self.q[self.first[clip][:, None] + low + 1]
        jump = (b - a)[..., 3:].abs().amax(-1, keepdim=True) > 1.2  # another Euler branch of the same rotation
        part = torch.where(jump, part.round(), part)
        contact = self.contact[self.first[clip][:, None] + position.round().long()]
        valid = torch.isfinite(contact).all(-1).all(-1)
        return Window(a + part * (b - a), self.lengths[clip], self.stature[clip], contact.nan_to_num(), valid)


def _uniform(shape: tuple[int, ...], low: float, high: float, g: torch.Generator) -> Tensor:
    return torch.empty(shape).uniform_(low, high, generator=g)


def mirrored(w: Window, g: torch.Generator) -> Window:
    """Half of the windows reflected left to right."""
    index, sign = mirror_index()
    flip = torch.rand(len(w.q), generator=g) < 0.5
    q = torch.where(flip[:, None, None], w.q[..., torch.from_numpy(index)] * torch.from_numpy(sign).float(), w.q)
    return w._replace(q=q, contact=torch.where(flip[:, None, None], w.contact.flip(-1), w.contact))


def resized(w: Window, g: torch.Generator) -> Window:
    """Another body: stature 1.45 to 2.05 m, lengths +-6 %, joint angles a little shifted; feet stay on the floor."""
    batch = len(w.q)
    stature = _uniform((batch,), 1.45, 2.05, g)
    lengths = w.lengths_m * (stature / w.stature_m)[:, None] * torch.exp(0.06 * torch.randn(batch, 13, generator=g))
    scale = lengths[:, 9:11].sum(-1) / w.lengths_m[:, 9:11].sum(-1)
    shift = 0.04 * torch.randn(batch, 1, N_DOF, generator=g)
    shift[..., :6] = 0.0
    q = w.q + shift
    q[..., :3] = w.q[..., :3] * scale[:, None, None]
    before = sole_points(forward_kinematics(w.q, w.lengths_m[:, None]), w.lengths_m[:, None])[..., 1].amin((-1, -2))
    after = sole_points(forward_kinematics(q, lengths[:, None]), lengths[:, None])[..., 1].amin((-1, -2))
    q[..., 1] += before.amin(1, keepdim=True) * scale[:, None] - after.amin(1, keepdim=True)
    return w._replace(q=q, lengths_m=lengths, stature_m=standing_height(lengths))


class BatchMaker:
    """Numbered batches: batch n depends on the seed and n alone."""

    def __init__(
        self, bank: Bank, batch: int, frames: int, seed: int, clean_share: float = 0.2,
        noise: NoiseConfig | None = None, cameras: CameraRanges | None = None,
    ) -> None:  # fmt: skip
        self.bank, self.batch, self.frames, self.seed, self.clean_share = bank, batch, frames, seed, clean_share
        self.noise, self.cameras = noise or NoiseConfig(), cameras or CameraRanges()
        self.angle_weight = torch.tensor([SEGMENT_WEIGHT.get(s, 1.0) for s in SEGMENTS])

    def __call__(self, step: int) -> tuple[Tokens, Truth]:
        g = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        with torch.no_grad():
            w = resized(mirrored(self.bank.draw(self.batch, self.frames, g), g), g)
            w, camera, seen = self._film(w, g)
            told = torch.rand(self.batch, generator=g) < 0.6
            stature = torch.where(told, w.stature_m * (1 + 0.01 * torch.randn(self.batch, generator=g)), torch.nan)
            tokens = make_tokens_from_coco(seen.keypoints_px, seen.confidence, camera.size_px, stature)
        view = CameraOut(camera.focal, camera.pitch, camera.roll, camera.height_m)
        weight = self.angle_weight.expand(self.batch, -1)
        return tokens, Truth(w.q, w.lengths_m, w.stature_m, w.contact, w.contact_valid, view, weight)

    def _film(self, w: Window, g: torch.Generator) -> tuple[Window, VirtualCamera, Detections]:
        """The windows in the frame of a random camera, and what the detector says; some windows are seen perfectly."""
        points = keypoints_coco(forward_kinematics(w.q, w.lengths_m[:, None]), w.lengths_m[:, None])
        camera, placement = sample_camera(points, g, self.cameras)
        w = w._replace(q=place_q(w.q, placement))
        px, depth = project(place_points(points, placement), camera)
        unit = height_px(depth.median(-1).values, w.stature_m, camera)
        noisy = detect(px, depth, unit, camera.size_px, g, self.noise)
        inside = ((px >= 0) & (px <= camera.size_px[:, None, None])).all(-1)
        clean = (torch.rand(self.batch, generator=g) < self.clean_share)[:, None, None]
        return w, camera, Detections(
            torch.where(clean[..., None], torch.where(inside[..., None], px, torch.nan), noisy.keypoints_px),
            torch.where(clean, 0.98 * inside, noisy.confidence),
        )  # fmt: skip
