"""What must hold for any clip: mirrored, moved, scaled and re-timed keypoints change the results as physics says, and
whatever track is valid gives numbers or one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from musclepose.errors import MusclePoseError
from musclepose.models.mirror import mirror_keypoints
from musclepose.movement.summarise import summarise
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX, mirror_index
from musclepose.pipeline import AnalyseOptions, analyse_track
from musclepose.records import Analysis, Athlete, ExternalLoad, PoseTrack
from musclepose.report.analysis_json import Clip, analysis_record
from musclepose.synthesis.synthetic import synthetic_track
from musclepose.wave_llm.coach import Coach

ATHLETE, NO_LOAD = Athlete(1.75, 75.0, "male"), ExternalLoad()
KNEES = [DOF_INDEX["knee_flexion_l"], DOF_INDEX["knee_flexion_r"]]
few = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=150)
seeds = some.integers(0, 10_000)
exercises = some.sampled_from(("squat", "lunge", "deadlift"))


@lru_cache(maxsize=8)
def seen(exercise: str, seed: int) -> PoseTrack:
    """A generated exercise of three seconds with all joints in sight, so that no rule about gaps comes in."""
    track = synthetic_track(exercise, seed, 3.0)
    points = np.nan_to_num(
        track.keypoints_px, nan=float(np.nanmedian(track.keypoints_px))
    )
    return replace(
        track, keypoints_px=points, confidence=np.full(points.shape[:2], 0.9)
    )


@lru_cache(maxsize=8)
def analysed(exercise: str, seed: int) -> Analysis:
    """The analysis of `seen`."""
    return analyse_track(seen(exercise, seed), ATHLETE, NO_LOAD)


@few
@given(exercise=exercises, seed=seeds)
def test_a_mirrored_clip_exchanges_left_and_right(
    exercise: str, seed: int
) -> None:
    track, here = seen(exercise, seed), analysed(exercise, seed)
    points, confidence = mirror_keypoints(
        torch.from_numpy(track.keypoints_px),
        torch.from_numpy(track.confidence),
        track.size_px[0],
    )
    there = analyse_track(
        replace(
            track, keypoints_px=points.numpy(), confidence=confidence.numpy()
        ),
        ATHLETE,
        NO_LOAD,
    )
    index, sign = (np.asarray(one) for one in mirror_index())
    joints = slice(
        6, None
    )  # the root stands in the world, which is mirrored as a whole
    exchanged = (here.q[:, index] * sign)[:, joints]
    np.testing.assert_allclose(
        there.q[:, joints], exchanged, atol=np.radians(0.2)
    )
    np.testing.assert_allclose(
        there.grf_world_n[..., 1],
        here.grf_world_n[:, ::-1, 1],
        atol=0.01 * 75.0 * G_M_S2,
    )
    torque = (here.tau_nm[:, index] * sign)[:, joints]
    np.testing.assert_allclose(there.tau_nm[:, joints], torque, atol=3.0)


@few
@given(exercise=exercises, seed=seeds, factor=some.floats(0.4, 3.0))
def test_a_picture_of_another_size_shows_the_same_body(
    exercise: str, seed: int, factor: float
) -> None:
    track, here = seen(exercise, seed), analysed(exercise, seed)
    size = (round(track.size_px[0] * factor), round(track.size_px[1] * factor))
    exact = size[0] / track.size_px[0]
    there = analyse_track(
        replace(track, keypoints_px=track.keypoints_px * exact, size_px=size),
        ATHLETE,
        NO_LOAD,
    )
    np.testing.assert_allclose(
        there.q[:, 6:], here.q[:, 6:], atol=np.radians(1.0)
    )
    np.testing.assert_allclose(
        there.grf_world_n, here.grf_world_n, atol=0.03 * 75.0 * G_M_S2
    )


@few
@given(exercise=exercises, seed=seeds, mass_kg=some.floats(40.0, 150.0))
def test_forces_and_torques_go_with_mass(
    exercise: str, seed: int, mass_kg: float
) -> None:
    here = analysed(exercise, seed)
    there = analyse_track(
        seen(exercise, seed), replace(ATHLETE, mass_kg=mass_kg), NO_LOAD
    )
    ratio = mass_kg / 75.0
    np.testing.assert_allclose(
        there.q, here.q, atol=2e-3
    )  # the load moves no joint
    np.testing.assert_allclose(
        there.grf_world_n / ratio, here.grf_world_n, atol=0.005 * 75.0 * G_M_S2
    )
    np.testing.assert_allclose(
        there.tau_nm[:, 6:] / ratio, here.tau_nm[:, 6:], atol=2.0
    )


@few
@given(seed=seeds, slower=some.floats(1.0, 6.0))
def test_a_film_that_plays_slower_is_the_same_once_told(
    seed: int, slower: float
) -> None:
    """Of the network's own motion: the refinement's many steps make millimetres of a rounding of the times."""
    track = seen("squat", seed)
    plain = AnalyseOptions(refine=False)
    here = analyse_track(track, ATHLETE, NO_LOAD, plain)
    there = analyse_track(
        replace(track, time_s=track.time_s * slower),
        ATHLETE,
        NO_LOAD,
        replace(plain, slow_motion=slower),
    )
    np.testing.assert_allclose(there.time_s, here.time_s, atol=1e-9)
    np.testing.assert_allclose(there.q, here.q, atol=1e-4)
    np.testing.assert_allclose(there.tau_nm, here.tau_nm, atol=0.5)


@few
@given(seed=seeds, slower=some.floats(1.0, 2.0))
def test_the_ground_carries_the_weight_at_every_pace(
    seed: int, slower: float
) -> None:
    """Who begins and ends at rest gains no momentum: the mean vertical force is the weight, and angles know no pace."""
    track = seen("squat", seed)
    there = analyse_track(
        replace(track, time_s=track.time_s * slower), ATHLETE, NO_LOAD
    )
    mean_n = np.nanmean(there.grf_world_n[:, :, 1].sum(axis=1))
    assert abs(mean_n / (75.0 * G_M_S2) - 1) < 0.06
    here = analysed("squat", seed)
    bend, there_bend = (
        here.q[:, KNEES].max(axis=0),
        there.q[:, KNEES].max(axis=0),
    )
    np.testing.assert_allclose(there_bend, bend, atol=np.radians(8.0))


@some.composite
def tracks(draw: some.DrawFn) -> PoseTrack:
    """Any track that a detector could hand over: walks of points, gaps, uneven times, any picture."""
    random = np.random.default_rng(draw(some.integers(0, 2**32 - 1)))
    frames = draw(some.integers(10, 60))
    size = draw(some.tuples(some.integers(64, 4096), some.integers(64, 4096)))
    rate_hz = draw(some.floats(12.0, 100.0))
    start = random.uniform(0.0, 1.0, (1, 17, 2))
    step = draw(some.sampled_from((0.0, 0.001, 0.01, 0.2)))
    shares = start + step * random.standard_normal((frames, 17, 2)).cumsum(
        axis=0
    )
    points = np.clip(shares, -0.5, 1.5) * size
    confidence = random.uniform(0.05, 1.0, (frames, 17))
    confidence[
        random.random((frames, 17)) < draw(some.sampled_from((0.0, 0.1, 0.6)))
    ] = 0.0
    first, count = random.integers(frames), draw(some.integers(0, frames // 2))
    confidence[first : first + count] = 0.0
    steps = random.uniform(0.5, 1.5, frames) / rate_hz
    time_s = np.concatenate([[0.0], np.cumsum(steps[1:])])
    points = np.where(confidence[..., None] > 0, points, np.nan)
    return PoseTrack(points, confidence, time_s, size)


def _numbers_or_a_sentence(track: PoseTrack, load: ExternalLoad) -> None:
    try:
        analysis = analyse_track(track, Athlete(), load)
        summary = summarise(analysis)
        record = analysis_record(analysis, summary, Clip("any"))
        text = "".join(Coach.of_rules().stream(summary))
    except MusclePoseError as refusal:
        said = str(refusal)
        assert (
            "\n" not in said
            and said.endswith(".")
            and "nan" not in said.lower().split()
        )
        return
    written = json.dumps(
        record, allow_nan=False
    )  # raises where something is undefined
    words = (
        (text + " " + " ".join(analysis.warnings))
        .lower()
        .replace(",", " ")
        .split()
    )
    assert text.strip() and not {"nan", "inf", "none"} & set(words), text
    assert "NaN" not in written and np.isfinite(analysis.q).all()


any_load = some.builds(
    ExternalLoad,
    some.sampled_from((0.0, 20.0, 200.0)),
    some.sampled_from(("hands", "shoulders")),
)


@settings(few, max_examples=6)
@given(track=tracks(), load=any_load)
def test_a_random_track_gives_numbers_or_a_sentence(
    track: PoseTrack, load: ExternalLoad
) -> None:
    _numbers_or_a_sentence(track, load)


@pytest.mark.slow
@many
@given(track=tracks(), load=any_load)
def test_many_random_tracks_give_numbers_or_a_sentence(
    track: PoseTrack, load: ExternalLoad
) -> None:
    _numbers_or_a_sentence(track, load)
