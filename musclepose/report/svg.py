"""The plots in the page: small SVG panels with a playhead that follows the overlay video; a click moves the video.

Colours come from the page's style sheet (classes left, right, mid), so light and dark both work. Times and values
ride along as data attributes for the read-outs; nothing here comes from the user, and all text is escaped anyway.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

import numpy as np

from musclepose.records import Analysis, Array
from musclepose.report.series import Line, Panel, unseen_spans, vertical_range

WIDTH, HEIGHT = 280.0, 158.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 6.0, 11.0, 27.0  # margins around the curves
MAX_POINTS = 500  # a long clip is thinned for the page; the files keep every frame
_CLASS = {"left": "left", "right": "right", "": "mid"}


def panels_html(
    analysis: Analysis, panels: Sequence[Panel], repetitions: Sequence[tuple[float, float]] = ()
) -> str:
    """A grid of panels as one HTML fragment."""
    time_s = analysis.time_s
    keep = np.unique(
        np.linspace(0, len(time_s) - 1, min(len(time_s), MAX_POINTS)).round().astype(int)
    )
    body = "".join(_panel(p, time_s, keep, repetitions) for p in panels)
    sides = {line.side for p in panels for line in p.lines}
    return f'<div class="mp-plots">{_key(sides, panels)}<div class="mp-grid">{body}</div></div>'


def _key(sides: set[str], panels: Sequence[Panel]) -> str:
    names = [("left", "Left"), ("right", "Right"), ("", "Midline")]
    entries = [
        f'<span class="mp-key {_CLASS[s]}"><i></i>{n}</span>' for s, n in names if s in sides
    ]
    if any(line.band is not None for p in panels for line in p.lines):
        entries.append('<span class="mp-key band"><i></i>90 % band</span>')
    entries.append('<span class="mp-key unseen"><i></i>Joint not seen</span>')
    entries.append('<span class="mp-at">0.00 s</span>')
    return f'<div class="mp-legend">{"".join(entries)}</div>'


class _Axes:
    """Data to picture coordinates of one panel."""

    def __init__(self, time_s: Array, low: float, high: float) -> None:
        self.start, self.end = float(time_s[0]), max(float(time_s[-1]), float(time_s[0]) + 1e-6)
        self.low, self.high = low, high

    def x(self, t: Array | float) -> Array:
        return _LEFT + (np.asarray(t) - self.start) / (self.end - self.start) * (
            WIDTH - _LEFT - _RIGHT
        )

    def y(self, v: Array | float) -> Array:
        return _TOP + (self.high - np.asarray(v)) / (self.high - self.low) * (
            HEIGHT - _TOP - _BOTTOM
        )


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers between two ends, about `count` of them."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** np.floor(np.log10(max(rough, 1e-9)))
    step = float(next(s for s in (1, 2, 5, 10) if s * power >= rough) * power)
    first = np.ceil(low / step - 1e-9)
    return [float(k * step) for k in np.arange(first, np.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    return f"{value + 0.0:.6g}".replace("-", "−")


def _panel(
    panel: Panel, time_s: Array, keep: Array, repetitions: Sequence[tuple[float, float]]
) -> str:
    axes = _Axes(time_s, *vertical_range(panel))
    parts = [_spans(panel, time_s, axes), _grid(panel, axes), _marks(repetitions, axes)]
    parts += [_curve(line, time_s, keep, axes) for line in panel.lines]
    parts += [
        f'<line class="{kind}" x1="-9" x2="-9" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>'
        for kind in ("mp-head", "mp-cursor")
    ]
    data = {
        "t": [round(float(t), 3) for t in time_s[keep]],
        "v": [
            [None if not np.isfinite(v) else round(float(v), 3) for v in line.values[keep]]
            for line in panel.lines
        ],
        "digits": panel.digits,
        "x0": _LEFT,
        "x1": WIDTH - _RIGHT,
        "w": WIDTH,
    }
    now = "".join(f'<b class="{_CLASS[line.side]}">–</b>' for line in panel.lines)
    name = f"{panel.title}, {panel.unit} over time"
    return (
        f'<figure class="mp-panel" data-plot="{escape(json.dumps(data, separators=(",", ":")), quote=True)}">'
        f'<figcaption><span class="mp-title">{escape(panel.title)}</span>'
        f'<span class="mp-hint">{escape(panel.hint)}</span><span class="mp-now">{now}<u>{escape(panel.unit)}</u></span>'
        f'</figcaption><svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(name, quote=True)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _spans(panel: Panel, time_s: Array, axes: _Axes) -> str:
    height = HEIGHT - _TOP - _BOTTOM
    ends = [(float(axes.x(a)), float(axes.x(b))) for a, b in unseen_spans(panel, time_s)]
    return "".join(
        f'<rect class="mp-unseen" x="{a:.1f}" y="{_TOP}" width="{b - a:.1f}" height="{height}"/>'
        for a, b in ends
    )


def _grid(panel: Panel, axes: _Axes) -> str:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    out = []
    for value in ticks(axes.low, axes.high, 5):
        y, kind = float(axes.y(value)), "mp-zero" if value == 0 else "mp-line"
        out.append(f'<line class="{kind}" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(
            f'<text x="{_LEFT - 5}" y="{y + 3.6:.1f}" text-anchor="end">{_short(value)}</text>'
        )
    for value in ticks(axes.start, axes.end, 8):
        x = float(axes.x(value))
        out.append(
            f'<text x="{x:.1f}" y="{bottom + 13}" text-anchor="middle">{_short(value)}</text>'
        )
    middle = 0.5 * (_LEFT + right)
    out.append(
        f'<text class="mp-unit" x="{middle}" y="{HEIGHT - 3}" text-anchor="middle">time (s)</text>'
    )
    height = 0.5 * (_TOP + bottom)
    turn = f"rotate(-90 9 {height})"
    out.append(
        f'<text class="mp-unit" x="9" y="{height}" transform="{turn}" text-anchor="middle">{panel.unit}</text>'
    )
    return "".join(out)


def _marks(repetitions: Sequence[tuple[float, float]], axes: _Axes) -> str:
    out = []
    for number, (start, end) in enumerate(repetitions, 1):
        a, b = float(axes.x(start)), float(axes.x(end))
        out.append(f'<line class="mp-rep" x1="{a + 1:.1f}" x2="{b - 1:.1f}" y1="5" y2="5"/>')
        if b - a > 12:
            out.append(
                f'<text class="mp-repno" x="{0.5 * (a + b):.1f}" y="9" text-anchor="middle">{number}</text>'
            )
    return "".join(out)


def _path(x: Array, y: Array) -> str:
    """Path data that lifts the pen over NaN."""
    out, down = [], False
    for a, b in zip(x, y, strict=True):
        if np.isfinite(b):
            out.append(f"{'L' if down else 'M'}{a:.1f} {b:.1f}")
        down = bool(np.isfinite(b))
    return "".join(out)


def _curve(line: Line, time_s: Array, keep: Array, axes: _Axes) -> str:
    x, kind = axes.x(time_s[keep]), _CLASS[line.side]
    values, out = line.values[keep], ""
    if line.band is not None:
        good = np.isfinite(values) & np.isfinite(line.band[keep])
        upper, lower = (
            axes.y((values + line.band[keep])[good]),
            axes.y((values - line.band[keep])[good]),
        )
        ring = _path(np.concatenate([x[good], x[good][::-1]]), np.concatenate([upper, lower[::-1]]))
        out += f'<path class="mp-band {kind}" d="{ring}Z"/>' if good.any() else ""
    return out + f'<path class="mp-curve {kind}" d="{_path(x, axes.y(values))}"/>'
