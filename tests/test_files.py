"""The result files: every number of analysis.json is recomputed from timeseries.csv, and OpenSim's format is parsed."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from csv_digits import figure_tolerance, half_step
from fake_analysis import fake_analysis
from scipy.spatial.transform import Rotation

from musclepose.physics.skeleton47 import COCO17, DOF_INDEX, DOF_NAMES, SEGMENTS
from musclepose.report.analysis_json import analysis_record
from musclepose.report.files import write_files
from musclepose.report.timeseries import (
    residual_moment_world_nm,
    safe_cell,
    write_csv,
)
from musclepose.wave_llm.bridge import summarise

Columns = dict[str, np.ndarray]


def read_csv(path: Path) -> Columns:
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = list(csv.reader(stream))
    table = np.array(
        [[float(c) if c else math.nan for c in row] for row in rows]
    )
    return dict(zip(header, table.T, strict=True))


class Recompute:
    """The formula language, written here a second time from its description in analysis.json alone."""

    def __init__(self, columns: Columns, mass_kg: float) -> None:
        self.columns = columns
        inside = self._inside
        self.names: dict[str, Any] = {
            **columns,
            "mass_kg": mass_kg,
            "weight": mass_kg * 9.81,
            "max": lambda x, *w: np.nanmax(inside(x, w)),
            "min": lambda x, *w: np.nanmin(inside(x, w)),
            "mean": lambda x, *w: np.nanmean(inside(x, w)),
            "range": lambda x, *w: np.ptp(_finite(inside(x, w))),
            "absmax": lambda x, *w: np.nanmax(np.abs(inside(x, w))),
            "at": lambda x, t: x[np.abs(columns["time_s"] - t).argmin()],
            "count": lambda x: len(np.unique(x[x > 0])),
            "frames": len,
            "duration": lambda a, b: b - a,
            "ratio": lambda a, b: a / b,
            "diff": lambda a, b: a - b,
            "product": lambda a, b: a * b,
            "average": lambda *a: np.mean(a),
            "percent": lambda a: 100 * a,
            "asymmetry": lambda a, b: 100 * (a - b) / max(abs(a), abs(b)),
            "rms3": lambda n, u: math.sqrt(
                sum(np.nanmean(columns[f"{n}_{k}_{u}"] ** 2) for k in "xyz")
            ),
            "median_distance_px": self._distance,
            "mean_of_columns": self._mean_of_columns,
        }

    def _inside(self, x: np.ndarray, span: tuple[float, ...]) -> np.ndarray:
        time_s = self.columns["time_s"]
        return (
            x
            if not span
            else x[(time_s >= span[0] - 1e-3) & (time_s <= span[1] + 1e-3)]
        )

    def _mean_of_columns(self, start: str, *span: float) -> float:
        return float(
            np.mean(
                [
                    self._inside(v, span)
                    for k, v in self.columns.items()
                    if k.startswith(start)
                ]
            )
        )

    def _distance(self, a: str, b: str) -> float:
        gaps = [
            [
                self.columns[f"{a}_{n}_{k}_px"]
                - self.columns[f"{b}_{n}_{k}_px"]
                for k in "xy"
            ]
            for n in COCO17
        ]
        return float(np.nanmedian(np.linalg.norm(np.array(gaps), axis=1)))

    def __call__(self, source: str) -> float:
        return float(eval(source, {"__builtins__": {}}, self.names))


# Hip joint centres of the pelvis in LaiUhlrich2022.osim: (-0.0563, -0.0785, +-0.0773) m; midway between them.
HIPS_IN_PELVIS_M = np.array([-0.0563, -0.0785, 0.0])


def _finite(x: np.ndarray) -> np.ndarray:
    return x[np.isfinite(x)]


def figures_in(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object with a value, wherever it stands."""
    if isinstance(node, dict) and {"value", "from"} <= node.keys():
        return [(path, node)]
    children = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [
        hit
        for key, child in children
        for hit in figures_in(child, f"{path}/{key}")
    ]


def numbers_outside(node: Any, path: str = "") -> list[tuple[str, float]]:
    """Every number that is not inside such an object."""
    if isinstance(node, dict) and {"value", "from"} <= node.keys():
        return []
    if isinstance(node, bool) or node is None or isinstance(node, str):
        return []
    if isinstance(node, int | float):
        return [(path, float(node))]
    children = node.items() if isinstance(node, dict) else enumerate(node)
    return [
        hit
        for key, child in children
        for hit in numbers_outside(child, f"{path}/{key}")
    ]


