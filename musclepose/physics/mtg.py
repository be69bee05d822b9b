"""Muscle torque generators: what the muscles of each rotational DoF can do, and what a torque asks of them.

    tau = alpha_flex cap_flex(q, qdot) - alpha_ext cap_ext(q, qdot) + passive(q) - damping qdot
    cap = tau0 f_angle(q) f_speed(share v),  v = qdot for flex, -qdot for ext (shortening positive)

Form: Anderson 2007 and Millard 2016 (RBDL), after ANCHORS 3a; both directions have their own curves. `flex` is the
direction of positive q, so knee extensors make negative knee torque. Last axis of the parameters: 0 flex, 1 ext; alpha
holds the 41 flex activations, then the 41 ext activations. Angles rad, torques N m. Tables and choices: strength.py and
configs; curves, results and caveats: docs/muscle.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.strength import constant, strength_table
from musclepose.records import Person

N = 41
COCONTRACTION = constant("cocontraction")
LEAST_NM = 1e-6  # keeps 0/0 and its gradient finite where the capacity is zero


class MtgParameters(NamedTuple):
    """One athlete's torque generators; every field broadcasts against (..., 41, 2), last axis flex, ext."""

    tau0: Float[Tensor, "*b 41 2"]  # isometric peak torque, N m
    strength_cv: Float[
        Tensor, "*b 41 2"
    ]  # its relative standard deviation between people
    angle_opt: Float[Tensor, "*b 41 2"]  # rad, where tau0 is reached
    angle_rate: Float[Tensor, "*b 41 2"]  # 1/rad
    gaussian: Float[Tensor, "*b 41 2"]  # 1 Gaussian, 0 cosine angle curve
    angle_floor: Float[Tensor, "*b 41 2"]  # least angle factor
    speed_75: Float[Tensor, "*b 41 2"]  # rad/s, shortening speed at 75 % torque
    speed_50: Float[Tensor, "*b 41 2"]  # and at 50 %
    eccentric: Float[Tensor, "*b 41 2"]  # plateau when lengthening, 1.1 to 1.4
    speed_share: Float[
        Tensor, "*b 41 2"
    ]  # muscle speed / joint speed (0.2 for the plantarflexors, else 1)
    passive_gain: Float[Tensor, "*b 41 2"]  # N m at passive_ref
    passive_rate: Float[Tensor, "*b 41 2"]  # 1/rad
    passive_ref: Float[Tensor, "*b 41 2"]  # rad
    damping: Float[Tensor, "*b 41 1"]  # N m s/rad


class Effort(NamedTuple):
    """What a torque asks: tau = mtg_torque(alpha) + residual."""

    alpha: Float[Tensor, "*b 82"]  # in [0, 1]
    effort: Float[
        Tensor, "*b 41"
    ]  # active torque / capacity in its direction, not clipped
    residual: Float[Tensor, "*b 41"]  # N m that full activation does not reach


