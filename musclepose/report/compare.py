"""Two repetitions against each other, of one set or of two, aligned by phase: times, curves, differences, a sentence.

Everything is computed here; the page only draws. A difference is told only where it is larger than what one camera
gets wrong, and load, force, torque and effort are never compared between a left and a right side: one camera does not
see how they share the load. Two sets are compared where exercise and view are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from musclepose.movement.columns import Column, columns_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import (
    MAX_REPETITIONS,
    PhysicsSummary,
    Repetition,
)
from musclepose.records import Analysis, Array
from musclepose.report.repetitions import Cell, RepetitionColumn, cell_text
from musclepose.report.say import IN_ENGLISH, Say, capital
from musclepose.report.svg import ticks

MAX_EACH_END = 8  # of a long set the first and the last ones can be compared; of two sets half as many of each
STEPS = 100
GROUPS = ("tempo", "movement", "torque", "effort")
LOADS = ("torque", "effort")
# Least difference that is told, by unit (chosen: twice the median error of a start or an end on real clips; the scatter
# of one joint's angle from repetition to repetition of the same film).
LEAST = {"s": 0.2, "deg": 5.0, "m": 0.03, "m/s": 0.1}
LEAST_SHARE = 0.15  # of the larger value, for every other unit (chosen)
MAX_PHRASES = 3
FULL_EFFORT_PCT = 100.0
_UNITS = {"deg": "degrees"}


@dataclass(frozen=True)
class Row:
    """One figure of both repetitions. `change` is second minus first of the rounded values, None where not told."""

    title: str
    first: Figure
    second: Figure
    change: float | None
    weight: float  # how many times the least difference

    @property
    def is_clear(self) -> bool:
        """Whether the difference is larger than the error of one camera."""
        return self.change is not None and self.weight >= 1.0


@dataclass(frozen=True)
class ComparedSet:
    """A set whose repetitions are compared; `columns` are those of `repetition_columns`."""

    analysis: Analysis
    summary: PhysicsSummary
    columns: Sequence[RepetitionColumn]
    name: str = ""  # "this set"; empty where there is no other


@dataclass(frozen=True)
class Compared:
    """One repetition of a set: the one at `place`."""

    of: ComparedSet
    place: int

    @property
    def repetition(self) -> Repetition:
        """What was counted."""
        return self.of.summary.repetitions[self.place]

    @property
    def label(self) -> str:
        """ "Repetition 2, left, of this set"."""
        r = self.repetition
        words = [
            f"Repetition {r.index}",
            r.side,
            f"of {self.of.name}" if self.of.name else "",
        ]
        return ", ".join(words[:2]).rstrip(", ") + (
            f" {words[2]}" if words[2] else ""
        )


def comparison_of(
    this: ComparedSet, before: ComparedSet | None = None, say: Say = IN_ENGLISH
) -> dict[str, Any] | None:
    """What the page needs to compare any two of up to 16 repetitions; None where there are no two.

    before: an earlier set, whose repetitions come first where it can be compared with (see `can_be_compared`). `set` of
    a repetition is 0 for the film that is shown and 1 for that of the earlier set; `times` are 101 source times in s,
    0 to 100 % of it, with the turn at `turn` % in all of them; values of the curves stand at these times, None where
    the joint was not seen.
    """
    sets = [this]
    if before is not None and can_be_compared(this, before):
        sets = [
            replace(before, name="the set before"),
            replace(this, name="this set"),
        ]
    reps = [
        Compared(s, p)
        for s in sets
        for p in _places_of(s, MAX_EACH_END // len(sets))
    ]
    if len(reps) < 2:
        return None
    turn = turn_pct([r.repetition for r in reps])
    times = np.stack([phase_times(r.repetition, turn) for r in reps])
    second = (
        len(_places_of(sets[0], MAX_EACH_END // 2))
        if len(sets) == 2
        else len(reps) - 1
    )
    return {
        "turn": turn,
        "chosen": [0, second],
        "repetitions": [
            {
                "label": say(r.label),
                "set": int(r.of is not sets[-1]),
                "times": [round(float(t), 3) for t in at],
            }
            for r, at in zip(reps, times, strict=True)
        ],
        "curves": [
            _curve(say(title), columns, reps, times, say)
            for title, columns in _curves(reps)
        ],
        "pairs": {
            f"{i}-{j}": _pair(reps[i], reps[j], say)
            for i, j in combinations(range(len(reps)), 2)
        },
    }


def can_be_compared(one: ComparedSet, other: ComparedSet) -> bool:
    """Whether two sets show the same exercise, known for sure, from the same view."""
    a, b = one.summary, other.summary
    is_same = a.exercise.name == b.exercise.name and a.view == b.view
    return (
        is_same
        and a.is_sure
        and b.is_sure
        and bool(a.repetitions)
        and bool(b.repetitions)
    )


def _places_of(of: ComparedSet, each_end: int) -> list[int]:
    return shown_places(len(of.summary.repetitions[:MAX_REPETITIONS]), each_end)


def shown_places(count: int, each_end: int = MAX_EACH_END) -> list[int]:
    """All places of a short set; the first and the last `each_end` of a long one."""
    if count <= 2 * each_end:
        return list(range(count))
    return [*range(each_end), *range(count - each_end, count)]


def turn_pct(reps: Sequence[Repetition]) -> int:
    """Where the turn is put, in % of a repetition: at its mean place, and never at the very ends."""
    shares = [
        (r.turn_s - r.start_s) / max(r.end_s - r.start_s, 1e-6) for r in reps
    ]
    return round(min(max(100.0 * float(np.mean(shares)), 10.0), 90.0))


def phase_times(r: Repetition, turn: int) -> Array:
    """(101,) s: start at 0 %, turn at `turn` %, end at 100 %, even between them."""
    percent = np.arange(STEPS + 1)
    return np.interp(percent, (0, turn, STEPS), (r.start_s, r.turn_s, r.end_s))


def _curves(reps: Sequence[Compared]) -> Iterator[tuple[str, list[Column]]]:
    """Title and, for each repetition, the column it is read from: what the exercise is counted and judged on."""
    exercise = EXERCISES[reps[0].of.summary.exercise.name]
    known = {id(r.of): columns_of(r.of.analysis) for r in reps}
    wanted = dict.fromkeys(
        [
            *(s.column for s in exercise.signals),
            *(c for _, c in exercise.figures.each),
        ]
    )
    for name in wanted:
        both = [known[id(reps[0].of)][n] for n in sides_of(name)]
        if len(both) == 2 and all(r.repetition.side for r in reps):
            bare = both[0].words.removeprefix(f"{both[0].side} ")
            of_side = {column.side: column.name for column in both}
            names = [
                of_side["left" if r.repetition.side == "left" else "right"]
                for r in reps
            ]
            yield f"{bare}, side of the repetition", _read(known, reps, names)
        else:
            for column in both:
                yield (
                    column.words,
                    _read(known, reps, [column.name] * len(reps)),
                )


def _read(
    known: dict[int, dict[str, Column]],
    reps: Sequence[Compared],
    names: Sequence[str],
) -> list[Column]:
    """The named column of each repetition's own set."""
    return [known[id(r.of)][name] for r, name in zip(reps, names, strict=True)]