@pytest.fixture(scope="module")
def analysis():
    return fake_analysis(frames=240)


@pytest.fixture(scope="module")
def summary(analysis):
    return summarise(analysis)


@pytest.fixture(scope="module")
def paths(analysis, summary, tmp_path_factory) -> dict[str, Path]:
    return write_files(
        analysis, summary, "**Well done.**", tmp_path_factory.mktemp("files")
    )


@pytest.fixture(scope="module")
def record(paths) -> dict[str, Any]:
    return json.loads(paths["analysis.json"].read_text("utf-8"))


@pytest.fixture(scope="module")
def recompute(paths, record) -> Recompute:
    return Recompute(
        read_csv(paths["timeseries.csv"]), record["athlete"]["mass_kg"]
    )


def test_every_figure_is_recomputed_from_the_csv(record, recompute) -> None:
    found = figures_in(record)
    assert len(found) > 150
    for path, figure in found:
        again = recompute(figure["from"])
        close = pytest.approx(
            figure["value"], rel=1e-4, abs=figure_tolerance(figure["unit"])
        )
        assert again == close, f"{path}: {figure['from']}"
        assert "unit" in figure


def test_every_other_number_is_an_input_or_refers_to_a_figure(
    record, recompute, summary
) -> None:
    told = (
        "/athlete",
        "/load",
        "/format",
        "/clip/size_px",
        "/clip/people",
        "/clip/person",
        "/exercise",
    )
    times = recompute.columns["time_s"]
    for path, value in numbers_outside(record):
        field = path.rsplit("/", 1)[-1]
        if path.startswith(told) or field in (
            "index",
            "threshold",
            "confidence",
            "repetition",
        ):
            continue
        if field.endswith(
            "_s"
        ):  # a moment is one of the source's own time stamps
            assert np.abs(times - value).min() < 1e-3, path
        elif path.startswith("/faults") and field == "value":
            key = summary.faults[int(path.split("/")[2])].evidence.figure_key
            assert value == pytest.approx(record["figures"][key]["value"]), path
        elif path.startswith("/faults") and "/repetitions/" in path:
            assert value in {r.index for r in summary.repetitions}
        elif path.startswith("/trends"):
            trend = summary.trends[int(path.split("/")[2])]
            keys = {"first": trend.first_key, "last": trend.last_key}
            if field in keys:
                assert value == pytest.approx(
                    record["figures"][keys[field]]["value"]
                )
        else:
            raise AssertionError(f"{path} = {value} has no source")


def test_a_wrong_number_would_be_noticed(record, recompute) -> None:
    path, figure = next(
        (p, f) for p, f in figures_in(record) if p.startswith("/peaks")
    )
    assert recompute(figure["from"]) != pytest.approx(
        figure["value"] * 1.001, rel=1e-6
    ), path


def test_csv_holds_every_array(analysis, paths) -> None:
    columns = read_csv(paths["timeseries.csv"])
    assert all(len(v) == len(analysis.time_s) for v in columns.values())
    assert sum(n.startswith("activation_") for n in columns) == 82
    assert sum(n.startswith("tau_muscle_") for n in columns) == 41
    assert sum(n.startswith("effort_") for n in columns) == 41
    for name in DOF_NAMES:
        moves = name in ("pelvis_tx", "pelvis_ty", "pelvis_tz")
        angle, torque = (
            (f"{name}_m", f"tau_{name}_n")
            if moves
            else (f"{name}_deg", f"tau_{name}_nm")
        )
        scale = 1.0 if moves else 180.0 / math.pi
        values = scale * analysis.q[:, DOF_INDEX[name]]
        assert np.allclose(
            columns[angle], values, rtol=0, atol=half_step(angle)
        )
        net = analysis.tau_nm[:, DOF_INDEX[name]]
        assert np.allclose(columns[torque], net, rtol=0, atol=half_step(torque))
    hidden = ~np.isfinite(analysis.track.keypoints_px[:, 9, 0])
    assert hidden.any() and (columns["seen_left_wrist"][hidden] == 0).all()
    assert np.isnan(
        columns["detected_left_wrist_x_px"][hidden]
    ).all()  # a gap stays a gap
    assert {
        "contact_l",
        "grf_l_y_n",
        "cop_r_x_m",
        "free_moment_l_nm",
        "com_y_m",
        "repetition",
    } <= columns.keys()


