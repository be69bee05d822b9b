"""Windows moved over one foot by a known amount, and what is said of how well that is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from musclepose.errors import InputError
from musclepose.evaluation.share import (
    FRAMES,
    Shares,
    figures,
    left_share,
    moved,
)
from musclepose.fitting.real_motion import MotionClip
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.whole_body import MEASURED
from musclepose.synthesis.exercise import generate_clip


def squats() -> list[MotionClip]:
    return [
        generate_clip(n, "squat", faults={}).motion
        for n in range(20_000, 20_003)
    ]


def feet_and_centre_of_mass(clip: MotionClip) -> tuple[np.ndarray, np.ndarray]:
    """Middles of the soles (T, 2, 3) and centre of mass (T, 3) by Dumas' masses."""
    q, lengths = (
        torch.from_numpy(clip.q).double(),
        torch.from_numpy(clip.lengths_m).double(),
    )
    pose = forward_kinematics(q, lengths)
    inertia = segment_inertia(lengths, torch.tensor(75.0).double(), "male")
    p = pose.p_world_seg + (pose.R_world_seg @ inertia.com[..., None])[..., 0]
    centre = (p * inertia.mass[:, None]).sum(-2) / inertia.mass.sum()
    return sole_points(pose, lengths).mean(-2).numpy(), centre.numpy()


def test_bodies_move_over_one_foot_and_the_physics_says_so() -> None:
    clips = moved(squats(), 8, 0)
    assert len(clips) == 8 and len({c.name for c in clips}) == 8
    for clip in clips:
        assert len(clip.q) == FRAMES
        place, centre = feet_and_centre_of_mass(clip)
        np.testing.assert_allclose(
            place, place[:1].repeat(FRAMES, 0), atol=0.02
        )  # feet stay
        between = place[0, 1] - place[0, 0]
        way = ((centre - place.mean(1)) @ between).mean() / (between @ between)
        q, lengths = torch.from_numpy(clip.q), torch.from_numpy(clip.lengths_m)
        contact = torch.from_numpy(clip.contact).double()
        left = left_share(q, lengths, contact, clip.stature_m, MEASURED)
        # statics: on the way from the left (-0.5) to the right foot (0.5) the left one unloads
        assert left == pytest.approx(0.5 - way, abs=0.06)


def test_what_is_not_seen_has_no_slope() -> None:
    true = [0.1, 0.3, 0.5, 0.7, 0.9]
    blind = figures(Shares(true, [0.5 + 0.1 * (t - 0.5) for t in true]))
    assert blind["slope"] == pytest.approx(0.1) and blind[
        "correlation"
    ] == pytest.approx(1.0)
    assert blind["error"] == pytest.approx(0.9 * 0.24) and blind[
        "error_of_always_half"
    ] == pytest.approx(0.24)
    assert blind["heavier_side_right_percent"] == 100.0
    wrong = figures(Shares(true, [1 - t for t in true]))
    assert (
        wrong["slope"] == pytest.approx(-1.0)
        and wrong["heavier_side_right_percent"] == 0.0
    )


def test_clips_that_never_stand_are_refused() -> None:
    with pytest.raises(InputError, match="stands on both feet"):
        moved(
            [
                replace(
                    squats()[0],
                    contact=np.zeros((len(squats()[0].q), 2), np.float32),
                )
            ],
            3,
            0,
        )
