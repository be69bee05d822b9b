"""OpenSim itself reads the files and runs inverse dynamics from the set-up (needs `pip install opensim`)."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_analysis import fake_analysis

from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.report.files import write_files
from musclepose.wave_llm.bridge import summarise

opensim = pytest.importorskip(
    "opensim", reason="OpenSim's Python package is not installed"
)
MASS_KG = 70.0
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def analysis():
    return fake_analysis(frames=240)


@pytest.fixture(scope="module")
def folder(analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("opensim")
    write_files(analysis, summarise(analysis), "", out)
    return out


def _point_body(path: Path) -> None:
    """A mass at the pelvis origin, free in space, and two feet without mass that take the loads."""
    model = opensim.Model()
    pelvis = opensim.Body(
        "pelvis", MASS_KG, opensim.Vec3(0), opensim.Inertia(1, 1, 1)
    )
    joint = opensim.FreeJoint("ground_pelvis", model.getGround(), pelvis)
    names = (
        "pelvis_list",
        "pelvis_rotation",
        "pelvis_tilt",
        "pelvis_tx",
        "pelvis_ty",
        "pelvis_tz",
    )
    for i, name in enumerate(names):
        joint.get_coordinates(i).setName(name)
    model.addBody(pelvis)
    model.addJoint(joint)
    for name in ("calcn_l", "calcn_r"):
        foot = opensim.Body(
            name, 1e-6, opensim.Vec3(0), opensim.Inertia(1e-9, 1e-9, 1e-9)
        )
        model.addBody(foot)
        model.addJoint(opensim.WeldJoint(f"weld_{name}", pelvis, foot))
    model.finalizeConnections()
    model.printToXML(str(path))


def test_opensim_reads_every_table(analysis, folder: Path) -> None:
    for name in (
        "kinematics.mot",
        "ground_reaction.mot",
        "moments.sto",
        "activations.sto",
    ):
        table = opensim.TimeSeriesTable(str(folder / name))
        times = np.array(table.getIndependentColumn())
        assert np.allclose(times, analysis.time_s, atol=1e-6)
    markers = opensim.TimeSeriesTableVec3(str(folder / "markers.trc"))
    knee = markers.getDependentColumn("shank_l_joint")[100].to_numpy()
    expected = analysis.joints_world_m[100, SEGMENTS.index("shank_l")]
    assert np.allclose(knee, expected, atol=1e-5)


def test_the_tool_runs_from_the_set_up_and_balances_the_forces(
    analysis, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Residual force of a point mass at the pelvis: m (a + g) - the sum of both feet's forces."""
    setup = ElementTree.parse(folder / "inverse_dynamics_setup.xml")
    monkeypatch.chdir(folder)
    _point_body(folder / setup.findtext(".//model_file"))
    tool = opensim.InverseDynamicsTool(
        str(folder / "inverse_dynamics_setup.xml")
    )
    assert tool.run()
    got = opensim.TimeSeriesTable(str(folder / "inverse_dynamics.sto"))
    force = np.array(got.getDependentColumn("pelvis_ty_force").to_numpy())
    motion = opensim.TimeSeriesTable(str(folder / "kinematics.mot"))
    height = np.array(motion.getDependentColumn("pelvis_ty").to_numpy())
    up = np.gradient(np.gradient(height, analysis.time_s), analysis.time_s)
    expected = MASS_KG * (up + 9.80665) - analysis.grf_world_n.sum(axis=1)[:, 1]
    inside = slice(5, -5)
    assert (
        np.abs(force[inside] - expected[inside]).max() < 0.02 * MASS_KG * 9.81
    )
