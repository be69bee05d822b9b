"""Markers in place of a video: a motion that is known, written as .trc and .c3d, comes back with its forces."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import musclepose
from musclepose.errors import InputError
from musclepose.fitting.marker_files import Markers, read_markers, with_y_up
from musclepose.fitting.marker_motion import landmarks_of, read_motion
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import Analysis
from musclepose.report.c3d import write_c3d
from musclepose.report.trc import marker_places_m, write_trc
from musclepose.synthesis.exercise.generate import generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip

GAP = slice(60, 85)  # frames without the left knee


@pytest.fixture(scope="module")
def known() -> Analysis:
    return analysis_of_clip(generate_clip(3, "squat", faults={}, seconds=4.0))


@pytest.fixture(scope="module")
def found(
    known: Analysis, tmp_path_factory: pytest.TempPathFactory
) -> musclepose.Result:
    path = tmp_path_factory.mktemp("markers") / "squat.trc"
    write_trc(path, known, slice(0, len(known.time_s)))
    return musclepose.analyse(
        path, mass_kg=known.athlete.mass_kg, sex=known.athlete.sex, load_kg=known.load.mass_kg,
        load_at=known.load.at,
    )  # fmt: skip


@pytest.mark.parametrize(
    "joint", ["hip_flexion", "knee_flexion", "ankle_dorsiflexion"]
)
@pytest.mark.parametrize("side", ["l", "r"])
def test_angles_and_torques_of_the_legs_come_back(
    known, found, joint: str, side: str
) -> None:
    """The hip carries what the pelvis' unseen tilt is off; the others are seen directly."""
    i, n = DOF_INDEX[f"{joint}_{side}"], len(found.analysis.time_s)
    off = np.degrees(np.abs(found.analysis.q[:, i] - known.q[:n, i])).mean()
    assert off < (4.0 if joint == "hip_flexion" else 1.0)
    here, there = found.analysis.tau_nm[:, i], known.tau_nm[:n, i]
    assert np.abs(here - there).mean() < 1.5
    assert np.corrcoef(here, there)[0, 1] > 0.98


def test_forces_and_body_come_back(known, found) -> None:
    n = len(found.analysis.time_s)
    vertical = found.analysis.grf_world_n[:, :, 1] - known.grf_world_n[:n, :, 1]
    assert np.abs(vertical).mean() < 5.0
    assert found.analysis.athlete.height_m == pytest.approx(
        known.athlete.height_m, abs=0.06
    )
    assert "height_m" in found.analysis.assumed


def test_it_is_told_that_markers_were_the_source(found, tmp_path: Path) -> None:
    record = found.to_dict()
    assert record["notice"].startswith("Estimates from measured markers")
    assert (
        record["versions"]["keypoints"] == "markers"
        and record["clip"]["name"] == "squat.trc"
    )
    assert found.summary.exercise.name == "squat"
    assert "measured markers" in found.write(tmp_path)["coaching.md"].read_text(
        "utf-8"
    )


