"""What computation and report say, in the visitor's language: the English text is the key, the tables hold the others.

A sentence that came ready is matched against the English templates; its numbers and words go into the other language's.
What has no entry stays English; a test walks through what can be said.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from musclepose.report.say import IN_ENGLISH, Say, capital
from musclepose.wave_llm.phrases import phrasebook
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES

FOLDER = Path(__file__).with_name("tables")
OF_THE_BROWSER = "review"  # the table that the scripts of the page read
_GAP = re.compile(r"\{(\w+)\}")
# Gaps that hold a number; every other one holds words.
_NUMBERS = frozenset(
    [
        "a",
        "b",
        "c",
        "d",
        "n",
        "k",
        "size",
        "least",
        "length",
        "most",
        "low",
        "high",
    ]
)
_NUMBER = r"[-+−]?[\d.,]+"
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_VALUE = re.compile(
    r"(?:[<>±] ?)?[-+−]?\d+(?:\.\d+)?(°|%|)(?: (N m/kg|N m|N|kg|BW|m/s|cm|m|s|px|%|deg))?"
)
_SIDED = re.compile(r"(left|right) (.+)", re.IGNORECASE)


def rows(table: str) -> list[dict[str, str]]:
    """A table, a row for each text, by language."""
    lines = (FOLDER / f"{table}.tsv").read_text("utf-8").splitlines()
    head, *body = [line.split("\t") for line in lines if line]
    return [dict(zip(head, line, strict=True)) for line in body]


def tables() -> list[str]:
    """Names of all tables."""
    return sorted(path.stem for path in FOLDER.glob("*.tsv"))


class Saying(Say):
    """One language other than English."""

    def __init__(self, language: str, code: str) -> None:
        self.code = code
        self._exact = {
            row[ENGLISH]: row[language] for t in tables() for row in rows(t)
        }
        self._terms = phrasebook(language).terms
        templates = [text for text in self._exact if _GAP.search(text)]
        templates.sort(
            key=lambda text: -len(_GAP.sub("", text))
        )  # the most literal first
        self._patterns = [
            (pattern_of(text), self._exact[text]) for text in templates
        ]

    def __call__(self, text: str, /, **gaps: Any) -> str:
        if not gaps:
            return self._found(text) or text
        template = self._exact.get(text, text)
        return template.format(
            **{name: self._gap(str(value)) for name, value in gaps.items()}
        )

    def knows(self, text: str) -> bool:
        """Whether there is an entry for all of a text."""
        return self._found(text) is not None

    def _found(self, text: str) -> str | None:
        return (
            self._as_it_is(text)
            or self._with_capital(text)
            or self._label(text)
        )

    def _as_it_is(self, text: str) -> str | None:
        """A text of the tables, one with its gaps filled, a value, or a term of the coach."""
        if text in self._exact:
            return self._exact[text]
        value = _VALUE.fullmatch(text)
        if value is not None:
            return self._value(text, value[2])
        for pattern, template in self._patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return template.format(
                    **{k: self._gap(v) for k, v in found.groupdict().items()}
                )
        return self._terms.get(text)

    def _with_capital(self, text: str) -> str | None:
        bare = text[:1].lower() + text[1:]
        said = None if bare == text else self._as_it_is(bare)
        return None if said is None else capital(said)

    def _label(self, text: str) -> str | None:
        """ "left knee bend, largest, repetition 2": each part, with the side behind the name."""
        first, *more = text.split(", ")
        sided = _SIDED.fullmatch(first)
        name = sided[2] if sided else first
        base = self._as_it_is(name) or self._with_capital(name)
        parts = [self._as_it_is(part) for part in more]
        if base is None or None in parts:
            return None
        if sided and sided[1][:1].isupper():
            base = capital(base)
        named = f"{base} ({self._exact[sided[1].lower()]})" if sided else base
        return ", ".join([named, *(part for part in parts if part is not None)])

    def _value(self, text: str, unit: str | None) -> str:
        shown = _POINT.sub(",", text)
        return shown.replace(" deg", "°") if unit == "deg" else shown

    def _gap(self, text: str) -> str:
        said = self._found(text)
        if said is None and ", " in text:
            return ", ".join(
                self._found(part) or part for part in text.split(", ")
            )
        return said or text


def pattern_of(template: str) -> re.Pattern[str]:
    """What a template looks like with its gaps filled; a gap that comes twice holds the same."""
    seen: set[str] = set()

    def gap(found: re.Match[str]) -> str:
        name = found[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>{_NUMBER if name in _NUMBERS else '.+?'})"

    pieces = _GAP.split(template)
    matches = _GAP.finditer(template)
    source = "".join(
        re.escape(piece) if i % 2 == 0 else gap(next(matches))
        for i, piece in enumerate(pieces)
    )
    return re.compile(source)


@lru_cache(maxsize=len(LANGUAGES))
def saying(language: str) -> Say:
    """How to say things in one of LANGUAGES; English where it is none."""
    from musclepose.web.words import CODES

    code = next((c for c, name in CODES.items() if name == language), "en")
    return IN_ENGLISH if code == "en" else Saying(language, code)


@lru_cache(maxsize=len(LANGUAGES))
def words_of_browser(language: str) -> dict[str, str]:
    """English text: the same in the language, for the scripts of the page; nothing for English."""
    if language == ENGLISH or language not in LANGUAGES:
        return {}
    return {row[ENGLISH]: row[language] for row in rows(OF_THE_BROWSER)}
