"""The second keypoint stage: geometry of its crop, refinement on heatmaps, what it changes in a track and what not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from video_clips import write_clip

from musclepose import assets
from musclepose.errors import AssetError, InputError
from musclepose.pipeline import AnalyseOptions
from musclepose.pose.crops import Crop, crop_of
from musclepose.pose.detections import BodyPoints, Detections, Picture
from musclepose.pose.follow import track_video
from musclepose.pose.landmark_runtime import (
    LandmarkRuntime,
    LiteRtLandmarks,
    OpenCvLandmarks,
    RawLandmarks,
)
from musclepose.pose.landmarks import BlazePose, body_points, refined
from musclepose.pose.second_stage import MIN_PRESENCE, bridge, frames_to_locate
from musclepose.records import PoseTrack
from musclepose.video import open_clip

UPRIGHT = np.array([0.0, -1.0])
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP = 5, 6, 11, 12


def body(
    shoulder: tuple[float, float], hip: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (17, 2) and confidence (17,) of which only shoulders and hips are seen, 10 px to either side."""
    px, confidence = np.zeros((17, 2)), np.zeros(17)
    for left, right, middle in (
        (LEFT_SHOULDER, RIGHT_SHOULDER, shoulder),
        (LEFT_HIP, RIGHT_HIP, hip),
    ):
        px[left], px[right] = (
            np.add(middle, (10, 0)),
            np.subtract(middle, (10, 0)),
        )
        confidence[[left, right]] = 0.9
    return px, confidence


def test_crop_of_a_standing_person_by_hand() -> None:
    """Hips at (100, 200), box from (60, 50) to (140, 400): the farthest edge is 200 px below, half side 250."""
    crop = crop_of(
        np.array([60.0, 50, 140, 400]), *body((100, 100), (100, 200)), 0.3
    )
    assert crop.centre_px.tolist() == [100, 200] and crop.side_px == 500
    np.testing.assert_allclose(crop.up, UPRIGHT)
    A = crop.A_crop_picture()
    for picture_px, crop_px in (
        ((100, 200), (128, 128)),  # the centre
        ((-150, -50), (0, 0)),  # its top left corner
        ((350, 450), (256, 256)),
    ):
        np.testing.assert_allclose(A @ [*picture_px, 1], crop_px, atol=1e-9)


def test_crop_of_a_lying_person_is_turned_by_hand() -> None:
    """Head to the right in the picture: picture right is up in the crop, picture down is right in it."""
    crop = crop_of(
        np.array([0.0, 180, 300, 220]), *body((200, 200), (100, 200)), 0.3
    )
    assert crop.side_px == 500  # the box ends 200 px to the right of the hips
    A = crop.A_crop_picture()
    scale = 256 / 500
    np.testing.assert_allclose(
        A @ [200, 200, 1], [128, 128 - 100 * scale], atol=1e-9
    )
    np.testing.assert_allclose(
        A @ [100, 250, 1], [128 + 50 * scale, 128], atol=1e-9
    )


def test_crop_without_hips_or_shoulders() -> None:
    px, confidence = body((150, 100), (100, 200))
    box = np.array([60.0, 50, 140, 400])
    confidence[RIGHT_HIP] = 0.1  # one hip is enough: the other is the centre
    assert crop_of(box, px, confidence, 0.3).centre_px.tolist() == [110, 200]
    confidence[LEFT_HIP] = 0.1
    alone = crop_of(box, px, confidence, 0.3)
    assert (
        alone.centre_px.tolist() == [100, 225]
        and alone.side_px == 2 * 1.25 * 175
    )
    np.testing.assert_allclose(alone.up, UPRIGHT)
    px, confidence = body((150, 100), (100, 200))
    confidence[[LEFT_SHOULDER, RIGHT_SHOULDER]] = 0.1
    np.testing.assert_allclose(crop_of(box, px, confidence, 0.3).up, UPRIGHT)


