"""The words of the page in the languages of the coaching text: one file a language, the same keys in each.

What the computation says of itself (refusals, warnings, names of figures) and what report and player show is made in
English and said by `words.said`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from musclepose.wave_llm.phrases import phrasebook
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES

CODES = {
    "en": ENGLISH,
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
}
_GAP = re.compile(r"\\\{(\w+)\\\}")


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Mapping[str, str]:
    """The catalogue of one of LANGUAGES."""
    name = language if language in LANGUAGES else ENGLISH
    catalogue: Mapping[str, str] = import_module(
        f"{__name__}.{name.lower()}"
    ).WORDS
    return catalogue


def say(language: str, key: str, **gaps: Any) -> str:
    """A text of the page, with its gaps filled."""
    text = words(language)[key]
    return text.format(**gaps) if gaps else text


def title_of(exercise: str, language: str) -> str:
    """Title of an exercise with a capital letter; English where the language has no word for it."""
    known = (
        None
        if language not in LANGUAGES or language == ENGLISH
        else phrasebook(language).term(exercise)
    )
    title = known or exercise
    return title[:1].upper() + title[1:]


def progress_said(language: str, text: str) -> str:
    """What a computation says of its progress, in another language; unchanged where the page has no words for it."""
    if language == ENGLISH:
        return text
    for key, pattern in _progress_patterns():
        found = pattern.fullmatch(text)
        if found:
            gaps = {
                name: progress_said(language, gap)
                for name, gap in found.groupdict().items()
            }
            return say(language, key, **gaps) if gaps else say(language, key)
    return text


@lru_cache(maxsize=1)
def _progress_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    def pattern(text: str) -> re.Pattern[str]:
        return re.compile(
            _GAP.sub(lambda gap: f"(?P<{gap[1]}>.+?)", re.escape(text))
        )

    told = [
        (k, pattern(t)) for k, t in words(ENGLISH).items() if k.startswith("p_")
    ]
    return tuple(sorted(told, key=lambda entry: entry[0] != "p_left"))


def language_of(accepted: str | None) -> str:
    """The first language of an Accept-Language header that the page speaks, else English."""
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in CODES:
            return CODES[code]
    return ENGLISH
