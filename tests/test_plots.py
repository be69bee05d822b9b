"""The plots: what they show, in which units, and that the page's panels carry the same numbers."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_analysis import fake_analysis
from matplotlib.figure import Figure
from PIL import Image

from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.report.palette import LEFT, RIGHT
from musclepose.report.plots import draw_panel, write_plots
from musclepose.report.series import (
    groups,
    spans,
    torque_panels,
    unseen_spans,
    vertical_range,
)
from musclepose.report.svg import panels_html, ticks


@pytest.fixture(scope="module")
def analysis():
    return fake_analysis(frames=120)


def test_png_is_written_large_enough_to_read(analysis, tmp_path: Path) -> None:
    with Image.open(
        write_plots(analysis, tmp_path / "plots.png", [(0.1, 1.9), (2.1, 3.9)])
    ) as picture:
        assert picture.width > 1600 and picture.height > 900


def test_every_axis_has_its_unit_and_sides_keep_their_colour(analysis) -> None:
    units = {
        "Torque": {"N m/kg"},
        "Activation": {"%"},
        "Angles": {"deg"},
        "Ground": {"BW", "%"},
    }
    for name, panels in groups(analysis).items():
        assert {p.unit for p in panels} == units[name]
        for panel in panels:
            axes = Figure().subplots()
            draw_panel(axes, panel, analysis.time_s, [(0.5, 1.5)])
            assert (
                axes.get_xlabel() == "time (s)"
                and axes.get_ylabel() == panel.unit
            )
            colours = {
                line.get_label(): line.get_color() for line in axes.get_lines()
            }
            assert (
                colours.get("left", LEFT) == LEFT
                and colours.get("right", RIGHT) == RIGHT
            )


def test_torque_is_per_kilogram_and_carries_its_band(analysis) -> None:
    knee = next(p for p in torque_panels(analysis) if p.title == "Knee")
    left = knee.lines[0]
    dof = DOF_INDEX["knee_flexion_l"]
    assert left.side == "left" and left.band is not None
    assert np.allclose(
        left.values * analysis.athlete.mass_kg, analysis.tau_nm[:, dof]
    )
    assert np.allclose(
        left.band * analysis.athlete.mass_kg, analysis.tau_band_nm[:, dof]
    )
    low, high = vertical_range(knee)
    assert (
        low <= (left.values - left.band).min()
        and high >= (left.values + left.band).max()
    )


def test_activation_shows_the_named_muscle_group(analysis) -> None:
    knee = next(
        p for p in groups(analysis)["Activation"] if p.title == "Knee extensors"
    )
    extension_side = 41 + DOF_INDEX["knee_flexion_l"] - 6
    assert np.allclose(
        knee.lines[0].values, 100 * analysis.activation[:, extension_side]
    )


def test_grey_spans_are_exactly_where_a_joint_was_not_seen(analysis) -> None:
    time_s = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    assert np.allclose(
        spans(np.array([False, True, True, False, True]), time_s),
        [(0.05, 0.25), (0.35, 0.4)],
    )
    assert spans(np.zeros(5, bool), time_s) == []
    knee, hip = (
        next(p for p in torque_panels(analysis) if p.title == t)
        for t in ("Knee", "Hip")
    )
    ((start, end),) = unseen_spans(
        knee, analysis.time_s
    )  # the left ankle is hidden there
    assert start == pytest.approx(30 / 30, abs=0.03) and end == pytest.approx(
        39 / 30, abs=0.03
    )
    assert unseen_spans(hip, analysis.time_s) == []


def test_page_panels_are_well_formed_and_carry_the_numbers(analysis) -> None:
    panels = groups(analysis)["Angles"]
    text = panels_html(analysis, panels, [(0.5, 1.5)])
    root = ElementTree.fromstring(text)
    figures = root.findall(".//figure")
    assert len(figures) == len(panels)
    data = json.loads(figures[1].attrib["data-plot"])
    assert np.allclose(data["v"][0], panels[1].lines[0].values, atol=1e-3)
    assert "time (s)" in text and ">deg<" in text
    assert "<script" not in text and "onclick" not in text


def test_a_long_clip_is_thinned_for_the_page_only() -> None:
    analysis = fake_analysis(frames=1500)
    text = panels_html(analysis, groups(analysis)["Torque"][:1])
    data = json.loads(html.unescape(re.search(r'data-plot="([^"]*)"', text)[1]))
    assert len(data["t"]) == 500 and data["t"][-1] == pytest.approx(
        analysis.time_s[-1], abs=1e-3
    )


def test_gaps_and_empty_curves_are_drawn_as_gaps(analysis) -> None:
    tau = analysis.tau_nm.copy()
    tau[10:20] = np.nan
    broken = dataclasses.replace(analysis, tau_nm=tau)
    path = re.search(
        r'mp-curve left" d="([^"]*)"',
        panels_html(broken, groups(broken)["Torque"][:1]),
    )[1]
    assert path.count("M") == 2 and "nan" not in path
    nothing = dataclasses.replace(analysis, tau_nm=np.full_like(tau, np.nan))
    assert "nan" not in panels_html(nothing, groups(nothing)["Torque"])


@pytest.mark.parametrize(
    ("low", "high"),
    [(-1.3, 0.4), (0, 104), (0.95, 1.07), (-0.001, 0.001), (0, 7.66)],
)
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    values = ticks(low, high, 4)
    assert (
        2 <= len(values) <= 6 and low <= values[0] and values[-1] <= high + 1e-9
    )
    assert np.allclose(np.diff(values), values[1] - values[0])
    step = values[1] - values[0]
    assert f"{step:.1e}"[:3] in ("1.0", "2.0", "5.0")


def test_torque_can_be_read_in_newton_metres(analysis) -> None:
    root = ElementTree.fromstring(
        panels_html(analysis, groups(analysis)["Torque"])
    )
    knee = root.findall(".//figure")[1]
    data = json.loads(knee.attrib["data-plot"])
    assert np.allclose(
        data["other"][0],
        analysis.tau_nm[:, DOF_INDEX["knee_flexion_l"]],
        atol=1e-3,
    )
    units = {
        g.attrib["class"]: g
        for g in knee.findall(".//svg/g")
        if "class" in g.attrib
    }
    for name, unit, factor in (
        ("u0", "N m/kg", 1.0),
        ("u1", "N m", analysis.athlete.mass_kg),
    ):
        texts = [t.text for t in units[name].findall("text")]
        assert texts[-1] == unit
        heights = [
            float(t.attrib["y"]) for t in units[name].findall("text")[:-1]
        ]
        values = [float(t.replace("−", "-")) / factor for t in texts[:-1]]
        slopes = np.diff(heights) / np.diff(
            values
        )  # one and the same scale on the drawing
        assert np.allclose(slopes, slopes[0], rtol=0.02)


def test_repetitions_over_each_other_stand_at_their_own_share(analysis) -> None:
    """Two equal squats: their curves lie on each other; the left knee is hidden in the first one from 1.0 to 1.3 s."""
    spans_s = [(0.0, 1.96), (2.0, 3.96)]
    text = panels_html(analysis, groups(analysis)["Angles"][1:2], spans_s)
    paths = {
        (side, rep): d
        for side, rep, d in re.findall(
            r'mp-curve (left|right)" data-rep="(\d)" d="([^"]*)"', text
        )
    }
    points = {
        key: np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", d), float)
        for key, d in paths.items()
    }
    first, second = points["right", "0"], points["right", "1"]
    assert np.allclose(first, second, atol=0.8) and first[0, 0] == 40.0
    highest = first[np.argmin(first[:, 1]), 0]
    assert (highest - 40.0) / (274.0 - 40.0) == pytest.approx(
        1.0 / 1.96, abs=0.03
    )  # deepest at 1 s
    assert (
        paths["left", "0"].count("M") == 2
        and paths["left", "1"].count("M") == 1
    )
    assert "mp-over" not in panels_html(
        analysis, groups(analysis)["Angles"][1:2], spans_s[:1]
    )


def test_a_plot_without_any_value_says_so(analysis, tmp_path: Path) -> None:
    unknown = dataclasses.replace(
        analysis, tau_nm=np.full_like(analysis.tau_nm, np.nan)
    )
    torque = torque_panels(unknown)
    assert panels_html(unknown, torque).count(">not known</text>") == len(
        torque
    )
    assert "not known" not in panels_html(analysis, torque_panels(analysis))
    figure = Figure()
    axes = figure.add_subplot()
    draw_panel(axes, torque[0], unknown.time_s)
    assert "not known" in [text.get_text() for text in axes.texts]
