"""Makes figures from columns, and says why where a figure cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from musclepose.movement.columns import Column, columns_of, values_of
from musclepose.movement.figures import Absent, Figure
from musclepose.movement.formulas import FormulaEvaluator, window
from musclepose.movement.records import Statistic
from musclepose.movement.summary import Repetition
from musclepose.movement.visibility import MIN_SEEN, in_view
from musclepose.records import Analysis, Array, Mask

Span = tuple[float, float]  # start and end of a window, s on source time stamps
_DIGITS = {
    "N m/kg": 2,
    "BW": 2,
    "s": 1,
    "m": 2,
    "m/s": 2,
    "px": 1,
}  # all others: none
_STATISTIC = {
    "max": "largest",
    "min": "smallest",
    "mean": "average",
    "range": "range",
    "absmax": "peak",
}
_EXTREMES = ("max", "min", "absmax")


class Measure:
    """Collects figures and absences for one analysis."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.time_s = analysis.time_s
        self.columns = columns_of(analysis)
        self.in_view = in_view(analysis.track)
        self.values: dict[str, Array] = values_of(self.columns)
        self.evaluate = FormulaEvaluator(self.values, analysis.quality)
        self.figures: dict[str, Figure] = {}
        self.absent: dict[str, Absent] = {}

    def seen(self, column: str) -> Array:
        """(T,) column, NaN where its joint was not seen."""
        return self.columns[column].seen_values

    def was_seen(self, column: str, start_s: float, end_s: float) -> bool:
        """Whether a column's joint was seen in most frames of a window."""
        frames = window(self.time_s, start_s, end_s)
        return bool(self.columns[column].seen[frames].mean() >= MIN_SEEN)

    def windows(self, spans: Sequence[Span]) -> Mask:
        """(T,) frames inside any of the windows."""
        inside = np.zeros(len(self.time_s), bool)
        for start_s, end_s in spans:
            inside[window(self.time_s, start_s, end_s)] = True
        return inside

    def leave_out(self, key: str, reason: str) -> None:
        """Notes why a figure is not made."""
        self.absent[key] = Absent(key, reason)

    def add_counted(self, extra: Mapping[str, Array]) -> None:
        """Adds what the counter made, such as the repetition number."""
        self.values.update(extra)

    def statistic(
        self,
        statistic: Statistic,
        column_name: str,
        span: Span | None = None,
        repetition: int | None = None,
        key: str = "",
    ) -> Figure | None:
        """`max(column)` and its kin as a figure, or None (with the reason kept) where the joint was not seen."""
        column = self.columns[column_name]
        key = key or _key(column, statistic, repetition)
        frames = self._frames(span)
        at = _moment(statistic, column.values, frames)
        reason = self._reason(column, frames, at)
        if reason:
            self.absent[key] = Absent(key, reason)
            return None
        return self.formula(
            key,
            _source(statistic, column, span),
            "%" if column.as_percent else column.unit,
            _label(column, statistic, repetition),
            column_name,
            repetition=repetition,
            time_s=None if at is None else float(self.time_s[at]),
            band=_band(column, at),
        )

    def formula(
        self,
        key: str,
        source: str,
        unit: str,
        label: str,
        column_name: str = "",
        digits: int | None = None,
        repetition: int | None = None,
        time_s: float | None = None,
        band: float | None = None,
        joint: str = "",
    ) -> Figure | None:
        """Any formula as a figure; absent where it has no finite value. Side and joint are the column's."""
        value = self.evaluate(source)
        if not np.isfinite(value):
            self.absent[key] = Absent(key, "no finite value")
            return None
        column = self.columns.get(column_name)
        compares_sides = key.startswith("asymmetry")
        figure = Figure(
            key,
            value,
            unit,
            source,
            _DIGITS.get(unit, 0) if digits is None else digits,
            label,
            column.joint if column else joint,
            column.side if column and not compares_sides else "",
            repetition,
            time_s,
            band,
        )
        self.figures[key] = figure
        return figure

    def per_repetition(
        self,
        statistic: Statistic,
        column_name: str,
        repetitions: Sequence[Repetition],
    ) -> list[Figure | None]:
        """The statistic within each repetition, and the average over the seen ones (`<key>.average`)."""
        made = [
            self.statistic(
                statistic, column_name, (r.start_s, r.end_s), r.index
            )
            for r in repetitions
        ]
        good = [f for f in made if f is not None]
        if good:
            quantity = self.columns[column_name].quantity
            self.average(f"{quantity}.{statistic}.average", good, column_name)
        return made

    def average(
        self,
        key: str,
        figures: Sequence[Figure],
        column_name: str = "",
        label: str = "",
    ) -> Figure | None:
        """Average over repetitions as one figure."""
        first = figures[0]
        of_all = (
            first.label.split(", repetition")[0]
            + ", average of the repetitions"
        )
        source = f"average({', '.join(f.source for f in figures)})"
        return self.formula(
            key, source, first.unit, label or of_all, column_name, first.digits
        )

    def _frames(self, span: Span | None) -> Mask:
        if span is None:
            return np.ones(len(self.time_s), bool)
        return window(self.time_s, *span)

    def _reason(self, column: Column, frames: Mask, at: int | None) -> str:
        """Why a column cannot be read there; empty where it can."""
        name = f"{column.side} {column.joint}".strip()
        inside = self.in_view & frames
        share = float(column.seen[inside].mean()) if inside.any() else 0.0
        if share < MIN_SEEN:
            return f"{name} seen in only {100 * share:.0f}% of the frames"
        if at is not None and not column.seen[at]:
            return f"{name} not seen at the moment of the extreme"
        if not np.isfinite(column.values[frames]).any():
            return f"no value of {column.name}"
        return ""


def _key(column: Column, statistic: str, repetition: int | None) -> str:
    ending = f".r{repetition}" if repetition else ""
    return f"{column.quantity}.{statistic}{ending}"


def _label(column: Column, statistic: str, repetition: int | None) -> str:
    ending = f", repetition {repetition}" if repetition else ""
    return f"{column.words}, {_STATISTIC[statistic]}{ending}"


def _source(statistic: str, column: Column, span: Span | None) -> str:
    where = "" if span is None else f", {span[0]:.3f}, {span[1]:.3f}"
    source = f"{statistic}({column.name}{where})"
    return f"percent({source})" if column.as_percent else source


def _band(column: Column, at: int | None) -> float | None:
    """Half width of the 90 % band at a frame, in the figure's unit."""
    if at is None or column.band is None or not np.isfinite(column.band[at]):
        return None
    return float(column.band[at]) * (100.0 if column.as_percent else 1.0)


def _moment(statistic: str, values: Array, frames: Mask) -> int | None:
    """Frame of an extreme; None for what has no moment."""
    inside = np.flatnonzero(frames & np.isfinite(values))
    if statistic not in _EXTREMES or len(inside) == 0:
        return None
    found = np.abs(values[inside]) if statistic == "absmax" else values[inside]
    best = np.argmin(found) if statistic == "min" else np.argmax(found)
    return int(inside[int(best)])
