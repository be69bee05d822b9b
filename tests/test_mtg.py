"""Muscle torque generators: published tables, anchor points and the shape of the curves."""

from __future__ import annotations

import math

import pytest
import torch

from musclepose.evaluation import mtg_check
from musclepose.physics import mtg, strength
from musclepose.physics.mtg import MtgParameters, mtg_parameters
from musclepose.physics.skeleton47 import DOF_INDEX, DOF_NAMES, DOFS, N_ROOT

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


def cap_at(
    params: MtgParameters,
    name: str,
    side: int,
    q: float = 0.0,
    qdot: float = 0.0,
) -> float:
    i = muscle(name)
    angles, speeds = zeros(), zeros()
    angles[i], speeds[i] = q, qdot
    return float(mtg.capacity(angles, speeds, params)[i, side])


LEG = {
    "hip": "hip_flexion_r",
    "knee": "knee_flexion_r",
    "ankle": "ankle_dorsiflexion_r",
}


def test_anderson_table_has_its_36_rows_twice() -> None:
    data = strength.load("anderson2007.yaml")
    for statistic in ("mean", "sd"):
        keys = {tuple(r[:4]) for r in data["rows"] if r[4] == statistic}
        assert len(keys) == 36
    assert len(data["rows"]) == 72 and all(
        len(r) == len(data["columns"]) for r in data["rows"]
    )
    total = sum(r[5] for r in data["rows"] if r[4] == "mean")
    assert total == pytest.approx(
        3.659, abs=1e-9
    )  # the c1 column of an independent transcription


def test_passive_of_both_directions_is_one_curve() -> None:
    """The flex and ext blocks of the paper carry the same passive curve with opposite sign."""
    for joint in LEG:
        for sex, age in GROUPS:
            ext, flex = (
                strength.anderson_row(joint, d, sex, age)
                for d in ("ext", "flex")
            )
            assert (ext["b1"], ext["b2"]) == (-flex["b1"], -flex["b2"])
            assert (ext["k1"], ext["k2"]) == (flex["k1"], flex["k2"])


def test_gymnast_table_has_its_22_rows() -> None:
    rows = strength.load("strength_upper.yaml")["gymnast"]["rows"]
    assert len(rows) == 22 and all(len(r) == 8 for r in rows.values())


def test_every_dof_has_rows_and_every_chosen_row_a_reason() -> None:
    data = strength.load("strength_upper.yaml")
    assert set(data["dofs"]) == {strength.base_name(d) for d in DOFS[N_ROOT:]}
    used = {
        entry[d] for entry in data["dofs"].values() for d in strength.DIRECTIONS
    }
    for name, row in data["chosen"]["rows"].items():
        assert f"chosen.{name}" in used and len(row["reason"]) > 20


@pytest.mark.parametrize(
    ("sex", "size", "row"),
    [
        # ANCHORS 3b derived peaks, N m: hip ext, hip flex, knee ext, knee flex, ankle PF, ankle DF
        ("male", MALE, (211, 148, 213, 114, 124, 43)),
        ("female", FEMALE, (182, 127, 160, 80, 104, 27)),
    ],
)
def test_derived_peaks(
    sex: str, size: tuple[float, float], row: tuple[float, ...]
) -> None:
    published = mtg_check.as_published(params64(sex, 21.5, size))
    found = [
        float(published.tau0[muscle(LEG[j]), side])
        for j in LEG
        for side in (1, 0)
    ]
    assert found == pytest.approx(row, abs=1.0)  # the table rounds to 1 N m


@pytest.mark.parametrize(("sex", "age"), GROUPS)
def test_anderson_anchor_points(sex: str, age: str) -> None:
    """C1 m g h at theta_opt at rest; 75 % at C4, 50 % at C5; nothing at omega_max; plateau 1.1 to 1.4."""
    params = mtg_check.as_published(params64(sex, AGE_YEARS[age]))
    for joint, dof in LEG.items():
        for side, direction in enumerate(strength.DIRECTIONS):
            row = strength.anderson_row(joint, direction, sex, age)
            peak, sign = row["c1"] * 75.0 * 9.81 * 1.78, (1.0, -1.0)[side]
            top = abs(2 * row["c4"] * row["c5"] / (row["c5"] - 3 * row["c4"]))
            for speed, share in (
                (0.0, 1.0),
                (row["c4"], 0.75),
                (row["c5"], 0.5),
                (top, 0.0),
                (30.0 + top, 0.0),
            ):
                torque = cap_at(params, dof, side, row["c3"], sign * speed)
                assert torque == pytest.approx(share * peak, abs=1e-9 * peak), (
                    joint,
                    direction,
                    speed,
                )
            plateau = cap_at(params, dof, side, row["c3"], -sign * 1e6) / peak
            assert plateau == pytest.approx(
                min(1.1 + 0.2 * row["c6"], 1.4), abs=1e-4
            )
            assert 1.1 <= plateau <= 1.4


