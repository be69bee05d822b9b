"""Muscle torque generators at work: passive torque, signs, round trip, effort, derivatives, symmetry, real data."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
import torch

from musclepose.errors import InputError
from musclepose.evaluation import mtg_check
from musclepose.physics import mtg, strength
from musclepose.physics.mtg import MtgParameters, mtg_parameters
from musclepose.physics.skeleton47 import (
    DOF_INDEX,
    N_ROOT,
    limits,
    mirror_index,
)

SHARED = Path(
    os.environ.get(
        "MUSCLEPOSE_DATA", Path(__file__).parents[1] / "../shared/data"
    )
)
MALE = (75.0, 1.78)
FEMALE = (62.0, 1.65)
GROUPS = [(sex, age) for sex in strength.SEXES for age in strength.AGES]
AGE_YEARS = {"18-25": 21.5, "55-65": 60.0, "65+": 72.0}


def params64(
    sex: str = "male",
    age: float | None = None,
    size: tuple[float, float] = MALE,
) -> MtgParameters:
    return mtg_parameters(sex, age, *size, dtype=torch.float64)  # type: ignore[arg-type]


def muscle(name: str) -> int:
    return DOF_INDEX[name] - N_ROOT


def zeros() -> torch.Tensor:
    return torch.zeros(mtg.N, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_passive_is_bounded_and_restoring(dtype: torch.dtype) -> None:
    params = mtg_parameters("male", None, *MALE, dtype=dtype)
    angles = torch.linspace(-2 * math.pi, 2 * math.pi, 2001, dtype=dtype)[
        :, None
    ].expand(-1, mtg.N)
    torque = mtg.passive_torque(angles, params)
    assert torch.isfinite(torque).all() and torque.abs().max() < 1e5
    assert (
        torque.diff(dim=0) <= 1e-3
    ).all()  # stiffness never negative; 1e-3 N m is float32 rounding of 1e4
    stiffness = torque.diff(dim=0)[
        [0, -1]
    ]  # the tangent goes on at both ends: torque still grows there
    assert (stiffness < -1e-2).all()
    lower, upper = (torch.as_tensor(x[N_ROOT:], dtype=dtype) for x in limits())
    assert (mtg.passive_torque(lower - 0.2, params) > 0).all() and (
        mtg.passive_torque(upper + 0.2, params) < 0
    ).all()


def test_passive_is_silent_near_neutral() -> None:
    """Upright, arms hanging, thumbs forward: within 1 N m on every DoF (ankle 0.96 is Anderson's own curve)."""
    q = zeros()
    for side in ("l", "r"):
        q[muscle(f"forearm_pronation_{side}")] = math.radians(80)
    for sex, age in GROUPS:
        assert (
            mtg.passive_torque(q, params64(sex, AGE_YEARS[age])).abs().max()
            <= 1.0
        )


def test_signs() -> None:
    """Knee extensors make negative knee torque, hip flexors positive; plantarflexors negative."""
    params, q, rest = params64(), zeros(), zeros()
    for name, side, sign in (
        ("knee_flexion_l", 1, -1),
        ("hip_flexion_r", 0, 1),
        ("ankle_dorsiflexion_r", 1, -1),
    ):
        alpha = torch.zeros(82, dtype=torch.float64)
        alpha[muscle(name) + side * mtg.N] = 1.0
        active = mtg.mtg_torque(alpha, q, rest, params) - mtg.passive_torque(
            q, params
        )
        assert sign * active[muscle(name)] > 20.0
        assert active.abs().sum() == pytest.approx(
            abs(float(active[muscle(name)]))
        )


def test_round_trip_within_capacity() -> None:
    torch.manual_seed(0)
    params, (lower, upper) = params64(), limits()
    low, high = torch.as_tensor(lower[N_ROOT:]), torch.as_tensor(upper[N_ROOT:])
    q, qdot = (
        low + (high - low) * torch.rand(4, 50, mtg.N, dtype=torch.float64),
        torch.randn(4, 50, mtg.N).double(),
    )
    cap = mtg.capacity(q, qdot, params)
    share = 2 * torch.rand(4, 50, mtg.N, dtype=torch.float64) - 1
    active = torch.where(share > 0, share * cap[..., 0], share * cap[..., 1])
    tau = active + mtg.passive_torque(q, params) - params.damping[..., 0] * qdot
    found = mtg.activation_from_torque(tau, q, qdot, params)
    assert found.alpha.min() >= 0 and found.alpha.max() <= 1
    used = torch.where(share > 0, cap[..., 0], cap[..., 1])
    floor = 0.1 * torch.where(
        share > 0, params.tau0[..., 0], params.tau0[..., 1]
    )
    assert torch.allclose(
        found.effort, share.abs() * used / torch.maximum(used, floor), atol=1e-9
    )
    assert torch.allclose(
        mtg.mtg_torque(found.alpha, q, qdot, params), tau, atol=1e-9
    )
    assert found.residual.abs().max() < 1e-9


def test_effort_beyond_capacity_is_visible() -> None:
    params, q, qdot, tau = params64(), zeros(), zeros(), zeros()
    i = muscle("knee_flexion_r")
    cap = mtg.capacity(q, qdot, params)[i, 1]
    tau[i] = -1.5 * cap + mtg.passive_torque(q, params)[i]
    found = mtg.activation_from_torque(tau, q, qdot, params)
    assert found.effort[i] == pytest.approx(1.5)
    assert found.alpha[i + mtg.N] == 1.0 and found.alpha[i] == 0.0
    assert found.residual[i] == pytest.approx(-0.5 * float(cap))
    assert torch.allclose(
        mtg.mtg_torque(found.alpha, q, qdot, params) + found.residual, tau
    )
    sd = mtg.effort_sd(tau, q, qdot, params)
    assert sd[i] == pytest.approx(
        1.5 * 0.040 / 0.163
    )  # Anderson c1 SD / mean, young men, knee extension


def test_cocontraction_changes_no_torque() -> None:
    params, q, qdot = params64(), zeros() + 0.2, zeros()
    tau = torch.linspace(-20, 20, mtg.N, dtype=torch.float64)
    alone, both = (
        mtg.activation_from_torque(tau, q, qdot, params, cocontraction=c)
        for c in (0.0, 0.1)
    )
    assert (both.alpha >= alone.alpha - 1e-12).all() and (
        both.alpha.sum() > alone.alpha.sum()
    )
    assert torch.allclose(alone.effort, both.effort)
    first, second = (
        mtg.mtg_torque(x.alpha, q, qdot, params) for x in (alone, both)
    )
    assert torch.allclose(first, second)
    assert (
        torch.minimum(alone.alpha[: mtg.N], alone.alpha[mtg.N :]) == 0
    ).all()


def test_gradients_match_finite_differences() -> None:
    torch.manual_seed(1)
    params = params64()
    q = (0.3 * torch.randn(2, mtg.N, dtype=torch.float64)).requires_grad_()
    qdot = torch.randn(2, mtg.N, dtype=torch.float64).requires_grad_()
    alpha = torch.rand(2, 82, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda a, x, v: mtg.mtg_torque(a, x, v, params), (alpha, q, qdot)
    )
    tau = (10 * torch.randn(2, mtg.N, dtype=torch.float64)).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda t: (
            mtg.activation_from_torque(
                t, q.detach(), qdot.detach(), params
            ).effort
        ),
        (tau,),
    )


