"""The layout: the clip (folds away), athlete and exercise, then film and text beside repetitions, plots and files."""

from __future__ import annotations

import os
from typing import Any

import gradio as gr

from musclepose.movement.exercises import EXERCISES
from musclepose.report.series import GROUP_NAMES
from musclepose.wave_llm.prompt import LEVELS, MAX_NOTES, MAX_QUESTION
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web import page
from musclepose.web.form import RECOGNISE, SLOW_MOTION
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.people import picker
from musclepose.web.player import player
from musclepose.web.session import Session

SOURCE_URL = os.environ.get("MUSCLEPOSE_SOURCE_URL", "")
KEEP_S = 3600
FILES = (
    "One archive: `report.html` (prints to A4), `overlay.mp4`, `plots.png`, `analysis.json` (every figure with its "
    "unit and formula), `timeseries.csv`, `kinematics.mot` and `ground_reaction.mot` for OpenSim, `coaching.md`."
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


def _choice(label: str, choices: list[tuple[str, Any]], value: Any) -> gr.Dropdown:
    """A drop-down list without typing."""
    return gr.Dropdown(choices, value=value, label=label, min_width=110, filterable=False)


def _close(session: Session | None) -> None:
    """The visitor is gone: stop and delete."""
    if isinstance(session, Session):
        session.close()


class Components:
    """All components, made inside an open `gr.Blocks`; what they do is wired in `app.py`."""

    def __init__(self) -> None:
        self.session = gr.State(None, time_to_live=KEEP_S, delete_callback=_close)
        self.kept = gr.State(KeptKeypoints(), time_to_live=KEEP_S)
        html(page.HEADER)
        self.fold = gr.Accordion("Clip", open=True, elem_id="fold")
        with self.fold, gr.Row(equal_height=False):
            with gr.Column(scale=3, min_width=290):
                self._clip()
            with gr.Column(scale=3, min_width=290):
                self.person = picker()
                html(page.GUIDE, elem_id="guide")
        with gr.Row(elem_id="fields"):
            self._fields()
            self.run = gr.Button("Analyse", variant="primary", elem_id="run")
            self.stop = gr.Button("Stop", elem_id="stop", interactive=False)
        self.status = html(page.status(page.READY), elem_id="status")
        with gr.Row(visible=False, equal_height=False, elem_id="review") as self.review:
            with gr.Column(scale=5, min_width=320, elem_classes="mp-column"):
                self.quality = html("", elem_id="quality")
                self.player = player()
                self._coaching()
            with gr.Column(scale=4, min_width=320, elem_classes="mp-column"):
                self._results()
        self.footer = html(page.footer("", SOURCE_URL, KEEP_S / 3600), elem_id="footer")

    def _clip(self) -> None:
        self.video = gr.Video(
            label="Training video", sources=["upload"], height=220, elem_id="upload", buttons=[]
        )
        self.example = gr.Button("Use the example clip", elem_id="example")
        self.notes = gr.Textbox(
            label="Note for the coach",
            placeholder="e.g. second set, felt heavy",
            lines=1,
            max_lines=3,
            max_length=MAX_NOTES,
            elem_id="notes",
        )
        with gr.Accordion("More choices", open=False):
            speeds = [("Real time" if s == 1 else f"{s:g} times slower", s) for s in SLOW_MOTION]
            self.slow_motion = _choice("Slow-motion recording", speeds, 1.0)
            readers = [(v.capitalize(), v) for v in LEVELS]
            self.level = _choice("Write the text for", readers, "athlete")
            self.language = _choice("Text language", [(v, v) for v in LANGUAGES], ENGLISH)

    def _fields(self) -> None:
        named = sorted((e.title.capitalize(), n) for n, e in EXERCISES.items() if e.is_named)
        self.exercise = _choice("Exercise", [("Recognise it", RECOGNISE), *named], RECOGNISE)
        self.height = _number("Height", "height")
        self.mass = _number("Body mass", "mass")
        self.load = _number("Load", "load", "none")
        places = [("Hands", "hands"), ("Shoulders", "shoulders")]
        self.load_at = _choice("Held with", places, "hands")
        sexes = [("Not told", "unknown"), ("Female", "female"), ("Male", "male")]
        self.sex = _choice("Sex", sexes, "unknown")
        self.units = _choice("Units", [("cm, kg", "metric"), ("ft, lb", "imperial")], "metric")

    def _coaching(self) -> None:
        self.moments = html("", elem_id="moments")
        self.text = gr.Markdown("", elem_id="coaching", container=True)
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
            with gr.Tab("Figures"):
                self.table = html("")
            for name in GROUP_NAMES:
                with gr.Tab(name, elem_classes="mp-tab"):
                    self.plots[name] = html("")
            with gr.Tab("Files"):
                gr.Markdown(FILES)
                self.files = gr.DownloadButton(
                    "Download everything", interactive=False, elem_id="files"
                )
                self.report = gr.DownloadButton(
                    "Download the report to print", interactive=False, elem_id="report"
                )
