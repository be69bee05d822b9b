"""The sources that reasons name, in full: `sources.tsv`.

read: the abstract or the text was looked up (November 2026) and says what the reason says; the others are cited from
memory and marked so wherever the list is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A reference."""

    full: str
    read: bool


def _read(path: Path) -> dict[str, Source]:
    rows = [
        line.split("\t")
        for line in path.read_text("utf-8").splitlines()
        if line[0] != "#"
    ]
    return {name: Source(full, how == "read") for name, how, full in rows}


SOURCES = _read(Path(__file__).with_suffix(".tsv"))


def in_full(name: str) -> str:
    """A line of the list of sources, and whether it was looked up."""
    source = SOURCES[name]
    return (
        f"{name}: {source.full}{'' if source.read else ' [cited from memory]'}."
    )
