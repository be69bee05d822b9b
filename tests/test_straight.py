"""Which limbs a picture shows straight and flat, and the error that is told of them."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.evaluation.straight import (
    FEWEST,
    Limb,
    figures,
    straight_and_flat,
)


def arm(bend_deg: np.ndarray, foreshortened: np.ndarray) -> np.ndarray:
    """(T, 3, 2) px: upper arm 100 px down, forearm 80 px, bent in the picture, shortened by a share."""
    angle = np.radians(bend_deg)
    elbow = np.stack((np.zeros_like(angle), 100.0 * foreshortened), 1)
    fore = (
        80.0
        * foreshortened[:, None]
        * np.stack((np.sin(angle), np.cos(angle)), 1)
    )
    return np.stack((np.zeros_like(elbow), elbow, elbow + fore), 1)


def test_only_straight_and_flat_frames_count() -> None:
    bend = np.array([2.0] * 20 + [30.0] * 20 + [2.0] * 20)
    short = np.array(
        [1.0] * 40 + [0.8] * 20
    )  # at last towards the camera: straight or bent in depth
    chosen, seen = straight_and_flat(arm(bend, short), np.ones((60, 3)))
    assert chosen[:20].all() and not chosen[20:].any()
    np.testing.assert_allclose(seen[:40], bend[:40], atol=1e-6)
    doubted = np.ones((60, 3))
    doubted[:10, 2] = 0.3
    assert straight_and_flat(arm(bend, short), doubted)[0].sum() == 10


def test_too_little_seen_says_nothing() -> None:
    sure = np.zeros((60, 3))
    sure[: FEWEST - 1] = 1.0
    assert not straight_and_flat(arm(np.zeros(60), np.ones(60)), sure)[0].any()


def test_errors_are_told_by_kind_and_view() -> None:
    rows = figures(
        [
            Limb("a", "arm", False, 14.0, 2.0),
            Limb("b", "arm", False, 5.0, 1.0),
            Limb("b", "leg", True, 1.0, 3.0),
        ]
    )
    side = rows["arms from the side"]
    assert side["limbs"] == 2 and side["mean_error_deg"] == pytest.approx(8.0)
    assert side["within_8_deg_percent"] == 50.0
    assert rows["legs from the front"]["mean_error_deg"] == pytest.approx(-2.0)
