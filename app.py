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
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
from gradio.processing_utils import save_file_to_cache

from musclepose.errors import InputError, MusclePoseError
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.video_limits import usual_limits
from musclepose.wave_llm.prompt import MAX_NOTES
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web import page
from musclepose.web.components import SOURCE_URL
from musclepose.web.endpoint import analyze_with, is_mcp_there, public_endpoint
from musclepose.web.example import Example
from musclepose.web.form import MAX_NAME, Form, read_form, read_question, words
from musclepose.web.jobs import HEARTBEAT_S, Cancelled, Job
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.line import Line
from musclepose.web.moments import linked, strip
from musclepose.web.people import choosing, chosen_of
from musclepose.web.player import scripts
from musclepose.web.saved import NO_SET, read_saved
from musclepose.web.session import (
    Outcome,
    Session,
    answer_by_rules,
    begin_film,
    coach,
    compute,
    example_clip,
    film_job,
    hand_over,
    package,
    picture_moments,
    set_before,
    write_text,
)
from musclepose.web.shown import Shown, Update, messages, playing
from musclepose.web.theme import theme
from musclepose.web.visit import KEEP_S, VISITS
from musclepose.web.words import language_of
from musclepose.web.words.said import saying

# Weights to the GPU and the first token; this and the rates are chosen with room, not measured.
GPU_START_S = 15.0
GPU_FRAMES_PER_S, GPU_READ_PER_S, GPU_WRITE_PER_S = (
    400.0,
    800.0,
    15.0,
)  # frames, characters, words
MAX_GPU_S = 120
# A message of gradio 6.31 that carries no value (each progress has one) reads back what a component shows and writes it
# again a moment later. A value that arrives in that moment is lost. So results come this long after a progress, and all
# of them once more at the end.
SETTLE_S = 0.4
QUIET_S = 1.5  # of a correction, which is soon done: it says nothing on the way, and so waits for nothing at the end


def gpu_seconds(
    analysis: Analysis,
    summary: PhysicsSummary,
    notes: str,
    level: str,
    language: str,
    *_: Any,
) -> int:
    """Seconds of GPU to ask for: the clip is read, and there is the more to write the more happened in it."""
    happened = (
        len(summary.repetitions) + 3 * len(summary.faults) + len(summary.trends)
    )
    words_out = 120 + 12 * min(happened, 12)
    said_again = (
        1.0 if language == ENGLISH else 1.5
    )  # sentences without a template are translated
    reading_s = (
        len(analysis.time_s) / GPU_FRAMES_PER_S + len(notes) / GPU_READ_PER_S
    )
    return round(
        min(
            GPU_START_S + reading_s + said_again * words_out / GPU_WRITE_PER_S,
            MAX_GPU_S,
        )
    )


try:  # on a ZeroGPU Space the language model runs in a process that holds a GPU; elsewhere this is nothing
    import spaces

    write_text_on_gpu: Callable[..., Iterator[str]] = spaces.GPU(
        duration=gpu_seconds
    )(write_text)
    answer_question: Callable[..., Iterator[str]] = (
        answer_by_rules  # needs no GPU
    )
except ImportError:
    write_text_on_gpu = answer_question = write_text

LOG = logging.getLogger("musclepose.app")
ASSETS = Path(__file__).resolve().parent / "assets"
_CLOCK = "(session, field) => [session, window.musclepose.clock.state().time]"
MAX_WAITING = 20
PERSON_FIELD = 6  # place of the choice of the athlete among the fields
LANGUAGE_FIELD = 9
WAITING = "…"
Event = dict[
    str, Any
]  # what is said of an event: its function, inputs, outputs and options
QUIET: Event = {"show_progress": "hidden", "api_visibility": "private"}
LINED_UP: Event = {"concurrency_limit": MAX_WAITING, "concurrency_id": "line"}
WRITING: Event = {"concurrency_limit": 1, "concurrency_id": "text"}
LINE = Line()  # one analysis at a time
EXAMPLE = Example()
_EXAMPLE_FOLDER = tempfile.TemporaryDirectory(prefix="musclepose-example-")

