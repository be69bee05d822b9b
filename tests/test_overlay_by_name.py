"""The overlay by name: each side's colour, arrow and number stands where and as the fixture's formulas say.

Pixels are found by the fixture's own pinhole, colours by the palette's stops written out here: nothing is asked of the
code that draws.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asymmetric_analysis import (
    DOF_ORDER,
    FRAMES,
    JOINT_DOF_NAMES,
    JOINTS_M,
    POINT_ORDER,
    SIZE_PX,
    WEIGHT_N,
    angle_rad,
    asymmetric_analysis,
    detected_px,
    force_n,
    pixel_of,
    pressure_m,
)
from numpy.typing import NDArray

from musclepose.records import Analysis
from musclepose.report import readout
from musclepose.report.overlay import Painter

Picture = NDArray[np.uint8]
BLUE, YELLOW, RED = (
    (46, 124, 214),
    (247, 232, 164),
    (214, 62, 20),
)  # 0, 50 and 100 % effort
TEAL, GREY = (38, 222, 190), (150, 156, 163)  # force; not seen
FRAME = 12
METRES_PER_BODY_WEIGHT = 0.6


def paint(analysis: Analysis, frame: int = FRAME) -> Picture:
    black = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    return Painter(analysis, SIZE_PX).paint(black, frame)[: SIZE_PX[1]].copy()


def is_there(
    picture: Picture, at: tuple[float, float], colour: tuple[int, int, int]
) -> bool:
    """Whether a pixel within one of `at` has the colour, up to anti-aliasing."""
    x, y = round(at[0]), round(at[1])
    patch = picture[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).astype(int)
    return bool((np.abs(patch - np.array(colour)).sum(axis=1) < 24).any())


def between(first: str, second: str, part: float = 0.5) -> tuple[float, float]:
    """Pixel on the way from one joint to another."""
    a, b = pixel_of(JOINTS_M[first]), pixel_of(JOINTS_M[second])
    return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])


def with_effort(
    shares: dict[str, float], analysis: Analysis | None = None
) -> Analysis:
    """Only these degrees of freedom work; no forces, no keypoints in the way."""
    made = analysis or asymmetric_analysis()
    effort = np.zeros((FRAMES, 41))
    for name, value in shares.items():
        effort[:, JOINT_DOF_NAMES.index(name)] = value
    points = np.full((FRAMES, 17, 2), 5.0)  # seen, but in the corner
    track = replace(
        made.track, keypoints_px=points, confidence=np.full((FRAMES, 17), 0.9)
    )
    return replace(
        made, effort=effort, track=track, grf_world_n=np.zeros((FRAMES, 2, 3))
    )


BONES = {  # degree of freedom at both ends, without side: bone that then has one colour
    ("hip_flexion", "knee_flexion"): ("thigh", "shank"),
    ("knee_flexion", "ankle_dorsiflexion"): ("shank", "foot"),
    ("shoulder_flexion", "elbow_flexion"): ("upper_arm", "forearm"),
    ("elbow_flexion", "wrist_flexion"): ("forearm", "hand"),
}


@pytest.mark.parametrize("ends", BONES, ids=lambda e: e[0])
@pytest.mark.parametrize("side", ["l", "r"])
def test_effort_of_a_side_colours_the_bone_of_that_side(
    ends: tuple[str, str], side: str
) -> None:
    other = "r" if side == "l" else "l"
    picture = paint(with_effort({f"{name}_{side}": 1.0 for name in ends}))
    start, end = BONES[ends]
    assert is_there(picture, between(f"{start}_{side}", f"{end}_{side}"), RED)
    assert is_there(
        picture, between(f"{start}_{other}", f"{end}_{other}"), BLUE
    )


def test_half_effort_is_yellow_and_a_bone_runs_from_one_joint_to_the_other() -> (
    None
):
    picture = paint(with_effort({"hip_flexion_l": 0.5, "knee_flexion_l": 0.5}))
    assert is_there(picture, between("thigh_l", "shank_l"), YELLOW)
    picture = paint(with_effort({"knee_flexion_l": 1.0}))
    # Five pieces: the first shows 10 % of the knee's effort, the last 90 %.
    tenth = tuple(
        round(a + 0.2 * (b - a)) for a, b in zip(BLUE, YELLOW, strict=True)
    )
    most = tuple(
        round(a + 0.8 * (b - a)) for a, b in zip(YELLOW, RED, strict=True)
    )
    assert is_there(picture, between("thigh_l", "shank_l", 0.1), tenth)
    assert is_there(picture, between("thigh_l", "shank_l", 0.9), most)


def test_the_largest_of_a_joint_s_efforts_counts() -> None:
    shares = {
        "hip_flexion_r": 0.1,
        "hip_adduction_r": 1.0,
        "knee_flexion_r": 1.0,
    }
    assert is_there(
        paint(with_effort(shares)), between("thigh_r", "shank_r"), RED
    )


def only_force(foot: str) -> Analysis:
    """The fixture with the force of one foot, no effort and no keypoints in the way."""
    made = asymmetric_analysis()
    grf = np.zeros((FRAMES, 2, 3))
    grf[:, "lr".index(foot)] = np.stack(
        [force_n(foot, a) for a in "xyz"], axis=1
    )
    return replace(
        with_effort({}), grf_world_n=grf, cop_world_m=made.cop_world_m
    )


def arrow(foot: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Pixels of base and tip: from the centre of pressure along the force, 0.6 m per body weight."""
    base = tuple(float(pressure_m(foot, a)[FRAME]) for a in "xyz")
    force = [float(force_n(foot, a)[FRAME]) for a in "xyz"]
    tip = tuple(
        b + METRES_PER_BODY_WEIGHT * f / WEIGHT_N
        for b, f in zip(base, force, strict=True)
    )
    return pixel_of(base), pixel_of(tip)