def test_every_column_has_a_line_with_its_unit_and_meaning(
    analysis, paths
) -> None:
    from musclepose.movement.columns import columns_of

    with paths["timeseries_columns.csv"].open(
        newline="", encoding="utf-8"
    ) as stream:
        lines = {row["column"]: row for row in csv.DictReader(stream)}
    assert list(lines) == list(read_csv(paths["timeseries.csv"]))
    for name, column in columns_of(analysis).items():
        assert lines[name]["unit"] == column.unit, name
        assert column.words in lines[name]["meaning"]
    told = {
        n: (lines[n]["unit"], lines[n]["meaning"])
        for n in ("grf_l_y_n", "cop_r_x_m")
    }
    assert told["grf_l_y_n"] == (
        "N",
        "ground reaction force, world axes (y up)",
    )
    assert (
        told["cop_r_x_m"][0] == "m"
        and "centre of pressure" in told["cop_r_x_m"][1]
    )
    assert lines["detected_nose_x_px"]["unit"] == "px"
    undescribed = [
        n for n, row in lines.items() if row["meaning"] == n.replace("_", " ")
    ]
    assert undescribed == []


def test_residual_moment_is_that_of_a_wrench_at_the_root(analysis) -> None:
    """A known wrench F, M on the root gives tau[3:6] = A^T M; the columns must give M - (com - root) x F back."""
    import torch

    from musclepose.physics.kinematics import local_rotations

    rng = np.random.default_rng(0)
    q = analysis.q.copy()
    q[:, 3:6] = rng.uniform(-1, 1, (len(q), 3))
    force, moment = rng.normal(size=(len(q), 3)), rng.normal(size=(len(q), 3))

    def root(z_x_y: np.ndarray) -> np.ndarray:
        moved = q.copy()
        moved[:, 3:6] = z_x_y
        return local_rotations(torch.from_numpy(moved)).numpy()[:, 0]

    tau = np.zeros_like(analysis.tau_nm)
    tau[:, :3] = force
    for k in range(
        3
    ):  # generalised force = moment . (axis of that angle), the axis from central differences of R
        step = np.zeros(3)
        step[k] = 1e-6
        spin = (
            (root(q[:, 3:6] + step) - root(q[:, 3:6] - step))
            / 2e-6
            @ np.swapaxes(root(q[:, 3:6]), 1, 2)
        )
        axis = np.stack([spin[:, 2, 1], spin[:, 0, 2], spin[:, 1, 0]], axis=1)
        tau[:, 3 + k] = (axis * moment).sum(axis=1)
    arm = analysis.com_world_m - q[:, :3]
    expected, got = (
        moment - np.cross(arm, force),
        residual_moment_world_nm(q, tau, arm),
    )
    assert np.allclose(got, expected, atol=1e-6)


def read_mot(path: Path) -> tuple[dict[str, str], Columns]:
    head, body = path.read_text("utf-8").split("endheader\n")
    fields = dict(
        line.split("=", 1) for line in head.splitlines() if "=" in line
    )
    names, *rows = [line.split("\t") for line in body.splitlines()]
    table = np.array(rows, float)
    return fields, dict(zip(names, table.T, strict=True))


LAI_UHLRICH = """
pelvis_tilt pelvis_list pelvis_rotation pelvis_tx pelvis_ty pelvis_tz hip_flexion_r hip_adduction_r
hip_rotation_r knee_angle_r ankle_angle_r subtalar_angle_r hip_flexion_l hip_adduction_l hip_rotation_l knee_angle_l
ankle_angle_l subtalar_angle_l lumbar_extension lumbar_bending lumbar_rotation arm_flex_r arm_add_r arm_rot_r
elbow_flex_r pro_sup_r arm_flex_l arm_add_l arm_rot_l elbow_flex_l pro_sup_l
"""


