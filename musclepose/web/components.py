"""The layout: the clip (folds away), athlete and exercise, film, text, and figures with plots side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import gradio as gr

from musclepose.movement.exercises import EXERCISES
from musclepose.report.series import GROUP_NAMES
from musclepose.wave_llm.prompt import LEVELS, MAX_NOTES, MAX_QUESTION
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web import page
from musclepose.web.form import MAX_NAME, RECOGNISE, SLOW_MOTION
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.people import picker
from musclepose.web.player import player
from musclepose.web.saved import SUFFIX
from musclepose.web.visit import KEEP_S, VISITS
from musclepose.web.words import say, title_of

SOURCE_URL = os.environ.get("MUSCLEPOSE_SOURCE_URL", "")
TOKEN_KEY = "musclepose-visit"
C = TypeVar("C")
Named = dict[
    str, Any
]  # property: key of the catalogue, or choices as (key, value)


def html(value: str, **options: Any) -> gr.HTML:
    """A fragment with our own style sheet only."""
    return gr.HTML(value, apply_default_css=False, **options)


def _said(language: str, named: Named) -> dict[str, Any]:
    """The properties in a language."""

    def one(told: Any) -> Any:
        if isinstance(told, str):
            return say(language, told)
        return [(_choice_said(language, key), value) for key, value in told]

    return {name: one(told) for name, told in named.items()}


def _choice_said(language: str, key: Any) -> str:
    """A choice: a key, a key with its number, or an exercise."""
    if isinstance(key, tuple):
        return say(language, key[0], n=f"{key[1]:g}")
    exercise = EXERCISES.get(key.removeprefix("exercise:"))
    return (
        title_of(exercise.title, language)
        if exercise is not None
        else say(language, key)
    )


class Components:
    """All components, made inside an open `gr.Blocks`; what they do is wired in `app.py`."""

    def __init__(self) -> None:
        self._names: list[tuple[Any, Named]] = []
        self.session = gr.State(
            None, time_to_live=KEEP_S, delete_callback=VISITS.release
        )
        self.kept = gr.State(KeptKeypoints(), time_to_live=KEEP_S)
        self.token = gr.BrowserState("", storage_key=TOKEN_KEY)
        self.header = html(page.header())
        self.fold = self._made(
            gr.Accordion, {"label": "clip"}, open=True, elem_id="fold"
        )
        with self.fold:
            with gr.Row(equal_height=False):
                with gr.Column(scale=3, min_width=290):
                    self._clip()
                with gr.Column(scale=3, min_width=290):
                    self.person = picker()
                    self.guide = html(page.guide(), elem_id="guide")
            with gr.Row(equal_height=False):
                self._wishes()
        with gr.Row(elem_id="fields"):
            self._fields()
            self.run = self._made(
                gr.Button, {"value": "run"}, variant="primary", elem_id="run"
            )
            self.stop = self._made(
                gr.Button, {"value": "stop"}, elem_id="stop", interactive=False
            )
        self.status = html(page.told(ENGLISH, "ready"), elem_id="status")
        self.sets = self._made(
            gr.Radio,
            {"label": "sets"},
            choices=[],
            visible=False,
            elem_id="sets",
        )
        with gr.Row(
            visible=False, equal_height=False, elem_id="review"
        ) as self.review:
            with gr.Column(scale=5, min_width=400, elem_classes="mp-column"):
                self.quality = html("", elem_id="quality")
                self.player = player()
                self._part()
            with gr.Column(scale=3, min_width=300, elem_classes="mp-column"):
                self._coaching()
            with gr.Column(scale=4, min_width=420, elem_classes="mp-column"):
                self._results()
        self.footer = html(page.footer("", SOURCE_URL), elem_id="footer")

    def said(self, language: str) -> dict[Any, Any]:
        """An update of everything that has a label, and of the fixed fragments, in a language."""
        named = {
            c: gr.update(**_said(language, names)) for c, names in self._names
        }
        fragments = {
            self.header: page.header(language),
            self.guide: page.guide(language),
        }
        return named | fragments

    def named(self) -> Sequence[Any]:
        """What `said` changes."""
        return [
            *(component for component, _ in self._names),
            self.header,
            self.guide,
        ]

    def _made(self, kind: type[C], names: Named, **options: Any) -> C:
        """A component whose words come from the catalogue."""
        component = kind(**_said(ENGLISH, names), **options)
        self._names.append((component, names))
        return component

    def _number(
        self, name: str, empty: str = "not_told", label: str = ""
    ) -> gr.Textbox:
        """A number as text: an empty field stays empty (gr.Number shows and sends 0), and a decimal comma is fine."""
        return self._made(
            gr.Textbox,
            {"label": label or name, "placeholder": empty},
            max_length=8,
            min_width=110,
            elem_id=name,
            elem_classes="mp-number",
        )

    def _choice(
        self, label: str, choices: Sequence[tuple[Any, Any]], value: Any
    ) -> gr.Dropdown:
        """A drop-down list without typing."""
        return self._made(
            gr.Dropdown,
            {"label": label, "choices": choices},
            value=value,
            min_width=110,
            filterable=False,
        )

    def _clip(self) -> None:
        self.video = self._made(
            gr.Video,
            {"label": "video"},
            sources=["upload"],
            height=220,
            elem_id="upload",
            buttons=[],
        )
        with gr.Row(elem_id="other-ways"):
            self.example = self._made(
                gr.Button, {"value": "example"}, elem_id="example"
            )
            self.open = self._made(
                gr.UploadButton,
                {"label": "open"},
                file_types=[SUFFIX],
                elem_id="open",
            )

    def _wishes(self) -> None:
        """What the coach should know, and how it is told."""
        self.notes = self._made(
            gr.Textbox,
            {"label": "notes", "placeholder": "notes_hint"},
            lines=1,
            max_lines=3,
            max_length=MAX_NOTES,
            elem_id="notes",
        )
        with self._made(gr.Accordion, {"label": "more"}, open=False):
            self.level = self._choice(
                "level", [(v, v) for v in LEVELS], "athlete"
            )
            self.units = gr.Dropdown(
                [("cm, kg", "metric"), ("ft, lb", "imperial")],
                value="metric",
                label=say(ENGLISH, "units"),
                min_width=110,
                filterable=False,
            )
            self.language = gr.Dropdown(
                [(v, v) for v in LANGUAGES],
                value=ENGLISH,
                label=say(ENGLISH, "language"),
                min_width=110,
                filterable=False,
                elem_id="language",
            )
        self._names += [
            (self.units, {"label": "units"}),
            (self.language, {"label": "language"}),
        ]

    def _fields(self) -> None:
        titles = sorted(
            (e.title, n) for n, e in EXERCISES.items() if e.is_named
        )
        named = [(f"exercise:{name}", name) for _, name in titles]
        self.exercise = self._choice(
            "exercise", [("recognise", RECOGNISE), *named], RECOGNISE
        )
        self.height = self._number("height")
        self.mass = self._number("mass")
        self.load = self._number("load", "none")
        self.load_at = self._choice(
            "load_at", [("hands", "hands"), ("shoulders", "shoulders")], "hands"
        )
        self.sex = self._choice(
            "sex", [(v, v) for v in ("unknown", "female", "male")], "unknown"
        )
        speeds = [
            ("real_time" if s == 1 else ("slower", s), s) for s in SLOW_MOTION
        ]
        self.slow_motion = self._choice("speed", speeds, 1.0)

    def _part(self) -> None:
        with (
            self._made(
                gr.Accordion, {"label": "part"}, open=False, elem_id="part"
            ),
            gr.Row(),
        ):
            self.part_from = self._number("part_from", "start")
            self.from_here = self._made(
                gr.Button, {"value": "from_here"}, elem_id="from-here"
            )
            self.part_to = self._number("part_to", "end")
            self.to_here = self._made(
                gr.Button, {"value": "to_here"}, elem_id="to-here"
            )

    def _coaching(self) -> None:
        self.text = gr.Markdown("", elem_id="coaching", container=True)
        self.chat = self._made(
            gr.Chatbot,
            {"label": "chat"},
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
            self.question = self._made(
                gr.Textbox,
                {"placeholder": "ask_hint"},
                show_label=False,
                container=False,
                scale=5,
                max_length=MAX_QUESTION,
                elem_id="question",
                min_width=160,
            )
            self.ask = self._made(
                gr.Button,
                {"value": "ask"},
                scale=1,
                min_width=70,
                elem_id="ask",
            )
        self.moments = html("", elem_id="moments")

    def _results(self) -> None:
        self.plots: dict[str, gr.HTML] = {}
        with gr.Tabs(elem_id="tabs"):
            with self._made(gr.Tab, {"label": "figures"}):
                self.table = html("")
            for name in GROUP_NAMES:
                with self._made(gr.Tab, {"label": name}, elem_classes="mp-tab"):
                    self.plots[name] = html("")
            with self._made(gr.Tab, {"label": "files"}):
                self._files()

    def _files(self) -> None:
        self.name = self._made(
            gr.Textbox,
            {"label": "name"},
            max_length=MAX_NAME,
            elem_id="athlete-name",
        )
        self.report_note = self._made(
            gr.Textbox,
            {"label": "report_note"},
            lines=2,
            max_length=MAX_NOTES,
            elem_id="report-note",
        )
        self.into_report = self._made(
            gr.Button,
            {"value": "into_report"},
            interactive=False,
            elem_id="into-report",
        )
        self.report = self._download("report", "report")
        self.report_page = self._download("report_page", "report-page")
        self.files = self._download("everything", "files")
        self.save = self._download("save", "save")

    def _download(self, key: str, name: str) -> gr.DownloadButton:
        """A button for a file that is not there yet."""
        return self._made(
            gr.DownloadButton, {"label": key}, interactive=False, elem_id=name
        )
