"""Windows of motion for training, drawn and stretched in one vectorised pass: speed, mirror, splices, size, jitter.

What the changes keep: joint limits, the height of the lowest sole point over the floor in every frame (so a standing
foot stays on the floor and a jump stays a jump), contact labels. What they do not keep: exact dynamics, and a few
millimetres of horizontal foot slip where angles or sizes are changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.real_motion import BRANCH_STEP_RAD, MotionClip
from musclepose.physics.anthropometrics import (
    LENGTH_SHARE,
    segment_lengths,
    standing_height,
)
from musclepose.physics.kinematics import joint_offsets
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    DOF_NAMES,
    FEET,
    GEOMETRY,
    LENGTHS,
    PARENTS,
    limits,
    mirror_index,
)
from musclepose.synthesis.camera import Placement, place_q
from musclepose.synthesis.posture import (
    UPRIGHT_RAD,
    PostureConfig,
    lay_down,
    straighten_arms,
    straighten_knees,
)
from musclepose.synthesis.stance import StanceConfig, shift_weight, turn_feet
from musclepose.utils.rot import matrix_from_zxy

_UPPER = torch.tensor(
    [
        not n.startswith(("pelvis", "lumbar", "hip", "knee", "ankle"))
        for n in DOF_NAMES
    ]
)
_ARM_DOFS = ("scapula", "shoulder", "elbow", "forearm", "wrist")
_ARMS = tuple(
    torch.tensor(
        [n.startswith(_ARM_DOFS) and n.endswith(side) for n in DOF_NAMES]
    )
    for side in ("_l", "_r")
)
_LEG = torch.tensor([n.startswith(("hip", "knee", "ankle")) for n in DOF_NAMES])
_LEGS = [LENGTHS.index(n) for n in ("thigh", "shank", "ankle_height")]


@dataclass(frozen=True)
class AugmentConfig:
    """How far motion is stretched. Probabilities are per window."""

    speed: tuple[float, float] = (0.7, 1.4)
    mirror: float = 0.5
    splice: float = 0.3  # arms, chest and head of another window
    arm: float = 0.25  # each arm alone, of other windows
    resize: float = 0.7
    stature_sd: float = 0.08  # of the log stature
    length_sd: float = (
        0.04  # of the log length ratios, on top of the subject's own
    )
    perturb: float = 0.6
    perturb_rad: tuple[float, float] = (
        0.1,
        0.03,
    )  # standard deviation of upper-body and leg angles
    heading: float = 0.0  # the camera draws a heading anyway
    posture: PostureConfig | None = field(default_factory=PostureConfig)
    stance: StanceConfig | None = field(default_factory=StanceConfig)


NO_AUGMENT = AugmentConfig(
    speed=(1.0, 1.0),
    mirror=0.0,
    splice=0.0,
    arm=0.0,
    resize=0.0,
    stature_sd=0.0,
    length_sd=0.0,
    perturb=0.0,
    posture=None,
    stance=None,
)


def mirror_q(q: Float[Tensor, "*b t 47"]) -> Float[Tensor, "*b t 47"]:
    """The motion seen in a mirror in the plane z = 0."""
    index, sign = mirror_index()
    return q[..., torch.from_numpy(index)] * torch.from_numpy(sign).to(q.dtype)


def _up_rows(q: Float[Tensor, "b t 47"]) -> dict[int, Float[Tensor, "b t 3"]]:
    """The world-up row of `R_world_seg` for pelvis, thighs, shanks and feet: up_seg = up_parent R_parent_seg."""
    R_root = matrix_from_zxy(q[..., 3], q[..., 4], q[..., 5])
    rows = {0: R_root[..., 1, :]}
    zero = torch.zeros_like(q[..., 0])
    for side, foot in zip(("l", "r"), FEET, strict=True):
        sign = 1.0 if side == "r" else -1.0
        hip = DOF_INDEX[f"hip_flexion_{side}"]
        knee = DOF_INDEX[f"knee_flexion_{side}"]
        ankle = DOF_INDEX[f"ankle_dorsiflexion_{side}"]
        shank = PARENTS[foot]
        thigh = PARENTS[shank]
        R_hip = _three_axes(q, hip, sign)
        R_knee = matrix_from_zxy(-q[..., knee], zero, zero)
        R_ankle = _three_axes(q, ankle, sign)
        for segment, parent, R in (
            (thigh, 0, R_hip),
            (shank, thigh, R_knee),
            (foot, shank, R_ankle),
        ):
            rows[segment] = (rows[parent][..., None, :] @ R)[..., 0, :]
    return rows


def _three_axes(q: Tensor, first: int, sign: float) -> Tensor:
    """Rotation of the joint whose three angles start at column `first`; `sign` mirrors two of them."""
    z, x, y = q[..., first : first + 3].unbind(-1)
    return matrix_from_zxy(z, sign * x, sign * y)


def lowest_sole(
    q: Float[Tensor, "b t 47"], lengths_m: Float[Tensor, "b 13"]
) -> Float[Tensor, "b t"]:
    """Height (m) of the lowest of all sole points, by the leg chains alone."""
    rows = _up_rows(q)
    offsets = joint_offsets(lengths_m)[:, None]
    per_length = torch.as_tensor(GEOMETRY.sole_offsets, dtype=q.dtype)
    sole = torch.einsum("fpck,bk->bfpc", per_length, lengths_m)
    lowest = []
    for k, foot in enumerate(FEET):
        shank = PARENTS[foot]
        thigh = PARENTS[shank]
        ankle = sum(
            (rows[PARENTS[s]] * offsets[..., s, :]).sum(-1)
            for s in (thigh, shank, foot)
        )
        below_ankle = (rows[foot] @ sole[:, k].transpose(1, 2)).amin(-1)
        lowest.append(ankle + below_ankle)
    return q[..., 1] + torch.minimum(*lowest)


def retarget(
    q: Float[Tensor, "b t 47"],
    old_m: Float[Tensor, "b 13"],
    new_m: Float[Tensor, "b 13"],
) -> Float[Tensor, "b t 47"]:
    """The same joint angles on another body: translation scaled by leg length, lowest sole height kept."""
    return _on_other_body(q, old_m, new_m, lowest_sole(q, old_m))


def _on_other_body(
    q: Tensor, old_m: Tensor, new_m: Tensor, sole_height_m: Tensor
) -> Tensor:
    """`retarget` to this height (b, t) of the lowest sole point."""
    ratio = new_m[:, _LEGS].sum(1) / old_m[:, _LEGS].sum(1)
    root = q[..., :3] * ratio[:, None, None]
    moved = torch.cat((root, q[..., 3:]), -1)
    return keep_sole(moved, new_m, sole_height_m)


def _furthest_lean(q: Float[Tensor, "b t 47"]) -> Float[Tensor, " b"]:
    """Largest tilt or list of the pelvis of a window, rad."""
    return q[..., 3:5].abs().amax((1, 2))


def keep_sole(
    q: Float[Tensor, "b t 47"],
    lengths_m: Float[Tensor, "b 13"],
    height_m: Tensor,
) -> Float[Tensor, "b t 47"]:
    """Shift the root so that the lowest sole point is at `height_m` (b, t)."""
    lift = height_m - lowest_sole(q, lengths_m)
    raised = q[..., 1:2] + lift[..., None]
    return torch.cat((q[..., :1], raised, q[..., 2:]), -1)


def _joined(arrays: list[NDArray[Any]]) -> Tensor:
    return torch.from_numpy(np.concatenate(arrays))


class MotionBank:
    """All clips joined, ready to draw windows from. Clips are drawn in proportion to their length times `weights`."""

    def __init__(
        self,
        clips: Sequence[MotionClip],
        weights: Sequence[float] | None = None,
        config: AugmentConfig | None = None,
    ) -> None:
        self.config = config or AugmentConfig()
        self.q = _joined([c.q for c in clips]).float()
        self.contact = _joined([c.contact for c in clips]).float()
        self.continuous = _joined([c.continuous for c in clips])
        self.frames = torch.tensor([len(c.q) for c in clips])
        self.first = torch.cumsum(self.frames, 0) - self.frames
        self.lengths_m = torch.from_numpy(
            np.stack([c.lengths_m for c in clips])
        ).float()
        self.stature_m = torch.tensor([c.stature_m for c in clips])
        self.mass_kg = torch.tensor([c.mass_kg for c in clips])
        self.flat_floor = torch.tensor([c.flat_floor for c in clips])
        factors = [1.0] * len(clips) if weights is None else list(weights)
        self.weight = self.frames.float() * torch.tensor(factors)
        share = torch.tensor([LENGTH_SHARE[n] for n in LENGTHS])
        self._log_ratio = (self.lengths_m / share).log()
        self._bounds = torch.tensor(np.stack(limits()), dtype=torch.float32)

    def _draw(
        self, batch: int, frames: int, g: torch.Generator | None
    ) -> dict[str, Tensor]:
        """Windows at a drawn speed, linear between frames; past the end of a short clip `valid` is false."""
        clip = torch.multinomial(
            self.weight, batch, replacement=True, generator=g
        )
        low, high = (math.log(s) for s in self.config.speed)
        log_speed = low + (high - low) * torch.rand(batch, generator=g)
        speed = torch.exp(log_speed)
        last = self.frames[clip] - 1
        slack = (last - speed * (frames - 1)).clamp(min=0.0)
        start = slack * torch.rand(batch, generator=g)
        at = start[:, None] + speed[:, None] * torch.arange(frames)
        last = last[:, None]
        valid = at <= last + 1e-3
        at = torch.minimum(at, last.to(at))
        before = at.floor().long()
        after = torch.minimum(before + 1, last)
        first = self.first[clip][:, None]
        left, right = first + before, first + after
        share = at - at.floor()
        nearest = torch.where(share < 0.5, left, right)
        return {
            "clip": clip,
            "q": self._between(left, right, share[..., None]),
            "contact": self.contact[nearest],
            "valid": valid,
            "speed": speed,
            "continuous": self.continuous[left] & self.continuous[right],
        }

    def _between(self, left: Tensor, right: Tensor, share: Tensor) -> Tensor:
        """Frames (b, t, 47) between two source frames; the nearer of them where the Euler triples jump."""
        a, b = self.q[left], self.q[right]
        jump = ((b - a)[..., 3:].abs() > BRANCH_STEP_RAD).any(-1, keepdim=True)
        return torch.lerp(a, b, torch.where(jump, share.round(), share))

    def _splice(
        self, q: Tensor, other: Tensor, g: torch.Generator | None
    ) -> Tensor:
        """Arms, chest and head of `other` on some of the bodies, where both stand upright; single arms anywhere."""
        leans = torch.maximum(_furthest_lean(q), _furthest_lean(other))
        upright = leans < UPRIGHT_RAD
        chosen = upright & (
            torch.rand(q.shape[0], generator=g) < self.config.splice
        )
        q = torch.where(chosen[:, None, None] & _UPPER, other, q)
        for k, arm in enumerate(_ARMS):
            swapped = torch.rand(q.shape[0], generator=g) < self.config.arm
            q = torch.where(swapped[:, None, None] & arm, q.roll(2 + k, 0), q)
        return q

    def _perturb(self, q: Tensor, g: torch.Generator | None) -> Tensor:
        """Smooth small changes of the joint angles: a constant and one slow wave each, inside the limits."""
        batch, frames = q.shape[:2]
        chosen = (
            torch.rand(batch, 1, 1, generator=g) < self.config.perturb
        ).float()
        upper_rad, leg_rad = self.config.perturb_rad
        size = torch.where(_LEG, leg_rad, upper_rad)
        size[:6] = 0.0
        constant, wave, phase = torch.randn(
            3, batch, 1, q.shape[-1], generator=g
        )
        wave_hz = 0.1 + 0.4 * torch.rand(batch, 1, 1, generator=g)
        omega = 2 * math.pi * wave_hz / 30.0
        angle = omega * torch.arange(frames)[:, None] + 3.0 * phase
        change = 0.8 * constant + 0.6 * wave * torch.sin(angle)
        return self._no_further_out(q + chosen * size * change, q)

    def _no_further_out(self, moved: Tensor, q: Tensor) -> Tensor:
        """`moved` with joints inside their limits, or no further out than those of `q`; the root of `q`."""
        lowest = torch.minimum(q, self._bounds[0])
        highest = torch.maximum(q, self._bounds[1])
        inside = torch.minimum(torch.maximum(moved, lowest), highest)
        return torch.cat((q[..., :6], inside[..., 6:]), -1)

    def _with_parts_of_others(
        self, q: Tensor, continuous: Tensor, g: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """`_splice` with the body before in the batch; what has its parts jumps where that jumps."""
        spliced = self._splice(q, q.roll(1, 0), g)
        has_other = (spliced != q).any(-1).any(-1, keepdim=True)
        return spliced, continuous & (continuous.roll(1, 0) | ~has_other)

    def _bent(self, q: Tensor, g: torch.Generator | None) -> Tensor:
        """Joint angles a little changed, and some knees and arms straightened."""
        if self.config.perturb > 0:
            q = self._perturb(q, g)
        if self.config.posture is not None:
            straight = straighten_knees(q, self.config.posture, g)
            q = self._no_further_out(straight, q)
            q = straighten_arms(q, self.config.posture, self._bounds, g)
        return q

    def _resized(
        self, clip: Tensor, g: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """New lengths and stature of some of the bodies."""
        batch = clip.shape[0]
        chosen = (torch.rand(batch, generator=g) < self.config.resize).float()
        log_change = (
            self.config.stature_sd * chosen * torch.randn(batch, generator=g)
        )
        own = standing_height(self.lengths_m[clip])
        stature = (own * log_change.exp()).clamp(1.35, 2.15)
        change = self.config.length_sd * torch.randn(
            batch, len(LENGTHS), generator=g
        )
        log_ratio = self._log_ratio[clip] + chosen[:, None] * change
        return segment_lengths(stature, log_ratio), stature

    def _stood(
        self,
        q: Tensor,
        lengths_m: Tensor,
        contact: Tensor,
        g: torch.Generator | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Other feet, another share of the weight, or on the floor; contact then, and who lies (b,)."""
        lies = torch.zeros(len(q), dtype=torch.bool)
        if self.config.stance is not None:
            q = turn_feet(q, lengths_m, self.config.stance, g)
            q, contact = shift_weight(
                q, lengths_m, contact, self.config.stance, g
            )
        if self.config.posture is not None:
            q, lies = lay_down(q, lengths_m, self.config.posture, g)
        return q, contact, lies

    def _mirrored(
        self, q: Tensor, contact: Tensor, g: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Some of the bodies with left and right exchanged, their contact too."""
        drawn = torch.rand(len(q), generator=g) < self.config.mirror
        chosen = drawn[:, None, None]
        q = torch.where(chosen, mirror_q(q), q)
        contact = torch.where(chosen, contact.flip(-1), contact)
        return q, contact

    def _turned(self, q: Tensor, g: torch.Generator | None) -> Tensor:
        """Some of the motions turned about the vertical through their first place."""
        chosen = torch.rand(len(q), generator=g) < self.config.heading
        turn = chosen * (torch.rand(len(q), generator=g) - 0.5)
        centre = q[:, 0, :3] * torch.tensor([1.0, 0.0, 1.0])
        return place_q(
            q, Placement(2 * math.pi * turn, centre, torch.zeros_like(centre))
        )

    def sample(
        self, batch: int, frames: int, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """Training windows at 30 Hz.

        q (B, T, 47), lengths_m (B, 13), stature_m (B,), mass_kg (B,) NaN where unknown (scaled with the cube of the
        stature), contact (B, T, 2), and masks: valid (B, T) inside the clip, continuous (B, T) no jump between Euler
        triples, contact_valid (B, T), flat_floor (B,). Also clip (B,) index and speed (B,).
        """
        g = generator
        out = self._draw(batch, frames, g)
        clip, q = out["clip"], out["q"]
        q, contact = self._mirrored(q, out["contact"], g)
        old = self.lengths_m[clip]
        height = lowest_sole(q, old)
        q, continuous = self._with_parts_of_others(q, out["continuous"], g)
        q = self._bent(q, g)
        lengths, stature = self._resized(clip, g)
        q = _on_other_body(q, old, lengths, height)
        q, contact, lies = self._stood(q, lengths, contact, g)
        if self.config.heading > 0:
            q = self._turned(q, g)
        measured = torch.isfinite(contact).all(-1)
        known: Bool[Tensor, "b t"] = measured & out["valid"] & ~lies[:, None]
        taller = stature / self.stature_m[clip]
        return {
            "q": q,
            "lengths_m": lengths,
            "stature_m": stature,
            "mass_kg": self.mass_kg[clip] * taller**3,
            "contact": torch.nan_to_num(contact),
            "contact_valid": known,
            "valid": out["valid"],
            "continuous": continuous & out["valid"],
            "flat_floor": self.flat_floor[clip],
            "clip": clip,
            "speed": out["speed"],
        }
