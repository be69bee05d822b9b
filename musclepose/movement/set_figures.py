"""The figures of a set: tempo, steps, what the exercise's record asks for, and quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from musclepose.movement.counting import Step
from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure, Span
from musclepose.movement.records import Content, Exercise
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import Repetition

PHASES = ("eccentric", "hold", "concentric")
MIN_STEPS_FOR_CADENCE = 3
MIN_STEPS_TO_COMPARE_SIDES = 5
MIN_STEP_TIMES = 2  # per leg (chosen)
# times the usual step; longer is a turn, a pause or a step that was not seen (chosen)
LONGEST_STEP = 1.6


def _duration(start_s: float, end_s: float) -> str:
    return f"duration({start_s:.3f}, {end_s:.3f})"


def gait_figures(measure: Measure, steps: Sequence[Step]) -> None:
    """Steps, cadence, and the time that each leg takes to come forward."""
    measure.formula("steps.count", "count(step)", "", "steps", digits=0)
    if len(steps) < MIN_STEPS_FOR_CADENCE:
        return
    strides = _strides(measure, steps)
    if len(strides) < MIN_STEPS_FOR_CADENCE - 1:
        return
    times = ", ".join(_duration(a.time_s, b.time_s) for a, b in strides)
    measure.formula(
        "cadence", f"ratio(60, average({times}))", "1/min", "steps per minute"
    )
    left, right = (
        _step_time(measure, strides, side) for side in ("left", "right")
    )
    if left and right and len(strides) >= MIN_STEPS_TO_COMPARE_SIDES - 1:
        source = f"asymmetry({left.source}, {right.source})"
        measure.formula(
            "asymmetry.step_time", source, "%", "step time, left against right"
        )


def _strides(
    measure: Measure, steps: Sequence[Step]
) -> list[tuple[Step, Step]]:
    """Two steps that follow each other: of different legs, seen all the time between, and no turn or pause between."""
    pairs = list(zip(steps[:-1], steps[1:], strict=True))
    usual = float(np.median([b.time_s - a.time_s for a, b in pairs]))
    return [
        (a, b)
        for a, b in pairs
        if a.side != b.side
        and b.time_s - a.time_s <= LONGEST_STEP * usual
        and measure.was_seen("hip_flexion_l_deg", a.time_s, b.time_s)
    ]


def _step_time(
    measure: Measure, strides: Sequence[tuple[Step, Step]], side: str
) -> Figure | None:
    parts = [
        _duration(a.time_s, b.time_s) for a, b in strides if b.side == side
    ]
    if len(parts) < MIN_STEP_TIMES:
        return None
    source = f"average({', '.join(parts)})"
    return measure.formula(
        f"step_time_{side}", source, "s", f"{side} step time", digits=2
    )


def repetition_figures(measure: Measure, reps: Sequence[Repetition]) -> None:
    """Count, and per repetition and on average the time of each phase."""
    measure.formula(
        "repetitions.count", "count(repetition)", "", "repetitions", digits=0
    )
    timed = [r for r in reps if not r.begun]
    if not timed:
        measure.leave_out(
            "tempo.whole", "the way out of the only repetition was not seen"
        )
        return
    for name in PHASES:
        made = [_phase_time(measure, r, name) for r in timed]
        seen = [m for m in made if m]
        measure.average(f"tempo.{name}", seen, label=f"{name} time, average")
    whole = [_whole_time(measure, r) for r in timed]
    seen = [m for m in whole if m]
    measure.average("tempo.whole", seen, label="time of a repetition, average")


def _phase_time(measure: Measure, r: Repetition, name: str) -> Figure | None:
    phase = next(p for p in r.phases if p.name == name)
    source = _duration(phase.start_s, phase.end_s)
    label = f"{name} time, repetition {r.index}"
    return measure.formula(
        f"tempo.{name}.r{r.index}", source, "s", label, repetition=r.index
    )


def _whole_time(measure: Measure, r: Repetition) -> Figure | None:
    source = _duration(r.start_s, r.end_s)
    label = f"time of repetition {r.index}"
    return measure.formula(
        f"tempo.whole.r{r.index}", source, "s", label, repetition=r.index
    )


UNTOLD_LOAD = "the weight was not told"


def without_load_figures(content: Content) -> Content:
    """The content without ground forces and torques: of a body that lies, what else carries is not known."""
    kept = tuple(
        (s, column)
        for s, column in content.whole
        if not column.startswith("grf_")
    )
    return replace(content, whole=kept, torques=())


def content_figures(
    measure: Measure,
    exercise: Exercise,
    reps: Sequence[Repetition],
    load_is_told: bool,
) -> None:
    """What the exercise's record asks for."""
    content = exercise.figures
    span = (reps[0].start_s, reps[-1].end_s) if reps else None
    for statistic, column in content.each:
        for name in sides_of(column):
            if reps:
                measure.per_repetition(statistic, name, reps)
            measure.statistic(statistic, name, span)
    for statistic, column in content.whole:
        for name in sides_of(column):
            measure.statistic(statistic, name, span)
    if exercise.tells_depth and reps:
        _depth(measure)
    for dof in content.torques:
        for name in sides_of(dof):
            if exercise.usually_loaded and not load_is_told:
                measure.leave_out(f"tau_{name}.absmax", UNTOLD_LOAD)
            else:
                _torque_and_effort(measure, name, span)


def _depth(measure: Measure) -> None:
    """How far the thighs stay above level (+) or go below it (-) at the bottom, on average."""
    keys = [f"thigh_above_level_{side}.min.average" for side in "lr"]
    seen = [f for f in map(measure.figures.get, keys) if f is not None]
    if seen:
        source = f"average({', '.join(f.source for f in seen)})"
        label = "thighs above level at the bottom, average"
        measure.formula(
            "thigh_above_level.depth", source, "deg", label, joint="hip"
        )


def _torque_and_effort(measure: Measure, dof: str, span: Span | None) -> None:
    column = f"tau_{dof}_nm"
    mass_kg = measure.analysis.athlete.mass_kg
    peak = measure.statistic("absmax", column, span)
    if peak:
        key = f"{measure.columns[column].quantity}.absmax_per_kg"
        source = f"ratio({peak.source}, {mass_kg:g})"
        label = f"{peak.label} per kg"
        measure.formula(
            key, source, "N m/kg", label, column, time_s=peak.time_s
        )
    effort = measure.statistic("max", f"effort_{dof}", span)
    if effort and effort.time_s is not None:
        moment = (effort.time_s, effort.time_s)
        key = f"tau_{dof}.at_effort"
        then = measure.statistic("absmax", column, moment, key=key)
        if then is not None:
            words = f"{measure.columns[column].words}, where effort is largest"
            measure.figures[key] = replace(then, label=words)


def quality_figures(measure: Measure) -> None:
    """How far the clip can be trusted."""
    force = "percent(quality(root_residual_force_fraction))"
    measure.formula("quality.residual_force", force, "%", "unexplained force")
    error = "quality(reprojection_error_px)"
    measure.formula(
        "quality.reprojection", error, "px", "reprojection error", digits=1
    )
    measure.formula(
        "quality.seen", "percent(quality(seen_fraction))", "%", "joints seen"
    )
