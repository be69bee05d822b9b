"""Clips of any length: windows blend without seams; resampling keeps time and gaps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from musclepose.data.resample import (
    RATE_HZ,
    grid_times,
    resample_feet,
    resample_track,
    to_source_times,
)
from musclepose.models.inference import Windows, _blend, infer_clip
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO
from musclepose.records import PoseTrack


@pytest.mark.parametrize("frames", [5, 96, 97, 143, 144, 500])
def test_windows_cover_every_frame_and_weights_sum_to_one(frames: int) -> None:
    windows = Windows.over(frames, 96)
    assert (
        windows.starts[0] == 0 and windows.starts[-1] + windows.length == frames
    )
    total = torch.zeros(frames)
    for start, weight in zip(
        windows.starts, windows.weights(frames), strict=True
    ):
        total[start : start + windows.length] += weight
    assert torch.allclose(total, torch.ones(frames), atol=1e-5)


def test_blending_gives_back_a_signal_that_all_windows_agree_on() -> None:
    windows = Windows.over(300, 96)
    signal = torch.sin(torch.arange(300) * 0.1)[:, None]
    pieces = torch.stack(
        [signal[s : s + windows.length] for s in windows.starts]
    )
    assert torch.allclose(_blend(pieces, windows, 300), signal, atol=1e-5)


def test_a_window_border_makes_no_step_larger_than_the_motion_itself() -> None:
    torch.manual_seed(3)
    model = MusclePoseCOCO(
        ModelConfig(width=32, layers=2, heads=2, window=32)
    ).eval()
    t = torch.arange(100)[:, None, None] / 30.0
    body = torch.rand(1, 17, 2) * 200
    px = 300 + body + 30 * torch.sin(2 * t)
    out = infer_clip(model, px, torch.ones(100, 17), (640, 640), 1.7)
    step = out.motion.p_world_root.diff(dim=0).norm(dim=-1)
    borders = [16 * k for k in range(1, 5)]
    assert step[borders].max() <= 2.0 * step.quantile(0.95)


def _track(time_s: np.ndarray) -> PoseTrack:
    x = 100 + 50 * np.sin(2 * np.pi * 0.5 * time_s)
    px = np.repeat(np.stack((x, x + 10), -1)[:, None], 17, 1)
    return PoseTrack(px, np.full((len(time_s), 17), 0.8), time_s, (640, 480))


def test_thirty_hertz_passes_through_unchanged() -> None:
    track = _track(np.arange(60) / RATE_HZ)
    px, confidence, grid = resample_track(track)
    np.testing.assert_allclose(px, track.keypoints_px, rtol=1e-6)
    np.testing.assert_allclose(grid, track.time_s, atol=1e-12)
    assert confidence == pytest.approx(0.8)


@pytest.mark.parametrize("fps", [24.0, 59.94, 120.0])
def test_other_and_variable_rates_follow_the_time_stamps(fps: float) -> None:
    jitter = np.random.default_rng(0).uniform(-0.2, 0.2, 400) / fps
    time_s = np.arange(int(3 * fps)) / fps + jitter[: int(3 * fps)]
    track = _track(time_s - time_s[0])
    px, _, grid = resample_track(track)
    np.testing.assert_allclose(
        px[:, 0, 0], 100 + 50 * np.sin(np.pi * grid), atol=1.0
    )
    back = to_source_times(px[:, 0, 0].astype(float), grid, track.time_s)
    inside = track.time_s <= grid[-1]
    np.testing.assert_allclose(
        back[inside], track.keypoints_px[inside, 0, 0], atol=1.5
    )


def test_gaps_stay_gaps() -> None:
    track = _track(np.arange(90) / RATE_HZ)
    track.keypoints_px[30:45, 3] = np.nan
    track.confidence[30:45, 3] = 0.0
    px, confidence, _ = resample_track(track)
    assert np.isnan(px[30:45, 3]).all() and (confidence[30:45, 3] == 0).all()
    assert np.isfinite(px[:, 4]).all() and np.isfinite(px[28, 3]).all()


def test_a_missing_stretch_of_frames_is_not_bridged() -> None:
    time_s = np.concatenate((np.arange(30), np.arange(50, 80))) / RATE_HZ
    px, confidence, grid = resample_track(_track(time_s))
    hole = (grid > 31 / RATE_HZ) & (grid < 49 / RATE_HZ)
    assert np.isnan(px[hole]).all() and (confidence[hole] == 0).all()
    assert len(grid_times(time_s)) == 80


def test_feet_come_to_the_grid_where_they_were_located() -> None:
    time_s = np.arange(12) / 60.0
    track = _track(time_s)
    feet = np.zeros((12, 4, 2))
    feet[..., 0] = 100.0 + 60.0 * time_s[:, None]
    feet[4:, 1] = np.nan  # the right heel is lost
    with_feet = replace(
        track, heel_toe_px=feet, heel_toe_visibility=np.ones((12, 4))
    )
    found = resample_feet(with_feet)
    assert resample_feet(track) is None
    assert found is not None and found.shape[1:] == (4, 2)
    inner = found[1:4, 0, 0] - 100.0
    assert inner.tolist() == pytest.approx(
        [2.0, 4.0, 6.0], abs=1e-3
    )  # 60 px/s on the 30 Hz grid
    assert np.isfinite(found[0, 1]).all() and np.isnan(found[3:, 1]).all()
