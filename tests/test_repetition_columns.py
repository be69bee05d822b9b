"""The table of repetitions: values by hand, and which repetition is marked best and worst."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from summary_fixtures import analysis_of

from musclepose.movement.figures import Figure
from musclepose.movement.summarise import summarise
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.report.repetitions import RepetitionColumn, repetition_columns
from musclepose.web.table import table

DEPTHS_DEG = (110.0, 60.0, 85.0)  # knee bend of three squats of 2 s each
PERIOD_S = 2.0


def _squats():
    time_s = np.arange(0.0, 7.4, 1 / 30)
    knee = np.full(len(time_s), 5.0)
    for i, depth in enumerate(DEPTHS_DEG):
        inside = (time_s >= 0.4 + PERIOD_S * i) & (
            time_s < 0.4 + PERIOD_S * (i + 1)
        )
        phase = (time_s[inside] - 0.4) / PERIOD_S
        knee[inside] += (depth - 5.0) * (0.5 - 0.5 * np.cos(2 * np.pi * phase))
    bend = {}
    for side in "lr":
        bend[f"knee_flexion_{side}"] = knee
        bend[f"hip_flexion_{side}"] = 0.9 * knee
        bend[f"ankle_dorsiflexion_{side}"] = 0.3 * knee
    return analysis_of(
        {**bend, "pelvis_tilt": -0.3 * knee}, time_s, yaw_deg=60.0
    )


@pytest.fixture(scope="module")
def made():
    analysis = _squats()
    summary = summarise(analysis, "squat")
    return analysis, summary, repetition_columns(analysis, summary)


def _column(
    columns: tuple[RepetitionColumn, ...], title: str
) -> RepetitionColumn:
    return next(c for c in columns if c.title == title)


def test_three_squats_have_their_depths(made) -> None:
    _, summary, columns = made
    assert len(summary.repetitions) == 3
    depth = _column(columns, "knee bend, largest")
    assert depth.unit == "deg" and depth.group == "movement"
    for cell, wanted in zip(depth.cells, DEPTHS_DEG, strict=True):
        assert [f.side for f in cell] == ["left", "right"]
        assert [f.value for f in cell] == pytest.approx(
            [wanted, wanted], abs=1.0
        )


def test_peak_torque_is_that_of_its_repetition_and_of_the_harder_side(
    made,
) -> None:
    """Torque is made up as -0.9 x mass x angle: its peak in a repetition follows from the depth by hand."""
    analysis, _, columns = made
    mass_kg = analysis.athlete.mass_kg
    knee = next(c for c in columns if "knee torque" in c.title)
    for cell, depth in zip(knee.cells, DEPTHS_DEG, strict=True):
        assert len(cell) == 1
        assert abs(cell[0].value) == pytest.approx(
            0.9 * mass_kg * np.radians(depth), rel=0.02
        )


def test_the_deepest_is_best_and_the_shallowest_worst_where_depth_can_be_judged(
    made,
) -> None:
    _, summary, columns = made
    judged = {c.fault: c.outcome for c in summary.checks}
    assert judged["shallow_depth"] != "unseen"
    level = _column(columns, "thigh above level, smallest")
    assert (level.best, level.worst) == (
        0,
        1,
    )  # 110 and 60 degrees of knee bend


def test_nothing_is_marked_where_the_exercise_is_not_sure_or_the_fault_unseen(
    made,
) -> None:
    analysis, summary, _ = made
    unsure = replace(
        summary, exercise=replace(summary.exercise, probability=0.3)
    )
    unseen = replace(
        summary,
        checks=tuple(replace(c, outcome="unseen") for c in summary.checks),
    )
    assert not unsure.is_sure
    for changed in (unsure, unseen):
        for column in repetition_columns(analysis, changed):
            assert (column.best, column.worst) == (None, None)


def test_equal_repetitions_are_not_ranked(made) -> None:
    _, _, columns = made
    assert all(
        c.best is None
        for c in columns
        if c.group in ("tempo", "torque", "effort")
    )


def test_a_row_of_the_page_plays_its_own_repetition_and_shows_its_values(
    made,
) -> None:
    _, summary, columns = made
    rows = re.findall(
        r"<tr data-loop-start=\"([\d.]+)\" data-loop-end=\"([\d.]+)\">(.*?)</tr>",
        table(summary, columns),
    )
    for (start, end, cells), r, depth in zip(
        rows, summary.repetitions, DEPTHS_DEG, strict=True
    ):
        assert (float(start), float(end)) == pytest.approx(
            (r.start_s, r.end_s), abs=1e-3
        )
        assert f">{depth:.0f}</button>" in cells
        moments = [float(t) for t in re.findall(r'data-seek="([\d.]+)"', cells)]
        assert all(r.start_s - 0.01 <= t <= r.end_s + 0.01 for t in moments)
    assert ">best<" in rows[0][2] and ">worst<" in rows[1][2]


def test_an_effort_above_the_strength_has_no_number_and_no_band_in_the_table() -> (
    None
):
    def figure(key: str, value: float, unit: str) -> Figure:
        return Figure(key, value, unit, "", 0, key, band=20.0)

    figures = (figure("effort_hip.max", 109.0, "%"), figure("effort_knee.max", 71.0, "%"),
               figure("tau_hip.absmax", 109.0, "N m"))  # fmt: skip
    made = table(replace(summarise(_squats()), figures=figures, repetitions=()))
    cells = re.findall(r"<td><b>(.*?)</b>(.*?)</td>", made)
    assert cells == [
        ("&gt; 100%", ""), ("71%", " <small>± 20</small>"), ("109 N m", " <small>± 20</small>"),
    ]  # fmt: skip


def test_of_two_sides_the_harder_one_stands_in_the_table() -> None:
    """The left knee is given half of its torque."""
    analysis = _squats()
    torque = analysis.tau_nm.copy()
    torque[:, DOF_INDEX["knee_flexion_l"]] *= 0.5
    uneven = replace(analysis, tau_nm=torque)
    columns = repetition_columns(uneven, summarise(uneven, "squat"))
    knee = next(c for c in columns if "knee torque" in c.title)
    for cell, depth in zip(knee.cells, DEPTHS_DEG, strict=True):
        assert [f.side for f in cell] == ["right"]
        assert abs(cell[0].value) == pytest.approx(
            0.9 * uneven.athlete.mass_kg * np.radians(depth), rel=0.02
        )
