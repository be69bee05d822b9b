"""The table of the page: repetitions that a click plays, then the figures of the whole set. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.report.moments import told
from musclepose.report.repetitions import RepetitionColumn, cell_text, is_beyond

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
_TIMES = ("Start", "Turn", "End")


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
    body = "".join(_row(i, r, columns) for i, r in enumerate(summary.repetitions))
    note = "<p>A click on a row plays that repetition, a click on a value shows its moment.</p>"
    return (
        f'{_chooser(columns)}<div class="mp-scroll"><table class="mp-repetitions">'
        f"<thead>{_head(columns)}</thead><tbody>{body}</tbody></table></div>{note}"
    )


def _names(columns: Sequence[RepetitionColumn]) -> list[tuple[str, str]]:
    """Group and name of every column behind the number of the repetition."""
    made = [(c.group, capital(c.title)) for c in columns]
    return [*made, *(("times", name) for name in _TIMES)]


def _chooser(columns: Sequence[RepetitionColumn]) -> str:
    """A box for each column, by groups."""
    rows = []
    for group, title in _GROUPS.items():
        boxes = "".join(
            f'<label><input type="checkbox" data-column-box="{i}"{"" if group in _HIDDEN_AT_FIRST else " checked"}> '
            f"{escape(name)}</label>"
            for i, (g, name) in enumerate(_names(columns))
            if g == group
        )
        rows.append(f"<fieldset><legend>{title}</legend>{boxes}</fieldset>" if boxes else "")
    return f'<details class="mp-columns"><summary>Columns</summary>{"".join(rows)}</details>'


def _column(number: int, group: str) -> str:
    """Attributes of a cell: its column, and hidden where that is not shown at first."""
    return f'data-column="{number}"{" hidden" if group in _HIDDEN_AT_FIRST else ""}'


def _head(columns: Sequence[RepetitionColumn]) -> str:
    made = "".join(
        f'<th {_column(i, c.group)} scope="col">{escape(capital(c.title))} <small>{escape(c.unit)}</small></th>'
        for i, c in enumerate(columns)
    )
    times = "".join(
        f'<th {_column(i, "times")} scope="col">{name}</th>'
        for i, name in enumerate(_TIMES, len(columns))
    )
    return f'<tr><th scope="col">Rep.</th>{made}{times}</tr>'


def _row(place: int, r: Repetition, columns: Sequence[RepetitionColumn]) -> str:
    side = f" {escape(r.side)}" if r.side else ""
    cells = "".join(_cell(place, i, c) for i, c in enumerate(columns))
    moments = (r.start_s, r.turn_s, r.end_s)
    times = "".join(
        f"<td {_column(i, 'times')}>{seek(t)}</td>" for i, t in enumerate(moments, len(columns))
    )
    return (
        f'<tr data-loop-start="{r.start_s:.3f}" data-loop-end="{r.end_s:.3f}">'
        f'<th scope="row"><button type="button" aria-label="Play repetition {r.index}{side}">▶ {r.index}{side}'
        f"</button></th>{cells}{times}</tr>"
    )


def _cell(place: int, number: int, column: RepetitionColumn) -> str:
    figures = column.cells[place] if place < len(column.cells) else ()
    kind = {column.best: "best", column.worst: "worst"}.get(place, "") if figures else ""
    mark = f" <small>{kind}</small>" if kind else ""
    is_pair = len(figures) > 1
    shown = " / ".join(_value(f, f.side if is_pair else "") for f in figures) or "–"
    return f'<td {_column(number, column.group)} class="{kind}">{shown}{mark}</td>'


def _value(figure: Figure, side_shown: str) -> str:
    side = f' class="{escape(side_shown)}"' if side_shown else ""
    return f"<span{side}>{seek(figure.time_s, cell_text(figure))}</span>"


def _figures(figures: Iterable[Figure]) -> str:
    rows = [
        f"<tr><td>{escape(capital(f.label))}</td><td><b>{escape(told(f))}</b>{_band(f)}</td>"
        f"<td>{seek(f.time_s)}</td></tr>"
        for f in figures
    ]
    head = "<tr><th>Figure</th><th>Value</th><th>When</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def _band(figure: Figure) -> str:
    if figure.band is None or is_beyond(figure):
        return ""
    return f" <small>± {figure.band:.{figure.digits}f}</small>"


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
