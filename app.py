"""MusclePose in the browser: a skin over one call into the pipeline. `python app.py --host 127.0.0.1 --port 7860`.

Importing this file needs no weights and no network. Every handler checks its inputs again: nothing is trusted because a
component was hidden, disabled or limited in the page.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import threading
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
from musclepose.web.endpoint import analyze_with, is_mcp_there, public_endpoint
from musclepose.web.form import Form, read_form, read_question
from musclepose.web.jobs import Cancelled, Job
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.line import Line
from musclepose.web.moments import as_text, linked, strip
from musclepose.web.people import choosing, chosen_of
from musclepose.web.player import scripts, showing
from musclepose.web.session import (
    Outcome,
    Session,
    coach,
    compute,
    example_clip,
    film_of,
    package,
    picture_moments,
    spans_of,
    write_text,
)
from musclepose.web.table import table
from musclepose.web.theme import theme


def gpu_seconds(*asked: Any) -> int:
    """Seconds of GPU to ask for: an answer is shorter than a report."""
    question = asked[5] if len(asked) > 5 else None
    return 60 if question is None else 30


try:  # on a ZeroGPU Space the language model runs in a process that holds a GPU; elsewhere this is nothing
    import spaces

    on_gpu: Callable[..., Any] = spaces.GPU(duration=gpu_seconds)
except ImportError:

    def on_gpu(function: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return function


LOG = logging.getLogger("musclepose.app")
ASSETS = Path(__file__).resolve().parent / "assets"
UNEXPECTED = "Something failed inside MusclePose and was written to the log; your entries are kept, please try again."
WAITING = "…"
MAX_WAITING = 20
PERSON_FIELD = 6  # place of the choice of the athlete among the fields
LINE = Line()  # one analysis at a time
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
        lined_up: dict[str, Any] = {"concurrency_limit": MAX_WAITING, "concurrency_id": "line"}
        writing: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "text"}
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
            self.exercise,
            self.units,
        ]
        files = [self.files, self.report]
        state = [self.session, self.status, self.run, self.stop, self.fold, *files, self.text]
        talk = [self.chat, self.ask_row]
        shown = [self.review, self.quality, self.player, self.moments, self.table]
        running = self.run.click(
            self.analyse,
            [self.session, self.kept, *fields],
            [*state, *talk, *shown, *self.plots.values()],
            trigger_mode="multiple",
            **quiet,
            **lined_up,
        )
        written = [self.text, self.status, *files, self.footer, self.run, self.stop, *talk]
        running.then(self.write, self.session, written, **quiet, **writing)
        stopped = [self.status, self.run, self.stop]
        self.stop.click(self.halt, self.session, stopped, queue=False, **quiet)
        looked = [self.person, self.status]
        self.example.click(self.use_example, None, [self.video, self.status], **quiet).then(
            self.look, [self.kept, self.video], looked, **quiet, **lined_up
        )
        self.video.upload(self.look, [self.kept, self.video], looked, **quiet, **lined_up)
        self.video.clear(lambda: None, None, self.person, queue=False, **quiet)
        self.chat.clear(_forget_talk, self.session, None, queue=False, **quiet)
        asked = [self.session, self.chat, self.question, self.status]
        for trigger in (self.ask.click, self.question.submit):
            trigger(self.answer, [self.session, self.question], asked, **quiet, **writing)

    def notices(self) -> str:
        """The footer, with what the coach says about its soft tokens."""
        return page.footer(coach().soft_tokens_note, SOURCE_URL, KEEP_S / 3600)

    def use_example(self) -> Update:
        """Put the example clip into the upload field."""
        try:
            clip = str(example_clip(Path(_EXAMPLE_FOLDER.name)))
            return {self.video: clip, self.status: page.status(page.READY)}
        except MusclePoseError as error:
            return {self.status: page.status(str(error), kind="error")}

    def look(self, kept: KeptKeypoints, video: Any) -> Iterator[Update]:
        """Who is in the clip: shown to choose from while the fields are filled in."""
        yield {self.person: None}
        if not isinstance(video, str) or not Path(video).is_file():
            return
        clip = Path(video)
        try:
            job = Job(lambda progress: kept.people(clip, progress), line=LINE)
            followed = yield from self._followed(job)
            yield {self.person: choosing(clip, followed), self.status: page.status(page.CHOSEN)}
        except MusclePoseError as error:
            yield {self.status: page.status(str(error), kind="error")}
        except Exception:
            LOG.exception("looking failed")
            yield {self.status: page.status(UNEXPECTED, kind="error")}

    def halt(self, session: Session | None) -> Update:
        """Stop what runs; all entries and earlier results stay."""
        if isinstance(session, Session):
            session.stop.set()
        return {self.status: page.status(STOPPED), **self._idle()}

    def _idle(self) -> Update:
        return {self.run: gr.Button(interactive=True), self.stop: gr.Button(interactive=False)}

    def analyse(self, earlier: Session | None, kept: Any, *fields: Any) -> Iterator[Update]:
        """From a video to everything on the page; each part is shown as soon as it is there."""
        if isinstance(earlier, Session):
            earlier.stop.set()
        try:
            known = kept if isinstance(kept, KeptKeypoints) else KeptKeypoints()
            yield from self._analyse(_form(fields), known, earlier)
        except Cancelled:
            return  # whoever stopped it has said so
        except MusclePoseError as error:
            yield {self.status: page.status(str(error), kind="error"), **self._idle()}
        except Exception:
            LOG.exception("analysis failed")
            yield {self.status: page.status(UNEXPECTED, kind="error"), **self._idle()}

    def _analyse(
        self, form: Form, kept: KeptKeypoints, earlier: Session | None
    ) -> Iterator[Update]:
        session = Session(form=form)
        yield {
            self.session: session,
            self.status: page.status("Starting", 0.0, "working"),
            self.run: gr.Button(interactive=False),
            self.stop: gr.Button(interactive=True),
            self.fold: gr.Accordion(open=False),
            self.files: gr.DownloadButton(interactive=False),
            self.report: gr.DownloadButton(interactive=False),
        }
        job = Job(lambda progress: compute(form, kept, progress), session.stop, LINE)
        session.outcome = yield from self._followed(job)
        yield self._shown(session.outcome)
        film = Job(lambda progress: film_of(session, earlier, progress), session.stop)
        session.film = yield from self._followed(film, "busy")
        drawing = drawing_of(session.outcome.analysis, session.outcome.summary)
        yield {
            self.player: showing(session.film, drawing),
        }
        pictures = Job(lambda progress: picture_moments(session, progress), session.stop)
        yield from self._followed(pictures, "busy")
        yield {
            self.moments: strip(session.moments, session.pictures),
            self.status: page.status("Writing the coaching text", kind="busy"),
        }

    def _followed(self, job: Job[T], kind: str = "working") -> Generator[Update, None, T]:
        """Progress of a job on the status line."""
        updates = job.updates()
        try:
            while True:
                told = next(updates)
                yield {self.status: page.status(told.text, told.share, kind)}
        except StopIteration as end:
            return end.value
        finally:
            updates.close()

    def _shown(self, outcome: Outcome) -> Update:
        """Everything but the film and the text."""
        analysis, summary = outcome.analysis, outcome.summary
        plots = {
            self.plots[name]: panels_html(analysis, panels, spans_of(summary))
            for name, panels in groups(analysis).items()
        }
        return {
            self.review: gr.Row(visible=True),
            self.quality: page.quality(analysis, summary),
            self.table: table(summary, repetition_columns(analysis, summary)),
            self.text: "",
            self.moments: "",
            self.chat: gr.Chatbot(value=[], visible=False),
            self.ask_row: gr.Row(visible=False),
            **plots,
        }

    def write(self, session: Session | None) -> Iterator[Update]:
        """The coaching text, then the files; nothing where there is nothing new."""
        yield {self.status: gr.skip()}  # a handler that yields nothing would empty the status line
        if not isinstance(session, Session) or session.film is None or session.text:
            return
        try:
            yield from self._write(session)
        except Cancelled:
            return
        except Exception:
            LOG.exception("writing failed")
            yield {self.status: page.status(UNEXPECTED, kind="error"), **self._idle()}

    def _write(self, session: Session) -> Iterator[Update]:
        form, outcome = session.form, session.outcome
        assert form is not None and outcome is not None
        text = ""
        for text in write_text_on_gpu(
            outcome.analysis, outcome.summary, form.notes, form.level, form.language
        ):
            if session.stop.is_set():
                raise Cancelled
            yield {self.text: linked(text, outcome.summary)}
        session.text = f"{text}\n\n*{coach().note}*"
        whole = linked(session.text, outcome.summary)
        yield {self.text: whole, self.ask_row: gr.Row(visible=True)}
        job = Job(lambda progress: package(session, progress), session.stop)
        made = yield from self._followed(job, "busy")
        yield {
            self.files: gr.DownloadButton(value=str(made.archive), interactive=True),
            self.report: gr.DownloadButton(value=str(made.report), interactive=True),
            self.footer: self.notices(),
            self.status: page.status(page.DONE, kind="done"),
            **self._idle(),
        }

    def answer(self, session: Session | None, question: Any) -> Iterator[Update]:
        """Answer a question about the analysed set; the talk is kept on the server, per visitor."""
        try:
            asked = read_question(question)
            form, outcome = _known(session)
        except MusclePoseError as error:
            yield {self.status: page.status(str(error), kind="error")}
            return
        assert session is not None
        earlier = [m for q, a in session.turns for m in _messages(q, linked(a, outcome.summary))]
        reply = ""
        yield {
            self.question: "",
            self.chat: gr.Chatbot(value=[*earlier, *_messages(asked, WAITING)], visible=True),
        }
        try:
            known = (outcome.analysis, outcome.summary, form.notes, form.level, form.language)
            for reply in write_text_on_gpu(*known, asked, tuple(session.turns)):
                shown_reply = linked(reply, outcome.summary)
                yield {self.chat: [*earlier, *_messages(asked, shown_reply)]}
        except Exception:
            LOG.exception("answer failed")
            yield {self.status: page.status(UNEXPECTED, kind="error"), self.question: asked}
            return
        session.turns.append((asked, reply))
        yield {self.status: page.status("Answered.", kind="done")}


def _form(fields: tuple[Any, ...]) -> Form:
    """The checked form; the choice of the athlete is a picture's, of which only the number matters."""
    values = list(fields)
    values[PERSON_FIELD] = chosen_of(values[PERSON_FIELD])
    return read_form(*values)