T = TypeVar("T")


class Page(Shown):
    """The components and what happens when they are used."""

    def __init__(self) -> None:
        super().__init__()
        self._events()

    def _events(self) -> None:
        analysis, then = self._analysis_events()
        self._clip_events(analysis, then)
        self._talk_events()
        self._set_events(then)
        words = [
            *self.named(),
            *self.figures_shown(),
            self.player,
            self.moments,
            self.status,
        ]
        self.language.input(
            self.speak,
            [self.session, self.language],
            words,
            queue=False,
            **QUIET,
        )

    def _analysis_events(self) -> tuple[Event, tuple[Event, Event]]:
        """Analyse and Stop; the analysis, and what follows it: the text with film and files, and all once more."""
        fields = [
            self.video, self.height, self.mass, self.sex, self.load, self.load_at, self.person, self.slow_motion,
            self.level, self.language, self.notes, self.exercise, self.units, self.part_from, self.part_to,
        ]  # fmt: skip
        state = [self.status, self.run, self.stop, self.fold, self.token]
        analysis: Event = {
            "fn": self.analyse,
            "inputs": [self.session, self.kept, self.token, *fields],
            "outputs": [*self.results(), *state],
            **QUIET,
            **LINED_UP,
        }
        text: Event = {
            "fn": self.write,
            "inputs": self.session,
            "outputs": [self.text, self.player, self.moments, self.status, *self.hand_over(), self.footer,
                        self.run, self.stop, self.chat, self.ask_row],
            **QUIET,
            **WRITING,
        }  # fmt: skip
        again: Event = {
            "fn": self.settle,
            "inputs": [self.session, self.token, self.language],
            "outputs": self.results(),
            **QUIET,
        }
        self.run.click(trigger_mode="multiple", **analysis).then(**text).then(
            **again
        )
        stopped = [self.status, self.run, self.stop]
        self.stop.click(
            self.halt,
            [self.session, self.language],
            stopped,
            queue=False,
            **QUIET,
        )
        return analysis, (text, again)

    def _clip_events(self, analysis: Event, then: tuple[Event, Event]) -> None:
        """The ways into a clip: upload, example, a saved set."""
        text, again = then
        look: Event = {
            "fn": self.look,
            "inputs": [self.kept, self.video, self.language],
            "outputs": [self.person, self.status],
            **QUIET,
            **LINED_UP,
        }
        self.example.click(
            self.use_example, self.language, [self.video, self.status], **QUIET
        ).then(**look)
        self.video.upload(**look)
        self.open.upload(
            self.use_saved,
            [self.kept, self.open, self.language],
            [*self.entered(), self.status],
            **QUIET,
        ).success(**analysis).then(**text).then(**again)
        self.video.clear(lambda: None, None, self.person, queue=False, **QUIET)

    def _talk_events(self) -> None:
        """Questions and answers."""
        self.chat.clear(_forget_talk, self.session, None, queue=False, **QUIET)
        asked = [self.session, self.chat, self.question, self.status]
        for trigger in (self.ask.click, self.question.submit):
            trigger(
                self.answer,
                [self.session, self.question, self.language],
                asked,
                **QUIET,
                **WRITING,
            )

    def _set_events(self, then: tuple[Event, Event]) -> None:
        """Earlier sets, the report with a note, a part of the clip; and what `greet` shows when the page is opened."""
        text, again = then
        shown = [*self.results(), *self.entered(), self.status]
        asked = [self.token, self.sets, self.language]
        self.sets.input(self.show_set, asked, shown, queue=False, **QUIET).then(
            **text
        ).then(**again)
        self.into_report.click(
            self.note_in_report,
            [self.session, self.name, self.report_note, self.language],
            [*self.hand_over(), self.status],
            **QUIET,
        )
        for button, field in (
            (self.from_here, self.part_from),
            (self.to_here, self.part_to),
        ):
            moment: Event = {
                "inputs": [self.session, field],
                "outputs": field,
                "js": _CLOCK,
            }
            button.click(_moment_of_clip, queue=False, **moment, **QUIET)
        self._after = then  # where the page was left before the text was there, it is written now
        outputs = list(dict.fromkeys([*shown, *self.named(), self.footer]))
        self._arrival: Event = {"outputs": outputs, **QUIET}

    def greet(self, blocks: gr.Blocks) -> None:
        """What happens when the page is opened or loaded again."""
        text, again = self._after
        blocks.load(self.arrive, [self.token], **self._arrival).then(
            **text
        ).then(**again)

    def arrive(self, token: Any, request: gr.Request) -> Update:
        """The visitor's own sets where he was here within the hour, else the example; words in his language."""
        language = language_of(request.headers.get("accept-language"))
        sets = VISITS.of(token)
        shown = sets[-1] if sets else EXAMPLE.session(language)
        if sets and sets[-1].form is not None:
            language = sets[-1].form.language
        said = (
            "found_again"
            if sets
            else "shown_example"
            if shown is not None
            else "ready"
        )
        named = self.said(language) if language != ENGLISH else {}
        entries = self.entries(sets[-1]) if sets else {self.language: language}
        return {
            **named,
            self.footer: self.notices(language),
            **({} if shown is None else self.everything(shown, sets, language)),
            **_named_and_filled(named, entries),
            self.status: page.told(language, said),
        }

    def notices(self, language: str) -> str:
        """The footer, with what the coach says about its soft tokens."""
        return page.footer(
            coach().soft_tokens_note, SOURCE_URL, language, has_arrived=True
        )

    def speak(self, session: Session | None, language: Any) -> Update:
        """The page in another language, with what it shows; the text follows with the next analysis."""
        if language not in LANGUAGES:
            return {self.status: gr.skip()}
        words = {
            **self.said(language),
            self.status: page.told(language, "ready"),
        }
        if not isinstance(session, Session) or session.outcome is None:
            return words
        return {
            **words,
            **self.figures_of(session.outcome, language, session.is_example),
            self.player: playing(session, language),
            self.moments: strip(
                session.moments, session.pictures, saying(language)
            ),
        }

    def use_example(self, language: str) -> Update:
        """Put the example clip into the upload field."""
        try:
            clip = str(example_clip(Path(_EXAMPLE_FOLDER.name)))
            return {self.video: clip, self.status: page.told(language, "ready")}
        except MusclePoseError as error:
            return {self.status: page.refused(language, error)}

    def use_saved(
        self, kept: KeptKeypoints, file: Any, language: str
    ) -> Update:
        """Entries, keypoints and film of a saved set, into the page; the analysis follows."""
        try:
            with tempfile.TemporaryDirectory(
                prefix="musclepose-opened-"
            ) as folder:
                saved = read_saved(Path(str(file)), Path(folder))
                read_form(str(saved.film), person=0, **saved.entries)
                film = save_file_to_cache(saved.film, self.video.GRADIO_CACHE)
        except (MusclePoseError, TypeError) as error:
            said = str(error) if isinstance(error, MusclePoseError) else NO_SET
            raise gr.Error(
                saying(language)(said), print_exception=False
            ) from error
        kept.put(Path(film), saved.track)
        entries = saved.entries
        return {
            self.kept: kept,
            self.video: film,
            **{getattr(self, name): value for name, value in entries.items()},
            self.part_from: "",
            self.part_to: "",
            self.person: None,
            self.status: page.told(language, "opened"),
        }

    def look(
        self, kept: KeptKeypoints, video: Any, language: str
    ) -> Iterator[Update]:
        """Who is in the clip: shown to choose from while the fields are filled in."""
        yield {self.person: None}
        if not isinstance(video, str) or not Path(video).is_file():
            return
        clip = Path(video)
        kept.looking += 1
        try:
            job = Job(lambda progress: kept.people(clip, progress), line=LINE)
            followed = yield from self._followed(job, language)
            yield {
                self.person: choosing(clip, followed, saying(language)),
                self.status: page.told(language, "chosen"),
            }
        except MusclePoseError as error:
            yield {self.status: page.refused(language, error)}
        except Exception:
            LOG.exception("looking failed")
            yield {self.status: page.told(language, "unexpected", kind="error")}
        finally:
            kept.looking -= 1

    def halt(self, session: Session | None, language: str) -> Update:
        """Stop what runs; all entries and earlier results stay."""
        if isinstance(session, Session):
            session.stop.set()
        return {self.status: page.told(language, "stopped"), **self._idle()}

    def _idle(self) -> Update:
        return {
            self.run: gr.Button(interactive=True),
            self.stop: gr.Button(interactive=False),
        }

    def analyse(
        self, earlier: Session | None, kept: Any, token: Any, *fields: Any
    ) -> Iterator[Update]:
        """From a video to everything on the page; each part is shown as soon as it is there."""
        if isinstance(earlier, Session):
            earlier.stop.set()
        language = str(fields[LANGUAGE_FIELD])
        try:
            known = kept if isinstance(kept, KeptKeypoints) else KeptKeypoints()
            yield from self._analyse(_form(fields), known, token, earlier)
        except Cancelled:
            return  # whoever stopped it has said so
        except MusclePoseError as error:
            yield {self.status: page.refused(language, error), **self._idle()}
        except Exception:
            LOG.exception("analysis failed")
            yield {
                self.status: page.told(language, "unexpected", kind="error"),
                **self._idle(),
            }

    def _analyse(
        self,
        form: Form,
        kept: KeptKeypoints,
        token: Any,
        earlier: Session | None,
    ) -> Iterator[Update]:
        session, language = Session(form=form, kept=kept), form.language
        yield {
            self.session: session,
            self.status: page.told(language, "p_starting", 0.0, "working"),
            self.run: gr.Button(interactive=False),
            self.stop: gr.Button(interactive=True),
            self.fold: gr.Accordion(open=False),
            **self.package(None),
        }
        yield from self._looked(kept, session)
        began_s, quiet_s = (
            time.monotonic(),
            QUIET_S if kept.has_read(form) else 0.0,
        )
        job = Job(
            lambda progress: compute(form, kept, progress), session.stop, LINE
        )
        session.outcome = yield from self._followed(
            job, language, quiet_s=quiet_s
        )
        _settle(
            began_s
            if time.monotonic() - began_s < quiet_s
            else time.monotonic()
        )
        yield self.figures(session.outcome, language)
        begin_film(session, earlier)
        session.before = set_before(session, VISITS.of(token))
        known = VISITS.keep(token, session)
        yield {
            self.player: playing(session, language),
            self.token: known,
            self.sets: self.listed(VISITS.of(known), session, language),
            self.status: page.told(language, "writing", kind="busy"),
        }

    def _looked(
        self, kept: KeptKeypoints, session: Session
    ) -> Iterator[Update]:
        """Wait until the look at the upload has ended, whose own progress is shown: what it finds is needed."""
        while kept.looking and not session.stop.wait(HEARTBEAT_S):
            yield {self.status: gr.skip()}
        if session.stop.is_set():
            raise Cancelled

    def _followed(
        self,
        job: Job[T],
        language: str,
        kind: str = "working",
        quiet_s: float = 0.0,
    ) -> Generator[Update, None, T]:
        """Progress of a job on the status line."""
        updates = job.updates(quiet_s)
        try:
            while True:
                told = next(updates)
                yield {
                    self.status: page.progress(
                        language, told.text, told.share, kind
                    )
                }
        except StopIteration as end:
            return end.value
        finally:
            updates.close()

    def write(self, session: Session | None) -> Iterator[Update]:
        """The coaching text, the film when it is ready, then the files; nothing where there is nothing new."""
        yield {
            self.status: gr.skip()
        }  # a handler that yields nothing would empty the status line
        if (
            not isinstance(session, Session)
            or session.outcome is None
            or session.package
        ):
            return
        assert session.form is not None
        try:
            yield from self._write(session, session.form)
        except Cancelled:
            return
        except MusclePoseError as error:
            yield {
                self.status: page.refused(session.form.language, error),
                **self._idle(),
            }
        except Exception:
            LOG.exception("writing failed")
            said = page.told(session.form.language, "unexpected", kind="error")
            yield {self.status: said, **self._idle()}

    def _write(self, session: Session, form: Form) -> Iterator[Update]:
        outcome, language = session.outcome, form.language
        assert outcome is not None
        text = ""
        told = (
            outcome.analysis,
            outcome.summary,
            form.notes,
            form.level,
            language,
        )
        earlier = session.before.summary if session.before else None
        for text in write_text_on_gpu(*told, None, (), earlier):
            if session.stop.is_set():
                raise Cancelled
            yield {self.text: linked(text, outcome.summary)}
        session.text = f"{text}\n\n*{saying(language)(coach().note)}*"
        whole = linked(session.text, outcome.summary)
        yield {self.text: whole, self.ask_row: gr.Row(visible=True)}
        yield from self._show_film(session, language)
        job = Job(lambda progress: package(session, progress), session.stop)
        session.package = yield from self._followed(job, language, "busy")
        yield {
            **self.package(session.package),
            self.footer: self.notices(language),
            self.status: page.told(language, "done", kind="done"),
            **self._idle(),
        }

    def _show_film(self, session: Session, language: str) -> Iterator[Update]:
        """The film when it is made, then the pictures of its moments."""
        if session.film is None:
            job = session.filming or film_job(session)
            session.filming = None
            session.film = yield from self._followed(job, language, "busy")
            time.sleep(SETTLE_S)
            yield {self.player: playing(session, language)}
        pictures = Job(
            lambda progress: picture_moments(session, progress), session.stop
        )
        yield from self._followed(pictures, language, "busy")
        yield {
            self.moments: strip(
                session.moments, session.pictures, saying(language)
            )
        }

    def settle(
        self, session: Session | None, token: Any, language: str
    ) -> Update:
        """All results once more, after a pause: gradio's page can put back what it showed before (see SETTLE_S)."""
        time.sleep(SETTLE_S)
        nothing: Update = {self.session: gr.skip()}
        if not isinstance(session, Session) or session.outcome is None:
            return nothing
        if session.stop.is_set() and session.package is None:
            return nothing  # it was stopped on the way
        shown = self.everything(session, VISITS.of(token), language)
        return {
            c: value
            for c, value in shown.items()
            if c not in (self.session, self.chat)
        }

    def show_set(self, token: Any, number: Any, language: str) -> Update:
        """An earlier set of the visit."""
        sets = VISITS.of(token)
        if type(number) is not int or not 0 <= number < len(sets):
            return {self.status: page.told(language, "ready")}
        return {
            **self.everything(sets[number], sets, language),
            **self.entries(sets[number]),
            self.status: page.told(language, "found_again"),
        }

    def note_in_report(
        self, session: Session | None, name: Any, note: Any, language: str
    ) -> Iterator[Update]:
        """Name and note, into both reports and the archive."""
        try:
            _known(session)
            assert session is not None
            session.athlete_name = words("The name", name, MAX_NAME)
            session.own_note = words("The note", note, MAX_NOTES)
            job = Job(lambda progress: hand_over(session), session.stop)
            session.package = yield from self._followed(job, language, "busy")
            yield {
                **self.package(session.package),
                self.status: page.told(language, "in_report", kind="done"),
            }
        except MusclePoseError as error:
            yield {self.status: page.refused(language, error)}

    def answer(
        self, session: Session | None, question: Any, language: str
    ) -> Iterator[Update]:
        """Answer a question about the analysed set; the talk is kept on the server, per visitor."""
        try:
            asked = read_question(question)
            form, outcome = _known(session)
        except MusclePoseError as error:
            yield {self.status: page.refused(language, error)}
            return
        assert session is not None
        earlier = [
            m
            for q, a in session.turns
            for m in messages(q, linked(a, outcome.summary))
        ]
        reply = ""
        yield {
            self.question: "",
            self.chat: gr.Chatbot(
                value=[*earlier, *messages(asked, WAITING)], visible=True
            ),
        }
        try:
            known = (
                outcome.analysis,
                outcome.summary,
                form.notes,
                form.level,
                language,
            )
            for reply in answer_question(*known, asked, tuple(session.turns)):
                shown_reply = linked(reply, outcome.summary)
                yield {self.chat: [*earlier, *messages(asked, shown_reply)]}
        except Exception:
            LOG.exception("answer failed")
            yield {
                self.status: page.told(language, "unexpected", kind="error"),
                self.question: asked,
            }
            return
        session.turns.append((asked, reply))
        yield {self.status: page.told(language, "answered", kind="done")}


