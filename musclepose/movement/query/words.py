"""From a question as it is typed to words of the grammar: synonyms of seven languages, numbers, misspellings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from musclepose.movement.query.lexicon import LANGUAGES, lexicon_of

MIN_LENGTH_ONE_SLIP, MIN_LENGTH_TWO_SLIPS = (
    5,
    8,
)  # a word one shorter may lack a letter
_TOKEN = re.compile(r"n ?m ?/ ?kg|m/s|km/h|\d+(?:[.,]\d+)?|[a-z]+")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_ENGLISH_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
ENGLISH_NUMBERS = {word: i for i, word in enumerate(_ENGLISH_NUMBERS.split())}
_NUMBER_WORDS = ENGLISH_NUMBERS | {
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "due": 2, "tre": 3, "quattro": 4, "cinque": 5,
    "duas": 2, "quatro": 4, "twee": 2, "drie": 3, "vijf": 5,
}  # fmt: skip
_REP_STARTS = ("rep", "wied", "herh", "rip", "rép")
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """A question in words of the grammar, in order. `numbers` are those that were written, `plain` its bare text."""

    tags: tuple[str, ...]  # numbers as "#3"
    plain: str
    language: str
    guessed: tuple[
        tuple[str, str], ...
    ] = ()  # misspelt word, word it was taken for

    def has(self, *tags: str) -> bool:
        """Whether any of the words is there."""
        return any(tag in self.tags for tag in tags)


def plain(text: str) -> str:
    """Lower case without accents; sharp s as ss, ordinals as numbers, apostrophes as spaces."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return _ORDINAL.sub(r"nr \1", re.sub(r"[’'`´-]", " ", kept))


def _tokens(text: str) -> list[str]:
    return [t.replace(" ", "") if "/" in t else t for t in _TOKEN.findall(text)]


@lru_cache(maxsize=16)
def _phrases(language: str) -> dict[Phrase, tuple[str, ...]]:
    """Tags of each phrase of a language."""
    found: dict[Phrase, tuple[str, ...]] = {}
    for tag, phrases in lexicon_of(language).words.items():
        for phrase in phrases.split("|"):
            key = tuple(_tokens(plain(phrase)))
            if tag not in found.get(key, ()):
                found[key] = (*found.get(key, ()), tag)
    return found


@lru_cache(maxsize=16)
def _known(language: str) -> frozenset[str]:
    """All words of a language that are no misspelling."""
    small = lexicon_of(language).small
    return frozenset(
        small | {word for phrase in _phrases(language) for word in phrase}
    )


def slips(a: str, b: str, most: int) -> int:
    """Edit distance with swapped neighbours as one slip; `most + 1` where it is larger (Damerau 1964)."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            best = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            new.append(best)
        before, row = row, new
    return min(row[-1], most + 1)


def _corrected(word: str, languages: tuple[str, ...]) -> str:
    """The nearest known word within the allowed slips, else the word itself."""
    if len(word) < MIN_LENGTH_ONE_SLIP - 1 or any(
        word in _known(x) for x in languages
    ):
        return word
    most = 2 if len(word) >= MIN_LENGTH_TWO_SLIPS else 1
    least = (
        MIN_LENGTH_ONE_SLIP
        if len(word) < MIN_LENGTH_ONE_SLIP
        else MIN_LENGTH_ONE_SLIP - 1
    )
    near = [
        (slips(word, known, most), known)
        for language in languages
        for known in sorted(_known(language))
        if known[0] == word[0] and len(known) >= least
    ]
    distance, best = min(near, default=(most + 1, word))
    return best if distance <= most else word


def language_of(tokens: list[str]) -> str:
    """The language whose words a question is made of; small words count double."""

    def score(language: str) -> float:
        small, known = lexicon_of(language).small, _known(language)
        return sum(
            2.0 if t in small else (1.0 + 0.5 * (len(t) > 5)) * (t in known)
            for t in tokens
        )

    return max(
        LANGUAGES,
        key=lambda language: (score(language), language == LANGUAGES[0]),
    )


def _number(token: str, last_tag: str, following: str) -> str:
    """A number as a tag, "" where it is none; "one" is a number only beside a repetition."""
    if token[0].isdigit():
        return f"#{float(token.replace(',', '.')):g}"
    number = _NUMBER_WORDS.get(token)
    if number is not None and (
        last_tag == "rep" or (number > 1 and following.startswith(_REP_STARTS))
    ):
        return f"#{number}"
    return ""


def words_of(question: str) -> Words:
    """A question in words of the grammar.

    1. The language is the one that knows most of the words; English is understood beside it.
    2. At each word the longest phrase that is known gives its tags; a number is a tag of its own.
    3. A word that no language knows is taken for the nearest one within one slip, two from eight letters on.
    """
    bare = plain(question)
    tokens = _tokens(bare)
    language = language_of(tokens)
    languages = tuple(dict.fromkeys((language, LANGUAGES[0])))
    fixed = [_corrected(t, languages) for t in tokens]
    guessed = tuple(
        (a, b) for a, b in zip(tokens, fixed, strict=True) if a != b
    )
    tags: list[str] = []
    at = 0
    while at < len(fixed):
        found, length = _longest(fixed, at, languages)
        number = _number(
            fixed[at],
            tags[-1] if tags else "",
            fixed[at + 1] if at + 1 < len(fixed) else "",
        )
        if number and length <= 1:
            found, length = (number,), 1
        tags += found or (fixed[at],)
        at += max(length, 1)
    return Words(tuple(tags), " ".join(fixed), language, guessed)


def _longest(
    tokens: list[str], at: int, languages: tuple[str, ...]
) -> tuple[tuple[str, ...], int]:
    """Tags of the longest known phrase that starts at a token, and its length."""
    for length in range(min(7, len(tokens) - at), 0, -1):
        key = tuple(tokens[at : at + length])
        for language in languages:
            if key in _phrases(language):
                return _phrases(language)[key], length
    return (), 0
