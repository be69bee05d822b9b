"""body.osim: the body of the analysis as an OpenSim model; OpenSim's own tool gives our torques back."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from musclepose.movement.summarise import summarise
from musclepose.physics.skeleton47 import DOF_NAMES, PARENTS, SEGMENTS
from musclepose.records import Analysis
from musclepose.report.files import write_files
from musclepose.synthesis.exercise.generate import generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip

INSIDE = slice(8, -8)  # the tool's splines and our differences part at the ends


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """A deadlift: bent far, a bar in the hands, and every joint moves."""
    made = analysis_of_clip(
        generate_clip(5, "deadlift", faults={}, seconds=4.0)
    )
    assert made.load.mass_kg > 10.0 and made.load.at == "hands"
    return made


@pytest.fixture(scope="module")
def folder(
    analysis: Analysis, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("osim")
    write_files(analysis, summarise(analysis), "", out)
    return out


def test_the_model_weighs_what_body_and_load_weigh(
    analysis: Analysis, folder: Path
) -> None:
    bodies = ElementTree.parse(folder / "body.osim").findall(".//Body")
    masses = {b.get("name"): float(b.findtext("mass")) for b in bodies}
    assert set(masses) == set(SEGMENTS)
    total = analysis.athlete.mass_kg + analysis.load.mass_kg
    assert sum(masses.values()) == pytest.approx(total, rel=1e-6)
    assert (
        masses["hand_l"] > 0.5 * analysis.load.mass_kg
    )  # half of the bar in each hand
    assert masses["hand_l"] == pytest.approx(masses["hand_r"], rel=0.05)


def test_joints_hang_together_and_carry_our_coordinates(folder: Path) -> None:
    joints = ElementTree.parse(folder / "body.osim").findall(".//CustomJoint")
    names = [
        c.get("name")
        for joint in joints
        for c in joint.findall(".//Coordinate")
    ]
    assert sorted(names) == sorted(DOF_NAMES)
    for joint, above in zip(joints, PARENTS, strict=True):
        parent = joint.find(".//PhysicalOffsetFrame").findtext("socket_parent")
        assert parent == (
            "/ground" if above < 0 else f"/bodyset/{SEGMENTS[above]}"
        )


def test_the_set_up_names_files_that_are_there(folder: Path) -> None:
    setup = ElementTree.parse(folder / "body_inverse_dynamics_setup.xml")
    for field in ("model_file", "external_loads_file", "coordinates_file"):
        assert (folder / setup.findtext(f".//{field}")).is_file()
    loads = ElementTree.parse(folder / "body_loads.xml").findall(
        ".//ExternalForce"
    )
    assert {f.findtext("applied_to_body") for f in loads} == {
        "foot_l",
        "foot_r",
    }


@pytest.fixture(scope="module")
def computed(folder: Path) -> dict[str, np.ndarray]:
    """Torques by OpenSim's InverseDynamicsTool, by its labels."""
    opensim = pytest.importorskip(
        "opensim", reason="OpenSim's Python package is not installed"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert opensim.InverseDynamicsTool(
            "body_inverse_dynamics_setup.xml"
        ).run()
        table = opensim.TimeSeriesTable("body_inverse_dynamics.sto")
    return {
        n: table.getDependentColumn(n).to_numpy().copy()
        for n in table.getColumnLabels()
    }


@pytest.mark.slow
@pytest.mark.parametrize("dof", range(6, 47), ids=DOF_NAMES[6:])
def test_opensim_computes_our_torques(
    analysis: Analysis, computed, dof: int
) -> None:
    """The same equations by other code, to 0.1 N m and 1 per mille in most frames.

    Its accelerations are those of splines, ours those of differences: where the generator jerks the 91 kg bar (over 20
    rad/s^2), they part by a few per cent.
    """
    theirs, ours = computed[f"{DOF_NAMES[dof]}_moment"], analysis.tau_nm[:, dof]
    off = np.abs(theirs - ours)[INSIDE]
    assert np.median(off) < 0.1 + 0.001 * np.abs(ours).max()
    assert np.sqrt(np.mean(off**2)) < 0.1 + 0.035 * np.abs(ours).max()


@pytest.mark.slow
def test_opensim_finds_the_same_residual(analysis: Analysis, computed) -> None:
    weight = 9.81 * (analysis.athlete.mass_kg + analysis.load.mass_kg)
    for i, axis in enumerate("xyz"):
        off = (computed[f"pelvis_t{axis}_force"] - analysis.tau_nm[:, i])[
            INSIDE
        ]
        assert np.sqrt(np.mean(off**2)) < 0.01 * weight


@pytest.mark.slow
def test_opensim_puts_the_joints_where_ours_are(
    analysis: Analysis, folder: Path
) -> None:
    opensim = pytest.importorskip(
        "opensim", reason="OpenSim's Python package is not installed"
    )
    model = opensim.Model(str(folder / "body.osim"))
    state = model.initSystem()
    frame = len(analysis.time_s) // 2
    for i, name in enumerate(DOF_NAMES):
        model.getCoordinateSet().get(name).setValue(
            state, float(analysis.q[frame, i]), False
        )
    model.realizePosition(state)
    for s, name in enumerate(SEGMENTS):
        place = (
            model.getBodySet().get(name).getPositionInGround(state).to_numpy()
        )
        assert np.allclose(
            place, analysis.joints_world_m[frame, s], atol=1e-5
        ), name
