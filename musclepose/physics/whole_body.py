"""The physics of one clip in the order of the theory: motion -> required wrench -> feet -> joint torques -> muscles."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.balance import Balance, balance
from musclepose.physics.body_dynamics import com_motion, net_external_wrench_required
from musclepose.physics.constants import G_M_S2
from musclepose.physics.contact import floor_height, hysteresis, ramp, unsupported
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.external_load import load_wrenches
from musclepose.physics.grfm import FootWrench, ankle_features, ground_reaction
from musclepose.physics.inverse_dynamics import ExternalWrenches, concatenate_wrenches, inverse_dynamics
from musclepose.physics.kinematics import Pose, sole_points
from musclepose.physics.mtg import Effort, activation_from_torque, mtg_parameters, mtg_torque
from musclepose.physics.segment_motion import SegmentMotion, segment_motion
from musclepose.physics.skeleton47 import FEET, N_ROOT
from musclepose.physics.smoothing import smooth_motion
from musclepose.records import Athlete, ExternalLoad

RATE_HZ = 30.0
CUTOFF_HZ = 6.0  # zero-lag Butterworth; see filters.py


@dataclass(frozen=True)
class BodyPhysics:
    """Motion and physics of a clip at a constant rate; foot order left, right; world axes."""

    q: Float[Tensor, "t 47"]
    qdot: Float[Tensor, "t 47"]
    qddot: Float[Tensor, "t 47"]
    com_world_m: Float[Tensor, "t 3"]
    sole_world_m: Float[Tensor, "t 2 4 3"]
    floor_m: float
    contact_gate: Float[Tensor, "t 2"]  # 0 no load, 1 full contact
    feet: FootWrench
    required_force_n: Float[Tensor, "t 3"]  # what the ground has to give for body and load
    residual_force_n: Float[Tensor, "t 3"]  # what the feet could not give
    residual_moment_nm: Float[Tensor, "t 3"]  # about the centre of mass
    tau_nm: Float[Tensor, "t 47"]
    effort: Effort
    tau_mtg_nm: Float[Tensor, "t 41"]
    warnings: tuple[str, ...]


def foot_wrenches(feet: FootWrench) -> ExternalWrenches:
    """Foot loads as wrenches on the two foot segments."""
    free = torch.stack(
        (torch.zeros_like(feet.free_moment_nm), feet.free_moment_nm, torch.zeros_like(feet.free_moment_nm)), -1
    )
    return ExternalWrenches(feet.force_world_n, feet.cop_world_m, free, FEET)


def contact_gate(probability: Float[Tensor, "t 2"], dt: float) -> Float[Tensor, "t 2"]:
    """Learned contact probability -> gate: a decision with hysteresis, then a ramp of one frame to each side."""
    p = probability.detach().double().cpu().numpy()
    touching = torch.from_numpy(ramp(torch.stack([torch.from_numpy(hysteresis(c, dt)) for c in p.T], 1).numpy()))
    return touching.to(probability)


def _feet(
    q: tuple[Tensor, Tensor, Tensor], motion: SegmentMotion, inertia: BodyInertia, lengths_m: Tensor, gate: Tensor,
    mass_kg: float, floor_m: float, carried: ExternalWrenches | None, dt: float,
) -> tuple[Balance, Tensor, Tensor]:  # fmt: skip
    """Ground reaction that balances the body, the force required, and the sole points."""
    soles = sole_points(Pose(motion.R_world_seg, motion.p_world_seg), lengths_m)
    com = com_motion(motion, inertia).p_world_m
    required = net_external_wrench_required(motion, inertia, com, carried)
    weight = mass_kg - (carried.force_world_n[..., 1].sum(-1).mean() / G_M_S2 if carried is not None else 0.0)
    prior = ground_reaction(ankle_features(*q, lengths_m, floor_m), soles, gate, weight, floor_m=floor_m)
    shared = balance(required.force_world_n, required.moment_world_nm, com, soles, gate, weight, dt, prior, floor_m)
    return shared, required.force_world_n, soles


@torch.no_grad()
def physics_of_motion(
    q: Float[Tensor, "t 47"],
    lengths_m: Float[Tensor, " 13"],
    contact: Float[Tensor, "t 2"],
    athlete: Athlete,
    load: ExternalLoad,
    dt: float = 1.0 / RATE_HZ,
    cutoff_hz: float | None = CUTOFF_HZ,
) -> BodyPhysics:
    """All physics of one clip in float64. `athlete` has height and mass; contact is a probability per foot."""
    if athlete.mass_kg is None or athlete.height_m is None:
        raise ValueError("physics_of_motion needs the athlete's height and mass, given or assumed.")
    q, lengths_m = q.double(), lengths_m.double()
    moving = smooth_motion(q, dt, cutoff_hz)
    inertia = segment_inertia(lengths_m, q.new_tensor(athlete.mass_kg), athlete.sex)
    motion = segment_motion(*moving, lengths_m, inertia.com)
    carried = load_wrenches(load.mass_kg, load.at, motion) if load.mass_kg > 0 else None
    soles = sole_points(Pose(motion.R_world_seg, motion.p_world_seg), lengths_m)
    floor_m = floor_height(soles.numpy())
    gate = contact_gate(contact.double(), dt)
    shared, required, soles = _feet(moving, motion, inertia, lengths_m, gate, athlete.mass_kg, floor_m, carried, dt)
    wrenches = concatenate_wrenches(foot_wrenches(shared.wrench), carried)
    tau = inverse_dynamics(*moving, lengths_m, inertia, wrenches)
    muscles = mtg_parameters(athlete.sex, athlete.age_years, athlete.mass_kg, athlete.height_m, dtype=q.dtype)
    joint = tuple(x[..., N_ROOT:] for x in moving)
    effort = activation_from_torque(tau[..., N_ROOT:], joint[0], joint[1], muscles)
    return BodyPhysics(
        *moving, com_motion(motion, inertia).p_world_m, soles, floor_m, gate, shared.wrench, required,
        shared.residual_force_n, shared.residual_moment_nm, tau, effort,
        mtg_torque(effort.alpha, joint[0], joint[1], muscles), _warnings(gate, required, athlete.mass_kg),
    )  # fmt: skip


def _warnings(gate: Tensor, required: Tensor, mass_kg: float) -> tuple[str, ...]:
    touching = gate.numpy() > 0.5
    if not touching.any():
        return ("No foot contact was found: the ground reaction is zero throughout.",)
    alone = unsupported(touching, required.numpy(), mass_kg).mean()
    if alone > 0.05:
        return (
            f"In {100 * alone:.0f} % of the frames something other than the feet carries the body (hands, a seat, or a "
            "missed contact); forces and torques there are not valid.",
        )
    return ()
