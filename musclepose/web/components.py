"""The layout: inputs left, the video with its coaching text in the middle, plots, table and files right."""

from __future__ import annotations

import os
from typing import Any

import gradio as gr

from musclepose.report.series import GROUP_NAMES
from musclepose.wave_llm.prompt import LEVELS, MAX_NOTES, MAX_QUESTION
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web import page
from musclepose.web.form import MAX_PERSON, SLOW_MOTION
from musclepose.web.player import player
from musclepose.web.session import Session

SOURCE_URL = os.environ.get("MUSCLEPOSE_SOURCE_URL", "")
KEEP_S = 3600
FILES = (
    "One archive: `overlay.mp4`, `plots.png`, `analysis.json` (every figure with its unit and formula), "
    "`timeseries.csv`, `kinematics.mot` and `ground_reaction.mot` for OpenSim, `coaching.md`."
)


def html(value: str, **options: Any) -> gr.HTML:
    """A fragment with our own style sheet only."""
    return gr.HTML(value, apply_default_css=False, **options)


def _number(label: str, name: str, empty: str = "not told") -> gr.Textbox:
    """A number as text: an empty field stays empty (gr.Number shows and sends 0), and a decimal comma is fine."""
    return gr.Textbox(
        label=label,
        placeholder=empty,
        max_length=8,
        min_width=110,
        elem_id=name,
        elem_classes="mp-number",
    )


def _close(session: Session | None) -> None:
    """The visitor is gone: stop and delete."""
    if isinstance(session, Session):
        session.close()


class Components:
    """All components, made inside an open `gr.Blocks`; what they do is wired in `app.py`."""

    def __init__(self) -> None:
        self.session = gr.State(None, time_to_live=KEEP_S, delete_callback=_close)
        html(page.HEADER)
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=290, elem_id="inputs"):
                self._inputs()
            with gr.Column(scale=4, min_width=320):
                self.quality = html("", elem_id="quality", visible=False)
                self.player = player()
                self._coaching()
            with gr.Column(scale=4, min_width=320):
                self._results()
        self.footer = html(page.footer("", SOURCE_URL, KEEP_S / 3600), elem_id="footer")

    def _inputs(self) -> None:
        self.video = gr.Video(
            label="Training video", sources=["upload"], height=160, elem_id="upload", buttons=[]
        )
        self.example = gr.Button("Use the example clip", size="sm", elem_id="example")
        with gr.Row():
            self.height = _number("Height (cm)", "height")
            self.mass = _number("Mass (kg)", "mass")
        with gr.Row():
            self.load = _number("Load (kg)", "load", "none")
            places = [("Hands", "hands"), ("Shoulders", "shoulders")]
            self.load_at = gr.Dropdown(
                places, value="hands", label="Held with", min_width=110, filterable=False
            )
        with gr.Row():
            sexes = [("Not told", "unknown"), ("Female", "female"), ("Male", "male")]
            self.sex = gr.Dropdown(
                sexes, value="unknown", label="Sex", min_width=110, filterable=False
            )
            people = [("Who moves most", 0)]
            people += [(f"{i + 1}. in that order", i) for i in range(1, MAX_PERSON)]
            self.person = gr.Dropdown(
                people, value=0, label="Person", min_width=110, filterable=False
            )
        self.notes = gr.Textbox(
            label="Note for the coach",
            placeholder="e.g. second set, felt heavy",
            lines=1,
            max_lines=3,
            max_length=MAX_NOTES,
            elem_id="notes",
        )
        with gr.Accordion("Advanced", open=False):
            speeds = [("Real time" if s == 1 else f"{s:g} times slower", s) for s in SLOW_MOTION]
            self.slow_motion = gr.Dropdown(
                speeds, value=1.0, label="Slow-motion recording", filterable=False
            )
            readers = [(v.capitalize(), v) for v in LEVELS]
            self.level = gr.Dropdown(
                readers, value="athlete", label="Write the text for", filterable=False
            )
            self.language = gr.Dropdown(
                list(LANGUAGES), value=ENGLISH, label="Text language", filterable=False
            )
        with gr.Row():
            self.run = gr.Button(
                "Analyse", variant="primary", elem_id="run", scale=3, min_width=120
            )
            self.stop = gr.Button("Stop", elem_id="stop", interactive=False, scale=1, min_width=70)
        self.status = html(page.status(page.READY), elem_id="status")
        html(page.GUIDE)

    def _coaching(self) -> None:
        self.text = gr.Markdown(page.EMPTY_TEXT, elem_id="coaching", container=True)
        self.chat = gr.Chatbot(
            label="Questions",
            visible=False,
            height=260,
            allow_tags=False,
            sanitize_html=True,
            elem_id="chat",
            buttons=[],
            feedback_options=None,
            layout="bubble",
        )
        with gr.Row(visible=False, elem_id="ask-row") as self.ask_row:
            self.question = gr.Textbox(
                show_label=False,
                container=False,
                scale=5,
                max_length=MAX_QUESTION,
                elem_id="question",
                placeholder="Ask about this set, e.g. which repetition was deepest?",
                min_width=160,
            )
            self.ask = gr.Button("Ask", scale=1, min_width=70, elem_id="ask")

    def _results(self) -> None:
        self.plots: dict[str, gr.HTML] = {}
        with gr.Tabs(elem_id="tabs"):
            for name in GROUP_NAMES:
                with gr.Tab(name, elem_classes="mp-tab"):
                    self.plots[name] = html(page.EMPTY_PLOTS)
            with gr.Tab("Table"):
                self.table = html(page.EMPTY_PLOTS)
            with gr.Tab("Files"):
                gr.Markdown(FILES)
                self.files = gr.DownloadButton(
                    "Download results.zip", interactive=False, elem_id="files"
                )
