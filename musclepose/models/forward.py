"""From the network's outputs to all physics of a clip, differentiable: what losses on torques or text train through.

The pipeline's own way (`physics_of_motion`) adds bands and the root correction; this one is the short way of training.
The contact gate is a decision and passes no gradient; everything else does.
"""

from __future__ import annotations

import torch
from torch import Tensor

from musclepose.data.tokens import Tokens
from musclepose.models.decode import decode, generalised_coordinates
from musclepose.models.musclepose import ForwardOut, MusclePoseCOCO, NetworkOut
from musclepose.physics.anthropometrics import person_of
from musclepose.physics.balance import balance
from musclepose.physics.contact import FLOOR_QUANTILE
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.mtg import mtg_torque, muscles_of
from musclepose.physics.skeleton47 import N_ROOT
from musclepose.physics.smoothing import smooth_motion
from musclepose.physics.whole_body import (
    ONE_CAMERA,
    RATE_HZ,
    ClipDynamics,
    contact_gate,
)
from musclepose.records import Athlete, ExternalLoad


def forward_physics(
    out: NetworkOut, tokens: Tokens, told: Athlete, load: ExternalLoad
) -> ForwardOut:
    """ForwardOut (float64) of one clip, a batch of one. World: floor at y = 0.

    One piece because it is the list of stages of the whole forward pass, and the record of their results.
    """
    motion = decode(out.raw, tokens.stature_m, tokens.stature_known)
    person = person_of(told, float(motion.stature_m[0].detach()))
    dt, mass = 1.0 / RATE_HZ, person.mass_kg
    q, lengths = (
        generalised_coordinates(motion)[0].double(),
        motion.lengths_m[0].double(),
    )
    moved = smooth_motion(
        q, dt, ONE_CAMERA.cutoff_hz, ONE_CAMERA.root_cutoff_hz
    )
    soles = sole_points(forward_kinematics(moved.q, lengths), lengths)
    floor_m = (
        soles[..., 1].amin((1, 2)).quantile(FLOOR_QUANTILE)
    )  # floor_height, with its gradient
    moved = moved._replace(
        q=torch.cat(
            (moved.q[:, :1], moved.q[:, 1:2] - floor_m, moved.q[:, 2:]), 1
        )
    )
    contact, E = (
        torch.sigmoid(out.raw.contact[0]).double(),
        out.mass_correction[0].double(),
    )
    inertia = segment_inertia(lengths, lengths.new_tensor(mass), person.sex, E)
    clip = ClipDynamics(
        lengths,
        inertia,
        mass,
        load,
        contact_gate(contact, dt),
        dt,
        ONE_CAMERA.balance,
    )
    moving = clip.moving(moved)
    feet = balance(
        *moving.required,
        moving.com_world_m,
        moving.sole_world_m,
        clip.gate,
        clip.supported_kg,
        dt,
        clip.prior(moving),
        weights=clip.weights,
    ).wrench
    muscles = muscles_of(person)
    alpha = out.alpha[0].double()
    tau_mtg = mtg_torque(
        alpha, moved.q[:, N_ROOT:], moved.qdot[:, N_ROOT:], muscles
    )

    def one(x: Tensor) -> Tensor:
        return x.unsqueeze(0)

    return ForwardOut(
        one(moved.q),
        one(moved.qdot),
        one(moved.qddot),
        out.raw.beta,
        out.mass_correction,
        one(contact),
        out.delta,
        out.alpha,
        one(clip.torques(moving, feet)),
        one(tau_mtg),
        one(feet.force_world_n),
        one(feet.cop_world_m),
        one(feet.free_moment_nm),
        out.phi,
        out.raw.camera,
    )


def forward(
    model: MusclePoseCOCO, tokens: Tokens, told: Athlete, load: ExternalLoad
) -> ForwardOut:
    """Network and physics of one clip, tokens (1, T, D)."""
    return forward_physics(model(tokens), tokens, told, load)
