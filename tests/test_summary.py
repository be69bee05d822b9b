"""PhysicsSummary: recognised exercise, figures that can be recomputed, absences with reasons, faults with evidence."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from summary_fixtures import CURVES, MASS_KG, clip

from musclepose.movement.columns import columns_of, values_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.formulas import FormulaEvaluator, asymmetry_pct
from musclepose.records import Quality
from musclepose.synthesis.exercise import EXERCISES as GENERATED
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip
from musclepose.wave_llm.bridge import counting_columns, summarise
from musclepose.wave_llm.report import write_report

FAST = ("walking", "running", "jumping_jack", "jump")


def made(kind: str, **options: object):  # type: ignore[no-untyped-def]
    return clip(
        kind, period_s=1.1 if kind in FAST else 2.0, noise_deg=1.5, **options
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", sorted(CURVES))
@pytest.mark.parametrize("yaw", [0.0, 90.0])
def test_exercise_and_count(kind: str, yaw: float) -> None:
    summary = summarise(made(kind, yaw_deg=yaw, count=5))
    assert summary.exercise.name == kind and kind in EXERCISES
    if summary.kind == "repetitions":
        assert len(summary.repetitions) == 5
    if summary.kind == "gait":
        assert 8 <= len(summary.steps) <= 12


@pytest.mark.parametrize("kind", sorted(CURVES))
def test_every_figure_is_its_formula_over_the_columns(kind: str) -> None:
    analysis = made(kind, right_share=0.8)
    summary = summarise(analysis)
    columns = {
        **values_of(columns_of(analysis)),
        **counting_columns(summary, analysis.time_s),
    }
    evaluate = FormulaEvaluator(columns, analysis.quality)
    assert len(summary.figures) > 5
    for figure in summary.figures:
        assert np.isclose(evaluate(figure.source), figure.value, rtol=1e-9), (
            figure.key
        )
    json.dumps(summary.to_dict(), allow_nan=True)


def test_formulas_are_a_closed_set() -> None:
    evaluate = FormulaEvaluator(
        {"time_s": np.arange(3.0), "a": np.array([1.0, 2, 4])}
    )
    assert (
        evaluate("max(a)") == 4
        and evaluate("range(a, 0.0, 1.0)") == 1
        and evaluate("at(a, 1.1)") == 2
    )
    assert evaluate("ratio(max(a), min(a))") == 4 and evaluate("count(a)") == 3
    assert (
        evaluate("average(max(a), -1)") == 1.5
        and evaluate("percent(0.25)") == 25
    )
    for wrong in (
        "__import__('os')",
        "max(b)",
        "a",
        "max(a).real",
        "open('x')",
        "[1]",
        "max(a) + 1",
    ):
        with pytest.raises((ValueError, SyntaxError)):
            evaluate(wrong)
    assert asymmetry_pct(0, 0) == 0 and asymmetry_pct(80, 100) == -20


def test_planted_squat_values() -> None:
    summary = summarise(clip("squat", count=4, period_s=3.0))
    assert summary.figure("knee_flexion_l.max").value == pytest.approx(
        115, abs=0.5
    )  # type: ignore[union-attr]
    assert summary.figure("tempo.whole").value == pytest.approx(2.5, abs=0.3)  # type: ignore[union-attr]
    peak = summary.figure("tau_knee_flexion_l.absmax")
    per_kg = summary.figure("tau_knee_flexion_l.absmax_per_kg")
    assert (
        peak
        and per_kg
        and per_kg.value == pytest.approx(peak.value / MASS_KG)
        and peak.band == 8.0
    )
    first = summary.repetitions[0]
    assert [p.name for p in first.phases] == ["eccentric", "hold", "concentric"]
    assert first.start_s < first.turn_s < first.end_s


def test_concentric_comes_first_in_a_curl() -> None:
    assert [p.name for p in summarise(made("curl")).repetitions[0].phases] == [
        "concentric",
        "hold",
        "eccentric",
    ]


def test_unseen_joint_has_no_figures_but_a_reason() -> None:
    analysis = made("squat")
    points, confidence = (
        analysis.track.keypoints_px.copy(),
        analysis.track.confidence.copy(),
    )
    points[:, 15], confidence[:, 15] = (
        np.nan,
        0.0,
    )  # left ankle: left knee and both-feet columns
    hidden = replace(
        analysis,
        track=replace(
            analysis.track, keypoints_px=points, confidence=confidence
        ),
    )
    summary = summarise(hidden)
    assert not [
        f
        for f in summary.figures
        if f.joint in ("knee", "ankle") and f.side == "left"
    ]
    assert summary.figure("grf_total.max") is None
    assert any(
        a.key.startswith("knee_flexion_l")
        and "left knee seen in only 0%" in a.reason
        for a in summary.absent
    )
    assert (
        summary.figure("knee_flexion_r.max") is not None
        and len(summary.repetitions) == 5
    )


def test_faults_carry_evidence_and_need_the_threshold() -> None:
    deep = summarise(clip("squat", depth=1.25))
    assert deep.fault("shallow_depth") is None
    shallow = summarise(clip("squat", depth=0.6))
    fault = shallow.fault("shallow_depth")
    assert (
        fault
        and fault.evidence.value > fault.evidence.threshold
        and fault.evidence.threshold_source
    )
    assert fault.evidence.figure_key in {
        f.key for f in shallow.figures
    } and fault.repetitions == (
        1,
        2,
        3,
        4,
        5,
    )
    uneven = summarise(clip("curl", right_share=0.5), "curl").fault(
        "uneven_sides"
    )
    assert uneven and uneven.evidence.side == "right"


def test_frontal_faults_are_not_named_from_the_side() -> None:
    def knees_in(yaw: float):  # type: ignore[no-untyped-def]
        analysis = clip("squat", yaw_deg=yaw)
        joints = analysis.joints_world_m.copy()
        deep = (analysis.q[:, analysis_index("knee_flexion_l")] / 2.0)[:, None]
        joints[:, 13] += deep * [
            0,
            0,
            0.14,
        ]  # left knee (hip of the athlete is at -z) towards the midline
        return summarise(replace(analysis, joints_world_m=joints))

    front = knees_in(0.0).fault("knee_valgus")
    assert front is not None and front.evidence.side == "left"
    assert knees_in(90.0).fault("knee_valgus") is None


def analysis_index(name: str) -> int:
    from musclepose.physics.skeleton47 import DOF_INDEX

    return DOF_INDEX[name]


def test_trend_over_the_set() -> None:
    analysis = clip("squat", count=8)
    fade = np.linspace(1.0, 0.7, len(analysis.time_s))[:, None]
    summary = summarise(replace(analysis, q=analysis.q * fade))
    trend = next(t for t in summary.trends if t.name == "knee_flexion_l")
    assert (
        trend.direction == "down"
        and summary.figure(trend.first_key).value == trend.first
    )  # type: ignore[union-attr]
    assert summarise(clip("squat", count=8)).trends == ()


def test_low_quality_and_assumptions_are_passed_on() -> None:
    analysis = made(
        "squat",
        quality=Quality(0.5, 0.4, 0.2, 22.0, 0.5, "low", ("blurred",)),
        assumed=("mass_kg",),
        warnings=("The camera moves.",),
    )
    summary = summarise(analysis)
    assert (
        summary.quality_level == "low"
        and {"blurred", "The camera moves."} <= set(summary.warnings)
        and summary.assumed == ("mass_kg",)
    )


def test_still_and_tiny_clips() -> None:
    still = clip("squat", depth=0.0)
    summary = summarise(still)
    assert summary.repetitions == () and summary.kind in ("none", "hold")
    assert summary.figure("repetitions.count") is None


def test_columns_know_what_they_are() -> None:
    columns = columns_of(made("squat"))
    known = {
        "tau_knee_flexion_l_nm": ("knee", "left", "N m", "left knee torque"),
        "effort_lumbar_flexion": ("trunk", "", "", "lower back effort"),
        "hip_flexion_r_deg": ("hip", "right", "deg", "right hip bend"),
        "grf_total_bw": ("feet", "", "BW", "total ground force"),
        "grf_l_bw": ("ankle", "left", "BW", "left ground force"),
        "load_share_l_pct": ("feet", "", "%", "load on the left foot"),
        "com_speed_m_s": ("trunk", "", "m/s", "speed"),
        "time_s": ("", "", "s", ""),
    }
    for name, (joint, side, unit, words) in known.items():
        column = columns[name]
        assert (column.name, column.joint, column.side) == (name, joint, side)
        assert (column.unit, column.words) == (unit, words)


def test_generated_clips_of_every_exercise_are_recognised_and_counted() -> None:
    """Held-out seeds of the exercise generator with up to 6 deg of angle noise; the rules were tuned on other seeds."""
    right = exact = total = 0
    for number, exercise in enumerate(GENERATED):
        for k in range(1 + number % 2):
            made_clip = generate_clip(700_000 + 100 * number + k, exercise)
            summary = summarise(
                analysis_of_clip(
                    made_clip, k, angle_noise_deg=3.0 * (k + 1), forces=False
                )
            )
            total += 1
            right += summary.exercise.name == exercise
            exact += len(summary.repetitions) == len(made_clip.repetitions)
    assert right >= 0.9 * total and exact >= 0.9 * total


def test_low_quality_leaves_forces_out_of_the_text_of_an_athlete() -> None:
    poor = summarise(
        made("squat", quality=Quality(0.5, 0.15, 0.2, 22.0, 0.5, "low"))
    )
    assert "N m" not in write_report(
        poor, "athlete"
    ) and "read the figures as hints" in write_report(poor, "athlete")
    assert "N m" in write_report(poor, "clinician")
