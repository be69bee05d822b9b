"""Every fault of every exercise just above and just below its limit.

The limits stand here as numbers with their source, once more and by hand. A fault is told where it is sure enough:
with 80 % probability, at 0.8416 standard errors (the 0.8 quantile of the normal distribution) beyond the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pytest
from summary_fixtures import clip

from musclepose.movement.faults import FAULTS
from musclepose.movement.find_faults import JUDGES, find_faults
from musclepose.movement.measure import Measure
from musclepose.movement.records import Judged
from musclepose.movement.summary import Fault, Level, Phase, Repetition, View

SURE_AT = (
    0.8416  # 0.8 quantile of the standard normal distribution (any table of it)
)
# 1.25 x the mean absolute error of an angle on people that training never saw, degrees (docs/training.md).
ERROR_DEG = {
    "hip": 8.9,
    "knee": 7.9,
    "ankle": 6.5,
    "shoulder": 9.0,
    "elbow": 16.9,
    "trunk": 4.6,
}
FIT_FACTOR: dict[Level, float] = {
    "high": 0.8,
    "medium": 1.0,
    "low": 1.6,
}  # chosen
PICTURE_ERROR_DEG = (
    5.0  # chosen: of the range of an angle between lines of the picture
)
OBLIQUE_FACTOR = (
    1.3  # chosen: half of a plane's movement points along the camera's axis
)


@dataclass(frozen=True)
class Row:
    """`statistic` of `column` beyond `limit` (above +1, below -1) is the fault; `joint` tells how well it is known."""

    fault: str
    exercises: str
    statistic: str
    column: str
    sign: int
    limit: float
    joint: str
    view: View = "side"


ROWS = (
    Row("body_swing", "curl", "range", "trunk_lean_deg", 1, 14, "trunk"),
    Row("body_swing", "row", "range", "trunk_lean_deg", 1, 20, "trunk"),
    Row("elbow_drift", "curl", "range", "arm_in_picture_{}_deg", 1, 25, "shoulder"),
    Row("forward_lean", "squat", "max", "trunk_lean_deg", 1, 50, "trunk"),
    Row("forward_lean", "lunge step_up", "max", "trunk_lean_deg", 1, 38, "trunk"),
    Row("hips_high", "push_up plank", "mean", "body_line_deg", 1, 6, "trunk"),
    Row("hips_sag", "push_up plank", "mean", "body_line_deg", -1, -13, "trunk"),
    Row("knee_valgus", "squat jump step_up", "max", "knee_valgus_{}_deg", 1, 10, "knee", "front"),
    Row("lean_back", "overhead_press", "max", "trunk_lean_deg", 1, 20, "trunk"),
    Row("low_arms", "jumping_jack", "max", "arm_elevation_{}_deg", -1, 135, "shoulder"),
    Row("partial_range", "curl", "min", "elbow_in_picture_{}_deg", 1, 30, "elbow"),
    # Thighs level is parallel depth; 10 degrees above it is too high.
    Row("shallow_depth", "squat", "min", "thigh_above_level_{}_deg", 1, 10, "hip"),
    Row("shallow_depth", "lunge", "max", "knee_flexion_{}_deg", -1, 75, "knee"),
    Row("shallow_depth", "push_up", "max", "elbow_flexion_{}_deg", -1, 80, "elbow"),
    Row("side_lean", "squat deadlift overhead_press lunge", "absmax", "trunk_side_lean_deg", 1, 12, "trunk", "front"),
    Row("soft_lockout", "overhead_press push_up", "min", "elbow_flexion_{}_deg", 1, 40, "elbow"),
    Row("soft_lockout", "deadlift romanian_deadlift", "min", "hip_flexion_{}_deg", 1, 25, "hip"),
    Row("squatted_hinge", "romanian_deadlift", "max", "knee_flexion_{}_deg", 1, 45, "knee"),
    # Landing Error Scoring System (Padua 2009): less than 45 degrees of knee flexion is a stiff landing.
    Row("stiff_landing", "jump", "max", "knee_flexion_{}_deg", -1, 45, "knee"),
)  # fmt: skip
# Limb symmetry index below 85 % (Barber 1990): a difference of 15 %.
SYMMETRY = {
    "knee_flexion": ("knee", "squat jump"),
    "hip_flexion": ("hip", "deadlift romanian_deadlift"),
    "elbow_flexion": ("elbow", "push_up curl row"),
    "arm_elevation": ("shoulder", "overhead_press jumping_jack"),
}
SYMMETRY_LIMIT_PCT = 15.0
# Shortest lowering, s (chosen).
LOWERING_S = {
    "squat": 0.4, "romanian_deadlift": 0.4,
    "deadlift": 0.3, "push_up": 0.3, "row": 0.3, "overhead_press": 0.3, "lunge": 0.3,
    "curl": 0.35,
}  # fmt: skip
TIME_ERROR_S = 0.1  # chosen: three frames

# Their limits stand in test_picture_faults.py.
BY_PICTURE = {
    ("hips_first", "deadlift"),
    ("hips_first", "squat"),
    ("heel_lift", "squat"),
    ("arm_swing", "walking"),
}

BASE = clip("squat", count=4)
EACH = [(row, exercise) for row in ROWS for exercise in row.exercises.split()]
IDS = [f"{row.fault}-{exercise}" for row, exercise in EACH]


def repetitions() -> list[Repetition]:
    """Four of 2 s."""
    made = []
    for i in range(4):
        start = 0.4 + 2.0 * i
        phases = (
            Phase("eccentric", start, start + 0.9),
            Phase("hold", start + 0.9, start + 1.1),
            Phase("concentric", start + 1.1, start + 2.0),
        )
        made.append(Repetition(i + 1, start, start + 1.0, start + 2.0, phases))
    return made


def planted(columns: dict[str, np.ndarray]) -> Measure:
    """A measure in which these columns hold these values."""
    measure = Measure(BASE)
    for name, values in columns.items():
        measure.columns[name] = replace(measure.columns[name], values=values)
        measure.values[name] = values
    return measure


def curve(statistic: str, value: float, share: float = 1.0) -> np.ndarray:
    """(T,) whose statistic is `value` in the first `share` of the repetitions; far on the safe side in the others."""
    time_s = BASE.time_s
    values = np.full(len(time_s), float(value))
    if statistic == "range":
        values[(time_s % 1.0) < 0.5] = 0.0
    if statistic == "absmax":
        values = -values  # the sign must not matter
    later = time_s > 0.4 + 2.0 * round(4 * share) - 0.02
    values[later] = 0.0
    return values


def error_of(
    row: Row, level: Level = "high", view: View | None = None
) -> float:
    if "_in_picture" in row.column:
        return PICTURE_ERROR_DEG
    factor = OBLIQUE_FACTOR if (view or row.view) == "oblique" else 1.0
    return ERROR_DEG[row.joint] * FIT_FACTOR[level] * factor


def found(
    row: Row,
    exercise: str,
    errors_beyond: float,
    level: Level = "high",
    view: View | None = None,
    share: float = 1.0,
) -> Fault | None:
    """The fault where every repetition lies so many standard errors beyond the limit."""
    value = row.limit + row.sign * errors_beyond * error_of(row, level, view)
    sides = "lr" if "{}" in row.column else "l"
    values = curve(row.statistic, value, share)
    picture = row.column.replace(
        "_flexion_", "_in_picture_"
    )  # what a person sees agrees
    columns = {
        c.format(side): values for side in sides for c in (row.column, picture)
    }
    measure = planted(
        {
            name: v
            for name, v in columns.items()
            if name in Measure(BASE).columns
        }
    )
    faults = find_faults(
        measure, exercise, repetitions(), level, view or row.view
    ).faults
    return next((f for f in faults if f.name == row.fault), None)


@pytest.mark.parametrize(("row", "exercise"), EACH, ids=IDS)
def test_just_beyond_what_is_sure_it_is_told_and_just_before_it_is_not(
    row: Row, exercise: str
) -> None:
    fault = found(row, exercise, SURE_AT + 0.02)
    assert fault is not None
    assert fault.evidence.threshold == row.limit
    assert fault.evidence.joint == row.joint
    assert found(row, exercise, SURE_AT - 0.02) is None
    assert found(row, exercise, -SURE_AT) is None


@pytest.mark.parametrize(("row", "exercise"), EACH[:3], ids=IDS[:3])
@pytest.mark.parametrize("level", ["high", "medium", "low"])
@pytest.mark.parametrize("view", ["side", "oblique"])
def test_a_poor_fit_and_an_angled_view_ask_for_more(
    row: Row, exercise: str, level: Level, view: View
) -> None:
    assert found(row, exercise, SURE_AT + 0.02, level, view) is not None
    assert found(row, exercise, SURE_AT - 0.02, level, view) is None


def test_a_fault_shows_in_a_third_of_the_repetitions_at_least() -> None:
    row = next(r for r in ROWS if r.fault == "forward_lean")
    both = found(row, "squat", 1.5, share=0.5)
    assert both is not None and both.repetitions == (1, 2)
    assert (
        found(row, "squat", 1.5, share=0.25) is None
    )  # 0.34 x 4 = 1.4: two are needed


@pytest.mark.parametrize(
    ("beyond_deg", "severity"),
    [(7.9, "mild"), (8.1, "moderate"), (15.9, "moderate"), (16.1, "marked")],
)
def test_severity_goes_by_steps_of_eight_degrees(
    beyond_deg: float, severity: str
) -> None:
    row = next(r for r in ROWS if r.fault == "forward_lean")
    fault = found(row, "squat", beyond_deg / error_of(row))
    assert fault is not None and fault.severity == severity


PICTURE_ROWS = [
    r
    for r in ROWS
    if r.column in ("elbow_flexion_{}_deg", "knee_flexion_{}_deg")
]


@pytest.mark.parametrize(
    "row", PICTURE_ROWS, ids=lambda row: f"{row.fault}-{row.exercises}"
)
def test_a_bend_that_the_picture_does_not_show_is_not_blamed(row: Row) -> None:
    """The fitted body is far beyond the limit, the limb in the film a degree on its good side."""
    exercise = row.exercises.split()[0]
    body = curve(row.statistic, row.limit + row.sign * 3.0 * error_of(row))
    film = curve(row.statistic, row.limit - row.sign)
    stem = row.column.removesuffix("_flexion_{}_deg")
    columns = {row.column.format(x): body for x in "lr"}
    measure = planted(
        columns | {f"{stem}_in_picture_{x}_deg": film for x in "lr"}
    )
    faults = find_faults(
        measure, exercise, repetitions(), "high", "side"
    ).faults
    assert row.fault not in {f.name for f in faults}


def test_an_uneven_side_is_not_judged_from_the_side() -> None:
    measure = planted(
        {
            "knee_flexion_l_deg": curve("max", 40.0),
            "knee_flexion_r_deg": curve("max", 100.0),
        }
    )
    for side in "lr":
        measure.per_repetition("max", f"knee_flexion_{side}_deg", repetitions())
    faults = find_faults(measure, "squat", repetitions(), "high", "side").faults
    assert "uneven_sides" not in {f.name for f in faults}


@pytest.mark.parametrize(("count", "uneven_told"), [(1, False), (2, True)])
def test_a_single_repetition_compares_no_sides(
    count: int, uneven_told: bool
) -> None:
    measure = planted(
        {
            "knee_flexion_l_deg": curve("max", 40.0),
            "knee_flexion_r_deg": curve("max", 100.0),
        }
    )
    reps = repetitions()[:count]
    for side in "lr":
        measure.per_repetition("max", f"knee_flexion_{side}_deg", reps)
    faults = find_faults(measure, "squat", reps, "high", "front").faults
    assert ("uneven_sides" in {f.name for f in faults}) == uneven_told


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_side_that_has_the_fault_is_named(side: str) -> None:
    row = next(r for r in ROWS if r.fault == "knee_valgus")
    letter, other = ("l", "r") if side == "left" else ("r", "l")
    measure = planted(
        {f"knee_valgus_{letter}_deg": curve("max", 25.0), f"knee_valgus_{other}_deg": curve("max", 0.0)}
    )  # fmt: skip
    faults = find_faults(
        measure, "squat", repetitions(), "high", row.view
    ).faults
    fault = next(f for f in faults if f.name == "knee_valgus")
    assert (
        fault.evidence.side == side
        and fault.evidence.value == pytest.approx(25.0)
    )


SYMMETRY_ROWS = [
    (q, j, e) for q, (j, names) in SYMMETRY.items() for e in names.split()
]


def uneven(
    quantity: str, exercise: str, joint: str, errors_beyond: float, smaller: str
) -> Fault | None:
    """The larger side reaches 100 degrees; both sides have the joint's error, of 100 degrees in per cent."""
    error_pct = np.sqrt(2.0) * ERROR_DEG[joint] * FIT_FACTOR["high"]
    less = 100.0 - (SYMMETRY_LIMIT_PCT + errors_beyond * error_pct)
    at = (
        {"left": less, "right": 100.0}
        if smaller == "left"
        else {"left": 100.0, "right": less}
    )
    names = {side: f"{quantity}_{side[0]}_deg" for side in at}
    measure = planted(
        {names[side]: curve("max", value) for side, value in at.items()}
    )
    for name in names.values():
        measure.per_repetition("max", name, repetitions())
    faults = find_faults(
        measure, exercise, repetitions(), "high", "front"
    ).faults
    return next((f for f in faults if f.name == "uneven_sides"), None)


