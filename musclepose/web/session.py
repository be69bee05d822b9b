"""What one visitor's analysis is made of, and the computing behind the page: one call into the pipeline."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.report.moments import Moment, moments_of
from musclepose.report.sheet import Sheet, archive_name, write_sheet
from musclepose.wave_llm.prompt import Level, Turn
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web.form import Form
from musclepose.web.jobs import Progress
from musclepose.web.keypoints import KeptKeypoints

if TYPE_CHECKING:
    from musclepose.wave_llm.coach import Coach

EXAMPLE_S = (1.3, 6.3)  # the woman who walks across the picture is in view
EXAMPLE_SIDE_PX = 1280
KEYPOINTS_SHARE = 0.92  # of the progress bar; the rest is motion and physics


@dataclass
class Session:
    """One analysis of one visitor. Its folder vanishes with it; a new analysis starts a new session."""

    folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(
            prefix="musclepose-", ignore_cleanup_errors=True
        )
    )
    stop: threading.Event = field(default_factory=threading.Event)
    form: Form | None = None
    outcome: Outcome | None = None
    film: Path | None = None
    moments: tuple[Moment, ...] = ()
    pictures: list[bytes] = field(default_factory=list)  # a JPEG for each moment
    text: str = ""
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


@dataclass(frozen=True)
class Package:
    """The files to take home."""

    archive: Path
    report: Path


def compute(form: Form, kept: KeptKeypoints, progress: Progress) -> Outcome:
    """Analysis and summary of one clip; keypoints that are kept are not looked for again."""
    from musclepose.movement.summarise import summarise
    from musclepose.pipeline import AnalyseOptions, analyse_track

    track = kept.track(
        form.video, form.person, lambda share, text: progress(KEYPOINTS_SHARE * share, text)
    )
    rest = 1.0 - KEYPOINTS_SHARE
    analysis = analyse_track(
        track,
        form.athlete,
        form.load,
        AnalyseOptions(slow_motion=form.slow_motion),
        lambda share, text: progress(KEYPOINTS_SHARE + rest * share, text),
    )
    return Outcome(analysis, summarise(analysis, form.exercise))


def film_of(session: Session, earlier: Session | None, progress: Progress) -> Path:
    """The film that the page plays: of the earlier session where clip and times are the same, else a new one."""
    from musclepose.report.film import write_film

    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    if earlier is not None and earlier.film is not None and _same_film(session, earlier):
        return earlier.film
    return write_film(
        form.video,
        outcome.analysis.time_s,
        session.path / "film.mp4",
        lambda share: progress(share, "Preparing the film"),
    )


def _same_film(session: Session, earlier: Session) -> bool:
    one, other = session.outcome, earlier.outcome
    if one is None or other is None or session.form is None or earlier.form is None:
        return False
    same_clip = session.form.video == earlier.form.video
    return same_clip and np.array_equal(one.analysis.time_s, other.analysis.time_s)


def spans_of(summary: PhysicsSummary) -> tuple[tuple[float, float], ...]:
    """Start and end of each repetition, s."""
    return tuple((r.start_s, r.end_s) for r in summary.repetitions)


def picture_moments(session: Session, progress: Progress) -> None:
    """Note the moments worth looking at, with a still picture of each."""
    from musclepose.report.stills import stills

    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    progress(0.0, "Taking pictures of the moments")
    moments = moments_of(outcome.summary)
    session.pictures = stills(form.video, outcome.analysis, [m.time_s for m in moments])
    session.moments = moments


def package(session: Session, progress: Progress) -> Package:
    """All files of a session in one archive, and the report to print."""
    from musclepose.report.analysis_json import Clip
    from musclepose.report.files import write_files
    from musclepose.report.overlay import write_overlay
    from musclepose.report.plots import write_plots
    from musclepose.report.repetitions import repetition_columns

    form, outcome, folder = session.form, session.outcome, session.path
    assert form is not None and outcome is not None
    analysis, summary, day = outcome.analysis, outcome.summary, date.today()
    overlay = write_overlay(
        form.video,
        analysis,
        folder / "overlay.mp4",
        lambda share: progress(share, "Writing the files"),
    )
    plots = write_plots(analysis, folder / "plots.png", spans_of(summary))
    sheet = Sheet(
        session.text,
        form.notes,
        day,
        session.moments,
        session.pictures,
        repetition_columns(analysis, summary),
        plots.read_bytes(),
    )
    report = write_sheet(analysis, summary, sheet, folder / "report.html")
    also, clip = (overlay, plots, report), Clip(form.video.name)
    files = write_files(analysis, summary, session.text, folder, also, clip)
    archive = files["results.zip"]
    return Package(archive.rename(folder / archive_name(summary, day)), report)


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


_EXAMPLE_LOCK = threading.Lock()


def example_clip(folder: Path) -> Path:
    """The part of the example clip in which the walker is in view, in H.264, in `folder`; made once.

    The asset folder itself is never served.
    """
    from musclepose.assets import asset_path
    from musclepose.video import open_clip
    from musclepose.video_writer import VideoWriter

    target = folder / "example.mp4"
    with _EXAMPLE_LOCK:
        if target.is_file():
            return target
        clip = open_clip(asset_path("example-clip"), max_side=EXAMPLE_SIDE_PX)
        start_s, end_s = EXAMPLE_S
        with VideoWriter(target, clip.size_px, clip.info.frame_rate_hz_hint) as writer:
            for time_s, picture in clip.frames():
                if time_s >= end_s:
                    break
                if time_s >= start_s:
                    writer.write(picture, time_s - start_s)
    return target
