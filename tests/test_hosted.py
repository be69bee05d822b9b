"""The app as a Hugging Face Space runs it: a checkout that cannot be written to, assets beside the user's own cache."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from gradio_client import Client, handle_file

from musclepose.assets import ENVIRONMENT, assets_dir
from musclepose.errors import AssetError
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter
from musclepose.web.session import example_clip

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "app.py",
    "pyproject.toml",
    "README.md",
    "musclepose",
    "assets",
    "checkpoints",
)
CLIP_S = 1.4


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short part of the example clip, small."""
    folder = tmp_path_factory.mktemp("clip")
    try:
        whole = open_clip(example_clip(folder), max_side=640)
    except AssetError as error:
        pytest.skip(str(error))
    with VideoWriter(
        folder / "short.mp4", whole.size_px, whole.info.frame_rate_hz_hint
    ) as writer:
        for time_s, picture in whole.frames():
            if time_s > CLIP_S:
                break
            writer.write(picture, time_s)
    return folder / "short.mp4"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what a Space gets, without write permission for anyone."""
    folder = tmp_path_factory.mktemp("space") / "app"
    folder.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source,
                folder / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy(source, folder / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in whose cache the assets lie already, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("home")
    cache = folder / ".cache" / "musclepose" / "assets"
    cache.mkdir(parents=True)
    for file in assets_dir().iterdir():
        if file.is_file():
            (cache / file.name).symlink_to(file)
    return folder


def _as_anyone() -> list[str]:
    """What makes write permissions count for root too."""
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip(
            "root ignores write permissions here, and there is no setpriv"
        )
    return ["setpriv", "--bounding-set=-dac_override"]


@pytest.fixture(scope="module")
def served(checkout: Path, home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in (ENVIRONMENT, "XDG_CACHE_HOME")
    }
    environment = {
        **kept, "HOME": str(home), "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1", "MUSCLEPOSE_EXAMPLE": "0", "GRADIO_SERVER_PORT": str(port),
    }  # fmt: skip
    log = home / "app.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*_as_anyone(), sys.executable, "app.py"], cwd=checkout, env=environment, stdout=stream, stderr=stream
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 180
        while process.poll() is None and time.monotonic() < end:
            try:
                httpx.get(url, timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        assert process.poll() is None, log.read_text()[-2000:]
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.slow
def test_a_read_only_checkout_serves_and_analyses(
    served: str, checkout: Path, home: Path, clip: Path, tmp_path: Path
) -> None:
    client = Client(served, verbose=False, download_files=str(tmp_path))
    figures, archive = client.predict(
        handle_file(str(clip)), height_cm=168, api_name="/analyze"
    )
    assert (
        figures["athlete"]["height_m"] == 1.68
        and Path(archive).stat().st_size > 10_000
    )
    assert not (checkout / ".cache").exists()
    assert "Traceback" not in (home / "app.log").read_text()


def test_the_front_matter_is_what_a_space_reads() -> None:
    _, head, _ = (ROOT / "README.md").read_text("utf-8").split("---\n", 2)
    told = yaml.safe_load(head)
    assert (
        told["sdk"] == "gradio"
        and told["app_file"] == "app.py"
        and told["python_version"] == "3.12"
    )
    assert told["tags"] and told["suggested_hardware"]
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    assert told["sdk_version"] == pinned["gradio"]
    assert len(told["short_description"]) <= 60  # longer ones are refused
