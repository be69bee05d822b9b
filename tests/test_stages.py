"""What passes from stage to stage: keypoints, confidences, gaps, camera, what was told; sides and limits by hand."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from asymmetric_analysis import POINT_ORDER, asymmetric_analysis

from musclepose import api, infer, pipeline
from musclepose.data.loader import sample_from_fields
from musclepose.data.resample import resample_track, to_source_times
from musclepose.data.tokens import make_tokens_from_coco
from musclepose.errors import InputError, NoPersonError
from musclepose.models.decode import CameraOut, picture_from_world
from musclepose.models.mirror import mirror_keypoints
from musclepose.physics.anthropometrics import assumed_fields, person_of
from musclepose.pipeline import camera_record, frames_seen
from musclepose.pose.choice import choose
from musclepose.pose.detections import Detections
from musclepose.pose.detector import _people
from musclepose.pose.follow import FollowedPeople
from musclepose.pose.tracking import FollowedPerson
from musclepose.records import Athlete, ExternalLoad, PoseTrack
from musclepose.synthesis.noise import NoiseConfig, _swap

SIZE_PX = (640, 480)


# Detector -> track


def test_detections_scale_x_and_y_by_their_own_factor() -> None:
    one = Detections(
        np.array([[10.0, 20.0, 30.0, 40.0]]),
        np.array([0.9]),
        np.full((1, 17, 2), 7.0),
        np.ones((1, 17)),
    )
    scaled = one.scaled(2.0, 3.0)
    assert scaled.boxes_px[0].tolist() == [20.0, 60.0, 60.0, 120.0]
    assert scaled.keypoints_px[0, 0].tolist() == [14.0, 21.0]


def followed(frames: list[int], confidence: float = 0.9) -> FollowedPerson:
    person = FollowedPerson()
    person.frames = frames
    person.keypoints_px = [np.full((17, 2), 10.0 + f) for f in frames]
    person.confidence = [np.full(17, confidence) for _ in frames]
    person.boxes_px = [np.array([0.0, 0.0, 50.0, 100.0]) for _ in frames]
    return person


TIME_S = np.arange(20) / 30.0


def test_a_joint_below_three_tenths_is_not_seen() -> None:
    person = followed(list(range(20)))
    person.confidence[4][9], person.confidence[5][9] = 0.29, 0.31
    track = choose([person], 0, TIME_S, SIZE_PX)
    assert (
        np.isnan(track.keypoints_px[4, 9]).all()
        and track.confidence[4, 9] == 0.0
    )
    assert (
        track.keypoints_px[5, 9].tolist() == [15.0, 15.0]
        and track.confidence[5, 9] == 0.31
    )


@pytest.mark.parametrize(("last", "told"), [(18, False), (17, True)])
def test_missing_pictures_are_told_above_a_tenth(last: int, told: bool) -> None:
    track = choose([followed(list(range(last)))], 0, TIME_S, SIZE_PX)
    assert any("was not found in" in w for w in track.warnings) == told
    assert (
        np.isnan(track.keypoints_px[last:]).all()
        and (track.confidence[last:] == 0).all()
    )


def test_the_second_person_is_the_second_person() -> None:
    other = followed(list(range(20)))
    other.keypoints_px = [p + 300.0 for p in other.keypoints_px]
    people = FollowedPeople(
        [followed(list(range(20))), other],
        TIME_S,
        SIZE_PX,
        "yolo",
        ("A note.",),
    )
    track = people.track(1)
    assert track.keypoints_px[0, 0, 0] == 310.0 and (
        track.people,
        track.person,
    ) == (2, 1)
    assert (
        track.warnings[0] == "A note."
        and "2 people were followed" in track.warnings[1]
    )
    with pytest.raises(InputError, match="0 to 1"):
        people.track(2)


def test_a_sample_without_confidence_has_a_gap_there() -> None:
    fields = {
        "kxy": np.tile(
            np.linspace([50.0, 50.0], [200.0, 400.0], 17), (6, 1, 1)
        ),
        "kconf": np.full((6, 17), 0.9),
        "size_px": [640, 480],
        "mass_kg": 71.0,
        "height_m": 1.7,
    }
    fields["kconf"][2, 3] = 0.0
    sample = sample_from_fields(fields, "x")
    assert np.isnan(sample.track.keypoints_px[2, 3]).all()
    assert np.isfinite(sample.track.keypoints_px[2, 4]).all()
    assert (sample.athlete.mass_kg, sample.athlete.height_m) == (71.0, 1.7)


@pytest.mark.parametrize(
    ("told", "allowed"),
    [
        ({"height_m": 1.19}, False), ({"height_m": 1.21}, True), ({"height_m": 2.31}, False),
        ({"mass_kg": 24.0}, False), ({"mass_kg": 26.0}, True), ({"mass_kg": 251.0}, False),
        ({"age_years": 9.0}, False), ({"age_years": 11.0}, True),
    ],
)  # fmt: skip
def test_an_athlete_is_1_2_to_2_3_m_and_25_to_250_kg(
    told: dict[str, float], allowed: bool
) -> None:
    if allowed:
        Athlete(**told)
    else:
        with pytest.raises(InputError, match="must lie between"):
            Athlete(**told)


# Track -> 30 Hz -> source times


def moving_track(rate_hz: float, gone: slice = slice(0, 0)) -> PoseTrack:
    """Every joint at x = 100 + 60 t, y = 200 - 30 t, confidence 0.4 + 0.1 t; two seconds."""
    time_s = np.arange(round(2 * rate_hz) + 1) / rate_hz
    x, y = 100.0 + 60.0 * time_s, 200.0 - 30.0 * time_s
    points = np.repeat(np.stack([x, y], axis=1)[:, None], 17, axis=1)
    sure = np.repeat((0.4 + 0.1 * time_s)[:, None], 17, axis=1)
    points[gone], sure[gone] = np.nan, 0.0
    return PoseTrack(points, sure, time_s, SIZE_PX)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0])
def test_resampling_keeps_place_and_confidence(rate_hz: float) -> None:
    xy, confidence, grid = resample_track(moving_track(rate_hz))
    assert np.allclose(grid, np.arange(61) / 30.0)
    assert np.allclose(xy[1:-1, 8, 0], 100.0 + 60.0 * grid[1:-1], atol=1e-3)
    assert np.allclose(xy[1:-1, 8, 1], 200.0 - 30.0 * grid[1:-1], atol=1e-3)
    assert np.allclose(confidence[1:-1, 8], 0.4 + 0.1 * grid[1:-1], atol=1e-4)


def test_a_point_without_confidence_does_not_move_its_neighbours() -> None:
    track = moving_track(30.0)
    wrong = track.keypoints_px.copy()
    sure = track.confidence.copy()
    wrong[20], sure[20] = 5000.0, 0.0
    xy, confidence, grid = resample_track(
        replace(track, keypoints_px=wrong, confidence=sure)
    )
    assert np.isnan(xy[20]).all() and (confidence[20] == 0).all()
    near = np.r_[17:20, 21:24]
    assert np.allclose(xy[near, 0, 0], 100.0 + 60.0 * grid[near], atol=1e-3)


@pytest.mark.parametrize(("gap_s", "bridged"), [(0.15, True), (0.3, False)])
def test_keypoints_are_carried_across_two_tenths_of_a_second(
    gap_s: float, bridged: bool
) -> None:
    """Time stamps that jump, as where a film was cut: between them is a line, or nothing."""
    track = moving_track(30.0)
    keep = (track.time_s <= 1.0) | (track.time_s >= 1.0 + gap_s - 1e-6)
    cut = PoseTrack(
        track.keypoints_px[keep],
        track.confidence[keep],
        track.time_s[keep],
        SIZE_PX,
    )
    xy, _, grid = resample_track(cut)
    inside = (grid > 1.0 + 0.04) & (grid < 1.0 + gap_s - 0.04)
    assert inside.any() and np.isfinite(xy[inside]).all() == bridged


def test_half_of_the_weight_must_be_seen() -> None:
    """At 120 frames a second a grid point rests on seven frames with the weights 1 2 3 4 3 2 1 quarters."""
    for seen, is_seen in (([4], False), ([3, 4, 5], True)):
        track = moving_track(120.0)
        sure = track.confidence.copy()
        hidden = [40 + k for k in range(-3, 4) if k + 4 not in seen]
        sure[hidden, 0] = 0.0
        _, confidence, _ = resample_track(replace(track, confidence=sure))
        assert (confidence[10, 0] > 0) == is_seen


def test_results_come_back_at_their_own_times() -> None:
    grid = np.arange(31) / 30.0
    times = np.array([0.0, 0.011, 0.5, 0.777, 1.0])
    values = np.stack([2.0 * grid, 1.0 - grid], axis=1)
    back = to_source_times(values, grid, times)
    assert np.allclose(back, np.stack([2.0 * times, 1.0 - times], axis=1))
    shifted = to_source_times(values, grid + 4.0, times + 4.0)
    assert np.allclose(shifted, back)
    values[10] = np.nan
    near = to_source_times(
        values, grid, np.array([9.4, 9.6, 10.4, 10.6]) / 30.0
    )
    assert np.isfinite(near[:, 0]).tolist() == [True, False, False, True]


# Keypoints -> tokens


def token_input() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    points = (
        torch.rand(1, 8, 17, 2, generator=torch.Generator().manual_seed(3))
        * 200.0
        + 100.0
    )
    return points, torch.full((1, 8, 17), 0.8), torch.tensor([[640.0, 480.0]])


@pytest.mark.parametrize(
    ("confidence", "is_seen"), [(0.29, False), (0.31, True)]
)
def test_a_token_takes_joints_from_three_tenths_on(
    confidence: float, is_seen: bool
) -> None:
    points, sure, size = token_input()
    sure[0, 4, 6] = confidence
    features = make_tokens_from_coco(points, sure, size).features[0, 4]
    assert float(features[85 + 6]) == float(is_seen)
    assert (features[34 + 12 : 34 + 14] != 0).all() == is_seen


def test_a_token_holds_the_confidence_itself() -> None:
    """Layout: 34 relative, 34 in the picture, 17 confidences, 17 seen, 3 of the frame, 7 of the clip, 12 of feet."""
    points, _, size = token_input()
    sure = torch.linspace(0.35, 0.95, 17).expand(1, 8, 17)
    features = make_tokens_from_coco(points, sure, size).features[0, 2]
    assert torch.allclose(features[68:85], sure[0, 2])
    assert (features[85:102] == 1.0).all()


def test_a_token_places_joints_from_the_middle_of_the_picture() -> None:
    points, sure, size = token_input()
    points[0, 1, 5] = torch.tensor([320.0 + 64.0, 240.0 - 32.0])
    features = make_tokens_from_coco(points, sure, size).features[0, 1]
    assert features[34 + 10 : 34 + 12].tolist() == pytest.approx([0.1, -0.05])
    width_and_height = features[105:112][3:5].tolist()
    assert width_and_height == pytest.approx([1.0, 0.75])


def test_a_mirrored_picture_exchanges_places_and_confidences() -> None:
    points, _, _ = token_input()
    sure = torch.linspace(0.1, 0.9, 17).expand(1, 8, 17)
    flipped, flipped_sure = mirror_keypoints(points, sure, 640.0)
    for i, name in enumerate(POINT_ORDER):
        partner = (
            name.replace("left", "x")
            .replace("right", "left")
            .replace("x", "right")
        )
        j = POINT_ORDER.index(partner)
        assert torch.allclose(flipped[..., i, 0], 640.0 - points[..., j, 0])
        assert torch.allclose(flipped[..., i, 1], points[..., j, 1])
        assert torch.allclose(flipped_sure[..., i], sure[..., j])


def test_legs_that_are_exchanged_take_their_confidence_along() -> None:
    """Training noise: a left ankle that is called right keeps how sure the detector was of it."""
    config = NoiseConfig(swap=1.0, swap_all=0.0)
    px = torch.arange(17.0)[:, None].expand(1, 200, 17, 2).contiguous()
    sure = torch.linspace(0.1, 0.9, 17).expand(1, 200, 17).contiguous()
    made, made_sure, _ = _swap(
        px, sure, None, config, torch.Generator().manual_seed(0)
    )
    swapped = made[0, :, 15, 0] == 16.0
    assert swapped.any() and not swapped.all()
    assert torch.allclose(
        made_sure[0, swapped, 15], sure[0, 0, 16].expand(int(swapped.sum()))
    )
    assert torch.allclose(
        made_sure[0, ~swapped, 15], sure[0, 0, 15].expand(int((~swapped).sum()))
    )


# Camera


def test_the_camera_record_shows_what_the_network_s_camera_shows() -> None:
    """The floor lay 0.1 m up in the network's world; afterwards it is y = 0, and everything is 0.1 m lower."""
    told = (1.3, 0.1, 0.05, 1.1)
    camera = CameraOut(*(torch.tensor(v, dtype=torch.float64) for v in told))
    points = torch.tensor(
        [[[0.3, 1.2, -3.0], [-0.4, 0.1, -4.0]]], dtype=torch.float64
    )
    unit = picture_from_world(points, camera)[0].numpy()
    size_px = (1280, 720)
    expected = unit * 1280.0 + np.array([640.0, 360.0])
    record = camera_record(camera, size_px, floor_m=0.1)
    lowered = points[0].numpy() - np.array([0.0, 0.1, 0.0])
    assert np.allclose(record.project(lowered), expected, atol=1e-6)


