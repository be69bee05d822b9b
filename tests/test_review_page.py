"""The review in a real Chromium without a server: our own script and a made film of two squats, all on one time."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from fake_analysis import fake_analysis, fake_video

from musclepose.movement.summarise import summarise
from musclepose.report.drawing import drawing_of
from musclepose.report.film import write_film
from musclepose.report.repetitions import repetition_columns
from musclepose.report.series import groups
from musclepose.report.svg import panels_html
from musclepose.web.player import REVIEW, scripts
from musclepose.web.table import table
from musclepose.web.words.said import words_of_browser

pytestmark = [pytest.mark.browser]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
]
CSS = (REVIEW.parent / "page.css", REVIEW / "review.css")


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Any, Any, Any]]:
    """Page, analysis and summary; the page holds player, table, plots and a text with links."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    folder = tmp_path_factory.mktemp("review")
    analysis = fake_analysis(frames=150, size_px=(640, 360))
    summary = summarise(analysis, "squat")
    clip = fake_video(folder / "clip.mp4", analysis)
    film = write_film(clip, analysis.time_s, folder / "film.mp4").read_bytes()
    address = "data:video/mp4;base64," + base64.b64encode(film).decode("ascii")
    (folder / "page.html").write_text(
        _html(analysis, summary, address), encoding="utf-8"
    )
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((folder / "page.html").as_uri())
        page.wait_for_function(
            "document.querySelector('video').readyState >= 2"
        )
        yield page, analysis, summary
        browser.close()
        assert problems == []


def _html(analysis: Any, summary: Any, film: str) -> str:
    value = json.dumps(
        {
            "film": {"url": film},
            "drawing": json.dumps(drawing_of(analysis, summary)),
        }
    )
    spans = [(r.start_s, r.end_s) for r in summary.repetitions]
    plots = panels_html(analysis, groups(analysis)["Angles"], spans)
    columns = repetition_columns(analysis, summary)
    player = (REVIEW / "player.html").read_text("utf-8")
    text = '<p><a href="#t=2.50">2.50 s</a> in repetition <a href="#repeat=2">2</a></p>'
    styles = "".join(sheet.read_text("utf-8") for sheet in CSS)
    mount = (
        "let take; const watch = (_, made) => { take = made; }; "
        "musclepose.player.mount(document.getElementById('player'), props, watch);"
    )
    return (
        f'<!doctype html><html class="mp-ready"><meta charset="utf-8">'
        f"<style>{styles}</style>{scripts()}"
        f'<div class="gradio-container"><div id="review"><div id="player">{player}</div>'
        f"{table(summary, columns)}{plots}"
        f'{text}<input id="typing"><div id="part"><button>Part</button></div>'
        '<button id="from-here"></button><button id="to-here"></button></div></div>'
        f"<script>const props = {{value: {value}}}; {mount}</script></html>"
    )


@pytest.fixture
def page(opened: tuple[Any, Any, Any]) -> Any:
    """The page at rest at 1 s, in overlay view and at full speed."""
    shown = opened[0]
    shown.evaluate(
        "musclepose.clock.pause(); musclepose.clock.setLoop(null); musclepose.clock.setRate(1)"
    )
    shown.evaluate(
        "document.activeElement.blur(); musclepose.clock.setPeek(null); musclepose.clock.seek(1.0)"
    )
    shown.click("button[data-view=overlay]")
    shown.evaluate(
        "window.scrollTo({top: 0, behavior: 'instant'})"
    )  # ends a smooth scroll too
    shown.wait_for_function("musclepose.clock.state().shown === 30")
    return shown


def _state(page: Any) -> dict[str, Any]:
    return page.evaluate("musclepose.clock.state()")


