"""Figures for an answer: those of the summary and new ones over the same columns, why one is absent."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure, Span
from musclepose.movement.records import Statistic
from musclepose.movement.summary import (
    PhysicsSummary,
    Repetition,
    counting_columns,
)
from musclepose.physics.constants import G_M_S2
from musclepose.records import Analysis

NO_MORE = "this can only be told beside the clip"
_UNIT_ENDINGS = ("_deg", "_nm", "_bw", "_pct", "_m_s", "_m", "_s", "_n")


def _quantity(column: str) -> str:
    """Name of a column without its unit."""
    return next(
        (column.removesuffix(e) for e in _UNIT_ENDINGS if column.endswith(e)),
        column,
    )


class FigureSource:
    """Makes figures of one clip, keeps those that the summary does not have; without the analysis it looks up only."""

    def __init__(
        self, summary: PhysicsSummary, analysis: Analysis | None = None
    ) -> None:
        self.summary, self.analysis = summary, analysis
        self.made: dict[str, Figure] = {}

    @cached_property
    def _measure(self) -> Measure:
        assert self.analysis is not None
        measure = Measure(self.analysis)
        measure.add_counted(
            counting_columns(self.summary, self.analysis.time_s)
        )
        return measure

    @property
    def repetitions(self) -> tuple[Repetition, ...]:
        """The repetitions that have figures of their own."""
        return self.summary.repetitions

    @property
    def _set_span(self) -> Span | None:
        reps = self.repetitions
        return (reps[0].start_s, reps[-1].end_s) if reps else None

    def known(self, key: str) -> Figure | None:
        """A figure of the summary, or one that was made for this answer."""
        return self.made.get(key) or self.summary.figure(key)

    def statistic(
        self, statistic: Statistic, column: str, number: int | None = None
    ) -> Figure | str:
        """`statistic(column)` over the set or one repetition; the reason, where there is none."""
        key = f"{_quantity(column)}.{statistic}" + (
            f".r{number}" if number else ""
        )
        known = self.known(key)
        if known is not None:
            return known
        if self.analysis is None:
            return self._why_absent(key) or NO_MORE
        span = self._set_span
        if number:
            repetition = self.repetitions[number - 1]
            span = (repetition.start_s, repetition.end_s)
        made = self._measure.statistic(statistic, column, span, number)
        return self._kept(made, key)

    def average(self, statistic: Statistic, column: str) -> Figure | None:
        """Average of a statistic over the repetitions; None where there are fewer than two, or none is seen."""
        key = f"{_quantity(column)}.{statistic}.average"
        if len(self.repetitions) < 2:
            return None
        known = self.known(key)
        if known is not None or self.analysis is None:
            return known
        self._measure.per_repetition(statistic, column, self.repetitions)
        made = self._measure.figures.get(key)
        if made is not None:
            self.made[key] = made
        return made

    def at(self, column: str, time_s: float) -> Figure | str:
        """Value of a column at a time; the reason where it was not seen then."""
        if self.analysis is None:
            return NO_MORE
        end = float(self.analysis.time_s[-1])
        if not 0.0 <= time_s <= end:
            return f"the clip ends at {end:.1f} s"
        known = self._measure.columns[column]
        frame = int(abs(self.analysis.time_s - time_s).argmin())
        if not known.seen[frame]:
            return (
                f"the {known.side} {known.joint}".replace("  ", " ")
                + " was not seen at that moment"
            )
        key = f"{known.quantity}.at{time_s:g}"
        source = f"at({known.name}, {time_s:g})"
        source = f"percent({source})" if known.as_percent else source
        unit = "%" if known.as_percent else known.unit
        made = self._measure.formula(
            key,
            source,
            unit,
            known.words,
            column,
            time_s=float(self.analysis.time_s[frame]),
        )
        return self._kept(made, key)

    def _kept(self, made: Figure | None, key: str) -> Figure | str:
        if made is not None:
            self.made[key] = made
            return made
        return (
            self._measure.absent[key].reason
            if key in self._measure.absent
            else "it was not seen"
        )

    def _why_absent(self, key: str) -> str:
        return next((a.reason for a in self.summary.absent if a.key == key), "")

    def moment(self, figure: Figure) -> Figure | None:
        """When an extreme happened, as a figure of its own."""
        inner = figure.source.removeprefix("percent(")
        name = next(
            (n for n in ("max(", "min(", "absmax(") if inner.startswith(n)), ""
        )
        if not name or figure.time_s is None:
            return None
        source = f"when_{inner.removesuffix(')') if inner != figure.source else inner}"
        made = Figure(
            f"moment.{figure.key}",
            figure.time_s,
            "s",
            source,
            2,
            f"{figure.label}, when",
        )
        self.made[made.key] = made
        return made

    def scaled(
        self, figure: Figure, factor: float, unit: str, digits: int
    ) -> Figure:
        """A figure in another unit."""
        key = f"{figure.key}.{unit.lower().replace(' ', '_').replace('/', '_per_')}"
        made = replace(
            figure,
            key=key,
            value=figure.value * factor,
            unit=unit,
            source=f"product({figure.source}, {factor:.6g})",
            digits=digits,
            band=None if figure.band is None else figure.band * factor,
        )
        self.made[key] = made
        return made

    def in_unit(self, figure: Figure, unit: str) -> Figure:
        """A figure in the unit that was asked for, where it can be turned into it."""
        mass_kg = self.summary.mass_kg
        if figure.unit == "BW" and unit == "N":
            return self.scaled(figure, round(mass_kg * G_M_S2, 2), "N", 0)
        if figure.unit == "BW" and unit == "kg":
            return self.scaled(figure, mass_kg, "kg", 0)
        if figure.unit == "N m" and unit == "N m/kg" and mass_kg:
            return self.scaled(figure, round(1.0 / mass_kg, 7), "N m/kg", 2)
        return figure

    def difference(self, a: Figure, b: Figure) -> Figure:
        """a - b as a figure."""
        key = f"difference.{a.key}.{b.key}"
        source = f"diff({a.source}, {b.source})"
        made = replace(
            a,
            key=key,
            value=a.value - b.value,
            source=source,
            repetition=None,
            time_s=None,
            band=None,
            side="" if a.side != b.side else a.side,
        )
        self.made[key] = made
        return made
