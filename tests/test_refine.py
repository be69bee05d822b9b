"""Refinement: nearer to the picture and to the truth, bounded, and still a body."""

from __future__ import annotations

import pytest
import torch

from musclepose.models.checkpoint import load_checkpoint
from musclepose.models.decode import picture_from_world
from musclepose.models.inference import ClipOut, infer_clip
from musclepose.models.refine import NOISE_RANGE, RefineSettings, keypoint_noise, refine
from musclepose.physics.kinematics import keypoints_coco, pose_from_rotations
from musclepose.synthesis.synthetic import synthetic_track
from musclepose.utils.rot import matrix_from_6d

SIZE = (1920, 1080)


def picture_px(clip: ClipOut) -> torch.Tensor:
    """(T, 17, 2) where the body's COCO points lie in the picture."""
    m = clip.motion
    pose = pose_from_rotations(m.R_parent_seg, m.p_world_root, m.lengths_m[None])
    uv = picture_from_world(keypoints_coco(pose, m.lengths_m[None]), m.camera)
    return uv * max(SIZE) + 0.5 * torch.tensor(SIZE)


@pytest.fixture(scope="module")
def true_clip() -> ClipOut:
    torch.set_num_threads(1)
    model, _ = load_checkpoint()
    track = synthetic_track("squat", 1, 2.5)
    seen = torch.from_numpy(track.keypoints_px).float(), torch.from_numpy(track.confidence).float()
    return infer_clip(model, *seen, track.size_px, 1.8)


def disturbed(clip: ClipOut, size: float = 0.06) -> ClipOut:
    g = torch.Generator().manual_seed(0)
    raw = clip.raw
    offset = size * torch.randn(1, *raw.rotation6d.shape[1:], generator=g)
    return clip._replace(raw=raw._replace(rotation6d=raw.rotation6d + offset))


def _joints(clip: ClipOut) -> torch.Tensor:
    m = clip.motion
    pose = pose_from_rotations(m.R_parent_seg, m.p_world_root, m.lengths_m[None])
    points = keypoints_coco(pose, m.lengths_m[None])
    return points - points[:, 11:13].mean(1, keepdim=True)


def test_a_disturbed_body_comes_back_to_the_picture_and_to_the_truth(true_clip: ClipOut) -> None:
    px = picture_px(true_clip)
    none = refine(
        disturbed(true_clip), px, torch.ones(px.shape[:2]), SIZE, 1.8, RefineSettings(steps=0)
    )
    found = refine(disturbed(true_clip), px, torch.ones(px.shape[:2]), SIZE, 1.8)
    miss = [float((picture_px(c) - px).norm(dim=-1).mean()) for c in (none, found)]
    away = [float((_joints(c) - _joints(true_clip)).norm(dim=-1).mean()) for c in (none, found)]
    assert miss[1] < 0.3 * miss[0] and away[1] < 0.7 * away[0]


def test_rotations_stay_rotations_and_segments_keep_one_length(true_clip: ClipOut) -> None:
    px = picture_px(true_clip)
    found = refine(disturbed(true_clip), px, torch.ones(px.shape[:2]), SIZE, 1.8)
    R = matrix_from_6d(found.raw.rotation6d)
    torch.testing.assert_close(R @ R.mT, torch.eye(3).expand_as(R), atol=1e-5, rtol=0)
    points = _joints(found)
    thigh = (points[:, 11] - points[:, 13]).norm(dim=-1)
    assert float(thigh.max() - thigh.min()) < 1e-3


def test_nothing_seen_changes_nothing(true_clip: ClipOut) -> None:
    px = torch.full((len(true_clip.phi), 17, 2), torch.nan)
    assert refine(true_clip, px, torch.zeros(px.shape[:2]), SIZE, 1.8) is true_clip


def test_the_noise_of_keypoints_is_read_off_them(true_clip: ClipOut) -> None:
    px = picture_px(true_clip)
    person = float((px[..., 1].amax(1) - px[..., 1].amin(1)).median())
    calm = keypoint_noise(px, person)
    shaken = px + 0.015 * person * torch.randn(px.shape, generator=torch.Generator().manual_seed(1))
    assert NOISE_RANGE[0] <= calm < 0.006 and keypoint_noise(shaken, person) > 3 * calm
    assert keypoint_noise(torch.full((20, 17, 2), torch.nan), 1.0) == NOISE_RANGE[1]
