"""The page without a browser: import without weights, checked inputs, refusals, streaming, limits and escaping."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from fake_analysis import fake_analysis, fake_video
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import app
from musclepose.errors import InputError, VideoError
from musclepose.report.files import write_files
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web import page
from musclepose.web.endpoint import analyze_with, public_endpoint
from musclepose.web.form import read_form, read_question
from musclepose.web.jobs import Cancelled, Job, Update
from musclepose.web.keypoints import KeptKeypoints
from musclepose.web.line import Line
from musclepose.web.session import Outcome, Package, Session
from musclepose.web.table import table
from musclepose.web.visit import Visits
from musclepose.web.words import say

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "height": "178", "mass": "74,5", "sex": "female", "load": "", "load_at": "hands", "person": 0,
    "slow_motion": 1.0, "level": "athlete", "language": "English", "notes": "",
    "exercise": "recognise", "units": "metric",
}  # fmt: skip
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")
    return path


def test_import_needs_no_weights(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MUSCLEPOSE_ASSETS": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
    }
    code = "import app, sys; assert 'transformers' not in sys.modules and 'ultralytics' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=120,
    )
    assert list(tmp_path.iterdir()) == []


def test_a_good_form_is_read(clip: Path) -> None:
    form = read_form(str(clip), **GOOD)
    assert (
        form.athlete.height_m == pytest.approx(1.78)
        and form.athlete.mass_kg == 74.5
    )
    assert form.load.mass_kg == 0.0 and form.level == "athlete"
    assert (
        read_form(str(clip), **{**GOOD, "height": None}).athlete.height_m
        is None
    )


BAD = [
    ("height", "17.8"), ("height", "tall"), ("height", True), ("height", float("nan")), ("height", [1]),
    ("mass", "1e9"), ("mass", -3), ("mass", "inf"), ("load", "900"), ("load_at", "teeth"),
    ("sex", "<script>"), ("sex", None), ("person", 99), ("person", True), ("person", "../x"), ("slow_motion", 0),
    ("slow_motion", 1e9), ("level", "root"), ("language", "Klingon"), ("notes", "x" * 5000), ("notes", {"a": 1}),
    ("exercise", "yoga"), ("exercise", ["squat"]), ("units", "stone"), ("units", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_every_field_is_checked_on_the_server(
    clip: Path, name: str, value: Any
) -> None:
    with pytest.raises(InputError) as refusal:
        read_form(str(clip), **{**GOOD, name: value})
    sentence = str(refusal.value)
    assert (
        sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200
    )


@pytest.mark.parametrize(
    "video", [None, "", 3, "/no/such/file.mp4", {"path": "/etc/passwd"}]
)
def test_a_missing_video_is_told(video: Any) -> None:
    with pytest.raises(InputError, match="No video"):
        read_form(video, **GOOD)


@pytest.mark.parametrize("question", [None, "", "   ", 5, "y" * 2000])
def test_questions_are_checked(question: Any) -> None:
    with pytest.raises(InputError):
        read_question(question)


# --- the handlers -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown() -> Any:
    import gradio as gr

    with gr.Blocks():
        return app.Page()


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    analysis = fake_analysis(frames=120)
    summary = summarise(analysis)
    return Outcome(analysis, summary)


class FakeCoach:
    """Says what the real one says about itself."""

    note, soft_tokens_note = "Written by a test.", "Soft tokens are off."


def _fields(video: str | None) -> list[Any]:
    return [video, *GOOD.values()]


def _status(update: dict[Any, Any], shown: Any) -> str:
    return str(update[shown.status])


def _make_film(session: Session, progress: Any) -> Path:
    assert session.outcome is not None
    return fake_video(session.path / "film.mp4", session.outcome.analysis)


def _package(session: Session, progress: Any) -> Package:
    assert session.outcome is not None
    outcome = session.outcome
    files = write_files(
        outcome.analysis, outcome.summary, session.text, session.path
    )
    return Package(
        files["results.zip"], files["coaching.md"], files["coaching.md"]
    )


def test_everything_arrives_in_order_and_the_text_streams(
    shown, outcome, clip, monkeypatch
) -> None:
    def compute(form: Any, kept: Any, progress: Any) -> Outcome:
        progress(0.5, "Half way")
        time.sleep(0.2)
        return outcome

    monkeypatch.setattr(app, "compute", compute)
    monkeypatch.setattr("musclepose.web.session.make_film", _make_film)
    monkeypatch.setattr(app, "picture_moments", lambda *_: None)
    monkeypatch.setattr(app, "package", _package)
    monkeypatch.setattr(app, "coach", FakeCoach)
    monkeypatch.setattr(
        app,
        "write_text_on_gpu",
        lambda *_: iter(["You", "You did", "You did well."]),
    )
    updates = list(
        shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
    )
    assert any(
        "Half way" in _status(u, shown) for u in updates if shown.status in u
    )
    results = next(i for i, u in enumerate(updates) if shown.table in u)
    (first,) = (u[shown.player] for u in updates if shown.player in u)
    assert (
        first["film"] is None and first["drawing"]
    )  # no older film stays; the body is there
    assert all(
        "<svg" in updates[results][shown.plots[name]]
        for name in ("Torque", "Activation", "Ground", "Angles")
    )
    session = updates[0][shown.session]
    written = list(shown.write(session))
    texts = [u[shown.text] for u in written if shown.text in u]
    assert (
        texts[:3] == ["You", "You did", "You did well."]
        and "Written by a test" in texts[-1]
    )
    film = next(i for i, u in enumerate(written) if shown.player in u)
    assert (
        shown.text in written[2] and film > 2
    )  # nobody waits for the film to read
    assert written[film][shown.player]["film"] and session.film.is_file()
    last = written[-1]
    assert last[shown.run].interactive and not last[shown.stop].interactive
    value = last[shown.files]["value"]
    with zipfile.ZipFile(
        value["path"] if isinstance(value, dict) else value
    ) as archive:
        assert "You did well." in archive.read("coaching.md").decode()
    assert session.outcome is outcome
    assert not any(
        shown.text in u for u in shown.write(session)
    )  # it is written once
    session.close()
    assert not session.path.exists()


def test_a_film_that_cannot_be_made_is_one_sentence_and_the_text_stays(
    shown, outcome, clip, monkeypatch
) -> None:
    def refuse(*_: Any) -> Path:
        raise VideoError("The disk is full; make room and analyse again.")

    monkeypatch.setattr(app, "compute", lambda *_: outcome)
    monkeypatch.setattr("musclepose.web.session.make_film", refuse)
    monkeypatch.setattr(app, "coach", FakeCoach)
    monkeypatch.setattr(
        app, "write_text_on_gpu", lambda *_: iter(["Well done."])
    )
    session = next(
        u
        for u in [
            *shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
        ]
    )[shown.session]
    written = list(shown.write(session))
    assert session.text.startswith("Well done.") and session.package is None
    assert "The disk is full" in _status(written[-1], shown)
    assert written[-1][shown.run].interactive
    session.close()


def test_a_new_analysis_ends_the_text_of_the_one_before(
    shown, outcome, clip, monkeypatch
) -> None:
    monkeypatch.setattr(app, "compute", lambda *_: outcome)
    monkeypatch.setattr("musclepose.web.session.make_film", _make_film)
    monkeypatch.setattr(app, "picture_moments", lambda *_: None)
    monkeypatch.setattr(app, "coach", FakeCoach)
    monkeypatch.setattr(
        app, "write_text_on_gpu", lambda *_: iter(["a", "ab", "abc"])
    )
    session = next(
        shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
    )[shown.session]
    session.outcome, session.film = outcome, clip
    writing = shown.write(session)
    next(writing)
    assert next(writing)[shown.text] == "a"
    next(shown.analyse(session, KeptKeypoints(), None, *_fields(str(clip))))
    assert list(writing) == [] and session.text == ""


def test_a_refusal_changes_nothing_but_the_status(
    shown, clip, monkeypatch
) -> None:
    def refuse(*_: Any) -> Outcome:
        raise VideoError(
            "The file is a playlist, not a video; upload the MP4 file itself."
        )

    monkeypatch.setattr(app, "compute", refuse)
    *_, last = shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
    assert "playlist" in _status(last, shown) and 'role="alert"' in _status(
        last, shown
    )
    assert (
        set(last) == {shown.status, shown.run, shown.stop}
        and last[shown.run].interactive
    )
    (only,) = shown.analyse(None, KeptKeypoints(), None, *_fields(None))
    assert "No video" in _status(only, shown)


def test_a_bug_is_one_sentence_without_details(
    shown, clip, monkeypatch
) -> None:
    def fail(*_: Any) -> Outcome:
        raise RuntimeError("secret path /opt/secret")

    monkeypatch.setattr(app, "compute", fail)
    *_, last = shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
    assert say(ENGLISH, "unexpected") in _status(
        last, shown
    ) and "secret" not in _status(last, shown)


def test_stop_ends_the_computation(shown, clip, monkeypatch) -> None:
    ended = threading.Event()

    def endless(form: Any, kept: Any, progress: Any) -> Outcome:
        try:
            while True:
                progress(0.1, "Working")
                time.sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(app, "compute", endless)
    running = shown.analyse(None, KeptKeypoints(), None, *_fields(str(clip)))
    session = next(running)[shown.session]
    next(running)
    assert "Stopped" in _status(shown.halt(session, ENGLISH), shown)
    assert shown.halt(session, ENGLISH)[shown.run].interactive
    list(running)
    assert ended.wait(5)


def _until(updates: Any, component: Any) -> Any:
    """Updates up to the one that changes a component."""
    for update in updates:
        yield update
        if component in update:
            return


def test_analyse_during_the_look_at_the_upload_waits_for_it_and_goes_on(
    shown, outcome, clip, monkeypatch
) -> None:
    begun: list[bool] = []

    def compute(form: Any, kept: KeptKeypoints, progress: Any) -> Outcome:
        begun.append(kept.looking == 0)
        return outcome

    monkeypatch.setattr(app, "compute", compute)
    kept = KeptKeypoints(looking=1)
    running = shown.analyse(None, kept, None, *_fields(str(clip)))
    assert shown.session in next(running)
    for _ in range(2):  # the look's own progress stays on the status line
        assert set(next(running)) == {shown.status} and begun == []
    kept.looking = 0
    assert any(shown.table in update for update in _until(running, shown.table))
    assert begun == [True]


def test_questions_need_an_analysis_and_keep_the_talk(
    shown, outcome, clip, monkeypatch
) -> None:
    (refused,) = shown.answer(None, "Why?", ENGLISH)
    assert "analyse a clip first" in _status(refused, shown)
    asked: list[Any] = []

    def reply(
        _analysis: Any,
        summary: Any,
        notes: str,
        level: str,
        language: str,
        question: str,
        turns: Any,
    ) -> Any:
        asked.append((question, turns))
        return iter(["Left.", "Left. By 5 %."])

    monkeypatch.setattr(app, "answer_question", reply)
    session = Session(form=read_form(str(clip), **GOOD), outcome=outcome)
    list(shown.answer(session, "Which leg?", ENGLISH))
    *_, chat, _done = shown.answer(session, "How much?", ENGLISH)
    assert [m["content"] for m in chat[shown.chat]] == [
        "Which leg?",
        "Left. By 5 %.",
        "How much?",
        "Left. By 5 %.",
    ]
    assert asked[1] == ("How much?", (("Which leg?", "Left. By 5 %."),))
    session.close()


def test_a_reload_finds_the_set_again_and_another_visitor_does_not(
    shown, outcome, clip, monkeypatch, tmp_path
) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(app, "VISITS", visits := Visits())
    monkeypatch.setattr(app, "coach", FakeCoach)
    monkeypatch.setattr(
        app, "EXAMPLE", SimpleNamespace(session=lambda *_: None)
    )
    form = read_form(str(clip), **{**GOOD, "load": "60"})
    session = Session(
        form=form,
        outcome=outcome,
        text="Well done.",
        turns=[("Why?", "Because.")],
    )
    session.film = _make_film(session, None)
    token = visits.keep(None, session)
    request = SimpleNamespace(headers={"accept-language": "de"})
    again = shown.arrive(token, request)
    assert again[shown.session] is session and again[shown.text] == "Well done."
    assert again[shown.load] == "60" and again[shown.video] == str(
        clip
    )  # a correction is of this set
    assert again[shown.kept] is session.kept
    assert [m["content"] for m in again[shown.chat].value][-1] == [
        {"text": "Because.", "type": "text"}
    ]
    for other in (None, "", token[:-1] + "x", 7):
        first = shown.arrive(other, request)
        assert shown.session not in first and shown.text not in first
        assert "hochladen" in _status(
            first, shown
        )  # in the language of the browser
        assert (
            first[shown.run]["value"] == "Auswerten"
            and first[shown.language]["value"] == "German"
        )
    later = shown.show_set(token, 0, ENGLISH)
    assert later[shown.session] is session
    for wrong in (1, -1, True, "0", None):
        assert shown.session not in shown.show_set(token, wrong, ENGLISH)
    session.close()


def test_a_moment_of_the_film_is_one_of_the_upload(outcome, clip) -> None:
    """The part begins at 4 s of the upload and was recorded at half speed: film 1.5 s is upload 4 + 2 x 1.5 = 7 s."""
    form = read_form(
        str(clip), **{**GOOD, "slow_motion": 2.0, "part_from": "4"}
    )
    session = Session(form=form, outcome=outcome)
    for told in ("1.5", 1.5):  # a text field hands its number over as text
        assert app._moment_of_clip(session, told) == "7.00"
    for wrong in ("", None, "soon", [1.5]):
        assert app._moment_of_clip(session, wrong) == ""
    assert app._moment_of_clip(None, "1.5") == ""
    session.close()


# --- jobs, escaping, limits --------------------------------------------------------------------------------------


def test_job_hands_over_result_and_exception_and_stops_when_left() -> None:
    def collect(job: Job[int]) -> tuple[list[Any], int]:
        updates, seen = job.updates(), []
        while True:
            try:
                seen.append(next(updates))
            except StopIteration as end:
                return seen, end.value

    def work(progress: Any) -> int:
        progress(0.3, "a")
        return 7

    seen, value = collect(Job(work))
    assert value == 7 and all(s == Update("a", 0.3) for s in seen)
    with pytest.raises(ZeroDivisionError):
        collect(Job(lambda _: 1 // 0))
    stopped = threading.Event()

    def until_left(progress: Any) -> int:
        try:
            while True:
                progress(0.0, "x")
                time.sleep(0.01)
        except Cancelled:
            stopped.set()
            raise

    updates = Job(until_left).updates()
    next(updates)
    updates.close()
    assert stopped.wait(5)


def test_nothing_from_outside_becomes_html(outcome) -> None:
    import dataclasses

    evil = "<img src=x onerror=alert(1)>"
    assert "<img" not in page.status(evil, 0.5)
    analysis = dataclasses.replace(outcome.analysis, warnings=(evil,))
    assert "<img" not in page.quality(analysis, outcome.summary)
    assert "<img" not in page.footer(evil, "https://example.org/" + evil)
    assert "javascript:" not in page.footer("", "javascript:alert(1)")
    assert 'data-seek="' in table(outcome.summary)


def test_launch_is_private_and_bounded() -> None:
    options = app.launch_options()
    assert (
        options["share"] is False
        and options["show_error"] is False
        and options["run_history"] is False
    )
    assert (
        options["allowed_paths"] == []
        and options["max_file_size"] <= 500_000_000
        and options["ssr_mode"] is False
    )
    assert (
        app.demo.analytics_enabled is False
        and app.demo.delete_cache is not None
    )
    writing = [f for f in app.demo.fns.values() if f.concurrency_id == "text"]
    assert len(writing) >= 2 and all(f.concurrency_limit == 1 for f in writing)
    public = [
        f.api_name
        for f in app.demo.fns.values()
        if f.fn and f.api_visibility != "private"
    ]
    assert public == ["analyze"]
    for file in (
        ROOT / "assets" / "page.css",
        *(ROOT / "assets" / "review").iterdir(),
    ):
        text = file.read_text("utf-8").replace(
            SVG_NAMESPACE, ""
        )  # a name, no address
        assert "http" not in text and "@import" not in text


def test_gpu_time_grows_with_the_clip_and_what_is_to_be_said(outcome) -> None:
    import dataclasses

    known = (outcome.analysis, outcome.summary, "", "athlete", ENGLISH)
    usual = app.gpu_seconds(*known)
    assert 15 < usual < 60  # of four seconds with two squats
    longer = dataclasses.replace(outcome.analysis, time_s=np.arange(7200) / 60)
    assert app.gpu_seconds(longer, *known[1:]) > usual
    quiet = dataclasses.replace(
        outcome.summary, repetitions=(), faults=(), trends=()
    )
    assert app.gpu_seconds(known[0], quiet, *known[2:]) < usual
    assert app.gpu_seconds(*known[:4], "German") > usual
    busy = dataclasses.replace(
        outcome.summary, repetitions=outcome.summary.repetitions * 500
    )
    assert (
        app.gpu_seconds(longer, busy, "x" * 500, "clinician", "German") <= 120
    )


def test_a_question_is_answered_by_rules_without_loading_a_model(
    outcome,
) -> None:
    from musclepose.web.session import answer_by_rules

    *_, text = answer_by_rules(
        outcome.analysis,
        outcome.summary,
        "",
        "athlete",
        ENGLISH,
        "How many repetitions did I do?",
    )
    assert re.search(r"\b(2|two)\b", text)


@pytest.fixture(scope="module")
def server() -> Any:
    """The real page on a free port, in this process."""
    page_of_test = app.build()
    options = {
        **app.launch_options(),
        "server_name": "127.0.0.1",
        "prevent_thread_lock": True,
        "quiet": True,
    }
    _, url, _ = page_of_test.launch(**options)
    yield url, page_of_test
    page_of_test.close()


def _call(url: str, fn_index: int, data: list[Any]) -> dict[str, Any]:
    """Raw HTTP call of a private handler; returns its last event."""
    with httpx.Client(base_url=url, timeout=60) as client:
        body = {
            "data": data,
            "fn_index": fn_index,
            "session_hash": f"t{time.monotonic_ns()}",
        }
        joined = client.post("gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return {"success": False, "refused": joined.status_code}
        last: dict[str, Any] = {}
        with client.stream(
            "GET",
            "gradio_api/queue/data",
            params={"session_hash": body["session_hash"]},
        ) as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    last = json.loads(line[5:])
                    if last.get("msg") == "process_completed":
                        break
        return last


def _analyse_index(blocks: Any) -> int:
    return next(i for i, f in blocks.fns.items() if f.name == "analyse")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../etc/passwd", str(ROOT / "app.py")]
)
def test_a_server_path_is_refused_over_raw_http(server, path: str) -> None:
    url, blocks = server
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    answer = _call(
        url,
        _analyse_index(blocks),
        [None, None, "", file, *GOOD.values(), "", ""],
    )
    assert not answer.get("success"), answer
    assert "root:" not in json.dumps(answer)


def test_a_forged_choice_is_refused_over_raw_http(server) -> None:
    url, blocks = server
    answer = _call(
        url,
        _analyse_index(blocks),
        [None, None, "", None, *{**GOOD, "sex": "<script>"}.values(), "", ""],
    )
    assert answer["success"] is False and 'File \\"' not in json.dumps(
        answer
    )  # refused, and no stack comes back


@pytest.fixture
def quick(outcome, monkeypatch) -> list[Any]:
    """The endpoint without keypoints, film and language model; what it was asked for."""
    asked: list[Any] = []

    def compute(form: Any, kept: Any, progress: Any) -> Outcome:
        asked.append(form)
        return outcome

    monkeypatch.setattr("musclepose.web.endpoint.compute", compute)
    monkeypatch.setattr(
        "musclepose.web.endpoint.picture_moments", lambda *_: None
    )
    monkeypatch.setattr("musclepose.web.endpoint.package", _package)
    return asked


def test_the_public_endpoint_gives_figures_text_and_files(
    quick, outcome, tmp_path: Path
) -> None:
    clip = fake_video(tmp_path / "clip.mp4", outcome.analysis)
    with gr.Blocks() as blocks:
        public_endpoint(
            analyze_with(Line(), lambda *_: iter(["Well", "Well done."])), 4
        )
    options = {
        **app.launch_options(),
        "prevent_thread_lock": True,
        "quiet": True,
    }
    _, url, _ = blocks.queue().launch(**options)
    try:
        client = Client(url, verbose=False, download_files=str(tmp_path))
        figures, archive = client.predict(
            handle_file(str(clip)),
            178,
            74.5,
            load_kg=60,
            exercise="squat",
            api_name="/analyze",
        )
        assert figures["exercise"]["name"] == outcome.summary.exercise.name
        assert figures["coaching"] == "Well done."
        with zipfile.ZipFile(archive) as opened:
            assert "Well done." in opened.read("coaching.md").decode()
        (form,) = quick
        assert (
            form.athlete.height_m == pytest.approx(1.78)
            and form.load.mass_kg == 60
        )
        assert form.exercise == "squat"
        with pytest.raises(AppError, match="Height is 17 cm"):
            client.predict(handle_file(str(clip)), 17, api_name="/analyze")
    finally:
        blocks.close()
