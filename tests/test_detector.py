"""YOLO11n-pose on the example clip: the man on the wall, the woman who walks in from the right."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from video_clips import moving_square, write_clip

from musclepose.assets import asset_path
from musclepose.errors import AssetError, NoPersonError
from musclepose.pose.detections import Picture
from musclepose.pose.detector import YoloPoseDetector
from musclepose.pose.follow import follow_people, list_people, track_video
from musclepose.utils.torchvision_ops import nms
from musclepose.video import open_clip

NOSE, LEFT_SHOULDER, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE = 0, 5, 11, 13, 15


@pytest.fixture(scope="module")
def example() -> Path:
    try:
        return asset_path("example-clip")
    except AssetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def detector() -> YoloPoseDetector:
    try:
        return YoloPoseDetector()
    except AssetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def pictures(example: Path) -> list[Picture]:
    """Pictures 90 to 119 of the clip, at most 640 px: the woman walks across the middle."""
    return [
        picture for _, picture in open_clip(example, max_side=640).frames()
    ][90:120]


def test_the_walking_woman_is_found_in_every_picture(
    detector: YoloPoseDetector, pictures: list[Picture]
) -> None:
    walking = []
    for picture, found in zip(pictures, detector.detect(pictures), strict=True):
        below_wall = found.boxes_px[:, 3] > 0.85 * picture.shape[0]
        assert below_wall.sum() == 1 and found.scores[below_wall][0] > 0.5
        walking.append(found.keypoints_px[below_wall][0])
    joints_px = np.array(walking)
    heights = joints_px[
        :, [NOSE, LEFT_SHOULDER, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE], 1
    ].mean(axis=0)
    assert (
        np.diff(heights) > 5
    ).all()  # head above shoulder above hip above knee above ankle
    steps = np.diff(joints_px[:, LEFT_HIP, 0])
    assert (
        joints_px[-1, LEFT_HIP, 0] - joints_px[0, LEFT_HIP, 0] < -60
        and np.median(steps) < -1
    )  # to the left


def test_a_stored_sideways_copy_gives_the_same_keypoints(
    tmp_path: Path, detector: YoloPoseDetector, pictures: list[Picture]
) -> None:
    straight = write_clip(
        tmp_path / "straight.mp4", pictures[:10], quality={"qp": "0"}
    )
    stored = [np.rot90(picture, k=-1) for picture in pictures[:10]]
    turned = write_clip(
        tmp_path / "turned.mp4", stored, rotation_deg=90, quality={"qp": "0"}
    )
    first, second = (track_video(path, detector) for path in (straight, turned))
    assert first.size_px == second.size_px == (640, 360)
    # Lossless, but colour is stored at half resolution; a wrong turn or a mirror would be hundreds of pixels.
    difference = np.linalg.norm(
        first.keypoints_px - second.keypoints_px, axis=-1
    )
    assert (
        np.nanmedian(difference) < 0.5 and np.nanquantile(difference, 0.9) < 3.0
    )
    assert np.isfinite(difference).mean() > 0.6


def test_batches_and_single_pictures_agree(
    detector: YoloPoseDetector, pictures: list[Picture]
) -> None:
    together = detector.detect(pictures[:4])
    for picture, expected in zip(pictures[:4], together, strict=True):
        (alone,) = detector.detect([picture])
        assert len(alone) == len(expected)
        # bf16 sums in another order for another batch size: a fraction of a pixel
        assert (
            np.median(np.abs(alone.keypoints_px - expected.keypoints_px)) < 0.5
        )
    assert detector.detect([]) == []


def test_results_scale_with_the_picture(
    detector: YoloPoseDetector, pictures: list[Picture]
) -> None:
    (small,) = detector.detect(pictures[:1])
    (large,) = detector.detect(
        [pictures[0].repeat(2, axis=0).repeat(2, axis=1)]
    )
    assert len(small) == len(large)
    shift = large.scaled(0.5, 0.5).keypoints_px - small.keypoints_px
    assert np.median(np.abs(shift)) < 1.0


def test_the_people_of_the_example_clip(
    example: Path, detector: YoloPoseDetector
) -> None:
    said: list[tuple[float, str]] = []
    followed = follow_people(
        example, detector, lambda fraction, text: said.append((fraction, text))
    )
    people = list_people(followed)
    assert [one.person for one in people] == list(
        range(len(people))
    ) and 2 <= len(people) <= 3
    assert all(min(one.thumbnail.shape[:2]) > 40 for one in people)
    woman, man = followed.track(0), followed.track(1)
    assert (
        woman.size_px == (1768, 994)
        and len(woman.time_s) == 230
        and woman.time_s[-1] == pytest.approx(229 / 30)
    )
    assert any("people were followed" in one for one in woman.warnings)
    assert (
        people[1].from_s == 0.0 and people[0].from_s > 1.0
    )  # he stands there from the start, she walks in
    hip_x, man_hip_y = (
        woman.keypoints_px[:, LEFT_HIP, 0],
        man.keypoints_px[:, LEFT_HIP, 1],
    )
    seen, man_seen = (
        np.flatnonzero(np.isfinite(one)) for one in (hip_x, man_hip_y)
    )
    assert (
        hip_x[seen[0]] > 1300 and hip_x[seen[-1]] < 300
    )  # she comes in on the right and leaves on the left
    assert np.nanmax(np.abs(np.diff(hip_x))) < 60  # no jump to another body
    assert (
        man_hip_y[man_seen[0]] < 400 and man_hip_y[man_seen[-1]] > 600
    )  # he jumps down
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions) and 0.9 < fractions[-1] <= 1.0


def test_a_clip_without_people_is_refused(
    tmp_path: Path, detector: YoloPoseDetector
) -> None:
    with pytest.raises(NoPersonError, match="No person was found"):
        track_video(
            write_clip(tmp_path / "square.mp4", moving_square(8)), detector
        )


def test_unlisted_weights_are_never_unpickled(
    tmp_path: Path, detector: YoloPoseDetector
) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, (f"open({str(tmp_path / 'went_off')!r}, 'w')",)

    torch.save({"model": Bomb()}, tmp_path / "evil.pt")
    with pytest.raises(AssetError, match=r"^evil\.pt is not on the list"):
        YoloPoseDetector(tmp_path / "evil.pt")
    assert not (tmp_path / "went_off").exists()
    altered = shutil.copy(asset_path("yolo11n-pose"), tmp_path / "altered.pt")
    with Path(altered).open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(AssetError, match="altered"):
        YoloPoseDetector(Path(altered))


def test_nms_by_hand() -> None:
    boxes = torch.tensor(
        [[0.0, 0, 10, 10], [1, 0, 11, 10], [30, 30, 40, 40], [0, 0, 10, 5]]
    )
    scores = torch.tensor([0.6, 0.9, 0.3, 0.5])
    assert nms(boxes, scores, 0.7).tolist() == [
        1,
        3,
        2,
    ]  # IoU 9/11 falls, IoU 45/105 stays
    assert nms(boxes, scores, 0.4).tolist() == [1, 2]
    assert nms(boxes[:0], scores[:0], 0.5).tolist() == []


def test_torchvision_and_what_needs_it_can_be_imported() -> None:
    code = (
        "from musclepose.utils.torchvision_ops import make_torchvision_importable as make; make(); make()\n"
        "import torch, torchvision, transformers\n"
        "from transformers import AutoModelForCausalLM\n"
        "b = torch.tensor([[0., 0, 10, 10], [0, 0, 10, 9]])\n"
        "print(torch.ops.torchvision.nms(b, torch.tensor([.2, .8]), 0.5).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[1]", done.stderr
