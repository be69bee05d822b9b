"""Test-time refinement: a fixed number of steps that bring the estimated body nearer to the keypoints of the clip.

The network reads poses from windows and is only nearly consistent with the picture. Starting at its outputs, those
corrections of them are sought that lower

    sum over seen joints of confidence x robust(reprojection / noise)  +  sum (correction / typical error)^2
    + sum (change of the correction from frame to frame / its size)^2  +  slip of the feet in stance.

The network stays the prior, so depth, which no keypoint shows, moves only as far as segment lengths and smoothness ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.data.tokens import MIN_CONFIDENCE, normalise_px
from musclepose.models.decode import Motion, Raw, decode, picture_from_world
from musclepose.models.inference import ClipOut
from musclepose.physics.kinematics import keypoints_coco, pose_from_rotations, sole_points
from musclepose.utils.rot import matrix_from_6d, sixd_from_matrix

JITTER_TO_NOISE = (
    0.45  # from the median third difference of the keypoints to their noise; docs/refinement.md
)
NOISE_RANGE = (0.003, 0.025)
MIN_FRAMES = 8


@dataclass(frozen=True)
class RefineSettings:
    """Typical errors of the network (standard deviations), and the effort."""

    steps: int = 80
    rate: float = 0.15  # of Adam, in typical errors; falls to zero over the second half
    noise: float | None = (
        None  # of a keypoint, shares of the person's size; None: estimated from the clip
    )
    outlier: float = 3.0  # noises beyond which a keypoint counts linearly
    rotation: float = 0.15  # rad, roughly: entries of the 6D rotation
    angle: float = 0.2  # rad
    root: float = 0.02  # shares of the person's height in the picture
    log_scale: float = 0.03
    shape: float = 0.03
    camera: tuple[float, float, float, float] = (
        0.1,
        0.05,
        0.03,
        0.1,
    )  # log focal, pitch, roll, log height
    slip_m: float = 0.004  # of a standing sole per frame


def keypoint_noise(keypoints: Float[Tensor, "t 17 2"], size: float) -> float:
    """Noise of a clip's keypoints (standard deviation, shares of `size`) from how jerky they are: motion of a person
    has hardly any third difference at 30 Hz, detector noise has little else. keypoints and size in the same unit."""
    jerk = keypoints.diff(n=3, dim=0).norm(dim=-1)
    jerk = jerk[torch.isfinite(jerk)]
    if len(jerk) == 0:
        return NOISE_RANGE[1]
    return float((JITTER_TO_NOISE * jerk.median() / size).clamp(*NOISE_RANGE))


class _Corrections(NamedTuple):
    """In typical errors."""

    rotation: Tensor
    angle: Tensor
    root: Tensor
    log_scale: Tensor
    shape: Tensor
    camera: Tensor


def _corrected(raw: Raw, z: _Corrections, size: Tensor, s: RefineSettings) -> Raw:
    return raw._replace(
        rotation6d=raw.rotation6d + s.rotation * z.rotation,
        angle=raw.angle + s.angle * z.angle,
        root_uv=raw.root_uv + s.root * size * z.root,
        log_scale=raw.log_scale + s.log_scale * z.log_scale,
        beta=raw.beta + s.shape * z.shape,
        camera=raw.camera + raw.camera.new_tensor(s.camera) * z.camera,
    )


def _robust(r2: Tensor, outlier: float) -> Tensor:
    """Huber's function of a squared residual in noises."""
    r = (r2 + 1e-9).sqrt()
    return torch.where(r < outlier, r2, 2.0 * outlier * r - outlier**2)


def _points(motion: Motion) -> tuple[Tensor, Tensor]:
    """COCO points (T, 17, 3) and sole points (T, 2, 4, 3) in the world."""
    lengths = motion.lengths_m[None]
    pose = pose_from_rotations(motion.R_parent_seg, motion.p_world_root, lengths)
    return keypoints_coco(pose, lengths), sole_points(pose, lengths)


def refine(
    clip: ClipOut,
    keypoints_px: Float[Tensor, "t 17 2"],
    confidence: Float[Tensor, "t 17"],
    size_px: tuple[int, int],
    stature_m: float | None = None,
    settings: RefineSettings = RefineSettings(),
) -> ClipOut:
    """The clip with corrected raw outputs and motion, after `settings.steps` steps; contact and features stay."""
    s, raw = settings, clip.raw
    seen = (confidence >= MIN_CONFIDENCE) & torch.isfinite(keypoints_px).all(-1)
    if not bool(seen.any()) or len(seen) < MIN_FRAMES:
        return clip
    observed = normalise_px(keypoints_px[None], torch.tensor([size_px], dtype=torch.float32))[0]
    weight = confidence.nan_to_num(0.0) * seen
    size = torch.exp(-raw.log_scale).median()  # the stature at the person's depth, long-side units
    noise = s.noise or keypoint_noise(
        torch.where(seen[..., None], observed, torch.nan), float(size)
    )
    observed = torch.nan_to_num(observed)
    # Neighbouring frames repeat a detector's noise: noisy keypoints count less, and their corrections change slowly.
    independent = min(1.0, 0.01 / noise)
    change = min(0.15, max(0.03, 0.001 / noise))
    known = torch.tensor(stature_m is not None)
    stature = torch.tensor(stature_m if stature_m is not None else 1.0)
    standing = (clip.contact[1:] > 0.5) & (clip.contact[:-1] > 0.5)
    shapes = (raw.rotation6d, raw.angle, raw.root_uv, raw.log_scale, raw.beta, raw.camera)
    z = _Corrections(*(torch.zeros_like(x, requires_grad=True) for x in shapes))
    optimizer = torch.optim.Adam(list(z), lr=s.rate, betas=(0.9, 0.95))
    with torch.enable_grad():
        for step in range(s.steps):
            for group in optimizer.param_groups:
                group["lr"] = s.rate * min(1.0, 2.0 * (1.0 - step / s.steps))
            motion = decode(_corrected(raw, z, size, s), stature, known)
            points, soles = _points(motion)
            miss = (picture_from_world(points, motion.camera) - observed) / (noise * size)
            cost = independent * (weight * _robust(miss.square().sum(-1), s.outlier)).sum()
            cost = cost + torch.stack([x.square().sum() for x in z]).sum()
            changes = [x.diff(dim=0).square().sum() for x in z[:4]]
            cost = cost + torch.stack(changes).sum() / change**2
            slip = soles.diff(dim=0).norm(dim=-1).mean(-1)
            cost = (
                cost + ((slip / s.slip_m).square() * standing).clamp(max=25.0).sum() * independent
            )
            optimizer.zero_grad(set_to_none=True)
            cost.backward()
            optimizer.step()
    with torch.no_grad():
        found = _corrected(raw, _Corrections(*(x.detach() for x in z)), size, s)
        found = found._replace(rotation6d=sixd_from_matrix(matrix_from_6d(found.rotation6d)))
        return clip._replace(raw=found, motion=decode(found, stature, known))
