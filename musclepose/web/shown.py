"""What the page shows of a set, whether it is new, found again, opened or the example: updates of its components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from musclepose.delivery import spans_of
from musclepose.report.drawing import drawing_of
from musclepose.report.repetitions import repetition_columns
from musclepose.report.series import groups
from musclepose.report.svg import panels_html
from musclepose.web import page
from musclepose.web.components import Components
from musclepose.web.form import FIELDS, entries_of
from musclepose.web.moments import as_text, linked, strip
from musclepose.web.player import showing
from musclepose.web.session import Outcome, Package, Session
from musclepose.web.table import table
from musclepose.web.words import say, title_of
from musclepose.web.words.said import saying

Update = dict[Any, Any]


class Shown(Components):
    """The components, and the updates that show a set in them."""

    def results(self) -> list[Any]:
        """Every component that `everything` changes."""
        talk = [self.chat, self.ask_row]
        shown = [
            self.review,
            self.quality,
            self.player,
            self.moments,
            self.table,
            self.text,
        ]
        return [
            self.session,
            *shown,
            *self.plots.values(),
            *talk,
            *self.hand_over(),
            self.sets,
        ]

    def hand_over(self) -> list[Any]:
        """The buttons of the files."""
        return [
            self.files,
            self.report,
            self.report_page,
            self.save,
            self.into_report,
        ]

    def everything(
        self, session: Session, sets: Sequence[Session], language: str
    ) -> Update:
        """A finished set with film, text, talk and files."""
        outcome = session.outcome
        assert outcome is not None
        talk = [
            m
            for q, a in session.turns
            for m in messages(q, linked(a, outcome.summary))
        ]
        text = linked(session.text, outcome.summary)
        return {
            self.session: session,
            **self.figures(outcome, language, session.is_example),
            self.player: playing(session, language),
            self.moments: strip(
                session.moments, session.pictures, saying(language)
            ),
            self.text: text,
            self.chat: gr.Chatbot(value=talk, visible=bool(talk)),
            self.ask_row: gr.Row(visible=bool(text)),
            **self.package(session.package, session.is_example),
            self.sets: self.listed(sets, session, language),
        }

    def entered(self) -> list[Any]:
        """Every component that `entries` changes."""
        names = [getattr(self, name) for name in FIELDS]
        return [
            self.kept,
            self.video,
            *names,
            self.person,
            self.part_from,
            self.part_to,
        ]

    def entries(self, session: Session) -> Update:
        """The clip and what was told of it, so that a correction is one of this set."""
        form = session.form
        if form is None or session.is_example:
            return {}
        start, end = ("" if t is None else f"{t:g}" for t in form.part)
        told = {
            getattr(self, name): value
            for name, value in entries_of(form).items()
        }
        return {
            self.kept: session.kept,
            self.video: str(form.video) if form.video.is_file() else None,
            **told,
            self.person: {"people": [], "chosen": form.person},
            self.part_from: start,
            self.part_to: end,
        }

    def figures_shown(self) -> list[Any]:
        """Every component that `figures_of` changes."""
        return [self.quality, self.table, *self.plots.values()]

    def figures_of(
        self, outcome: Outcome, language: str, is_example: bool = False
    ) -> Update:
        """Quality, table and plots."""
        analysis, summary, say = (
            outcome.analysis,
            outcome.summary,
            saying(language),
        )
        plots = {
            self.plots[name]: panels_html(
                analysis, panels, spans_of(summary), say
            )
            for name, panels in groups(analysis).items()
        }
        return {
            self.quality: page.quality(analysis, summary, language, is_example),
            self.table: table(
                summary, repetition_columns(analysis, summary), say
            ),
            **plots,
        }

    def figures(
        self, outcome: Outcome, language: str, is_example: bool = False
    ) -> Update:
        """Everything but the film, the text and the files."""
        return {
            self.review: gr.Row(visible=True),
            **self.figures_of(outcome, language, is_example),
            self.text: "",
            self.moments: "",
            self.chat: gr.Chatbot(value=[], visible=False),
            self.ask_row: gr.Row(visible=False),
        }

    def package(self, made: Package | None, is_example: bool = False) -> Update:
        """The buttons of the files; the example's are not made again with a note, and not kept."""
        if made is None:
            return {
                button: gr.update(interactive=False)
                for button in self.hand_over()
            }
        own = not is_example
        return {
            self.files: gr.update(value=str(made.archive), interactive=True),
            self.report: gr.update(value=str(made.report), interactive=True),
            self.report_page: gr.update(value=str(made.page), interactive=True),
            self.save: gr.update(
                value=str(made.saved) if made.saved else None,
                interactive=made.saved is not None,
            ),
            self.into_report: gr.update(interactive=own),
        }

    def listed(
        self, sets: Sequence[Session], shown: Session, language: str
    ) -> Any:
        """The sets of the visit to choose from; hidden while there is only one."""
        choices = [(_set_title(i, s, language), i) for i, s in enumerate(sets)]
        at = next((i for i, s in enumerate(sets) if s is shown), None)
        return gr.update(choices=choices, value=at, visible=len(sets) > 1)


def playing(session: Session, language: str) -> dict[str, Any]:
    """Value of the player: the drawing, the film once it is made, and the set before where it can be compared."""
    outcome, before = session.outcome, session.before
    assert outcome is not None
    told, say = (outcome.analysis, outcome.summary), saying(language)
    if before is None or before.film is None or not before.film.is_file():
        return showing(session.film, drawing_of(*told, say=say))
    earlier = before.analysis, before.summary
    drawing = drawing_of(*told, before=earlier, say=say)
    is_compared = any(
        r["set"]
        for r in (drawing["compare"] or {"repetitions": ()})["repetitions"]
    )
    other = (before.film, drawing_of(*earlier)) if is_compared else None
    return showing(session.film, drawing, other)


def _set_title(place: int, session: Session, language: str) -> str:
    outcome = session.outcome
    title = (
        title_of(outcome.summary.exercise.title, language)
        if outcome is not None
        else ""
    )
    return say(language, "set", n=place + 1, exercise=title, time=session.began)


def messages(question: str, reply: str) -> list[Any]:
    """A question and its answer for the talk."""
    return [
        {"role": "user", "content": as_text(question)},
        {"role": "assistant", "content": reply},
    ]