@pytest.mark.parametrize("foot", ["l", "r"])
def test_the_arrow_of_a_foot_stands_at_that_foot_and_is_as_long_as_its_force(
    foot: str,
) -> None:
    pushed = only_force(foot)
    nobody = np.full_like(
        pushed.joints_world_m, np.nan
    )  # the body would lie over the arrow
    picture = paint(replace(pushed, joints_world_m=nobody))
    base, tip = arrow(foot)
    assert is_there(picture, base, TEAL)
    near_tip = tuple(b + 0.95 * (t - b) for b, t in zip(base, tip, strict=True))
    beyond = tuple(b + 1.12 * (t - b) for b, t in zip(base, tip, strict=True))
    assert is_there(picture, near_tip, TEAL)
    assert not is_there(picture, beyond, TEAL)
    other_base, other_tip = arrow("r" if foot == "l" else "l")
    middle = (
        0.5 * (other_base[0] + other_tip[0]),
        0.5 * (other_base[1] + other_tip[1]),
    )
    assert not is_there(picture, middle, TEAL)


def test_no_arrow_hides_a_limb() -> None:
    """One foot is pushed from within its shank: the middle of the shank keeps its own colour."""
    pushed = only_force("r")
    pressure = pushed.cop_world_m.copy()
    shank, foot = (
        np.array(JOINTS_M[f"{segment}_r"]) for segment in ("shank", "foot")
    )
    pressure[:, 1] = foot
    force = pushed.grf_world_n.copy()
    force[:, 1] = (shank - foot) / METRES_PER_BODY_WEIGHT * WEIGHT_N
    picture = paint(replace(pushed, cop_world_m=pressure, grf_world_n=force))
    assert not is_there(picture, between("foot_r", "shank_r"), TEAL)


def test_keypoints_are_white_where_the_detector_saw_them_and_absent_where_not() -> (
    None
):
    picture = paint(
        asymmetric_analysis(), frame=6
    )  # the left wrist is hidden there
    at = {
        p: (float(detected_px(p, "x")[6]), float(detected_px(p, "y")[6]))
        for p in POINT_ORDER
    }
    shown = {
        p for p in POINT_ORDER if is_there(picture, at[p], (255, 255, 255))
    }
    assert set(POINT_ORDER) - shown == {"left_wrist"}


