"""Moments and links: a figure leads to its own moment, or nowhere; what was typed stays text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import (
    Evidence,
    Fault,
    PhysicsSummary,
    Repetition,
)
from musclepose.report.moments import moments_of
from musclepose.web.moments import as_text, linked, strip


def _figure(
    key: str,
    value: float,
    unit: str,
    joint: str,
    time_s: float | None,
    side: str = "",
) -> Figure:
    digits = 2 if unit in ("N m/kg", "BW") else 0
    label = f"{side} {joint} made up".strip()
    return Figure(
        key, value, unit, "made", digits, label, joint, side, None, time_s
    )


FIGURES = (
    _figure("knee_flexion_l.max", 111.2, "deg", "knee", 6.3, "left"),
    _figure("knee_flexion_l.max.r2", 111.2, "deg", "knee", 6.3, "left"),
    _figure("knee_flexion_r.max", 104.0, "deg", "knee", 2.5, "right"),
    _figure("trunk_lean.max", 38.4, "deg", "trunk", 9.1),
    _figure("hip_flexion_l.max", 95.0, "deg", "hip", 1.0, "left"),
    _figure("hip_flexion_r.max", 95.0, "deg", "hip", 4.0, "right"),
    _figure("knee_flexion_r.max.average", 88.0, "deg", "knee", None, "right"),
    _figure("knee_flexion_r.max.r1", 88.0, "deg", "knee", 2.5, "right"),
    _figure(
        "tau_hip_flexion_l.absmax_per_kg", 1.32, "N m/kg", "hip", 7.0, "left"
    ),
    _figure("grf_total.max", 1.5, "BW", "feet", 3.3),
)
SUMMARY = PhysicsSummary(
    Recognition("squat", 1.0), "repetitions", 12.0, "side",
    tuple(Repetition(i, 3.0 * i, 3.0 * i + 1, 3.0 * i + 2, ()) for i in (1, 2)), figures=FIGURES,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Your knees bent to 111° at most.", "[111°](#t=6.300)"),
        ("Your trunk leaned 38° at most.", "[38°](#t=9.100)"),
        (
            "The largest torque was 1.32 N m/kg at the hips.",
            "[1.32 N m/kg](#t=7.000)",
        ),
        (
            "Ground force peaked at 1.50 body weights.",
            "[1.50 body weights](#t=3.300)",
        ),
        ("That was in repetition 2.", "repetition [2](#repeat=2)"),
        (
            "In repetitions 1 and 2 it was less.",
            "repetitions [1](#repeat=1) and [2](#repeat=2)",
        ),
        ("The knee was deepest, at 6.30 s.", "[6.30 s](#t=6.30)"),
    ],
)
def test_a_figure_leads_to_its_moment(text: str, link: str) -> None:
    assert link in linked(text, SUMMARY)


@pytest.mark.parametrize(
    "text",
    [
        "Your hips bent to 95°.",  # left and right at different times
        "Your knees bent to 88° on average.",  # an average happened at no moment
        "Your elbows bent to 111°.",  # of another joint
        "Lowering took 1.2 s.",
        "At repetition 7 nothing is known.",
        "It ended at 99.0 s.",  # after the clip
        "Your knees bent to 111.2°.",  # not what the figure reads
    ],
)
def test_what_is_not_certain_is_no_link(text: str) -> None:
    assert linked(text, SUMMARY) == text


def test_sentences_are_read_one_by_one() -> None:
    text = "Your hips moved well. You leaned to 111°."
    assert linked(text, SUMMARY) == text


def test_findings_come_before_peaks_and_no_moment_twice() -> None:
    evidence = Evidence(
        "trunk", "", 9.1, 38.4, "deg", 30.0, "made", "trunk_lean.max"
    )
    fault = Fault("forward_lean", "much forward lean", "mild", 0.9, evidence)
    moments = moments_of(replace(SUMMARY, faults=(fault,)))
    assert [(m.kind, m.value, m.time_s) for m in moments] == [
        ("finding", "38°", 9.1),
        ("peak", "111°", 6.3),
        ("peak", "1.32 N m/kg", 7.0),
        ("peak", "1.50 BW", 3.3),
    ]
    assert moments[2].title == "hip made up"  # the load is not told by side
    html = strip(moments, [b"x", b"", b"", b""])
    assert 'data-seek="9.100"' in html and html.count("<img") == 1
    assert strip((), []) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "<img src=x>",
        "![a](http://h/x.png)",
        "[a](http://h)",
        "**b**",
        "http://h/x",
    ],
)
def test_what_a_visitor_typed_stays_text(typed: str) -> None:
    shown = as_text(typed)
    assert not set("<>[]*:!") & set(shown)
    assert __import__("html").unescape(shown) == typed