def test_keys_step_by_pictures_and_leave_text_fields_alone(page) -> None:
    for key, frame in (
        ("ArrowRight", 31),
        (".", 32),
        (",", 31),
        ("ArrowLeft", 30),
        ("Shift+ArrowRight", 40),
    ):
        page.keyboard.press(key)
        assert _state(page)["frame"] == frame
    page.wait_for_function("musclepose.clock.state().shown === 40")
    assert page.inner_text(".mp-clock b") == "1.33"  # 40 / 30 s
    page.focus("#typing")
    page.keyboard.press("ArrowRight")
    assert _state(page)["frame"] == 40


def test_a_row_plays_its_repetition_again_and_again(page, opened) -> None:
    second = opened[2].repetitions[1]
    page.click(".mp-repetitions tbody tr:nth-child(2) th button")
    state = _state(page)
    assert state["loop"] == pytest.approx(
        {"start": second.start_s, "end": second.end_s}, abs=1e-3
    )
    page.wait_for_function(
        f"musclepose.clock.state().time > {second.start_s + 0.3}"
    )
    page.evaluate(f"musclepose.clock.seek({second.end_s - 0.15})")
    page.wait_for_function(  # it went back to the start by itself
        f"musclepose.clock.state().playing && musclepose.clock.state().time < {second.end_s - 0.4}"
    )
    assert (
        page.get_attribute(".mp-chips button:nth-of-type(3)", "aria-pressed")
        == "true"
    )
    assert (
        page.locator(".mp-repetitions tr.is-playing th").inner_text().strip()
        == "▶ 2"
    )


def test_a_value_and_a_link_show_their_moment(page, opened) -> None:
    value = page.locator(
        ".mp-repetitions tbody tr:first-child td button:visible"
    ).first
    moment = float(value.get_attribute("data-seek"))
    value.click()
    assert (
        _state(page)["time"] == pytest.approx(moment, abs=0.02)
        and not _state(page)["playing"]
    )
    page.click("a[href='#t=2.50']")
    assert _state(page)["time"] == pytest.approx(2.5, abs=0.02)
    page.click("a[href='#repeat=2']")
    assert _state(page)["loop"]["start"] == pytest.approx(
        opened[2].repetitions[1].start_s, abs=1e-3
    )


def test_the_timeline_marks_the_phases_and_scrubs(page, opened) -> None:
    _, analysis, summary = opened
    length = float(analysis.time_s[-1])
    marks = page.eval_on_selector_all(
        ".mp-phase",
        "ns => ns.map(n => [parseFloat(n.style.left), parseFloat(n.style.width), n.title])",
    )
    phases = [p for r in summary.repetitions for p in r.phases]
    for (left, width, title), phase in zip(marks, phases, strict=True):
        assert left == pytest.approx(100 * phase.start_s / length, abs=0.01)
        assert width == pytest.approx(
            100 * (phase.end_s - phase.start_s) / length, abs=0.01
        )
        assert title.endswith(f"{phase.end_s - phase.start_s:.2f} s")
    box = page.locator(".mp-timeline").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 8)
    page.mouse.up()
    assert _state(page)["time"] == pytest.approx(0.6 * length, abs=0.04)


def test_handles_choose_a_part_by_the_buttons_that_know_the_upload(
    page, opened
) -> None:
    """Hidden until the fields of the part are open; the film stands where a handle is let go, its button is pressed."""
    page.evaluate(
        """() => { window.pressed = []; for (const id of ['from-here', 'to-here']) document.getElementById(id).onclick =
            () => window.pressed.push([id, musclepose.clock.state().time]); }"""
    )
    start, end = page.locator(".mp-trim").all()
    assert not start.is_visible()
    page.evaluate(
        "document.querySelector('#part button').classList.add('open')"
    )
    box, length = (
        page.locator(".mp-timeline").bounding_box(),
        opened[1].time_s[-1],
    )
    middle = box["y"] + box["height"] / 2

    def drag(share: float, to: float) -> None:
        page.mouse.move(box["x"] + share * box["width"], middle)
        page.mouse.down()
        page.mouse.move(box["x"] + to * box["width"], middle, steps=4)
        page.mouse.up()

    drag(0.005, 0.25)
    drag(0.995, 0.75)
    drag(0.75, 0.1)  # the end does not pass the start
    pressed = page.evaluate("window.pressed")
    assert [name for name, _ in pressed] == ["from-here", "to-here", "to-here"]
    expected = [0.25 * length, 0.75 * length, 0.25 * length]
    assert [t for _, t in pressed] == pytest.approx(expected, abs=0.06)
    end.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("window.pressed.length === 4")
    assert page.evaluate("window.pressed[3][1]") == pytest.approx(
        0.25 * length + 0.1, abs=0.06
    )
    page.evaluate(
        "document.querySelector('#part button').classList.remove('open')"
    )