def test_a_c3d_file_of_a_laboratory_says_the_same(
    known, tmp_path: Path
) -> None:
    """Written with z up, as laboratories have it, and with the subject's name before each label."""
    ezc3d = pytest.importorskip("ezc3d", reason="ezc3d is not installed")
    path = write_c3d(tmp_path / "y.c3d", known)
    film = ezc3d.c3d(str(path))
    x, y, z, one = np.asarray(film["data"]["points"])
    lab = ezc3d.c3d()
    lab["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    lab["parameters"]["POINT"]["RATE"]["value"] = [30.0]
    labels = [
        f"Anna:{name}"
        for name in film["parameters"]["POINT"]["LABELS"]["value"]
    ]
    lab["parameters"]["POINT"]["LABELS"]["value"] = labels
    lab["data"]["points"] = np.stack([x, -z, y, one])
    lab.write(str(tmp_path / "z.c3d"))
    plain, turned = read_markers(path), read_markers(tmp_path / "z.c3d")
    assert turned.names == plain.names and turned.rate_hz == pytest.approx(30.0)
    upright = with_y_up(turned.places_m, np.array([0.0, 0.1, 1.2]))
    assert np.allclose(upright, plain.places_m, atol=1e-5)
    expected = marker_places_m(known)["shank_l_joint"]
    assert np.allclose(
        plain.places_m[:, plain.names.index("shank_l_joint")],
        expected,
        atol=1e-5,
    )


def test_a_long_gap_stays_unknown(known, tmp_path: Path) -> None:
    path = write_trc(tmp_path / "a.trc", known, slice(0, len(known.time_s)))
    lines = path.read_text("utf-8").split("\n")
    names = [name for name in lines[3].split("\t")[2:] if name]
    for row in range(GAP.start, GAP.stop):
        cells = lines[6 + row].split("\t")
        for name in (
            "shank_l_joint",
            "foot_l_joint",
            "thigh_l_joint",
            "thigh_r_joint",
        ):
            first = 2 + 3 * names.index(name)
            cells[first : first + 3] = [""] * 3
        for name in (
            "upper_arm_l_joint",
            "upper_arm_r_joint",
            "shank_r_joint",
            "foot_r_joint",
        ):
            first = 2 + 3 * names.index(name)
            cells[first : first + 3] = [""] * 3
        lines[6 + row] = "\t".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")
    motion = read_motion(path)
    left_knee = motion.keypoints_world_m[:, 13]
    assert (
        np.isnan(left_knee[GAP]).all()
        and np.isfinite(left_knee[: GAP.start]).all()
    )


def _markers(names: list[str]) -> Markers:
    return Markers(tuple(names), np.zeros((20, len(names), 3)), 100.0)


BODY25 = [
    f"{s}{j}"
    for s in "LR"
    for j in ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle")
]


def test_names_of_other_systems_are_known() -> None:
    found = landmarks_of(
        _markers([*BODY25, "LBigToe", "RHeel", "Nose", "Neck"]), "a.trc"
    )
    assert {
        "l_hip",
        "r_wrist",
        "left_big_toe",
        "right_heel",
        "face_nose",
    } <= set(found)
    long = [
        f"{s}_{j}"
        for s in ("left", "right")
        for j in ("shoulder", "elbow", "wrist", "hip")
    ]
    long += [
        f"{s}_{j}" for s in ("left", "right") for j in ("knee", "ankle", "heel")
    ]
    assert "r_knee" in landmarks_of(_markers(long), "a.trc")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            ["LASI", "RASI", "LKNE"],
            r"no l_shoulder, .* \(it has LASI, RASI, LKNE",
        ),
        (BODY25, "no left_heel or left_big_toe"),
    ],
)
def test_skin_markers_and_bodies_without_feet_are_refused(
    names, sentence
) -> None:
    with pytest.raises(InputError, match=sentence):
        landmarks_of(_markers(names), "lab.c3d")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "no readable .trc"),
        (
            "PathFileType\t4\nDataRate\tUnits\n30\tm\nFrame#\tTime\tA\n\n\n",
            "0 frames",
        ),
        (
            "x\nDataRate\tUnits\n30\tinch\nF\tT\tA\n\n1\t0\t1\t2\t3\n2\t0\t1\t2\t3\n",
            "unit 'inch'",
        ),
        (
            "x\nDataRate\tUnits\n9000\tm\nF\tT\tA\n\n1\t0\t1\t2\t3\n2\t0\t1\t2\t3\n",
            "9000 frames/s",
        ),
        (
            "x\nDataRate\tUnits\n30\tm\nF\tT\tA\n\n1\t0\tone\t2\t3\n",
            "no readable .trc",
        ),
    ],
)
def test_a_damaged_file_is_one_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "a.trc"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        read_markers(path)


def test_a_damaged_or_missing_c3d_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("ezc3d", reason="ezc3d is not installed")
    (tmp_path / "a.c3d").write_bytes(b"\x02\x50" + bytes(600))
    with pytest.raises(InputError, match=r"a\.c3d"):
        read_markers(tmp_path / "a.c3d")
    with pytest.raises(InputError, match=r"no file b\.c3d"):
        read_markers(tmp_path / "b.c3d")


def test_lying_or_sideways_axes_are_refused() -> None:
    with pytest.raises(InputError, match="Which axis points up"):
        with_y_up(np.zeros((3, 3)), np.array([1.0, 0.1, 0.2]))


def test_a_long_gap_has_no_forces(known) -> None:
    """The same rule as in a film: frames whose joints nobody saw carry no forces."""
    from musclepose.pipeline import MeasuredMotion, analyse_measured
    from musclepose.records import Athlete, ExternalLoad

    points = known.keypoints_world_m.copy()
    points[GAP] = np.nan
    contact = np.ones((len(points), 2))
    motion = MeasuredMotion(known.q, known.lengths_m, contact, points)
    analysis = analyse_measured(
        motion, Athlete(mass_kg=60.0), ExternalLoad(), "markers"
    )
    assert np.isnan(analysis.grf_world_n[GAP]).all()
    assert np.isfinite(analysis.grf_world_n[: GAP.start - 10]).all()
    assert dataclasses.asdict(analysis.load) == {"mass_kg": 0.0, "at": "hands"}