def mtg_parameters(
    sex: str = "unknown",
    age_years: float | None = None,
    mass_kg: float | Tensor = 75.0,
    stature_m: float | Tensor = 1.75,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> MtgParameters:
    """Torque generators of one athlete; a mass or stature tensor (...) gives parameters (..., 41, 2).

    tau0 = strength x mass x stature, as Anderson normalises. Sex unknown = mean of both tables; age None = young group.
    """

    def tensor(values: Any) -> Tensor:
        return torch.as_tensor(values, dtype=dtype, device=device)

    table = {
        name: tensor(values)
        for name, values in strength_table(sex, age_years).items()
    }
    size = tensor(mass_kg) * tensor(stature_m)
    tau0 = table["strength"] * size[..., None, None]
    return MtgParameters(
        tau0=tau0,
        strength_cv=table["cv"],
        angle_opt=table["angle_opt"],
        angle_rate=table["angle_rate"],
        gaussian=table["gaussian"],
        angle_floor=table["angle_floor"],
        speed_75=table["speed_75"],
        speed_50=table["speed_50"],
        eccentric=table["eccentric"],
        speed_share=table["speed_share"],
        passive_gain=table["passive_gain"] + table["passive_share"] * tau0,
        passive_rate=table["passive_rate"],
        passive_ref=table["passive_ref"],
        damping=tau0.new_full((N, 1), constant("damping_nm_s_per_rad")),
    )


def muscles_of(
    person: Person, dtype: torch.dtype = torch.float64
) -> MtgParameters:
    """Torque generators of the body that a clip is computed with."""
    return mtg_parameters(
        person.sex, person.age_years, person.mass_kg, person.height_m, dtype
    )


def stack_parameters(athletes: Sequence[MtgParameters]) -> MtgParameters:
    """(B, 1, 41, 2): one athlete per clip of a batch, ready for q (B, T, 41)."""
    fields = zip(*athletes, strict=True)
    return MtgParameters(
        *(torch.stack(torch.broadcast_tensors(*f)).unsqueeze(1) for f in fields)
    )


def _sided(x: Float[Tensor, "*b 41"]) -> Float[Tensor, "*b 41 2"]:
    """(x, -x): the same quantity seen by the flex and by the ext side."""
    return torch.stack((x, -x), -1)


def angle_factor(
    q: Float[Tensor, "*b 41"], params: MtgParameters
) -> Float[Tensor, "*b 41 2"]:
    """cos(c2 (q - c3)) or exp(-((q - opt)/width)^2 / 2), never below its floor; exactly 1 at the optimum.

    The floor is a smooth maximum, 0.5 (f + floor + sqrt((f - floor)^2 + eps^2)), divided by its value at f = 1.
    """
    phase = (q[..., None] - params.angle_opt) * params.angle_rate
    bell = torch.exp(-0.5 * phase * phase)
    wave = torch.cos(phase.clamp(-torch.pi, torch.pi))
    curve = torch.where(params.gaussian > 0.5, bell, wave)
    floor = params.angle_floor
    eps = constant("angle_floor_smoothing")
    raised = curve + floor + torch.sqrt((curve - floor) ** 2 + eps**2)
    top = 1.0 + floor + torch.sqrt((1.0 - floor) ** 2 + eps**2)
    return raised / top


def omega_max(params: MtgParameters) -> Float[Tensor, "*b 41 2"]:
    """Shortening speed at which torque ends, rad/s: |2 c4 c5 / (c5 - 3 c4)| (Anderson 2007, RBDL)."""
    c4, c5 = params.speed_75, params.speed_50
    return (2.0 * c4 * c5 / (c5 - 3.0 * c4)).abs()


def speed_factor(
    v: Float[Tensor, "*b 41 2"], params: MtgParameters
) -> Float[Tensor, "*b 41 2"]:
    """Torque-speed factor of the muscle's shortening speed v (rad/s): 1 at rest, continuous slope, no pole, monotone.

    shortening   (1 + a v)/(1 + b v), a = (c5 - 3 c4)/(2 c4 c5), b = (c5 - 2 c4)/(c4 c5): 3/4 at c4, 1/2 at c5, 0 at
                 omega_max. Where c5 > 3 c4 (plantarflexion) that curve never reaches zero: beyond c5 it goes on as the
                 Hill curve 0.5 (1 - x)/(1 + k x), x = (v - c5)/(omega_max - c5), with the same slope at c5.
    lengthening  1 + (e - 1) s/(s + (e - 1)/(b - a)), s = -v: towards the plateau e.
    """
    c4, c5 = params.speed_75, params.speed_50
    top = omega_max(params)
    a = (c5 - 3.0 * c4) / (2.0 * c4 * c5)
    b = (c5 - 2.0 * c4) / (c4 * c5)
    crosses = c5 < 3.0 * c4
    end = torch.where(crosses, top, c5)
    head_v = torch.minimum(v.clamp(min=0.0), end)
    head = ((1.0 + a * head_v) / (1.0 + b * head_v)).clamp(min=0.0)
    span = torch.where(crosses, torch.ones_like(c5), top - c5)
    k_beyond = c4 / (c5 * (c5 - c4)) * span - 1.0
    k = torch.where(crosses, torch.zeros_like(c5), k_beyond)
    x = ((v - c5) / span).clamp(0.0, 1.0)
    hill = 0.5 * (1.0 - x) / (1.0 + k * x)
    shortening = torch.where(crosses | (v <= c5), head, hill)
    s = (-v).clamp(min=0.0)
    plateau = params.eccentric - 1.0
    lengthening = 1.0 + plateau * s / (s + plateau / (b - a))
    return torch.where(v >= 0.0, shortening, lengthening)


def capacity(
    q: Float[Tensor, "*b 41"],
    qdot: Float[Tensor, "*b 41"],
    params: MtgParameters,
) -> Float[Tensor, "*b 41 2"]:
    """Greatest active torque of each side (N m, both positive) at this angle and speed."""
    muscle_speed = params.speed_share * _sided(qdot)
    at_angle = params.tau0 * angle_factor(q, params)
    return at_angle * speed_factor(muscle_speed, params)


def passive_torque(
    q: Float[Tensor, "*b 41"], params: MtgParameters
) -> Float[Tensor, "*b 41"]:
    """Torque of stretched tissue, N m, signed like q: gain exp(rate z) of each side, z = distance past its reference.

    Above half of tau0 each exponential goes on as its tangent, so the torque stays finite at any angle.
    """
    past_flex, past_ext = (q[..., None] - params.passive_ref).unbind(-1)
    z = params.passive_rate * torch.stack((-past_flex, past_ext), -1)
    linear_from = constant("passive_linear_from") * params.tau0
    knee = torch.log(linear_from / params.passive_gain)
    low = torch.minimum(z, knee)
    side = params.passive_gain * torch.exp(low) * (1.0 + (z - low))
    return side[..., 0] - side[..., 1]


def mtg_torque(
    alpha: Float[Tensor, "*b 82"],
    q: Float[Tensor, "*b 41"],
    qdot: Float[Tensor, "*b 41"],
    params: MtgParameters,
) -> Float[Tensor, "*b 41"]:
    """Joint torque (N m) of the activations: the equation at the top of this file."""
    cap = capacity(q, qdot, params)
    active = alpha[..., :N] * cap[..., 0] - alpha[..., N:] * cap[..., 1]
    return active + passive_torque(q, params) - params.damping[..., 0] * qdot


def activation_from_torque(
    tau: Float[Tensor, "*b 41"],
    q: Float[Tensor, "*b 41"],
    qdot: Float[Tensor, "*b 41"],
    params: MtgParameters,
    cocontraction: float = COCONTRACTION,
) -> Effort:
    """Activations that produce tau, the effort they are, and what is out of reach.

    1. active = tau - passive(q) + damping qdot
    2. effort = |active| / capacity of the side that pulls that way, not clipped (the capacity in the denominator never
       falls below 10 % of tau0, so that effort stays finite beyond omega_max)
    3. both sides add the same torque, `cocontraction` times the weaker side's capacity, as far as the puller has it
    4. alpha = torque / capacity, clipped to [0, 1]; residual = tau - mtg_torque(alpha)
    """
    cap = capacity(q, qdot, params)
    passive = passive_torque(q, params) - params.damping[..., 0] * qdot
    need = _sided(tau - passive).clamp(min=0.0)
    least_cap = constant("effort_floor") * params.tau0
    effort = (need / torch.maximum(cap, least_cap)).amax(-1)
    room = (cap - need).amin(-1).clamp(min=0.0)
    shared = torch.minimum(cocontraction * cap.amin(-1), room)
    pulled = need + shared[..., None]
    alpha = (pulled / cap.clamp(min=LEAST_NM)).clamp(0.0, 1.0)
    flex, ext = (alpha * cap).unbind(-1)
    reached = (flex - ext) + passive
    activation = torch.cat((alpha[..., 0], alpha[..., 1]), -1)
    return Effort(activation, effort, tau - reached)


def effort_sd(
    tau: Float[Tensor, "*b 41"],
    q: Float[Tensor, "*b 41"],
    qdot: Float[Tensor, "*b 41"],
    params: MtgParameters,
) -> Float[Tensor, "*b 41"]:
    """Standard deviation of the effort from the spread of strength between people (first order: effort x cv)."""
    effort = activation_from_torque(tau, q, qdot, params).effort
    active = tau - passive_torque(q, params) + params.damping[..., 0] * qdot
    of_flex, of_ext = params.strength_cv.unbind(-1)
    return effort * torch.where(active >= 0.0, of_flex, of_ext)