def test_one_cursor_over_all_plots_with_the_values_there(page, opened) -> None:
    analysis = opened[1]
    plot = page.locator(".mp-panel .mp-time").nth(1)  # the knee
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    data = json.loads(
        page.locator(".mp-panel").nth(1).get_attribute("data-plot")
    )
    x = data["x0"] + 0.5 * (data["x1"] - data["x0"])
    page.mouse.move(
        box["x"] + x / data["w"] * box["width"], box["y"] + 0.5 * box["height"]
    )
    peek = _state(page)["peek"]
    assert peek == pytest.approx(0.5 * float(analysis.time_s[-1]), abs=0.05)
    cursors = page.eval_on_selector_all(
        ".mp-time .mp-cursor",
        "nodes => nodes.map(n => Number(n.getAttribute('x1')))",
    )
    assert len(cursors) == 6 and cursors == pytest.approx([x] * 6, abs=1.5)
    frame = int(abs(analysis.time_s - peek).argmin())
    shown = (
        page.locator(".mp-panel").nth(1).locator(".mp-now b").all_inner_texts()
    )
    knees = [float(v) for v in shown]
    assert knees == pytest.approx(
        [data["v"][0][frame], data["v"][1][frame]], abs=3.0
    )
    assert page.inner_text(".mp-at") == f"{peek:.2f} s"
    assert _state(page)["time"] == pytest.approx(
        1.0, abs=0.02
    )  # looking is not moving


DRAWN = """q => { const c = document.querySelector(q);
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let n = 0; for (let i = 3; i < p.length; i += 4) if (p[i] > 0) n += 1; return n / (c.width * c.height); }"""


def test_source_overlay_side_by_side_and_wipe(page) -> None:
    overlay = page.evaluate(DRAWN, ".mp-lines")
    assert 0.005 < overlay < 0.3  # bones, points and arrows, not a full picture
    page.click("button[data-view=side]")
    page.wait_for_function(
        "document.querySelector('.mp-second').offsetWidth > 50"
    )
    page.wait_for_timeout(200)
    assert (
        page.evaluate(DRAWN, ".mp-drawn") > 0.99
    )  # the film and the body over it
    page.click("button[data-view=source]")
    assert not page.is_visible(".mp-lines") and not page.is_visible(
        ".mp-second"
    )
    page.click("button[data-view=wipe]")
    page.focus(".mp-wipe")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".mp-wipe", "aria-valuenow") == "55"
    assert "55%" in page.evaluate(
        "getComputedStyle(document.querySelector('.mp-lines')).clipPath"
    )


def test_what_is_drawn_can_be_chosen(page) -> None:
    everything = page.evaluate(DRAWN, ".mp-lines")
    page.click(".mp-layers summary")
    for layer in ("skeleton", "points", "forces"):
        page.uncheck(f"[data-layer={layer}]")
    assert page.evaluate(DRAWN, ".mp-lines") == 0.0
    page.check("[data-layer=angles]")
    assert 0.0 < page.evaluate(DRAWN, ".mp-lines") < everything
    page.uncheck("[data-layer=angles]")
    for layer in ("skeleton", "points", "forces"):
        page.check(f"[data-layer={layer}]")
    page.mouse.click(5, 900)  # a press elsewhere closes the list
    assert not page.is_visible("[data-layer=points]")


