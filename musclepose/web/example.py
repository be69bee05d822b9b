"""The finished result of the example clip, which a first visit shows: made once for each version of the code.

    python -m musclepose.web.example        # make it now, beside the assets

Keypoints, film, pictures and text of the present code lie in a folder whose name says which code that is; motion and
forces are computed from the keypoints at each start, which takes a second.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import threading
from dataclasses import asdict, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from musclepose.assets import assets_dir
from musclepose.errors import MusclePoseError
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.records import Athlete, ExternalLoad
from musclepose.report.moments import Moment
from musclepose.wave_llm.coach import Coach
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web.form import Form
from musclepose.web.jobs import Job
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.line import Line
from musclepose.web.saved import read_saved
from musclepose.web.session import (
    Package,
    Session,
    coach,
    compute,
    example_clip,
    make_film,
    package,
    picture_moments,
    write_text,
)

LOG = logging.getLogger("musclepose.example")
PREFIX = "example-result-"
_PACKAGE = Path(__file__).resolve().parents[1]
_CLIP, _SAVED, _NOTED = "example.mp4", "set.musclepose", "noted.json"
_NO_FIGURES = (
    "web",
    "evaluation",
    "benchmark",
    "learning",
    "synthesis",
    "fitting",
)  # rooms
_KEPT = 3  # results of the newest versions
_FILES = ("report.pdf", "report.html")


@lru_cache(maxsize=1)
def code_key() -> str:
    """Which code and weights a result is of."""
    digest = hashlib.sha256()
    code = [
        p for kind in ("*.py", "*.yaml") for p in sorted(_PACKAGE.rglob(kind))
    ]
    told = [
        p for p in code if p.relative_to(_PACKAGE).parts[0] not in _NO_FIGURES
    ]
    for path in (*told, DEFAULT_CHECKPOINT):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def result_folder() -> Path:
    """Where the result of the present code lies."""
    return assets_dir() / f"{PREFIX}{code_key()}"


def make_result() -> Path:
    """Analyse the example clip and put its result beside the assets; what other code made there goes."""
    target = result_folder()
    if (target / _NOTED).is_file():
        return target
    with tempfile.TemporaryDirectory(
        dir=assets_dir(), prefix=".example-"
    ) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        _write_result(made)
        os.replace(made, target)
    results = sorted(
        assets_dir().glob(f"{PREFIX}*"), key=lambda p: p.stat().st_mtime
    )
    for old in results[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _write_result(folder: Path) -> None:
    def silent(share: float, text: str) -> None:
        return None

    session = Session(form=_form(example_clip(folder)))
    assert session.form is not None
    try:
        session.outcome = compute(session.form, KeptKeypoints(), silent)
        session.film = make_film(session, silent)
        picture_moments(session, silent)
        for text in write_text(
            session.outcome.analysis, session.outcome.summary, "", "athlete"
        ):
            session.text = text
        session.text += f"\n\n*{coach().note}*"
        files = package(session, silent)
        assert files.saved is not None
        shutil.copy(files.saved, folder / _SAVED)
        shutil.copy(session.film, folder / "film.mp4")
        for path in (files.archive, files.report, files.page):
            shutil.copy(path, folder / path.name)
        for i, picture in enumerate(session.pictures):
            (folder / f"moment_{i}.jpg").write_bytes(picture)
        noted = {
            "text": session.text,
            "archive": files.archive.name,
            "moments": [asdict(m) for m in session.moments],
        }
        (folder / _NOTED).write_text(json.dumps(noted), encoding="utf-8")
    finally:
        session.close()


def _form(clip: Path) -> Form:
    return Form(clip, Athlete(), ExternalLoad(), 0, 1.0, "athlete", ENGLISH, "")


def read_result(folder: Path) -> Session:
    """The finished set of the folder; the files that the page serves are copied to where it may serve from."""
    noted = json.loads((folder / _NOTED).read_text("utf-8"))
    session = Session(
        form=_form(folder / _CLIP), day=date.today(), is_example=True
    )
    assert session.form is not None
    kept = KeptKeypoints()
    kept.tracks[session.form.video, 0] = read_saved(
        folder / _SAVED, session.path
    ).track
    session.outcome = compute(session.form, kept, lambda share, text: None)
    session.film = Path(shutil.copy(folder / "film.mp4", session.path))
    session.moments = tuple(Moment(**m) for m in noted["moments"])
    session.pictures = [
        (folder / f"moment_{i}.jpg").read_bytes()
        for i in range(len(session.moments))
    ]
    session.text = noted["text"]
    files = [
        Path(shutil.copy(folder / name, session.path))
        for name in (noted["archive"], *_FILES)
    ]
    session.package = Package(*files)
    return session


class Example:
    """The example's result of this process, once it is there; each visitor gets a session of his own."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._texts: dict[str, str] = {}

    def begin(self, line: Line) -> None:
        """Make or read it beside the page; a visitor's analysis waits for it as for any other."""
        threading.Thread(
            target=self._prepare, args=(line,), name="example", daemon=True
        ).start()

    def _prepare(self, line: Line) -> None:
        try:
            if not (result_folder() / _NOTED).is_file():
                for _ in Job(
                    lambda progress: make_result(), line=line
                ).updates():
                    pass
            self._session = read_result(result_folder())
        except (MusclePoseError, OSError) as error:
            LOG.warning("no example result: %s", error)
        except Exception:
            LOG.exception("no example result")

    def session(self, language: str = ENGLISH) -> Session | None:
        """A set to look at and to ask about, with a talk of its own; None while there is none.

        Its text is written by rules where the visitor reads another language; the files stay English.
        """
        if self._session is None:
            return None
        fresh = Session()
        return replace(
            self._session,
            folder=fresh.folder,
            stop=fresh.stop,
            turns=[],
            pictures=list(self._session.pictures),
            text=self._text(self._session, language),
        )

    def _text(self, session: Session, language: str) -> str:
        if language == ENGLISH or session.outcome is None:
            return session.text
        if language not in self._texts:
            analysis, summary = (
                session.outcome.analysis,
                session.outcome.summary,
            )
            told = Coach.of_rules().told(
                analysis, summary, "", "athlete", language
            )
            self._texts[language] = "".join(told)
        return self._texts[language]


def main() -> int:
    """Make the result, with one line about it."""
    try:
        folder = make_result()
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"example result: {sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.1f} MB, {folder}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
