"""The page without a browser: import without weights, checked inputs, refusals, streaming, limits and escaping."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_analysis import fake_analysis, fake_video

import app
from musclepose.errors import InputError, VideoError
from musclepose.report.files import write_files
from musclepose.wave_llm.bridge import summarise
from musclepose.web import page
from musclepose.web.form import read_form, read_question
from musclepose.web.jobs import Cancelled, Job
from musclepose.web.session import Outcome, Session
from musclepose.web.table import table

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "height_cm": "178", "mass_kg": "74,5", "sex": "female", "load_kg": "", "load_at": "hands", "person": 0,
    "slow_motion": 1.0, "level": "athlete", "language": "English", "notes": "",
}  # fmt: skip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")
    return path


def test_import_needs_no_weights(tmp_path: Path) -> None:
    environment = {**os.environ, "MUSCLEPOSE_ASSETS": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    code = "import app, sys; assert 'transformers' not in sys.modules and 'ultralytics' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []


def test_a_good_form_is_read(clip: Path) -> None:
    form = read_form(str(clip), **GOOD)
    assert form.athlete.height_m == pytest.approx(1.78) and form.athlete.mass_kg == 74.5
    assert form.load.mass_kg == 0.0 and form.level == "athlete"
    assert read_form(str(clip), **{**GOOD, "height_cm": None}).athlete.height_m is None


BAD = [
    ("height_cm", "17.8"), ("height_cm", "tall"), ("height_cm", True), ("height_cm", float("nan")), ("height_cm", [1]),
    ("mass_kg", "1e9"), ("mass_kg", -3), ("mass_kg", "inf"), ("load_kg", "900"), ("load_at", "teeth"),
    ("sex", "<script>"), ("sex", None), ("person", 9), ("person", True), ("person", "../x"), ("slow_motion", 0),
    ("slow_motion", 1e9), ("level", "root"), ("language", "Klingon"), ("notes", "x" * 5000), ("notes", {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_every_field_is_checked_on_the_server(clip: Path, name: str, value: Any) -> None:
    with pytest.raises(InputError) as refusal:
        read_form(str(clip), **{**GOOD, name: value})
    sentence = str(refusal.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 200


@pytest.mark.parametrize("video", [None, "", 3, "/no/such/file.mp4", {"path": "/etc/passwd"}])
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
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    analysis = fake_analysis(frames=120)
    film = fake_video(tmp_path_factory.mktemp("clip") / "film.mp4", analysis)
    summary = summarise(analysis)
    return Outcome(
        analysis, summary, film, tuple((r.start_s, r.end_s) for r in summary.repetitions)
    )


class FakeCoach:
    """Says what the real one says about itself."""

    note, soft_tokens_note = "Written by a test.", "Soft tokens are off."


def _fields(video: str | None) -> list[Any]:
    return [video, *GOOD.values()]


def _status(update: dict[Any, Any], shown: Any) -> str:
    return str(update[shown.status])


def test_everything_arrives_in_order_and_the_text_streams(
    shown, outcome, clip, monkeypatch
) -> None:
    def compute(form: Any, folder: Path, progress: Any) -> Outcome:
        progress(0.5, "Half way")
        time.sleep(0.2)
        return outcome

    def package(form: Any, made: Outcome, text: str, folder: Path, progress: Any) -> Path:
        return write_files(made.analysis, made.summary, text, folder)["results.zip"]

    monkeypatch.setattr(app, "compute", compute)
    monkeypatch.setattr(app, "package", package)
    monkeypatch.setattr(app, "coach", FakeCoach)
    monkeypatch.setattr(
        app, "write_text_on_gpu", lambda *_: iter(["You", "You did", "You did well."])
    )
    updates = list(shown.analyse(None, *_fields(str(clip))))
    assert any("Half way" in _status(u, shown) for u in updates if shown.status in u)
    texts = [u[shown.text] for u in updates if shown.text in u]
    assert texts[:4] == ["", "You", "You did", "You did well."] and "Written by a test" in texts[-1]
    results = next(u for u in updates if shown.player in u)
    assert all(
        "<svg" in results[shown.plots[name]]
        for name in ("Torque", "Activation", "Ground", "Angles")
    )
    last = updates[-1]
    assert (
        "Done" in _status(last, shown)
        and last[shown.run].interactive
        and not last[shown.stop].interactive
    )
    with zipfile.ZipFile(
        last[shown.files].value["path"]
        if isinstance(last[shown.files].value, dict)
        else last[shown.files].value
    ) as archive:
        assert "You did well." in archive.read("coaching.md").decode()
    session = updates[0][shown.session]
    assert session.summary is outcome.summary
    session.close()
    assert not session.path.exists()


def test_a_refusal_changes_nothing_but_the_status(shown, clip, monkeypatch) -> None:
    def refuse(*_: Any) -> Outcome:
        raise VideoError("The file is a playlist, not a video; upload the MP4 file itself.")

    monkeypatch.setattr(app, "compute", refuse)
    *_, last = shown.analyse(None, *_fields(str(clip)))
    assert "playlist" in _status(last, shown) and 'role="alert"' in _status(last, shown)
    assert set(last) == {shown.status, shown.run, shown.stop} and last[shown.run].interactive
    (only,) = shown.analyse(None, *_fields(None))
    assert "No video" in _status(only, shown)


def test_a_bug_is_one_sentence_without_details(shown, clip, monkeypatch) -> None:
    def fail(*_: Any) -> Outcome:
        raise RuntimeError("secret path /opt/secret")

    monkeypatch.setattr(app, "compute", fail)
    *_, last = shown.analyse(None, *_fields(str(clip)))
    assert app.UNEXPECTED in _status(last, shown) and "secret" not in _status(last, shown)


def test_stop_ends_the_computation(shown, clip, monkeypatch) -> None:
    ended = threading.Event()

    def endless(form: Any, folder: Path, progress: Any) -> Outcome:
        try:
            while True:
                progress(0.1, "Working")
                time.sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(app, "compute", endless)
    running = shown.analyse(None, *_fields(str(clip)))
    session = next(running)[shown.session]
    next(running)
    assert "Stopped" in _status(shown.halt(session), shown)
    *_, last = running
    assert ended.wait(5) and "Stopped" in _status(last, shown) and last[shown.run].interactive


def test_questions_need_an_analysis_and_keep_the_talk(shown, outcome, monkeypatch) -> None:
    (refused,) = shown.answer(None, "Why?")
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

    monkeypatch.setattr(app, "write_text_on_gpu", reply)
    session = Session(analysis=outcome.analysis, summary=outcome.summary)
    list(shown.answer(session, "Which leg?"))
    *_, chat, _done = shown.answer(session, "How much?")
    assert [m["content"] for m in chat[shown.chat]] == [
        "Which leg?",
        "Left. By 5 %.",
        "How much?",
        "Left. By 5 %.",
    ]
    assert asked[1] == ("How much?", (("Which leg?", "Left. By 5 %."),))
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
    assert value == 7 and all(s == (0.3, "a") for s in seen)
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
    assert stopped.is_set()


def test_nothing_from_outside_becomes_html(outcome) -> None:
    import dataclasses

    evil = "<img src=x onerror=alert(1)>"
    assert "<img" not in page.status(evil, 0.5)
    analysis = dataclasses.replace(outcome.analysis, warnings=(evil,))
    assert "<img" not in page.quality(analysis, outcome.summary)
    assert "<img" not in page.footer(evil, "https://example.org/" + evil, 1.0)
    assert "javascript:" not in page.footer("", "javascript:alert(1)", 1.0)
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
    assert app.demo.analytics_enabled is False and app.demo.delete_cache is not None
    heavy = [f for f in app.demo.fns.values() if f.concurrency_id == "compute"]
    assert len(heavy) >= 2 and all(f.concurrency_limit == 1 for f in heavy)
    assert all(f.api_visibility == "private" for f in app.demo.fns.values() if f.fn is not None)
    for file in (ROOT / "assets" / "page.css", *(ROOT / "assets" / "review").iterdir()):
        text = file.read_text("utf-8")
        assert "http" not in text and "@import" not in text


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
        body = {"data": data, "fn_index": fn_index, "session_hash": f"t{time.monotonic_ns()}"}
        joined = client.post("gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return {"success": False, "refused": joined.status_code}
        last: dict[str, Any] = {}
        with client.stream(
            "GET", "gradio_api/queue/data", params={"session_hash": body["session_hash"]}
        ) as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    last = json.loads(line[5:])
                    if last.get("msg") == "process_completed":
                        break
        return last


def _analyse_index(blocks: Any) -> int:
    return next(i for i, f in blocks.fns.items() if f.name == "analyse")


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", str(ROOT / "app.py")])
def test_a_server_path_is_refused_over_raw_http(server, path: str) -> None:
    url, blocks = server
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    answer = _call(url, _analyse_index(blocks), [None, file, *GOOD.values()])
    assert not answer.get("success"), answer
    assert "root:" not in json.dumps(answer)


def test_a_forged_choice_is_refused_over_raw_http(server) -> None:
    url, blocks = server
    answer = _call(url, _analyse_index(blocks), [None, None, *{**GOOD, "sex": "<script>"}.values()])
    assert answer["success"] is False and 'File \\"' not in json.dumps(
        answer
    )  # refused, and no stack comes back
