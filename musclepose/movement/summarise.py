"""From the arrays of an Analysis to its PhysicsSummary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from musclepose.movement.approach import cut_to, exercise_part
from musclepose.movement.columns import Columns, columns_of
from musclepose.movement.counting import Step, find_steps
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.find_faults import Found, find_faults, not_judged
from musclepose.movement.fit import fit_level
from musclepose.movement.geometry import body_axes
from musclepose.movement.measure import Measure
from musclepose.movement.recognition import (
    Recognition,
    features_of,
    recognise,
    told,
)
from musclepose.movement.records import View
from musclepose.movement.set_figures import (
    content_figures,
    gait_figures,
    quality_figures,
    repetition_figures,
    without_load_figures,
)
from musclepose.movement.signals import counted_on, repetitions_of, snap
from musclepose.movement.slow_run import slow_run_question
from musclepose.movement.summary import (
    MAX_REPETITIONS,
    Kind,
    PhysicsSummary,
    Repetition,
    counting_columns,
)
from musclepose.movement.support import is_carried_beside_feet
from musclepose.movement.trends import trends_of
from musclepose.movement.velocity import jump_figures, velocity_figures
from musclepose.movement.withheld import unknown_frames, without_forces
from musclepose.physics.carried import lies
from musclepose.records import Analysis, Array

FRONT_BELOW_DEG, SIDE_ABOVE_DEG = 30.0, 60.0
MAX_WARNINGS = 12
_VIEW_WARNINGS: dict[View, tuple[str, ...]] = {
    "side": (
        "Filmed from the side: inward knee movement and side lean cannot be judged well.",
    ),
    "front": (
        "Filmed from the front: forward lean and depth are less certain.",
    ),
    "oblique": (),
}


def view_of(analysis: Analysis) -> View:
    """From where the athlete was filmed, by the angle between facing direction and camera axis."""
    _, forward = body_axes(analysis)
    facing = np.median(forward @ analysis.camera.R_cam_world.T, axis=0)
    angle = math.degrees(
        math.atan2(abs(float(facing[0])), abs(float(facing[2])))
    )
    if angle < FRONT_BELOW_DEG:
        return "front"
    return "side" if angle > SIDE_ABOVE_DEG else "oblique"


def _recognised(
    analysis: Analysis, measure: Measure, exercise: str | None
) -> tuple[Recognition, slice]:
    """What was done, and the frames in which: a walk to the place and from it is no part of an exercise."""
    whole, part = slice(0, len(analysis.time_s)), exercise_part(analysis)
    poorly_fitted = fit_level(analysis) == "low"

    def named(columns: Columns, of: Analysis) -> Recognition:
        features = features_of(of, columns)
        if exercise is not None:
            return told(exercise, features)
        return recognise(features, poorly_fitted)

    of_whole = named(measure.columns, analysis)
    if part == whole:
        return of_whole, whole
    cut = cut_to(analysis, part)
    of_part = named(columns_of(cut), cut)
    is_gait = EXERCISES[of_whole.name].kind == "gait" and not of_part.is_sure
    if is_gait or EXERCISES[of_part.name].kind == "gait":
        return of_whole, whole
    return of_part, part


def _counted(
    measure: Measure, exercise: str, part: slice
) -> tuple[tuple[Repetition, ...], tuple[tuple[float, float], ...], bool]:
    """Repetitions in a part of the clip, windows of partial ones, and whether the clip cuts one off."""

    def seen(column: str) -> Array:
        inside = np.full(len(measure.time_s), np.nan)
        inside[part] = measure.seen(column)[part]
        return inside

    found = counted_on(exercise, seen, measure.time_s)
    if found is None:
        return (), (), False
    signal, cycles = found
    reps, partial = repetitions_of(cycles, signal, seen, measure.time_s)
    return _without_set_up(measure, exercise, reps), partial, cycles.cut_off


def _without_set_up(
    measure: Measure, exercise: str, reps: tuple[Repetition, ...]
) -> tuple[Repetition, ...]:
    """The bend to a weight that lies on the floor is no lowering: the times of a first lift from there are not told."""
    if not reps or EXERCISES[exercise].rises != "hand":
        return reps
    wrists_m = np.stack(
        [measure.columns[f"hand_{side}_m"].values for side in "lr"], axis=1
    )
    found = lies(
        torch.from_numpy(wrists_m), float(np.median(np.diff(measure.time_s)))
    )
    first = reps[0]
    if (
        not found
        or not first.start_s < measure.time_s[found[0][0]] < first.end_s
    ):
        return reps
    return (replace(first, begun=True), *reps[1:])


# A leg is furthest in front between what was seen before and after: nearer to a gap the extreme may be the gap's.
STEP_MARGIN_S = 0.3


def _steps(measure: Measure) -> tuple[Step, ...]:
    left, right = (
        measure.seen("hip_flexion_l_deg"),
        measure.seen("hip_flexion_r_deg"),
    )
    steps = find_steps(left, right, measure.time_s)
    seen = np.isfinite(left) | np.isfinite(right)
    moments = [(snap(measure.time_s, s.time_s), s.side) for s in steps]

    def all_seen(t: float) -> bool:
        return bool(seen[np.abs(measure.time_s - t) <= STEP_MARGIN_S].all())

    return tuple(Step(t, side) for t, side in moments if all_seen(t))


def _kind(
    exercise: str, reps: Sequence[Repetition], steps: Sequence[Step]
) -> Kind:
    kind = EXERCISES[exercise].kind
    if (
        kind == "hold"
        or (kind == "gait" and steps)
        or (kind == "repetitions" and reps)
    ):
        return kind
    return "none"


def _left_out(time_s: Array, part: slice) -> tuple[str, ...]:
    """That a walk at the start or the end was left out, and how long it is."""
    start_s, end_s = (
        time_s[part.start] - time_s[0],
        time_s[-1] - time_s[part.stop - 1],
    )
    ways = [
        f"the {w} {s:.1f} s"
        for w, s in (("first", start_s), ("last", end_s))
        if s > 0.0
    ]
    return (f"A walk was left out: {' and '.join(ways)}.",) if ways else ()


def _slow_run(analysis: Analysis, recognition: Recognition) -> tuple[str, ...]:
    """The question about slow motion that a run's steps ask, where nothing else has asked it."""
    is_asked = any(
        "slow motion" in warning for warning in analysis.track.warnings
    )
    if is_asked or recognition.name != "running" or not recognition.is_sure:
        return ()
    return slow_run_question(analysis.track)


