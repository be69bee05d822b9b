"""MusclePose in the browser: a skin over one call into the pipeline. `python app.py --host 127.0.0.1 --port 7860`.

Importing this file needs no weights and no network. Every handler checks its inputs again: nothing is trusted because a
component was hidden, disabled or limited in the page.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

from musclepose.errors import InputError, MusclePoseError
from musclepose.report.drawing import drawing_of
from musclepose.report.repetitions import repetition_columns
from musclepose.report.series import groups
from musclepose.report.svg import panels_html
from musclepose.video_limits import VideoLimits
from musclepose.web import page
from musclepose.web.components import KEEP_S, SOURCE_URL, Components
from musclepose.web.form import Form, read_form, read_question
from musclepose.web.jobs import Cancelled, Job
from musclepose.web.player import scripts, showing
from musclepose.web.session import (
    Outcome,
    Session,
    coach,
    compute,
    example_clip,
    package,
    write_text,
)
from musclepose.web.table import table
from musclepose.web.theme import theme

try:  # on a ZeroGPU Space the language model runs in a process that holds a GPU; elsewhere this is nothing
    import spaces

    on_gpu: Callable[..., Any] = spaces.GPU(duration=120)
except ImportError:

    def on_gpu(function: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return function


LOG = logging.getLogger("musclepose.app")
ASSETS = Path(__file__).resolve().parent / "assets"
UNEXPECTED = "Something failed inside MusclePose and was written to the log; your entries are kept, please try again."
WAITING = "…"
EXAMPLE_PERSON = 0  # the walking woman, who is the likeliest athlete of that clip
STOPPED = "Stopped. Your entries are kept."
_EXAMPLE_FOLDER = tempfile.TemporaryDirectory(prefix="musclepose-example-")
write_text_on_gpu = on_gpu(write_text)

Update = dict[Any, Any]
T = TypeVar("T")


class Page(Components):
    """The components and what happens when they are used."""

    def __init__(self) -> None:
        super().__init__()
        self._events()

    def _events(self) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        heavy: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "compute"}
        fields = [
            self.video,
            self.height,
            self.mass,
            self.sex,
            self.load,
            self.load_at,
            self.person,
            self.slow_motion,
            self.level,
            self.language,
            self.notes,
        ]
        shown = [
            self.session,
            self.status,
            self.run,
            self.stop,
            self.quality,
            self.player,
            self.text,
            self.chat,
            self.ask_row,
            self.table,
            self.files,
            self.footer,
            *self.plots.values(),
        ]
        running = self.run.click(self.analyse, [self.session, *fields], shown, **quiet, **heavy)
        stopped = [self.status, self.run, self.stop]
        self.stop.click(self.halt, self.session, stopped, cancels=[running], queue=False, **quiet)
        self.example.click(self.use_example, None, [self.video, self.person, self.status], **quiet)
        gr.on(
            [self.video.upload, self.video.clear],
            lambda: 0,
            None,
            self.person,
            queue=False,
            **quiet,
        )
        asked = [self.session, self.chat, self.question, self.status]
        for trigger in (self.ask.click, self.question.submit):
            trigger(self.answer, [self.session, self.question], asked, **quiet, **heavy)

    def notices(self) -> str:
        """The footer, with what the coach says about its soft tokens."""
        return page.footer(coach().soft_tokens_note, SOURCE_URL, KEEP_S / 3600)

    def use_example(self) -> Update:
        """Put the example clip into the upload field, and choose the walker in it: she is the one on level ground."""
        try:
            clip = str(example_clip(Path(_EXAMPLE_FOLDER.name)))
            return {
                self.video: clip,
                self.person: EXAMPLE_PERSON,
                self.status: page.status(page.READY),
            }
        except MusclePoseError as error:
            return {self.status: page.status(str(error), kind="error")}

    def halt(self, session: Session | None) -> Update:
        """Stop what runs; all entries and earlier results stay."""
        if isinstance(session, Session):
            session.stop.set()
        return {self.status: page.status(STOPPED), **self._idle()}

    def _idle(self) -> Update:
        return {self.run: gr.Button(interactive=True), self.stop: gr.Button(interactive=False)}

    def analyse(self, session: Session | None, *fields: Any) -> Iterator[Update]:
        """From a video to everything on the page; each part is shown as soon as it is there."""
        try:
            form = read_form(*fields)
            yield from self._analyse(form)
        except Cancelled:
            yield {self.status: page.status(STOPPED), **self._idle()}
        except MusclePoseError as error:
            yield {self.status: page.status(str(error), kind="error"), **self._idle()}
        except Exception:
            LOG.exception("analysis failed")
            yield {self.status: page.status(UNEXPECTED, kind="error"), **self._idle()}

    def _analyse(self, form: Form) -> Iterator[Update]:
        session = Session(level=form.level, language=form.language, notes=form.notes)
        yield {
            self.session: session,
            self.status: page.status("Starting", 0.0, "busy"),
            self.run: gr.Button(interactive=False),
            self.stop: gr.Button(interactive=True),
            self.ask_row: gr.Row(visible=False),
            self.chat: gr.Chatbot(value=[], visible=False),
        }
        outcome = yield from self._followed(
            Job(lambda progress: compute(form, session.path, progress), session.stop)
        )
        session.analysis, session.summary = outcome.analysis, outcome.summary
        yield self._shown(outcome)
        text = ""
        for text in write_text_on_gpu(
            outcome.analysis, outcome.summary, form.notes, form.level, form.language
        ):
            yield {self.text: text}
        text += f"\n\n*{coach().note}*"
        yield {self.text: text}
        archive = yield from self._followed(
            Job(lambda progress: package(form, outcome, text, session.path, progress), session.stop)
        )
        yield {
            self.files: gr.DownloadButton(value=str(archive), interactive=True),
            self.footer: self.notices(),
            self.status: page.status(
                "Done. Click a plot or a time to move the video.", kind="done"
            ),
            self.ask_row: gr.Row(visible=True),
            **self._idle(),
        }

    def _followed(self, job: Job[T]) -> Generator[Update, None, T]:
        """Progress of a job on the status line."""
        updates = job.updates()
        try:
            while True:
                share, text = next(updates)
                yield {self.status: page.status(text, share, "busy")}
        except StopIteration as end:
            return end.value
        finally:
            updates.close()

    def _shown(self, outcome: Outcome) -> Update:
        """Everything but the text."""
        plots = {
            self.plots[name]: panels_html(outcome.analysis, panels, outcome.repetitions)
            for name, panels in groups(outcome.analysis).items()
        }
        return {
            self.player: showing(outcome.film, drawing_of(outcome.analysis, outcome.summary)),
            self.quality: gr.HTML(page.quality(outcome.analysis, outcome.summary), visible=True),
            self.table: table(
                outcome.summary, repetition_columns(outcome.analysis, outcome.summary)
            ),
            self.text: "",
            self.status: page.status("Writing the coaching text", 1.0, "busy"),
            **plots,
        }

    def answer(self, session: Session | None, question: Any) -> Iterator[Update]:
        """Answer a question about the analysed set; the talk is kept on the server, per visitor."""
        try:
            asked = read_question(question)
            if (
                not isinstance(session, Session)
                or session.analysis is None
                or session.summary is None
            ):
                raise InputError("There is no analysis to ask about yet; analyse a clip first.")
        except MusclePoseError as error:
            yield {self.status: page.status(str(error), kind="error")}
            return
        earlier = [m for q, a in session.turns for m in _messages(q, a)]
        reply = ""
        yield {
            self.question: "",
            self.chat: gr.Chatbot(value=[*earlier, *_messages(asked, WAITING)], visible=True),
        }
        try:
            known = (
                session.analysis,
                session.summary,
                session.notes,
                session.level,
                session.language,
            )
            for reply in write_text_on_gpu(*known, asked, tuple(session.turns)):
                yield {self.chat: [*earlier, *_messages(asked, reply)]}
        except Exception:
            LOG.exception("answer failed")
            yield {self.status: page.status(UNEXPECTED, kind="error"), self.question: asked}
            return
        session.turns.append((asked, reply))
        yield {self.status: page.status("Answered.", kind="done")}


def _messages(question: str, reply: str) -> list[Any]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]


def build() -> gr.Blocks:
    """The page. Launch it with `launch_options()`."""
    with gr.Blocks(
        title="MusclePose", analytics_enabled=False, fill_width=True, delete_cache=(600, KEEP_S)
    ) as blocks:
        shown = Page()
        blocks.load(
            shown.notices, None, shown.footer, show_progress="hidden", api_visibility="private"
        )
    return blocks.queue(max_size=20)


def launch_options() -> dict[str, Any]:
    """What belongs to every launch: look, limits and privacy."""
    return {
        "theme": theme(),
        "css_paths": [ASSETS / "page.css"],
        "head": scripts(),
        "max_file_size": VideoLimits().max_bytes,
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "share": False,
        "footer_links": ["settings"],
        "allowed_paths": [],
        "state_session_capacity": 200,
    }


def main(arguments: list[str] | None = None) -> int:
    """Serve the page until interrupted."""
    parser = argparse.ArgumentParser(description="MusclePose in the browser.")
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    )
    options = parser.parse_args(arguments)
    coach()
    demo.launch(server_name=options.host, server_port=options.port, **launch_options())
    return 0


demo = build()

if __name__ == "__main__":
    raise SystemExit(main())
