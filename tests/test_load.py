"""The benches that load the served page: what they call a leak, and whose result they take for somebody's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import gradio_client
import pytest

from musclepose.bench import main
from musclepose.benchmark import served, soak, visitors
from musclepose.benchmark.served import Held, Served
from musclepose.errors import InputError

HELD = Held(1000.0, 30, 6, 0, 100)


def curve(**growth: float) -> list[soak.Row]:
    """Rows of 200 analyses; what is named grows by so much with each."""
    rows = []
    for number in range(10, 201, 10):
        more = {
            k: getattr(HELD, k) + type(getattr(HELD, k))(v * number)
            for k, v in growth.items()
        }
        rows.append(soak.Row(number, float(number), replace(HELD, **more)))
    return rows


def test_what_stays_is_no_leak_and_what_grows_is_told() -> None:
    assert soak.leaks(curve()) == []
    assert soak.leaks(curve(memory_mb=0.1)) == []
    (told,) = soak.leaks(curve(memory_mb=0.5))
    assert told == "memory: +0.50 MB each analysis"
    assert soak.growth_mb(curve(memory_mb=0.5)) == pytest.approx(0.5)
    for name in ("open_files", "threads", "processes", "scratch_files"):
        (told,) = soak.leaks(curve(**{name: 0.1}))
        assert told.startswith(name.replace("_", " "))


def test_caches_may_fill_in_the_first_quarter() -> None:
    rows = curve()
    filling = [
        replace(r, held=replace(HELD, memory_mb=500.0, open_files=9))
        for r in rows[:4]
    ]
    assert soak.leaks([*filling, *rows[4:]]) == []


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    """A page that only answers."""
    server = HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Served(
        f"http://127.0.0.1:{server.server_port}", 0, tmp_path, tmp_path / "log"
    )
    server.shutdown()


def test_each_visitor_is_counted_and_the_page_is_looked_at(
    page: Served, tmp_path, monkeypatch
) -> None:
    all_there = threading.Barrier(4, timeout=30)

    def ask(url: str, clip: Path, number: int, folder: Path) -> None:
        all_there.wait()  # all at once
        if number == 2:
            raise InputError("Visitor 2 got no result.")

    monkeypatch.setattr(visitors, "ask", ask)
    load = visitors.all_at_once(page, tmp_path / "clip.mp4", 4)
    assert [visit.problem for visit in load.visits] == [
        "",
        "",
        "Visitor 2 got no result.",
        "",
    ]
    assert len(load.alone_ms) == visitors.LOOKS_ALONE and min(load.alone_ms) > 0
    server_gone = replace(page, url="http://127.0.0.1:9")
    assert visitors._fetch_ms(server_gone.url) == visitors.NO_ANSWER_MS


def test_a_result_of_somebody_else_is_noticed(
    tmp_path: Path, monkeypatch
) -> None:
    class Client:
        answer_kg = 55.0

        def __init__(self, url: str, **_: Any) -> None: ...

        def predict(self, *_: Any, **told: Any) -> tuple[dict[str, Any], str]:
            (tmp_path / "results.zip").write_bytes(b"")
            return {"athlete": {"mass_kg": self.answer_kg}}, str(
                tmp_path / "results.zip"
            )

        def close(self) -> None: ...

    (tmp_path / "clip.mp4").write_bytes(b"film")
    monkeypatch.setattr(gradio_client, "Client", Client)
    assert (
        served.ask("", tmp_path / "clip.mp4", 5, tmp_path)["athlete"]["mass_kg"]
        == 55.0
    )
    with pytest.raises(
        InputError, match="Visitor 6 of 56 kg got the result of another"
    ):
        served.ask("", tmp_path / "clip.mp4", 6, tmp_path)


def test_senseless_counts_are_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for call in (["soak", "--analyses", "0"], ["visitors", "--visitors", "99"]):
        assert main(call) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.slow
def test_three_visitors_and_three_analyses_in_a_row(
    tmp_path: Path, capsys
) -> None:
    """The short form of both, with the page as it is served."""
    assert main(["visitors", "--visitors", "3"]) == 0
    assert "3 of 3 visitors got their own result." in capsys.readouterr().out
    clip = served.short_clip(tmp_path / "clip.mp4")
    with served.page_served(tmp_path) as page:
        first, *_, last = soak.soak(page, clip, analyses=4, every=1, end_s=1e9)
    assert last.analyses == 4
    assert last.held.processes <= first.held.processes + soak.MOST_MORE
    assert last.held.threads <= first.held.threads + soak.MOST_MORE