# Gaps


@pytest.mark.parametrize(
    ("gap", "unseen"), [(6, 0), (7, 7 + 16), (20, 20 + 16)]
)
def test_forces_are_unknown_in_long_gaps_and_a_quarter_of_a_second_around(
    gap: int, unseen: int
) -> None:
    """30 Hz: six frames (0.2 s) are bridged; a longer gap has a margin of eight frames to both sides."""
    confidence = np.full((90, 17), 0.8)
    confidence[40 : 40 + gap] = 0.0
    seen = frames_seen(confidence)
    assert int((~seen).sum()) == unseen
    if unseen:
        assert np.flatnonzero(~seen)[0] == 32


def test_five_joints_are_too_few_for_a_frame() -> None:
    confidence = np.zeros((60, 17))
    confidence[:, :6] = 0.8
    assert frames_seen(confidence).all()
    confidence[20:40, 5] = 0.0
    assert not frames_seen(confidence)[20:40].any()


@pytest.mark.parametrize(("share", "refused"), [(0.09, True), (0.11, False)])
def test_a_tenth_of_the_joints_must_be_seen(
    share: float, refused: bool
) -> None:
    confidence = np.zeros((100, 17))
    confidence.flat[: round(1700 * share)] = 0.9
    track = PoseTrack(
        np.zeros((100, 17, 2)), confidence, np.arange(100) / 30.0, SIZE_PX
    )
    if refused:
        with pytest.raises(NoPersonError, match="9 %"):
            pipeline._check_seen(track)
    else:
        pipeline._check_seen(track)


