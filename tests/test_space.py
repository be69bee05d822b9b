"""The body in space: every number at its own point, axis and frame; what was not seen or carries nothing is None."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from asymmetric_analysis import (
    FRAMES,
    HEIGHT_M,
    HIDDEN,
    JOINTS_M,
    RATE_HZ,
    WEIGHT_N,
    asymmetric_analysis,
    force_n,
    pressure_m,
)

from musclepose.report.skeleton_lines import BONES
from musclepose.report.space import kept_frames, space_of

SPACE = space_of(asymmetric_analysis())
SEGMENTS = list(JOINTS_M)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_each_joint_stands_at_its_place_in_millimetres(segment: str) -> None:
    k = SEGMENTS.index(segment)
    wanted = [1000 * v for v in JOINTS_M[segment]]
    assert SPACE["points"][7][3 * k : 3 * k + 3] == pytest.approx(
        wanted, abs=0.6
    )


def test_a_force_starts_at_the_pressure_and_a_body_weight_is_sixty_centimetres() -> (
    None
):
    for i, foot in enumerate("lr"):
        ends = SPACE["forces"][12][i]
        start = [1000 * float(pressure_m(foot, a)[12]) for a in "xyz"]
        assert ends[:3] == pytest.approx(start, abs=0.6)
        along = [600 * float(force_n(foot, a)[12]) / WEIGHT_N for a in "xyz"]
        assert np.subtract(ends[3:], ends[:3]) == pytest.approx(along, abs=1.1)
    assert SPACE["forces"][12][2:] == [None, None]  # no hand carries


def test_a_hand_that_carries_has_its_force_at_the_wrist_and_a_tiny_force_is_none() -> (
    None
):
    hands = np.zeros((FRAMES, 2, 3))
    hands[4, 1] = (0.0, 0.5 * WEIGHT_N, 0.0)
    feet = asymmetric_analysis().grf_world_n.copy()
    feet[4, 0] = (0.0, 0.01 * WEIGHT_N, 0.0)
    made = space_of(
        dataclasses.replace(
            asymmetric_analysis(), hand_force_world_n=hands, grf_world_n=feet
        )
    )
    left_foot, right_foot, left_hand, right_hand = made["forces"][4]
    assert left_foot is None and right_foot is not None and left_hand is None
    wrist = [1000 * v for v in JOINTS_M["hand_r"]]
    assert right_hand == pytest.approx(
        [*wrist, wrist[0], wrist[1] + 300, wrist[2]], abs=1.1
    )


def test_bones_of_an_unseen_wrist_are_not_drawn_and_each_bone_has_its_side() -> (
    None
):
    forearm = next(
        b
        for b, bone in enumerate(BONES)
        if bone.start == SEGMENTS.index("forearm_l")
    )
    seen = [row[forearm] for row in SPACE["seen"]]
    assert [i for i, is_seen in enumerate(seen) if not is_seen] == list(
        range(HIDDEN.start, HIDDEN.stop)
    )
    sides = SPACE["sides"]
    assert sides[forearm] == "left"
    assert (
        sides.count("left") == sides.count("right") == 7
    )  # head to shoulder, ... ankle to toe


def test_nobody_seen_and_no_forces_is_no_body() -> None:
    analysis = asymmetric_analysis()
    confidence = analysis.track.confidence.copy()
    confidence[3] = 0.0
    force = analysis.grf_world_n.copy()
    force[3] = np.nan
    gone = dataclasses.replace(
        analysis,
        track=dataclasses.replace(analysis.track, confidence=confidence),
        grf_world_n=force,
    )
    made = space_of(gone)
    assert [i for i, frame in enumerate(made["points"]) if frame is None] == [3]


def test_a_fast_film_is_thinned_to_thirty_pictures_a_second() -> None:
    assert kept_frames(np.arange(240) / 120.0).tolist() == list(
        range(0, 240, 4)
    )
    assert kept_frames(np.arange(FRAMES) / RATE_HZ).tolist() == list(
        range(FRAMES)
    )


def test_views_are_those_of_the_camera_and_of_the_athlete() -> None:
    """The camera stands at z = 3 m; it sees the right side of one who faces +x."""
    assert SPACE["views"]["filmed"][0] == 0  # from +z
    assert SPACE["views"]["filmed"][1] == round(
        np.degrees(np.arctan2(0.9 - 0.95, 3.0))
    )
    assert SPACE["views"]["front"][0] == pytest.approx(90, abs=6)  # from +x
    assert SPACE["views"]["left"][0] == pytest.approx(180, abs=6)  # from -z
    assert SPACE["height"] == 1000 * HEIGHT_M