def test_gradients_are_finite_everywhere() -> None:
    params = mtg_parameters("female", 70.0, *FEMALE)
    q = (
        torch.linspace(-6.3, 6.3, 200)[:, None] * torch.ones(mtg.N)
    ).requires_grad_()
    qdot = (
        torch.linspace(-40, 40, 200)[:, None] * torch.ones(mtg.N)
    ).requires_grad_()
    mtg.mtg_torque(torch.full((200, 82), 0.5), q, qdot, params).sum().backward()
    assert q.grad is not None and qdot.grad is not None
    assert torch.isfinite(q.grad).all() and torch.isfinite(qdot.grad).all()
    found = mtg.activation_from_torque(
        torch.full((200, mtg.N), 500.0), q, qdot, params
    )
    gradients = torch.autograd.grad(
        found.alpha.sum() + found.effort.sum() + found.residual.sum(), (q, qdot)
    )
    assert all(torch.isfinite(g).all() for g in gradients)


def test_left_and_right_are_mirror_images() -> None:
    torch.manual_seed(2)
    params = params64("unknown")
    mirror = mirror_index()
    index, sign = (
        torch.as_tensor(mirror[0][N_ROOT:] - N_ROOT),
        torch.as_tensor(mirror[1][N_ROOT:]),
    )
    q, qdot, tau = (
        torch.randn(20, mtg.N, dtype=torch.float64) * s
        for s in (0.4, 2.0, 30.0)
    )
    torque = [mtg.passive_torque(x, params) for x in (q, sign * q[:, index])]
    assert torch.allclose(torque[1], sign * torque[0][:, index])
    cap = [
        mtg.capacity(x, v, params)
        for x, v in ((q, qdot), (sign * q[:, index], sign * qdot[:, index]))
    ]
    swapped = torch.where(
        sign[:, None] > 0, cap[0][:, index], cap[0][:, index].flip(-1)
    )
    assert torch.allclose(cap[1], swapped)
    effort = [
        mtg.activation_from_torque(t, x, v, params).effort
        for t, x, v in (
            (tau, q, qdot),
            (sign * tau[:, index], sign * q[:, index], sign * qdot[:, index]),
        )
    ]
    assert torch.allclose(effort[1], effort[0][:, index])


