"""Start the page, analyse a clip in a real Chromium, take a picture: for the README, and for the browser test.

python tools/screenshot.py --out assets/page.png                # 1440 x 900, light
python tools/screenshot.py --out phone.png --size 390x844 --dark
python tools/screenshot.py --all out/pictures                   # first visit, working, result, report, error; all looks
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PAUSE_AT = "t => { musclepose.clock.pause(); musclepose.clock.seek(t); }"
WATCH_SHIFTS = """window.layoutShift = 0; window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (entry.hadRecentInput) return;
    window.layoutShift += entry.value;
    const moved = entry.sources.map((source) => source.node && (source.node.id || source.node.className));
    window.shifts.push([entry.startTime | 0, entry.value, ...moved]);
})).observe({type: 'layout-shift', buffered: true});"""
LOOKS = {
    "desktop": ((1440, 900), False),
    "dark": ((1440, 900), True),
    "phone": ((390, 844), False),
}
READY = "#status .done, #status .error"


def chromium() -> str | None:
    """Path of an installed Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def served_page(
    log: Path, timeout_s: float = 120.0, *, example: bool = True
) -> Iterator[str]:
    """Run app.py on a free port; yields its address and ends the process afterwards.

    example: whether its result is made in the background, which takes a core for minutes where the code is new.
    """
    environment = {
        **os.environ,
        **({} if example else {"MUSCLEPOSE_EXAMPLE": "0"}),
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with log.open("w") as stream:
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _wait(url, process, timeout_s)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url: str, process: subprocess.Popen[bytes], timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(
                f"app.py ended with code {process.returncode} before it served a page."
            )
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"app.py served no page within {timeout_s:.0f} s.")


@contextmanager
def opened(
    url: str, size: tuple[int, int], dark: bool = False
) -> Iterator[Any]:
    """A browser page on the address; every request to another machine is refused and kept in `page.outside`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        page: Any = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if size[0] < 600 else 1,
        )
        page.outside, page.errors = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))

        def local_only(route: Any) -> None:
            if route.request.url.startswith((url, "data:", "blob:")):
                route.continue_()
            else:
                page.outside.append(route.request.url)
                route.abort()

        page.route("**/*", local_only)
        page.add_init_script(WATCH_SHIFTS)
        page.goto(f"{url}?__theme={'dark' if dark else 'light'}")
        page.wait_for_selector("#run", timeout=60_000)
        try:
            yield page
        finally:
            browser.close()


def upload_and_analyse(
    page: Any, clip: Path | None = None, timeout_s: float = 300.0
) -> str:
    """Upload a clip (or press the example button), press Analyse and wait for the end; returns the status line."""
    _upload(page, clip)
    page.click("#run")
    return _wait_for_result(page, timeout_s)


def _upload(page: Any, clip: Path | None) -> None:
    if clip is None:
        page.click("#example")
    else:
        page.set_input_files("#upload input[type=file]", str(clip))
    page.wait_for_selector("#upload video", timeout=60_000)
    page.wait_for_selector(".mp-people:not([hidden])", timeout=180_000)


def _wait_for_result(page: Any, timeout_s: float = 300.0) -> str:
    page.wait_for_selector(READY, timeout=timeout_s * 1000)
    page.wait_for_timeout(1500)
    return str(page.inner_text("#status"))


def take_all(url: str, folder: Path, clip: Path | None, at_s: float) -> None:
    """Desktop, phone and dark: first visit, error, working, result and report, each in its own file."""
    folder.mkdir(parents=True, exist_ok=True)
    for look, (size, dark) in LOOKS.items():
        with opened(url, size, dark) as page:

            def take(state: str, page: Any = page, look: str = look) -> None:
                page.screenshot(path=str(folder / f"{look}-{state}.png"))

            page.wait_for_selector("html.mp-ready")
            page.wait_for_timeout(1500)
            take("first")
            page.fill("#height textarea, #height input", "17,5")
            page.click("#run")
            page.wait_for_selector("#status .error")
            take("error")
            page.fill("#height textarea, #height input", "")
            _upload(page, clip)
            page.click("#run")
            page.wait_for_selector("#status progress", timeout=60_000)
            take("working")
            _wait_for_result(page)
            page.evaluate(PAUSE_AT, at_s)
            page.wait_for_timeout(800)
            take("result")
            page.get_by_role("tab").last.click()
            page.wait_for_timeout(400)
            with page.expect_download() as started:
                page.click("#report-page")
            report = folder / f"{look}-report.html"
            started.value.save_as(report)
            page.unroute_all()
            page.goto(report.resolve().as_uri())
            take("report")
            report.unlink()


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Take pictures of the page.")
    parser.add_argument(
        "--out", type=Path, help="one picture after an analysis"
    )
    parser.add_argument(
        "--all", type=Path, help="folder for every look and state"
    )
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--clip", type=Path, help="default: the example clip")
    parser.add_argument(
        "--at", type=float, default=3.0, help="moment of the video in s"
    )
    options = parser.parse_args()
    if (options.out is None) == (options.all is None):
        parser.error("say --out FILE or --all FOLDER")
    log = (options.all or options.out).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with served_page(log) as url:
        if options.all:
            take_all(url, options.all, options.clip, options.at)
        else:
            width, height = (int(n) for n in options.size.split("x"))
            with opened(url, (width, height), options.dark) as page:
                print(upload_and_analyse(page, options.clip))
                page.evaluate(PAUSE_AT, options.at)
                page.wait_for_timeout(800)
                page.screenshot(path=str(options.out))
    log.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
