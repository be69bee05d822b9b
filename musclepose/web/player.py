"""The player: a gr.HTML of our own that shows a film and draws over it. Its JavaScript lies in assets/review/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr

REVIEW = Path(__file__).resolve().parents[2] / "assets" / "review"
# The order in which they are read: each file adds one module to `window.musclepose`.
MODULES = (
    "ready.js",
    "words.js",
    "seek.js",
    "clock.js",
    "stage.js",
    "space.js",
    "compare.js",
    "effort.js",
    "timeline.js",
    "trim.js",
    "plots.js",
    "plot_tools.js",
    "table.js",
    "links.js",
    "keys.js",
    "wish.js",
    "fold.js",
    "people.js",
    "player.js",
)


def scripts() -> str:
    """All modules of the review, as one script element for the head of the page."""
    code = "\n".join((REVIEW / name).read_text("utf-8") for name in MODULES)
    return f"<script>{code}</script>"


def player() -> gr.HTML:
    """Film and drawing. Its value is what `showing` makes: gradio serves the file named in it. None shows nothing."""
    return gr.HTML(
        value=None,
        html_template=(REVIEW / "player.html").read_text("utf-8"),
        js_on_load="window.musclepose.player.mount(element, props, watch);",
        apply_default_css=False,
        elem_id="player",
    )


def showing(
    film: Path | None,
    drawing: dict[str, Any],
    before: tuple[Path, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Value of the player: a film on disk (None: it comes later) and what report.drawing made.

    before: the same of the set before this one, where repetitions of both are compared. A drawing goes as one JSON
    text: gradio's page copies every object of a value at each update of any component, which held the page for minutes
    at 600 frames. A text costs nothing.
    """
    value = {
        "film": None if film is None else _served(film),
        "drawing": _text(drawing),
    }
    if before is not None:
        value["before"] = {
            "film": _served(before[0]),
            "drawing": _text(before[1]),
        }
    return value


def _served(film: Path) -> dict[str, Any]:
    return gr.FileData(path=str(film)).model_dump()


def _text(drawing: dict[str, Any]) -> str:
    return json.dumps(drawing, separators=(",", ":"))
