"""The table of the page: repetitions that a click plays, then the figures of the whole set. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.report.repetitions import RepetitionColumn, cell_text

SHOWN_FIGURES = 60
_GROUPS = {
    "tempo": "Tempo",
    "movement": "Movement",
    "torque": "Torque",
    "effort": "Effort",
    "further": "Further",
    "times": "Start, turn, end",
}
_HIDDEN_AT_FIRST = ("further", "times")


def table(summary: PhysicsSummary, columns: Sequence[RepetitionColumn] = ()) -> str:
    """Repetitions with their figures and moments, then the figures that are not of a single repetition."""
    whole = _figures(_whole_set(summary.figures))
    return f'<div class="mp-table">{_repetitions(summary, columns)}{whole}</div>'


def _whole_set(figures: Iterable[Figure]) -> list[Figure]:
    return [f for f in figures if f.repetition is None and not f.key.startswith("quality.")][
        :SHOWN_FIGURES
    ]


def seek(time_s: float | None, text: str = "") -> str:
    """A button that moves the film to a moment; only the text where there is none."""
    if time_s is None:
        return escape(text)
    shown = escape(text) or f"{time_s:.2f} s"
    return f'<button type="button" data-seek="{time_s:.3f}">{shown}</button>'


def _repetitions(summary: PhysicsSummary, columns: Sequence[RepetitionColumn]) -> str:
    if not summary.repetitions:
        return ""
    groups = [g for g in _GROUPS if g == "times" or any(c.group == g for c in columns)]
    hidden = " ".join(f"no-{g}" for g in _HIDDEN_AT_FIRST)
    body = "".join(_row(i, r, columns) for i, r in enumerate(summary.repetitions))
    note = "<p>A click on a row plays that repetition, a click on a value shows its moment.</p>"
    return (
        f'{_chooser(groups)}<div class="mp-scroll"><table class="mp-repetitions {hidden}">'
        f"<thead>{_head(columns)}</thead><tbody>{body}</tbody></table></div>{note}"
    )


def _chooser(groups: Sequence[str]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" data-columns="{g}"{"" if g in _HIDDEN_AT_FIRST else " checked"}> '
        f"{_GROUPS[g]}</label>"
        for g in groups
    )
    return f'<details class="mp-columns"><summary>Columns</summary><div>{boxes}</div></details>'


def _head(columns: Sequence[RepetitionColumn]) -> str:
    made = "".join(
        f'<th class="g-{c.group}" scope="col">{escape(capital(c.title))} <small>{escape(c.unit)}</small></th>'
        for c in columns
    )
    times = "".join(f'<th class="g-times" scope="col">{n}</th>' for n in ("Start", "Turn", "End"))
    return f'<tr><th scope="col">Rep.</th>{made}{times}</tr>'


def _row(place: int, r: Repetition, columns: Sequence[RepetitionColumn]) -> str:
    side = f" {escape(r.side)}" if r.side else ""
    cells = "".join(_cell(place, c) for c in columns)
    times = "".join(f'<td class="g-times">{seek(t)}</td>' for t in (r.start_s, r.turn_s, r.end_s))
    return (
        f'<tr data-loop-start="{r.start_s:.3f}" data-loop-end="{r.end_s:.3f}">'
        f'<th scope="row"><button type="button" aria-label="Play repetition {r.index}{side}">▶ {r.index}{side}'
        f"</button></th>{cells}{times}</tr>"
    )


def _cell(place: int, column: RepetitionColumn) -> str:
    figures = column.cells[place] if place < len(column.cells) else ()
    kind = {column.best: "best", column.worst: "worst"}.get(place, "") if figures else ""
    mark = f" <small>{kind}</small>" if kind else ""
    is_pair = len(figures) > 1
    shown = " / ".join(_value(f, f.side if is_pair else "") for f in figures) or "–"
    return f'<td class="g-{column.group} {kind}">{shown}{mark}</td>'


def _value(figure: Figure, side_shown: str) -> str:
    side = f' class="{escape(side_shown)}"' if side_shown else ""
    return f"<span{side}>{seek(figure.time_s, cell_text(figure))}</span>"


def _figures(figures: Iterable[Figure]) -> str:
    rows = [
        f"<tr><td>{escape(capital(f.label))}</td><td><b>{escape(f.text)}</b>{_band(f)}</td>"
        f"<td>{seek(f.time_s)}</td></tr>"
        for f in figures
    ]
    head = "<tr><th>Figure</th><th>Value</th><th>When</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def _band(figure: Figure) -> str:
    return "" if figure.band is None else f" <small>± {figure.band:.{figure.digits}f}</small>"


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