def test_anderson_angle_curve_follows_the_cosine_inside_the_measured_range() -> (
    None
):
    """Away from the floor the smooth maximum changes the published cosine by less than 1 %."""
    params = params64()
    for joint, dof in LEG.items():
        for side, direction in enumerate(strength.DIRECTIONS):
            row = strength.anderson_row(joint, direction, "male", "18-25")
            for offset in (-0.6, -0.3, 0.3, 0.6):
                expected = math.cos(row["c2"] * offset)
                if expected < 0.5:
                    continue
                found = cap_at(params, dof, side, row["c3"] + offset) / cap_at(
                    params, dof, side, row["c3"]
                )
                assert found == pytest.approx(expected, rel=0.01), (
                    joint,
                    direction,
                    offset,
                )


def test_gymnast_rows_at_their_optimum() -> None:
    """reduction x tau_iso at theta_opt for the gymnast himself, half-speed factor, both in our angle convention."""
    params = params64("male", 21.5, (69.6, 1.732))
    data = strength.load("strength_upper.yaml")
    for base, entry in data["dofs"].items():
        for side, direction in enumerate(strength.DIRECTIONS):
            kind, _, name = entry[direction].partition(".")
            if kind != "gymnast":
                continue
            row, angle = (
                strength.gymnast_row(name),
                entry.get("angle", {"sign": 1, "offset": 0, "scale": 1}),
            )
            dof = base if base in DOF_NAMES else f"{base}_l"
            q = (
                angle["sign"]
                * (row["theta_opt"] - angle["offset"])
                * angle["scale"]
            )
            peak, sign = 0.70 * row["tau_iso_nm"], (1.0, -1.0)[side]
            assert cap_at(params, dof, side, q) == pytest.approx(
                peak, rel=1e-9
            ), (base, direction)
            half = cap_at(
                params,
                dof,
                side,
                q,
                sign * 0.5 * row["omega_max"] * angle["scale"],
            )
            assert half == pytest.approx(row["tv_half"] * peak, rel=1e-6), (
                base,
                direction,
            )
            edge = (
                cap_at(params, dof, side, q + row["width"] * angle["scale"])
                / peak
            )
            assert edge == pytest.approx(math.exp(-0.5), rel=0.01), (
                base,
                direction,
            )  # 1 %: the floor's smooth maximum


@pytest.mark.parametrize(("sex", "age"), GROUPS)
def test_speed_curve_is_monotone_bounded_and_smooth_at_rest(
    sex: str, age: str
) -> None:
    params = params64(sex, AGE_YEARS[age])
    speeds = torch.linspace(-30.0, 30.0, 6001, dtype=torch.float64)
    factor = mtg.speed_factor(
        speeds[:, None, None].expand(-1, mtg.N, 2), params
    )
    assert torch.isfinite(factor).all()
    assert (
        factor.diff(dim=0) <= 1e-12
    ).all()  # more shortening speed, never more torque
    assert factor.min() >= 0.0 and factor.max() <= 1.4
    h = 1e-5
    at = [
        mtg.speed_factor(torch.full((mtg.N, 2), v, dtype=torch.float64), params)
        for v in (-h, 0.0, h)
    ]
    left, right = (at[1] - at[0]) / h, (at[2] - at[1]) / h
    assert torch.allclose(
        left, right, rtol=1e-3
    )  # one slope at rest: first-order error of h = 1e-5
    assert torch.equal(at[1], torch.ones_like(at[1]))
    at = [mtg.speed_factor(params.speed_50 + v, params) for v in (-h, 0.0, h)]
    assert torch.allclose(
        (at[1] - at[0]) / h, (at[2] - at[1]) / h, rtol=1e-3
    )  # and one where the Hill tail begins


def test_deep_squat_keeps_knee_extension() -> None:
    """Anderson's cosine ends at 137 degrees; the stated floor of 0.3 holds beyond, and grows from nowhere."""
    params = params64()
    q = math.radians(150)
    assert cap_at(params, "knee_flexion_l", 1, q) == pytest.approx(
        0.3 * float(params.tau0[muscle("knee_flexion_l"), 1]), rel=0.01
    )
    angles = torch.linspace(-7.0, 7.0, 3001, dtype=torch.float64)[
        :, None
    ].expand(-1, mtg.N)
    factor = mtg.angle_factor(angles, params)
    assert (factor >= 0.199).all() and (factor <= 1.0 + 1e-12).all()
