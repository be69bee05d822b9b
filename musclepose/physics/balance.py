"""Whole-body balance: what the supports (feet, and hands where they carry) must bear together, shared over those that
touch.

Newton and Euler for the whole body about its centre of mass c:
    sum_f F_f = m (a_c - g) - external,     sum_f (cop_f - c) x F_f + T_f = dL/dt - external.
Each support's wrench lies in a polyhedral cone: an octagonal friction pyramid inside Coulomb's cone, the centre of
pressure inside the touching sole, a bounded free moment. One quadratic program per clip (`cone_qp`) weighs the
balance, a prior from the linear ground reaction model, and smoothness in time. What cannot be carried is the residual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.cone_qp import Array, Solver, solve_cone_qp
from musclepose.physics.constants import G_M_S2
from musclepose.physics.foot_sole import Sole, contact_sole, smoothstep
from musclepose.physics.grfm import FRICTION, FootWrench
from musclepose.utils.rot import skew

FRICTION_SIDES = 8


@dataclass(frozen=True)
class BalanceWeights:
    """Standard deviations of the least-squares terms; forces in body weights, moments in body weights x metre.

    Force to moment is 5 : 1, the ratio of the accepted residual limits for a centre of mass 1 m high (Hicks 2015).
    """

    force: float = 0.002
    moment: float = 0.0004
    prior_force: float = 0.3
    prior_shear: float = 0.1
    prior_moment: float = 0.02
    rate_force: float = 15.0  # per second
    rate_moment: float = 1.0
    friction: float = FRICTION
    torsion_m: float = 0.04  # free moment / vertical force, m (chosen: walking stays below 0.02)
    gate: tuple[float, float] = (
        0.25,
        0.75,
    )  # contact probability at which a foot starts to carry and carries fully
    solver: Solver = field(default_factory=Solver)


class Balance(NamedTuple):
    """Loads of the supports, and what they leave of the required wrench (required minus carried) at the centre of
    mass."""

    wrench: FootWrench
    residual_force_n: Float[Tensor, "*b t 3"]
    residual_moment_nm: Float[Tensor, "*b t 3"]
    unit_wrench: Float[
        Tensor, "b t m"
    ]  # unknowns: per support force and moment about the sole's reference point
    factors: list[Array]  # per clip, of the solver's Newton matrix


def balance(
    force_n: Float[Tensor, "*b t 3"],
    moment_nm: Float[Tensor, "*b t 3"],
    com_world_m: Float[Tensor, "*b t 3"],
    sole_world_m: Float[Tensor, "*b t n 4 3"],
    contact: Float[Tensor, "*b t n"],
    mass_kg: float | Float[Tensor, "*b"],
    dt: float,
    prior: FootWrench | None = None,
    floor_m: float | Float[Tensor, "*b"] = 0.0,
    weights: BalanceWeights = BalanceWeights(),
    height_m: Float[Tensor, " n"] | None = None,
) -> Balance:
    """Share the required wrench (`force_n`, and `moment_nm` about the centre of mass) over n supports: both feet, and
    whatever else has four points as a sole has.

    A support with contact probability below `gate[0]` carries exactly nothing. `height_m`: of each support's own floor
    above `floor_m`; None: all on one. Differentiable in every tensor argument.
    """
    batch = force_n.shape[:-2]
    clip = _Clip.of(
        force_n,
        moment_nm,
        com_world_m,
        sole_world_m,
        contact,
        mass_kg,
        prior,
        floor_m,
        weights,
        height_m,
    )
    H, g = clip.objective()
    C = clip.cone()
    x, factors = solve_cone_qp(
        H, g, C, clip.coupling(dt), clip.inside(), weights.solver
    )
    wrench, *total = clip.carried(x)

    def shaped(v: Tensor) -> Tensor:
        return v.to(force_n.dtype).reshape(*batch, *v.shape[1:])

    force, moment = map(shaped, total)
    return Balance(
        FootWrench(*map(shaped, wrench)),
        force_n - force,
        moment_nm - moment,
        x,
        factors,
    )


@dataclass(frozen=True)
class _Clip:
    """One batch of clips in the solver's units: float64, forces in body weights, moments in body weights x m."""

    required: Tensor  # (b, t, 6) force and moment about the centre of mass
    com: Tensor  # (b, t, 3)
    sole: Sole
    gate: Tensor  # (b, t, n)
    weight_n: Tensor  # (b, 1, 1)
    floor: Tensor  # (b, 1, n)
    prior: Tensor  # (b, t, n, 6)
    weights: BalanceWeights

    @staticmethod
    def of(
        force: Tensor,
        moment: Tensor,
        com: Tensor,
        soles: Tensor,
        contact: Tensor,
        mass: float | Tensor,
        prior: FootWrench | None,
        floor: float | Tensor,
        weights: BalanceWeights,
        height: Tensor | None,
    ) -> _Clip:
        def flat(v: Tensor, trailing: int) -> Tensor:
            return v.to(torch.float64).reshape(
                -1, *v.shape[v.dim() - trailing :]
            )

        def column(v: float | Tensor) -> Tensor:
            rows = torch.as_tensor(
                v, dtype=torch.float64, device=force.device
            ).reshape(-1, 1, 1)
            return rows.expand(flat(force, 2).shape[0], 1, 1)

        body_weight = column(mass) * G_M_S2
        required = (
            torch.cat((flat(force, 2), flat(moment, 2)), -1) / body_weight
        )
        sole = contact_sole(flat(soles, 4))
        gate = smoothstep(flat(contact, 2), *weights.gate)
        raised = (
            gate.new_zeros(gate.shape[-1])
            if height is None
            else height.to(gate)
        )
        floor_m = column(floor) + raised
        if prior is None:
            ready = _even_prior(required, gate)
        else:
            told = FootWrench(
                flat(prior.force_world_n, 3),
                flat(prior.cop_world_m, 3),
                flat(prior.free_moment_nm, 2),
            )
            wrench = _about(told, _reference(sole, floor_m))
            ready = gate.unsqueeze(-1) * wrench / body_weight.unsqueeze(-1)
        return _Clip(
            required,
            flat(com, 2),
            sole,
            gate,
            body_weight,
            floor_m,
            ready,
            weights,
        )

    @property
    def count(self) -> int:
        """How many supports."""
        return self.gate.shape[-1]

    def maps(self) -> Tensor:
        """(b, t, 6, 6 n): unknowns to the wrench of all supports about the centre of mass; `F; M + r x F`, gated."""
        r = _reference(self.sole, self.floor) - self.com.unsqueeze(-2)
        cross = skew(r)
        eye = torch.eye(3, dtype=r.dtype, device=r.device).expand_as(cross)
        of_force = torch.cat((eye, torch.zeros_like(cross)), -1)
        of_moment = torch.cat((cross, eye), -1)
        A = torch.cat((of_force, of_moment), -2) * self.gate[..., None, None]
        return torch.cat(A.unbind(-3), -1)

    def objective(self) -> tuple[Tensor, Tensor]:
        """H and g of 1/2 |A x - b|^2 / sigma^2 + 1/2 |x - prior|^2 / sigma_p^2."""
        w = self.weights
        A = self.maps()
        scale = A.new_tensor([w.force**-2] * 3 + [w.moment**-2] * 3)
        of_force = [w.prior_shear**-2, w.prior_force**-2, w.prior_shear**-2]
        of_moment = [w.prior_moment**-2] * 3
        ridge = A.new_tensor((of_force + of_moment) * self.count)
        AtW = A.mT * scale
        H = AtW @ A + torch.diag(ridge)
        to_required = (AtW @ self.required.unsqueeze(-1)).squeeze(-1)
        to_prior = ridge * self.prior.flatten(-2)
        return H, -to_required - to_prior

    def coupling(self, dt: float) -> Tensor:
        w = self.weights
        one = [(w.rate_force * dt) ** -2] * 3 + [(w.rate_moment * dt) ** -2] * 3
        return self.required.new_tensor(one * self.count)

    def cone(self) -> Tensor:
        """(b, t, 16 n, 6 n) rows with C x >= 0: per support 8 friction, 6 sole edges, 2 free moment."""
        d = self.sole.margin_m
        n_x, n_z = self.sole.normal.unbind(-1)
        zero = torch.zeros_like(d)
        edges = torch.stack(
            (zero, d, zero, -n_z, zero, n_x), -1
        )  # n_x Mz - n_z Mx + d Fy >= 0
        torsion = self.weights.torsion_m
        twist = d.new_tensor(
            [[0, torsion, 0, 0, 1, 0], [0, torsion, 0, 0, -1, 0]]
        )
        fixed = torch.cat((self._friction(), twist))
        rows = torch.cat((fixed.expand(*d.shape[:-1], *fixed.shape), edges), -2)
        own = rows.unbind(-3)
        blank = torch.zeros_like(own[0])
        lines = []
        for i, row in enumerate(own):
            parts = [row if i == j else blank for j in range(self.count)]
            lines.append(torch.cat(parts, -1))
        return torch.cat(lines, -2)

    def _friction(self) -> Float[Tensor, "8 6"]:
        """Rows of the pyramid inside Coulomb's cone: -cos a Fx + mu' Fy - sin a Fz >= 0."""
        side = torch.arange(
            FRICTION_SIDES, dtype=self.gate.dtype, device=self.gate.device
        )
        angle = side * (2.0 * math.pi / FRICTION_SIDES)
        inscribed = self.weights.friction * math.cos(math.pi / FRICTION_SIDES)
        limit = torch.full_like(angle, inscribed)
        none = torch.zeros_like(angle)
        return torch.stack(
            (-angle.cos(), limit, -angle.sin(), none, none, none), -1
        )

    def inside(self) -> Tensor:
        """A strictly feasible start: half a body weight straight up through the middle of each support."""
        one = self.required.new_tensor(
            [0.0, 0.5, 0.0, 0.0, 0.0, 0.0] * self.count
        )
        return one.expand(*self.required.shape[:2], len(one))

    def carried(self, x: Tensor) -> tuple[FootWrench, Tensor, Tensor]:
        """World wrench of each support (N, m, N m), and the sum of forces and of moments about the centre of mass."""
        total = (self.maps() @ x.unsqueeze(-1)).squeeze(-1) * self.weight_n
        unit = x.unflatten(-1, (self.count, 6))
        carried = (self.gate * self.weight_n).unsqueeze(-1)
        force, moment = (unit * carried).split(3, -1)
        unit_force, unit_moment = unit.split(3, -1)
        M_x, _, M_z = (unit_moment / unit_force[..., 1:2]).unbind(-1)
        shift_x, shift_z = M_z, -M_x
        shift = torch.stack((shift_x, torch.zeros_like(shift_x), shift_z), -1)
        cop = _reference(self.sole, self.floor) + shift
        F_x, _, F_z = force.unbind(-1)
        free = moment[..., 1] - (shift_z * F_x - shift_x * F_z)
        return FootWrench(force, cop, free), total[..., :3], total[..., 3:]


def _reference(sole: Sole, floor: Tensor) -> Tensor:
    x, z = sole.reference_m.unbind(-1)
    return torch.stack((x, floor.expand_as(x), z), -1)


def _about(wrench: FootWrench, point: Tensor) -> Tensor:
    arm = wrench.cop_world_m - point
    moment = torch.linalg.cross(arm, wrench.force_world_n)
    twist = torch.zeros_like(moment)
    twist[..., 1] = wrench.free_moment_nm
    return torch.cat((wrench.force_world_n, moment + twist), -1)


def _even_prior(required: Tensor, gate: Tensor) -> Tensor:
    """The required force, split by contact, straight through the middle of the soles."""
    share = gate / gate.sum(-1, keepdim=True).clamp_min(1.0)
    x, vertical, z = (share.unsqueeze(-1) * required[..., None, :3]).unbind(-1)
    force = torch.stack((x, vertical.clamp_min(0.0), z), -1)
    return torch.cat((force, torch.zeros_like(force)), -1)
