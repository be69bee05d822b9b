"""The real example clip, from the file to the steps of the walking woman."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from musclepose.assets import asset_path
from musclepose.errors import AssetError
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.pose.detector import YoloPoseDetector
from musclepose.pose.follow import track_video
from musclepose.records import Athlete, ExternalLoad, PoseTrack
from musclepose.wave_llm.bridge import summarise

WALKER = 0


@pytest.fixture(scope="module")
def walker() -> PoseTrack:
    try:
        clip: Path = asset_path("example-clip")
        return track_video(clip, YoloPoseDetector(), WALKER)
    except AssetError as error:
        pytest.skip(str(error))


def test_her_steps_are_counted_where_her_ankles_are_furthest_apart(
    walker: PoseTrack,
) -> None:
    apart = walker.keypoints_px[:, 15, 0] - walker.keypoints_px[:, 16, 0]
    seen = np.isfinite(apart)
    smooth = gaussian_filter1d(apart[seen], 2)
    widest = walker.time_s[seen][find_peaks(np.abs(smooth), prominence=15)[0]]
    summary = summarise(
        analyse_track(walker, Athlete(), ExternalLoad(), AnalyseOptions())
    )
    assert summary.exercise.name == "walking"
    found = np.array([s.time_s for s in summary.steps])
    assert len(found) == len(widest) == 8
    np.testing.assert_allclose(found, widest, atol=0.1)
    sides = [s.side for s in summary.steps]
    assert all(a != b for a, b in zip(sides[:-1], sides[1:], strict=True))