def test_what_was_not_told_is_filled_in_from_a_body_mass_index_of_23() -> None:
    filled = person_of(Athlete(), 1.6)
    assert filled.height_m == 1.6 and filled.mass_kg == pytest.approx(
        23.0 * 1.6**2
    )
    told = person_of(Athlete(1.9, 95.0), 1.6)
    assert (told.height_m, told.mass_kg) == (1.9, 95.0)
    assert (
        person_of(Athlete(), 0.4).height_m == 1.3
    )  # the network's nonsense is bounded
    assert set(assumed_fields(Athlete(mass_kg=70.0, sex="male"))) == {
        "height_m",
        "age_years",
    }
    assert set(assumed_fields(Athlete(1.8, 70.0, "unknown", 30.0))) == {"sex"}


# Command line


def told(*argv: str) -> argparse.Namespace:
    return infer.arguments(argv)


def test_the_command_line_s_words_reach_the_pipeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        api,
        "analyse_video",
        lambda *args: seen.append(args) or asymmetric_analysis(),
    )
    words = (
        "--input a.mp4 --height_m 1.83 --mass_kg 80 --sex female --age_years 31"
    )
    more = "--load_kg 22.5 --load_at shoulders --person 2 --slow_motion 4"
    infer._analyse(told(*words.split(), *more.split()), lambda *_: None)
    _, athlete, load, person, options, _ = seen[0]
    assert athlete == Athlete(1.83, 80.0, "female", 31.0)
    assert (
        load == ExternalLoad(22.5, "shoulders")
        and person == 2
        and options.slow_motion == 4.0
    )


