"""The Dumas tables as published, and the bodies that are made of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from bodies import F64, average_body, random_body

from musclepose.errors import InputError
from musclepose.physics.dumas_bsip import (
    BodyInertia,
    gyration_tensor,
    load_table,
    parallel_axis,
    reference_lengths,
    segment_inertia,
)
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.skeleton47 import LENGTHS, N_DOF, SEGMENTS

PAIRED = ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")
THORAX = SEGMENTS.index("thorax")
SCAPULAE = [SEGMENTS.index("scapula_l"), SEGMENTS.index("scapula_r")]


@pytest.mark.parametrize("sex", ["female", "male"])
def test_rows_sum_to_the_published_total(sex: str) -> None:
    table = load_table()
    total = sum(
        row[0] * (2 if name in PAIRED else 1)
        for name, row in table[sex].items()
    )
    assert total == pytest.approx(table["published_mass_sum"][sex], abs=1e-9)
    assert len(table[sex]) == 10
    assert set(table[sex]) == set(table["reference"])


@pytest.mark.parametrize("sex", ["female", "male"])
def test_published_tensors_are_possible(sex: str) -> None:
    """Positive definite, and no principal moment exceeds the sum of the other two."""
    for name, (_, _, radii) in load_table()[sex].items():
        principal = np.linalg.eigvalsh(gyration_tensor(radii))
        assert principal[0] > 0, name
        assert principal[2] < principal[0] + principal[1], name


@pytest.mark.parametrize("sex", ["female", "male", "unknown"])
def test_bodies_are_possible_whatever_their_build(sex: str) -> None:
    body = random_body(11, 200, sex=sex)  # type: ignore[arg-type]
    principal = torch.linalg.eigvalsh(body.inertia.inertia)
    assert (principal[..., 0] > 0).all()
    assert (principal[..., 2] < principal[..., 0] + principal[..., 1]).all()
    assert (body.inertia.mass > 0).all()


def test_masses_sum_to_the_body_mass() -> None:
    lengths = average_body().lengths_m
    mass = torch.tensor([50.0, 80.0, 110.0], dtype=F64)
    E = 0.5 * torch.randn(
        3, 18, dtype=F64, generator=torch.Generator().manual_seed(0)
    )
    for correction in (None, E):
        torch.testing.assert_close(
            segment_inertia(lengths, mass, "female", correction).mass.sum(-1),
            mass,
        )


def test_male_rows_in_our_frames() -> None:
    """A 1.75 m, 75 kg man by hand: mass share / 100.2, centre and radius in per cent of the stated length."""
    body = average_body("male", 1.75, 75.0)
    length = dict(zip(LENGTHS, body.lengths_m.tolist(), strict=True))
    mass, com, inertia = body.inertia

    thigh, shank = SEGMENTS.index("thigh_r"), SEGMENTS.index("shank_l")
    assert mass[thigh] == pytest.approx(75.0 * 12.3 / 100.2)
    assert com[thigh].tolist() == pytest.approx(
        [x / 100 * length["thigh"] for x in (-4.1, -42.9, 3.3)]
    )
    assert com[shank].tolist() == pytest.approx(
        [x / 100 * length["shank"] for x in (-4.8, -41.0, -0.7)]
    )
    assert inertia[thigh, 0, 0] == pytest.approx(
        mass[thigh] * (0.29 * length["thigh"]) ** 2
    )
    assert inertia[thigh, 1, 2] == pytest.approx(
        -mass[thigh] * (0.07 * length["thigh"]) ** 2
    )
    assert inertia[shank, 1, 2] == pytest.approx(
        -mass[shank] * (0.05 * length["shank"]) ** 2
    )
    assert inertia[shank, 0, 1] == pytest.approx(
        -mass[shank] * (0.04 * length["shank"]) ** 2
    )

    head, pelvis, abdomen = (
        SEGMENTS.index(n) for n in ("head", "pelvis", "abdomen")
    )
    assert com[head, :2].tolist() == pytest.approx(
        [0.020 * length["head"], 0.536 * length["head"]]
    )
    # The table measures from L5/S1 and T12/L1, our frames start at the mid-hip and at L5/S1.
    assert com[pelvis, 1] == pytest.approx((0.893 - 0.280) * length["pelvis"])
    assert com[abdomen, 1] == pytest.approx((1.0 - 0.361) * length["abdomen"])
    assert inertia[pelvis, 0, 1] == pytest.approx(
        -mass[pelvis] * (0.25 * length["pelvis"]) ** 2
    )


@pytest.mark.parametrize("sex", ["female", "male"])
def test_thorax_and_scapulae_make_the_published_thorax(sex: str) -> None:
    body = average_body(sex)  # type: ignore[arg-type]
    row, length = (
        load_table()[sex]["thorax"],
        body.lengths_m[LENGTHS.index("thorax")].item(),
    )
    parts = [THORAX, *SCAPULAE]
    pose = forward_kinematics(torch.zeros(N_DOF, dtype=F64), body.lengths_m)
    mass = body.inertia.mass[parts]
    centre = (
        pose.p_world_seg[parts]
        + body.inertia.com[parts]
        - pose.p_world_seg[THORAX]
    )
    assert mass.sum() == pytest.approx(
        75.0 * row[0] / load_table()["published_mass_sum"][sex]
    )
    mean = (mass[:, None] * centre).sum(0) / mass.sum()
    assert mean.tolist() == pytest.approx(
        [row[1][0] / 100 * length, (1 + row[1][1] / 100) * length, 0.0]
    )
    tensor = (
        body.inertia.inertia[parts]
        + mass[:, None, None] * parallel_axis(centre - mean)
    ).sum(0)
    published = (
        torch.from_numpy(gyration_tensor([*row[2][:4], 0, 0]))
        * length**2
        * mass.sum()
    )
    torch.testing.assert_close(tensor, published)


def test_left_is_the_mirror_image_of_right() -> None:
    inertia = random_body(5).inertia
    flip = torch.tensor([1.0, 1.0, -1.0], dtype=F64)
    for left, name in enumerate(SEGMENTS):
        if name.endswith("_l"):
            right = SEGMENTS.index(name[:-2] + "_r")
            torch.testing.assert_close(
                inertia.com[left], flip * inertia.com[right]
            )
            per_mass = inertia.inertia / inertia.mass[:, None, None]
            torch.testing.assert_close(
                per_mass[left], flip[:, None] * per_mass[right] * flip
            )


def test_hand_and_foot_reference_lengths() -> None:
    """Wrist to fingertip about 0.19 m, ankle to mid-metatarsal about 0.13 m in a man of 1.75 m."""
    reference = reference_lengths(average_body().lengths_m)
    assert reference[SEGMENTS.index("hand_r")] == pytest.approx(0.19, abs=0.01)
    assert reference[SEGMENTS.index("foot_r")] == pytest.approx(0.13, abs=0.01)


def test_unknown_sex_is_the_mean_of_both() -> None:
    female, male, unknown = (
        average_body(s).inertia for s in ("female", "male", "unknown")
    )
    limbs = [i for i in range(18) if i not in (THORAX, *SCAPULAE)]
    torch.testing.assert_close(unknown.mass, (female.mass + male.mass) / 2)
    torch.testing.assert_close(
        unknown.com[limbs], (female.com + male.com)[limbs] / 2
    )
    lengths, mass = average_body().lengths_m, torch.tensor(75.0, dtype=F64)
    batch = segment_inertia(
        lengths, mass, torch.tensor([1.0, 0.0, 0.5], dtype=F64)
    )
    for i, one in enumerate((female, male, unknown)):
        torch.testing.assert_close(BodyInertia(*(x[i] for x in batch)), one)


def test_wrong_sex_is_refused() -> None:
    with pytest.raises(InputError, match="female, male, unknown"):
        average_body("other")  # type: ignore[arg-type]


def test_batch_equals_loop_and_gradient() -> None:
    one = [random_body(i) for i in range(3)]
    lengths = torch.stack([b.lengths_m for b in one])
    mass = torch.tensor([60.0, 70.0, 80.0], dtype=F64)
    E = 0.2 * torch.randn(
        3, 18, dtype=F64, generator=torch.Generator().manual_seed(1)
    )
    batch = segment_inertia(lengths, mass, "male", E)
    for i in range(3):
        single = segment_inertia(lengths[i], mass[i], "male", E[i])
        torch.testing.assert_close(BodyInertia(*(x[i] for x in batch)), single)
    inputs = [x[:1].clone().requires_grad_() for x in (lengths, mass, E)]
    assert torch.autograd.gradcheck(
        lambda L, m, e: tuple(segment_inertia(L, m, "male", e)), inputs
    )
