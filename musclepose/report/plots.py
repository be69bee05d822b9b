"""plots.png: torque, activation, ground reaction and angles over time, one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from musclepose.records import Analysis, Array
from musclepose.report.palette import side_colour
from musclepose.report.say import IN_ENGLISH, Say
from musclepose.report.series import (
    Line,
    Panel,
    groups,
    in_language,
    unseen_spans,
    vertical_range,
)

_ROW_TITLES = {"Ground": "Ground reaction"}
_UNSEEN, _MARK = "#DDE1E6", "#9AA5B1"
_TEXT, _QUIET = "#1F2933", "#5B6770"


def write_plots(
    analysis: Analysis,
    out_path: str | Path,
    repetitions: Sequence[tuple[float, float]] = (),
    dpi: int = 110,
    say: Say = IN_ENGLISH,
) -> Path:
    """Write the page as PNG. `repetitions` are (start, end) in s: numbered marks on top of every panel."""
    rows = groups(analysis)
    columns = max(len(panels) for panels in rows.values())
    figure = Figure(
        figsize=(3.1 * columns, 2.55 * len(rows) + 0.5),
        dpi=dpi,
        facecolor="white",
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    bands: Any = figure.subfigures(len(rows), 1)
    for band, (name, panels) in zip(bands, rows.items(), strict=True):
        band.suptitle(
            say(_ROW_TITLES.get(name, name)),
            x=0.005,
            ha="left",
            fontsize=12,
            fontweight="bold",
            color=_TEXT,
        )
        grid = band.subplots(1, columns)
        for axes, panel in zip(
            grid, panels, strict=False
        ):  # the rest of a short row stays free
            draw_panel(
                axes, in_language(panel, say), analysis.time_s, repetitions, say
            )
        for axes in grid[len(panels) :]:
            axes.axis("off")
        _legend(grid[-1] if len(panels) < columns else None, say)
    figure.savefig(out_path)
    return Path(out_path)


def draw_panel(
    axes: Axes,
    panel: Panel,
    time_s: Array,
    repetitions: Sequence[tuple[float, float]] = (),
    say: Say = IN_ENGLISH,
) -> None:
    """One panel: grey where a joint was not seen, band, curve, repetition marks."""
    for start, end in unseen_spans(panel, time_s):
        axes.axvspan(start, end, color=_UNSEEN, lw=0)
    low, high = vertical_range(panel)
    if low < 0 < high:
        axes.axhline(0, color=_MARK, lw=0.8)
    for line in panel.lines:
        _draw_line(axes, line, time_s)
    for number, span in enumerate(repetitions, 1):
        _draw_repetition(axes, number, span, high)
    axes.set(xlim=(float(time_s[0]), float(time_s[-1])), ylim=(low, high))
    if not panel.is_known:
        _say_unknown(axes, say)
    _label_axes(axes, panel, say)


def _say_unknown(axes: Axes, say: Say) -> None:
    axes.text(
        0.5,
        0.5,
        say("not known"),
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=9,
        color=_QUIET,
    )


def _draw_line(axes: Axes, line: Line, time_s: Array) -> None:
    """A curve with its band."""
    colour = side_colour(line.side)
    if line.band is not None:
        lower, upper = line.values - line.band, line.values + line.band
        axes.fill_between(time_s, lower, upper, color=colour, alpha=0.18, lw=0)
    axes.plot(
        time_s, line.values, color=colour, lw=1.5, label=line.side or "both"
    )


def _draw_repetition(
    axes: Axes, number: int, span: tuple[float, float], top: float
) -> None:
    """Dashed lines at start and end, the number between them at the top."""
    for moment in span:
        axes.axvline(moment, color=_MARK, lw=0.7, ls=(0, (2, 2)))
    middle = 0.5 * sum(span)
    axes.text(
        middle,
        top,
        str(number),
        ha="center",
        va="top",
        fontsize=7,
        color=_QUIET,
    )


def _label_axes(axes: Axes, panel: Panel, say: Say) -> None:
    """Title, what positive means, units."""
    axes.set_title(panel.title, fontsize=9.5, loc="left", color=_TEXT)
    axes.set_title(panel.hint, fontsize=7.5, loc="right", color=_QUIET)
    axes.set_xlabel(say("time (s)"), fontsize=8, color=_QUIET)
    axes.set_ylabel(panel.unit, fontsize=8, color=_QUIET)
    axes.tick_params(labelsize=7.5, colors=_QUIET, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_MARK)


def _legend(axes: Axes | None, say: Say) -> None:
    """What the colours mean, in the free corner of a row."""
    if axes is None:
        return
    for side, label in (
        ("left", "left"),
        ("right", "right"),
        ("", "midline or both"),
    ):
        axes.plot([], [], color=side_colour(side), lw=2, label=say(label))
    axes.fill_between(
        [],
        [],
        color=side_colour("left"),
        alpha=0.18,
        label=say("90 % band (keypoint noise)"),
    )
    axes.fill_between([], [], color=_UNSEEN, label=say("joint not seen"))
    axes.legend(loc="center left", frameon=False, fontsize=9, labelcolor=_TEXT)