def test_what_lies_at_a_point_of_the_picture_lies_there_in_the_crop() -> None:
    """A white dot is found in the cut where the map says, and its place leads back to it."""
    picture = np.zeros((300, 400, 3), np.uint8)
    cv2.circle(picture, (250, 120), 6, (255, 255, 255), -1)
    crop = Crop(np.array([230.0, 150.0]), 200.0, np.array([0.6, -0.8]))
    cut = crop.cut(picture)
    assert (
        cut.shape == (256, 256, 3)
        and cut.dtype == np.float32
        and cut.max() == 1.0
    )
    rows, columns = np.nonzero(cut[..., 0] > 0.5)
    dot = np.array([columns.mean(), rows.mean()])
    np.testing.assert_allclose(crop.to_picture(dot), [250, 120], atol=0.3)
    # By hand: (20, -30) from the centre; along right (0.8, 0.6) it is -2, along up (0.6, -0.8) it is 36.
    np.testing.assert_allclose(dot, [128 - 2 * 1.28, 128 - 36 * 1.28], atol=0.5)


def test_refinement_by_hand() -> None:
    """One cell of a 64 x 64 map is 4 px. Two equally sure cells (20, 30) and (22, 30): the middle is cell 21."""
    logits = np.full((64, 64, 4), -40.0, np.float32)
    logits[30, [20, 22], 0] = 5.0
    logits[30, 26, 0] = (
        9.0  # four cells away from the point: outside of the window
    )
    logits[10, 11, 1] = -0.1  # sigmoid below one half
    logits[10, 11, 2] = 3.0
    logits[0, 1, 3] = 3.0  # at the edge of the map
    points = np.array(
        [[22 * 4 + 1.0, 30 * 4 + 3.0], [40.0, 40.0], [300.0, 40.0], [1.0, 2.0]]
    )
    moved = refined(points, logits)
    np.testing.assert_allclose(moved[0], [84, 120], atol=1e-3)
    np.testing.assert_allclose(moved[1], points[1])  # unsure
    np.testing.assert_allclose(moved[2], points[2])  # outside of its map
    np.testing.assert_allclose(moved[3], [4, 0], atol=1e-3)


def test_order_and_visibility_of_the_points() -> None:
    """Point number n of the file lies at crop pixel (n, 2 n) and has the visibility of logit n / 10 - 1."""
    points = np.zeros((39, 5), np.float32)
    points[:, 0], points[:, 1] = np.arange(39), 2 * np.arange(39)
    points[:, 3] = np.arange(39) / 10 - 1
    unsure = np.full((64, 64, 39), -40.0, np.float32)
    crop = Crop(
        np.array([128.0, 128.0]), 256.0, UPRIGHT
    )  # crop pixels are picture pixels
    found = body_points(RawLandmarks(points, 0.75, unsure), crop)
    nose_eyes_ears, arms, legs = [0, 2, 5, 7, 8], range(11, 17), range(23, 29)
    np.testing.assert_allclose(
        found.keypoints_px[:, 0], [*nose_eyes_ears, *arms, *legs], atol=1e-5
    )
    np.testing.assert_allclose(
        found.heel_toe_px, [[n, 2 * n] for n in range(29, 33)], atol=1e-5
    )
    np.testing.assert_allclose(
        found.heel_toe_visibility[1], 1 / (1 + np.exp(-2.0)), atol=1e-6
    )
    assert (
        found.visibility[0] == pytest.approx(1 / (1 + np.exp(1.0)))
        and found.presence == 0.75
    )


class OneWalker:
    """A detector that sees one person at the white block of a picture, 0.8 sure, the nose 0.2."""

    name, batch_size, input_side_px = "walker", 4, 640

    def __init__(self) -> None:
        self.looked_at = 0

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.looked_at += len(pictures)
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        rows, columns = np.nonzero(picture[..., 1] > 128)
        if not len(rows):
            nobody = (
                np.zeros((0, 4)),
                np.zeros(0),
                np.zeros((0, 17, 2)),
                np.zeros((0, 17)),
            )
            return Detections(*nobody)
        box = np.array(
            [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1],
            float,
        )
        joints = box[:2] + np.linspace(0.1, 0.9, 17)[:, None] * (
            box[2:] - box[:2]
        )
        confidence = np.full(17, 0.8)
        confidence[0] = 0.2
        return Detections(
            box[None], np.array([0.9]), joints[None], confidence[None]
        )


class Shifted:
    """A locator that puts joint n at n px to the right of the crop's centre; unsure where a picture is dark blue."""

    name, workers = "shifted", 2

    def locate(self, picture: Picture, crop: Crop) -> BodyPoints:
        nobody = picture[0, 0, 2] > 128
        joints = crop.centre_px + np.stack(
            [np.arange(17.0), np.zeros(17)], axis=1
        )
        return BodyPoints(
            joints,
            np.full(17, 0.5),
            joints[:4] + 100,
            np.full(4, 0.6),
            MIN_PRESENCE - 0.1 * nobody,
        )


