"""The table of the page: repetitions that a click plays, then the figures of the whole set. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.report.moments import told
from musclepose.report.repetitions import RepetitionColumn, cell_text, is_beyond
from musclepose.report.say import IN_ENGLISH, Say, capital

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
_NOTE = "A click on a row plays that repetition, a click on a value shows its moment."


def table(
    summary: PhysicsSummary,
    columns: Sequence[RepetitionColumn] = (),
    say: Say = IN_ENGLISH,
) -> str:
    """Repetitions with their figures and moments, then the figures that are not of a single repetition."""
    whole = _figures(_whole_set(summary.figures), say)
    return f'<div class="mp-table">{_repetitions(summary, columns, say)}{whole}</div>'


def _whole_set(figures: Iterable[Figure]) -> list[Figure]:
    return [
        f
        for f in figures
        if f.repetition is None and not f.key.startswith("quality.")
    ][:SHOWN_FIGURES]


def seek(time_s: float | None, say: Say, text: str = "") -> str:
    """A button that moves the film to a moment; only the text where there is none."""
    if time_s is None:
        return escape(text)
    shown = escape(text or say(f"{time_s:.2f} s"))
    return f'<button type="button" data-seek="{time_s:.3f}">{shown}</button>'


def _repetitions(
    summary: PhysicsSummary, columns: Sequence[RepetitionColumn], say: Say
) -> str:
    if not summary.repetitions:
        return ""
    body = "".join(
        _row(i, r, columns, say) for i, r in enumerate(summary.repetitions)
    )
    note = f"<p>{escape(say(_NOTE))}</p>"
    return (
        f'{_chooser(columns, say)}<div class="mp-scroll"><table class="mp-repetitions">'
        f"<thead>{_head(columns, say)}</thead><tbody>{body}</tbody></table></div>{note}"
    )


def _names(
    columns: Sequence[RepetitionColumn], say: Say
) -> list[tuple[str, str]]:
    """Group and name of every column behind the number of the repetition."""
    made = [(c.group, capital(say(c.title))) for c in columns]
    return [*made, *(("times", say(name)) for name in _TIMES)]


def _chooser(columns: Sequence[RepetitionColumn], say: Say) -> str:
    """A box for each column, by groups."""
    rows = []
    for group, title in _GROUPS.items():
        boxes = "".join(
            f'<label><input type="checkbox" data-column-box="{i}"{"" if group in _HIDDEN_AT_FIRST else " checked"}> '
            f"{escape(name)}</label>"
            for i, (g, name) in enumerate(_names(columns, say))
            if g == group
        )
        rows.append(
            f"<fieldset><legend>{escape(say(title))}</legend>{boxes}</fieldset>"
            if boxes
            else ""
        )
    return f'<details class="mp-columns"><summary>{escape(say("Columns"))}</summary>{"".join(rows)}</details>'


def _column(number: int, group: str) -> str:
    """Attributes of a cell: its column, and hidden where that is not shown at first."""
    return f'data-column="{number}"{" hidden" if group in _HIDDEN_AT_FIRST else ""}'


def _head(columns: Sequence[RepetitionColumn], say: Say) -> str:
    made = "".join(
        f'<th {_column(i, c.group)} scope="col">{escape(capital(say(c.title)))} '
        f"<small>{escape(say(c.unit))}</small></th>"
        for i, c in enumerate(columns)
    )
    times = "".join(
        f'<th {_column(i, "times")} scope="col">{escape(say(name))}</th>'
        for i, name in enumerate(_TIMES, len(columns))
    )
    return f'<tr><th scope="col">{escape(say("Rep."))}</th>{made}{times}</tr>'


def _row(
    place: int, r: Repetition, columns: Sequence[RepetitionColumn], say: Say
) -> str:
    side = f" {escape(say(r.side))}" if r.side else ""
    play = escape(say("Play repetition {n}", n=f"{r.index}{side}"), quote=True)
    cells = "".join(_cell(place, i, c, say) for i, c in enumerate(columns))
    moments = (r.start_s, r.turn_s, r.end_s)
    times = "".join(
        f"<td {_column(i, 'times')}>{seek(t, say)}</td>"
        for i, t in enumerate(moments, len(columns))
    )
    return (
        f'<tr data-loop-start="{r.start_s:.3f}" data-loop-end="{r.end_s:.3f}">'
        f'<th scope="row"><button type="button" aria-label="{play}">▶ {r.index}{side}'
        f"</button></th>{cells}{times}</tr>"
    )


def _cell(place: int, number: int, column: RepetitionColumn, say: Say) -> str:
    figures = column.cells[place] if place < len(column.cells) else ()
    kind = (
        {column.best: "best", column.worst: "worst"}.get(place, "")
        if figures
        else ""
    )
    mark = f" <small>{escape(say(kind))}</small>" if kind else ""
    is_pair = len(figures) > 1
    shown = (
        " / ".join(_value(f, f.side if is_pair else "", say) for f in figures)
        or "–"
    )
    return (
        f'<td {_column(number, column.group)} class="{kind}">{shown}{mark}</td>'
    )


def _value(figure: Figure, side_shown: str, say: Say) -> str:
    side = f' class="{escape(side_shown)}"' if side_shown else ""
    return (
        f"<span{side}>{seek(figure.time_s, say, say(cell_text(figure)))}</span>"
    )


def _figures(figures: Iterable[Figure], say: Say) -> str:
    rows = [
        f"<tr><td>{escape(capital(say(f.label)))}</td><td><b>{escape(say(told(f)))}</b>{_band(f, say)}</td>"
        f"<td>{seek(f.time_s, say)}</td></tr>"
        for f in figures
    ]
    names = "".join(
        f"<th>{escape(say(name))}</th>" for name in ("Figure", "Value", "When")
    )
    return (
        f"<table><thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        if rows
        else ""
    )


def _band(figure: Figure, say: Say) -> str:
    if figure.band is None or is_beyond(figure):
        return ""
    return f" <small>± {say(f'{figure.band:.{figure.digits}f}')}</small>"
