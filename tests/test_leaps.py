"""A body that leaps from one picture to the next was cut, or is another one: across that nothing is analysed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_figure import FPS, FRAMES, TRUNK_PX, stick_track, wave

from musclepose.pipeline import AnalyseOptions, read_motion
from musclepose.pose.leaps import leaps_of, within_longest_stretch
from musclepose.records import PoseTrack

AT = 120  # frame of the leap; 180 in all


def squats() -> PoseTrack:
    down = wave(0.0, 1.0)
    return stick_track(
        {
            "trunk": 180.0 - 45.0 * down, "thigh": 90.0 * down, "shank": -30.0 * down,
            "upper_arm": 0.0, "forearm": 0.0,
        }
    )  # fmt: skip


def shifted(track: PoseTrack, trunks: float, frames: slice) -> PoseTrack:
    points = track.keypoints_px.copy()
    points[frames, :, 0] += trunks * TRUNK_PX
    return replace(track, keypoints_px=points)


def test_a_leap_that_lasts_is_found_at_its_picture() -> None:
    leapt = shifted(squats(), 1.5, slice(AT, None))
    assert leaps_of(leapt) == pytest.approx([AT / FPS])


@pytest.mark.parametrize(
    ("trunks", "frames"),
    [
        (0.0, slice(AT, None)),
        (0.3, slice(AT, None)),  # a step aside
        (1.5, slice(AT, AT + 8)),  # read wrongly for a moment
    ],
)
def test_what_is_small_or_comes_back_is_no_leap(
    trunks: float, frames: slice
) -> None:
    track = shifted(squats(), trunks, frames)
    assert leaps_of(track) == ()
    assert within_longest_stretch(track) is track


def test_who_runs_through_the_picture_does_not_leap() -> None:
    track = squats()
    points = track.keypoints_px.copy()
    points[:, :, 0] += 0.9 * TRUNK_PX * np.arange(FRAMES)[:, None]
    assert leaps_of(replace(track, keypoints_px=points)) == ()


def test_only_the_longest_stretch_is_read_and_it_is_said() -> None:
    leapt = shifted(squats(), 1.5, slice(AT, None))
    feet = np.zeros((FRAMES, 4, 2))
    leapt = replace(
        leapt, heel_toe_px=feet, heel_toe_visibility=np.ones((FRAMES, 4))
    )
    kept = within_longest_stretch(leapt)
    assert np.array_equal(kept.time_s, leapt.time_s)
    assert np.isfinite(kept.keypoints_px[:AT]).all()
    assert np.isnan(kept.keypoints_px[AT:]).all()
    assert (kept.confidence[AT:] == 0).all() and kept.confidence[:AT].all()
    assert kept.heel_toe_px is not None and kept.heel_toe_visibility is not None
    assert np.isnan(kept.heel_toe_px[AT:]).all()
    assert (kept.heel_toe_visibility[AT:] == 0).all()
    assert kept.warnings == (
        "The body leaps in the picture, as at a cut of the film: only 0.0 to 4.0 s were analysed.",
    )


def test_the_network_reads_no_body_beyond_the_leap() -> None:
    leapt = shifted(squats(), 1.5, slice(AT, None))
    read = read_motion(leapt, 1.75, AnalyseOptions(refine=False))
    assert (read.confidence[: AT - 1] > 0).any(axis=1).all()
    assert not (read.confidence[AT + 1 :] > 0).any()
    assert any("leaps" in told for told in read.track.warnings)
