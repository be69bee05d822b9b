"""The detector model has the size, the correlation and the confidence relation that were measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from musclepose.physics.skeleton47 import COCO17
from musclepose.synthesis.noise import (
    DETECTORS,
    EVALUATION_NOISE,
    NoiseConfig,
    ar1,
    detect,
    evaluation_noise,
    hidden_joints,
)

UNIT = 500.0
QUIET = NoiseConfig(
    detectors=(("one_clip", 1.0),),
    scale=(1.0, 1.0),
    outlier=0.0,
    missing=0.0,
    swap=0.0,
    swap_all=0.0,
    equipment=0.0,
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batched operations are several times faster on one thread than on two that share a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def scene(
    batch: int = 64, frames: int = 90
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A person who stands facing the camera in the middle of a portrait picture."""
    template = torch.tensor(
        [
            [0, -0.85],
            [0.03, -0.88],
            [-0.03, -0.88],
            [0.07, -0.86],
            [-0.07, -0.86],
            [0.11, -0.72],
            [-0.11, -0.72],
            [0.15, -0.53],
            [-0.15, -0.53],
            [0.16, -0.37],
            [-0.16, -0.37],
            [0.05, -0.42],
            [-0.05, -0.42],
            [0.06, -0.18],
            [-0.06, -0.18],
            [0.06, 0.06],
            [-0.06, 0.06],
        ]
    )
    px = (
        (template * UNIT + torch.tensor([540.0, 1200.0]))
        .expand(batch, frames, 17, 2)
        .contiguous()
    )
    depth = torch.full((batch, frames, 17), 4.0)
    depth[..., :3] -= 0.1
    return (
        px,
        depth,
        torch.full((batch, frames), UNIT),
        torch.tensor([[1080.0, 1920.0]]).expand(batch, 2),
    )


def test_ar1_is_stationary_with_the_stated_correlation() -> None:
    coefficient = torch.tensor([[0.85, 0.64]]).expand(4000, 2)
    x = ar1((4000, 40, 2, 1), coefficient, torch.Generator().manual_seed(0))[
        ..., 0
    ]
    torch.testing.assert_close(x.std(0), torch.ones(40, 2), atol=0.06, rtol=0)
    lag = (x[:, 1:] * x[:, :-1]).mean((0, 1))
    assert lag.tolist() == pytest.approx([0.85, 0.64], abs=0.02)


# Four phone clips of people with markers: constant offset, spread around it, lag-1 correlation; % of stature, per axis.
MARKER_TRUTH = {
    "blazepose": {"shoulder": (1.25, 0.77, 0.83), "elbow": (1.02, 0.93, 0.81), "wrist": (0.91, 0.96, 0.81),
                  "hip": (0.69, 0.96, 0.87), "knee": (0.78, 0.79, 0.84), "ankle": (0.96, 0.70, 0.64)},
    "yolo": {"shoulder": (1.46, 0.92, 0.85), "elbow": (1.64, 1.25, 0.78), "wrist": (1.37, 1.58, 0.79),
             "hip": (1.45, 1.38, 0.88), "knee": (0.74, 1.13, 0.84), "ankle": (1.51, 2.85, 0.91)},
}  # fmt: skip


@pytest.mark.parametrize("detector", list(MARKER_TRUTH))
def test_errors_have_the_measured_offset_spread_and_correlation(
    detector: str,
) -> None:
    px, depth, unit, size = scene(600, 121)
    config = replace(QUIET, detectors=((detector, 1.0),), difficulty=0.0)
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(8), config
    )
    error = 100.0 * (found.keypoints_px - px) / UNIT
    # Ends that lie 3 s apart share the constant part alone: 0.91 to the power of 90 is nothing.
    first, second = error[:, :30], error[:, -1:]
    offset = (first.mean(1) * second.mean(1)).mean((0, 2)).clamp(min=0).sqrt()
    spread = (error[:, -1] - error[:, 0]).square().mean((0, 2)).div(2).sqrt()
    step = (error[:, 1:] - error[:, :-1]).square().mean((0, 1, 3))
    for joint, (constant, moving, lag1) in MARKER_TRUTH[detector].items():
        k = COCO17.index(f"left_{joint}")
        assert float(offset[k]) == pytest.approx(constant, rel=0.15), joint
        assert float(spread[k]) == pytest.approx(moving, rel=0.12), joint
        assert float(step[k]) == pytest.approx(
            2 * moving**2 * (1 - lag1), rel=0.12
        ), joint


def test_only_a_detector_that_knows_feet_gives_them_and_swaps_keep_them_with_their_leg() -> (
    None
):
    px, depth, unit, size = scene(64, 20)
    feet = px[..., (15, 16, 15, 16), :] + torch.tensor([0.0, 30.0])
    for detector in DETECTORS:
        config = replace(QUIET, detectors=((detector, 1.0),))
        found = detect(
            px,
            depth,
            unit,
            size,
            torch.Generator().manual_seed(9),
            config,
            feet,
        )
        assert found.feet_px is not None
        assert bool(found.feet_px.isnan().all()) == (detector != "blazepose")
    config = replace(
        QUIET,
        detectors=(("blazepose", 1.0),),
        scale=(0.0, 0.0),
        swap=1.0,
        missing_feet=0.0,
    )
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(10), config, feet
    )
    assert found.feet_px is not None
    crossed = found.keypoints_px[..., 15, 0] < found.keypoints_px[..., 16, 0]
    assert bool(crossed.any())
    assert torch.equal(
        crossed, found.feet_px[..., 0, 0] < found.feet_px[..., 1, 0]
    )
    assert torch.equal(
        crossed, found.feet_px[..., 2, 0] < found.feet_px[..., 3, 0]
    )


