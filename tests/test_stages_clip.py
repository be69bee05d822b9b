"""A clip with a gap through the whole pipeline: what was not seen is not told, what was told arrives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from musclepose import pipeline
from musclepose.pipeline import analyse_track
from musclepose.records import Athlete, ExternalLoad
from musclepose.synthesis.synthetic import synthetic_track


@pytest.fixture(scope="module")
def gap() -> Any:
    """A generated squat that nobody saw for a second, with a load and a remark."""
    track = synthetic_track("squat", 1, 5.0)
    sure, points = track.confidence.copy(), track.keypoints_px.copy()
    sure[60:90], points[60:90] = 0.0, np.nan
    blind = replace(
        track, confidence=sure, keypoints_px=points, warnings=("A remark.",)
    )
    return analyse_track(
        blind, Athlete(1.8, 80.0, "male"), ExternalLoad(20.0, "shoulders")
    )


def test_where_nobody_was_seen_nothing_is_told_but_the_pose(gap: Any) -> None:
    for name in (
        "contact",
        "grf_world_n",
        "cop_world_m",
        "free_moment_nm",
        "tau_nm",
        "tau_mtg_nm",
        "activation",
        "effort",
        "tau_band_nm",
        "grf_band_n",
    ):
        values = getattr(gap, name)
        assert np.isnan(values[60:90]).all(), name
        assert np.isfinite(values[20:40]).any(), name
    assert np.isfinite(gap.q).all() and "A remark." in gap.warnings


def test_rates_are_those_of_the_coordinates(gap: Any) -> None:
    inside = slice(10, 50)
    velocity = np.gradient(gap.q, gap.time_s, axis=0)
    acceleration = np.gradient(gap.qdot, gap.time_s, axis=0)
    for derived, told in ((velocity, gap.qdot), (acceleration, gap.qddot)):
        knee = derived[inside, 36], told[inside, 36]
        assert np.corrcoef(*knee)[0, 1] > 0.97
        assert np.std(knee[0]) == pytest.approx(np.std(knee[1]), rel=0.25)


def test_bands_are_no_torques_and_the_load_stays_told(gap: Any) -> None:
    seen = np.isfinite(gap.tau_band_nm[:, 6:])
    assert (gap.tau_band_nm[:, 6:][seen] > 0).all()
    assert (
        gap.load == ExternalLoad(20.0, "shoulders")
        and gap.athlete.mass_kg == 80.0
    )


def test_warnings_of_the_physics_reach_the_analysis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        pipeline, "support_warnings", lambda *_: ("Something else carries.",)
    )
    track = replace(synthetic_track("squat", 1, 2.0), warnings=("A remark.",))
    made = analyse_track(track, Athlete(1.8, 80.0, "male"), ExternalLoad())
    assert made.warnings == ("A remark.", "Something else carries.")