def _forget_talk(session: Session | None) -> None:
    """The visitor emptied the talk: it does not come back with the next question."""
    if isinstance(session, Session):
        session.turns.clear()


def _known(session: Session | None) -> tuple[Form, Outcome]:
    """What can be asked about; InputError where there is nothing yet."""
    if isinstance(session, Session) and session.form and session.outcome:
        return session.form, session.outcome
    raise InputError("There is no analysis to ask about yet; analyse a clip first.")


def _messages(question: str, reply: str) -> list[Any]:
    return [{"role": "user", "content": as_text(question)}, {"role": "assistant", "content": reply}]


def build() -> gr.Blocks:
    """The page. Launch it with `launch_options()`."""
    with gr.Blocks(
        title="MusclePose", analytics_enabled=False, fill_width=True, delete_cache=(600, KEEP_S)
    ) as blocks:
        shown = Page()
        public_endpoint(analyze_with(LINE, write_text_on_gpu), MAX_WAITING)
        blocks.load(
            shown.notices, None, shown.footer, show_progress="hidden", api_visibility="private"
        )
    return blocks.queue(max_size=2 * MAX_WAITING)


def launch_options() -> dict[str, Any]:
    """What belongs to every launch: look, limits and privacy."""
    return {
        "theme": theme(),
        "css_paths": [ASSETS / "page.css", ASSETS / "review" / "review.css"],
        "head": scripts(),
        "max_file_size": VideoLimits().max_bytes,
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "share": False,
        "footer_links": ["settings"],
        "allowed_paths": [],
        "state_session_capacity": 200,
        "mcp_server": is_mcp_there(),
    }


def _make_example() -> None:
    """Have the example clip ready before it is asked for; without it the button says why."""
    try:
        example_clip(Path(_EXAMPLE_FOLDER.name))
    except MusclePoseError as error:
        LOG.warning("no example clip: %s", error)


def main(arguments: list[str] | None = None) -> int:
    """Serve the page until interrupted."""
    parser = argparse.ArgumentParser(description="MusclePose in the browser.")
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    )
    options = parser.parse_args(arguments)
    coach()
    threading.Thread(target=_make_example, name="example", daemon=True).start()
    demo.launch(server_name=options.host, server_port=options.port, **launch_options())
    return 0


demo = build()

if __name__ == "__main__":
    raise SystemExit(main())