def test_columns_of_the_table_can_be_chosen(page) -> None:
    head = page.locator(".mp-repetitions thead")
    assert (
        head.get_by_text("Lowering").is_visible()
        and not head.get_by_text("Start").is_visible()
    )
    page.click(".mp-columns summary")
    page.uncheck(".mp-columns label:has-text('Lowering') input")
    page.check(".mp-columns label:has-text('Start') input")
    assert (
        not head.get_by_text("Lowering").is_visible()
        and head.get_by_text("Start").is_visible()
    )
    shown = (
        page.locator(".mp-repetitions tbody tr")
        .first.locator("td:visible")
        .count()
    )
    assert (
        shown == head.locator("th:visible").count() - 1
    )  # every row has the cells of its heads
    assert head.get_by_text("Lifting").is_visible()
    page.check(".mp-columns label:has-text('Lowering') input")


LIT = """q => { const c = document.querySelector(q);
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let n = 0; for (let i = 0; i < p.length; i += 4) if (p[i] + p[i + 1] + p[i + 2] > 330) n += 1; return n; }"""


def test_the_body_in_space_is_turned_by_keys_buttons_and_drag(page) -> None:
    page.click("button[data-view=space]")
    canvas = page.locator(".mp-space")
    filmed = int(canvas.get_attribute("aria-valuenow"))
    assert filmed == pytest.approx(
        40, abs=2
    )  # made 50 degrees from +x, which is 40 from +z
    assert page.evaluate(LIT, ".mp-space") > 500
    canvas.focus()
    page.keyboard.press("ArrowRight")
    assert int(canvas.get_attribute("aria-valuenow")) == filmed - 10
    assert _state(page)["frame"] == 30  # the film stays
    page.click("[data-look=front]")
    assert int(canvas.get_attribute("aria-valuenow")) == pytest.approx(
        90, abs=2
    )
    box = canvas.bounding_box()
    page.mouse.move(
        box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"]
    )
    page.mouse.down()
    page.mouse.move(
        box["x"] + 0.5 * box["width"] + 50, box["y"] + 0.5 * box["height"]
    )
    page.mouse.up()
    assert int(canvas.get_attribute("aria-valuenow")) == pytest.approx(
        60, abs=2
    )
    assert page.locator("[data-look][aria-pressed=true]").count() == 0
    page.click(".mp-layers summary")
    for layer in ("skeleton", "forces"):
        page.uncheck(f"[data-layer={layer}]")
    assert page.evaluate(LIT, ".mp-space") == 0  # only the floor is left
    for layer in ("skeleton", "forces"):
        page.check(f"[data-layer={layer}]")


def test_two_repetitions_side_by_side_at_the_same_share(page, opened) -> None:
    first, second = opened[2].repetitions
    page.click(".mp-compare summary")
    page.wait_for_function(
        "[...document.querySelectorAll('.mp-pair video')].every(v => v.readyState >= 2)"
    )
    page.focus(".mp-compare input[type=range]")
    page.evaluate(
        "b => { b.value = 50; b.dispatchEvent(new Event('input')); }",
        page.query_selector(".mp-compare input[type=range]"),
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.mp-pair video')].every(v => !v.seeking)"
    )
    times = page.eval_on_selector_all(
        ".mp-pair video", "vs => vs.map(v => v.currentTime)"
    )
    assert times == pytest.approx([first.turn_s, second.turn_s], abs=0.1)
    captions = page.locator(".mp-pair figcaption").all_inner_texts()
    assert captions[0].startswith("Repetition 1: ") and captions[1].startswith(
        "Repetition 2: "
    )
    assert "Repetition 2 against repetition 1" in page.inner_text(
        ".mp-difference"
    )
    assert page.locator(".mp-differences tbody tr").count() >= 4
    assert page.locator(".mp-pair-plot path").count() == 2
    page.check("[data-mirror]")
    assert "-1" in page.evaluate(
        "getComputedStyle(document.querySelector('.is-mirrored .mp-view')).transform"
    )
    page.focus("[data-pair=play]")
    page.keyboard.press("ArrowRight")
    assert (
        page.inner_text(".mp-compare output") == "51 %"
        and _state(page)["frame"] == 30
    )
    page.click("[data-pair=play]")
    page.wait_for_function(
        "parseInt(document.querySelector('.mp-compare output').innerText) > 65"
    )
    page.click("[data-pair=play]")
    played = page.eval_on_selector_all(
        ".mp-pair video", "vs => vs.map(v => v.paused)"
    )
    assert played == [True, True]
    page.click(".mp-compare summary")


