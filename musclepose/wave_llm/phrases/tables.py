"""Tables of sentences and terms: a row for each, a column for each language (`tables/*.tsv`, the English first)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_suffix("")
TERMS = "terms"
_HEADER_CELL = "English"


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [
        line.split("\t")
        for line in path.read_text("utf-8").splitlines()
        if line
    ]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@lru_cache(maxsize=8)
def sentences(language: str) -> dict[str, str]:
    """English sentence, with gaps in braces: the same in the language."""
    tables = sorted(p for p in FOLDER.glob("*.tsv") if p.stem != TERMS)
    return {
        row[_HEADER_CELL]: row[language]
        for path in tables
        for row in _rows(path)
    }


@lru_cache(maxsize=8)
def terms(language: str) -> dict[str, str]:
    """English term: the same in the language."""
    return {
        row[_HEADER_CELL]: row[language]
        for row in _rows(FOLDER / f"{TERMS}.tsv")
    }