@pytest.mark.parametrize(("quantity", "joint", "exercise"), SYMMETRY_ROWS)
@pytest.mark.parametrize("smaller", ["left", "right"])
def test_the_side_that_moves_less_is_named_beyond_fifteen_per_cent(
    quantity: str, joint: str, exercise: str, smaller: str
) -> None:
    fault = uneven(quantity, exercise, joint, SURE_AT + 0.02, smaller)
    assert fault is not None
    assert (fault.evidence.side, fault.evidence.threshold) == (
        smaller,
        SYMMETRY_LIMIT_PCT,
    )
    assert uneven(quantity, exercise, joint, SURE_AT - 0.02, smaller) is None


def lowered(exercise: str, seconds: float) -> Fault | None:
    measure = planted({})
    measure.formula(
        "tempo.eccentric", f"duration(0, {seconds})", "s", "lowering time"
    )
    faults = find_faults(
        measure, exercise, repetitions(), "high", "side"
    ).faults
    return next((f for f in faults if f.name == "fast_lowering"), None)


@pytest.mark.parametrize("exercise", LOWERING_S)
def test_lowering_faster_than_the_limit(exercise: str) -> None:
    limit_s, gap_s = LOWERING_S[exercise], SURE_AT * TIME_ERROR_S
    fault = lowered(exercise, limit_s - gap_s - 0.003)
    assert fault is not None and fault.evidence.threshold == limit_s
    assert lowered(exercise, limit_s - gap_s + 0.003) is None


