"""What one visitor's analysis is made of, and the computing behind the page: one call into the pipeline."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.wave_llm.prompt import Level, Turn
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web.form import Form
from musclepose.web.jobs import Progress

if TYPE_CHECKING:
    from musclepose.wave_llm.coach import Coach

FILM_SHARE = 0.12  # of the progress bar


@dataclass
class Session:
    """State of one visitor. Its folder vanishes with it; a new analysis starts a new session."""

    folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(
            prefix="musclepose-", ignore_cleanup_errors=True
        )
    )
    stop: threading.Event = field(default_factory=threading.Event)
    analysis: Analysis | None = None
    summary: PhysicsSummary | None = None
    level: Level = "athlete"
    language: str = ENGLISH
    notes: str = ""
    turns: list[Turn] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Folder of its files."""
        return Path(self.folder.name)

    def close(self) -> None:
        """Stop what runs and delete the files."""
        self.stop.set()
        self.folder.cleanup()


@dataclass(frozen=True)
class Outcome:
    """What the computation hands to the page."""

    analysis: Analysis
    summary: PhysicsSummary
    film: Path
    repetitions: tuple[tuple[float, float], ...]


def compute(form: Form, folder: Path, progress: Progress) -> Outcome:
    """Analysis and summary of one clip, and the film that the page plays, in `folder`."""
    from musclepose.movement.summarise import summarise
    from musclepose.pipeline import AnalyseOptions, analyse
    from musclepose.report.film import write_film

    options = AnalyseOptions(slow_motion=form.slow_motion)
    room = 1.0 - FILM_SHARE
    analysis = analyse(
        form.video,
        form.athlete,
        form.load,
        form.person,
        options,
        lambda share, text: progress(room * share, text),
    )
    summary = summarise(analysis)
    film = write_film(
        form.video,
        analysis.time_s,
        folder / "film.mp4",
        lambda share: progress(room + FILM_SHARE * share, "Preparing the film"),
    )
    return Outcome(analysis, summary, film, spans_of(summary))


def spans_of(summary: PhysicsSummary) -> tuple[tuple[float, float], ...]:
    """Start and end of each repetition, s."""
    return tuple((r.start_s, r.end_s) for r in summary.repetitions)


def package(form: Form, outcome: Outcome, text: str, folder: Path, progress: Progress) -> Path:
    """All files of an analysis in one archive in `folder`, the overlay video and plots.png among them."""
    from musclepose.report.files import write_files
    from musclepose.report.overlay import write_overlay
    from musclepose.report.plots import write_plots

    write_overlay(
        form.video,
        outcome.analysis,
        folder / "overlay.mp4",
        lambda share: progress(share, "Writing the files"),
    )
    write_plots(outcome.analysis, folder / "plots.png", outcome.repetitions)
    return write_files(outcome.analysis, outcome.summary, text, folder)["results.zip"]


_COACH: list[Coach] = []
_COACH_LOCK = threading.Lock()


def coach() -> Coach:
    """The one coach of this process; its model loads in the background from the first call on."""
    from musclepose.wave_llm.coach import Coach

    with _COACH_LOCK:
        if not _COACH:
            _COACH.append(Coach())
            _COACH[0].preload()
    return _COACH[0]


def write_text(
    analysis: Analysis,
    summary: PhysicsSummary,
    notes: str,
    level: Level,
    language: str = ENGLISH,
    question: str | None = None,
    turns: tuple[Turn, ...] = (),
) -> Iterator[str]:
    """Text so far, growing: the report, or the answer to a question. It may run in another process."""
    writer, text = coach(), ""
    soft = writer.soft_tokens_of(analysis)
    for piece in writer.stream(
        summary, notes, level, question, turns, soft, language=language, analysis=analysis
    ):
        text += piece
        yield text


def example_clip(folder: Path) -> Path:
    """A copy of the example clip in `folder`, because the asset folder is never served."""
    import shutil

    from musclepose.assets import asset_path

    source = asset_path("example-clip")
    target = folder / "example.mp4"
    if not target.is_file():
        shutil.copyfile(source, target)
    return target
