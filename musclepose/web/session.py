"""What one visitor's analysis is made of, and the computing behind the page: one call into the pipeline."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np

from musclepose import delivery
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis, PoseTrack
from musclepose.report.analysis_json import Clip
from musclepose.report.moments import Moment, moments_of
from musclepose.report.sheet import archive_name
from musclepose.wave_llm.coach import Coach
from musclepose.wave_llm.prompt import Level, Turn
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web.form import Form, entries_of
from musclepose.web.jobs import Job, Progress
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.trim import WHOLE
from musclepose.web.words.said import saying

EXAMPLE_S = (1.3, 6.3)  # the woman who walks across the picture is in view
EXAMPLE_SIDE_PX = 1280
READING_SHARE = 0.95  # of the progress bar; the rest is physics


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
    before: SetBefore | None = None  # of the same visit, filmed in another clip
    film: Path | None = None
    filming: Job[Path] | None = None  # makes the film while the text is written
    kept: KeptKeypoints = field(
        default_factory=KeptKeypoints
    )  # for corrections, also after a reload
    moments: tuple[Moment, ...] = ()
    pictures: list[bytes] = field(
        default_factory=list
    )  # a JPEG for each moment
    text: str = ""
    package: Package | None = None
    athlete_name: str = ""  # for the report alone
    own_note: str = ""  # of the coach, likewise
    day: date = field(default_factory=date.today)
    began: str = field(default_factory=lambda: datetime.now().strftime("%H:%M"))
    is_example: bool = False
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
    """What the computation hands to the page, and the keypoints that it began with."""

    analysis: Analysis
    summary: PhysicsSummary
    track: PoseTrack | None = None  # of the part, on the clock of the film
    first: int = 0  # picture of the clip with which the part begins


@dataclass(frozen=True)
class SetBefore:
    """What a set is compared with: the one before it in the same visit."""

    analysis: Analysis
    summary: PhysicsSummary
    film: Path | None  # vanishes with its session


@dataclass(frozen=True)
class Package:
    """The files to take home."""

    archive: Path
    report: Path  # PDF
    page: Path  # the same as HTML
    saved: Path | None = None  # the set itself, to be opened again


def compute(form: Form, kept: KeptKeypoints, progress: Progress) -> Outcome:
    """Analysis and summary of one clip; what is kept of its keypoints and motion is not looked for again."""
    from musclepose.movement.summarise import judged
    from musclepose.pipeline import analyse_read

    read = kept.read(
        form, lambda share, text: progress(READING_SHARE * share, text)
    )
    rest = 1.0 - READING_SHARE
    analysis = analyse_read(
        read.motion,
        form.athlete,
        form.load,
        lambda share, text: progress(READING_SHARE + rest * share, text),
    )
    return Outcome(*judged(analysis, form.exercise), read.track, read.first)


def begin_film(session: Session, earlier: Session | None) -> None:
    """The film that the page plays: that of the earlier session where clip and times are the same, else a new one, made
    beside what follows."""
    if (
        earlier is not None
        and earlier.film is not None
        and _same_film(session, earlier)
    ):
        session.film = Path(
            shutil.copy(earlier.film, _film_path(session))
        )  # it may be closed first
    else:
        session.filming = film_job(session).begin()


def film_job(session: Session) -> Job[Path]:
    """The making of its film, which ends with the session."""
    return Job(lambda progress: make_film(session, progress), session.stop)


def make_film(session: Session, progress: Progress) -> Path:
    """The film of what was analysed, in its times."""
    from musclepose.report.film import write_film

    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    return write_film(
        form.video,
        outcome.analysis.time_s,
        _film_path(session),
        lambda share: progress(share, "Preparing the film"),
        outcome.first,
    )


def _film_path(session: Session) -> Path:
    return session.path / "film.mp4"


def pictures_of(session: Session) -> Path:
    """The clip whose picture i belongs to frame i of the analysis: the upload, or the film of a part of it."""
    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    is_part = outcome.first > 0 or form.part != WHOLE
    return session.film if is_part and session.film is not None else form.video


def _same_film(session: Session, earlier: Session) -> bool:
    one, other = session.outcome, earlier.outcome
    if (
        one is None
        or other is None
        or session.form is None
        or earlier.form is None
    ):
        return False
    same_clip = (
        session.form.video == earlier.form.video and one.first == other.first
    )
    return (
        same_clip
        and earlier.film is not None
        and earlier.film.is_file()
        and np.array_equal(one.analysis.time_s, other.analysis.time_s)
    )


def set_before(session: Session, sets: Sequence[Session]) -> SetBefore | None:
    """The newest earlier set of a visit from another clip, or from another part of this one; not what was corrected."""
    for other in reversed(sets):
        if other.outcome is not None and _is_another_set(session, other):
            return SetBefore(
                other.outcome.analysis, other.outcome.summary, other.film
            )
    return None


def _is_another_set(one: Session, other: Session) -> bool:
    if (
        one.form is None
        or other.form is None
        or one.outcome is None
        or other.outcome is None
    ):
        return False
    (start, end), (other_start, other_end) = (
        _pictures(one.outcome),
        _pictures(other.outcome),
    )
    return (
        one.form.video != other.form.video
        or end <= other_start
        or other_end <= start
    )


def _pictures(outcome: Outcome) -> tuple[int, int]:
    """First picture of the clip that was analysed, and the one after the last."""
    return outcome.first, outcome.first + len(outcome.analysis.time_s)


def picture_moments(session: Session, progress: Progress) -> None:
    """Note the moments worth looking at, with a still picture of each."""
    from musclepose.report.stills import stills

    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    progress(0.0, "Taking pictures of the moments")
    moments = moments_of(outcome.summary)
    session.pictures = stills(
        pictures_of(session), outcome.analysis, [m.time_s for m in moments]
    )
    session.moments = moments


def package(session: Session, progress: Progress) -> Package:
    """All files of a session in one archive, and the report to print."""
    form, outcome = session.form, session.outcome
    assert form is not None and outcome is not None
    files = delivery.deliver(
        outcome.analysis,
        outcome.summary,
        (session.text,),
        session.path,
        Clip(form.video.name),
        pictures_of(session),
        _report_of(session, form),
        lambda share, doing: progress(share, "Writing the files"),
    )
    return _packed(session, files["results.zip"])


def hand_over(session: Session) -> Package:
    """Reports and archive with the name and the note of now; overlay and plots are there already."""
    form, outcome, folder = session.form, session.outcome, session.path
    assert form is not None and outcome is not None
    files = delivery.hand_over(
        outcome.analysis,
        outcome.summary,
        session.text,
        folder,
        Clip(form.video.name),
        (folder / delivery.OVERLAY, folder / delivery.PLOTS),
        _report_of(session, form),
    )
    return _packed(session, files["results.zip"])


def _report_of(session: Session, form: Form) -> delivery.Report:
    return delivery.Report(
        form.notes,
        session.day,
        session.moments,
        session.pictures,
        session.athlete_name,
        session.own_note,
        saying(form.language),
    )


def _packed(session: Session, archive: Path) -> Package:
    """The archive under its own name, beside reports and saved set."""
    assert session.outcome is not None
    named = archive.rename(
        session.path / archive_name(session.outcome.summary, session.day)
    )
    saved = session.package.saved if session.package else _saved_of(session)
    return Package(
        named,
        session.path / delivery.REPORT_PDF,
        session.path / delivery.REPORT_PAGE,
        saved,
    )


def _saved_of(session: Session) -> Path | None:
    """The set to keep, where the page has its film; the public endpoint makes none."""
    outcome = session.outcome
    is_there = (
        session.film is not None
        and outcome is not None
        and outcome.track is not None
    )
    return save_set(session) if is_there else None


def save_set(session: Session) -> Path:
    """The set as one file to keep; its film holds the pictures on the clock of the keypoints."""
    from musclepose.report.film import write_film
    from musclepose.web.saved import SUFFIX, write_saved

    form, outcome = session.form, session.outcome
    assert (
        form is not None and outcome is not None and outcome.track is not None
    )
    film = session.film
    if film is None or form.slow_motion != 1.0:
        film = write_film(
            form.video,
            outcome.track.time_s,
            session.path / "slow.mp4",
            first=outcome.first,
        )
    name = Path(archive_name(outcome.summary, session.day)).with_suffix(SUFFIX)
    return write_saved(
        entries_of(form), outcome.track, film, session.path / name
    )


_COACH: list[Coach] = []
_COACH_LOCK = threading.Lock()


def coach() -> Coach:
    """The one coach of this process; its model loads in the background from the first call on."""
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
    earlier: PhysicsSummary | None = None,
) -> Iterator[str]:
    """Text so far, growing: the report, or the answer to a question. It may run in another process.

    earlier: the set before this one in the same visit; what was better than in it is told.
    """
    told = analysis, summary, notes, level, language, question, turns, earlier
    yield from _growing(coach().told(*told))


def answer_by_rules(
    analysis: Analysis,
    summary: PhysicsSummary,
    notes: str,
    level: Level,
    language: str,
    question: str,
    turns: tuple[Turn, ...] = (),
) -> Iterator[str]:
    """The answer to a question, growing, without a language model, which only chooses among its wordings."""
    rules = Coach.of_rules()
    yield from _growing(
        rules.told(analysis, summary, notes, level, language, question, turns)
    )


def _growing(pieces: Iterable[str]) -> Iterator[str]:
    """The text so far with each piece."""
    text = ""
    for piece in pieces:
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
        with VideoWriter(
            target, clip.size_px, clip.info.frame_rate_hz_hint
        ) as writer:
            for time_s, picture in clip.frames():
                if time_s >= end_s:
                    break
                if time_s >= start_s:
                    writer.write(picture, time_s - start_s)
    return target
