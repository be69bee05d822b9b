"""Left and right are treated alike: the mirror image of a clip gives the mirrored motion."""

from __future__ import annotations

import pytest
import torch

from musclepose.models.decode import (
    Raw,
    decode,
    generalised_coordinates,
    picture_from_world,
)
from musclepose.models.inference import infer_clip
from musclepose.models.mirror import mirror_feet, mirror_keypoints, mirror_raw
from musclepose.models.musclepose import MusclePoseCOCO
from musclepose.physics.kinematics import keypoints_coco, pose_from_rotations
from musclepose.physics.skeleton47 import COCO17, mirror_index
from musclepose.synthesis.synthetic import synthetic_track
from musclepose.utils.rot import matrix_from_6d


@pytest.fixture(scope="module")
def clip() -> tuple[torch.Tensor, torch.Tensor, tuple[int, int]]:
    track = synthetic_track("lunge", 2, 3.0)
    return (
        torch.from_numpy(track.keypoints_px).float(),
        torch.from_numpy(track.confidence).float(),
        track.size_px,
    )


def _picture(raw: Raw) -> torch.Tensor:
    stature = torch.tensor(1.8)
    motion = decode(raw, stature, torch.tensor(True))
    pose = pose_from_rotations(
        motion.R_parent_seg, motion.p_world_root, motion.lengths_m[None]
    )
    return picture_from_world(
        keypoints_coco(pose, motion.lengths_m[None]), motion.camera
    )


def test_the_mirrored_reading_projects_to_the_mirrored_picture(clip) -> None:
    torch.manual_seed(0)
    raw = infer_clip(MusclePoseCOCO().eval(), *clip, stature_m=1.8).raw
    raw = (
        raw._replace(  # an untrained network says too little: twist everything
            rotation6d=raw.rotation6d + 0.3 * torch.randn_like(raw.rotation6d),
            angle=torch.randn_like(raw.angle),
            root_uv=0.2 * torch.randn_like(raw.root_uv),
            camera=torch.tensor([0.1, 0.2, 0.15, 0.1]),
        )
    )
    there, here = _picture(mirror_raw(raw)), _picture(raw)
    swap = [
        COCO17.index(
            n.replace("left", "?")
            .replace("right", "left")
            .replace("?", "right")
        )
        for n in COCO17
    ]
    torch.testing.assert_close(
        there,
        (here * torch.tensor([-1.0, 1.0]))[..., swap, :],
        atol=1e-4,
        rtol=0,
    )
    touching = mirror_raw(
        raw._replace(contact=torch.tensor([[4.0, -3.0]]))
    ).contact
    assert touching.tolist() == [
        [-3.0, 4.0]
    ]  # the left foot of the image is the right one
    back = mirror_raw(mirror_raw(raw))
    torch.testing.assert_close(_picture(back), here, atol=1e-5, rtol=0)


def test_a_mirrored_clip_gives_the_mirrored_motion(clip) -> None:
    """Exactly, whatever the weights: the outputs are the mean over both views."""
    keypoints, confidence, size = clip
    torch.manual_seed(1)
    model = MusclePoseCOCO().eval()
    feet = keypoints[:, (15, 16, 15, 16)] + torch.tensor([10.0, 20.0])
    one = infer_clip(model, keypoints, confidence, size, 1.8, feet_px=feet)
    flipped = mirror_keypoints(keypoints, confidence, size[0])
    other = infer_clip(
        model, *flipped, size, 1.8, feet_px=mirror_feet(feet, size[0])
    )
    torch.testing.assert_close(
        one.contact, 1.0 / (1.0 + torch.exp(-one.raw.contact))
    )
    expected, got = (
        r._replace(rotation6d=matrix_from_6d(r.rotation6d))
        for r in (mirror_raw(one.raw), other.raw)
    )
    for a, b in zip(expected, got, strict=True):
        torch.testing.assert_close(a, b, atol=1e-3, rtol=1e-3)
    index, sign = (torch.from_numpy(v) for v in mirror_index())
    joints = slice(6, 47)
    q, q_other = (
        generalised_coordinates(one.motion),
        generalised_coordinates(other.motion),
    )
    torch.testing.assert_close(
        (q[:, index] * sign.to(q))[:, joints],
        q_other[:, joints],
        atol=2e-3,
        rtol=0,
    )
