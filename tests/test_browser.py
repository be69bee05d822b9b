"""A person's way through the page in a real Chromium: upload, overlay playing, plots, text, files, question."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from musclepose.errors import AssetError
from musclepose.web.session import example_clip

pytestmark = [pytest.mark.browser]
PAUSE_AT = "t => { musclepose.clock.pause(); musclepose.clock.seek(t); }"
READY = "#status .done, #status .error"
# How far things jumped by themselves (cumulative layout shift); the observer was there from the start of the page.
SHIFT = "window.layoutShift"
IN_VIEW = """q => { const b = document.querySelector(q).getBoundingClientRect();
    return b.top > -20 && b.top < window.innerHeight - 100 && b.width > 200 && b.height > 100; }"""
DRAWN = "document.querySelector('.mp-player')?.dataset.film === '1'"  # the film is there, with its clock
SMALL_TARGETS = """() => [...document.querySelectorAll('button, summary, [role=tab]')].filter(b => b.offsetParent)
    .filter(b => b.closest('.mp-player, #fields, #review') && !b.closest('.visually-hidden'))
    .map(b => [b.getBoundingClientRect(), b])
    .filter(([r]) => r.width > 1 && r.height < 43.5).map(([r, b]) => `${b.innerText || b.className} ${r.height}`)"""
TOOL = Path(__file__).resolve().parent.parent / "tools" / "screenshot.py"


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("screenshot", TOOL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["screenshot"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tool() -> Any:
    module = _tool()
    if module.chromium() is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    pytest.importorskip("playwright")
    return module


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return example_clip(tmp_path_factory.mktemp("clip"))
    except AssetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Screenshots go to $MUSCLEPOSE_ARTIFACTS where it is set."""
    told = os.environ.get("MUSCLEPOSE_ARTIFACTS")
    if not told:
        return tmp_path_factory.mktemp("page")
    Path(told).mkdir(parents=True, exist_ok=True)
    return Path(told)


@pytest.fixture(scope="module")
def url(tool, folder) -> Any:
    with tool.served_page(folder / "app.log", example=False) as address:
        yield address


@pytest.fixture(scope="module")
def url_with_example(tool, folder) -> Any:
    with tool.served_page(folder / "example.log") as address:
        yield address


def _video(page: Any) -> dict[str, Any]:
    return page.evaluate(
        "() => { const v = document.querySelector('#player video'); return v ? {ready: v.readyState, "
        "at: v.currentTime, width: v.videoWidth, error: v.error && v.error.message} : {ready: 0}; }"
    )


@pytest.mark.slow  # a minute on two idle cores
def test_from_the_example_to_the_coaching_text(
    tool, url: str, folder: Path
) -> None:
    with tool.opened(url, (1440, 900)) as page:
        assert page.evaluate(SHIFT) < 0.1, page.evaluate("window.shifts")
        _check_axe(page)
        done = tool.upload_and_analyse(page)  # the example
        assert page.evaluate(SHIFT) < 0.1, page.evaluate("window.shifts")
        page.screenshot(path=str(folder / "desktop.png"))
        assert done.startswith("Done"), done
        assert page.outside == [] and page.errors == []

        first = _video(page)
        assert (
            first["ready"] >= 2
            and first["error"] is None
            and first["width"] <= 1280
        )

        text = page.inner_text("#coaching")
        assert len(text) > 200 and "What I saw" in text
        assert "no medical advice" in page.inner_text("#footer").lower()
        page.evaluate(PAUSE_AT, 3.0)  # a moment at which the person is in view
        _check_plots(page)
        _check_steps(page)
        _check_play(page)
        _check_seek(page)
        _check_files(page, folder)
        _check_question(page)
        _check_axe(page)
        _check_correction(page)
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - window.innerWidth"
            )
            <= 0
        )


