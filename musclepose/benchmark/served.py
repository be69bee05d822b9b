"""The page as a process of its own on 127.0.0.1, for the benches that load it, and what that process holds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musclepose.assets import asset_path
from musclepose.benchmark.length import memory_mb, processes_of
from musclepose.errors import InputError
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter

ROOT = Path(__file__).resolve().parents[2]
START_S = 300.0  # until the page answers, on a busy machine
LONG_SIDE_PX = 640
FROM_S, CLIP_S = 2.0, 1.2  # of the example clip
EVERY = 2  # picture of it: 15 a second
PATIENT = {"timeout": 60.0}  # of each request; httpx gives up after 5 s
MASS_KG = 50.0  # of the first visitor; each has a mass of their own


@dataclass(frozen=True)
class Served:
    """A page that answers: its address, its process, and the only folder where it puts temporary files."""

    url: str
    pid: int
    scratch: Path
    log: Path


@dataclass(frozen=True)
class Held:
    """What a process and those that it started hold at one moment."""

    memory_mb: float
    open_files: int
    threads: int
    processes: int  # that it started
    scratch_files: (
        int  # on the disk, without gradio's own, which it keeps for an hour
    )


def short_clip(path: Path) -> Path:
    """A second of the example clip, small and with few pictures."""
    whole = open_clip(asset_path("example-clip"), max_side=LONG_SIDE_PX)
    rate_hz = whole.info.frame_rate_hz_hint / EVERY
    with VideoWriter(path, whole.size_px, rate_hz) as writer:
        for number, (time_s, picture) in enumerate(whole.frames()):
            if time_s >= FROM_S + CLIP_S:
                break
            if time_s >= FROM_S and number % EVERY == 0:
                writer.write(picture, time_s)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def page_served(folder: Path) -> Iterator[Served]:
    """`app.py` of this checkout on a free port; it ends with the block. Raises InputError where it does not come up."""
    if not (ROOT / "app.py").is_file():
        raise InputError("app.py is not there; run this from a checkout.")
    scratch, log = folder / "scratch", folder / "app.log"
    scratch.mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MUSCLEPOSE_EXAMPLE": "0",
        "TMPDIR": str(scratch),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
    }
    url = f"http://127.0.0.1:{(port := _free_port())}"
    with log.open("wb") as stream:
        command = [
            sys.executable,
            "app.py",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=stream, stderr=stream
        )
    try:
        _wait_for(url, process, log)
        yield Served(url, process.pid, scratch, log)
    finally:
        process.terminate()
        process.wait(timeout=60)


def answer_ms(url: str) -> float:
    """How long the page takes to come. Raises OSError where it does not."""
    start = time.perf_counter()
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()
    return 1000.0 * (time.perf_counter() - start)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end:
        try:
            answer_ms(url)
            return
        except OSError:
            time.sleep(0.5)
    raise InputError(
        f"The page did not come up: {log.read_text('utf-8', 'replace')[-300:]}"
    )


def held_by(served: Served) -> Held:
    """What the page's process holds now (Linux)."""
    own = Path(f"/proc/{served.pid}")
    others = list(processes_of(served.pid))[1:]
    return Held(
        round(memory_mb(served.pid) + sum(map(memory_mb, others)), 1),
        len(list((own / "fd").iterdir())),
        len(list((own / "task").iterdir())),
        len(others),
        sum(1 for path in served.scratch.rglob("*") if path.is_file()),
    )


def ask(url: str, clip: Path, number: int, folder: Path) -> dict[str, Any]:
    """One visitor's analysis through the public call; the record, whose athlete has the mass that was told.

    Raises InputError where somebody else's result came, or none.
    """
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError
    from httpx import HTTPError

    mass_kg = MASS_KG + number % 100
    try:
        client = Client(
            url, verbose=False, download_files=str(folder), httpx_kwargs=PATIENT
        )
    except (HTTPError, OSError) as error:
        raise InputError(
            f"Visitor {number} did not reach the page: {error!r}"
        ) from error
    try:
        figures, archive = client.predict(
            handle_file(str(clip)),
            height_cm=170,
            mass_kg=mass_kg,
            api_name="/analyze",
        )
    except (AppError, HTTPError) as error:
        raise InputError(
            f"Visitor {number} got no result: {error!r}"
        ) from error
    finally:
        client.close()
    Path(archive).unlink()
    if figures["athlete"]["mass_kg"] != mass_kg:
        raise InputError(
            f"Visitor {number} of {mass_kg:g} kg got the result of another one."
        )
    return dict(figures)