def test_sex_age_and_size_scale_strength() -> None:
    male, female, unknown = (
        params64(s, 21.5, size)
        for s, size in (("male", MALE), ("female", FEMALE), ("unknown", MALE))
    )
    assert (male.tau0 > female.tau0).all()
    same = params64("female", 21.5, MALE)
    assert torch.allclose(unknown.tau0, 0.5 * (male.tau0 + same.tau0))
    assert torch.allclose(
        params64("male", 21.5, (150.0, 1.78)).tau0, 2 * male.tau0
    )
    assert torch.equal(params64("male", None).tau0, params64("male", 18.0).tau0)
    for sex in ("male", "female"):
        young, old = params64(sex, 21.5), params64(sex, 80.0)
        rows = [
            muscle(n)
            for n in (
                "knee_flexion_l",
                "elbow_flexion_l",
                "hip_flexion_r",
                "lumbar_flexion",
            )
        ]
        assert (old.tau0[rows] < young.tau0[rows]).all()
    between = params64("male", (21.5 + 60.0) / 2)
    assert torch.allclose(
        between.angle_opt,
        0.5
        * (params64("male", 21.5).angle_opt + params64("male", 60.0).angle_opt),
    )
    with pytest.raises(InputError, match="female, male or unknown"):
        mtg_parameters("other")  # type: ignore[arg-type]


def test_batch_equals_loop() -> None:
    torch.manual_seed(3)
    athletes = [params64("male"), params64("female", 70.0, FEMALE)]
    q, qdot, alpha = (
        torch.randn(2, 7, mtg.N).double() * 0.4,
        torch.randn(2, 7, mtg.N).double(),
        torch.rand(2, 7, 82).double(),
    )
    batched = mtg.mtg_torque(alpha, q, qdot, mtg.stack_parameters(athletes))
    for b, one in enumerate(athletes):
        assert torch.allclose(
            batched[b], mtg.mtg_torque(alpha[b], q[b], qdot[b], one)
        )
    mass = torch.tensor([60.0, 75.0], dtype=torch.float64)
    many = mtg_parameters("male", None, mass, 1.78, dtype=torch.float64)
    assert many.tau0.shape == (2, mtg.N, 2) and torch.allclose(
        many.tau0[1], athletes[0].tau0
    )


def test_strength_spread_is_within_human_range() -> None:
    for sex, age in GROUPS:
        cv = params64(sex, AGE_YEARS[age]).strength_cv
        assert cv.min() >= 0.15 and cv.max() <= 0.40


@pytest.mark.shared
def test_walking_and_squatting_stay_within_capacity(tmp_path: Path) -> None:
    """Issue 3's goal on the force-plate trials; the unadjusted plantarflexor row misses it and the table says so."""
    if not (SHARED / "force_plate").is_dir():
        pytest.skip(
            f"no measured trials at {SHARED}/force_plate; set MUSCLEPOSE_DATA"
        )
    target = tmp_path / "mtg.json"
    assert mtg_check.main(["--data", str(SHARED), "--json", str(target)]) == 0
    result = json.loads(target.read_text())
    for activity in mtg_check.GOAL_ACTIVITIES:
        for dof in mtg_check.GOAL_JOINTS:
            assert (
                result[activity][dof]["share_within_capacity"]
                >= mtg_check.GOAL_SHARE
            ), (
                activity,
                dof,
            )
    assert (
        result["walking"]["knee_flexion"]["effort_peak"] > 0.4
    )  # an order of magnitude: neither idle nor maximal
    published = mtg_check.check(SHARED, published=True)["walking"][
        "ankle_dorsiflexion"
    ]
    assert published["share_within_capacity"] < mtg_check.GOAL_SHARE


def test_check_refuses_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mtg_check.main(["--data", str(tmp_path)]) == 2
    assert "no .npz trial" in capsys.readouterr().err