def _warnings(
    analysis: Analysis, view: View, recognition: Recognition, part: slice
) -> tuple[str, ...]:
    unsure = () if recognition.is_sure else ("The exercise is uncertain.",)
    if recognition.is_told and not recognition.fits:
        unsure = (
            f"The picture does not look like the exercise that was told ({recognition.title}).",
        )
    asked = _slow_run(analysis, recognition)
    of_clip = (
        *analysis.quality.warnings,
        *analysis.warnings,
        *_VIEW_WARNINGS[view],
    )
    everything = (*of_clip, *asked, *_left_out(analysis.time_s, part), *unsure)
    return tuple(dict.fromkeys(everything))[:MAX_WARNINGS]


def _draft(
    analysis: Analysis,
    measure: Measure,
    recognition: Recognition,
    part: slice,
    rests: bool,
) -> PhysicsSummary:
    """The summary before figures, faults and trends: what was done and when."""
    name, view = recognition.name, view_of(analysis)
    steps = _steps(measure) if EXERCISES[name].kind == "gait" else ()
    reps, partial, cut_off = _counted(measure, name, part)
    athlete, load = analysis.athlete, analysis.load
    return PhysicsSummary(
        recognition,
        _kind(name, reps, steps),
        float(analysis.time_s[-1]),
        view,
        reps,
        partial,
        cut_off,
        steps,
        quality_level=analysis.quality.level,
        fit_level=fit_level(analysis),
        warnings=_warnings(analysis, view, recognition, part),
        assumed=analysis.assumed,
        height_m=athlete.height_m,
        mass_kg=athlete.mass_kg,
        load_kg=load.mass_kg,
        load_at=load.at,
        rests=rests,
    )


def _make_figures(measure: Measure, draft: PhysicsSummary) -> None:
    detailed = draft.repetitions[:MAX_REPETITIONS]
    if detailed:
        repetition_figures(measure, detailed)
    if draft.steps:
        gait_figures(measure, draft.steps)
    if draft.partial:
        measure.formula(
            "partial.count",
            "count(partial)",
            "",
            "partial repetitions",
            digits=0,
        )
    length = f"duration(0, {draft.duration_s:.3f})"
    measure.formula("clip.duration", length, "s", "length of the clip")
    exercise = EXERCISES[draft.exercise.name]
    content = (
        without_load_figures(exercise.figures)
        if draft.rests
        else exercise.figures
    )
    content_figures(
        measure, replace(exercise, figures=content), detailed, draft.load_kg > 0
    )
    velocity_figures(measure, exercise, detailed)
    if exercise.tells_jump:
        jump_figures(measure, detailed)
    quality_figures(measure)


def _look_for_faults(measure: Measure, draft: PhysicsSummary) -> Found:
    """Faults where the exercise is sure; where the body lies poorly on the picture, only those that it shows itself."""
    name = draft.exercise.name
    if not draft.is_sure:
        return not_judged(name, "the exercise is not sure")
    if not draft.exercise.fits:
        return not_judged(name, "the picture does not look like it")
    exercise = EXERCISES[name]
    if draft.rests and exercise.needs_legs and not exercise.supported_by:
        return not_judged(name, "more than the feet carries")
    detailed = draft.repetitions[:MAX_REPETITIONS]
    fit = draft.fit_level
    return find_faults(
        measure, name, detailed, fit, draft.view, by_picture_only=fit == "low"
    )


def summarise(
    analysis: Analysis, exercise: str | None = None
) -> PhysicsSummary:
    """PhysicsSummary of an analysis. `exercise` (one of EXERCISES) overrides the recognition."""
    return judged(analysis, exercise)[1]


def judged(
    analysis: Analysis, exercise: str | None = None
) -> tuple[Analysis, PhysicsSummary]:
    """The analysis without the forces that are not known for what else carries, and its summary.

    Everything that is drawn or written comes from this analysis.
    """
    recognition, part = _recognised(analysis, Measure(analysis), exercise)
    rests = is_carried_beside_feet(analysis.track)
    unknown = unknown_frames(analysis, recognition, rests)
    told_of = without_forces(analysis, unknown)
    return told_of, _summary(told_of, recognition, part, rests)


def _summary(
    analysis: Analysis, recognition: Recognition, part: slice, rests: bool
) -> PhysicsSummary:
    measure = Measure(analysis)
    draft = _draft(analysis, measure, recognition, part, rests)
    measure.add_counted(counting_columns(draft, analysis.time_s))
    _make_figures(measure, draft)
    found = _look_for_faults(measure, draft)
    trends = trends_of(
        measure, recognition.name, draft.repetitions[:MAX_REPETITIONS]
    )
    return replace(
        draft,
        figures=tuple(measure.figures.values()),
        absent=tuple(measure.absent.values()),
        faults=found.faults,
        checks=found.checks,
        trends=trends,
    )
