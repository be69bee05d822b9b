"""One way from an analysis to its files: what is in the archive, and when the text is asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from summary_fixtures import clip

from musclepose.delivery import Report, deliver, hand_over
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.report.analysis_json import Clip


@pytest.fixture(scope="module")
def squat() -> tuple[Analysis, PhysicsSummary]:
    analysis = clip("squat", count=2)
    return analysis, summarise(analysis)


def _names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as stored:
        return set(stored.namelist())


def test_the_text_is_asked_for_when_the_drawing_is_done(
    squat: tuple[Analysis, PhysicsSummary], tmp_path: Path
) -> None:
    def text() -> Iterator[str]:
        assert (tmp_path / "plots.png").is_file() and not (
            tmp_path / "results.zip"
        ).exists()
        yield "Well "
        yield "done."

    told: list[str] = []
    report = Report("left knee", date(2026, 11, 27), (), ())
    files = deliver(
        *squat,
        text(),
        tmp_path,
        Clip("a.mp4"),
        report=report,
        progress=lambda share, doing: told.append(doing),
    )
    assert told == [
        "Drawing the plots",
        "Writing the coaching text",
        "Writing the files",
    ]
    assert files["coaching.md"].read_text("utf-8").startswith("Well done.")
    names = _names(files["results.zip"])
    assert {
        "plots.png",
        "report.html",
        "report.pdf",
        "analysis.json",
        "coaching.md",
    } <= names
    assert "overlay.mp4" not in names
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Well done." in page and "left knee" in page


def test_what_is_handed_over_again_keeps_its_drawings(
    squat: tuple[Analysis, PhysicsSummary], tmp_path: Path
) -> None:
    drawn = tmp_path / "plots.png"
    drawn.write_bytes(b"as it was")
    files = hand_over(*squat, "Well done.", tmp_path, Clip("a.mp4"), (drawn,))
    with zipfile.ZipFile(files["results.zip"]) as stored:
        assert stored.read("plots.png") == b"as it was"
    assert "report.html" not in _names(files["results.zip"])
