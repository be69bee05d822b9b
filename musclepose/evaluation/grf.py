"""Estimated ground reaction, no plates used, against the plates: linear model and whole-body balance side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musclepose.fitting.force_plate import Fitted, Trial
from musclepose.fitting.trial_dynamics import measured_load, motion_of, required
from musclepose.physics.balance import Balance, balance
from musclepose.physics.constants import G_M_S2
from musclepose.physics.contact import Contact, detect_contact
from musclepose.physics.grfm import FootWrench, ankle_features, ground_reaction
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.root_correction import balance_with_shift
from musclepose.physics.smoothing import Motion

Array = NDArray[np.float64]
COP_FROM_BW = 0.2  # the centre of pressure is scored where both the plate and the estimate carry this much
METHODS = ("linear", "balance", "balance_shifted")


@dataclass(frozen=True)
class Estimate:
    """One trial without plates: the linear model, the balance, and what the motion needs."""

    fitted: Fitted
    motion: Motion
    contact: Contact
    linear: FootWrench
    balance: Balance
    shifted: Balance  # after the root correction
    shift_m: Tensor  # (T, 3)
    force_n: Tensor  # (T, 3) required, before the root correction
    moment_nm: Tensor  # (T, 3) about the centre of mass
    com_m: Tensor  # (T, 3)


def estimate(fitted: Fitted, motion: Motion | None = None) -> Estimate:
    """Contact from kinematics, linear model, balance."""
    trial = fitted.trial
    motion = motion or motion_of(fitted)
    sole = sole_points(
        forward_kinematics(motion.q, fitted.lengths_m), fitted.lengths_m
    )
    contact = detect_contact(sole.numpy(), trial.dt)
    psi = ankle_features(*motion, fitted.lengths_m, contact.floor_m)
    gate = torch.from_numpy(contact.gate)
    linear = ground_reaction(
        psi, sole, gate, trial.mass_kg, floor_m=contact.floor_m
    )
    need, com = required(fitted, motion)
    arguments = (
        *need,
        com,
        sole,
        gate,
        trial.mass_kg,
        trial.dt,
        linear,
        contact.floor_m,
    )
    shifted, shift = balance_with_shift(*arguments)
    return Estimate(
        fitted,
        motion,
        contact,
        linear,
        balance(*arguments),
        shifted,
        shift,
        *need,
        com,
    )


def plate_wrench(trial: Trial) -> tuple[Array, Array]:
    """Low-passed plate force (T, 2, 3) and its centre of pressure (T, 2, 3) on y = 0, NaN below COP_FROM_BW."""
    force, moment = (v.numpy() for v in measured_load(trial))
    vertical = force[..., 1]
    loaded = vertical > COP_FROM_BW * trial.mass_kg * G_M_S2
    # M = c x F with c_y = 0: c_x = M_z / F_y, c_z = -M_x / F_y
    with np.errstate(divide="ignore", invalid="ignore"):
        cop = np.stack(
            (
                moment[..., 2] / vertical,
                np.zeros_like(vertical),
                -moment[..., 0] / vertical,
            ),
            -1,
        )
    return force, np.where(loaded[..., None], cop, np.nan)


def carried(feet: FootWrench, com: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the feet's forces, and of their moments about the centre of mass."""
    moment = torch.linalg.cross(
        feet.cop_world_m - com.unsqueeze(-2), feet.force_world_n
    )
    moment = moment + torch.nn.functional.pad(
        feet.free_moment_nm.unsqueeze(-1), (1, 1)
    )
    return feet.force_world_n.sum(-2), moment.sum(-2)


def _rms(x: Array) -> float:
    return float(np.sqrt(np.mean(np.square(x))))


def of_method(e: Estimate, method: str) -> tuple[FootWrench, Array, Array]:
    """Foot loads of one method with its residual force (N) and moment (N m)."""
    if method == "linear":
        force, moment = carried(e.linear, e.com_m)
        return (
            e.linear,
            (e.force_n - force).numpy(),
            (e.moment_nm - moment).numpy(),
        )
    out = e.balance if method == "balance" else e.shifted
    return (
        out.wrench,
        out.residual_force_n.numpy(),
        out.residual_moment_nm.numpy(),
    )


def score(e: Estimate, method: str) -> dict[str, float]:
    """Errors of one method on the frames in which every contact is measured.

    One piece because it is a table: a figure a row, over forces and places that several rows share.
    """
    feet, left_force, left_moment = of_method(e, method)
    trial = e.fitted.trial
    weight = trial.mass_kg * G_M_S2
    force, cop = plate_wrench(trial)
    ours, where = feet.force_world_n.numpy(), feet.cop_world_m.numpy()
    v = trial.valid
    gap = np.linalg.norm((where - cop)[..., [0, 2]], axis=-1)
    gap = np.where(ours[..., 1] > COP_FROM_BW * weight, gap, np.nan)[v]
    need = e.force_n.numpy()[v]
    height = e.com_m.numpy()[v, 1] - e.contact.floor_m
    loaded = np.nan_to_num(trial.force_world_n[..., 1]) > 30.0
    horizontal = np.linalg.norm((ours - force)[v][..., [0, 2]], axis=-1)
    net = np.linalg.norm(need, axis=-1)
    return {
        "vertical_force_rmse_bw_percent": 100.0
        * _rms((ours - force)[v][..., 1])
        / weight,
        "vertical_force_mae_bw_percent": 100.0
        * float(np.abs((ours - force)[v][..., 1]).mean())
        / weight,
        "horizontal_force_rmse_bw_percent": 100.0 * _rms(horizontal) / weight,
        "cop_error_mean_mm": 1000.0 * float(np.nanmean(gap))
        if np.isfinite(gap).any()
        else float("nan"),
        "residual_force_percent": 100.0
        * _rms(np.linalg.norm(left_force[v], axis=-1))
        / _rms(net),
        "residual_moment_percent": 100.0
        * _rms(np.linalg.norm(left_moment[v], axis=-1))
        / _rms(height * net),
        "contact_accuracy_percent": 100.0
        * float((e.contact.touching == loaded)[v].mean()),
        "shift_rms_mm": 1000.0
        * _rms(np.linalg.norm(e.shift_m.numpy(), axis=-1))
        if method == METHODS[2]
        else 0.0,
    }


def compare(
    estimates: Sequence[Estimate],
) -> dict[str, dict[str, dict[str, float]]]:
    """{activity: {method: {metric: mean over trials}}}."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for activity in sorted({e.fitted.trial.activity for e in estimates}):
        own = [e for e in estimates if e.fitted.trial.activity == activity]
        rows = {m: [score(e, m) for e in own] for m in METHODS}
        out[activity] = {
            m: {k: float(np.mean([r[k] for r in rs])) for k in rs[0]}
            for m, rs in rows.items()
        }
    return out
