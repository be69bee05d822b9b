"""motion.c3d read back by ezc3d: points, forces and centres of pressure of both feet, analogue channels."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asymmetric_analysis import asymmetric_analysis
from fake_analysis import fake_analysis

from musclepose.physics.skeleton47 import COCO17, DOF_INDEX, SEGMENTS
from musclepose.report.c3d import write_c3d

ezc3d = pytest.importorskip("ezc3d", reason="ezc3d is not installed")


def _read(path: Path) -> Any:
    return ezc3d.c3d(str(path), extract_forceplat_data=True)


@pytest.fixture(scope="module")
def analysis():
    return asymmetric_analysis()


@pytest.fixture(scope="module")
def film(analysis, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return _read(
        write_c3d(tmp_path_factory.mktemp("c3d") / "motion.c3d", analysis)
    )


def _labels(film: Any, group: str) -> list[str]:
    return list(film["parameters"][group]["LABELS"]["value"])


def test_the_points_are_the_joints_and_the_coco_points_in_mm(
    analysis, film
) -> None:
    labels = _labels(film, "POINT")
    points = film["data"]["points"]  # (4, points, frames)
    assert points.shape[1:] == (
        len(SEGMENTS) + len(COCO17),
        len(analysis.time_s),
    )
    knee = points[:3, labels.index("shank_l_joint")].T
    joint = 1000.0 * analysis.joints_world_m[:, SEGMENTS.index("shank_l")]
    assert np.allclose(knee, joint, atol=0.01)
    nose = points[:3, labels.index("coco_nose")].T
    assert np.allclose(
        nose, 1000.0 * analysis.keypoints_world_m[:, 0], atol=0.01
    )
    assert film["parameters"]["POINT"]["UNITS"]["value"] == ["mm"]
    assert film["parameters"]["POINT"]["RATE"]["value"][0] == pytest.approx(
        30.0
    )


@pytest.mark.parametrize("foot", [0, 1])
def test_a_reader_gets_force_pressure_centre_and_free_moment_back(
    analysis, film, foot
) -> None:
    """ezc3d computes them from the plate's six channels and corners; the plate lies on y = 0."""
    plate = film["data"]["platform"][foot]
    force = analysis.grf_world_n[:, foot]
    assert np.allclose(plate["force"].T, force, atol=0.01)
    on_floor = analysis.cop_world_m[:, foot].copy()
    # The fixture's centres lie some mm above the floor: down along the force they meet it here.
    on_floor -= force * (on_floor[:, 1] / force[:, 1])[:, None]
    assert np.allclose(
        plate["center_of_pressure"].T, 1000.0 * on_floor, atol=0.5
    )
    free = 1000.0 * analysis.free_moment_nm[:, foot]
    assert np.allclose(plate["Tz"][1], free, atol=5.0)
    assert plate["unit_force"] == "N"
    label = f"foot_{'lr'[foot]}.fz"  # down is plus on a plate
    down = film["data"]["analogs"][0][_labels(film, "ANALOG").index(label)]
    assert np.allclose(down, -force[:, 1], atol=0.01)


def test_angles_moments_and_activations_are_analogue_channels(
    analysis, film
) -> None:
    labels = _labels(film, "ANALOG")
    values = film["data"]["analogs"][0]
    knee = DOF_INDEX["knee_flexion_l"]
    angle, moment = np.degrees(analysis.q[:, knee]), analysis.tau_nm[:, knee]
    assert np.allclose(
        values[labels.index("knee_flexion_l.angle")], angle, atol=1e-3
    )
    assert np.allclose(
        values[labels.index("knee_flexion_l.moment")], moment, atol=1e-3
    )
    plus, minus = (
        analysis.activation[:, knee - 6],
        analysis.activation[:, 41 + knee - 6],
    )
    assert np.allclose(
        values[labels.index("knee_flexion_l.plus")], plus, atol=1e-6
    )
    assert np.allclose(
        values[labels.index("knee_flexion_l.minus")], minus, atol=1e-6
    )
    units = film["parameters"]["ANALOG"]["UNITS"]["value"]
    assert units[labels.index("knee_flexion_l.moment")] == "Nm"
    assert units[labels.index("foot_r.mx")] == "Nmm"


def test_uneven_times_and_a_later_start_are_told(tmp_path: Path) -> None:
    """Unknown forces until 1 s: the file starts there; a film of uneven time stamps gets its mean rate."""
    analysis = fake_analysis(frames=120)
    rng = np.random.default_rng(0)
    time_s = analysis.time_s + np.concatenate(
        [[0.0], rng.uniform(-0.004, 0.004, 118), [0.0]]
    )
    force = analysis.grf_world_n.copy()
    force[:30] = np.nan
    uneven = dataclasses.replace(analysis, time_s=time_s, grf_world_n=force)
    film = _read(write_c3d(tmp_path / "a.c3d", uneven))
    assert film["header"]["points"]["first_frame"] == 30  # ezc3d counts from 0
    assert film["data"]["points"].shape[2] == 90
    hip = film["data"]["points"][
        1, _labels(film, "POINT").index("thigh_r_joint")
    ]
    even = np.linspace(time_s[30], time_s[-1], 90)
    height = np.interp(
        even, time_s, analysis.joints_world_m[:, SEGMENTS.index("thigh_r"), 1]
    )
    assert np.allclose(hip, 1000.0 * height, atol=0.01)


def test_a_foot_in_the_air_carries_nothing(tmp_path: Path) -> None:
    analysis = fake_analysis(frames=60)
    force, cop = analysis.grf_world_n.copy(), analysis.cop_world_m.copy()
    force[20:40, 0], cop[20:40, 0] = 0.0, np.nan
    lifted = dataclasses.replace(analysis, grf_world_n=force, cop_world_m=cop)
    plate = _read(write_c3d(tmp_path / "a.c3d", lifted))["data"]["platform"][0]
    assert (plate["force"][:, 20:40] == 0.0).all() and np.isfinite(
        plate["moment"]
    ).all()