def walking(
    frames: int, without: tuple[int, ...] = (), blue: tuple[int, ...] = ()
) -> list[Picture]:
    """A white block of 30 x 80 that moves 2 px a picture."""
    pictures = [np.zeros((120, 200, 3), np.uint8) for _ in range(frames)]
    for number, picture in enumerate(pictures):
        if number in blue:
            picture[:16, :16, 2] = 255
        if number not in without:
            picture[20:100, 40 + 2 * number : 70 + 2 * number] = 255
    return pictures


def track_both(
    tmp_path: Path, pictures: list[Picture]
) -> tuple[PoseTrack, PoseTrack, int]:
    """The track of the detector alone and of both stages, and how many pictures the latter's detector saw."""
    path = write_clip(tmp_path / "clip.mp4", pictures, quality={"qp": "0"})
    alone = track_video(path, OneWalker())
    detector = OneWalker()
    return (
        alone,
        track_video(path, detector, locator=Shifted()),
        detector.looked_at,
    )


def test_positions_change_and_confidences_stay(tmp_path: Path) -> None:
    alone, both, looked_at = track_both(tmp_path, walking(40))
    assert alone.keypoint_source == "walker" and alone.heel_toe_px is None
    assert both.keypoint_source == "shifted on walker"
    np.testing.assert_allclose(both.confidence, alone.confidence, atol=1e-12)
    assert (both.confidence[:, 0] == 0).all() and np.isnan(
        both.keypoints_px[:, 0]
    ).all()
    assert np.array_equal(
        np.isfinite(both.keypoints_px), np.isfinite(alone.keypoints_px)
    )
    between = both.keypoints_px[:, 16] - both.keypoints_px[:, 1]
    np.testing.assert_allclose(
        between, np.tile([15.0, 0.0], (40, 1)), atol=1e-9
    )
    assert both.heel_toe_px is not None and both.heel_toe_visibility is not None
    hips = alone.keypoints_px[:, [LEFT_HIP, RIGHT_HIP]].mean(axis=1)
    np.testing.assert_allclose(both.heel_toe_px[:, 0], hips + 100, atol=0.5)
    assert (both.heel_toe_visibility == 0.6).all()
    assert (
        looked_at <= 20
    )  # 30 pictures a second: every third, and the last of each group


def test_gaps_stay_gaps_and_their_edges_are_looked_at(tmp_path: Path) -> None:
    gone = tuple(range(14, 25))
    alone, both, _ = track_both(tmp_path, walking(40, without=gone))
    unseen = np.isnan(alone.keypoints_px[:, 5, 0])
    assert tuple(np.flatnonzero(unseen)) == gone
    assert np.array_equal(np.isnan(both.keypoints_px[:, 5, 0]), unseen)
    assert both.heel_toe_px is not None and both.heel_toe_visibility is not None
    assert (
        np.isnan(both.heel_toe_px[unseen]).all()
        and (both.heel_toe_visibility[unseen] == 0).all()
    )


def test_where_the_second_stage_finds_nobody_the_first_stands(
    tmp_path: Path,
) -> None:
    blue = tuple(range(8, 20))
    alone, both, _ = track_both(tmp_path, walking(40, blue=blue))
    assert both.heel_toe_px is not None
    lost = np.isnan(both.heel_toe_px[:, 0, 0])
    assert tuple(np.flatnonzero(lost)) == blue
    np.testing.assert_allclose(
        both.keypoints_px[lost, 5], alone.keypoints_px[lost, 5], atol=0.5
    )  # interpolated between looks
    assert any(
        "found nobody in 12 of 40 pictures" in said for said in both.warnings
    )
    assert not any("found nobody" in said for said in alone.warnings)