def _check_axe(page: Any) -> None:
    """axe-core, the usual judge of accessible pages, finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    violations = axe.Axe().run(page).response["violations"]
    serious = [v for v in violations if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


def _check_correction(page: Any) -> None:
    """A load told afterwards changes the figures; film and keypoints are those of before."""
    film = page.get_attribute("#player video", "src")
    page.get_by_role("tab", name="Figures", exact=True).click()
    before = page.inner_text(".mp-table")
    page.fill("#load textarea, #load input", "40")
    page.click("#run")
    page.wait_for_function(
        "old => document.querySelector('.mp-table').innerText !== old",
        arg=before,
        timeout=60_000,
    )
    page.wait_for_selector(READY, timeout=120_000)
    assert page.get_attribute("#player video", "src") == film


def _check_plots(page: Any) -> None:
    for name in ("Torque", "Activation", "Ground", "Angles"):
        page.get_by_role("tab", name=name, exact=True).click()
        page.wait_for_timeout(400)
        panels = page.locator(".mp-panel:visible")
        assert panels.count() >= 4
        shown = panels.first.locator(".mp-now b").first.inner_text()
        assert float(shown.replace("−", "-")) == float(
            shown.replace("−", "-")
        )  # a number, not a dash


def _clock(page: Any) -> dict[str, Any]:
    return page.evaluate("musclepose.clock.state()")


def _check_seek(page: Any) -> None:
    """A press at three quarters of a plot moves the film there, and the playhead with it; a drag goes on."""
    plot = page.locator(".mp-panel:visible svg").first
    box, data = (
        plot.bounding_box(),
        json.loads(
            page.locator(".mp-panel:visible").first.get_attribute("data-plot")
        ),
    )

    def at(share: float) -> tuple[float, float]:
        x = data["x0"] + share * (data["x1"] - data["x0"])
        return box["x"] + x / data["w"] * box["width"], box["y"] + box[
            "height"
        ] / 2

    page.mouse.move(*at(0.75))
    page.mouse.down()
    length = data["t"][-1] - data["t"][0]
    assert _clock(page)["time"] == pytest.approx(
        data["t"][0] + 0.75 * length, abs=0.06
    )
    page.mouse.move(*at(0.5))
    page.mouse.up()
    assert _clock(page)["time"] == pytest.approx(
        data["t"][0] + 0.5 * length, abs=0.06
    )
    head = float(plot.locator(".mp-head").get_attribute("x1"))
    assert head == pytest.approx(
        data["x0"] + 0.5 * (data["x1"] - data["x0"]), abs=4
    )


def _check_steps(page: Any) -> None:
    """Buttons and keys go picture by picture, and the film shows exactly that picture."""
    page.evaluate(PAUSE_AT, 3.0)
    first = _clock(page)
    page.click("[data-do=next]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(".")
    page.keyboard.press(",")
    after = _clock(page)
    assert after["frame"] == first["frame"] + 2 and not after["playing"]
    page.wait_for_function(
        "musclepose.clock.state().shown === musclepose.clock.state().frame"
    )
    assert f"{after['time']:.2f}" == page.inner_text(".mp-clock b")
    assert _video(page)["at"] == pytest.approx(after["time"], abs=0.03)


def _check_play(page: Any) -> None:
    """Slow motion plays at its rate; the clock runs with the film."""
    page.click("[data-rate='0.5']")
    page.click("[data-do=play]")
    start = _clock(page)
    page.wait_for_function(
        f"musclepose.clock.state().time > {start['time']} + 0.2"
    )
    assert (
        page.evaluate("document.querySelector('#player video').playbackRate")
        == 0.5
    )
    page.click("[data-do=play]")
    assert not _clock(page)["playing"]


def _check_files(page: Any, folder: Path) -> None:
    page.get_by_role("tab", name="Files", exact=True).click()
    with page.expect_download() as started:
        page.click("#files")
    target = folder / "results.zip"
    started.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        assert {
            "overlay.mp4",
            "plots.png",
            "analysis.json",
            "timeseries.csv",
            "coaching.md",
            "kinematics.mot",
        } <= names


def _check_question(page: Any) -> None:
    page.fill("#question textarea, #question input", "Which leg worked harder?")
    page.click("#ask")
    page.wait_for_function(
        "(document.querySelector('#status')?.innerText || '').startsWith('Answered')",
        timeout=120_000,
    )
    assert len(page.inner_text("#chat")) > 20


def test_a_refusal_is_one_sentence_and_keeps_what_was_typed(
    tool, url: str, tmp_path: Path
) -> None:
    with tool.opened(url, (390, 844)) as page:
        page.fill("#height textarea, #height input", "17,5")
        page.click("#run")
        page.wait_for_selector("#status .error", timeout=30_000)
        assert "video" in page.inner_text("#status")
        fake = tmp_path / "clip.mp4"
        fake.write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")
        page.set_input_files("#upload input[type=file]", str(fake))
        page.wait_for_timeout(2500)
        page.click("#run")
        page.wait_for_function(
            "(document.querySelector('#status')?.innerText || '').includes('Height')",
            timeout=30_000,
        )
        page.fill("#height textarea, #height input", "175")
        page.click("#run")
        page.wait_for_function(
            "(document.querySelector('#status')?.innerText || '').includes('playlist')",
            timeout=60_000,
        )
        assert page.input_value("#height textarea, #height input") == "175"
        assert page.is_enabled("#run")


def test_on_a_phone_stop_and_analyse_at_once_lead_to_the_result(
    tool, url: str, clip: Path, folder: Path
) -> None:
    with tool.opened(url, (390, 844), dark=True) as page:
        page.set_input_files("#upload input[type=file]", str(clip))
        page.wait_for_selector("#upload video", timeout=60_000)
        page.wait_for_function(
            "(document.querySelector('#status')?.innerText || '').startsWith('Check who')",
            timeout=120_000,
        )  # people were looked for; that can be stopped too
        page.wait_for_selector("#run:enabled")
        page.click("#run")
        page.wait_for_selector("#stop:enabled", timeout=120_000)
        page.click("#stop")
        page.wait_for_function(
            "(document.querySelector('#status')?.innerText || '').startsWith('Stopped')",
            timeout=30_000,
        )
        page.click("#run")  # at once: it is not swallowed
        page.wait_for_selector(tool.READY, timeout=300_000)
        assert page.inner_text("#status").startswith("Done")
        page.wait_for_function(IN_VIEW, arg=".mp-stage")
        page.screenshot(path=str(folder / "phone.png"), full_page=True)
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - window.innerWidth"
            )
            <= 0
        )
        page.locator("#tabs").scroll_into_view_if_needed()
        page.wait_for_function(
            IN_VIEW, arg=".mp-stage"
        )  # it stays above text, plots and table
        _check_axe(page)
        small = page.evaluate(SMALL_TARGETS)
        assert small == []


def _says(page: Any, words: str, timeout_s: float = 300.0) -> None:
    page.wait_for_function(
        "words => (document.querySelector('#status')?.innerText || '').includes(words)",
        arg=words,
        timeout=timeout_s * 1000,
    )


def _paragraphs(page: Any) -> list[str]:
    """The coaching text, without what gradio counts beside it while it loads."""
    return list(page.locator("#coaching p").all_inner_texts())


def _length_s(page: Any) -> float:
    return float(
        page.inner_text(".mp-clock span").split("/")[1].replace("s", "")
    )


def _downloaded(page: Any, button: str, target: Path) -> str:
    """Save what the button gives; the file's name as the visitor gets it."""
    with page.expect_download() as started:
        page.click(button)
    started.value.save_as(target)
    return str(started.value.suggested_filename)


