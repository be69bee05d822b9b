"""The words of a question, one language a file: WORDS maps a word of the grammar to what people write for it.

SMALL holds small words that show which language a question is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple


class Lexicon(NamedTuple):
    """Phrases by the word of the grammar they stand for, and the small words of the language."""

    words: Mapping[str, str]  # phrases, separated by "|"
    small: frozenset[str]


LANGUAGES = (
    "English",
    "German",
    "French",
    "Spanish",
    "Italian",
    "Portuguese",
    "Dutch",
)


def lexicon_of(language: str) -> Lexicon:
    """Lexicon of one of LANGUAGES."""
    module = import_module(f"{__name__}.{language.lower()}")
    return Lexicon(module.WORDS, frozenset(module.SMALL.split()))
