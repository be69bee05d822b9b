"""Augmented windows keep the floor, the limits and the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from musclepose.fitting.real_motion import MotionClip
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import DOF_NAMES, limits
from musclepose.synthesis.augment import (
    NO_AUGMENT,
    AugmentConfig,
    MotionBank,
    lowest_sole,
    mirror_q,
    retarget,
)
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.posture import PostureConfig
from musclepose.synthesis.stance import SLACK_RAD


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batched operations are several times faster on one thread than on two that share a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def clips() -> list[MotionClip]:
    return [generate_clip(i).motion for i in range(24)]


def test_lowest_sole_is_that_of_the_full_kinematics(
    clips: list[MotionClip],
) -> None:
    for clip in clips[:6]:
        q, lengths = (
            torch.from_numpy(clip.q)[None],
            torch.from_numpy(clip.lengths_m)[None],
        )
        full = sole_points(
            forward_kinematics(q, lengths[:, None]), lengths[:, None]
        )[..., 1].amin((-1, -2))
        torch.testing.assert_close(
            lowest_sole(q, lengths), full, atol=1e-5, rtol=0
        )


def test_without_augmentation_the_clip_comes_back(
    clips: list[MotionClip],
) -> None:
    bank = MotionBank(clips, config=NO_AUGMENT)
    out = bank.sample(16, 40, torch.Generator().manual_seed(0))
    for i, clip in enumerate(out["clip"].tolist()):
        source = torch.from_numpy(clips[clip].q)
        # between two source frames: the nearest one is at most half a frame of motion away
        distance = (
            (source[:, None] - out["q"][i][None])
            .abs()[..., 3:]
            .amax(-1)
            .amin(0)
        )
        step = float(source[:, 3:].diff(dim=0).abs().max())
        assert float(distance.max()) <= 0.5 * step + 1e-4
        torch.testing.assert_close(
            out["lengths_m"][i],
            torch.from_numpy(clips[clip].lengths_m),
            atol=1e-4,
            rtol=0,
        )


def test_feet_stay_on_the_floor(clips: list[MotionClip]) -> None:
    standing = [generate_clip(i, "squat").motion for i in range(8)]
    bank = MotionBank(
        standing,
        config=AugmentConfig(
            splice=0.5,
            resize=1.0,
            perturb=1.0,
            heading=1.0,
            posture=PostureConfig(lie=0.0),
        ),
    )
    out = bank.sample(32, 60, torch.Generator().manual_seed(1))
    height = lowest_sole(out["q"], out["lengths_m"])
    assert float(height.abs().max()) < 0.002
    assert float(out["stature_m"].std()) > 0.03


def test_limits_and_masks(clips: list[MotionClip]) -> None:
    lower, upper = (torch.from_numpy(b).float() for b in limits())
    before = max(
        float(np.maximum(c.q - upper.numpy(), lower.numpy() - c.q)[:, 6:].max())
        for c in clips
    )
    bank = MotionBank(clips)
    out = bank.sample(64, 400, torch.Generator().manual_seed(2))
    excess = torch.maximum(out["q"] - upper, lower - out["q"])[..., 6:]
    assert float(excess.max()) <= max(before, 0.0) + SLACK_RAD + 1e-5
    assert bool((~out["valid"]).any()) and bool(out["valid"][:, 0].all())
    assert bool((out["contact_valid"] <= out["valid"]).all())
    assert bool(torch.isfinite(out["q"]).all())


def test_mirror_swaps_contact(clips: list[MotionClip]) -> None:
    lunge = [generate_clip(2, "lunge", variant="forward").motion]
    plain = MotionBank(lunge, config=NO_AUGMENT).sample(
        1, 60, torch.Generator().manual_seed(3)
    )
    always = MotionBank(lunge, config=replace(NO_AUGMENT, mirror=1.0))
    mirrored = always.sample(1, 60, torch.Generator().manual_seed(3))
    torch.testing.assert_close(
        mirrored["q"], mirror_q(plain["q"]), atol=1e-5, rtol=0
    )
    assert torch.equal(mirrored["contact"], plain["contact"].flip(-1))


def test_retarget_scales_the_path_with_the_legs(
    clips: list[MotionClip],
) -> None:
    clip = generate_clip(4, "lunge", variant="forward").motion
    q, lengths = (
        torch.from_numpy(clip.q)[None],
        torch.from_numpy(clip.lengths_m)[None],
    )
    taller = retarget(q, lengths, 1.1 * lengths)
    torch.testing.assert_close(
        taller[..., [0, 2]], 1.1 * q[..., [0, 2]], atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        lowest_sole(taller, 1.1 * lengths),
        lowest_sole(q, lengths),
        atol=1e-5,
        rtol=0,
    )


def test_speed_changes_how_far_a_window_reaches(
    clips: list[MotionClip],
) -> None:
    bank = MotionBank(clips, config=AugmentConfig(speed=(0.7, 1.4)))
    speed = bank.sample(256, 8, torch.Generator().manual_seed(4))["speed"]
    assert float(speed.min()) < 0.75 and float(speed.max()) > 1.3


def test_swapped_arms_leave_the_rest_of_the_body_alone(
    clips: list[MotionClip],
) -> None:
    plain = MotionBank(clips, config=NO_AUGMENT).sample(
        16, 30, torch.Generator().manual_seed(5)
    )["q"]
    swapped = MotionBank(clips, config=replace(NO_AUGMENT, arm=1.0)).sample(
        16, 30, torch.Generator().manual_seed(5)
    )["q"]
    side = torch.tensor([n.endswith(("_l", "_r")) for n in DOF_NAMES])
    leg = torch.tensor(
        [n.startswith(("hip", "knee", "ankle")) for n in DOF_NAMES]
    )
    arm = side & ~leg
    torch.testing.assert_close(
        swapped[..., ~arm], plain[..., ~arm], atol=1e-6, rtol=0
    )
    assert (
        float((swapped[..., arm] - plain[..., arm]).abs().amax((1, 2)).median())
        > 0.05
    )


def test_augmented_windows_keep_the_height_of_the_lowest_sole(
    clips: list[MotionClip],
) -> None:
    plain = MotionBank(clips, config=NO_AUGMENT).sample(
        16, 30, torch.Generator().manual_seed(6)
    )
    config = replace(NO_AUGMENT, splice=1.0, arm=1.0, perturb=1.0, resize=1.0)
    changed = MotionBank(clips, config=config).sample(
        16, 30, torch.Generator().manual_seed(6)
    )
    before, after = (
        lowest_sole(w["q"], w["lengths_m"]) for w in (plain, changed)
    )
    torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
