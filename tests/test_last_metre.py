"""From an Analysis to what the reader holds, by name: csv, OpenSim files, analysis.json, plots, table.

Every expected value is the fixture's own formula of a name; a swapped side, axis, sign, unit or direction shows.
"""

from __future__ import annotations

import csv
import html
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from asymmetric_analysis import (
    DOF_ORDER,
    FRAMES,
    HEIGHT_M,
    JOINT_DOF_NAMES,
    MASS_KG,
    POINT_ORDER,
    ROOT_NAMES,
    WEIGHT_N,
    activation,
    angle_rad,
    asymmetric_analysis,
    com_m,
    confidence,
    contact,
    coordinate,
    detected_px,
    effort,
    fitted_px,
    force_band_n,
    force_n,
    free_moment_nm,
    is_hidden,
    muscle_torque_nm,
    position_m,
    pressure_m,
    torque,
    torque_band,
)
from csv_digits import half_step
from scipy.spatial.transform import Rotation

from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import Phase, PhysicsSummary, Repetition
from musclepose.records import Array
from musclepose.report.files import write_files
from musclepose.report.series import Panel, groups
from musclepose.report.svg import panels_html
from musclepose.web.table import table

ANALYSIS = asymmetric_analysis()
SIDES = {"l": "left", "r": "right"}


def _summary() -> PhysicsSummary:
    """Two figures, one a side, and one repetition, all with values of their own."""
    figures = tuple(
        Figure(
            f"made_{side}.max",
            value,
            "N m",
            f"max(made_{side}_nm)",
            1,
            f"{side} made up torque",
            "knee",
            side,
            None,
            at,
            band,
        )
        for side, value, at, band in (
            ("left", 41.26, 0.2, 3.3),
            ("right", 57.84, 0.5, 4.4),
        )
    )
    phases = (
        Phase("eccentric", 0.1, 0.3),
        Phase("hold", 0.3, 0.4),
        Phase("concentric", 0.4, 0.7),
    )
    repetition = Repetition(1, 0.1, 0.35, 0.7, phases)
    return PhysicsSummary(
        Recognition("squat", 0.93),
        "repetitions",
        0.767,
        "side",
        (repetition,),
        figures=figures,
        warnings=("A warning of the summary.",),
        assumed=("sex",),
        height_m=HEIGHT_M,
        mass_kg=MASS_KG,
    )


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_files(
        ANALYSIS, _summary(), "Text.", tmp_path_factory.mktemp("files")
    )


@pytest.fixture(scope="module")
def record(paths: dict[str, Path]) -> dict:
    return json.loads(paths["analysis.json"].read_text("utf-8"))


def _read_csv(path: Path) -> dict[str, Array]:
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = list(csv.reader(stream))
    table = np.array(
        [[float(c) if c else math.nan for c in row] for row in rows]
    )
    return dict(zip(header, table.T, strict=True))


@pytest.fixture(scope="module")
def columns(paths: dict[str, Path]) -> dict[str, Array]:
    return _read_csv(paths["timeseries.csv"])


def _dof_columns() -> dict[str, Array]:
    out: dict[str, Array] = {}
    for dof in DOF_ORDER:
        moves = dof in ROOT_NAMES[:3]
        unit = "n" if moves else "nm"
        if moves:
            out[f"{dof}_m"] = position_m(dof)
        else:
            out[f"{dof}_deg"] = angle_rad(dof) * 180.0 / math.pi
        out[f"tau_{dof}_{unit}"] = torque(dof)
        out[f"band90_tau_{dof}_{unit}"] = torque_band(dof)
        if dof not in ROOT_NAMES:
            out[f"tau_{dof}_nm_per_kg"] = torque(dof) / MASS_KG
    return out


def _muscle_columns() -> dict[str, Array]:
    out: dict[str, Array] = {}
    for dof in JOINT_DOF_NAMES:
        out[f"tau_muscle_{dof}_nm"] = muscle_torque_nm(dof)
        out[f"activation_{dof}_plus"] = activation(dof, "flexion")
        out[f"activation_{dof}_minus"] = activation(dof, "extension")
        out[f"effort_{dof}"] = effort(dof)
    return out


