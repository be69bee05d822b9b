"""Refinement: nearer to the picture and to the truth, bounded, and still a body."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from musclepose.models.checkpoint import load_checkpoint
from musclepose.models.decode import decode, picture_from_world
from musclepose.models.inference import ClipOut, infer_clip
from musclepose.models.refine import (
    NOISE_RANGE,
    RefineSettings,
    contacts_of,
    keypoint_noise,
    refine,
    standing_cost,
    standing_of,
)
from musclepose.physics.kinematics import (
    keypoints_coco,
    pose_from_rotations,
    sole_points,
)
from musclepose.synthesis.synthetic import synthetic_track
from musclepose.utils.rot import matrix_from_6d

SIZE = (1920, 1080)
LEFT = standing_of([(0, 0, 4)])


def picture_px(clip: ClipOut) -> torch.Tensor:
    """(T, 17, 2) where the body's COCO points lie in the picture."""
    m = clip.motion
    pose = pose_from_rotations(
        m.R_parent_seg, m.p_world_root, m.lengths_m[None]
    )
    uv = picture_from_world(keypoints_coco(pose, m.lengths_m[None]), m.camera)
    return uv * max(SIZE) + 0.5 * torch.tensor(SIZE)


@pytest.fixture(scope="module")
def true_clip() -> ClipOut:
    torch.set_num_threads(1)
    model, _ = load_checkpoint()
    track = synthetic_track("squat", 1, 2.5)
    seen = (
        torch.from_numpy(track.keypoints_px).float(),
        torch.from_numpy(track.confidence).float(),
    )
    return infer_clip(model, *seen, track.size_px, 1.8)


def disturbed(clip: ClipOut, size: float = 0.06) -> ClipOut:
    g = torch.Generator().manual_seed(0)
    raw = clip.raw
    offset = size * torch.randn(1, *raw.rotation6d.shape[1:], generator=g)
    return clip._replace(raw=raw._replace(rotation6d=raw.rotation6d + offset))


def _joints(clip: ClipOut) -> torch.Tensor:
    m = clip.motion
    pose = pose_from_rotations(
        m.R_parent_seg, m.p_world_root, m.lengths_m[None]
    )
    points = keypoints_coco(pose, m.lengths_m[None])
    return points - points[:, 11:13].mean(1, keepdim=True)


def test_a_disturbed_body_comes_back_to_the_picture_and_to_the_truth(
    true_clip: ClipOut,
) -> None:
    px = picture_px(true_clip)
    none = refine(
        disturbed(true_clip),
        px,
        torch.ones(px.shape[:2]),
        SIZE,
        RefineSettings(steps=0),
    )
    found = refine(disturbed(true_clip), px, torch.ones(px.shape[:2]), SIZE)
    miss = [
        float((picture_px(c) - px).norm(dim=-1).mean()) for c in (none, found)
    ]
    away = [
        float((_joints(c) - _joints(true_clip)).norm(dim=-1).mean())
        for c in (none, found)
    ]
    assert miss[1] < 0.3 * miss[0] and away[1] < 0.7 * away[0]


def test_where_a_keypoint_lies_that_was_not_seen_does_not_matter(
    true_clip: ClipOut,
) -> None:
    px = picture_px(true_clip)
    confidence = torch.ones(px.shape[:2])
    confidence[:, 9] = 0.1  # below what counts as seen
    elsewhere = px.clone()
    elsewhere[:, 9] += 200.0
    few = RefineSettings(steps=3, noise=0.01)
    one, other = (
        refine(true_clip, points, confidence, SIZE, few)
        for points in (px, elsewhere)
    )
    assert torch.equal(one.raw.rotation6d, other.raw.rotation6d)
    assert torch.equal(one.raw.root_uv, other.raw.root_uv)


def test_rotations_stay_rotations_and_segments_keep_one_length(
    true_clip: ClipOut,
) -> None:
    px = picture_px(true_clip)
    found = refine(disturbed(true_clip), px, torch.ones(px.shape[:2]), SIZE)
    R = matrix_from_6d(found.raw.rotation6d)
    torch.testing.assert_close(
        R @ R.mT, torch.eye(3).expand_as(R), atol=1e-5, rtol=0
    )
    points = _joints(found)
    thigh = (points[:, 11] - points[:, 13]).norm(dim=-1)
    assert float(thigh.max() - thigh.min()) < 1e-3


def test_nothing_seen_changes_nothing(true_clip: ClipOut) -> None:
    px = torch.full((len(true_clip.phi), 17, 2), torch.nan)
    assert refine(true_clip, px, torch.zeros(px.shape[:2]), SIZE) is true_clip


def test_the_noise_of_keypoints_is_read_off_them(true_clip: ClipOut) -> None:
    px = picture_px(true_clip)
    person = float((px[..., 1].amax(1) - px[..., 1].amin(1)).median())
    calm = keypoint_noise(px, person)
    shaken = px + 0.015 * person * torch.randn(
        px.shape, generator=torch.Generator().manual_seed(1)
    )
    assert (
        NOISE_RANGE[0] <= calm < 0.006
        and keypoint_noise(shaken, person) > 3 * calm
    )
    assert (
        keypoint_noise(torch.full((20, 17, 2), torch.nan), 1.0)
        == NOISE_RANGE[1]
    )