def test_what_was_told_wins_over_the_sample() -> None:
    sample = Athlete(1.7, 65.0, "male", 40.0)
    assert api.told_first(Athlete(), sample) == sample
    mixed = api.told_first(Athlete(mass_kg=80.0, sex="female"), sample)
    assert mixed == Athlete(1.7, 80.0, "female", 40.0)
    assert (
        api.told_first(Athlete(1.6, 50.0, "female", 20.0), sample).age_years
        == 20.0
    )


def test_a_row_of_the_network_becomes_box_score_and_joints() -> None:
    """Rows: box centre x, y, width, height; score; then x, y, confidence of each of 17 joints."""
    row = torch.zeros(5 + 51, 3)
    row[:5, 1] = torch.tensor([100.0, 80.0, 40.0, 60.0, 0.9])
    row[5:, 1] = torch.arange(51.0)
    row[4, 0], row[4, 2] = 0.24, 0.1  # below the least score of 0.25
    people = _people(row, 200.0, 105.0)
    assert len(people) == 1 and people.scores[0] == pytest.approx(0.9)
    assert people.boxes_px[0].tolist() == [
        80.0,
        50.0,
        120.0,
        105.0,
    ]  # cut at the picture
    assert (
        people.keypoints_px[0, 2].tolist() == [6.0, 7.0]
        and people.confidence[0, 2] == 8.0
    )
