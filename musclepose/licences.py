"""Licences of everything that is installed or fetched: a table, or a bill of materials for machines.

    python -m musclepose.licences > docs/licences.md
    python -m musclepose.licences --sbom > musclepose.cdx.json        # CycloneDX 1.6

Packages: those in constraints.txt, as they are installed here, by the metadata that they carry. Assets: the manifest.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, cast

import musclepose
from musclepose.assets import MANIFEST, STAND_INS
from musclepose.errors import InputError, MusclePoseError

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
UNKNOWN = "not told in its metadata"
LONGEST = 60  # a licence in words; longer is the text of the licence itself


@dataclass(frozen=True)
class Component:
    """A package or an asset, and the terms it comes under."""

    name: str
    version: str
    licence: str
    kind: str  # "library", "machine-learning-model" or "file"
    sha256: str = ""
    origin: str = ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(metadata: Message) -> str:
    """SPDX expression, else the short licence field, else the classifiers."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    words = metadata["License"].strip() if "License" in metadata else ""
    if (
        words
        and len(words) <= LONGEST
        and "\n" not in words
        and words.lower() != "unknown"
    ):
        return words
    kept = [
        line
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    names = [line.split("::")[-1].strip() for line in kept]
    return ", ".join(names) or UNKNOWN


def pinned(path: Path = CONSTRAINTS) -> list[str]:
    """Names of the pinned packages. Raises InputError outside of a checkout."""
    if not path.is_file():
        raise InputError(f"{path.name} is not there; run this from a checkout.")
    lines = path.read_text("utf-8").splitlines()
    return [
        line.split("==")[0]
        for line in lines
        if "==" in line and not line.startswith("#")
    ]


def packages(names: Sequence[str]) -> list[Component]:
    """The packages that are installed, by name; what is pinned for another platform is left out."""
    wanted = {_plain(name) for name in names}
    found = {
        _plain(d.metadata["Name"]): d
        for d in distributions()
        if d.metadata["Name"]
    }
    return [
        Component(
            d.metadata["Name"],
            d.version.split("+")[0],
            licence_of(cast(Message, d.metadata)),
            "library",
        )
        for name, d in sorted(found.items())
        if name in wanted
    ]


def assets() -> list[Component]:
    """What is fetched on first use."""
    return [
        Component(
            asset.file,
            asset.sha256[:12],
            asset.licence,
            "file" if asset.file.endswith(".mp4") else "machine-learning-model",
            asset.sha256,
            asset.origin,
        )
        for asset in (*MANIFEST, *STAND_INS)
    ]


def table(parts: Sequence[Component]) -> list[str]:
    """Rows of a Markdown table."""
    head = ["| name | version | licence |", "| --- | --- | --- |"]
    return head + [
        f"| {c.name} | {c.version} | {c.licence.replace('|', '/')} |"
        for c in parts
    ]


def document() -> str:
    """docs/licences.md."""
    fetched = [
        f"| {c.name} | {c.origin} | {c.licence} | `{c.sha256[:16]}...` |"
        for c in assets()
    ]
    lines = [
        "# Licences",
        "",
        "Made by `python -m musclepose.licences` from the metadata of the pinned packages and from the asset manifest.",
        "MusclePose itself is AGPL-3.0-or-later. Packages that only the tests need are among them.",
        "",
        "## Fetched on first use, not part of the repository",
        "",
        "| file | what | licence | sha256 |",
        "| --- | --- | --- | --- |",
        *fetched,
        "",
        "## Installed packages",
        "",
        *table(packages(pinned())),
    ]
    return "\n".join(lines) + "\n"


def _entry(part: Component) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": part.kind,
        "name": part.name,
        "version": part.version,
    }
    if part.licence != UNKNOWN:
        entry["licenses"] = [{"license": {"name": part.licence}}]
    if part.sha256:
        entry["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    else:
        entry["purl"] = f"pkg:pypi/{_plain(part.name)}@{part.version}"
    return entry


def sbom() -> dict[str, Any]:
    """CycloneDX 1.6 bill of materials; the same for the same environment."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "musclepose",
                "version": musclepose.__version__,
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            }
        },
        "components": [
            _entry(part) for part in (*assets(), *packages(pinned()))
        ],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table or the bill."""
    parser = argparse.ArgumentParser(
        prog="python -m musclepose.licences",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--sbom",
        action="store_true",
        help="CycloneDX JSON in place of the table",
    )
    args = parser.parse_args(argv)
    try:
        print(
            json.dumps(sbom(), indent=1) if args.sbom else document(),
            end="\n" * args.sbom,
        )
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
