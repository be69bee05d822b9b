"""What changed over the set: the first two against the last two repetitions."""

from __future__ import annotations

from collections.abc import Sequence

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.signals import sides_of
from musclepose.movement.summary import Repetition, Trend

MIN_TREND_REPS = 4
TREND_SHARE = 0.10  # smaller changes are not told (chosen)
MIN_TREND = {"deg": 6.0, "s": 0.25, "m": 0.05}
_LEAN = "trunk_lean_deg"


def trends_of(
    measure: Measure, exercise: str, reps: Sequence[Repetition]
) -> tuple[Trend, ...]:
    """Trends of tempo, main joint and trunk lean; none where the sides take turns."""
    if any(r.side for r in reps):
        return ()
    tempo = [f"tempo.whole.r{r.index}" for r in reps]
    found = [_trend(measure, "tempo", "time of a repetition", tempo)]
    for column in (*_main_columns(exercise), _LEAN):
        quantity, words = (
            measure.columns[column].quantity,
            measure.columns[column].words,
        )
        keys = [f"{quantity}.max.r{r.index}" for r in reps]
        found.append(_trend(measure, quantity, words, keys, column))
    return tuple(t for t in found if t is not None)


def _main_columns(exercise: str) -> tuple[str, ...]:
    """Columns of degrees that the exercise is counted on."""
    signals = EXERCISES[exercise].signals
    counted = signals[0].column if len(signals) == 1 else ""
    return sides_of(counted) if counted.endswith("_deg") else ()


def _trend(
    measure: Measure,
    name: str,
    label: str,
    keys: Sequence[str],
    column: str = "",
) -> Trend | None:
    ends = _ends(measure, keys)
    if ends is None:
        return None
    words = [f"{label}, {end} two repetitions" for end in ("first", "last")]
    first = measure.average(f"trend.{name}.first", ends[0], column, words[0])
    last = measure.average(f"trend.{name}.last", ends[1], column, words[1])
    if first is None or last is None:
        return None
    change = last.value - first.value
    if abs(change) < max(
        TREND_SHARE * abs(first.value), MIN_TREND.get(first.unit, 0.0)
    ):
        for figure in (first, last):
            measure.figures.pop(figure.key)
        return None
    percent = 100.0 * change / abs(first.value) if first.value else 0.0
    rounded = round(percent, 1)
    return Trend(
        name,
        label,
        first.value,
        last.value,
        first.unit,
        rounded,
        first.key,
        last.key,
    )


def _ends(
    measure: Measure, keys: Sequence[str]
) -> tuple[list[Figure], list[Figure]] | None:
    """Figures of the first two and the last two repetitions; None where one is absent."""
    made = [measure.figures.get(k) for k in keys]
    picked = [m for m in (*made[:2], *made[-2:]) if m is not None]
    if len(made) < MIN_TREND_REPS or len(picked) < 4:
        return None
    return picked[:2], picked[2:]
