"""Decoding inverts what the picture shows, and q reproduces the decoded rotations."""

import pytest
import torch

from musclepose.data.tokens import make_tokens_from_coco
from musclepose.models.decode import (
    ANGLE_DOFS,
    BALL_SEGMENTS,
    N_BETA,
    N_CAMERA,
    CameraOut,
    Motion,
    Raw,
    decode,
    generalised_coordinates,
    picture_from_world,
    world_from_picture,
)
from musclepose.models.musclepose import (
    ModelConfig,
    MusclePoseCOCO,
    PhysicsBridge,
    bridge_features,
)
from musclepose.physics.anthropometrics import shape_from_beta
from musclepose.physics.kinematics import local_rotations
from musclepose.physics.skeleton47 import limits


def _camera() -> CameraOut:
    return CameraOut(*(torch.tensor([v]) for v in (1.4, 0.2, -0.05, 1.1)))


def test_picture_and_world_invert_each_other() -> None:
    uv = torch.tensor([[[0.1, -0.2], [-0.3, 0.15]]])
    depth = torch.tensor([[3.0, 5.0]])
    world = world_from_picture(uv, depth, _camera())
    assert torch.allclose(
        picture_from_world(world[:, :, None], _camera())[:, :, 0], uv, atol=1e-6
    )
    assert (world[..., 2] < 0).all()  # in front of the camera is -z


def test_looking_down_sees_the_floor_below_the_horizon() -> None:
    level = CameraOut(*(torch.tensor([v]) for v in (1.4, 0.0, 0.0, 1.5)))
    floor_point = torch.tensor([[[[0.0, 0.0, -4.0]]]])
    v = picture_from_world(floor_point, level)[..., 1]
    assert torch.allclose(
        v, torch.tensor(1.4 * 1.5 / 4.0)
    )  # y down, below the middle
    down = level._replace(pitch=torch.atan(torch.tensor([1.5 / 4.0])))
    assert picture_from_world(floor_point, down)[..., 1].abs().item() < 1e-6


def test_q_reproduces_the_rotations_and_stays_continuous() -> None:
    lower, upper = (torch.tensor(x).clamp(-1.2, 1.2) for x in limits())
    t = torch.linspace(0, 1, 40, dtype=torch.float64)[:, None]
    q = lower * 0.8 + (upper - lower) * 0.8 * t
    q[:, 18] = torch.linspace(
        0, -2.6, 40, dtype=torch.float64
    )  # left arm raised sideways past the singular 90 degrees
    R = local_rotations(q)
    motion = Motion(
        R[None], q[None, :, :3], torch.ones(1, 13), torch.ones(1), _camera()
    )
    back = generalised_coordinates(motion)[0]
    assert torch.allclose(local_rotations(back), R, atol=1e-6)
    assert back.diff(dim=0).abs().amax() < 0.6


def test_network_shapes_and_that_every_head_learns() -> None:
    torch.manual_seed(0)
    model = MusclePoseCOCO(ModelConfig(width=32, layers=2, heads=2))
    tokens = make_tokens_from_coco(
        torch.rand(2, 12, 17, 2) * 300,
        torch.ones(2, 12, 17),
        torch.full((2, 2), 300.0),
    )
    out = model(tokens)
    assert (
        out.alpha.shape == (2, 12, 82)
        and out.alpha.min() >= 0
        and out.alpha.max() <= 1
    )
    assert out.delta.shape == (2, 12, 2, 7) and out.mass_correction.shape == (
        2,
        18,
    )
    total = sum(
        x.square().sum()
        for x in (*out.raw, out.alpha, out.delta, out.mass_correction)
    )
    total.backward()
    silent = [
        n
        for n, p in model.named_parameters()
        if p.grad is None or not p.grad.abs().sum() > 0
    ]
    assert silent == []


def test_bridge_makes_eight_soft_tokens_that_ignore_padding() -> None:
    torch.manual_seed(0)
    bridge = PhysicsBridge(llm_dim=48, width=32, phi_dim=16, heads=2).eval()
    x = bridge_features(
        torch.randn(1, 9, 16),
        *torch.randn(3, 1, 9, 47),
        torch.rand(1, 9, 82),
        torch.rand(1, 9, 2, 3),
    )
    padding = torch.arange(9)[None] >= 6
    other = x.clone()
    other[:, 6:] = 7.0
    a, b = bridge(x, padding), bridge(other, padding)
    assert a.shape == (1, 8, 48)
    assert torch.allclose(a, b, atol=1e-5)
    assert not torch.allclose(bridge(x), a)


def test_stature_given_by_the_user_sets_the_standing_height() -> None:
    shape = shape_from_beta(torch.randn(15) * 0.1, stature_m=torch.tensor(1.83))
    from musclepose.physics.anthropometrics import standing_height

    assert torch.allclose(standing_height(shape.lengths_m), torch.tensor(1.83))


def test_a_stature_that_was_told_counts_and_lengths_and_distance_go_with_it() -> (
    None
):
    raw = Raw(
        torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).repeat(
            1, 3, len(BALL_SEGMENTS), 1
        ),
        torch.zeros(1, 3, len(ANGLE_DOFS)),
        torch.zeros(1, 3, 2),
        torch.ones(1, 3),
        torch.zeros(1, 3, 2),
        torch.zeros(1, N_BETA),
        torch.zeros(1, N_CAMERA),
    )
    told = torch.tensor([2.04])
    tall, unknown = (
        decode(raw, told, torch.tensor([known])) for known in (True, False)
    )
    assert float(tall.stature_m) == pytest.approx(2.04)
    assert float(unknown.stature_m) == pytest.approx(
        1.7
    )  # a body of usual size
    torch.testing.assert_close(tall.lengths_m, 1.2 * unknown.lengths_m)
    torch.testing.assert_close(
        tall.p_world_root[..., 2], 1.2 * unknown.p_world_root[..., 2]
    )