def _foot_columns() -> dict[str, Array]:
    out: dict[str, Array] = {}
    for foot in "lr":
        out[f"grf_{foot}_bw"] = force_n(foot, "y") / WEIGHT_N
        out[f"contact_{foot}"] = contact(foot)
        out[f"free_moment_{foot}_nm"] = free_moment_nm(foot)
        for axis in "xyz":
            out[f"grf_{foot}_{axis}_n"] = force_n(foot, axis)
            out[f"cop_{foot}_{axis}_m"] = pressure_m(foot, axis)
            out[f"band90_grf_{foot}_{axis}_n"] = force_band_n(foot, axis)
    total = force_n("l", "y") + force_n("r", "y")
    out["grf_total_bw"] = total / WEIGHT_N
    out["load_share_l_pct"] = 100.0 * force_n("l", "y") / total
    return out


def _residual_columns() -> dict[str, Array]:
    """Force: the root's own. Moment: about the centre of mass, from the wrench on the root's Z-X-Y axes."""
    out = {f"com_{axis}_m": com_m(axis) for axis in "xyz"}
    force = np.stack([torque(f"pelvis_t{axis}") for axis in "xyz"], axis=1)
    arm = np.stack(
        [com_m(a) - position_m(f"pelvis_t{a}") for a in "xyz"], axis=1
    )
    moment = np.stack([_root_moment(i) for i in range(FRAMES)]) - np.cross(
        arm, force
    )
    for k, axis in enumerate("xyz"):
        out[f"residual_force_{axis}_n"] = force[:, k]
        out[f"residual_moment_{axis}_nm"] = moment[:, k]
        out[f"required_force_{axis}_n"] = (
            force[:, k] + force_n("l", axis) + force_n("r", axis)
        )
    return out


def _root_moment(i: int) -> Array:
    """(3,) M with axis_k . M = tau_k; the axes of intrinsic ZXY angles by the elementary rotations."""
    z, x = angle_rad("pelvis_tilt")[i], angle_rad("pelvis_list")[i]
    first = Rotation.from_euler("Z", z)
    second = first * Rotation.from_euler("X", x)
    axes = np.stack(
        [[0.0, 0.0, 1.0], first.apply([1.0, 0, 0]), second.apply([0, 1.0, 0])]
    )
    tau = [torque(f"pelvis_{n}")[i] for n in ("tilt", "list", "rotation")]
    return np.linalg.solve(axes, tau)


def _point_columns() -> dict[str, Array]:
    out: dict[str, Array] = {}
    for point in POINT_ORDER:
        hidden = is_hidden(point)
        out[f"seen_{point}"] = np.where(hidden, 0.0, 1.0)
        out[f"confidence_{point}"] = np.where(hidden, 0.0, confidence(point))
        for axis in "xy":
            out[f"detected_{point}_{axis}_px"] = np.where(
                hidden, np.nan, detected_px(point, axis)
            )
            out[f"fitted_{point}_{axis}_px"] = fitted_px(point, axis)
    return out


GEOMETRY = {
    *[
        "com_speed_m_s",
        "trunk_lean_deg",
        "trunk_side_lean_deg",
        "body_line_deg",
        "stance_width_m",
        "step_split_m",
    ],
    *["foot_height_gap_m", "side_shift_m", "com_height_m"],
    *["shoulder_m", "shoulder_rise_m_s", "hip_m", "hip_rise_m_s"],
    *(
        f"{name}_{side}_{unit}"
        for side in "lr"
        for name, unit in (
            ("knee_valgus", "deg"),
            ("thigh_above_level", "deg"),
            ("arm_elevation", "deg"),
            ("wrist_over_shoulder", "m"),
            ("arm_in_picture", "deg"),
            ("hand", "m"),
            ("hand_rise", "m_s"),
            ("elbow_in_picture", "deg"),
            ("knee_in_picture", "deg"),
            ("hip_in_picture", "deg"),
            ("foot_in_picture", "deg"),
        )
    ),
}
PICTURE = {
    "hands_apart_in_picture",
    "shoulder_height_in_picture",
    "trunk_in_picture_deg",
    "feet_before_each_other_in_picture",
    "hands_before_each_other_in_picture",
    "hand_height_in_picture",
}
COUNTING = {"repetition", "partial", "step"}
EXPECTED = {
    "time_s": np.arange(FRAMES) / 30.0,
    **_dof_columns(),
    **_muscle_columns(),
    **_foot_columns(),
    **_residual_columns(),
    **_point_columns(),
}


