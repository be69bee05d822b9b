"""The closed language of formulas that figures are made with, so that anyone can recompute them from the time series.

A formula is one call of a closed set, over columns, windows in seconds, literal numbers and other formulas:
`max(col)`, `min`, `mean`, `range`, `absmax` (largest magnitude), each also as `max(col, start_s, end_s)`;
`when_max(col)`, `when_min`, `when_absmax` (time of the extreme, s), `at(col, time_s)`,
`count(col)` (how many different values above 0), `duration(start_s, end_s)`,
`ratio(a, b)`, `product(a, b)`, `diff(a, b)`, `percent(a)`, `average(a, b, ...)`, `asymmetry(a, b)`, `quality(name)`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from musclepose.records import Array, Quality

_TIME_SLACK_S = 1e-3  # windows are written with three decimals


def asymmetry_pct(left: float, right: float) -> float:
    """100 (left - right) / larger magnitude: + means left is larger; 0 where both are 0."""
    larger = max(abs(left), abs(right))
    return 0.0 if larger == 0 else 100.0 * (left - right) / larger


_WINDOWED: dict[str, Callable[[Array], float]] = {
    "max": lambda x: float(np.nanmax(x)),
    "min": lambda x: float(np.nanmin(x)),
    "mean": lambda x: float(np.nanmean(x)),
    "range": lambda x: float(np.nanmax(x) - np.nanmin(x)),
    "absmax": lambda x: float(np.nanmax(np.abs(x))),
}
_MOMENTS: dict[str, Callable[[Array], int]] = {
    "when_max": lambda x: int(np.nanargmax(x)),
    "when_min": lambda x: int(np.nanargmin(x)),
    "when_absmax": lambda x: int(np.nanargmax(np.abs(x))),
}
_COMBINED: dict[str, Callable[..., float]] = {
    "ratio": lambda a, b: a / b if b else math.nan,
    "product": lambda a, b: a * b,
    "diff": lambda a, b: a - b,
    "percent": lambda a: 100.0 * a,
    "average": lambda *a: sum(a) / len(a),
    "asymmetry": asymmetry_pct,
    "duration": lambda start, end: end - start,
}
FORMULAS = (*_WINDOWED, *_MOMENTS, *_COMBINED, "at", "count", "quality")


def window(time_s: Array, start_s: float, end_s: float) -> NDArray[np.bool_]:
    """(T,) bool: frames between two times, both ends included."""
    return (time_s >= start_s - _TIME_SLACK_S) & (
        time_s <= end_s + _TIME_SLACK_S
    )


class FormulaEvaluator:
    """Evaluates formulas over columns (T,) that include `time_s`."""

    def __init__(
        self, columns: Mapping[str, Array], quality: Quality | None = None
    ) -> None:
        self.columns = columns
        self.quality = quality

    def __call__(self, source: str) -> float:
        """Value of a formula; NaN where its window holds no finite value; ValueError for anything else."""
        return self._value(ast.parse(source, mode="eval").body)

    def _column(self, node: ast.expr) -> Array:
        if not isinstance(node, ast.Name) or node.id not in self.columns:
            raise ValueError(f"{ast.unparse(node)} is no column")
        return self.columns[node.id]

    def _value(self, node: ast.expr) -> float:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._value(node.operand)
        if isinstance(node, ast.Constant) and isinstance(
            node.value, int | float
        ):
            return float(node.value)
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Name)
            or node.keywords
        ):
            raise ValueError(f"{ast.unparse(node)} is no formula")
        name, args = node.func.id, node.args
        if name in _COMBINED:
            return float(_COMBINED[name](*(self._value(a) for a in args)))
        if (
            name == "quality"
            and self.quality is not None
            and isinstance(args[0], ast.Name)
        ):
            return float(getattr(self.quality, args[0].id))
        if name == "count":
            return float(
                len(
                    set(
                        self._column(args[0])[
                            self._column(args[0]) > 0
                        ].tolist()
                    )
                )
            )
        if name == "at":
            nearest = int(
                np.argmin(np.abs(self.columns["time_s"] - self._value(args[1])))
            )
            return float(self._column(args[0])[nearest])
        if name in _WINDOWED or name in _MOMENTS:
            return self._windowed(name, args)
        raise ValueError(
            f"{name} is no formula; there are {', '.join(FORMULAS)}"
        )

    def _windowed(self, name: str, args: list[ast.expr]) -> float:
        values, time_s = self._column(args[0]), self.columns["time_s"]
        if len(args) == 3:
            inside = window(time_s, self._value(args[1]), self._value(args[2]))
            values, time_s = values[inside], time_s[inside]
        if not np.isfinite(values).any():
            return math.nan
        return (
            _WINDOWED[name](values)
            if name in _WINDOWED
            else float(time_s[_MOMENTS[name](values)])
        )
