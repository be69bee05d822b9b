"""Picture features and gates: what a clip must not be called."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from asymmetric_analysis import asymmetric_analysis

from musclepose.movement.columns import columns_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.picture import picture_features, places_in_picture
from musclepose.movement.recognition import features_of, is_possible, recognise
from musclepose.movement.records import Rule
from musclepose.records import PoseTrack

FRAMES = 60
# side view, trunk 100 px long, arms hanging, legs straight
SIDE = np.array(
    [
        *([110, 40], [108, 36], [108, 36], [102, 38], [102, 38]),
        *([100, 80], [100, 80], [100, 130], [100, 130], [100, 180], [100, 180]),
        *(
            [100, 180],
            [100, 180],
            [100, 260],
            [100, 260],
            [100, 340],
            [100, 340],
        ),
    ],
    float,
)


def _track(points: np.ndarray, unseen: tuple[int, ...] = ()) -> PoseTrack:
    confidence = np.full((FRAMES, 17), 0.9)
    confidence[:, unseen] = 0.0
    points = np.where(confidence[..., None] > 0, points, np.nan)
    return PoseTrack(points, confidence, np.arange(FRAMES) / 30.0, (400, 400))


def _still() -> np.ndarray:
    return np.repeat(SIDE[None], FRAMES, axis=0)


def test_features_of_a_standing_body_by_hand() -> None:
    features = picture_features(_track(_still()))
    assert features["pic_upright"] == pytest.approx(1.0)
    assert features["pic_wrist_up"] == pytest.approx(-1.0)
    assert features["pic_hip_over_knee_low"] == pytest.approx(0.8)
    assert features["pic_hip_middle"] == pytest.approx(180.0)
    assert features["pic_knee_range"] == pytest.approx(0.0, abs=1e-6)


def test_elbows_that_bend_a_right_angle() -> None:
    points = _still()
    points[::2, 9:11] = [150, 130]  # forearms level in every second frame
    features = picture_features(_track(points))
    assert features["pic_elbow_angle_range"] == pytest.approx(90.0, abs=1.0)


def test_a_forearm_towards_the_camera_only_shortens() -> None:
    points = _still()
    points[::2, 9:11] = [100, 130]  # the wrist lies on the elbow
    assert picture_features(_track(points))["pic_elbow_range"] > 100.0


def test_scale_changes_nothing() -> None:
    one, two = (
        picture_features(_track(_still())),
        picture_features(_track(2.0 * _still())),
    )
    assert one == pytest.approx(two, abs=1e-6, nan_ok=True)


def test_unseen_legs_are_no_evidence() -> None:
    features = picture_features(_track(_still(), unseen=(13, 14, 15, 16)))
    assert math.isnan(features["pic_knee_range"])
    assert not is_possible(EXERCISES["lunge"], features)
    assert not is_possible(EXERCISES["jumping_jack"], features)


@pytest.mark.parametrize("name", ["push_up", "plank", "overhead_press", "curl"])
def test_someone_who_stands_with_hanging_arms_is_none_of_these(
    name: str,
) -> None:
    assert not is_possible(EXERCISES[name], picture_features(_track(_still())))


def test_angles_in_the_picture_are_columns() -> None:
    """The right forearm level, the upper arm hanging: a bend of 90 degrees, an upper arm along the trunk."""
    points = np.repeat(SIDE[None], 24, axis=0)
    points[:, 10] = [150, 130]
    track = PoseTrack(
        points, np.full((24, 17), 0.9), np.arange(24) / 30.0, (400, 400)
    )
    columns = columns_of(replace(asymmetric_analysis(), track=track))
    assert columns["elbow_in_picture_r_deg"].values == pytest.approx(90.0)
    assert columns["elbow_in_picture_l_deg"].values == pytest.approx(
        0.0, abs=1e-6
    )
    assert columns["arm_in_picture_r_deg"].values == pytest.approx(
        0.0, abs=1e-6
    )
    assert columns["knee_in_picture_l_deg"].values == pytest.approx(
        0.0, abs=1e-6
    )


def test_places_by_hand() -> None:
    """Wrists a trunk and a half apart, shoulders a quarter of one, 80 px below the picture's top."""
    points = _still()
    points[:, 5], points[:, 6] = [112.5, 80], [87.5, 80]
    points[:, 9], points[:, 10] = [175, 80], [25, 80]
    places = places_in_picture(_track(points))
    assert places["hands_apart"] == pytest.approx(1.25)
    assert places["shoulder_height"] == pytest.approx(-0.8)


def test_a_clip_at_24_frames_per_second_whose_one_leg_was_not_seen_is_recognised() -> (
    None
):
    """One side at the rate of the film, the other at 30 Hz: no figure may mix them."""
    analysis = asymmetric_analysis()
    time_s = np.arange(24) / 24.0
    confidence = analysis.track.confidence.copy()
    confidence[:, [13, 15]] = 0.0
    track = replace(analysis.track, time_s=time_s, confidence=confidence)
    half = replace(analysis, time_s=time_s, track=track)
    features = features_of(half, columns_of(half))
    assert features["knee_together"] == 0.0 and math.isfinite(
        features["knee_range"]
    )


def test_a_shoulder_that_is_lost_for_a_while_moves_no_trunk() -> None:
    points = _still()
    points[:, 6, 1] += (
        40.0  # the middle of the shoulders lies between two different heights
    )
    whole = picture_features(_track(points))
    points[10:20, 6] = np.nan
    lost = picture_features(_track(points))
    for name in ("pic_lean_range", "pic_shoulder_y", "pic_hip_y"):
        assert lost[name] == pytest.approx(whole[name], abs=1e-9)


def _well_within(rule: Rule) -> float:
    return rule.value + (5.0 if rule.more else -5.0) * rule.soft


def test_what_was_not_seen_is_no_evidence_for_a_push_up() -> None:
    """A clip that breaks no gate, of which the fitted body says nothing."""
    unseen = defaultdict(lambda: math.nan, picture_features(_track(_still())))
    way = EXERCISES["push_up"].ways[0]
    unseen |= {gate.feature: _well_within(gate) for gate in way.gates}
    assert is_possible(EXERCISES["push_up"], unseen)
    assert recognise(unseen).name == "other"
    seen = unseen | {rule.feature: _well_within(rule) for rule in way.rules}
    assert recognise(seen).name == "push_up"
