"""Cameras see the motion from in front, and agree with the decoder's convention and with the projection by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from musclepose.models.decode import CameraOut, picture_from_world
from musclepose.physics.kinematics import forward_kinematics, keypoints_coco
from musclepose.synthesis.camera import (
    CameraRanges,
    Placement,
    VirtualCamera,
    height_px,
    place_points,
    place_pose,
    place_q,
    project,
    sample_camera,
)
from musclepose.synthesis.exercise import generate_clip


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small batched operations are several times faster on one thread than on two that share a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def motion() -> tuple[Tensor, Tensor]:
    clips = [generate_clip(i, "squat").motion for i in range(8)]
    q = torch.stack([torch.from_numpy(c.q[:100]) for c in clips])
    return q, torch.stack([torch.from_numpy(c.lengths_m) for c in clips])


def test_every_point_is_in_front_and_most_are_in_the_picture(
    motion: tuple[Tensor, Tensor],
) -> None:
    q, lengths = motion
    points = keypoints_coco(
        forward_kinematics(q, lengths[:, None]), lengths[:, None]
    )
    inside = []
    for seed in range(40):
        camera, placement = sample_camera(
            points, torch.Generator().manual_seed(seed)
        )
        px, depth = project(place_points(points, placement), camera)
        assert float(depth.min()) >= 0.29
        inside.append(
            ((px >= 0) & (px <= camera.size_px[:, None, None]))
            .all(-1)
            .float()
            .mean()
        )
        assert float(camera.roll.abs().max()) <= np.radians(4.0) + 1e-6
        assert bool(
            ((camera.focal >= 0.7 - 1e-5) & (camera.focal <= 2.2 + 1e-5)).all()
        )
    share = float(torch.stack(inside).mean())
    assert 0.93 < share < 0.999  # framed, sometimes cropped


def test_phones_and_aims_that_miss(motion: tuple[Tensor, Tensor]) -> None:
    """Focal lengths of 24 to 34 mm on 36 mm; a motion that fills 0.4 lies up to 0.3 x 0.6 of a half picture aside."""
    q, lengths = motion
    points = keypoints_coco(
        forward_kinematics(q, lengths[:, None]), lengths[:, None]
    )
    ranges = CameraRanges(
        aim_scatter=0.0,
        spare=0.3,
        phone=1.0,
        fill=(0.4, 0.4),
        roll_deg=(0.0, 0.0),
    )
    focal, aside = [], []
    for seed in range(60):
        camera, placement = sample_camera(
            points, torch.Generator().manual_seed(seed), ranges
        )
        focal.append(camera.focal)
        half_tangent = (
            0.5 * camera.size_px[:, 0] / camera.size_px.amax(-1) / camera.focal
        )
        aside.append(
            placement.offset_m[:, 0] / -placement.offset_m[:, 2] / half_tangent
        )
    mm = 36.0 * torch.cat(focal)
    assert 23.5 < float(mm.min()) < 25.0 and 33.0 < float(mm.max()) < 34.5
    assert 0.15 < float(torch.cat(aside).abs().max()) < 0.19


def test_convention_is_that_of_the_decoder(
    motion: tuple[Tensor, Tensor],
) -> None:
    q, lengths = motion
    points = keypoints_coco(
        forward_kinematics(q, lengths[:, None]), lengths[:, None]
    )
    camera, placement = sample_camera(points, torch.Generator().manual_seed(1))
    placed = place_points(points, placement)
    px, _ = project(placed, camera)
    uv = picture_from_world(
        placed,
        CameraOut(camera.focal, camera.pitch, camera.roll, camera.height_m),
    )
    long_side = camera.size_px.amax(-1)[:, None, None, None]
    torch.testing.assert_close(
        px,
        uv * long_side + 0.5 * camera.size_px[:, None, None],
        atol=0.02,
        rtol=1e-5,
    )


def test_projection_by_hand() -> None:
    one = torch.ones(1)
    camera = VirtualCamera(
        one,
        0 * one,
        0 * one,
        1.5 * one,
        0 * one,
        torch.tensor([[1000.0, 500.0]]),
    )
    # 1 m right of the axis, 0.5 m above the lens, 4 m ahead: right of and above the picture's middle.
    px, depth = project(torch.tensor([[[[1.0, 2.0, -4.0]]]]), camera)
    torch.testing.assert_close(
        px[0, 0, 0], torch.tensor([500.0 + 250.0, 250.0 - 125.0])
    )
    assert float(depth) == 4.0
    assert float(
        height_px(depth[..., 0], torch.tensor([1.8]), camera)
    ) == pytest.approx(450.0)


def test_placed_coordinates_give_the_placed_pose(
    motion: tuple[Tensor, Tensor],
) -> None:
    q, lengths = motion
    b = q.shape[0]
    g = torch.Generator().manual_seed(2)
    placement = Placement(
        6.0 * torch.rand(b, generator=g) - 3.0,
        torch.rand(b, 3, generator=g),
        torch.rand(b, 3, generator=g),
    )
    pose = forward_kinematics(q, lengths[:, None])
    moved = forward_kinematics(place_q(q, placement), lengths[:, None])
    expected = place_pose(pose, placement)
    torch.testing.assert_close(
        moved.p_world_seg, expected.p_world_seg, atol=2e-5, rtol=0
    )
    torch.testing.assert_close(
        moved.R_world_seg, expected.R_world_seg, atol=2e-5, rtol=0
    )


def test_pan_moves_the_picture_and_seed_decides(
    motion: tuple[Tensor, Tensor],
) -> None:
    q, lengths = motion
    points = keypoints_coco(
        forward_kinematics(q, lengths[:, None]), lengths[:, None]
    )[:, :1].expand(-1, 60, -1, -1)
    ranges = CameraRanges(pan_probability=1.0)
    a, pa = sample_camera(points, torch.Generator().manual_seed(5), ranges)
    b, pb = sample_camera(points, torch.Generator().manual_seed(5), ranges)
    assert all(
        torch.equal(x, y) for x, y in zip((*a, *pa), (*b, *pb), strict=True)
    )
    px, _ = project(place_points(points, pa), a)
    assert float((px[:, 0] - px[:, -1]).abs().amax((1, 2)).max()) > 5.0