def test_a_limb_that_was_not_seen_is_grey() -> None:
    analysis = with_effort({"elbow_flexion_l": 1.0, "wrist_flexion_l": 1.0})
    sure = analysis.track.confidence.copy()
    sure[FRAME, POINT_ORDER.index("left_wrist")] = 0.0
    blind = replace(analysis, track=replace(analysis.track, confidence=sure))
    assert is_there(paint(blind), between("forearm_l", "hand_l"), GREY)
    assert is_there(
        paint(blind, FRAME + 1), between("forearm_l", "hand_l"), RED
    )


def with_nobody(frames: slice, forces: float) -> Analysis:
    """No keypoint in these frames, and the given forces there."""
    analysis = with_effort({})
    sure, grf = analysis.track.confidence.copy(), analysis.grf_world_n.copy()
    sure[frames], grf[frames] = 0.0, forces
    return replace(
        analysis,
        grf_world_n=grf,
        track=replace(analysis.track, confidence=sure),
    )


def test_where_nobody_was_seen_nothing_is_drawn() -> None:
    assert not paint(with_nobody(slice(10, 20), np.nan)).any()
    assert paint(with_nobody(slice(10, 20), np.nan), 20).any()


def test_a_moment_without_keypoints_inside_a_motion_is_drawn_as_not_seen() -> (
    None
):
    picture = paint(with_nobody(slice(FRAME, FRAME + 1), 0.0))
    assert is_there(picture, between("thigh_l", "shank_l"), GREY)


def read_out(
    analysis: Analysis, frame: int, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The texts of the bar, in the order of writing."""
    texts: list[str] = []

    def put(_: Picture, text: str, x: int, *rest: object) -> int:
        texts.append(text)
        return x

    painter = Painter(analysis, SIZE_PX)
    monkeypatch.setattr(readout, "_put", put)
    painter.paint(np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8), frame)
    return " ".join(" ".join(texts).split())


def test_the_bar_reads_the_numbers_of_that_frame_left_before_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    knees = [np.degrees(angle_rad(f"knee_flexion_{s}")[FRAME]) for s in "lr"]
    forces = [force_n(s, "y")[FRAME] / WEIGHT_N for s in "lr"]
    expected = (
        f"0.40 s Knee L {knees[0]:.0f}° R {knees[1]:.0f}° "
        f"Ground L {forces[0]:.2f} R {forces[1]:.2f} BW"
    )
    assert (
        f"{knees[0]:.0f}" != f"{knees[1]:.0f}"
        and f"{forces[0]:.2f}" != f"{forces[1]:.2f}"
    )
    assert read_out(asymmetric_analysis(), FRAME, monkeypatch) == expected


def test_the_bar_shows_a_dash_for_what_was_not_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    analysis = asymmetric_analysis()
    sure, grf = analysis.track.confidence.copy(), analysis.grf_world_n.copy()
    sure[:, POINT_ORDER.index("right_ankle")] = 0.0
    grf[:, 0] = np.nan
    blind = replace(
        analysis,
        grf_world_n=grf,
        track=replace(analysis.track, confidence=sure),
    )
    text = read_out(blind, FRAME, monkeypatch)
    left, right = (
        np.degrees(angle_rad("knee_flexion_l")[FRAME]),
        force_n("r", "y")[FRAME],
    )
    assert (
        text
        == f"0.40 s Knee L {left:.0f}° R – Ground L – R {right / WEIGHT_N:.2f} BW"
    )


def test_a_bit_less_than_nothing_reads_as_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    analysis = asymmetric_analysis()
    q = analysis.q.copy()
    q[:, DOF_ORDER.index("knee_flexion_l")] = -0.004
    assert "L 0°" in read_out(replace(analysis, q=q), FRAME, monkeypatch)
