"""The physics of a whole clip: what a body at rest, under a load and in the air must give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from bodies import average_body

from musclepose.physics.constants import G_M_S2
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import DOF_INDEX, N_DOF
from musclepose.physics.smoothing import smooth_motion
from musclepose.physics.whole_body import (
    AIRBORNE,
    MEASURED,
    ONE_CAMERA,
    BodyPhysics,
    ClipDynamics,
    Trust,
    contact_gate,
    physics_of_motion,
)
from musclepose.records import ExternalLoad, LoadSite, Person
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.exercise.body import random_body

MASS_KG = 75.0
ATHLETE = Person(1.75, MASS_KG, "male", 25)


def standing(load: ExternalLoad, frames: int = 30) -> BodyPhysics:
    """A body that stands still with its hips over its feet, in the air by 0.3 m until the floor is found."""
    q = torch.zeros(frames, N_DOF, dtype=torch.float64)
    q[:, 1] = 1.3
    return physics_of_motion(
        q, average_body().lengths_m, torch.ones(frames, 2), ATHLETE, load
    )


@pytest.mark.parametrize(
    ("load_kg", "load_at"),
    [(0.0, "hands"), (40.0, "hands"), (40.0, "shoulders")],
)
def test_standing_still_carries_body_and_load(
    load_kg: float, load_at: LoadSite
) -> None:
    load = ExternalLoad(load_kg, load_at)
    p = standing(load)
    weight = (MASS_KG + load.mass_kg) * G_M_S2
    vertical = p.feet.force_world_n[:, :, 1]
    assert torch.allclose(
        p.required_force_n[:, 1],
        torch.full_like(p.required_force_n[:, 1], weight),
        rtol=1e-3,
    )
    assert torch.allclose(
        vertical.sum(1), torch.full_like(vertical[:, 0], weight), rtol=0.02
    )
    assert torch.allclose(vertical[:, 0], vertical[:, 1], rtol=0.02)
    assert float(p.sole_world_m[..., 1].min()) == pytest.approx(0.0, abs=0.005)
    assert p.warnings == ()


def test_the_first_guess_of_the_feet_carries_body_and_load() -> None:
    """The linear model gives shares of the weight; standing still they are about the whole of it."""
    q = torch.zeros(30, N_DOF, dtype=torch.float64)
    lengths = average_body().lengths_m.double()
    q[:, 1] = -float(
        sole_points(forward_kinematics(q, lengths), lengths)[..., 1].min()
    )
    inertia = segment_inertia(lengths, torch.tensor(MASS_KG), "male")
    load, gate = ExternalLoad(60.0, "shoulders"), torch.ones(30, 2)
    clip = ClipDynamics(lengths, inertia, MASS_KG, load, gate, 1 / 30)
    feet = clip.prior(clip.moving(smooth_motion(q, 1 / 30)))
    carried = feet.force_world_n[..., 1].sum(-1) / G_M_S2
    torch.testing.assert_close(
        carried, torch.full_like(carried, 135.0), rtol=0.1, atol=0.0
    )


def test_a_barbell_on_the_shoulders_loads_the_knees_and_a_bar_in_the_hands_the_elbows() -> (
    None
):
    free, shoulders = (
        standing(ExternalLoad(0.0, "hands")),
        standing(ExternalLoad(40.0, "shoulders")),
    )
    hands = standing(ExternalLoad(40.0, "hands"))
    elbow = DOF_INDEX["elbow_flexion_l"]
    assert torch.allclose(
        shoulders.tau_nm[:, elbow], free.tau_nm[:, elbow], atol=0.5
    )
    # Hanging arms: the load passes close to the elbow but tilts with the wrist, so that it is small, not zero.
    assert (hands.tau_nm - free.tau_nm)[:, 6:].abs().max() > 5.0
    assert (shoulders.feet.force_world_n - free.feet.force_world_n)[..., 1].sum(
        1
    ).mean() == pytest.approx(40.0 * G_M_S2, rel=0.02)


def test_in_the_air_nothing_pushes_and_the_body_falls_freely() -> None:
    rng = np.random.default_rng(1)
    clip = generate_clip(
        3, "jump", faults={}, seconds=4.0, body=random_body(rng)
    )
    motion = clip.motion
    athlete = Person(float(motion.stature_m), float(motion.mass_kg), "male", 25)
    p = physics_of_motion(
        torch.from_numpy(motion.q),
        torch.from_numpy(motion.lengths_m),
        torch.from_numpy(motion.contact),
        athlete,
        ExternalLoad(clip.load_kg, clip.load_at),
    )
    flight = (p.contact_gate == 0).all(1)
    inner = flight.clone()
    for shift in (
        -2,
        -1,
        1,
        2,
    ):  # the 6 Hz filter spreads the take-off over its neighbours
        inner &= flight.roll(shift)
    assert inner.sum() >= 3, "the generated jump has no flight"
    assert (p.feet.force_world_n[flight] == 0).all()
    weight = (athlete.mass_kg or 0) * G_M_S2
    assert (
        float(p.required_force_n[inner].norm(dim=-1).median()) < 0.35 * weight
    )
    assert float(p.feet.force_world_n[..., 1].sum(1).max()) > 1.3 * weight


def test_without_contact_it_says_so_and_gives_no_force() -> None:
    q = torch.zeros(20, N_DOF, dtype=torch.float64)
    q[:, 1] = 1.0
    p = physics_of_motion(
        q,
        average_body().lengths_m,
        torch.zeros(20, 2),
        ATHLETE,
        ExternalLoad(0.0, "hands"),
    )
    assert (p.feet.force_world_n == 0).all()
    assert "No foot contact" in p.warnings[0]
    assert float(p.residual_force_n[:, 1].mean()) == pytest.approx(
        MASS_KG * G_M_S2, rel=0.01
    )


def test_unsure_keypoints_widen_the_bands() -> None:
    q = torch.zeros(30, N_DOF, dtype=torch.float64)
    q[:, 1] = 1.0
    args = (
        q,
        average_body().lengths_m,
        torch.ones(30, 2),
        ATHLETE,
        ExternalLoad(0.0, "hands"),
    )
    sure = physics_of_motion(
        *args, confidence=torch.full((30, 17), 0.98)
    ).bands.tau_nm
    unsure = physics_of_motion(
        *args, confidence=torch.full((30, 17), 0.4)
    ).bands.tau_nm
    knee = DOF_INDEX["knee_flexion_l"]
    assert (
        float(unsure[:, knee].median())
        > 1.3 * float(sure[:, knee].median())
        > 0.0
    )


def test_the_contact_gate_is_a_ramp_around_a_decision() -> None:
    probability = torch.tensor(
        [[0.1, 0.9]] * 5 + [[0.9, 0.9]] * 10 + [[0.1, 0.9]] * 5
    )
    gate = contact_gate(probability, 1 / 30)
    assert (gate[:, 1] == 1).all()
    assert (
        (gate[:3, 0] == 0).all()
        and (gate[7:13, 0] == 1).all()
        and (gate[-3:, 0] == 0).all()
    )


def test_one_camera_is_trusted_less_and_its_noise_reaches_the_ankles_less() -> (
    None
):
    frames = 120
    clean = torch.zeros(frames, N_DOF, dtype=torch.float64)
    noise = torch.randn(
        frames,
        N_DOF,
        generator=torch.Generator().manual_seed(0),
        dtype=torch.float64,
    )
    noisy = clean + 0.01 * noise  # 1 cm and 0.6 degrees
    lengths, contact = average_body().lengths_m, torch.ones(frames, 2)
    ankles = [
        DOF_INDEX["ankle_dorsiflexion_l"],
        DOF_INDEX["ankle_dorsiflexion_r"],
    ]

    def ankle_error(trust: Trust) -> float:
        still, moved = (
            physics_of_motion(
                q, lengths, contact, ATHLETE, ExternalLoad(), trust=trust
            ).tau_nm[10:-10, ankles]
            for q in (clean, noisy)
        )
        return float((moved - still).square().mean().sqrt())

    assert ankle_error(ONE_CAMERA) < 0.5 * ankle_error(MEASURED)


def loads_of(exercise: str, trust: Trust) -> BodyPhysics:
    clip = generate_clip(3, exercise, faults={}, seconds=4.0)
    motion = clip.motion
    person = Person(
        float(motion.stature_m), float(motion.mass_kg), clip.sex, 25
    )
    return physics_of_motion(
        torch.from_numpy(motion.q),
        torch.from_numpy(motion.lengths_m),
        torch.from_numpy(motion.contact),
        person,
        ExternalLoad(clip.load_kg, clip.load_at),
        trust=trust,
    )


def test_jumps_are_balanced_as_jumps_and_squats_as_squats() -> None:
    """The peak of a jump survives: its push is faster than the filter for standing movements lets through."""
    grounded = replace(ONE_CAMERA, airborne=None, lever_s=None)
    jump, own, flat = (
        loads_of("jump", t) for t in (ONE_CAMERA, AIRBORNE, grounded)
    )
    assert torch.equal(jump.feet.force_world_n, own.feet.force_world_n)
    assert jump.floor_m == own.floor_m
    measured = loads_of("jump", MEASURED).feet.force_world_n[..., 1].sum(1)
    error = [
        float(
            (p.feet.force_world_n[..., 1].sum(1) - measured)[10:-10]
            .square()
            .mean()
            .sqrt()
        )
        for p in (jump, flat)
    ]
    assert error[0] < 0.8 * error[1]
    levered = replace(ONE_CAMERA, airborne=None)
    squats = [
        loads_of("squat", t).feet.force_world_n for t in (ONE_CAMERA, levered)
    ]
    assert torch.equal(*squats)


def test_a_body_that_is_placed_too_high_is_set_on_the_floor_and_nothing_else_changes() -> (
    None
):
    """Bands too: the disturbed motions of which they are made start from the same place."""
    q = torch.zeros(40, N_DOF, dtype=torch.float64)
    q[:, DOF_INDEX["knee_flexion_l"]] = torch.linspace(0.0, 0.6, 40)
    args = (
        average_body().lengths_m,
        torch.ones(40, 2),
        ATHLETE,
        ExternalLoad(20.0, "shoulders"),
    )
    low = physics_of_motion(q, *args)
    q[:, 1] += 0.4
    high = physics_of_motion(q, *args)
    assert high.floor_m == pytest.approx(low.floor_m + 0.4)
    for name in ("q", "com_world_m", "tau_nm", "root_shift_m"):
        torch.testing.assert_close(
            getattr(high, name), getattr(low, name), atol=1e-4, rtol=1e-4
        )
    torch.testing.assert_close(
        high.bands.tau_nm, low.bands.tau_nm, atol=1e-3, rtol=1e-3
    )
    torch.testing.assert_close(
        high.bands.grf_n, low.bands.grf_n, atol=1e-2, rtol=1e-3
    )