def _settle(said_s: float) -> None:
    """Wait until SETTLE_S after what was last said."""
    time.sleep(max(0.0, said_s + SETTLE_S - time.monotonic()))


def _form(fields: tuple[Any, ...]) -> Form:
    """The checked form; the choice of the athlete is a picture's, of which only the number matters."""
    values = list(fields)
    values[PERSON_FIELD] = chosen_of(values[PERSON_FIELD])
    return read_form(*values)


def _named_and_filled(named: Update, entries: Update) -> Update:
    """Entries of fields that get their words in the same update."""
    return {
        field: {**named[field], "value": value} if field in named else value
        for field, value in entries.items()
    }


def _forget_talk(session: Session | None) -> None:
    """The visitor emptied the talk: it does not come back with the next question."""
    if isinstance(session, Session):
        session.turns.clear()


def _known(session: Session | None) -> tuple[Form, Outcome]:
    """What can be asked about; InputError where there is nothing yet."""
    if isinstance(session, Session) and session.form and session.outcome:
        return session.form, session.outcome
    raise InputError(
        "There is no analysis to ask about yet; analyse a clip first."
    )


def _moment_of_clip(session: Session | None, clock_s: Any) -> str:
    """A moment of the film, in seconds of the upload: the film may begin later and run faster."""
    try:
        clock = float(clock_s)  # a field hands its number over as text
    except (TypeError, ValueError):
        return ""
    if (
        not isinstance(session, Session)
        or session.form is None
        or session.outcome is None
    ):
        return ""
    start_s = session.form.part[0] or 0.0
    return f"{start_s + session.form.slow_motion * clock:.2f}"


def build() -> gr.Blocks:
    """The page. Launch it with `launch_options()`."""
    with gr.Blocks(
        title="MusclePose",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(600, KEEP_S),
    ) as blocks:
        shown = Page()
        public_endpoint(analyze_with(LINE, write_text_on_gpu), MAX_WAITING)
        shown.greet(blocks)
    return blocks.queue(max_size=2 * MAX_WAITING)


def launch_options() -> dict[str, Any]:
    """What belongs to every launch: look, limits and privacy."""
    return {
        "theme": theme(),
        "css_paths": [ASSETS / "page.css", ASSETS / "review" / "review.css"],
        "head": scripts(),
        "max_file_size": usual_limits().max_bytes,
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
    parser.add_argument(
        "--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    )
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
    )
    options = parser.parse_args(arguments)
    coach()
    threading.Thread(
        target=_make_example, name="example-clip", daemon=True
    ).start()
    if os.environ.get("MUSCLEPOSE_EXAMPLE", "1") != "0":
        EXAMPLE.begin(LINE)
    demo.launch(
        server_name=options.host, server_port=options.port, **launch_options()
    )
    return 0


demo = build()

if __name__ == "__main__":
    raise SystemExit(main())