@pytest.mark.slow  # a minute, and the example is made first where the code is new
def test_a_visit_from_the_example_to_a_saved_set(
    tool, url_with_example: str, folder: Path
) -> None:
    """First visit, Analyse at once, reload, another visitor, name and note, a part, the earlier set, a saved set."""
    with tool.opened(url_with_example, (1280, 900)) as page:
        page.wait_for_function(
            "document.querySelector('#status')?.innerText", timeout=60_000
        )
        for _ in range(
            60
        ):  # it is made in the background where the code is new
            if "Below: the finished result" in page.inner_text("#status"):
                break
            page.wait_for_timeout(5000)
            page.reload()
            page.wait_for_selector("html.mp-ready", state="attached")
        assert (
            page.is_visible(".mp-chip.example")
            and len(page.inner_text("#coaching")) > 200
        )
        assert page.evaluate(SHIFT) < 0.1, page.evaluate("window.shifts")
        page.screenshot(path=str(folder / "first.png"))
        page.click("#example")
        page.click("#run")  # before the clip has arrived
        _says(page, "Done")
        assert not page.is_visible(".mp-chip.example")
        text, length_s = _paragraphs(page), _length_s(page)

        page.reload()
        _says(page, "what you had before", 60)
        page.wait_for_selector("#player video", state="attached")
        page.wait_for_function(DRAWN)
        assert _paragraphs(page) == text and _length_s(page) == length_s
        with page.context.browser.new_context() as stranger:
            other = stranger.new_page()
            other.goto(url_with_example)
            _says(other, "Below: the finished result", 60)

        _check_report(page, folder)
        _check_part(page, length_s)
        page.get_by_role("tab", name="Files", exact=True).click()
        page.wait_for_selector("#save:enabled", timeout=120_000)
        saved = folder / "set.musclepose"
        assert _downloaded(page, "#save", saved).endswith(".musclepose")
        assert page.errors == []
    with tool.opened(url_with_example, (1280, 900)) as page:
        with page.expect_file_chooser() as chooser:
            page.click("#open")
        chooser.value.set_files(str(saved))
        _says(page, "Done")
        assert _length_s(page) == pytest.approx(length_s, abs=0.1)