STEP_LIMIT_PCT = 20.0  # chosen


def limping(difference_pct: float) -> Fault | None:
    """Four steps of each leg; those of the right take 1 s, those of the left less."""
    measure = planted({})
    left_s = 1.0 - difference_pct / 100.0
    for side, seconds in (("left", left_s), ("right", 1.0)):
        lasted = ", ".join([f"duration(0, {seconds})"] * 4)
        measure.formula(
            f"step_time_{side}", f"average({lasted})", "s", "step time"
        )
    sides = (
        measure.figures[f"step_time_{side}"].source
        for side in ("left", "right")
    )
    measure.formula(
        "asymmetry.step_time",
        f"asymmetry({', '.join(sides)})",
        "%",
        "step time",
    )
    faults = find_faults(measure, "walking", (), "high", "side").faults
    return next((f for f in faults if f.name == "limp"), None)


def test_steps_of_different_times_are_a_limp_beyond_twenty_per_cent() -> None:
    """Error: 0.1 s a step, four steps a leg, of 1 s: 100 sqrt(2 x 0.1^2 / 4) = 7.07 %."""
    beyond = SURE_AT * 7.071
    fault = limping(STEP_LIMIT_PCT + beyond + 0.2)
    assert fault is not None and (
        fault.evidence.side,
        fault.evidence.threshold,
    ) == ("", 20.0)
    assert limping(STEP_LIMIT_PCT + beyond - 0.2) is None


