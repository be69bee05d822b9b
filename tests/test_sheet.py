"""The report to hand over: everything in one file, no request, escaped, and on A4 paper."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fake_analysis import fake_analysis, fake_video

from musclepose.movement.summarise import summarise
from musclepose.report.moments import moments_of
from musclepose.report.plots import write_plots
from musclepose.report.repetitions import repetition_columns
from musclepose.report.sheet import Sheet, archive_name, write_sheet
from musclepose.report.stills import cut_out, stills

DAY = date(2026, 11, 26)
EVIL = "<img src='http://example.org/x.png'>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheet")
    analysis = fake_analysis(frames=120, size_px=(640, 360))
    clip = fake_video(folder / "clip.mp4", analysis)
    summary = summarise(analysis, "squat")
    moments = moments_of(summary)
    assert moments
    sheet = Sheet(
        f"**What I saw.** You did 2 squats.\n\n- one {EVIL}\n- two", f"felt heavy {EVIL}", DAY, moments,
        stills(clip, analysis, [m.time_s for m in moments]), repetition_columns(analysis, summary),
        write_plots(analysis, folder / "plots.png", dpi=60).read_bytes(),
    )  # fmt: skip
    return write_sheet(analysis, summary, sheet, folder / "report.html")


def test_it_holds_everything_and_asks_for_nothing(report: Path) -> None:
    text = report.read_text("utf-8")
    assert (
        "Squat, 2026-11-26" in text
        and "<b>What I saw.</b>" in text
        and "<li>two</li>" in text
    )
    assert "height 176 cm, body mass 74 kg, load 20 kg at the shoulders" in text
    assert (
        "Assumed: sex." in text
        and "The feet leave the picture at the end." in text
    )
    assert "no medical advice" in text
    sources = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(sources) >= 2 and all(
        s.startswith("data:image/") for s in sources
    )
    assert EVIL not in text and "&lt;img" in text


def test_the_knees_of_both_squats_are_told(report: Path) -> None:
    """The made squats bend the left knee to 100 and the right to 95 degrees."""
    rows = re.findall(r"<tr><td>(\d)</td>(.*?)</tr>", report.read_text("utf-8"))
    assert [number for number, _ in rows] == ["1", "2"]
    assert (
        "100 / 95" in rows[1][1]
    )  # in the first one the left leg is hidden for a while


def test_stills_are_pictures_of_their_moments(tmp_path: Path) -> None:
    analysis = fake_analysis(frames=30, size_px=(640, 360))
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    first, second = stills(clip, analysis, [0.9, 0.1])
    assert first[:2] == second[:2] == b"\xff\xd8" and first != second
    assert stills(clip, analysis, []) == []


@pytest.mark.parametrize("middle", [(60, 300), (640, 360), (1230, 80)])
def test_a_picture_is_cut_out_around_the_athlete(
    middle: tuple[int, int],
) -> None:
    """An athlete of 100 x 240 px, also at the border of the film: all of him, with room, in the shape of a card."""
    corners = np.array([(-50, -120), (50, -120), (-50, 120), (50, 120)])
    points = np.clip(corners + middle, 0, (1280, 720)).astype(float)
    left, top, right, bottom = cut_out(
        np.vstack([points, [[np.nan, 3.0]]]), (1280, 720)
    )
    assert 0 <= left < right <= 1280 and 0 <= top < bottom <= 720
    assert (points >= (left, top)).all() and (points <= (right, bottom)).all()
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3, abs=0.01)
    assert 240 < bottom - top <= 1.6 * 240


def test_a_picture_without_an_athlete_is_whole() -> None:
    assert cut_out(np.full((17, 2), np.nan), (640, 360)) == (0, 0, 640, 360)


def test_the_archive_is_named_by_exercise_and_day() -> None:
    summary = summarise(fake_analysis(frames=120), "squat")
    assert archive_name(summary, DAY) == "squat_2026-11-26.zip"


@pytest.mark.browser
def test_it_prints_to_at_most_three_a4_pages(report: Path) -> None:
    import shutil

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page()
        page.goto(report.as_uri())
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - window.innerWidth"
            )
            <= 0
        )
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 1 <= len(boxes) <= 3
    for width, height in boxes:  # 210 x 297 mm in points of 1/72 inch
        assert (float(width), float(height)) == pytest.approx(
            (595.3, 841.9), abs=1.0
        )