def assert_same(
    found: Mapping[str, Array],
    expected: Mapping[str, Array],
    within: Callable[[str], float],
) -> None:
    wrong = [
        name
        for name, values in expected.items()
        if not np.allclose(
            found[name], values, rtol=2e-8, atol=within(name), equal_nan=True
        )
    ]
    assert wrong == []


def test_the_fixture_has_no_two_cells_alike() -> None:
    levels = [
        float(np.nanmean(v))
        for n, v in EXPECTED.items()
        if not n.startswith(
            ("time", "seen", "grf_total", "load", "required", "residual_force")
        )
    ]
    assert len(levels) >= 420
    assert len({round(v, 7) for v in levels}) == len(levels)


def test_csv_has_these_columns_and_no_others(columns: dict[str, Array]) -> None:
    assert set(columns) == set(EXPECTED) | GEOMETRY | PICTURE | COUNTING


def test_csv_holds_under_every_name_what_belongs_to_it(
    columns: dict[str, Array],
) -> None:
    assert_same(columns, EXPECTED, half_step)


def test_csv_counts_the_repetition(columns: dict[str, Array]) -> None:
    times = np.arange(FRAMES) / 30.0
    inside = (times > 0.1 - 1e-6) & (times < 0.7 + 1e-6)
    assert np.array_equal(columns["repetition"], inside.astype(float))


def _read_mot(path: Path) -> dict[str, Array]:
    body = path.read_text("utf-8").split("endheader\n")[1]
    names, *rows = [line.split("\t") for line in body.splitlines()]
    return dict(zip(names, np.array(rows, float).T, strict=True))


def _degrees(dof: str) -> Array:
    return np.degrees(angle_rad(dof))


def _joined(first: tuple[Array, ...], second: tuple[Array, ...]) -> Array:
    """(T, 3) z, x, y degrees of two joints in series, by scipy's intrinsic ZXY angles."""
    both = [
        Rotation.from_euler("ZXY", np.stack(angles, axis=1))
        for angles in (first, second)
    ]
    return (both[0] * both[1]).as_euler("ZXY", degrees=True)


def _spine(name: str) -> tuple[Array, ...]:
    """Turns about z, x, y: flexion bends forward, which is a negative turn about z (to the right)."""
    bare = [
        angle_rad(f"{name}_{part}")
        for part in ("flexion", "bending", "rotation")
    ]
    return -bare[0], bare[1], bare[2]