def _check_report(page: Any, folder: Path) -> None:
    """Name and note stand in the report, and the name in the name of no file."""
    page.get_by_role("tab", name="Files", exact=True).click()
    page.fill("#athlete-name textarea, #athlete-name input", "Ada Novak")
    page.fill("#report-note textarea", "Arms relaxed, well done.")
    page.click("#into-report")
    _says(page, "made again", 120)
    name = _downloaded(page, "#report", folder / "report.pdf")
    assert (folder / "report.pdf").read_bytes().startswith(
        b"%PDF"
    ) and "Ada" not in name
    archive_name = _downloaded(page, "#files", folder / "set.zip")
    assert "Ada" not in archive_name and archive_name.endswith(".zip")
    with zipfile.ZipFile(folder / "set.zip") as archive:
        assert "report.pdf" in archive.namelist() and "Ada" not in " ".join(
            archive.namelist()
        )
        sheet = archive.read("report.html").decode("utf-8")
    assert "Ada Novak: " in sheet and "Arms relaxed, well done." in sheet


def _check_part(page: Any, length_s: float) -> None:
    """A part of the clip is a set of its own; the whole one is still there, and comes back by one click."""
    assert (
        page.query_selector("#upload video") is not None
    )  # the clip came back too
    page.click("#part button")
    page.fill("#part_from textarea, #part_from input", "1")
    page.evaluate(PAUSE_AT, 3.0)
    page.click("#to-here")
    page.wait_for_function(
        "document.querySelector('#part_to textarea, #part_to input').value.startsWith('3.')"
    )
    page.click("#run")
    page.wait_for_selector("#status .working", timeout=60_000)
    page.wait_for_selector(READY, timeout=300_000)
    assert page.inner_text("#status .done").startswith("Done")
    assert _length_s(page) == pytest.approx(2.0, abs=0.1)
    assert page.locator("#sets label").count() == 2
    page.locator("#sets label").first.click()
    _says(page, "what you had before", 60)
    assert _length_s(page) == length_s
