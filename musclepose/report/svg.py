"""The plots in the page: small SVG panels with a playhead that follows the film; a click moves the film.

A panel is drawn twice: over the set, where the page can zoom along time, and with the repetitions over each other.
Colours come from the page's style sheet (classes left, right, mid), so light and dark both work. Times and values
ride along as data attributes for the read-outs; nothing here comes from the user, and all text is escaped anyway.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import TypeVar

import numpy as np

from musclepose.records import Analysis, Array, Index
from musclepose.report.plot_tools import plot_tools
from musclepose.report.say import IN_ENGLISH, Say
from musclepose.report.series import (
    Line,
    Panel,
    in_language,
    unseen_spans,
    vertical_range,
)

WIDTH, HEIGHT = 280.0, 158.0
_LEFT, _RIGHT, _TOP, _BOTTOM = (
    40.0,
    6.0,
    11.0,
    27.0,
)  # margins around the curves
MAX_POINTS = (
    500  # a long clip is thinned for the page; the files keep every frame
)
MAX_OVER = 20  # repetitions over each other; more cannot be told apart
OVER_POINTS = 41  # from 0 to 100 %
Span = tuple[float, float]  # start and end of a repetition, s
_CLASS = {"left": "left", "right": "right", "": "mid"}


def panels_html(
    analysis: Analysis,
    panels: Sequence[Panel],
    repetitions: Sequence[tuple[float, float]] = (),
    say: Say = IN_ENGLISH,
) -> str:
    """A grid of panels as one HTML fragment."""
    time_s = analysis.time_s
    keep = np.unique(
        np.linspace(0, len(time_s) - 1, min(len(time_s), MAX_POINTS))
        .round()
        .astype(int)
    )
    body = "".join(
        _panel(in_language(p, say), time_s, keep, repetitions, say)
        for p in panels
    )
    sides = {line.side for p in panels for line in p.lines}
    tools = plot_tools(
        len(repetitions) > 1, next((p for p in panels if p.other), None), say
    )
    return (
        f'<div class="mp-plots" data-mode="time" data-unit="0">{tools}{_key(sides, panels, say)}'
        f'<div class="mp-grid">{body}</div></div>'
    )


def _key(sides: set[str], panels: Sequence[Panel], say: Say) -> str:
    names = [("left", "Left"), ("right", "Right"), ("", "Midline")]
    entries = [
        f'<span class="mp-key {_CLASS[s]}"><i></i>{escape(say(n))}</span>'
        for s, n in names
        if s in sides
    ]
    if any(line.band is not None for p in panels for line in p.lines):
        entries.append(
            f'<span class="mp-key band"><i></i>{escape(say("90 % band"))}</span>'
        )
    entries.append(
        f'<span class="mp-key unseen"><i></i>{escape(say("Joint not seen"))}</span>'
    )
    entries.append('<span class="mp-at">0.00 s</span>')
    return f'<div class="mp-legend">{"".join(entries)}</div>'


Value = TypeVar("Value", float, Array)


class _Axes:
    """Data to picture coordinates of one panel."""

    def __init__(self, time_s: Array, low: float, high: float) -> None:
        self.start, self.end = (
            float(time_s[0]),
            max(float(time_s[-1]), float(time_s[0]) + 1e-6),
        )
        self.low, self.high = low, high

    def x(self, t: Value) -> Value:
        return _LEFT + (t - self.start) / (self.end - self.start) * (
            WIDTH - _LEFT - _RIGHT
        )

    def y(self, v: Value) -> Value:
        return _TOP + (self.high - v) / (self.high - self.low) * (
            HEIGHT - _TOP - _BOTTOM
        )


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers between two ends, about `count` of them."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** np.floor(np.log10(max(rough, 1e-9)))
    step = float(next(s for s in (1, 2, 5, 10) if s * power >= rough) * power)
    first = np.ceil(low / step - 1e-9)
    return [
        float(k * step)
        for k in np.arange(first, np.floor(high / step + 1e-9) + 1)
    ]


def _short(value: float) -> str:
    return f"{value + 0.0:.6g}".replace("-", "−")


def _panel(
    panel: Panel,
    time_s: Array,
    keep: Index,
    repetitions: Sequence[Span],
    say: Say,
) -> str:
    axes = _Axes(time_s, *vertical_range(panel))
    curves = "".join(_curve(line, time_s, keep, axes) for line in panel.lines)
    inner = (
        f"{_spans(panel, time_s, axes)}{_rep_lines(repetitions, axes)}{curves}"
    )
    unknown = "" if panel.is_known else _unknown(say)
    over = (
        _over(panel, time_s, repetitions, axes, say)
        if len(repetitions) > 1
        else ""
    )
    name = say("{title}, {unit} over time", title=panel.title, unit=panel.unit)
    return (
        f'<figure class="mp-panel" data-plot="{escape(_data(panel, time_s, keep, repetitions), quote=True)}">'
        f"{_caption(panel, say)}"
        f"{_drawing('mp-time', name)}{_values(panel, axes)}"
        f"{_window(inner)}{_time_axis(axes, say)}{_numbers(repetitions, axes)}{unknown}{_HEADS}</svg>{over}</figure>"
    )


def _unknown(say: Say) -> str:
    """The word in the middle of a panel that has no value."""
    x, y = 0.5 * (_LEFT + WIDTH - _RIGHT), 0.5 * (_TOP + HEIGHT - _BOTTOM)
    return f'<text class="mp-unknown" x="{x:g}" y="{y:g}" text-anchor="middle">{escape(say("not known"))}</text>'


_HEADS = "".join(
    f'<line class="{kind}" x1="-9" x2="-9" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>'
    for kind in ("mp-head", "mp-cursor")
)


def _data(
    panel: Panel, time_s: Array, keep: Index, repetitions: Sequence[Span]
) -> str:
    """What the page reads values and places from."""
    other = panel.other
    data = {
        "t": [round(float(t), 3) for t in time_s[keep]],
        "v": [_rounded(line.values[keep]) for line in panel.lines],
        "digits": panel.digits,
        "x0": _LEFT,
        "x1": WIDTH - _RIGHT,
        "w": WIDTH,
        "reps": [[round(a, 3), round(b, 3)] for a, b in repetitions],
    }
    if other is not None:
        data["other"] = [
            _rounded(other.factor * line.values[keep]) for line in panel.lines
        ]
        data["otherDigits"] = other.digits
    return json.dumps(data, separators=(",", ":"))


def _rounded(values: Array) -> list[float | None]:
    return [None if not np.isfinite(v) else round(float(v), 3) for v in values]


def _caption(panel: Panel, say: Say) -> str:
    now = "".join(
        f'<b class="{_CLASS[line.side]}">–</b>' for line in panel.lines
    )
    unit = escape(panel.unit)
    if panel.other is not None:
        unit = f'<span class="u0">{unit}</span><span class="u1">{escape(panel.other.unit)}</span>'
    return (
        f'<figcaption><button type="button" class="mp-title" data-plots-one="" aria-pressed="false" '
        f'title="{escape(say("This plot alone, large"), quote=True)}">{escape(panel.title)}</button>'
        f'<span class="mp-hint">{escape(panel.hint)}</span><span class="mp-now">{now}<u>{unit}</u></span></figcaption>'
    )


def _drawing(kind: str, name: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f'aria-label="{escape(name, quote=True)}">'
    )


def _window(inner: str) -> str:
    """The part that the page stretches when it zooms along time."""
    place = f'x="{_LEFT:g}" y="0" width="{WIDTH - _LEFT - _RIGHT:g}" height="{HEIGHT:g}"'
    box = f"{_LEFT:g} 0 {WIDTH - _LEFT - _RIGHT:g} {HEIGHT:g}"
    return f'<svg class="mp-window" {place} viewBox="{box}" preserveAspectRatio="none">{inner}</svg>'


def _spans(panel: Panel, time_s: Array, axes: _Axes) -> str:
    height = HEIGHT - _TOP - _BOTTOM
    ends = [
        (float(axes.x(a)), float(axes.x(b)))
        for a, b in unseen_spans(panel, time_s)
    ]
    return "".join(
        f'<rect class="mp-unseen" x="{a:.1f}" y="{_TOP}" width="{b - a:.1f}" height="{height}"/>'
        for a, b in ends
    )


def _values(panel: Panel, axes: _Axes) -> str:
    """Lines and numbers of the vertical axis, in each unit of the panel."""
    rows = f'<g class="u0">{_rows(axes, panel.unit, 1.0)}</g>'
    if panel.other is not None:
        rows += f'<g class="u1">{_rows(axes, panel.other.unit, panel.other.factor)}</g>'
    return rows


def _rows(axes: _Axes, unit: str, factor: float) -> str:
    right, height = WIDTH - _RIGHT, 0.5 * (_TOP + HEIGHT - _BOTTOM)
    out = []
    for value in ticks(factor * axes.low, factor * axes.high, 5):
        y, kind = (
            float(axes.y(value / factor)),
            "mp-zero" if value == 0 else "mp-line",
        )
        out.append(
            f'<line class="{kind}" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        out.append(
            f'<text x="{_LEFT - 5}" y="{y + 3.6:.1f}" text-anchor="end">{_short(value)}</text>'
        )
    turn = f"rotate(-90 9 {height})"
    out.append(
        f'<text class="mp-unit" x="9" y="{height}" transform="{turn}" text-anchor="middle">{escape(unit)}</text>'
    )
    return "".join(out)


def _time_axis(axes: _Axes, say: Say) -> str:
    at = [(float(axes.x(v)), v) for v in ticks(axes.start, axes.end, 8)]
    return f'<g class="mp-xticks">{_under(at)}</g>{_axis_name(say("time (s)"))}'


def _under(at: Sequence[tuple[float, float]]) -> str:
    y = HEIGHT - _BOTTOM + 13
    return "".join(
        f'<text x="{x:.1f}" y="{y}" text-anchor="{_anchor(x)}">{_short(value)}</text>'
        for x, value in at
    )


def _anchor(x: float) -> str:
    """The last number ends at the edge, so that it is not cut."""
    return "end" if x > WIDTH - _RIGHT - 4 else "middle"


def _axis_name(text: str) -> str:
    middle = 0.5 * (_LEFT + WIDTH - _RIGHT)
    return f'<text class="mp-unit" x="{middle}" y="{HEIGHT - 3}" text-anchor="middle">{escape(text)}</text>'


def _rep_lines(repetitions: Sequence[Span], axes: _Axes) -> str:
    ends = [(float(axes.x(a)), float(axes.x(b))) for a, b in repetitions]
    return "".join(
        f'<line class="mp-rep" x1="{a + 1:.1f}" x2="{b - 1:.1f}" y1="5" y2="5"/>'
        for a, b in ends
    )


def _numbers(repetitions: Sequence[Span], axes: _Axes) -> str:
    """Numbers of the repetitions; the page moves them to their time when it zooms."""
    out = []
    for number, (start, end) in enumerate(repetitions, 1):
        if float(axes.x(end) - axes.x(start)) > 12:
            middle = 0.5 * (start + end)
            out.append(
                f'<text class="mp-repno" data-time="{middle:.3f}" x="{float(axes.x(middle)):.1f}" y="9" '
                f'text-anchor="middle">{number}</text>'
            )
    return "".join(out)


def _over(
    panel: Panel,
    time_s: Array,
    repetitions: Sequence[Span],
    axes: _Axes,
    say: Say,
) -> str:
    """The repetitions over each other, 0 to 100 % of the time of each; a gap where the joint was not seen."""
    percent = _Axes(np.array([0.0, 100.0]), axes.low, axes.high)
    share = np.linspace(0.0, 1.0, OVER_POINTS)
    curves = []
    for number, (start, end) in list(enumerate(repetitions))[:MAX_OVER]:
        for line in panel.lines:
            seen = np.where(line.seen, line.values, np.nan)
            values = np.interp(start + share * (end - start), time_s, seen)
            path = _path(percent.x(100.0 * share), percent.y(values))
            curves.append(
                f'<path class="mp-curve {_CLASS[line.side]}" data-rep="{number}" d="{path}"/>'
            )
    at = [(float(percent.x(v)), v) for v in (0, 25, 50, 75, 100)]
    name = say(
        "{title}, {unit}, repetitions over each other",
        title=panel.title,
        unit=panel.unit,
    )
    return (
        f"{_drawing('mp-over', name)}{_values(panel, axes)}"
        f"{''.join(curves)}{_under(at)}{_axis_name(say('share of the repetition (%)'))}{_HEADS}</svg>"
    )


def _path(x: Array, y: Array) -> str:
    """Path data that lifts the pen over NaN."""
    out, down = [], False
    for a, b in zip(x, y, strict=True):
        if np.isfinite(b):
            out.append(f"{'L' if down else 'M'}{a:.1f} {b:.1f}")
        down = bool(np.isfinite(b))
    return "".join(out)


def _curve(line: Line, time_s: Array, keep: Index, axes: _Axes) -> str:
    x, kind = axes.x(time_s[keep]), _CLASS[line.side]
    values, out = line.values[keep], ""
    if line.band is not None:
        good = np.isfinite(values) & np.isfinite(line.band[keep])
        upper, lower = (
            axes.y((values + line.band[keep])[good]),
            axes.y((values - line.band[keep])[good]),
        )
        ring = _path(
            np.concatenate([x[good], x[good][::-1]]),
            np.concatenate([upper, lower[::-1]]),
        )
        out += (
            f'<path class="mp-band {kind}" d="{ring}Z"/>' if good.any() else ""
        )
    return (
        out + f'<path class="mp-curve {kind}" d="{_path(x, axes.y(values))}"/>'
    )
