"""Test-time refinement: a fixed number of steps that bring the estimated body nearer to the keypoints of the clip.

The network reads poses from windows and is only nearly consistent with the picture and with the floor. Starting at its
outputs, those corrections of them are sought that lower

    sum over seen joints of confidence x robust(reprojection / noise)  +  sum (correction / typical error)^2
    + sum (change of the correction from frame to frame / its size)^2
    + standing feet: distance of the sole points that touch from one place, and of their height from one floor.

The network stays the prior, so depth, which no keypoint shows, moves only as far as segment lengths, smoothness and
standing feet ask. The stature is the network's or the told one, and is held: a smaller body slips and misses less, so a
free one would shrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musclepose.data.tokens import MIN_CONFIDENCE, normalise_px
from musclepose.models.decode import Motion, Raw, decode, picture_from_world
from musclepose.models.inference import ClipOut
from musclepose.physics.kinematics import (
    keypoints_coco,
    pose_from_rotations,
    sole_points,
)
from musclepose.utils.rot import matrix_from_6d, sixd_from_matrix

JITTER_TO_NOISE = 0.45  # from the median third difference of the keypoints to their noise; docs/refinement.md
# A detector is wrong the same way for many frames: what jumps between them is two fifths of its noise. Keypoints that
# hardly jump at all (below the first figure) are no detector's.
REPEATED = (0.002, 0.005, 2.5)
NOISE_RANGE = (0.003, 0.03)
MIN_FRAMES = 8
SHORTEST_CONTACT = 4  # frames
EDGE = 4.0  # frames in which a contact comes to count fully


@dataclass(frozen=True)
class RefineSettings:
    """Typical errors of the network (standard deviations), and the effort."""

    steps: int = 80
    rate: float = (
        0.15  # of Adam, in typical errors; falls to zero over the second half
    )
    noise: float | None = (
        None  # of a keypoint, shares of the person's size; None: estimated from the clip
    )
    outlier: float = 3.0  # noises beyond which a keypoint counts linearly
    rotation: float = 0.07  # rad, roughly: entries of the 6D rotation
    angle: float = 0.1  # rad
    root: float = 0.02  # shares of the person's height in the picture
    log_scale: float = 0.03
    # Shape and camera are one for the clip and weighed against all of its frames: typical errors count many times less.
    shape: float = 0.003
    camera: tuple[float, float, float, float] = (
        0.01,
        0.005,
        0.003,
        0.01,
    )  # log focal, pitch, roll, log height
    slip_m: float = 0.0015  # of a standing sole point per frame
    place_m: float = (
        0.012  # of a standing sole point from its place over one contact
    )
    level_m: float = (
        0.003  # of a standing sole from its height over one contact
    )
    floor_m: float = (
        0.01  # of a contact from the floor of the clip; boxes lie outside
    )
    touch_m: float = (
        0.02  # sole points this much higher than the lowest one do not touch
    )
    lost: float = 4.0  # such distances beyond which a contact counts linearly: its label may be wrong


def keypoint_noise(keypoints: Float[Tensor, "t 17 2"], size: float) -> float:
    """Noise of a clip's keypoints (standard deviation, shares of `size`) from how jerky they are: motion of a person
    has hardly any third difference at 30 Hz, detector noise has little else. keypoints and size in the same unit."""
    jerk = keypoints.diff(n=3, dim=0).norm(dim=-1)
    jerk = jerk[torch.isfinite(jerk)]
    if len(jerk) == 0:
        return NOISE_RANGE[1]
    jitter = JITTER_TO_NOISE * float(jerk.median()) / size
    low, high, factor = REPEATED
    share = (jitter - low) / (high - low)
    repeated = 1.0 + (factor - 1.0) * min(max(share, 0.0), 1.0)
    least, most = NOISE_RANGE
    return min(max(jitter * repeated, least), most)


class _Corrections(NamedTuple):
    """In typical errors."""

    rotation: Tensor
    angle: Tensor
    root: Tensor
    log_scale: Tensor
    shape: Tensor
    camera: Tensor


def _corrected(
    raw: Raw, z: _Corrections, size: Tensor, s: RefineSettings
) -> Raw:
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
    linear = 2.0 * outlier * r - outlier**2
    return torch.where(r < outlier, r2, linear)


def _points(motion: Motion) -> tuple[Tensor, Tensor]:
    """COCO points (T, 17, 3) and sole points (T, 2, 4, 3) in the world."""
    lengths = motion.lengths_m[None]
    pose = pose_from_rotations(
        motion.R_parent_seg, motion.p_world_root, lengths
    )
    return keypoints_coco(pose, lengths), sole_points(pose, lengths)


Contacts = list[tuple[int, int, int]]  # foot, first frame, frame after the last


def contacts_of(probability: Float[Tensor, "t 2"]) -> Contacts:
    """Spans in which a foot stands."""
    found = []
    for foot in range(2):
        stands = (probability[:, foot] > 0.5).int()
        state = torch.nn.functional.pad(stands, (1, 1))
        edges = state.diff().nonzero()[:, 0].tolist()
        spans = zip(edges[::2], edges[1::2], strict=True)
        found += [(foot, a, b) for a, b in spans if b - a >= SHORTEST_CONTACT]
    return found


class Standing(NamedTuple):
    """All frames of all contacts, one after another (n), and how long each contact is (c)."""

    frame: Int[Tensor, " n"]
    foot: Int[Tensor, " n"]
    contact: Int[Tensor, " n"]
    edge: Float[
        Tensor, " n"
    ]  # weight: rises and falls where the foot begins and ends to carry
    length: Float[Tensor, " c"]

    def total(self, values: Float[Tensor, "n ..."]) -> Float[Tensor, "c ..."]:
        """Sums over the frames of each contact."""
        zero = values.new_zeros(len(self.length), *values.shape[1:])
        return zero.index_add(0, self.contact, values)

    def follows(self) -> Float[Tensor, " m"]:
        """1 where an entry and the next are of one contact, else 0."""
        return (self.contact[1:] == self.contact[:-1]).float()


def standing_of(contacts: Contacts) -> Standing:
    """The spans, frame by frame."""
    lengths = torch.tensor(
        [last - first for _, first, last in contacts], dtype=torch.long
    )
    frames = [torch.arange(first, last) for _, first, last in contacts]
    feet = torch.tensor([foot for foot, _, _ in contacts], dtype=torch.long)
    which = torch.repeat_interleave(torch.arange(len(contacts)), lengths)
    edges = [_edges(int(length)) for length in lengths]
    return Standing(
        torch.cat((*frames, torch.zeros(0, dtype=torch.long))),
        feet[which],
        which,
        torch.cat((*edges, torch.zeros(0))),
        lengths.float(),
    )


def standing_cost(
    soles: Float[Tensor, "t 2 4 3"], standing: Standing, s: RefineSettings
) -> Float[Tensor, ""]:
    """How far standing feet slide and sink, in squared typical distances: each sole point that touches stays at one
    place over its contact, and all contacts at one height."""
    if len(standing.length) == 0:
        return soles.new_zeros(())
    points = soles[standing.frame, standing.foot]
    low = points[..., 1].amin(-1)
    above = points[..., 1] - low[:, None]
    touch = (
        torch.exp(-(above / s.touch_m).square()).detach()
        * standing.edge[:, None]
    )
    level = _mean(low, touch.amax(-1), standing)
    return (
        _sliding(points[..., (0, 2)], touch, standing, s)
        + _sinking(low, level, touch.amax(-1), standing, s)
        + _off_the_floor(level, standing, s)
    )


def _mean(values: Tensor, weight: Tensor, standing: Standing) -> Tensor:
    """Weighted mean over each contact of values (n, ...) with weights (n, ...)."""
    return standing.total(weight * values) / standing.total(weight).clamp(
        min=1e-6
    )


def _sliding(
    flat: Float[Tensor, "n 4 2"],
    touch: Float[Tensor, "n 4"],
    standing: Standing,
    s: RefineSettings,
) -> Float[Tensor, ""]:
    """Sole points away from their place over the contact, and on the move."""
    place = _mean(flat, touch[..., None], standing)[standing.contact]
    away = (flat - place).square().sum(-1) / s.place_m**2
    slip = flat.diff(dim=0).square().sum(-1) / s.slip_m**2
    both = torch.minimum(touch[1:], touch[:-1]) * standing.follows()[:, None]
    return (
        (touch * _robust(away, s.lost)).sum()
        + (both * _robust(slip, s.lost)).sum()
    ) / 4.0


def _sinking(
    low: Float[Tensor, " n"],
    level: Float[Tensor, " c"],
    touch: Float[Tensor, " n"],
    standing: Standing,
    s: RefineSettings,
) -> Float[Tensor, ""]:
    """Lowest sole points off the height of their contact."""
    sunk = ((low - level[standing.contact]) / s.level_m).square()
    return (touch * _robust(sunk, s.lost)).sum()


def _off_the_floor(
    level: Float[Tensor, " c"], standing: Standing, s: RefineSettings
) -> Float[Tensor, ""]:
    """Contacts off the height that is common to the clip; a box, far off, costs no more."""
    off = ((level - level.median().detach()) / s.floor_m).square()
    return (standing.length * off / (1.0 + off / s.lost**2)).sum()


def _edges(frames: int) -> Float[Tensor, " frames"]:
    """Weights that rise over the first and fall over the last frames of a contact, where it begins to carry."""
    n = torch.arange(frames, dtype=torch.float32)
    return (torch.minimum(n + 1, frames - n) / EDGE).clamp(max=1.0)


class _Picture(NamedTuple):
    """What was seen of a clip."""

    observed: Tensor  # (T, 17, 2) in picture units, 0 where unseen
    weight: Tensor  # (T, 17) confidence, 0 where unseen
    unit: Tensor  # typical error of a keypoint, picture units
    noise: float  # the same in statures


def _picture(
    keypoints_px: Tensor,
    weight: Tensor,
    size_px: tuple[int, int],
    stature: Tensor,
    noise: float | None,
) -> _Picture:
    """The keypoints in picture units; their noise, where it is not told, from how jerky they are."""
    size = torch.tensor([size_px], dtype=torch.float32)
    observed = normalise_px(keypoints_px[None], size)[0]
    if not noise:
        seen = torch.where(weight[..., None] > 0, observed, torch.nan)
        noise = keypoint_noise(seen, float(stature))
    return _Picture(torch.nan_to_num(observed), weight, noise * stature, noise)


def _cost(
    motion: Motion,
    z: _Corrections,
    picture: _Picture,
    standing: Standing,
    s: RefineSettings,
) -> Float[Tensor, ""]:
    """Misses of the keypoints, size of the corrections and of their changes, and feet that do not stand.

    Neighbouring frames repeat a detector's noise: noisy keypoints count less, and their corrections change slowly.
    """
    independent = min(1.0, 0.01 / picture.noise)
    change = min(0.15, max(0.03, 0.001 / picture.noise))
    points, soles = _points(motion)
    shown = picture_from_world(points, motion.camera)
    miss = (shown - picture.observed) / picture.unit
    robust = _robust(miss.square().sum(-1), s.outlier)
    size = torch.stack([x.square().sum() for x in z]).sum()
    changes = torch.stack([x.diff(dim=0).square().sum() for x in z[:4]]).sum()
    seen = independent * (picture.weight * robust).sum()
    return seen + size + changes / change**2 + standing_cost(soles, standing, s)


@torch.no_grad()
def refine(
    clip: ClipOut,
    keypoints_px: Float[Tensor, "t 17 2"],
    confidence: Float[Tensor, "t 17"],
    size_px: tuple[int, int],
    settings: RefineSettings = RefineSettings(),
) -> ClipOut:
    """The clip with corrected raw outputs and motion, after `settings.steps` steps; stature, contact and features
    stay."""
    raw = clip.raw
    seen = (confidence >= MIN_CONFIDENCE) & torch.isfinite(keypoints_px).all(-1)
    if not bool(seen.any()) or len(seen) < MIN_FRAMES:
        return clip
    size = torch.exp(
        -raw.log_scale
    ).median()  # the stature at the person's depth, long-side units
    weight = confidence.nan_to_num(0.0) * seen
    picture = _picture(keypoints_px, weight, size_px, size, settings.noise)
    z = _descended(clip, picture, size, settings)
    found = _corrected(raw, z, size, settings)
    rotations = matrix_from_6d(found.rotation6d)
    found = found._replace(rotation6d=sixd_from_matrix(rotations))
    motion = decode(found, clip.motion.stature_m, torch.tensor(True))
    return clip._replace(raw=found, motion=motion)


@torch.enable_grad()
def _descended(
    clip: ClipOut, picture: _Picture, size: Tensor, s: RefineSettings
) -> _Corrections:
    """Corrections after `s.steps` steps of Adam down the cost; size is that of the person in the picture."""
    raw, stature, held = clip.raw, clip.motion.stature_m, torch.tensor(True)
    standing = standing_of(contacts_of(clip.contact))
    shapes = (
        raw.rotation6d,
        raw.angle,
        raw.root_uv,
        raw.log_scale,
        raw.beta,
        raw.camera,
    )
    z = _Corrections(*(torch.zeros_like(x, requires_grad=True) for x in shapes))
    optimizer = torch.optim.Adam(list(z), lr=s.rate, betas=(0.9, 0.95))
    for step in range(s.steps):
        to_do = 1.0 - step / s.steps
        for group in optimizer.param_groups:
            group["lr"] = s.rate * min(1.0, 2.0 * to_do)
        motion = decode(_corrected(raw, z, size, s), stature, held)
        cost = _cost(motion, z, picture, standing, s)
        optimizer.zero_grad(set_to_none=True)
        cost.backward()
        optimizer.step()
    return _Corrections(*(x.detach() for x in z))