def _soles(clip: ClipOut) -> torch.Tensor:
    m = clip.motion
    pose = pose_from_rotations(
        m.R_parent_seg, m.p_world_root, m.lengths_m[None]
    )
    return sole_points(pose, m.lengths_m[None])


def test_spans_of_contact() -> None:
    p = torch.zeros(20, 2)
    p[3:10, 0] = 0.9
    p[12:14, 0] = 0.9  # too short
    p[15:, 1] = 0.9
    assert contacts_of(p) == [(0, 3, 10), (1, 15, 20)]


def test_the_cost_of_a_foot_that_slides_and_sinks_has_a_closed_form() -> None:
    """Four frames of contact count a quarter, half, half and a quarter: it comes to bear and ends."""
    s = RefineSettings(
        place_m=0.01, slip_m=0.001, level_m=0.005, floor_m=0.01, lost=1e6
    )
    still = torch.zeros(4, 2, 4, 3)
    assert float(standing_cost(still, LEFT, s)) < 1e-6
    sliding = still.clone()
    sliding[..., 0] += (
        0.002 * torch.arange(4)[:, None, None]
    )  # -3, -1, 1, 3 mm from the middle
    away, slip = (
        (9 / 4 + 1 / 2 + 1 / 2 + 9 / 4) / 100.0,
        (1 / 4 + 1 / 2 + 1 / 4) * 4.0,
    )
    assert float(standing_cost(sliding, LEFT, s)) == pytest.approx(
        away + slip, rel=1e-3
    )
    sinking = still.clone()
    sinking[..., 1] += 0.002 * torch.arange(4)[:, None, None]
    assert float(
        standing_cost(sinking, standing_of([(1, 0, 4)]), s)
    ) == pytest.approx(5.5 / 25.0, rel=1e-3)
    lower = still.clone()
    lower[
        :, 1, :, 1
    ] = (
        -0.02
    )  # the right foot stands 2 cm below the left: four frames, (2 / 1)^2
    both = standing_of([(0, 0, 4), (1, 0, 4)])
    assert float(standing_cost(lower, both, s)) == pytest.approx(
        4 * 4.0, rel=1e-3
    )
    on_a_box = replace(s, lost=2.0)  # far off, the cost ends at lost^2 a frame
    lower[:, 1, :, 1] = -0.5
    assert float(standing_cost(lower, both, on_a_box)) == pytest.approx(
        4 * 4.0, rel=0.01
    )
    lifted = still.clone()
    lifted[:, :, 0, 1] = 0.1  # a heel that is up may go where it likes
    lifted[:, :, 0, 0] = torch.rand(4, 1)
    assert float(standing_cost(lifted, LEFT, s)) < 1e-3


def test_contacts_do_not_touch_each_other() -> None:
    """A step of half a metre between two contacts is no sliding; what slides in the second is told as there alone."""
    s = RefineSettings(
        place_m=0.01, slip_m=0.001, level_m=0.005, floor_m=0.01, lost=1e6
    )
    stepping = torch.zeros(12, 2, 4, 3)
    stepping[7:, 0, :, 0] = 0.5
    spans = [(0, 1, 7), (0, 7, 12)]
    assert float(standing_cost(stepping, standing_of(spans), s)) < 1e-4
    stepping[7:, 0, :, 0] += 0.002 * torch.arange(5)[:, None]
    alone = standing_of([(0, 7, 12)])
    assert float(
        standing_cost(stepping, standing_of(spans), s)
    ) == pytest.approx(float(standing_cost(stepping, alone, s)), rel=1e-5)
    assert float(standing_cost(stepping, standing_of([]), s)) == 0.0


def test_standing_feet_stand_and_the_stature_is_held(
    true_clip: ClipOut,
) -> None:
    """A squat whose camera pitch and depth wander: its feet slide and sink until they are asked to stand."""
    px = picture_px(true_clip)
    frames = len(px)
    wave = torch.sin(torch.linspace(0.0, 6.0, frames))
    raw = true_clip.raw._replace(
        log_scale=true_clip.raw.log_scale + 0.03 * wave
    )
    motion = decode(raw, true_clip.motion.stature_m, torch.tensor(True))
    wandering = true_clip._replace(
        raw=raw, motion=motion, contact=torch.ones(frames, 2)
    )
    found = refine(wandering, px, torch.ones(px.shape[:2]), SIZE)

    def spread(clip: ClipOut) -> tuple[float, float]:
        soles = _soles(clip)
        off = soles - soles.mean(0)
        return float(off[..., (0, 2)].norm(dim=-1).mean()), float(
            off[..., 1].abs().mean()
        )

    (slides, sinks), (slid, sank) = spread(found), spread(wandering)
    assert slides < 0.25 * slid and slides < 0.012 and sinks <= sank + 1e-3
    assert float(found.motion.stature_m) == pytest.approx(
        float(true_clip.motion.stature_m), abs=1e-6
    )
    height = found.motion.lengths_m.sum() / true_clip.motion.lengths_m.sum()
    assert float(height) == pytest.approx(1.0, abs=0.03)