def _curve(
    title: str,
    columns: Sequence[Column],
    reps: Sequence[Compared],
    times: Array,
    say: Say,
) -> dict[str, Any]:
    values = np.stack(
        [
            np.interp(at, r.of.analysis.time_s, c.seen_values)
            for at, c, r in zip(times, columns, reps, strict=True)
        ]
    )
    unit = columns[0].unit
    digits = 0 if unit in ("deg", "%") else 2
    finite = values[np.isfinite(values)]
    low, high = (
        (float(finite.min()), float(finite.max()))
        if len(finite)
        else (0.0, 1.0)
    )
    air = max(0.06 * (high - low), 10.0**-digits)
    return {
        "title": capital(title),
        "unit": say(unit),
        "digits": digits,
        "low": low - air,
        "high": high + air,
        "ticks": [round(t, 6) for t in ticks(low - air, high + air, 4)],
        "values": [
            [
                None if not np.isfinite(v) else round(float(v), digits + 1)
                for v in row
            ]
            for row in values
        ],
    }


def _pair(one: Compared, other: Compared, say: Say) -> dict[str, Any]:
    rows = rows_of(one, other)
    return {
        "text": sentence(rows, one, other, say),
        "rows": [
            [
                *map(
                    say,
                    (
                        r.title,
                        _shown(r.first),
                        _shown(r.second),
                        _change_text(r),
                    ),
                ),
                int(r.is_clear),
            ]
            for r in rows
        ],
    }


def rows_of(one: Compared, other: Compared) -> list[Row]:
    """The figures that both repetitions have, in the order of the table; loads only of one side and one body."""
    sides = one.repetition.side, other.repetition.side
    has_loads = sides[0] == sides[1] and _is_one_body(one, other)
    is_rough = "low" in (one.of.summary.fit_level, other.of.summary.fit_level)
    there = {(c.group, c.title): c for c in other.of.columns}
    rows = []
    for column in one.of.columns:
        match = there.get((column.group, column.title))
        if match is None or column.group not in GROUPS:
            continue
        if column.group in LOADS and not has_loads:
            continue
        cells = column.cells[one.place], match.cells[other.place]
        for a, b in _matching(*cells, sides, column.group in LOADS):
            is_pair = len(cells[0]) > 1 and not all(sides)
            title = f"{a.side} {column.title}" if is_pair else column.title
            rows.append(_row(title, a, b, is_rough))
    return rows


def _is_one_body(one: Compared, other: Compared) -> bool:
    """Whether height and mass are the same, without which torque and effort say nothing of the movement."""
    a, b = one.of.analysis.athlete, other.of.analysis.athlete
    return a.mass_kg == b.mass_kg and a.height_m == b.height_m


