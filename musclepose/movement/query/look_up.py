"""Answers a query from figures: what is told, line by line, or why it cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.movement.figures import Figure
from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.quantities import QUANTITIES, Quantity
from musclepose.movement.query.records import Query
from musclepose.movement.records import Limit, Statistic
from musclepose.movement.set_figures import UNTOLD_LOAD
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import PhysicsSummary

# Smaller differences between repetitions are not told as differences: the error that is left of an angle when each
# clip's constant offset is taken away is 4.4 to 5.2 deg (README, "What is measured"); a picture lasts 0.03 s.
SAME = {"deg": 5.0, "s": 0.1, "m": 0.03, "m/s": 0.1}
SAME_SHARE = 0.1  # of forces and torques
# The column's own words would claim a fault.
_NEUTRAL = ("knee inward angle", "knee as seen from the front (+ is in)")
Kind = Literal[
    "value", "repetition", "each", "most", "compare", "at", "sides", "reason"
]


@dataclass(frozen=True)
class Line:
    """One thing that is told: its figures in the order of telling, what they are of, or a reason why there are none.

    value: (figure) or (figure, average). compare: (a, b, difference). most: (figure) of the repetition. sides: (left,
    right). is_same: the figures lie within what one camera can tell apart.
    """

    kind: Kind
    figures: tuple[Figure, ...] = ()
    words: str = ""
    moment: Figure | None = None
    per_kg: Figure | None = None
    is_same: bool = False
    least: bool = False
    reason: str = ""


def is_same(a: Figure, b: Figure) -> bool:
    """Whether two figures of one quantity are too near to each other to be told apart."""
    limit = SAME.get(a.unit, SAME_SHARE * max(abs(a.value), abs(b.value)))
    band = max(a.band or 0.0, b.band or 0.0)
    return abs(a.value - b.value) < max(limit, band)


def main_joint(summary: PhysicsSummary) -> str:
    """The joint that the repetitions are counted on, else the one whose bend is told first."""
    exercise = EXERCISES[summary.exercise.name]
    counted = (
        j
        for s in exercise.signals
        for j in ("knee", "hip", "elbow")
        if s.column.startswith(f"{j}_flexion")
    )
    return next(counted, exercise.range_joint)


def withheld(summary: PhysicsSummary, quantity: Quantity, column: str) -> str:
    """Why a quantity is not told of this clip at all; empty where it may be."""
    exercise = EXERCISES[summary.exercise.name]
    if quantity.is_load:
        if summary.is_sure and exercise.supported_by:
            return f"the {exercise.supported_by} carry too, so forces under the feet are not all"
        if summary.rests:
            return "more than the feet carries, and its force is not known"
        if summary.is_sure and exercise.usually_loaded and not summary.load_kg:
            return UNTOLD_LOAD
    if summary.view == "side" and _is_frontal(column):
        return "it was filmed from the side"
    return ""


def _is_frontal(column: str) -> bool:
    """Whether a column is of a movement that no view from the side shows: by the faults that are judged on it."""
    kinds = [
        k
        for k in FAULTS.values()
        if any(
            isinstance(c.rule, Limit) and c.rule.column == column
            for c in k.cases
        )
    ]
    return bool(kinds) and all("side" not in k.views for k in kinds)


class LookUp:
    """Lines of the topics "figure" and "sides" for one clip."""

    def __init__(self, source: FigureSource) -> None:
        self.source, self.summary = source, source.summary

    def lines(self, query: Query) -> list[Line]:
        """What is told; one line with a reason, where nothing can be."""
        wrong = self._wrong_repetition(query)
        if wrong:
            return [Line("reason", reason=wrong)]
        if query.quantity.startswith("tempo."):
            return self._tempo(query)
        if query.quantity == "main":
            return [
                *self._tempo(replace(query, quantity="tempo.whole")),
                *self._figures(self._main(query)),
            ]
        return self._figures(self._main(query) if not query.joint else query)

    def _wrong_repetition(self, query: Query) -> str:
        total = len(self.source.repetitions)
        if query.pick and not total:
            return "no full repetition was seen"
        if not query.repetitions:
            return ""
        if not total:
            return "no full repetition was seen"
        wrong = [n for n in query.repetitions if n > total]
        return (
            f"this clip has {total} repetition{'s' if total > 1 else ''}"
            if wrong
            else ""
        )

    def numbers(self, query: Query) -> tuple[int, ...]:
        """Numbers of the repetitions of a query, the last as its number."""
        total = len(self.source.repetitions)
        return tuple(
            dict.fromkeys(total if n == -1 else n for n in query.repetitions)
        )

    def _main(self, query: Query) -> Query:
        """The angle that the exercise is about, where none is named."""
        if query.quantity not in ("angle", "main"):
            return query
        if query.joint:
            return replace(query, quantity="angle")
        return replace(query, quantity="angle", joint=main_joint(self.summary))

    # times

    def _tempo(self, query: Query) -> list[Line]:
        name = query.quantity.removeprefix("tempo.")
        words = {
            "whole": "time of a repetition",
            "hold": "pause",
            "eccentric": "lowering time",
            "concentric": "lifting time",
        }[name]
        made = {
            r.index: self.source.known(f"tempo.{name}.r{r.index}")
            for r in self.source.repetitions
        }
        seen = [f for f in made.values() if f is not None]
        if not seen:
            return [Line("reason", reason="no full repetition was seen")]
        numbers = self.numbers(query)
        asked = [f for f in map(made.get, numbers[:2]) if f is not None]
        if len(asked) < min(len(numbers), 2):
            return [
                Line("reason", reason="that repetition was not seen as a whole")
            ]
        if len(asked) == 2:
            return [self._compared(asked, words)]
        if query.pick in ("most", "least"):
            return [self._most(seen, words, query.pick == "least")]
        if query.pick == "each":
            return [Line("each", tuple(seen), words)]
        if numbers:
            return [Line("repetition", (asked[0],), words)]
        parts = (
            ("eccentric", "concentric")
            if query.quantity == "tempo.whole"
            else ()
        )
        lines = [
            Line("value", (f,), w)
            for f, w in self._averages(name, words, parts)
        ]
        return lines or [Line("reason", reason="no full repetition was seen")]

    def _averages(
        self, name: str, words: str, parts: Sequence[str]
    ) -> list[tuple[Figure, str]]:
        told = [
            (name, words),
            *(
                (
                    p,
                    {
                        "eccentric": "lowering time",
                        "concentric": "lifting time",
                    }[p],
                )
                for p in parts
            ),
        ]
        found = [(self.source.known(f"tempo.{n}"), w) for n, w in told]
        return [(f, f"{w}, average") for f, w in found if f is not None]

    # quantities over columns

    def _figures(self, query: Query) -> list[Line]:
        quantity = QUANTITIES[query.quantity]
        template = quantity.columns.get(query.joint) or quantity.columns.get("")
        if query.joint in quantity.unseen:
            return [
                Line(
                    "reason",
                    reason=f"no point of the {query.joint} is followed",
                )
            ]
        if template is None:
            return [Line("reason", reason="that joint has no such figure")]
        reason = withheld(self.summary, quantity, template)
        if reason:
            return [Line("reason", reason=reason)]
        statistic = query.statistic or quantity.statistic
        lines = [
            self._line(query, quantity, statistic, column)
            for column in sides_of(template)
            if not query.side or f"_{query.side[0]}_" in f"{column}_"
        ]
        if quantity.is_load:
            return self._load_lines(query, lines)
        told = [line for line in lines if line.kind != "reason"]
        unseen = [line for line in lines if line.kind == "reason"]
        return told + unseen if told else unseen[:1]

    def _load_lines(self, query: Query, lines: list[Line]) -> list[Line]:
        """Of a load that several places carry, the largest; at a moment each of them."""
        told = [line for line in lines if line.kind != "reason"]
        if not told:
            return lines[:1]
        if len(told) == 1 or query.time_s is not None:
            return told
        largest = max(told, key=lambda line: line.figures[0].value)
        return [replace(largest, words=_without_side(largest.words))]

    def _line(
        self,
        query: Query,
        quantity: Quantity,
        statistic: Statistic,
        column: str,
    ) -> Line:
        if query.time_s is not None:
            found = self.source.at(column, query.time_s)
            if isinstance(found, str):
                return Line("reason", reason=found)
            return Line("at", (found,), found.label, self._given_time(found))
        numbers = self.numbers(query)
        if numbers or query.pick:
            return self._by_repetition(query, statistic, column, numbers)
        found = self.source.statistic(statistic, column)
        if isinstance(found, str):
            usual = (
                self.source.average(statistic, column)
                if self.source.analysis is None
                else None
            )
            if usual is None:
                return Line("reason", reason=found)
            return Line(
                "value", (usual,), f"{_words(usual).split(', ')[0]}, average"
            )
        asked = self.source.in_unit(found, query.unit)
        per_kg = (
            self.source.known(f"{found.key}_per_kg")
            if found.unit == "N m" and asked is found
            else None
        )
        average = None
        if (
            asked.unit == "deg"
            and statistic in ("max", "min", "range")
            and quantity.each
        ):
            average = self.source.average(statistic, column)
        figures = (asked,) if average is None else (asked, average)
        return Line(
            "value", figures, _words(found), self.source.moment(found), per_kg
        )

    def _given_time(self, figure: Figure) -> Figure:
        """The time of one picture as a figure."""
        time_s = figure.time_s or 0.0
        made = Figure(
            f"moment.{figure.key}",
            time_s,
            "s",
            f"duration(0, {time_s:.3f})",
            2,
            "when",
        )
        self.source.made[made.key] = made
        return made

    def _by_repetition(
        self,
        query: Query,
        statistic: Statistic,
        column: str,
        numbers: Sequence[int],
    ) -> Line:
        wanted = numbers or [r.index for r in self.source.repetitions]
        made = [self.source.statistic(statistic, column, n) for n in wanted]
        seen = [
            self.source.in_unit(f, query.unit)
            for f in made
            if not isinstance(f, str)
        ]
        if len(seen) < min(len(wanted), 2):
            return Line(
                "reason", reason=next(f for f in made if isinstance(f, str))
            )
        words = _words(seen[0])
        if len(numbers) >= 2:
            if len(seen) < len(numbers):
                return Line(
                    "reason", reason=next(f for f in made if isinstance(f, str))
                )
            return self._compared(seen[:2], words)
        if numbers:
            return Line(
                "repetition",
                (seen[0],),
                words,
                self.source.moment(seen[0]) if seen[0].unit != "N" else None,
            )
        if query.pick == "each":
            return Line("each", tuple(seen), words)
        return self._most(seen, words, query.pick == "least")

    def _compared(self, pair: Sequence[Figure], words: str) -> Line:
        a, b = pair[0], pair[1]
        higher, lower = (a, b) if a.value >= b.value else (b, a)
        return Line(
            "compare",
            (a, b, self.source.difference(higher, lower)),
            words,
            is_same=is_same(a, b),
        )

    def _most(self, seen: Sequence[Figure], words: str, least: bool) -> Line:
        """The repetition with the most or the least, and whether the next one is as near as cannot be told apart."""
        ranked = sorted(seen, key=lambda f: f.value, reverse=not least)
        best = ranked[0]
        near = len(ranked) > 1 and is_same(best, ranked[1])
        moment = self.source.moment(best)
        return Line("most", (best,), words, moment, is_same=near, least=least)


def _words(figure: Figure) -> str:
    """ "left knee bend, largest": what a figure is of, without its repetition."""
    words = figure.label.split(", repetition")[0].split(", average of")[0]
    return words.replace(*_NEUTRAL)


def _without_side(words: str) -> str:
    return words.removeprefix("left ").removeprefix("right ")
