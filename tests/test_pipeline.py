"""The whole path from keypoints: a generated squat filmed by a virtual camera, analysed with the committed weights."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from musclepose.errors import CheckpointError, InputError, NoPersonError
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.pipeline import (
    AnalyseOptions,
    analyse_read,
    analyse_track,
    read_motion,
)
from musclepose.quality import quality_of
from musclepose.records import Analysis, Athlete, ExternalLoad
from musclepose.synthesis.synthetic import synthetic_track

ATHLETE = Athlete(1.78, 75.0, "male", 30)
NO_LOAD = ExternalLoad(0.0, "hands")


@lru_cache(maxsize=1)
def squat() -> Analysis:
    return analyse_track(synthetic_track("squat", 1, 6.0), ATHLETE, NO_LOAD)


def test_every_array_is_on_the_source_times_and_finite() -> None:
    a = squat()
    frames = len(a.track.time_s)
    for name in (
        "q",
        "qdot",
        "qddot",
        "joints_world_m",
        "keypoints_world_m",
        "com_world_m",
        "contact",
        "grf_world_n",
        "tau_nm",
        "tau_mtg_nm",
        "activation",
        "effort",
        "tau_band_nm",
        "grf_band_n",
        "free_moment_nm",
    ):
        values = getattr(a, name)
        assert len(values) == frames, name
        assert np.isfinite(values).all(), name
    assert a.assumed == ()


def test_a_squat_bends_the_knees_and_the_ground_carries_the_body() -> None:
    a = squat()
    for side in "lr":
        knee = np.degrees(a.q[:, DOF_INDEX[f"knee_flexion_{side}"]])
        assert np.percentile(knee, 97) - np.percentile(knee, 3) > 40
        assert np.percentile(knee, 1) > -10 and np.percentile(knee, 99) < 165
    mean_vertical = a.grf_world_n[:, :, 1].sum(1).mean()
    assert mean_vertical == pytest.approx(75 * G_M_S2, rel=0.1)
    assert 0.7 < a.com_world_m[:, 1].max() < 1.2  # m above the floor, standing


def test_the_fitted_body_lies_on_the_keypoints() -> None:
    a = squat()
    miss = np.linalg.norm(a.keypoints_fit_px - a.track.keypoints_px, axis=-1)
    person_px = np.nanmax(a.track.keypoints_px[..., 1]) - np.nanmin(
        a.track.keypoints_px[..., 1]
    )
    assert np.nanmedian(miss) < 0.04 * person_px


def test_quality_follows_from_the_arrays_that_are_written() -> None:
    a = squat()
    again = quality_of(
        a.q,
        a.tau_nm,
        a.grf_world_n,
        a.com_world_m,
        a.track,
        a.keypoints_fit_px,
        75.0,
    )
    assert again == a.quality
    doubled = quality_of(
        a.q,
        a.tau_nm + np.eye(47)[1] * 75 * G_M_S2,
        a.grf_world_n,
        a.com_world_m,
        a.track,
        a.keypoints_fit_px,
        75.0,
    )
    assert (
        doubled.root_residual_force_bw > a.quality.root_residual_force_bw + 0.5
    )
    assert doubled.level == "low" and "Hicks" in doubled.warnings[0]


def test_what_was_not_told_is_marked_assumed() -> None:
    a = analyse_track(synthetic_track("squat", 1, 3.0), Athlete(), NO_LOAD)
    assert set(a.assumed) == {"height_m", "mass_kg", "sex", "age_years"}
    assert (
        a.athlete.height_m
        and a.athlete.mass_kg
        and 40 < a.athlete.mass_kg < 120
    )


def test_slow_motion_speeds_the_motion_up() -> None:
    track = synthetic_track("squat", 1, 4.0)
    seen = (
        "Another person overlapped this one around 12.0 s; from there on the two may be exchanged.",
        "The film has 2 cuts (4.4 s, 9.2 s); only the shot from 9.2 s to 16.0 s was analysed.",
    )
    slowed = replace(track, time_s=track.time_s * 4, warnings=seen)
    normal = analyse_track(track, ATHLETE, NO_LOAD)
    corrected = analyse_track(
        slowed, ATHLETE, NO_LOAD, AnalyseOptions(slow_motion=4.0)
    )
    assert np.allclose(corrected.time_s, normal.time_s)
    assert np.allclose(corrected.q, normal.q, atol=1e-6)
    assert corrected.warnings[
        :2
    ] == (  # times of the film are times of the results
        "Another person overlapped this one around 3.0 s; from there on the two may be exchanged.",
        "The film has 2 cuts (1.1 s, 2.3 s); only the shot from 2.3 s to 4.0 s was analysed.",
    )


def test_a_correction_gives_what_a_new_analysis_gives() -> None:
    """From one reading, in any order: nothing of an earlier mass or load stays in it."""
    track = synthetic_track("squat", 1, 4.0)
    read = read_motion(track, ATHLETE.height_m)
    heavy, loaded = (
        replace(ATHLETE, mass_kg=110.0),
        ExternalLoad(60.0, "shoulders"),
    )
    for athlete, load in (
        (ATHLETE, loaded),
        (heavy, NO_LOAD),
        (ATHLETE, NO_LOAD),
    ):
        again, anew = (
            analyse_read(read, athlete, load),
            analyse_track(track, athlete, load),
        )
        assert np.array_equal(again.tau_nm, anew.tau_nm, equal_nan=True)
        assert np.array_equal(again.grf_band_n, anew.grf_band_n, equal_nan=True)
        assert again.warnings == anew.warnings and again.quality == anew.quality


def test_a_frame_rate_of_60_gives_the_same_motion() -> None:
    """Keypoints halfway between the frames are added: nothing about the motion changes."""
    track = synthetic_track("squat", 1, 4.0)
    time_s = np.arange(2 * len(track.time_s) - 1) / 60.0
    px = np.nan_to_num(track.keypoints_px).reshape(len(track.time_s), -1)
    points = np.stack(
        [np.interp(time_s, track.time_s, column) for column in px.T], 1
    ).reshape(-1, 17, 2)
    whole = replace(
        track,
        keypoints_px=np.nan_to_num(track.keypoints_px),
        confidence=np.ones_like(track.confidence),
    )
    fine = replace(
        whole,
        keypoints_px=points,
        confidence=np.ones((len(time_s), 17)),
        time_s=time_s,
    )
    a, b = (
        analyse_track(whole, ATHLETE, NO_LOAD),
        analyse_track(fine, ATHLETE, NO_LOAD),
    )
    difference = np.degrees(np.abs(b.q[::2, 6:] - a.q[:, 6:]))
    assert np.median(difference) < 1.0


def test_bad_input_ends_in_one_sentence() -> None:
    track = synthetic_track("squat", 1, 3.0)
    unseen = replace(
        track,
        keypoints_px=np.full_like(track.keypoints_px, np.nan),
        confidence=np.zeros_like(track.confidence),
    )
    with pytest.raises(NoPersonError, match="0 % of the joints"):
        analyse_track(unseen, ATHLETE, NO_LOAD)
    short = replace(
        track,
        keypoints_px=track.keypoints_px[:5],
        confidence=track.confidence[:5],
        time_s=track.time_s[:5],
    )
    with pytest.raises(InputError, match="needs at least"):
        analyse_track(short, ATHLETE, NO_LOAD)
    with pytest.raises(InputError, match="slow-motion"):
        AnalyseOptions(slow_motion=0.1)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="none.safetensors"):
        analyse_track(
            synthetic_track("squat", 1, 3.0),
            ATHLETE,
            NO_LOAD,
            AnalyseOptions(tmp_path / "none.safetensors"),
        )


def test_nothing_is_told_of_a_gap_and_the_rest_stays() -> None:
    track = synthetic_track("squat", 1, 6.0)
    hidden = (track.time_s > 2.0) & (track.time_s < 3.0)
    keypoints, confidence = track.keypoints_px.copy(), track.confidence.copy()
    keypoints[hidden], confidence[hidden] = np.nan, 0.0
    out = analyse_track(
        replace(track, keypoints_px=keypoints, confidence=confidence),
        ATHLETE,
        NO_LOAD,
    )
    for values in (
        out.tau_nm,
        out.grf_world_n,
        out.activation,
        out.effort,
        out.contact,
        out.tau_band_nm,
    ):
        assert np.isnan(values[hidden]).all()
        assert np.isfinite(
            values[(track.time_s < 1.7) | (track.time_s > 3.3)]
        ).all()
    assert np.isfinite(out.quality.root_residual_force_bw)
    assert np.isfinite(out.q).all()
