"""Quality figures by hand, and the level on both sides of every limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from musclepose.quality import frames_in_view, quality_of
from musclepose.records import PoseTrack, Quality

FRAMES, MASS_KG = 20, 80.0
WEIGHT_N = 80.0 * 9.81
PERSON_PX = 500.0


def track() -> PoseTrack:
    """A box of 300 x 400 px: its diagonal is 500."""
    points = np.tile(np.array([200.0, 250.0]), (FRAMES, 17, 1))
    points[:, 0], points[:, 1] = (50.0, 50.0), (350.0, 450.0)
    return PoseTrack(
        points, np.full((FRAMES, 17), 0.9), np.arange(FRAMES) / 30.0, (640, 480)
    )


def quality(
    force_bw: float = 0.0,
    moment: float = 0.0,
    miss_px: float = 0.0,
    seen: PoseTrack | None = None,
) -> Quality:
    """A residual force along x in body weights; a moment as a share of 1 m x the needed force; a miss in px."""
    made = seen or track()
    tau = np.zeros((FRAMES, 47))
    tau[:, 0] = force_bw * WEIGHT_N
    ground = np.zeros((FRAMES, 2, 3))
    ground[:, :, 1] = 0.5 * WEIGHT_N
    tau[:, 3] = (
        moment * WEIGHT_N * np.hypot(1.0, force_bw)
    )  # about z, the first axis of the root
    com = np.tile([0.0, 1.0, 0.0], (FRAMES, 1))
    q = np.zeros((FRAMES, 47))
    q[:, 1] = 1.0
    fit = made.keypoints_px + np.array([0.6 * miss_px, 0.8 * miss_px])
    return quality_of(q, tau, ground, com, made, fit, MASS_KG)


def test_figures_by_hand() -> None:
    q = quality(0.1, 0.004, 7.0)
    assert q.root_residual_force_bw == pytest.approx(0.1)
    assert q.root_residual_force_fraction == pytest.approx(
        0.1 / np.hypot(1.0, 0.1)
    )
    assert q.root_residual_moment_fraction == pytest.approx(0.004)
    assert q.reprojection_error_px == pytest.approx(7.0)
    assert q.seen_fraction == 1.0


@pytest.mark.parametrize(
    ("force_bw", "moment", "miss", "level"),
    [
        (0.0, 0.0, 0.0, "high"),
        (
            0.049,
            0.0,
            0.0,
            "high",
        ),  # Hicks et al. 2015: 5 % of the net external force
        (0.052, 0.0, 0.0, "medium"),
        (
            0.0,
            0.0099,
            0.0,
            "high",
        ),  # and 1 % of centre-of-mass height x that force
        (0.0, 0.0101, 0.0, "medium"),
        (0.249, 0.0, 0.0, "medium"),  # chosen: a quarter of a body weight
        (0.251, 0.0, 0.0, "low"),
        (
            0.0,
            0.0,
            0.0199,
            "high",
        ),  # chosen: 2 and 5 % of the person's size in the picture
        (0.0, 0.0, 0.0201, "medium"),
        (0.0, 0.0, 0.0499, "medium"),
        (0.0, 0.0, 0.0501, "low"),
    ],
)
def test_level_on_both_sides_of_every_limit(
    force_bw: float, moment: float, miss: float, level: str
) -> None:
    assert quality(force_bw, moment, miss * PERSON_PX).level == level


def hidden(joints: int) -> PoseTrack:
    """So many of the 340 joints not seen, in the middle of the clip; the corners of the box stay."""
    made = track()
    sure = made.confidence.copy()
    sure[1:-1, 2:].flat[:joints] = 0.0
    block = sure[1:-1, 2:].copy()
    block.flat[:joints] = 0.0
    sure[1:-1, 2:] = block
    return replace(made, confidence=sure)


@pytest.mark.parametrize(
    ("joints", "level"),
    [(33, "high"), (35, "medium"), (101, "medium"), (103, "low")],
)
def test_level_by_the_share_of_seen_joints(joints: int, level: str) -> None:
    """Chosen: 90 and 70 % of 340."""
    assert quality(seen=hidden(joints)).level == level


def test_frames_before_and_after_the_person_do_not_count() -> None:
    made = track()
    sure: NDArray[np.float64] = made.confidence.copy()
    sure[:6], sure[-4:] = 0.0, 0.0
    gone = replace(made, confidence=sure)
    assert frames_in_view(gone) == slice(6, 16)
    assert quality(seen=gone).seen_fraction == 1.0


def test_every_reason_is_said() -> None:
    made = quality(0.3, 0.02, 30.0, hidden(120))
    text = " ".join(made.warnings)
    assert "Root residual 29 % of the net force and 2.0 %" in text
    assert (
        "Only 65 % of the joints" in text
        and "6.0 % of the person's size" in text
    )
