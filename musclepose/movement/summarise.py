"""From the arrays of an Analysis to its PhysicsSummary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from musclepose.movement.columns import body_axes
from musclepose.movement.content import CONTENT, sides
from musclepose.movement.counting import Step, find_steps
from musclepose.movement.faults import find_faults
from musclepose.movement.formulas import Figure
from musclepose.movement.measure import Measure, quantity_of
from musclepose.movement.recognition import Recognition, features_of, recognise
from musclepose.movement.signals import SIGNALS, Signal, cycles_of, repetitions_of, signal_of
from musclepose.movement.summary import (
    MAX_REPETITIONS,
    Kind,
    PhysicsSummary,
    Repetition,
    Trend,
    View,
    counting_columns,
)
from musclepose.records import Analysis

MIN_TREND_REPS = 4
TREND_SHARE = 0.10  # first two against last two repetitions: smaller changes are not told (chosen)
MIN_TREND = {"deg": 6.0, "s": 0.25, "m": 0.05}


def view_of(analysis: Analysis) -> View:
    """From where the athlete was filmed, by the angle between facing direction and camera axis (30 and 60 deg)."""
    _, forward = body_axes(analysis)
    facing = np.median(forward @ analysis.camera.R_cam_world.T, axis=0)
    angle = math.degrees(math.atan2(abs(float(facing[0])), abs(float(facing[2]))))
    return "front" if angle < 30 else "side" if angle > 60 else "oblique"


def _count(
    measure: Measure, exercise: str, signal: Signal | None
) -> tuple[tuple[Repetition, ...], tuple, bool]:
    if signal is None:
        return (), (), False
    cycles = cycles_of(exercise, signal, measure.seen, measure.time_s)
    reps, partial = repetitions_of(cycles, signal, measure.seen, measure.time_s)
    return reps, partial, cycles.cut_off


def _steps(measure: Measure) -> tuple[Step, ...]:
    steps = find_steps(
        measure.seen("hip_flexion_l_deg"), measure.seen("hip_flexion_r_deg"), measure.time_s
    )
    return tuple(
        Step(
            round(float(measure.time_s[int(np.argmin(np.abs(measure.time_s - s.time_s)))]), 3),
            s.side,
        )
        for s in steps
    )


def _gait_figures(measure: Measure, steps: Sequence[Step]) -> None:
    """Steps, cadence, and the time that each leg takes to come forward."""
    measure.formula("steps.count", "count(step)", "", "steps", digits=0)
    if len(steps) < 3:
        return
    source = (
        f"ratio({60 * (len(steps) - 1)}, duration({steps[0].time_s:.3f}, {steps[-1].time_s:.3f}))"
    )
    measure.formula("cadence", source, "1/min", "steps per minute")
    of_side: dict[str, list[str]] = {"left": [], "right": []}
    for before, after in zip(steps[:-1], steps[1:], strict=True):
        of_side[after.side].append(f"duration({before.time_s:.3f}, {after.time_s:.3f})")
    for side, parts in of_side.items():
        if parts:
            measure.formula(
                f"step_time_{side}",
                f"average({', '.join(parts)})",
                "s",
                f"{side} step time",
                digits=2,
            )
    left, right = (measure.figures.get(f"step_time_{s}") for s in ("left", "right"))
    if left and right and len(steps) >= 5:
        measure.formula(
            "asymmetry.step_time",
            f"asymmetry({left.source}, {right.source})",
            "%",
            "step time, left against right",
        )


def _repetition_figures(measure: Measure, reps: Sequence[Repetition]) -> None:
    """Count, and per repetition and on average the time of each phase."""
    measure.formula("repetitions.count", "count(repetition)", "", "repetitions", digits=0)
    for name in ("eccentric", "hold", "concentric"):
        made = []
        for r in reps:
            phase = next(p for p in r.phases if p.name == name)
            source = f"duration({phase.start_s:.3f}, {phase.end_s:.3f})"
            label = f"{name} time, repetition {r.index}"
            made.append(
                measure.formula(f"tempo.{name}.r{r.index}", source, "s", label, repetition=r.index)
            )
        measure.average(f"tempo.{name}", [m for m in made if m], label=f"{name} time, average")
    whole = [
        measure.formula(
            f"tempo.whole.r{r.index}",
            f"duration({r.start_s:.3f}, {r.end_s:.3f})",
            "s",
            f"time of repetition {r.index}",
            repetition=r.index,
        )
        for r in reps
    ]
    measure.average("tempo.whole", [m for m in whole if m], label="time of a repetition, average")


def _content_figures(measure: Measure, exercise: str, reps: Sequence[Repetition]) -> None:
    content = CONTENT[exercise]
    span = (reps[0].start_s, reps[-1].end_s) if reps else None
    for statistic, column in content.each:
        for name in sides(column):
            if reps:
                measure.per_repetition(statistic, name, reps)
            measure.statistic(statistic, name, span)
    for statistic, column in content.whole:
        for name in sides(column):
            measure.statistic(statistic, name, span)
    mass = measure.analysis.athlete.mass_kg
    for dof in content.torques:
        for name in sides(dof):
            peak = measure.statistic("absmax", f"tau_{name}_nm", span)
            if peak and mass:
                measure.formula(
                    f"{quantity_of(f'tau_{name}_nm')}.absmax_per_kg",
                    f"ratio({peak.source}, {mass:g})",
                    "N m/kg",
                    f"{peak.label} per kg",
                    f"tau_{name}_nm",
                    time_s=peak.time_s,
                )
            measure.statistic("max", f"effort_{name}", span)


def _quality_figures(measure: Measure) -> None:
    measure.formula(
        "quality.residual_force",
        "percent(quality(root_residual_force_fraction))",
        "%",
        "unexplained force",
    )
    measure.formula(
        "quality.reprojection",
        "quality(reprojection_error_px)",
        "px",
        "reprojection error",
        digits=1,
    )
    measure.formula("quality.seen", "percent(quality(seen_fraction))", "%", "joints seen")


def _main_columns(exercise: str) -> tuple[str, ...]:
    signal = SIGNALS.get(exercise)
    return sides(signal.column) if signal and signal.column.endswith("_deg") else ()


def _trend(
    measure: Measure, name: str, label: str, keys: list[str], column: str = ""
) -> Trend | None:
    """First two against last two repetitions of a figure."""
    made = [measure.figures.get(k) for k in keys]
    if len(made) < MIN_TREND_REPS or any(m is None for m in (*made[:2], *made[-2:])):
        return None
    picked = [m for m in (*made[:2], *made[-2:]) if m is not None]
    ends: list[Figure | None] = []
    for end, pair in (("first", picked[:2]), ("last", picked[2:])):
        ends.append(
            measure.average(f"trend.{name}.{end}", pair, column, f"{label}, {end} two repetitions")
        )
    first, last = ends
    if first is None or last is None:
        return None
    change = last.value - first.value
    if abs(change) < max(TREND_SHARE * abs(first.value), MIN_TREND.get(first.unit, 0.0)):
        for end in ("first", "last"):
            measure.figures.pop(f"trend.{name}.{end}", None)
        return None
    percent = 100.0 * change / abs(first.value) if first.value else 0.0
    return Trend(
        name, label, first.value, last.value, first.unit, round(percent, 1), first.key, last.key
    )


def _trends(measure: Measure, exercise: str, reps: Sequence[Repetition]) -> tuple[Trend, ...]:
    if any(r.side for r in reps):
        return ()
    found = [
        _trend(measure, "tempo", "time of a repetition", [f"tempo.whole.r{r.index}" for r in reps])
    ]
    for column in _main_columns(exercise):
        stem = quantity_of(column)
        label = f"{'left' if stem.endswith('_l') else 'right'} {stem[:-2].split('_')[0]} bend"
        found.append(_trend(measure, stem, label, [f"{stem}.max.r{r.index}" for r in reps], column))
    found.append(
        _trend(
            measure,
            "trunk_lean",
            "trunk lean",
            [f"trunk_lean.max.r{r.index}" for r in reps],
            "trunk_lean_deg",
        )
    )
    return tuple(t for t in found if t is not None)


def _kind(recognition: Recognition, reps: Sequence[Repetition], steps: Sequence[Step]) -> Kind:
    if recognition.name in ("walking", "running"):
        return "gait" if steps else "none"
    if recognition.name == "plank":
        return "hold"
    return "repetitions" if reps else "none"


def _warnings(analysis: Analysis, view: View, recognition: Recognition) -> tuple[str, ...]:
    extra = []
    if view == "side":
        extra.append(
            "Filmed from the side: inward knee movement and side lean cannot be judged well."
        )
    if view == "front":
        extra.append("Filmed from the front: forward lean and depth are less certain.")
    if recognition.probability < 0.5:
        extra.append("The exercise is uncertain.")
    return tuple(dict.fromkeys((*analysis.quality.warnings, *analysis.warnings, *extra)))[:12]


def summarise(analysis: Analysis, exercise: str | None = None) -> PhysicsSummary:
    """PhysicsSummary of an analysis. `exercise` (one of EXERCISES) overrides the recognition."""
    measure = Measure(analysis)
    recognition = recognise(features_of(analysis, measure.columns, measure.visibility))
    if exercise is not None:
        recognition = Recognition(exercise, 1.0)
    name, view = recognition.name, view_of(analysis)
    steps = _steps(measure) if name in ("walking", "running") else ()
    reps, partial, cut_off = _count(measure, name, signal_of(name, measure.seen))
    athlete, load = analysis.athlete, analysis.load
    draft = PhysicsSummary(
        recognition,
        _kind(recognition, reps, steps),
        float(analysis.time_s[-1]),
        view,
        reps,
        partial,
        cut_off,
        steps,
        quality_level=analysis.quality.level,
        warnings=_warnings(analysis, view, recognition),
        assumed=analysis.assumed,
        height_m=athlete.height_m or 0.0,
        mass_kg=athlete.mass_kg or 0.0,
        load_kg=load.mass_kg,
        load_at=load.at,
    )
    measure.refresh(counting_columns(draft, analysis.time_s))
    detailed = reps[:MAX_REPETITIONS]
    if reps:
        _repetition_figures(measure, detailed)
    if steps:
        _gait_figures(measure, steps)
    if partial:
        measure.formula("partial.count", "count(partial)", "", "partial repetitions", digits=0)
    measure.formula(
        "clip.duration", f"duration(0, {analysis.time_s[-1]:.3f})", "s", "length of the clip"
    )
    _content_figures(measure, name, detailed)
    _quality_figures(measure)
    faults = find_faults(measure, name, detailed, analysis.quality.level, view)
    trends = _trends(measure, name, detailed)
    return replace(
        draft,
        figures=tuple(measure.figures.values()),
        absent=tuple(measure.absent.values()),
        faults=faults,
        trends=trends,
    )