def test_a_repetition_of_the_set_before_plays_its_own_film(
    page, opened
) -> None:
    """The same film stands for both sets; the earlier one is a second late on its own clock."""
    _, analysis, summary = opened
    late = dataclasses.replace(analysis, time_s=analysis.time_s + 1.0)
    turns = [dataclasses.replace(r, start_s=r.start_s + 1, turn_s=r.turn_s + 1, end_s=r.end_s + 1)
             for r in summary.repetitions]  # fmt: skip
    before = late, dataclasses.replace(summary, repetitions=tuple(turns))
    told = json.dumps(drawing_of(analysis, summary, before))
    old = page.evaluate("props.value")
    page.evaluate(
        """([told, other]) => { props.value = {...props.value, drawing: told,
            before: {film: {...props.value.film, url: props.value.film.url + "#2"}, drawing: other}}; take(); }""",
        [told, json.dumps(drawing_of(*before))],
    )
    assert "the one before" in page.inner_text(".mp-compare summary")
    page.click(".mp-compare summary")
    page.wait_for_function(
        "document.querySelector('.mp-pair video').src.endsWith('#2')"
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.mp-pair video')].every(v => v.readyState >= 2 && !v.seeking)"
    )
    captions = page.locator(".mp-pair figcaption").all_inner_texts()
    first = summary.repetitions[0]
    assert captions == [
        f"Repetition 1 of the set before: {first.start_s + 1:.2f} s",
        f"Repetition 1 of this set: {first.start_s:.2f} s",
    ]
    films = page.eval_on_selector_all(
        ".mp-pair video", "vs => vs.map(v => v.src.endsWith('#2'))"
    )
    assert films == [True, False]
    times = page.eval_on_selector_all(
        ".mp-pair video", "vs => vs.map(v => v.currentTime)"
    )
    assert times[0] - times[1] == pytest.approx(1.0, abs=0.05)
    assert "no clear difference" in page.inner_text(".mp-difference")
    page.click(".mp-compare summary")
    page.evaluate("old => { props.value = old; take(); }", old)


def test_the_body_map_follows_the_repetition_that_is_played(
    page, opened
) -> None:
    page.click(".mp-effort summary")
    assert page.inner_text(".mp-effort-title") == "Largest in the set"
    page.click(".mp-chips button:nth-of-type(3)")
    assert page.inner_text(".mp-effort-title") == "Largest in repetition 2"
    page.evaluate("musclepose.clock.pause()")
    made = page.evaluate("JSON.parse(props.value.drawing).efforts.groups")
    shown = page.locator(".mp-effort tbody td").all_inner_texts()
    assert shown == [group["cells"][2][1] for group in made] and len(shown) >= 2
    part = page.locator("[data-region=thigh-front]").first
    percent = next(g for g in made if g["region"] == "thigh-front")["cells"][2][
        0
    ]
    colour = page.evaluate(
        "p => JSON.parse(props.value.drawing).colours.effort[p]", percent
    )
    fill = part.evaluate("e => getComputedStyle(e).fill")
    assert fill == f"rgb({', '.join(str(c) for c in colour)})"
    page.click(".mp-effort summary")


