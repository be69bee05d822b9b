"""How hard a text is to read: Flesch-Kincaid grade (Kincaid et al. 1975), the years of school that it asks for.

grade = 0.39 words per sentence + 11.8 syllables per word - 15.59. Syllables are counted as groups of vowels, less a
silent final e; a number counts as one word of one syllable, because how it is spoken is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*|\d+(?:[.,]\d+)?")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """Syllables of an English word, at least one."""
    low = word.lower()
    if not low[0].isalpha():
        return 1
    silent = low.endswith("e") and not low.endswith("le") and len(low) > 2
    return max(len(_VOWELS.findall(low)) - silent, 1)


def reading_grade(sentences: Sequence[str]) -> float:
    """Flesch-Kincaid grade of sentences; 0 where there is no word."""
    words = [w for s in sentences for w in _WORD.findall(s)]
    if not words:
        return 0.0
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * per_word - 15.59