def test_fast_films_are_located_at_30_hz_and_bridged_inside_a_run() -> None:
    time_s = np.arange(12) / 60
    frames = [0, 1, 2, 3, 4, 5, 8, 9, 10]  # 6, 7 and 11 were not seen
    looked_at = frames_to_locate(frames, time_s)
    assert looked_at == [0, 2, 4, 5, 8, 10]
    assert frames_to_locate(frames, np.arange(12) / 30) == frames
    found = np.full((12, 2), np.nan)
    found[looked_at] = np.stack(
        [np.array(looked_at) ** 2.0, np.ones(6)], axis=1
    )
    found[8] = np.nan  # nobody was in that crop
    bridge(found, looked_at, frames, time_s)
    np.testing.assert_allclose(
        found[[1, 3], 0], [2, 10]
    )  # half of 0 + 4, of 4 + 16
    assert (
        np.isnan(found[[6, 7, 8, 9, 11]]).all()
        and np.isfinite(found[looked_at[:4]]).all()
    )


@pytest.mark.usefixtures("unchecked")
def test_unknown_keypoints_and_wrong_feet_are_refused() -> None:
    with pytest.raises(
        InputError, match="keypoints are 'kinect'; .*blazepose or yolo"
    ):
        AnalyseOptions(keypoints="kinect")  # type: ignore[arg-type]  # what the check is for
    with pytest.raises(InputError, match="heels and toes"):
        PoseTrack(
            np.zeros((3, 17, 2)),
            np.ones((3, 17)),
            np.arange(3.0),
            (10, 10),
            heel_toe_px=np.zeros((3, 2, 2)),
            heel_toe_visibility=np.ones((3, 4)),
        )


def test_without_its_file_the_sentence_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(assets.ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(
        assets, "MANIFEST", tuple(_closed(entry) for entry in assets.MANIFEST)
    )
    monkeypatch.setattr(
        assets, "STAND_INS", tuple(_closed(entry) for entry in assets.STAND_INS)
    )
    with pytest.raises(
        AssetError, match=r"heavy.tflite could not be had.*--keypoints yolo\.$"
    ):
        BlazePose()


def _closed(entry: assets.Asset) -> assets.Asset:
    return assets.Asset(
        entry.name,
        entry.file,
        entry.sha256,
        entry.licence,
        (),
        entry.origin,
        entry.stand_in,
    )


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return assets.asset_path("blazepose-heavy")
    except AssetError as error:
        pytest.skip(str(error))


def test_both_runtimes_give_the_same_points_on_a_made_picture(
    weights: Path,
) -> None:
    pytest.importorskip(
        "ai_edge_litert", reason="LiteRT has no wheel for this platform"
    )
    crop = np.zeros((256, 256, 3), np.float32)
    cv2.rectangle(
        crop, (108, 80), (148, 150), (0.8, 0.3, 0.2), -1
    )  # a figure of blocks
    cv2.circle(crop, (128, 60), 16, (0.9, 0.7, 0.6), -1)
    for x in (112, 132):
        cv2.rectangle(crop, (x, 150), (x + 12, 220), (0.2, 0.2, 0.7), -1)
    runtimes: list[LandmarkRuntime] = [
        LiteRtLandmarks(weights),
        OpenCvLandmarks(weights),
    ]
    lite, opencv = (runtime.run(crop) for runtime in runtimes)
    # Sums in another order: measured 1e-3 crop pixels on a photograph.
    np.testing.assert_allclose(
        lite.points[:, :2], opencv.points[:, :2], atol=0.02
    )
    np.testing.assert_allclose(lite.heatmaps, opencv.heatmaps, atol=0.05)
    assert lite.presence == pytest.approx(opencv.presence, abs=1e-3)


def test_the_walking_woman_of_the_example(weights: Path) -> None:
    """On the real clip, from a box drawn by hand: her joints are in order, her feet on the ground, toes ahead."""
    try:
        example = assets.asset_path("example-clip")
    except AssetError as error:
        pytest.skip(str(error))
    picture = [one for _, one in open_clip(example).frames()][110]
    box = np.array([650.0, 330.0, 1000.0, 960.0])
    found = BlazePose(workers=1).locate(
        picture, crop_of(box, np.zeros((17, 2)), np.zeros(17), 0.3)
    )
    assert found.presence > 0.9
    nose, shoulder, hip, knee, ankle = found.keypoints_px[[0, 5, 11, 13, 15], 1]
    assert nose < shoulder < hip < knee < ankle
    heels, toes = found.heel_toe_px[:2], found.heel_toe_px[2:]
    assert (heels[:, 1] > knee).all() and (
        toes[:, 0] < heels[:, 0]
    ).all()  # she walks to the left
    low, high = box[:2] - 40, box[2:] + 40
    inside = (found.keypoints_px > low) & (found.keypoints_px < high)
    assert inside.all()