def test_plots_zoom_along_time_and_lie_over_each_other(page, opened) -> None:
    analysis, summary = opened[1:]
    plots = page.locator(".mp-plots")
    plots.scroll_into_view_if_needed()
    plot = page.locator(".mp-panel .mp-time").nth(1)
    head = plot.locator("> .mp-head")
    data = json.loads(
        page.locator(".mp-panel").nth(1).get_attribute("data-plot")
    )
    whole = float(analysis.time_s[-1])
    page.click("[data-zoom-time=in]")
    window = page.evaluate("musclepose.plots.window()")
    assert window["end"] - window["start"] == pytest.approx(whole / 2, abs=0.01)
    share = (1.0 - window["start"]) / (window["end"] - window["start"])
    wanted = data["x0"] + share * (data["x1"] - data["x0"])
    assert float(head.get_attribute("x1")) == pytest.approx(wanted, abs=1.0)
    page.click("[data-zoom-time=on]")
    assert page.evaluate("musclepose.plots.window().start") == pytest.approx(
        window["start"] + whole / 4, abs=0.01
    )
    page.click("[data-zoom-time=whole]")
    page.click("[data-plots-mode=over]")
    second = summary.repetitions[1]
    page.evaluate(
        f"musclepose.clock.seek({(second.start_s + second.end_s) / 2})"
    )
    over = page.locator(".mp-panel .mp-over").nth(1)
    assert float(
        over.locator("> .mp-head").get_attribute("x1")
    ) == pytest.approx((data["x0"] + data["x1"]) / 2, abs=3.0)
    page.click(".mp-panel >> nth=1 >> .mp-title")  # this plot alone, large
    assert page.locator(".mp-panel:visible").count() == 1
    assert plots.bounding_box()["height"] >= 990
    page.keyboard.press("Escape")
    assert page.locator(".mp-panel:visible").count() == 6
    page.click("[data-plots-mode=time]")


OVERLAPPING = """() => { window.overlapping = 0;
  const place = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
  Object.defineProperty(document.querySelector('#player video'), 'currentTime', { configurable: true,
    get() { return place.get.call(this); },
    set(t) { if (this.seeking) window.overlapping += 1; place.set.call(this, t); } }); }"""


def test_steps_in_a_burst_are_one_seek_at_a_time_and_arrive(page) -> None:
    """Chromium can lose a seek that overtakes another: on to B and back to A while A is still sought."""
    page.evaluate(OVERLAPPING)
    for start_s in (0.5, 2.0, 4.0) * 4:
        page.evaluate(
            "t => { musclepose.clock.seek(t); [1, 1, 1, -1].map(musclepose.clock.step); }",
            start_s,
        )
        page.wait_for_function(
            "musclepose.clock.state().shown === musclepose.clock.state().frame"
        )
        assert _state(page)["frame"] == round(30 * start_s) + 2
    assert page.evaluate("window.overlapping") == 0
    page.evaluate("delete document.querySelector('#player video').currentTime")


def test_the_player_speaks_the_language_that_the_header_brings(page) -> None:
    """Fixed texts and those of scripts, there and back; what changes by itself is left alone."""
    words = json.dumps(words_of_browser("German"))
    page.evaluate(
        "() => { const header = document.createElement('div'); header.className = 'mp-header'; "
        "document.body.append(header); }"
    )
    page.evaluate(
        "words => { document.querySelector('.mp-header').dataset.words = words; }",
        words,
    )
    page.wait_for_function(
        "document.querySelector('[data-view=source]').textContent === 'Original'"
    )
    assert page.inner_text(".mp-chips button >> nth=0") == "Ganzer Film"
    assert page.get_attribute(".mp-play", "aria-label") == "Abspielen"
    assert page.inner_text(".mp-readout").startswith("Knie L")
    assert page.inner_text(".mp-clock b") == f"{_state(page)['time']:.2f}"
    page.evaluate("document.querySelector('.mp-header').remove()")
    page.wait_for_function(
        "document.querySelector('[data-view=source]').textContent === 'Source'"
    )
    assert page.inner_text(".mp-chips button >> nth=0") == "Whole film"
    assert (
        page.get_attribute("[data-do=next]", "aria-label") == "One picture on"
    )