def test_kinematics_mot_parses_and_means_the_same(analysis, paths) -> None:
    fields, columns = read_mot(paths["kinematics.mot"])
    assert (
        paths["kinematics.mot"]
        .read_text("utf-8")
        .startswith("Coordinates\nversion=1\n")
    )
    assert int(fields["nRows"]) == len(analysis.time_s) and int(
        fields["nColumns"]
    ) == len(columns)
    assert fields["inDegrees"] == "yes"
    assert set(columns) == {"time", *LAI_UHLRICH.split()}
    assert np.allclose(columns["time"], analysis.time_s, atol=1e-6)
    assert np.isfinite(np.stack(list(columns.values()))).all()
    q = {n: np.degrees(analysis.q[:, i]) for n, i in DOF_INDEX.items()}
    assert np.allclose(columns["knee_angle_l"], q["knee_flexion_l"], atol=1e-6)
    turn = Rotation.from_euler(
        "ZXY", analysis.q[:, 3:6]
    )  # tilt, list, rotation, each about the turned axes
    origin = analysis.q[:, :3] - turn.apply(HIPS_IN_PELVIS_M)
    for k, name in enumerate(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        assert np.allclose(columns[name], origin[:, k], atol=1e-6)
    # Only one spine joint and one shoulder joint move in the squat, so the joined joints equal them, extension +.
    assert np.allclose(
        columns["lumbar_extension"], -q["lumbar_flexion"], atol=1e-5
    )
    assert np.allclose(
        columns["arm_flex_l"], q["shoulder_flexion_l"], atol=1e-5
    )


def test_joined_joints_keep_the_sign_on_both_sides(analysis) -> None:
    from musclepose.report.opensim import kinematics_columns

    q = np.zeros_like(analysis.q)
    for side in "lr":
        q[:, DOF_INDEX[f"shoulder_adduction_{side}"]] = -0.4
        q[:, DOF_INDEX[f"shoulder_rotation_{side}"]] = 0.2
    columns = kinematics_columns(dataclasses.replace(analysis, q=q))
    for side in "lr":
        assert np.allclose(
            columns[f"arm_add_{side}"], np.degrees(-0.4), atol=1e-4
        )
        assert np.allclose(
            columns[f"arm_rot_{side}"], np.degrees(0.2), atol=1e-4
        )


def test_ground_reaction_mot_is_finite_and_complete(analysis, paths) -> None:
    fields, columns = read_mot(paths["ground_reaction.mot"])
    assert int(fields["nColumns"]) == 19 and fields["inDegrees"] == "no"
    assert np.isfinite(np.stack(list(columns.values()))).all()
    assert np.allclose(
        columns["L_ground_force_vy"], analysis.grf_world_n[:, 0, 1], atol=1e-6
    )
    assert np.allclose(
        columns["R_ground_force_px"], analysis.cop_world_m[:, 1, 0], atol=1e-6
    )


def test_zip_and_text(paths) -> None:
    with zipfile.ZipFile(paths["results.zip"]) as archive:
        assert {
            "analysis.json",
            "timeseries.csv",
            "coaching.md",
            "kinematics.mot",
        } <= set(archive.namelist())
        assert archive.testzip() is None
    text = paths["coaching.md"].read_text("utf-8")
    assert text.startswith("**Well done.**") and "no medical advice" in text


def test_the_archive_holds_only_what_this_run_wrote(
    analysis, summary, tmp_path
) -> None:
    (tmp_path / "overlay.mp4").write_bytes(b"of another run")
    (tmp_path / "plots.png").write_bytes(b"of this run")
    written = write_files(
        analysis, summary, "", tmp_path, (tmp_path / "plots.png",)
    )
    with zipfile.ZipFile(written["results.zip"]) as archive:
        assert set(archive.namelist()) == {*written, "plots.png"} - {
            "results.zip"
        }


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_a_spreadsheet_formula_is_disarmed(text: str, tmp_path: Path) -> None:
    assert safe_cell(text).startswith("'")
    assert safe_cell("knee_flexion_l_deg") == "knee_flexion_l_deg"
    out = write_csv(tmp_path / "x.csv", {text: np.array([1.0, np.nan])})
    assert next(csv.reader(out.open(newline="")))[0] == "'" + text


def test_nothing_undefined_reaches_json(analysis, summary) -> None:
    import dataclasses

    lifted = dataclasses.replace(
        analysis, cop_world_m=np.full_like(analysis.cop_world_m, np.nan)
    )
    text = json.dumps(analysis_record(lifted, summary))
    assert text  # serialisable; NaN is turned to null when written


def _with_gap(analysis, first: int, last: int):
    force = analysis.grf_world_n.copy()
    force[first:last] = np.nan
    return dataclasses.replace(analysis, grf_world_n=force)


def test_motion_and_forces_are_cut_to_the_longest_stretch_with_forces(
    analysis, summary, tmp_path
) -> None:
    """240 frames, unknown from 150 to 170: the first 150 are left, in every file for OpenSim."""
    paths = write_files(_with_gap(analysis, 150, 170), summary, "", tmp_path)
    for name in (
        "kinematics.mot",
        "ground_reaction.mot",
        "moments.sto",
        "activations.sto",
    ):
        fields, columns = read_mot(paths[name])
        assert int(fields["nRows"]) == len(columns["time"]) == 150
        assert np.allclose(columns["time"], analysis.time_s[:150], atol=1e-6)
    setup = ElementTree.parse(paths["inverse_dynamics_setup.xml"])
    span = [float(t) for t in setup.findtext(".//time_range").split()]
    assert span == pytest.approx([analysis.time_s[0], analysis.time_s[149]])


def test_external_loads_name_columns_that_are_there(paths) -> None:
    _, columns = read_mot(paths["ground_reaction.mot"])
    loads = ElementTree.parse(paths["external_loads.xml"])
    forces = loads.findall(".//ExternalForce")
    assert {f.findtext("applied_to_body") for f in forces} == {
        "calcn_l",
        "calcn_r",
    }
    for force in forces:
        foot = force.findtext("applied_to_body")[-1].upper()
        for kind in ("force", "point", "torque"):
            stem = force.findtext(f"{kind}_identifier")
            assert stem.startswith(f"{foot}_") and {
                f"{stem}{a}" for a in "xyz"
            } <= set(columns)
    assert loads.findtext(".//datafile") == "ground_reaction.mot"


def test_hands_that_carry_are_loads_too(analysis, summary, tmp_path) -> None:
    force = np.full((len(analysis.time_s), 2, 3), [0.0, 50.0, 0.0])
    force[:, 1, 1] = 70.0
    paths = write_files(
        dataclasses.replace(analysis, hand_force_world_n=force),
        summary,
        "",
        tmp_path,
    )
    _, columns = read_mot(paths["ground_reaction.mot"])
    assert (columns["L_hand_force_vy"] == 50.0).all() and (
        columns["R_hand_force_vy"] == 70.0
    ).all()
    wrist = analysis.joints_world_m[:, SEGMENTS.index("hand_l")]
    assert np.allclose(columns["L_hand_force_px"], wrist[:, 0], atol=1e-6)
    loads = ElementTree.parse(paths["external_loads.xml"]).findall(
        ".//ExternalForce"
    )
    bodies = {
        f.findtext("force_identifier"): f.findtext("applied_to_body")
        for f in loads
    }
    assert bodies == {
        "L_hand_force_v": "hand_l",
        "R_hand_force_v": "hand_r",
        "L_ground_force_v": "calcn_l",
        "R_ground_force_v": "calcn_r",
    }


def test_markers_are_where_the_joints_are(analysis, paths) -> None:
    lines = paths["markers.trc"].read_text("utf-8").split("\n")
    rate, _, frames, markers, units, *_ = lines[2].split("\t")
    names = [n for n in lines[3].split("\t")[2:] if n]
    assert (int(frames), int(markers), units) == (
        len(analysis.time_s),
        len(names),
        "m",
    )
    assert float(rate) == pytest.approx(
        1.0 / np.diff(analysis.time_s).mean(), rel=1e-4
    )
    table = np.array(
        [line.split("\t") for line in lines[6 : 6 + int(frames)]], float
    )
    assert table.shape == (int(frames), 2 + 3 * len(names))
    knee = 2 + 3 * names.index("shank_l_joint")
    assert np.allclose(
        table[:, knee : knee + 3],
        analysis.joints_world_m[:, SEGMENTS.index("shank_l")],
        atol=1e-6,
    )
    nose = 2 + 3 * names.index("coco_nose")
    assert np.allclose(
        table[:, nose : nose + 3], analysis.keypoints_world_m[:, 0], atol=1e-6
    )


def test_moments_and_activations_by_name(analysis, paths) -> None:
    _, moments = read_mot(paths["moments.sto"])
    knee = analysis.tau_nm[:, DOF_INDEX["knee_flexion_l"]]
    assert np.allclose(moments["knee_flexion_l_moment"], knee, atol=1e-6)
    assert "pelvis_ty_force" in moments and "pelvis_tilt_moment" in moments
    _, activations = read_mot(paths["activations.sto"])
    muscle = DOF_INDEX["knee_flexion_l"] - 6
    assert np.allclose(
        activations["knee_flexion_l_plus/activation"],
        analysis.activation[:, muscle],
        atol=1e-6,
    )
    other = activations["knee_flexion_l_minus/activation"]
    assert np.allclose(other, analysis.activation[:, 41 + muscle], atol=1e-6)