def test_a_mixture_draws_its_detectors_by_clip() -> None:
    px, depth, unit, size = scene(400, 4)
    feet = px[..., (15, 16, 15, 16), :]
    config = NoiseConfig(
        detectors=(("blazepose", 0.75), ("yolo", 0.25)), missing_feet=0.0
    )
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(11), config, feet
    )
    assert found.feet_px is not None
    known = found.feet_px.isfinite().all(-1).flatten(1)
    assert torch.equal(known.all(1), known.any(1))
    assert float(known.all(1).float().mean()) == pytest.approx(0.75, abs=0.08)


def test_error_sizes_and_order() -> None:
    px, depth, unit, size = scene()
    config = replace(QUIET, offset=0.0)
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(1), config
    )
    sd = (
        100
        * (found.keypoints_px - found.keypoints_px.mean(1, keepdim=True))
        .std((0, 1))
        .mean(-1)
        / UNIT
    )
    by_name = dict(zip(COCO17, sd.tolist(), strict=True))
    # Measured, less the error of the truth: hip 1.0, knee 1.7, wrist 2.6 % of the stature per axis.
    assert by_name["left_hip"] < by_name["left_knee"] < by_name["left_wrist"]
    assert 0.8 < by_name["left_hip"] < 1.6 and 1.9 < by_name["left_wrist"] < 3.6


def test_confidence_falls_with_error() -> None:
    px, depth, unit, size = scene()
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(2), QUIET
    )
    error = (found.keypoints_px - px).norm(dim=-1)[..., 5:].flatten()
    confidence = found.confidence[..., 5:].flatten()
    rms = [
        float(
            error[(confidence >= a) & (confidence < b)].square().mean().sqrt()
        )
        for a, b in ((0, 0.9), (0.9, 0.97), (0.97, 1.1))
    ]
    assert rms[0] > 1.25 * rms[2] and rms[0] > rms[1] > rms[2]
    assert float(confidence.median()) > 0.95


def test_far_face_is_hidden_from_behind() -> None:
    px, depth, unit, size = scene()
    behind = depth.clone()
    behind[..., :3] += 0.2
    assert (
        float(hidden_joints(px, depth)[..., 0].max())
        < 0.05
        < 0.95
        < float(hidden_joints(px, behind)[..., 0].min())
    )
    found = detect(
        px, behind, unit, size, torch.Generator().manual_seed(3), QUIET
    )
    assert (
        float(found.confidence[..., 0].mean())
        < 0.5
        < float(found.confidence[..., 11].mean())
    )


def test_swap_truncation_and_loss() -> None:
    px, depth, unit, size = scene(256)
    config = NoiseConfig(
        scale=(0.0, 0.0), swap=1.0, swap_all=0.0, equipment=0.0, missing=0.0
    )
    found = detect(
        px, depth, unit, size, torch.Generator().manual_seed(4), config
    )
    crossed = (
        (found.keypoints_px[..., 15, 0] < found.keypoints_px[..., 16, 0])
        .any(1)
        .float()
        .mean()
    )
    assert float(crossed) > 0.9
    outside = px - torch.tensor([0.0, 1000.0])
    cut = detect(
        outside,
        depth,
        unit,
        size,
        torch.Generator().manual_seed(5),
        NoiseConfig(),
    )
    assert (
        bool(torch.isnan(cut.keypoints_px[..., 0, :]).all())
        and float(cut.confidence[..., 0].max()) == 0.0
    )
    lost = detect(
        px,
        depth,
        unit,
        size,
        torch.Generator().manual_seed(6),
        NoiseConfig(missing=0.2),
    )
    assert float((lost.confidence == 0).float().mean()) == pytest.approx(
        0.2, abs=0.03
    )
    assert bool(
        (torch.isnan(lost.keypoints_px).any(-1) == (lost.confidence == 0)).all()
    )


def test_seed_decides() -> None:
    px, depth, unit, size = scene(4)
    for detector in DETECTORS:
        config = evaluation_noise(detector)
        found = detect(
            px, depth, unit, size, torch.Generator().manual_seed(7), config
        )
        assert float(found.confidence[..., 11].mean()) > 0.9
    a = detect(
        px,
        depth,
        unit,
        size,
        torch.Generator().manual_seed(7),
        EVALUATION_NOISE,
    )
    b = detect(
        px,
        depth,
        unit,
        size,
        torch.Generator().manual_seed(7),
        EVALUATION_NOISE,
    )
    torch.testing.assert_close(
        a.keypoints_px, b.keypoints_px, equal_nan=True, atol=0, rtol=0
    )
