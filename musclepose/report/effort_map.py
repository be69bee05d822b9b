"""The body map of effort: the largest share of its strength that a muscle group reached, in the set and per repetition.

Only joints whose effort the summary tells are on it, each with the group that pulls where its effort is largest in the
set; the other group's is mostly noise. The ankle is left out: one camera tells its torque too roughly. A group shows
the larger of both sides on both, for one camera does not see how they share the load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from musclepose.movement.columns import Column, columns_of
from musclepose.movement.formulas import window
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import MAX_REPETITIONS, PhysicsSummary
from musclepose.movement.visibility import MIN_SEEN, in_view
from musclepose.physics.skeleton47 import DOF_INDEX, N_MUSCLE_DOF, N_ROOT
from musclepose.records import Analysis, Mask
from musclepose.report.say import IN_ENGLISH, Say

FULL_PCT = 100


@dataclass(frozen=True)
class MuscleGroup:
    """A region of the drawing, and the joint movement that it makes."""

    region: str
    name: str
    dof: str  # `{}` for the side
    is_flexion: bool


GROUPS = (
    MuscleGroup(
        "shoulder-front", "Front of the shoulder", "shoulder_flexion_{}", True
    ),
    MuscleGroup(
        "shoulder-back",
        "Back of the shoulder and upper back",
        "shoulder_flexion_{}",
        False,
    ),
    MuscleGroup(
        "arm-front", "Front of the upper arm", "elbow_flexion_{}", True
    ),
    MuscleGroup("arm-back", "Back of the upper arm", "elbow_flexion_{}", False),
    MuscleGroup("belly", "Belly", "lumbar_flexion", True),
    MuscleGroup("back", "Lower back", "lumbar_flexion", False),
    MuscleGroup("hip-front", "Front of the hip", "hip_flexion_{}", True),
    MuscleGroup("hip-back", "Buttocks", "hip_flexion_{}", False),
    MuscleGroup("thigh-front", "Front of the thigh", "knee_flexion_{}", False),
    MuscleGroup("thigh-back", "Back of the thigh", "knee_flexion_{}", True),
)


def effort_map(
    analysis: Analysis, summary: PhysicsSummary, say: Say = IN_ENGLISH
) -> dict[str, Any] | None:
    """Windows ("Whole set", repetitions) and, for each told muscle group, percent and text in each of them.

    Percent is None where nothing is told: the text then says why. None where no effort is told at all.
    """
    reps = summary.repetitions[:MAX_REPETITIONS]
    whole = (
        (reps[0].start_s, summary.repetitions[-1].end_s)
        if reps
        else (0.0, summary.duration_s)
    )
    spans = [whole, *((r.start_s, r.end_s) for r in reps)]
    columns = columns_of(analysis)
    told = [
        g
        for g in GROUPS
        if any(summary.figure(f"effort_{n}.max") for n in sides_of(g.dof))
    ]
    peaks = {
        g: [_peak_pct(analysis, columns, g, span) for span in spans]
        for g in told
    }
    pulling = [
        g
        for g in told
        if _is_leading(g, {other: peaks[other][0] for other in told})
    ]
    if not pulling:
        return None
    return {
        "windows": [
            say("the set"),
            *(say(f"repetition {r.index}") for r in reps),
        ],
        "starts": [None, *(r.start_s for r in reps)],
        "groups": [
            {
                "region": group.region,
                "name": say(group.name),
                "cells": [_cell(peak, say) for peak in peaks[group]],
            }
            for group in pulling
        ],
    }


def _is_leading(
    group: MuscleGroup, of_set: dict[MuscleGroup, float | None]
) -> bool:
    """Whether a group has the largest told effort of its joint."""
    own = of_set[group]
    if own is None or np.isnan(own):
        return False
    same = [
        p
        for g, p in of_set.items()
        if g.dof == group.dof and p is not None and np.isfinite(p)
    ]
    return own >= max(same)


def _cell(peak: float | None, say: Say) -> list[Any]:
    """[percent for the colour, text]."""
    if peak is None:
        return [None, say("not seen")]
    if np.isnan(peak):
        return [None, say("too little to tell")]
    percent = round(peak)
    return [
        min(percent, FULL_PCT),
        f"{percent} %" if percent <= FULL_PCT else f"> {FULL_PCT} %",
    ]


def _peak_pct(
    analysis: Analysis,
    columns: dict[str, Column],
    group: MuscleGroup,
    span: tuple[float, float],
) -> float | None:
    """Largest effort of the group's direction on either side, %; NaN: too small to tell, None: not seen."""
    inside = window(analysis.time_s, *span) & in_view(analysis.track)
    peaks = []
    for dof in sides_of(group.dof):
        column = columns[f"effort_{dof}"]
        if not inside.any() or column.seen[inside].mean() < MIN_SEEN:
            continue
        pulls = _pulls(analysis, dof, group.is_flexion) & inside
        values = column.seen_values[pulls]
        peaks.append(
            float(np.nanmax(values)) if np.isfinite(values).any() else np.nan
        )
    if not peaks:
        return None
    return 100.0 * max(peaks, key=lambda p: -1.0 if np.isnan(p) else p)


def _pulls(analysis: Analysis, dof: str, is_flexion: bool) -> Mask:
    """(T,) frames in which this direction of the joint is the active one."""
    i = DOF_INDEX[dof] - N_ROOT
    flexes: Mask = (
        analysis.activation[:, i] >= analysis.activation[:, i + N_MUSCLE_DOF]
    )
    return flexes if is_flexion else ~flexes
