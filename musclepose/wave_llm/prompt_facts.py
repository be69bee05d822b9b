"""The facts of a clip as compact lines with units: what the prompt of the language model holds."""

from __future__ import annotations

from musclepose.movement.figures import Figure
from musclepose.movement.summary import Fault, PhysicsSummary

MAX_LINES = 32
# Quantities in the order of their worth; `{}` = side. The first statistic that exists is told.
_QUANTITIES = (
    ("knee_flexion_{}", ("max.average", "max", "range")),
    ("hip_flexion_{}", ("max.average", "max", "range")),
    ("elbow_flexion_{}", ("max.average", "max", "range")),
    ("arm_elevation_{}", ("max.average", "max")),
    ("trunk_lean", ("max", "range")),
    ("body_line", ("mean",)),
    ("com_speed", ("mean",)),
    ("grf_total", ("max",)),
    ("grf_{}", ("max",)),
)


def number(figure: Figure) -> str:
    """Value and unit for a prompt."""
    return figure.text


def range_lines(summary: PhysicsSummary) -> list[str]:
    """Ranges of motion and forces."""
    lines = []
    for stem, statistics in _QUANTITIES:
        for key in (
            (stem.format("l"), stem.format("r")) if "{}" in stem else (stem,)
        ):
            figure = next(
                (
                    f
                    for s in statistics
                    if (f := summary.figure(f"{key}.{s}")) is not None
                ),
                None,
            )
            if figure is not None:
                lines.append(f"{figure.label.split(',')[0]}: {number(figure)}")
    return lines


def torque_figures(summary: PhysicsSummary) -> list[Figure]:
    """Peak torques, largest first."""
    found = [
        f
        for f in summary.figures
        if f.key.startswith("tau_") and f.key.endswith(".absmax")
    ]
    return sorted(found, key=lambda f: -f.value)


def torque_lines(summary: PhysicsSummary) -> list[str]:
    """Peak torque, torque per kg and effort of each joint."""
    lines = []
    for figure in torque_figures(summary):
        stem = figure.key.removesuffix(".absmax")
        per_kg = summary.figure(f"{stem}.absmax_per_kg")
        effort = summary.figure(f"{stem.replace('tau_', 'effort_')}.max")
        line = f"{figure.label.split(',')[0]}: {number(figure)}"
        line += f", {number(per_kg)}" if per_kg else ""
        line += f", effort {number(effort)}" if effort else ""
        lines.append(line)
    return lines


def fault_line(fault: Fault, rank: int) -> str:
    """One fault with side, severity, evidence and repetitions."""
    e = fault.evidence
    side = f", {e.side}" if e.side else ""
    digits = 1 if e.unit == "s" else 0
    unit = f" {e.unit}" if e.unit != "%" else "%"
    where = (
        f", repetitions {' '.join(map(str, fault.repetitions[:10]))}"
        if fault.repetitions
        else ""
    )
    return (
        f"fault {rank}: {fault.label}{side}, {fault.severity}, "
        f"{e.value:.{digits}f}{unit} (limit {e.threshold:g}){where}"
    )


def count_lines(summary: PhysicsSummary) -> list[str]:
    """Repetitions, steps and their times, as far as they were counted."""
    names = ("repetitions.count", "steps.count", "cadence")
    count, steps, cadence = (summary.figure(name) for name in names)
    lines = []
    if count:
        partial = f", partial {len(summary.partial)}" if summary.partial else ""
        lines.append(f"repetitions: {count.value:.0f}{partial}")
    if steps:
        rate = f", {cadence.value:.0f} per minute" if cadence else ""
        lines.append(f"steps: {steps.value:.0f}{rate}")
    down, hold, up = (
        summary.figure(f"tempo.{n}")
        for n in ("eccentric", "hold", "concentric")
    )
    if down and hold and up:
        lines.append(
            f"tempo: lowering {number(down)}, hold {number(hold)}, lifting {number(up)}"
        )
    return lines


def fact_lines(summary: PhysicsSummary, level: str = "athlete") -> list[str]:
    """At most MAX_LINES lines; a beginner's prompt leaves torques out."""
    s = summary
    sure = (
        "told"
        if s.exercise.is_told
        else f"{100 * s.exercise.probability:.0f}% sure"
    )
    lines = [f"exercise: {s.exercise.title}, {sure}", *count_lines(s)]
    if s.load_kg:
        lines.append(f"load: {s.load_kg:g} kg at the {s.load_at}")
    lines += [fault_line(f, i) for i, f in enumerate(s.faults[:3], 1)]
    lines += [
        f"trend: {t.label} {t.direction} {abs(t.change_pct):.0f}%"
        for t in s.trends[:2]
    ]
    lines += range_lines(s)
    lines += torque_lines(s) if level != "beginner" else []
    unseen = sorted(
        {
            a.reason.split(" seen")[0]
            for a in s.absent
            if " seen in only" in a.reason
        }
    )
    if unseen:
        lines.append(f"not seen: {', '.join(unseen[:6])}")
    lines.append(f"quality: {s.quality_level}, filmed from: {s.view}")
    if s.assumed:
        lines.append(f"assumed: {', '.join(s.assumed)}")
    return lines[:MAX_LINES]