@pytest.mark.parametrize(
    ("difference_pct", "outcome"),
    [(9.5, "clear"), (10.5, "unseen"), (22.0, "unseen")],
)
def test_steps_are_called_even_only_well_below_the_limit(
    difference_pct: float, outcome: str
) -> None:
    measure = planted({})
    for side, seconds in (
        ("left", 1.0 - difference_pct / 100.0),
        ("right", 1.0),
    ):
        measure.formula(
            f"step_time_{side}",
            f"average(duration(0, {seconds}))",
            "s",
            "step time",
        )
    measure.formula(
        "asymmetry.step_time", f"diff(0, {difference_pct})", "%", "step time"
    )
    checks = find_faults(measure, "walking", (), "high", "side").checks
    assert {c.fault: c.outcome for c in checks}["limp"] == outcome


def test_without_steps_of_both_legs_a_limp_is_not_judged() -> None:
    found = find_faults(planted({}), "walking", (), "high", "side")
    assert ("limp", "unseen") in [(c.fault, c.outcome) for c in found.checks]


def _looked_for() -> Iterator[tuple[str, str]]:
    for kind in FAULTS.values():
        for case in kind.cases:
            yield from ((kind.name, exercise) for exercise in case.exercises)


def test_every_fault_of_every_exercise_has_a_row_here() -> None:
    rows = {(row.fault, exercise) for row, exercise in EACH}
    rows |= {("uneven_sides", exercise) for _, _, exercise in SYMMETRY_ROWS}
    rows |= {("fast_lowering", exercise) for exercise in LOWERING_S}
    rows.add(("limp", "walking"))
    rows |= BY_PICTURE
    assert set(_looked_for()) == rows, (
        "write the limit of a new fault down here, with its source"
    )


def test_every_kind_of_rule_has_its_judge() -> None:
    assert set(JUDGES) == set(get_args(Judged))


@pytest.mark.parametrize(("share", "is_told"), [(0.5, False), (0.75, True)])
def test_a_range_must_be_too_large_in_most_repetitions(
    share: float, is_told: bool
) -> None:
    row = next(r for r in ROWS if r.fault == "elbow_drift")
    assert (found(row, "curl", 2.0, share=share) is not None) == is_told


@pytest.mark.parametrize(("bend_deg", "is_told"), [(5.0, False), (30.0, True)])
def test_a_line_that_is_straight_in_the_picture_is_not_blamed(
    bend_deg: float, is_told: bool
) -> None:
    row = next(r for r in ROWS if r.fault == "hips_sag")
    sagging = curve("mean", row.limit + row.sign * 3.0 * error_of(row))
    straight = np.full(len(BASE.time_s), bend_deg)
    columns = {f"hip_in_picture_{x}_deg": straight for x in "lr"}
    measure = planted({row.column: sagging} | columns)
    faults = find_faults(
        measure, "push_up", repetitions(), "high", "side"
    ).faults
    assert (row.fault in {f.name for f in faults}) == is_told
