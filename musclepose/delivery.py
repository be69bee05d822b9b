"""From the arrays of a clip to its files: the one way of page, endpoint, command line, folder and Python call.

The text comes from `Coach.told`. `hand_over` is the last part of `deliver`, for who draws nothing or has drawn already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.report.analysis_json import Clip
from musclepose.report.files import write_files
from musclepose.report.moments import Moment
from musclepose.report.say import IN_ENGLISH, Say

OVERLAY, PLOTS = "overlay.mp4", "plots.png"
REPORT_PAGE, REPORT_PDF = "report.html", "report.pdf"
DRAWING_SHARE = 0.9  # of the progress; the rest is plots and files
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Report:
    """What the report to print shows besides the analysis and the text."""

    note: str  # what the user wrote before the analysis
    day: date
    moments: Sequence[Moment]
    pictures: Sequence[bytes]  # a JPEG for each moment
    athlete_name: str = ""
    own_note: str = ""
    say: Say = IN_ENGLISH


def deliver(
    analysis: Analysis,
    summary: PhysicsSummary,
    text: Iterable[str],
    folder: Path,
    clip: Clip,
    pictures: Path | None = None,
    report: Report | None = None,
    progress: Progress = lambda share, doing: None,
) -> dict[str, Path]:
    """Draw overlay and plots, take the text, and write every file into `folder`; {file name: path}.

    pictures: the film whose picture i belongs to frame i; without it there is no overlay. text: its pieces, asked for
    when the drawing is done, so that a language model may load meanwhile. clip, report: as in `hand_over`.
    """
    drawn = []
    if pictures is not None:
        drawn.append(_overlay(analysis, pictures, folder / OVERLAY, progress))
    progress(DRAWING_SHARE, "Drawing the plots")
    drawn.append(
        _plots(
            analysis,
            summary,
            folder / PLOTS,
            report.say if report else IN_ENGLISH,
        )
    )
    progress(1.0, "Writing the coaching text")
    told = "".join(text)
    progress(1.0, "Writing the files")
    return hand_over(analysis, summary, told, folder, clip, drawn, report)


def hand_over(
    analysis: Analysis,
    summary: PhysicsSummary,
    text: str,
    folder: Path,
    clip: Clip,
    drawn: Sequence[Path] = (),
    report: Report | None = None,
) -> dict[str, Path]:
    """Write the result files, with them the report where one is told, and results.zip with `drawn` too.

    clip: which file it was. report: needs the plots of `deliver` in the same folder.
    """
    also = [*drawn]
    if report is not None:
        also += _report(analysis, summary, text, folder, report)
    return write_files(analysis, summary, text, folder, also, clip)


def spans_of(summary: PhysicsSummary) -> tuple[tuple[float, float], ...]:
    """Start and end of each repetition, s."""
    return tuple((r.start_s, r.end_s) for r in summary.repetitions)


def _overlay(
    analysis: Analysis, pictures: Path, target: Path, progress: Progress
) -> Path:
    from musclepose.report.overlay import write_overlay

    return write_overlay(
        pictures,
        analysis,
        target,
        lambda share: progress(DRAWING_SHARE * share, "Drawing the overlay"),
    )


def _plots(
    analysis: Analysis, summary: PhysicsSummary, target: Path, say: Say
) -> Path:
    from musclepose.report.plots import write_plots

    return write_plots(analysis, target, spans_of(summary), say=say)


def _report(
    analysis: Analysis,
    summary: PhysicsSummary,
    text: str,
    folder: Path,
    told: Report,
) -> tuple[Path, Path]:
    from musclepose.report.repetitions import repetition_columns
    from musclepose.report.sheet import Sheet, write_sheet
    from musclepose.report.sheet_pdf import write_sheet_pdf

    sheet = Sheet(
        text,
        told.note,
        told.day,
        told.moments,
        told.pictures,
        repetition_columns(analysis, summary),
        (folder / PLOTS).read_bytes(),
        told.athlete_name,
        told.own_note,
        told.say,
    )
    return (
        write_sheet(analysis, summary, sheet, folder / REPORT_PAGE),
        write_sheet_pdf(analysis, summary, sheet, folder / REPORT_PDF),
    )