def _matching(
    one: Cell, other: Cell, sides: tuple[str, str], is_load: bool
) -> Iterator[tuple[Figure, Figure]]:
    """Figures of the same side; where repetitions are of one side, those of that side."""
    if all(sides) and not is_load:
        found = _of_side(one, sides[0]), _of_side(other, sides[1])
        if found[0] and found[1]:
            yield found[0], found[1]
        return
    for figure in one:
        match = next((f for f in other if f.side == figure.side), None)
        if match:
            yield figure, match


def _of_side(cell: Cell, side: str) -> Figure | None:
    return next((f for f in cell if f.side in ("", side)), None)


def _row(title: str, one: Figure, other: Figure, is_rough: bool) -> Row:
    a, b = round(one.value, one.digits), round(other.value, other.digits)
    is_bounded = one.key.startswith("effort_") and max(a, b) > FULL_EFFORT_PCT
    if is_bounded or (is_rough and one.unit != "s"):
        return Row(title, one, other, None, 0.0)
    change = round(b - a, one.digits)
    return Row(title, one, other, change, abs(change) / _least(one, other))


def _least(one: Figure, other: Figure) -> float:
    """Smallest difference that is told: by the unit, and never less than both 90 % bands together."""
    larger = max(abs(one.value), abs(other.value), 1e-9)
    bands = float(np.hypot(one.band or 0.0, other.band or 0.0))
    return max(LEAST.get(one.unit, LEAST_SHARE * larger), bands)


def _shown(figure: Figure) -> str:
    return f"{cell_text(figure)} {figure.unit}".strip().replace("-", "−")


def _change_text(row: Row) -> str:
    if row.change is None:
        return "–"
    if not row.is_clear:
        return "no clear difference"
    sign = "+" if row.change > 0 else "−"
    return (
        f"{sign}{abs(row.change):.{row.first.digits}f} {row.first.unit}".strip()
    )


def sentence(
    rows: Sequence[Row], one: Compared, other: Compared, say: Say = IN_ENGLISH
) -> str:
    """What clearly differs, most of all first, in at most three phrases; one side of a joint stands for both."""
    names = {
        "later": other.label,
        "earlier": one.label[:1].lower() + one.label[1:],
    }
    clear = sorted((r for r in rows if r.is_clear), key=lambda r: -r.weight)
    named: dict[str, Row] = {}
    for row in clear:
        named.setdefault(_without_side(row), row)
    why = [say(text) for text in _why_no_load(one, other)]
    if not named:
        nothing = "{later} against {earlier}: no clear difference in what is compared here."
        return " ".join([say(nothing, **names), *why])
    differences = "; ".join(
        _phrase(row, say) for row in list(named.values())[:MAX_PHRASES]
    )
    rest = (
        [say("The table shows what else differs.")]
        if len(named) > MAX_PHRASES
        else []
    )
    told = say(
        "{later} against {earlier}: {differences}.",
        **names,
        differences=differences,
    )
    return " ".join([told, *rest, *why])


def _without_side(row: Row) -> str:
    """What is measured, without side and statistic: "knee bend" is told once."""
    title = (
        row.title.removeprefix(f"{row.first.side} ")
        if row.first.side
        else row.title
    )
    return title.partition(", ")[0]


def _why_no_load(one: Compared, other: Compared) -> tuple[str, ...]:
    if one.repetition.side != other.repetition.side:
        return (
            "Torque and effort are not compared between the sides: one camera does not see how they share the load.",
        )
    if not _is_one_body(one, other):
        return (
            "Torque and effort are not compared: height or mass were not the same.",
        )
    loads = one.of.summary.load_kg, other.of.summary.load_kg
    if loads[0] != loads[1]:
        return (f"The load was {loads[0]:g} kg, then {loads[1]:g} kg.",)
    return ()


def _phrase(row: Row, say: Say) -> str:
    assert row.change is not None
    unit = _UNITS.get(row.first.unit, row.first.unit)
    values = [cell_text(f).replace("-", "−") for f in (row.first, row.second)]
    return say(
        f"{{what}} {{size}} {{unit}} {_direction(row)} ({{a}}, then {{b}})",
        what=_what(row) if say is IN_ENGLISH else row.title,
        size=f"{abs(row.change):.{row.first.digits}f}",
        unit=unit,
        a=values[0],
        b=values[1],
    )


def _what(row: Row) -> str:
    """ "largest knee bend": the title as it reads in an English sentence."""
    name, _, statistic = row.title.rpartition(", ")
    if not name:
        return row.title
    return f"range of {name}" if statistic == "range" else f"{statistic} {name}"


def _direction(row: Row) -> str:
    is_up = (row.change or 0.0) > 0
    if row.first.unit == "s":
        return "longer" if is_up else "shorter"
    if min(row.first.value, row.second.value) < 0:
        return "higher" if is_up else "lower"
    return "more" if is_up else "less"
