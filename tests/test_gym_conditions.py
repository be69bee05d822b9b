"""The same track seen otherwise: each change does what it says and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_figure import FPS, FRAMES, stick_track, wave

from musclepose.evaluation.gym_conditions import (
    CONDITIONS,
    cut,
    dropped,
    mirrored,
    noisy,
    slow_rate,
    small,
)
from musclepose.movement.picture import picture_features
from musclepose.quality import person_height_px
from musclepose.records import PoseTrack

CURL = {
    "trunk": wave(165.0, 180.0),
    "thigh": wave(0.0, 60.0),
    "shank": 0.0,
    "upper_arm": 5.0,
    "forearm": wave(10.0, 140.0),
}


@pytest.fixture()
def track() -> PoseTrack:
    made = stick_track(CURL | {"upper_arm_r": 30.0})
    feet = np.repeat(made.keypoints_px[:, (15, 16)], 2, axis=1)
    return replace(
        made, heel_toe_px=feet, heel_toe_visibility=np.full((FRAMES, 4), 0.9)
    )


def test_the_mirror_image_is_itself_mirrored_twice_and_its_left_is_the_right(
    track: PoseTrack,
) -> None:
    once = mirrored(track)
    np.testing.assert_allclose(mirrored(once).keypoints_px, track.keypoints_px)
    np.testing.assert_allclose(mirrored(once).heel_toe_px, track.heel_toe_px)
    width = track.size_px[0]
    np.testing.assert_allclose(
        once.keypoints_px[:, 7, 0], width - track.keypoints_px[:, 8, 0]
    )
    assert picture_features(once) == pytest.approx(
        picture_features(track), nan_ok=True
    )


def test_half_the_size_has_the_same_features(track: PoseTrack) -> None:
    half = small(track)
    assert half.size_px == (500, 500)
    assert person_height_px(half) == pytest.approx(
        0.5 * person_height_px(track)
    )
    assert picture_features(half) == pytest.approx(
        picture_features(track), nan_ok=True
    )


def test_fifteen_frames_a_second(track: PoseTrack) -> None:
    slow = slow_rate(track)
    np.testing.assert_allclose(np.diff(slow.time_s), 2.0 / FPS)
    np.testing.assert_array_equal(slow.keypoints_px[1], track.keypoints_px[2])
    assert len(slow_rate(slow).time_s) == len(slow.time_s)


def test_a_tenth_is_cut_off_at_each_end(track: PoseTrack) -> None:
    part = cut(track)
    assert part.time_s[0] == 0.0
    assert part.time_s[-1] == pytest.approx(
        0.8 * track.time_s[-1], abs=2.0 / FPS
    )
    first = int(np.ceil(0.1 * (FRAMES - 1)))
    np.testing.assert_array_equal(
        part.keypoints_px[0], track.keypoints_px[first]
    )


def test_lost_joints_are_lost_for_a_while_and_the_same_ones_each_time(
    track: PoseTrack,
) -> None:
    lost = dropped(track)
    gone = np.isnan(lost.keypoints_px[..., 0])
    np.testing.assert_array_equal(gone, lost.confidence == 0.0)
    assert not gone[:, :5].any() and 0.02 < gone[:, 5:].mean() < 0.2
    np.testing.assert_array_equal(
        np.isnan(dropped(track).keypoints_px[..., 0]), gone
    )
    kept = ~gone
    np.testing.assert_array_equal(
        lost.keypoints_px[kept], track.keypoints_px[kept]
    )


def test_noise_is_that_of_a_detector_and_the_same_each_time(
    track: PoseTrack,
) -> None:
    moved = noisy(track)
    np.testing.assert_array_equal(noisy(track).keypoints_px, moved.keypoints_px)
    away = np.linalg.norm(moved.keypoints_px - track.keypoints_px, axis=-1)[
        :, 5:
    ]
    share = float(np.nanmedian(away)) / person_height_px(track)
    assert 0.005 < share < 0.03
    assert (
        moved.heel_toe_px is not None and moved.heel_toe_visibility is not None
    )
    lost = np.isnan(moved.heel_toe_px[..., 0])
    assert lost.any() and (moved.heel_toe_visibility[lost] == 0.0).all()


def test_every_condition_leaves_a_track_that_can_be_read(
    track: PoseTrack,
) -> None:
    for condition in CONDITIONS.values():
        seen = condition.of(track)
        assert seen.time_s[0] == 0.0 and (np.diff(seen.time_s) > 0).all()
        assert (
            len(seen.time_s) == len(seen.keypoints_px) == len(seen.confidence)
        )
    assert [name for name, c in CONDITIONS.items() if not c.is_counted] == [
        "cut"
    ]
