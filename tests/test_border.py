"""A limb that the picture's border cuts off is not seen, and no force is told from a guess beside it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from musclepose.data.border import at_border, foot_cut_off, without_border
from musclepose.pipeline import GAP_MARGIN_S, analyse_track
from musclepose.records import Athlete, ExternalLoad, PoseTrack
from musclepose.synthesis.synthetic import synthetic_track

SIZE_PX = (1000, 500)  # 1 % of the longest side: 10 px
ANKLE = 15


def _track(ankle_px: tuple[float, float]) -> PoseTrack:
    points = np.full((30, 17, 2), 250.0)
    points[10:20, ANKLE] = ankle_px
    return PoseTrack(
        points, np.full((30, 17), 0.9), np.arange(30) / 30.0, SIZE_PX
    )


@pytest.mark.parametrize(
    ("ankle_px", "is_cut"),
    [((9.0, 250.0), True), ((11.0, 250.0), False), ((991.0, 250.0), True), ((989.0, 250.0), False),
     ((500.0, 491.0), True), ((500.0, 489.0), False), ((-40.0, 250.0), True)],
)  # fmt: skip
def test_a_point_within_a_hundredth_of_the_border_is_not_seen(
    ankle_px: tuple[float, float], is_cut: bool
) -> None:
    track = _track(ankle_px)
    expected = np.zeros((30, 17), bool)
    expected[10:20, ANKLE] = is_cut
    assert (at_border(track) == expected).all()
    cut = without_border(track)
    assert (np.isnan(cut.keypoints_px).any(axis=2) == expected).all()
    assert ((cut.confidence == 0) == expected).all()
    assert (foot_cut_off(track) == expected[:, ANKLE]).all()


def test_a_hand_at_the_border_is_no_foot() -> None:
    track = _track((500.0, 250.0))
    track.keypoints_px[:, 9] = (0.0, 250.0)
    assert not foot_cut_off(track).any() and without_border(track) is track


def test_the_margin_is_as_long_as_the_slowest_filter_rings() -> None:
    """Answer of a 4 Hz zero-lag Butterworth (second order, both ways) to a step, and a frame."""
    rate_hz = 480.0
    time_s = np.arange(-2.0, 2.0, 1 / rate_hz)
    step = (time_s > 0).astype(float)
    answer = sosfiltfilt(butter(2, 4.0, fs=rate_hz, output="sos"), step)
    rings_s = time_s[np.abs(answer - step) > 0.01].max()
    assert rings_s + 1 / 30 <= GAP_MARGIN_S < rings_s + 3 / 30


def test_no_force_is_told_while_a_foot_is_out_of_the_picture() -> None:
    """The picture ends above the feet from 4 to 5 s: no forces then, nor a quarter of a second before and after."""
    track = synthetic_track("squat", 3, 9.0)
    points = track.keypoints_px.copy()
    out = (track.time_s > 4.0) & (track.time_s < 5.0)
    points[out, 15, 1] = track.size_px[1] + 5.0
    cut = PoseTrack(points, track.confidence, track.time_s, track.size_px)
    analysis = analyse_track(cut, Athlete(1.8, 80.0, "male"), ExternalLoad())
    told = np.isfinite(analysis.grf_world_n).all(axis=(1, 2))
    near = (track.time_s > 4.0 - 0.2) & (track.time_s < 5.0 + 0.2)
    assert not told[near].any()
    assert told[(track.time_s > 1.0) & (track.time_s < 3.6)].all()
    assert told[(track.time_s > 5.4) & (track.time_s < 8.0)].all()
    assert any(
        "cut off by the picture's border in 12 %" in w
        for w in analysis.warnings
    )
