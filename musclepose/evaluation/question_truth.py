"""What a question of the set should be answered with, computed from the columns of timeseries.csv without the coach.

An expectation is one or more alternatives (`||`), each of items joined with `&`. An item is `/regex/` (the text has
it), `!/regex/` (it has not), `advice` (it has a cue or drill of the records), or `@...`, a number that it must show:

    @bend JOINT [left|right] [rN|first|last]   largest bend; both sides where none is named; over the set it may be the
                                              largest or the average of the repetitions' largest
    @STAT COLUMN [rN|first|last|each] [*N|*kg|*100|/kg]   STAT: max, min, mean, range, absmax
    @when STAT COLUMN          time of the extreme, s
    @at COLUMN SECONDS         the value then
    @argmax COLUMN STAT        number of the repetition with the largest STAT, @argmin with the smallest
    @time rN|each|first|last, @phase NAME rN|each, @longest [time], @shortest
    @count, @steps, @cadence, @duration, @load, @hardest
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis, Array, Mask
from musclepose.report.timeseries import all_columns

GRAVITY_M_S2 = 9.81
MIN_SEEN = (
    0.8  # as stated in docs: a joint must be seen in this share of the frames
)
BENDS = {
    "knee": "knee_flexion_{}_deg", "hip": "hip_flexion_{}_deg", "ankle": "ankle_dorsiflexion_{}_deg",
    "elbow": "elbow_flexion_{}_deg",
}  # fmt: skip
# COCO-17 rows that a column needs: hip, knee and so on of each side.
_POINTS = {
    "shoulder": 5,
    "elbow": 7,
    "wrist": 9,
    "hip": 11,
    "knee": 13,
    "ankle": 15,
}
_NEEDS = (
    (r"knee", ("hip", "knee", "ankle")),
    (r"hip|thigh", ("shoulder", "hip", "knee")),
    (r"ankle", ("knee", "ankle")),
    (r"arm_elevation|shoulder", ("hip", "shoulder", "elbow")),
    (r"elbow", ("shoulder", "elbow", "wrist")),
    (r"stance|split|shift|grf", ("ankle",)),
)
_STATISTICS: dict[str, Callable[[Array], Any]] = {
    "max": np.nanmax,
    "min": np.nanmin,
    "mean": np.nanmean,
    "range": lambda x: np.nanmax(x) - np.nanmin(x),
    "absmax": lambda x: np.nanmax(np.abs(x)),
}

_PLACES: dict[str, Callable[[Array], Any]] = {
    "max": np.nanargmax,
    "min": np.nanargmin,
    "absmax": lambda x: np.nanargmax(np.abs(x)),
}


class Unseen(Exception):
    """The value may not be told: its joint was not seen."""


@dataclass(frozen=True)
class Number:
    """A true value in a unit that the text may show."""

    value: float
    unit: str


class Truth:
    """Numbers of one clip by expression."""

    def __init__(self, analysis: Analysis, summary: PhysicsSummary) -> None:
        self.analysis, self.summary = analysis, summary
        self.columns = all_columns(
            analysis, counting_columns(summary, analysis.time_s)
        )
        self.time_s: Array = analysis.time_s
        self.total = int(self.columns["repetition"].max())

    def window(self, which: str) -> Mask:
        """(T,) frames of "r3", "first", "last", or from the first repetition to the last."""
        number = self.columns["repetition"]
        if not which:
            inside = np.flatnonzero(number > 0)
            mask = np.zeros(len(number), bool)
            mask[
                inside[0] if len(inside) else 0 : inside[-1] + 1
                if len(inside)
                else len(number)
            ] = True
            return mask
        repetition = self.summary.repetitions[self._index(which) - 1]
        return (self.time_s >= repetition.start_s - 1e-3) & (
            self.time_s <= repetition.end_s + 1e-3
        )

    def _index(self, which: str) -> int:
        return {"first": 1, "last": self.total}.get(which) or int(which[1:])

    def seen(self, column: str) -> Mask:
        """(T,) frames in which the keypoints that a column rests on were there."""
        needs = next(
            (
                points
                for pattern, points in _NEEDS
                if re.search(pattern, column)
            ),
            (),
        )
        sides = [s for s in "lr" if f"_{s}_" in f"{column}_"] or list("lr")
        rows = [_POINTS[p] + (side == "r") for p in needs for side in sides]
        track = self.analysis.track
        good = np.isfinite(track.keypoints_px).all(2) & (track.confidence > 0)
        if re.search(r"trunk|com_|body_line", column):
            return np.asarray(good[:, 5:7].any(1) & good[:, 11:13].any(1))
        return (
            np.asarray(good[:, rows].all(1))
            if rows
            else np.ones(len(self.time_s), bool)
        )

    def statistic(self, name: str, column: str, which: str = "") -> float:
        """STAT(column) in a window; Unseen where it may not be told."""
        frames = self.window(which)
        values, seen = self.columns[column][frames], self.seen(column)[frames]
        if seen.mean() < MIN_SEEN or not np.isfinite(values).any():
            raise Unseen(column)
        place = _PLACES.get(name)
        if place is not None and not seen[int(place(values))]:
            raise Unseen(column)
        return float(_STATISTICS[name](values))

    def each(self, name: str, column: str) -> float:
        """Average over the repetitions of STAT within one."""
        made = [
            self.statistic(name, column, f"r{i + 1}") for i in range(self.total)
        ]
        if not made:
            raise Unseen(column)
        return float(np.mean(made))

    def bend(self, words: Sequence[str]) -> list[list[Number]]:
        """Alternatives: the sides' largest bends, or averages of the repetitions' largest."""
        sides = [w[0] for w in words if w in ("left", "right")] or ["l", "r"]
        which = next(
            (w for w in words if re.fullmatch(r"r\d+|first|last", w)), ""
        )
        columns = [BENDS[words[0]].format(s) for s in sides]
        ways = [[self._or_none(self.statistic, c, which) for c in columns]]
        if not which and self.total:
            ways.append(
                [
                    self._or_none(lambda n, c, _w: self.each(n, c), c, "")
                    for c in columns
                ]
            )
        out = [[Number(v, "deg") for v in way if v is not None] for way in ways]
        if not any(out):
            raise Unseen(words[0])
        return [way for way in out if way]

    def _or_none(
        self, make: Callable[[str, str, str], float], column: str, which: str
    ) -> float | None:
        try:
            return make("max", column, which)
        except Unseen:
            return None

    def time_of(self, words: Sequence[str]) -> float:
        """Length of a repetition or one of its phases, s."""
        name = (
            words[0] if words[0] in ("eccentric", "hold", "concentric") else ""
        )
        which = words[-1]
        reps = self.summary.repetitions
        if not reps:
            raise Unseen("repetitions")

        def length(i: int) -> float:
            if not name:
                return reps[i].end_s - reps[i].start_s
            phase = next(p for p in reps[i].phases if p.name == name)
            return phase.end_s - phase.start_s

        if which == "each":
            return float(np.mean([length(i) for i in range(len(reps))]))
        return length(self._index(which) - 1)

    def ranked(self, column: str, name: str, largest: bool) -> float:
        """Number of the repetition with the largest or smallest STAT."""
        made = [
            self.statistic(name, column, f"r{i + 1}") for i in range(self.total)
        ]
        if not made:
            raise Unseen(column)
        return float(1 + int(np.argmax(made) if largest else np.argmin(made)))

    def longest(self, words: Sequence[str], largest: bool) -> Number:
        """Number, or time, of the longest or shortest repetition."""
        times = [r.end_s - r.start_s for r in self.summary.repetitions]
        if not times:
            raise Unseen("repetitions")
        at = int(np.argmax(times) if largest else np.argmin(times))
        return (
            Number(times[at], "s")
            if "time" in words
            else Number(float(at + 1), "repetition")
        )

    def hardest(self) -> Number:
        """The largest effort of the joints that the exercise's record names."""
        keys = [
            f.key
            for f in self.summary.figures
            if f.key.startswith("effort_") and f.key.endswith(".max")
        ]
        if not keys:
            raise Unseen("effort")
        return Number(
            max(
                100.0 * self.statistic("max", k.removesuffix(".max"))
                for k in keys
            ),
            "%",
        )

    def _unit(self, column: str) -> str:
        endings = (
            ("_deg", "deg"),
            ("_nm", "N m"),
            ("_bw", "BW"),
            ("_m_s", "m/s"),
            ("_m", "m"),
        )
        return next(
            (unit for ending, unit in endings if column.endswith(ending)), ""
        )

    def numbers(self, expression: str) -> list[list[Number]]:
        """Alternatives of numbers that an item stands for; Unseen where it may not be told."""
        head, *words = expression.split()
        mass_kg = self.summary.mass_kg
        if head == "bend":
            return self.bend(words)
        if head in _STATISTICS:
            value, unit = self._of_column(head, words), self._unit(words[0])
            factor = next((w for w in words if w[0] in "*/"), "")
            scales = {
                "*N": (mass_kg * GRAVITY_M_S2, "N"),
                "*kg": (mass_kg, "kg"),
                "*100": (100.0, "cm" if unit == "m" else "%"),
                "/kg": (1.0 / mass_kg, "N m/kg"),
                "": (1.0, unit),
            }
            scale = scales[factor]
            return [[Number(value * scale[0], scale[1])]]
        return [[self._one(head, words)]]

    def _of_column(self, name: str, words: Sequence[str]) -> float:
        which = next(
            (w for w in words[1:] if re.fullmatch(r"r\d+|first|last|each", w)),
            "",
        )
        return (
            self.each(name, words[0])
            if which == "each"
            else self.statistic(name, words[0], which)
        )

    def _one(self, head: str, words: Sequence[str]) -> Number:
        if head == "when":
            return self._when(words)
        if head == "at":
            frame = int(np.argmin(np.abs(self.time_s - float(words[1]))))
            return Number(
                float(self.columns[words[0]][frame]), self._unit(words[0])
            )
        if head in ("argmax", "argmin"):
            return Number(
                self.ranked(words[0], words[1], head == "argmax"), "repetition"
            )
        if head in ("time", "phase"):
            return Number(self.time_of(words), "s")
        if head in ("longest", "shortest"):
            return self.longest(words, head == "longest")
        return self._counted(head)

    def _when(self, words: Sequence[str]) -> Number:
        frames = np.flatnonzero(self.window(""))
        values = self.columns[words[1]][frames]
        self.statistic(words[0], words[1])
        found = np.abs(values) if words[0] == "absmax" else values
        at = np.nanargmin(found) if words[0] == "min" else np.nanargmax(found)
        return Number(float(self.time_s[frames[int(at)]]), "s")

    def _counted(self, head: str) -> Number:
        steps = self.columns["step"]
        if head == "count":
            return Number(float(self.total), "")
        if head == "steps":
            return Number(float(steps.max()), "")
        if head == "duration":
            return Number(float(self.time_s[-1]), "s")
        if head == "load":
            return Number(self.summary.load_kg, "kg")
        if head == "hardest":
            return self.hardest()
        starts = [
            float(self.time_s[np.argmax(steps == n)])
            for n in range(1, int(steps.max()) + 1)
        ]
        if len(starts) < 3:
            raise Unseen("steps")
        gaps = np.diff(starts)
        walked = gaps[
            gaps < 2.0 * np.median(gaps)
        ]  # a turn or a stop is no step
        return Number(60.0 / float(walked.mean()), "1/min")