def _arm(side: str) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Scapula and shoulder as turns about z, x, y; x and y are mirrored on the left."""
    mirror = 1.0 if side == "r" else -1.0
    tilt, raised = (
        angle_rad(f"scapula_tilt_{side}"),
        angle_rad(f"scapula_elevation_{side}"),
    )
    flexion, adduction, rotation = (
        angle_rad(f"shoulder_{part}_{side}")
        for part in ("flexion", "adduction", "rotation")
    )
    return (-tilt, -mirror * raised, 0.0 * tilt), (
        flexion,
        mirror * adduction,
        mirror * rotation,
    )


def _expected_kinematics() -> dict[str, Array]:
    out = {name: _degrees(name) for name in ROOT_NAMES[3:]}
    turn = Rotation.from_euler(
        "ZXY", np.stack([_degrees(n) for n in ROOT_NAMES[3:]], 1), degrees=True
    )
    before_and_above = turn.apply(
        [0.0563, 0.0785, 0.0]
    )  # of the mid-hip point, LaiUhlrich2022.osim, m
    out |= {
        name: position_m(name) + before_and_above[:, k]
        for k, name in enumerate(ROOT_NAMES[:3])
    }
    lumbar = _joined(_spine("lumbar"), _spine("thoracic"))
    for k, name in enumerate(("extension", "bending", "rotation")):
        out[f"lumbar_{name}"] = lumbar[:, k]
    for side, mirror in (("l", -1.0), ("r", 1.0)):
        for theirs, ours in (
            ("hip_flexion", "hip_flexion"),
            ("hip_adduction", "hip_adduction"),
            ("hip_rotation", "hip_rotation"),
            ("knee_angle", "knee_flexion"),
            ("ankle_angle", "ankle_dorsiflexion"),
            ("subtalar_angle", "ankle_inversion"),
            ("elbow_flex", "elbow_flexion"),
            ("pro_sup", "forearm_pronation"),
        ):
            out[f"{theirs}_{side}"] = _degrees(f"{ours}_{side}")
        arm = _joined(*_arm(side))
        out[f"arm_flex_{side}"] = arm[:, 0]
        out[f"arm_add_{side}"] = mirror * arm[:, 1]
        out[f"arm_rot_{side}"] = mirror * arm[:, 2]
    return out


def test_kinematics_mot_by_name(paths: dict[str, Path]) -> None:
    found = _read_mot(paths["kinematics.mot"])
    expected = _expected_kinematics()
    assert set(found) == {"time"} | set(expected)
    assert_same(found, expected, lambda _: 1e-4)
    assert np.allclose(found["time"], np.arange(FRAMES) / 30.0, atol=1e-7)


def test_ground_reaction_mot_by_name(paths: dict[str, Path]) -> None:
    found = _read_mot(paths["ground_reaction.mot"])
    expected: dict[str, Array] = {}
    for foot in "lr":
        letter = foot.upper()
        for axis in "xyz":
            expected[f"{letter}_ground_force_v{axis}"] = force_n(foot, axis)
            expected[f"{letter}_ground_force_p{axis}"] = pressure_m(foot, axis)
            expected[f"{letter}_ground_torque_{axis}"] = np.zeros(FRAMES)
        expected[f"{letter}_ground_torque_y"] = free_moment_nm(foot)
    assert set(found) == {"time"} | set(expected)
    assert_same(found, expected, lambda _: 1e-7)


def _expected_peaks() -> dict[str, tuple[float, str]]:
    out: dict[str, tuple[float, str]] = {}
    for dof in JOINT_DOF_NAMES:
        peak = float(np.abs(torque(dof)).max())
        out[f"peak_tau_{dof}_nm"] = (peak, "N m")
        out[f"peak_tau_{dof}_nm_per_kg"] = (peak / 80.0, "N m/kg")
        out[f"peak_effort_{dof}_pct"] = (100.0 * float(effort(dof).max()), "%")
    for foot in "lr":
        out[f"peak_grf_{foot}_bw"] = (
            float(force_n(foot, "y").max()) / WEIGHT_N,
            "BW",
        )
    total = force_n("l", "y") + force_n("r", "y")
    out["peak_grf_total_bw"] = (float(total.max()) / WEIGHT_N, "BW")
    return out


def test_analysis_json_peaks_by_name(record: dict) -> None:
    expected = _expected_peaks()
    found = {
        name: (e["value"], e["unit"]) for name, e in record["peaks"].items()
    }
    assert set(found) == set(expected)
    for name, (value, unit) in expected.items():
        assert found[name][1] == unit
        assert found[name][0] == pytest.approx(value, rel=1e-6), name


def _rms(parts: list[Array]) -> float:
    return math.sqrt(sum(float(np.mean(p**2)) for p in parts))


def test_analysis_json_quality_by_hand(record: dict) -> None:
    columns = _residual_columns()
    lacking = _rms([columns[f"residual_force_{a}_n"] for a in "xyz"])
    needed = _rms([columns[f"required_force_{a}_n"] for a in "xyz"])
    moment = _rms([columns[f"residual_moment_{a}_nm"] for a in "xyz"])
    height = float(np.mean(com_m("y")))
    gaps = []
    for point in POINT_ORDER:
        apart = [fitted_px(point, a) - detected_px(point, a) for a in "xy"]
        gaps.append(np.where(is_hidden(point), np.nan, np.hypot(*apart)))
    expected = {
        "root_residual_force_bw": (lacking / WEIGHT_N, "BW"),
        "root_residual_force_fraction": (lacking / needed, ""),
        "root_residual_moment_fraction": (moment / (height * needed), ""),
        "reprojection_error_px": (float(np.nanmedian(gaps)), "px"),
        "seen_fraction": (1.0 - 4 / (17 * FRAMES), ""),
    }
    for name, (value, unit) in expected.items():
        assert record["quality"][name]["value"] == pytest.approx(
            value, rel=1e-6
        ), name
        assert record["quality"][name]["unit"] == unit
    assert (
        record["quality"]["root_residual_force_fraction"]["limit"] == 0.05
    )  # Hicks et al. 2015
    assert record["quality"]["root_residual_moment_fraction"]["limit"] == 0.01
    assert record["quality"]["level"] == "medium"


def test_analysis_json_tells_who_what_and_how_sure(record: dict) -> None:
    told = {
        "height_m": 1.83,
        "mass_kg": 80.0,
        "sex": "female",
        "age_years": 31.0,
    }
    assert record["athlete"] == {**told, "assumed": ["sex"]}
    assert record["load"] == {"mass_kg": 22.5, "at": "shoulders"}
    clip = record["clip"]
    assert (clip["people"], clip["person"], clip["size_px"]) == (
        3,
        1,
        [960, 720],
    )
    assert clip["frames"]["value"] == 24 and clip["duration"][
        "value"
    ] == pytest.approx(23 / 30)
    assert record["warnings"] == [
        "A warning of the clip.",
        "A warning of the summary.",
    ]
    assert record["quality"]["warnings"] == ["A quality warning."]
    left, right = (
        record["figures"][f"made_{s}.max"] for s in ("left", "right")
    )
    assert (left["value"], left["side"], left["time_s"], left["band_90"]) == (
        41.26,
        "left",
        0.2,
        3.3,
    )
    assert (
        right["value"],
        right["side"],
        right["time_s"],
        right["band_90"],
    ) == (
        57.84,
        "right",
        0.5,
        4.4,
    )
    assert [p["name"] for p in record["repetitions"][0]["phases"]] == [
        "eccentric",
        "hold",
        "concentric",
    ]


PLOTTED = {  # title of the joint: degree of freedom without its side, muscle group, its direction
    "Hip": ("hip_flexion", "Hip extensors", "extension"),
    "Knee": ("knee_flexion", "Knee extensors", "extension"),
    "Ankle": ("ankle_dorsiflexion", "Ankle plantarflexors", "extension"),
    "Lower back": ("lumbar_flexion", "Back extensors", "extension"),
    "Shoulder": ("shoulder_flexion", "Shoulder flexors", "flexion"),
    "Elbow": ("elbow_flexion", "Elbow flexors", "flexion"),
}


def _panels(group: str) -> dict[str, Panel]:
    return {panel.title: panel for panel in groups(ANALYSIS)[group]}


def _dof_of_line(bare: str, side: str) -> str:
    return f"{bare}_{side[0]}" if side else bare


@pytest.mark.parametrize("title", PLOTTED)
def test_plots_of_a_joint_show_that_joint_and_side(title: str) -> None:
    bare, muscles, direction = PLOTTED[title]
    sides = [""] if title == "Lower back" else ["left", "right"]
    torques, angles = _panels("Torque")[title], _panels("Angles")[title]
    activations = _panels("Activation")[muscles]
    assert (torques.unit, angles.unit, activations.unit) == (
        "N m/kg",
        "deg",
        "%",
    )
    for panel in (torques, angles, activations):
        assert [line.side for line in panel.lines] == sides
    for i, side in enumerate(sides):
        dof = _dof_of_line(bare, side)
        band = torques.lines[i].band
        assert band is not None and np.allclose(band, torque_band(dof) / 80.0)
        assert np.allclose(torques.lines[i].values, torque(dof) / 80.0)
        assert np.allclose(angles.lines[i].values, np.degrees(coordinate(dof)))
        assert np.allclose(
            activations.lines[i].values, 100.0 * activation(dof, direction)
        )


def test_plots_of_the_ground_show_the_right_foot_under_its_name() -> None:
    panels = _panels("Ground")
    vertical, level = panels["Vertical force"], panels["Horizontal force"]
    for i, foot in enumerate("lr"):
        assert vertical.lines[i].side == level.lines[i].side == SIDES[foot]
        assert np.allclose(
            vertical.lines[i].values, force_n(foot, "y") / WEIGHT_N
        )
        assert np.allclose(
            vertical.lines[i].band, force_band_n(foot, "y") / WEIGHT_N
        )
        flat = np.hypot(force_n(foot, "x"), force_n(foot, "z")) / WEIGHT_N
        assert np.allclose(level.lines[i].values, flat)
        flat_band = (
            np.hypot(force_band_n(foot, "x"), force_band_n(foot, "z"))
            / WEIGHT_N
        )
        assert np.allclose(level.lines[i].band, flat_band)
    total = force_n("l", "y") + force_n("r", "y")
    assert np.allclose(panels["Both feet"].lines[0].values, total / WEIGHT_N)
    share_left = panels["Load on the left foot"].lines[0].values
    assert np.allclose(share_left, 100.0 * force_n("l", "y") / total)


def test_only_the_joints_of_the_hidden_wrist_are_grey() -> None:
    hidden = is_hidden("left_wrist")
    for group in ("Torque", "Angles", "Activation"):
        for panel in _panels(group).values():
            for line in panel.lines:
                is_left_elbow = (
                    panel.title in ("Elbow", "Elbow flexors")
                    and line.side == "left"
                )
                expected = ~hidden if is_left_elbow else np.ones(FRAMES, bool)
                assert np.array_equal(line.seen, expected)


def test_the_page_draws_the_left_line_in_the_left_class() -> None:
    text = panels_html(ANALYSIS, groups(ANALYSIS)["Angles"])
    data = [
        json.loads(html.unescape(d))
        for d in re.findall(r'data-plot="([^"]*)"', text)
    ]
    knee = data[list(PLOTTED).index("Knee")]
    assert np.allclose(
        knee["v"][0], np.degrees(angle_rad("knee_flexion_l")), atol=6e-4
    )
    assert np.allclose(
        knee["v"][1], np.degrees(angle_rad("knee_flexion_r")), atol=6e-4
    )
    assert np.allclose(knee["t"], np.arange(FRAMES) / 30.0, atol=6e-4)
    classes = re.findall(r'class="mp-curve (\w+)"', text)
    assert classes[:4] == ["left", "right", "left", "right"]


def test_a_larger_value_is_drawn_higher() -> None:
    """The knee whose angle is larger throughout has the smaller y in the picture throughout."""
    text = panels_html(ANALYSIS, groups(ANALYSIS)["Angles"][1:2])
    curves = dict(re.findall(r'class="mp-curve (\w+)" d="([^"]*)"', text))
    heights = {
        side: [float(p.split()[1]) for p in re.split("[ML]", d) if p]
        for side, d in curves.items()
    }
    left, right = angle_rad("knee_flexion_l"), angle_rad("knee_flexion_r")
    assert (left > right).all() or (left < right).all()
    higher, lower = (
        ("left", "right") if left[0] > right[0] else ("right", "left")
    )
    assert all(
        a < b for a, b in zip(heights[higher], heights[lower], strict=True)
    )


def test_the_table_shows_each_figure_with_its_own_value_band_and_moment() -> (
    None
):
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table(_summary()))
    left = next(r for r in rows if "Left made up torque" in r)
    right = next(r for r in rows if "Right made up torque" in r)
    assert (
        "41.3 N m" in left and "± 3.3" in left and 'data-seek="0.200"' in left
    )
    assert (
        "57.8 N m" in right
        and "± 4.4" in right
        and 'data-seek="0.500"' in right
    )
    repetition = next(r for r in rows if 'data-seek="0.100"' in r)
    assert re.findall(r"data-seek=\"([\d.]+)\"", repetition) == [
        "0.100",
        "0.350",
        "0.700",
    ]
