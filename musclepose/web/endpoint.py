"""The public door: one call that analyses a clip and gives figures and files, for gradio_client and MCP clients."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from musclepose.errors import MusclePoseError
from musclepose.movement.exercises import EXERCISES
from musclepose.web.form import MAX_PERSON, RECOGNISE, read_form
from musclepose.web.jobs import Job, Progress
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.line import Line
from musclepose.web.session import Session, compute, package, picture_moments

API_NAME = "analyze"
KEPT_ANSWERS = 8  # whose files stay until gradio has copied them
Writer = Callable[..., Iterator[str]]


def analyze_with(
    line: Line, write_text: Writer
) -> Callable[..., tuple[dict[str, Any], str]]:
    """The call `analyze`, behind the same line as the page and with its writer."""
    answered: deque[Session] = deque(maxlen=KEPT_ANSWERS)

    def analyze(
        video: str,
        height_cm: float | None = None,
        mass_kg: float | None = None,
        sex: str = "unknown",
        load_kg: float | None = None,
        load_at: str = "hands",
        person: float = 0,
        slow_motion: float = 1.0,
        exercise: str = RECOGNISE,
    ) -> tuple[dict[str, Any], str]:
        """Analyse one person in a training video: exercise, repetitions, joint torques, effort and coaching text.

        Args:
            video: the clip, 1 to 120 seconds, whole body in view.
            height_cm: height of the athlete; left out, it is estimated and marked as assumed.
            mass_kg: body mass; left out, it is estimated and marked as assumed.
            sex: female, male or unknown.
            load_kg: weight that is held, 0 for none.
            load_at: hands or shoulders.
            person: 0 for the likeliest athlete, 1 for the next, and so on.
            slow_motion: how many times slower the file plays than it was filmed.
            exercise: name of the exercise, or recognise.

        Returns:
            All figures with unit and formula, and the coaching text; and an archive with every file.
        """
        number = int(person) if person in range(MAX_PERSON) else -1
        try:
            form = read_form(
                video, height_cm, mass_kg, sex, load_kg, load_at, number, slow_motion, "athlete",
                "English", "", exercise, "metric",
            )  # fmt: skip
            session = Session(form=form)

            def work(progress: Progress) -> None:
                session.outcome = compute(form, KeptKeypoints(), progress)
                picture_moments(session, progress)

            for _ in Job(work, session.stop, line).updates():
                pass
            assert session.outcome is not None
            outcome = session.outcome
            for text in write_text(
                outcome.analysis,
                outcome.summary,
                form.notes,
                form.level,
                form.language,
            ):
                session.text = text
            archive = package(session, lambda share, text: None).archive
        except MusclePoseError as error:
            raise gr.Error(str(error), print_exception=False) from error
        answered.append(session)
        record = json.loads((session.path / "analysis.json").read_text("utf-8"))
        return {**record, "coaching": session.text}, str(archive)

    return analyze


def public_endpoint(analyze: Callable[..., Any], waiting: int) -> None:
    """Publish the call as `/analyze`; its fields are no part of the page. Inside an open gr.Blocks."""
    with gr.Row(visible=False):
        fields = [
            gr.Video(label="video", sources=["upload"]),
            gr.Number(None, label="height_cm"),
            gr.Number(None, label="mass_kg"),
            gr.Dropdown(
                ["female", "male", "unknown"], value="unknown", label="sex"
            ),
            gr.Number(None, label="load_kg"),
            gr.Dropdown(["hands", "shoulders"], value="hands", label="load_at"),
            gr.Number(0, precision=0, label="person"),
            gr.Dropdown([1.0, 2.0, 4.0, 8.0], value=1.0, label="slow_motion"),
            gr.Dropdown(
                [RECOGNISE, *sorted(EXERCISES)],
                value=RECOGNISE,
                label="exercise",
            ),
        ]
        results = [gr.JSON(label="figures"), gr.File(label="archive")]
        gr.Button("Analyse").click(
            analyze,
            fields,
            results,
            api_name=API_NAME,
            api_visibility="public",
            concurrency_limit=waiting,
            concurrency_id="line",
            show_progress="hidden",
        )


def is_mcp_there() -> bool:
    """Whether gradio can serve MCP clients: its extra `gradio[mcp]` is installed."""
    from importlib.util import find_spec

    return find_spec("mcp") is not None
