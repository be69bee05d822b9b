"""The buttons above the plots of the page: over the set or over each other, unit, zoom along time, full screen."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from musclepose.report.say import IN_ENGLISH, Say
from musclepose.report.series import Panel

_MODES = (("time", "Over the set"), ("over", "Repetitions over each other"))
_ZOOM = (
    ("in", "+", "Zoom in"),
    ("out", "−", "Zoom out"),
    ("back", "◀", "Earlier"),
    ("on", "▶", "Later"),
    ("whole", "Whole", "Whole film"),
)


def plot_tools(
    has_repetitions: bool, panel: Panel | None, say: Say = IN_ENGLISH
) -> str:
    """HTML of the buttons; `panel` is one with a second unit, None where there is none."""
    groups = []
    if has_repetitions:
        groups.append(
            _choice(say("View"), "mode", [(v, say(text)) for v, text in _MODES])
        )
    if panel is not None and panel.other is not None:
        groups.append(
            _choice(
                say("Unit"),
                "unit",
                (("0", panel.unit), ("1", panel.other.unit)),
            )
        )
    zoom = "".join(
        f'<button type="button" data-zoom-time="{name}" aria-label="{escape(say(label))}">{escape(say(text))}</button>'
        for name, text, label in _ZOOM
    )
    groups.append(
        f'<div class="mp-segment mp-zoom" role="group" aria-label="{escape(say("Time"))}">{zoom}</div>'
    )
    full = (
        '<button type="button" data-plots-full="" aria-pressed="false">'
        f"{escape(say('Full screen'))}</button>"
    )
    return f'<div class="mp-tools">{"".join(groups)}{full}</div>'


def _choice(label: str, name: str, options: Sequence[tuple[str, str]]) -> str:
    buttons = "".join(
        f'<button type="button" data-plots-{name}="{value}" aria-pressed="{str(not i).lower()}">'
        f"{escape(text)}</button>"
        for i, (value, text) in enumerate(options)
    )
    return f'<div class="mp-segment" role="group" aria-label="{escape(label)}">{buttons}</div>'
