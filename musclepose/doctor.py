"""What is there and what is missing: `python -m musclepose.doctor`, or `musclepose doctor` where it is installed.

One line a thing: Python, what each part of MusclePose needs, assets, weights, graphics card, room on the disk. Exit
code 1 where an analysis of a video cannot run; what only widens it (coach, page, formats) is told and forgiven.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from musclepose.assets import MANIFEST, assets_dir
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT

PYTHON_FROM, PYTHON_BELOW = (3, 11), (3, 14)
NEEDED_BYTES = 500_000_000  # assets, and the results of some clips


@dataclass(frozen=True)
class Part:
    """What a part of the program needs: (distribution, module) pairs, and how to get them."""

    name: str
    packages: tuple[tuple[str, str], ...]
    advice: str
    is_needed: bool = False


@dataclass(frozen=True)
class Finding:
    """One line: `state` is "ok", "missing" (an analysis cannot run) or "without" (something less can be done)."""

    state: str
    text: str


PARTS = (
    Part(
        "analysis of a video",
        (
            ("torch", "torch"), ("numpy", "numpy"), ("scipy", "scipy"), ("av", "av"),
            ("ultralytics", "ultralytics"), ("matplotlib", "matplotlib"), ("pandas", "pandas"),
            ("safetensors", "safetensors"), ("PyYAML", "yaml"), ("jaxtyping", "jaxtyping"), ("pillow", "PIL"),
        ),
        "pip install .",
        is_needed=True,
    ),
    Part(
        "coach's text",
        (("transformers", "transformers"), ("peft", "peft"), ("gguf", "gguf"), ("accelerate", "accelerate")),
        'pip install ".[coach]"',
    ),
    Part("page in the browser", (("gradio", "gradio"),), 'pip install ".[app]"'),
    Part("clips on several machines", (("ray", "ray"),), 'pip install ".[cluster]"'),
    Part("reading of .c3d files", (("ezc3d", "ezc3d"),), 'pip install ".[lab]"'),
)  # fmt: skip


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if PYTHON_FROM <= sys.version_info[:2] < PYTHON_BELOW:
        return Finding("ok", f"Python {found}")
    return Finding("missing", f"Python {found}; 3.11 to 3.13 are supported")


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of unknown version"


def part_finding(part: Part) -> Finding:
    """Whether all packages of a part are installed."""
    absent = [
        name for name, module in part.packages if find_spec(module) is None
    ]
    if not absent:
        told = ", ".join(
            f"{name} {_version(name)}" for name, _ in part.packages[:3]
        )
        return Finding("ok", f"{part.name}: {told}")
    state = "missing" if part.is_needed else "without"
    return Finding(state, f"{part.name}: no {', '.join(absent)}; {part.advice}")


def _assets() -> Iterator[Finding]:
    folder = assets_dir()
    for asset in MANIFEST:
        if (folder / asset.file).is_file():
            yield Finding("ok", f"{asset.name}: {asset.file}, {asset.licence}")
        else:
            yield Finding(
                "without",
                f"{asset.name}: fetched at first use; python -m musclepose.assets",
            )


def _checkpoint() -> Finding:
    if DEFAULT_CHECKPOINT.is_file():
        return Finding("ok", f"weights: {DEFAULT_CHECKPOINT.name}")
    return Finding(
        "missing",
        f"weights: no {DEFAULT_CHECKPOINT}; take a whole checkout, or give --checkpoint",
    )


def _card() -> Finding:
    if find_spec("torch") is None:
        return Finding("without", "graphics card: not asked, torch is missing")
    import torch

    if torch.cuda.is_available():
        return Finding("ok", f"graphics card: {torch.cuda.get_device_name(0)}")
    return Finding(
        "ok", "graphics card: none that torch can use; the processor does all"
    )


def _existing(folder: Path) -> Path:
    """The folder, or what of its parents is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _disk() -> Finding:
    free = shutil.disk_usage(_existing(assets_dir())).free
    text = f"room on the disk: {free / 1e9:.1f} GB"
    if free >= NEEDED_BYTES:
        return Finding("ok", text)
    return Finding("missing", f"{text}; {NEEDED_BYTES / 1e9:.1f} GB are needed")


def findings() -> list[Finding]:
    """Everything that was looked at."""
    parts = [part_finding(part) for part in PARTS]
    return [_python(), *parts, _checkpoint(), *_assets(), _card(), _disk()]


def main() -> int:
    """Print the findings; 1 where an analysis of a video cannot run."""
    found = findings()
    for one in found:
        print(f"{one.state:8s} {one.text}")
    if any(one.state == "missing" for one in found):
        print(
            "An analysis of a video cannot run yet: see the lines that say missing."
        )
        return 1
    print("An analysis of a video can run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
