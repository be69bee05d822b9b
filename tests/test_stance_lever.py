"""Two feet that stand share the weight by the lever; in a step they do not."""

from __future__ import annotations

import math

import pytest
import torch

from musclepose.evaluation.share import left_share, moved
from musclepose.physics.grfm import FootWrench
from musclepose.physics.stance_lever import stance_prior, standing
from musclepose.physics.whole_body import AIRBORNE, MEASURED, ONE_CAMERA
from musclepose.synthesis.exercise import generate_clip

DT = 1.0 / 30.0


def test_both_feet_must_stand_before_and_after() -> None:
    gate = torch.ones(60, 2).double()
    gate[20, 0] = 0.5
    gate[40:, 1] = 0.0
    found = standing(gate, DT, 0.2)  # six frames to each side
    assert found[:14].eq(1.0).all() and found[14:27].eq(0.5).all()
    assert found[27:34].eq(1.0).all() and found[34:].eq(0.0).all()
    step = torch.zeros(60, 2).double()
    step[:35, 0] = step[30:, 1] = 1.0  # five frames of both
    assert standing(step, DT, 0.2).eq(0.0).all()


def test_the_lever_of_the_centre_of_mass_shares_the_force() -> None:
    """Beam on two supports 0.4 m apart, by hand: 0.1 m from the left one it bears three quarters."""
    foot = torch.tensor(
        [
            [-0.1, 0.0, -0.05],
            [0.1, 0.0, -0.05],
            [0.1, 0.0, 0.05],
            [-0.1, 0.0, 0.05],
        ]
    )
    apart = torch.tensor([[0.0, 0.0, -0.2], [0.0, 0.0, 0.2]])
    sole = (foot + apart[:, None])[None].repeat(3, 1, 1, 1).double()
    com = torch.tensor(
        [[0.0, 1.0, -0.1], [0.3, 1.0, -0.1], [0.0, 1.0, 0.5]]
    ).double()
    force = torch.tensor([[5.0, 800.0, 3.0]]).repeat(3, 1).double()
    even = torch.tensor([[1.0, 300.0, 2.0]]).repeat(3, 2, 1).double()
    feet = FootWrench(even, sole.mean(-2), torch.zeros(3, 2).double())
    full = stance_prior(
        feet, force, com, sole, torch.ones(3).double()
    ).force_world_n
    assert full[0, :, 1].tolist() == pytest.approx([600.0, 200.0])
    assert full[1, :, 1].tolist() == pytest.approx(
        [600.0, 200.0]
    )  # forward does not matter
    assert full[2, :, 1].tolist() == pytest.approx(
        [0.0, 800.0]
    )  # beyond the right foot
    assert full[..., (0, 2)].equal(even[..., (0, 2)])
    half = stance_prior(
        feet, force, com, sole, torch.full((3,), 0.5).double()
    ).force_world_n
    assert half[0, :, 1].tolist() == pytest.approx([450.0, 250.0])
    none = stance_prior(
        feet, force, com, sole, torch.zeros(3).double()
    ).force_world_n
    assert none.equal(even)


def test_a_known_motion_from_one_camera_keeps_its_share() -> None:
    """The balance that doubts its moments pulled every share half of the way towards the middle. The lever asks for a
    little too much, because it leaves the centres of pressure in the middle of the soles."""
    clips = moved(
        [generate_clip(n, "squat", faults={}).motion for n in (20_000, 20_001)],
        8,
        3,
    )
    off = []
    for clip in clips:
        q, lengths = torch.from_numpy(clip.q), torch.from_numpy(clip.lengths_m)
        contact = torch.from_numpy(clip.contact).double()
        true, seen = (
            left_share(q, lengths, contact, clip.stature_m, trust)
            for trust in (MEASURED, ONE_CAMERA)
        )
        off.append((true - 0.5, seen - 0.5))
    spread = math.sqrt(sum(t * t for t, _ in off))
    assert spread > 0.2  # there is something to see
    assert sum(t * s for t, s in off) / spread**2 == pytest.approx(
        1.1, abs=0.15
    )


def test_a_body_that_flies_has_no_lever() -> None:
    assert (
        AIRBORNE.lever_s is None
        and MEASURED.lever_s is None
        and ONE_CAMERA.lever_s == 0.4
    )
