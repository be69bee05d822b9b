"""The physics of one clip in the order of the theory: motion -> required wrench -> feet -> joint torques -> muscles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.balance import Balance, BalanceWeights, balance
from musclepose.physics.body_dynamics import (
    NetWrench,
    com_motion,
    net_external_wrench_required,
)
from musclepose.physics.carried import carried_share
from musclepose.physics.constants import G_M_S2
from musclepose.physics.contact import (
    flies,
    floor_height,
    hysteresis,
    ramp,
    unsupported,
    with_support,
)
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.external_load import load_wrenches
from musclepose.physics.grfm import FootWrench, ankle_features, ground_reaction
from musclepose.physics.hand_support import (
    HandSupport,
    hand_support,
    lever_prior,
    pads,
)
from musclepose.physics.inverse_dynamics import (
    ExternalWrenches,
    concatenate_wrenches,
    inverse_dynamics,
)
from musclepose.physics.kinematics import Pose, forward_kinematics, sole_points
from musclepose.physics.mtg import (
    Effort,
    activation_from_torque,
    mtg_torque,
    muscles_of,
)
from musclepose.physics.root_correction import (
    DEFAULT_BALANCE,
    ShiftWeights,
    acceleration_of,
    balance_with_shift,
)
from musclepose.physics.segment_motion import SegmentMotion, segment_motion
from musclepose.physics.skeleton47 import FEET, HANDS, N_ROOT
from musclepose.physics.smoothing import Motion, smooth_motion
from musclepose.physics.stance_lever import stance_prior, standing
from musclepose.physics.uncertainty import (
    Bands,
    Loads,
    keypoint_sigma,
    uncertainty_bands,
)
from musclepose.records import ExternalLoad, Person

RATE_HZ = 30.0
CUTOFF_HZ = 6.0  # zero-lag Butterworth; see filters.py


@dataclass(frozen=True)
class Trust:
    """How far a motion is believed: its filter, how exactly the feet must balance it, how far its root may move."""

    cutoff_hz: float | None = CUTOFF_HZ
    root_cutoff_hz: float | None = None  # of the root's translation, first
    balance: BalanceWeights = field(default_factory=BalanceWeights)
    shift: ShiftWeights = field(
        default_factory=lambda: ShiftWeights(shift_m=0.01)
    )
    lever_s: float | None = (
        None  # how long both feet stand before statics shares their load
    )
    airborne: Trust | None = (
        None  # for clips in which the body flies, where that wants another; None: the same
    )


MEASURED = Trust()
# Accelerations from one camera are uncertain by some per cent of body weight: asking the feet for all of it turns noise
# into moments at the ankle. Chosen on the validation trials, docs/training.md.
_ONE_CAMERA_BALANCE = BalanceWeights(
    force=0.05,
    moment=0.02,
    prior_force=0.15,
    prior_moment=0.05,
    rate_force=8.0,
    rate_moment=0.5,
)
# Running and jumping: the peak is the point, gravity alone says what flights are worth, and the linear ground reaction
# model, which is one of standing and walking, says little.
AIRBORNE = Trust(
    root_cutoff_hz=8.0,
    balance=replace(_ONE_CAMERA_BALANCE, force=0.04, prior_force=0.2),
    shift=ShiftWeights(shift_m=0.03),
)
ONE_CAMERA = Trust(
    root_cutoff_hz=4.0,
    balance=_ONE_CAMERA_BALANCE,
    shift=ShiftWeights(shift_m=0.03),
    lever_s=0.4,
    airborne=AIRBORNE,
)


@dataclass(frozen=True)
class BodyPhysics:
    """Motion and physics of a clip at a constant rate; foot order left, right; world axes."""

    q: Float[Tensor, "t 47"]
    qdot: Float[Tensor, "t 47"]
    qddot: Float[Tensor, "t 47"]
    com_world_m: Float[Tensor, "t 3"]
    sole_world_m: Float[Tensor, "t 2 4 3"]
    floor_m: float  # height of the floor in the coordinates that came in; taken out here
    contact_gate: Float[Tensor, "t 2"]  # 0 no load, 1 full contact
    feet: FootWrench
    required_force_n: Float[
        Tensor, "t 3"
    ]  # what the ground has to give for body and load
    residual_force_n: Float[Tensor, "t 3"]  # what the feet could not give
    residual_moment_nm: Float[Tensor, "t 3"]  # about the centre of mass
    tau_nm: Float[Tensor, "t 47"]
    effort: Effort
    tau_mtg_nm: Float[Tensor, "t 41"]
    bands: Bands
    root_shift_m: Float[
        Tensor, "t 3"
    ]  # how far the root was moved to lower the residual
    warnings: tuple[str, ...]
    load_share: Float[Tensor, " t"] | None = (
        None  # of the load that is carried; None: all the time
    )
    hands: FootWrench | None = (
        None  # of the left and right hand (or forearm) where they carry; else None
    )
    hand_support: HandSupport | None = None


def foot_wrenches(
    feet: FootWrench, segments: tuple[int, ...] = FEET
) -> ExternalWrenches:
    """Loads of supports as wrenches on their segments, the two feet."""
    free = torch.nn.functional.pad(feet.free_moment_nm.unsqueeze(-1), (1, 1))
    return ExternalWrenches(
        feet.force_world_n, feet.cop_world_m, free, segments
    )


def _part(supports: FootWrench, part: slice) -> FootWrench:
    """Some of the supports."""
    force, cop, free = supports
    return FootWrench(force[..., part, :], cop[..., part, :], free[..., part])


def contact_gate(
    probability: Float[Tensor, "t 2"],
    dt: float,
    required_bw: Float[Tensor, " t"] | None = None,
    sole_height_m: Float[Tensor, "t 2"] | None = None,
) -> Float[Tensor, "t 2"]:
    """Learned contact probability -> gate: a decision with hysteresis, contacts that gravity asks for (where the
    required vertical force and the soles' heights are given), then a ramp of one frame to each side."""
    p = probability.detach().double().cpu().numpy()
    touching = np.stack([hysteresis(c, dt) for c in p.T], 1)
    if required_bw is not None and sole_height_m is not None:
        touching = with_support(
            touching, p, required_bw.numpy(), sole_height_m.numpy(), dt
        )
    return torch.from_numpy(ramp(touching)).to(probability)


class Moving(NamedTuple):
    """A motion with what its dynamics need; leading axes as the motion's."""

    motion: Motion
    segments: SegmentMotion
    carried: ExternalWrenches | None
    com_world_m: Float[Tensor, "*b t 3"]
    sole_world_m: Float[Tensor, "*b t 2 4 3"]
    required: NetWrench
    support_world_m: Float[
        Tensor, "*b t n 4 3"
    ]  # soles, and the pads of hands that carry


@dataclass(frozen=True)
class ClipDynamics:
    """What stays the same over a clip: the body, its load and its contacts with the floor y = 0."""

    lengths_m: Float[Tensor, " 13"]
    inertia: BodyInertia
    mass_kg: float
    load: ExternalLoad
    gate: Float[Tensor, "t 2"]
    dt: float
    weights: BalanceWeights = DEFAULT_BALANCE
    hands: HandSupport | None = None
    lever_s: float | None = None
    share: Float[Tensor, " t"] | None = (
        None  # of the load that is carried; None: all the time
    )

    @property
    def gates(self) -> Float[Tensor, "t n"]:
        """Of all supports."""
        return (
            self.gate
            if self.hands is None
            else torch.cat((self.gate, self.hands.gate), -1)
        )

    @property
    def height_m(self) -> Float[Tensor, " n"] | None:
        """Of each support's floor."""
        if self.hands is None:
            return None
        return torch.cat(
            (self.hands.height_m.new_zeros(2), self.hands.height_m)
        )

    def moving(self, motion: Motion) -> Moving:
        """Segments, load, soles, and the wrench that the ground has to give."""
        segments = segment_motion(*motion, self.lengths_m, self.inertia.com)
        carried = (
            load_wrenches(self.carried_kg, self.load.at, segments)
            if self.load.mass_kg > 0
            else None
        )
        com = com_motion(segments, self.inertia).p_world_m
        pose = Pose(segments.R_world_seg, segments.p_world_seg)
        soles = sole_points(pose, self.lengths_m)
        supports = (
            soles
            if self.hands is None
            else torch.cat((soles, pads(pose, self.hands)), -3)
        )
        return Moving(
            motion,
            segments,
            carried,
            com,
            soles,
            net_external_wrench_required(segments, self.inertia, com, carried),
            supports,
        )

    @property
    def carried_kg(self) -> float | Float[Tensor, " t"]:
        """The load, where it lies on the floor none of it."""
        return (
            self.load.mass_kg
            if self.share is None
            else self.load.mass_kg * self.share
        )

    @property
    def weight_kg(self) -> float | Float[Tensor, " t"]:
        """Body and what it carries then."""
        return self.mass_kg + self.carried_kg

    @property
    def supported_kg(self) -> float:
        """Body and all of the load: the scale of the balance."""
        return self.mass_kg + self.load.mass_kg

    def prior(self, moving: Moving) -> FootWrench:
        """The linear ground reaction model; lever arms while both feet stand, and while hands carry too."""
        features = ankle_features(*moving.motion, self.lengths_m)
        feet = ground_reaction(
            features, moving.sole_world_m, self.gate, self.weight_kg
        )
        if self.lever_s is not None:
            feet = stance_prior(
                feet,
                moving.required.force_world_n,
                moving.com_world_m,
                moving.sole_world_m,
                standing(self.gate, self.dt, self.lever_s),
            )
        if self.hands is None:
            return feet
        soles, hands = (
            moving.support_world_m[:, :2],
            moving.support_world_m[:, 2:],
        )
        return lever_prior(
            feet,
            moving.required.force_world_n,
            moving.com_world_m,
            soles,
            hands,
            self.gates,
        )

    def torques(
        self, moving: Moving, feet: FootWrench
    ) -> Float[Tensor, "*b t 47"]:
        """Inverse dynamics with feet and load."""
        segments = FEET if self.hands is None else (*FEET, *self.hands.segments)
        wrenches = concatenate_wrenches(
            foot_wrenches(feet, segments), moving.carried
        )
        return inverse_dynamics(
            *moving.motion, self.lengths_m, self.inertia, wrenches
        )

    def loads(self, motion: Motion, prior: FootWrench) -> Loads:
        """Torques and foot forces of disturbed motions (k, t, 47), contacts and prior as those of the clip."""
        moving = self.moving(motion)
        lead = moving.com_world_m.shape[:-1]
        shared = balance(
            *moving.required,
            moving.com_world_m,
            moving.support_world_m,
            self.gates.expand(*lead, self.gates.shape[-1]),
            self.supported_kg,
            self.dt,
            FootWrench(*(v.expand(*lead, *v.shape[1:]) for v in prior)),
            weights=self.weights,
            height_m=self.height_m,
        )
        return self.torques(moving, shared.wrench), shared.wrench.force_world_n[
            ..., :2, :
        ]


def _lifted(q: Float[Tensor, "t 47"], up_m: float) -> Float[Tensor, "t 47"]:
    return torch.cat((q[:, :1], q[:, 1:2] + up_m, q[:, 2:]), -1)


def shifted(motion: Motion, shift_m: Float[Tensor, "t 3"], dt: float) -> Motion:
    """The motion with its root moved by `shift_m`."""

    def root(x: Tensor, change: Tensor) -> Tensor:
        return torch.cat((x[..., :3] + change, x[..., 3:]), -1)

    velocity = torch.gradient(shift_m, spacing=dt, dim=0)[0]
    acceleration = torch.from_numpy(acceleration_of(shift_m.numpy(), dt))
    return Motion(
        root(motion.q, shift_m),
        root(motion.qdot, velocity),
        root(motion.qddot, acceleration),
    )


def _on_floor(
    q: Float[Tensor, "t 47"], motion: Motion, lengths_m: Float[Tensor, " 13"]
) -> tuple[Tensor, Motion, float]:
    """Coordinates and smoothed motion on the floor y = 0, and the height at which it was found."""
    soles = sole_points(forward_kinematics(motion.q, lengths_m), lengths_m)
    floor_m = floor_height(soles.numpy())
    return (
        _lifted(q, -floor_m),
        motion._replace(q=_lifted(motion.q, -floor_m)),
        floor_m,
    )


def _with_supports(
    clip: ClipDynamics, motion: Motion, contact: Float[Tensor, "t 2"]
) -> tuple[ClipDynamics, Float[Tensor, " t"]]:
    """The clip with hands that carry and contacts that gravity asks for; and the vertical force that the feet owe, body
    weights."""
    first = clip.moving(motion)
    needed_bw = first.required.force_world_n[:, 1] / (clip.weight_kg * G_M_S2)
    pose = Pose(first.segments.R_world_seg, first.segments.p_world_seg)
    hands = hand_support(pose, first.com_world_m, first.sole_world_m, clip.dt)
    if hands is not None:
        needed_bw = torch.where(
            hands.gate.amax(-1) > 0, torch.zeros_like(needed_bw), needed_bw
        )
    height_m = first.sole_world_m[..., 1].amin(-1)
    gate = contact_gate(contact, clip.dt, needed_bw, height_m)
    return replace(clip, gate=gate, hands=hands), needed_bw


def _share_of_load(
    load: ExternalLoad,
    motion: Motion,
    lengths_m: Float[Tensor, " 13"],
    dt: float,
) -> Float[Tensor, " t"] | None:
    """Of a load in the hands; None where all of it is carried all the time."""
    if load.mass_kg <= 0 or load.at != "hands":
        return None
    wrists = forward_kinematics(motion.q, lengths_m).p_world_seg[:, HANDS, 1]
    share = carried_share(wrists, dt)
    return None if bool((share == 1.0).all()) else share


def _balanced(
    clip: ClipDynamics, moving: Moving, prior: FootWrench, trust: Trust
) -> tuple[Balance, Float[Tensor, "t 3"]]:
    """What feet and hands carry, and the shift of the root (m) that lowers the residual force."""
    return balance_with_shift(
        *moving.required,
        moving.com_world_m,
        moving.support_world_m,
        clip.gates,
        clip.supported_kg,
        clip.dt,
        prior,
        shift_weights=trust.shift,
        weights=trust.balance,
        height_m=clip.height_m,
    )


@torch.no_grad()
def physics_of_motion(
    q: Float[Tensor, "t 47"],
    lengths_m: Float[Tensor, " 13"],
    contact: Float[Tensor, "t 2"],
    person: Person,
    load: ExternalLoad,
    confidence: Float[Tensor, "t 17"] | None = None,
    dt: float = 1.0 / RATE_HZ,
    trust: Trust = MEASURED,
) -> BodyPhysics:
    """All physics of one clip in float64; the result stands on the floor y = 0.

    Contact is a probability per foot; the keypoints' `confidence` widens the bands
    (none: fully confident).
    """
    lengths, touch = lengths_m.double(), contact.double()

    def smooth(x: Tensor) -> Motion:
        return smooth_motion(x, dt, trust.cutoff_hz, trust.root_cutoff_hz)

    placed, motion, floor_m = _on_floor(q.double(), smooth(q.double()), lengths)
    mass_kg, gate = person.mass_kg, contact_gate(touch, dt)
    inertia = segment_inertia(lengths, placed.new_tensor(mass_kg), person.sex)
    bare = ClipDynamics(
        lengths,
        inertia,
        mass_kg,
        load,
        gate,
        dt,
        trust.balance,
        lever_s=trust.lever_s,
        share=_share_of_load(load, motion, lengths, dt),
    )
    clip, needed_bw = _with_supports(bare, motion, touch)
    if trust.airborne is not None and flies(
        (clip.gate > 0.5).numpy(), needed_bw.numpy(), dt
    ):
        return physics_of_motion(
            q, lengths_m, contact, person, load, confidence, dt, trust.airborne
        )
    first = clip.moving(motion)
    prior = clip.prior(first)
    shared, shift = _balanced(clip, first, prior, trust)
    del first  # with the matrices of its dynamics: a long clip's are as large as all that follows
    moving = clip.moving(shifted(motion, shift, dt))
    tau = clip.torques(moving, shared.wrench)
    seen = (
        placed.new_ones(len(q), 17)
        if confidence is None
        else confidence.to(placed)
    )
    bands = uncertainty_bands(
        placed,
        lengths,
        keypoint_sigma(seen, person.height_m),
        lambda m: clip.loads(m, prior),
        (tau, shared.wrench.force_world_n[..., :2, :]),
        mass_kg,
        dt,
        smooth,
    )
    return _record(clip, moving, shared, tau, bands, shift, floor_m, person)


def _record(
    clip: ClipDynamics,
    moving: Moving,
    shared: Balance,
    tau_nm: Float[Tensor, "t 47"],
    bands: Bands,
    shift_m: Float[Tensor, "t 3"],
    floor_m: float,
    person: Person,
) -> BodyPhysics:
    """Muscles of the torques, and everything under its name."""
    muscles, hands = muscles_of(person), clip.hands
    angle, rate = moving.motion.q[:, N_ROOT:], moving.motion.qdot[:, N_ROOT:]
    effort = activation_from_torque(tau_nm[:, N_ROOT:], angle, rate, muscles)
    required = moving.required.force_world_n
    return BodyPhysics(
        *moving.motion,
        com_world_m=moving.com_world_m,
        sole_world_m=moving.sole_world_m,
        floor_m=floor_m,
        contact_gate=clip.gate,
        feet=_part(shared.wrench, slice(0, 2)),
        required_force_n=required,
        residual_force_n=shared.residual_force_n,
        residual_moment_nm=shared.residual_moment_nm,
        tau_nm=tau_nm,
        effort=effort,
        tau_mtg_nm=mtg_torque(effort.alpha, angle, rate, muscles),
        bands=bands,
        root_shift_m=shift_m,
        warnings=support_warnings(clip.gate, required, person.mass_kg, hands),
        load_share=clip.share,
        hands=None if hands is None else _part(shared.wrench, slice(2, 4)),
        hand_support=hands,
    )


def support_warnings(
    gate: Tensor,
    required: Tensor,
    mass_kg: float,
    hands: HandSupport | None = None,
) -> tuple[str, ...]:
    """What to say where the feet do not explain the motion: gate (T, 2), required force (T, 3) in N."""
    if hands is not None:
        gate = torch.maximum(gate, hands.gate.amax(-1, keepdim=True).to(gate))
    touching = gate.numpy() > 0.5
    if not touching.any():
        return (
            "No foot contact was found: the ground reaction is zero throughout.",
        )
    told: tuple[str, ...] = ()
    if hands is not None and not hands.on_floor:
        told = (
            f"The hands carry, on something about {float(hands.height_m.abs().max()):.1f} m off the floor as it seems; "
            "their share rests on that.",
        )
    alone = unsupported(touching, required.numpy(), mass_kg).mean()
    if alone > 0.05:
        return (
            *told,
            f"In {100 * alone:.0f} % of the frames something other than the feet carries the body (hands, a seat, or a "
            "missed contact); forces and torques there are not valid.",
        )
    return told
