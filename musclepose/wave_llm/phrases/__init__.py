"""The coach's sentences in other languages, by templates: no language model takes part.

A sentence that was checked in English is matched against `english.PATTERNS` and the tables; the language says the same
with the same numbers. What has no template stays as it was. Reasons keep their citation, and sources are not translated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from musclepose.wave_llm.phrases import english, tables

_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")
_VALUE = re.compile(
    r"^[-\d.,]+ ?(?:°|%|N m/kg|N m|N|kg|BW|m/s|cm|m|s|px)?(?: \([^)]*\))?$"
)
_HEADING = re.compile(r"^(\*\*[^*]+\*\*) ")
_SIDED = re.compile(r"^(left|right) (.+)$", re.IGNORECASE)
_CITED = re.compile(r"^(.+) (\([A-Z][\w-]+ \d{4}\))\.$")
_OF_SIDES = re.compile(r"on the (?:left|right)\b")
_SOURCE = re.compile(r"^[A-Z][\w-]+ \d{4}: ")
_NOT_JUDGED = re.compile(r"^I could not judge (.+)\.$")
_JUDGED_PART = re.compile(r"^(.+?) \((.+)\)$")
# Gaps that may be empty, with the space that belongs to them.
_TERM_PATTERNS = tuple(
    (text, re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>.+)", text) + "$"))
    for text in (
        "{joint} seen in only {a} of the frames",
        "{joint} not seen at the moment of the extreme",
    )
)
_GAPS = {
    "side": r"(?:left |right |)",
    "reps": r"(?: in (?:repetitions? [\d, and]+|\d+ of \d+ repetitions))?",
}


@dataclass(frozen=True)
class Phrasebook:
    """One language: sentences by the id of their English pattern, and terms for what stands in the gaps."""

    sentences: Mapping[str, str]
    terms: Mapping[str, str]

    def sentence(self, text: str) -> str | None:
        """A checked English sentence in this language; None where there is no template for all of it.

        A heading is said even where the sentence after it has no template.
        """
        heading, cited = _HEADING.match(text), _CITED.match(text)
        if heading is not None:
            rest = text[heading.end() :]
            return (
                f"{self.terms[heading.group(1)]} {self.sentence(rest) or rest}"
            )
        if _SOURCE.match(text):
            return text
        if cited is not None:
            reason = self.sentence(f"{cited.group(1)}.")
            return f"{reason[:-1]} {cited.group(2)}." if reason else None
        if text in self.sentences:
            return self.sentences[text]
        if _NOT_JUDGED.match(text):
            return self._not_judged(text)
        return self._by_pattern(text)

    def _not_judged(self, text: str) -> str | None:
        """ "depth or lockout (reason); side lean (another reason)"."""
        whole = _NOT_JUDGED.match(text)
        parts = re.split(r"(?<=\)); ", whole.group(1)) if whole else []
        found = [m for m in map(_JUDGED_PART.match, parts) if m]
        said = [(self.term(m.group(1)), self.term(m.group(2))) for m in found]
        if (
            not said
            or len(found) != len(parts)
            or any(None in pair for pair in said)
        ):
            return None
        first = self.sentences["notjudged"].format(
            list=said[0][0], reason=said[0][1]
        )
        rest = "".join(f"; {names} ({reason})" for names, reason in said[1:])
        return f"{first[:-1]}{rest}."

    def _by_pattern(self, text: str) -> str | None:
        for name, pattern in _patterns():
            match = pattern.match(text)
            if match is None or name not in self.sentences:
                continue
            gaps = {k: self._gap(k, v) for k, v in match.groupdict().items()}
            if None not in gaps.values():
                said = self.sentences[name].format(**gaps)
                return said[:1].upper() + said[1:]
        return None

    def _gap(self, name: str, text: str) -> str | None:
        if name == "side":
            return f" ({self.terms[text.strip()]})" if text else ""
        if name == "reps":
            numbers = re.findall(r"\d+", text)
            word = self.terms[
                "repetitions" if len(numbers) > 1 else "repetition"
            ]
            shown = "/".join(numbers) if " of " in text else ", ".join(numbers)
            return f" ({word} {shown})" if numbers else ""
        return self.term(text)

    def term(self, text: str) -> str | None:
        """What stands in a gap: a value, a term, a list of them, or a term with its side."""
        if _VALUE.match(text):
            return _NUMBER.sub(",", text)
        bare = text.removeprefix("an ").removeprefix("a ")
        known = next(
            (
                self.terms[t]
                for t in (text, text[:1].lower() + text[1:], bare)
                if t in self.terms
            ),
            None,
        )
        if known is not None:
            return known
        return (
            self._with_gaps(text)
            or self._list(text)
            or self._pair(text)
            or self._sided(text)
            or self._value_with_words(text)
        )

    def _with_gaps(self, text: str) -> str | None:
        """A term that holds a joint and a share: why something could not be judged."""
        for english_term, pattern in _TERM_PATTERNS:
            match = pattern.match(text)
            gaps = (
                {k: self.term(v) for k, v in match.groupdict().items()}
                if match
                else {}
            )
            if gaps and None not in gaps.values():
                return self.terms[english_term].format(**gaps)
        return None

    def _list(self, text: str) -> str | None:
        for last in (" and ", " or "):
            if last not in text or _OF_SIDES.search(text):
                continue
            head, _, tail = text.rpartition(last)
            parts = [self.term(p) for p in (*head.split(", "), tail)]
            if None in parts:
                return None
            words = [p for p in parts if p is not None]
            return f"{', '.join(words[:-1])} {self.terms[last.strip()]} {words[-1]}"
        return None

    def _pair(self, text: str) -> str | None:
        """ "104° on the left and 112° on the right"."""
        match = re.match(
            r"^(\S+) on (both sides|the left|the right)(?: and (\S+) on the right)?$",
            text,
        )
        if match is None:
            return None
        first = f"{_NUMBER.sub(',', match.group(1))} {self.terms['on ' + match.group(2)]}"
        if not match.group(3):
            return first
        return f"{first} {self.terms['and']} {_NUMBER.sub(',', match.group(3))} {self.terms['on the right']}"

    def _sided(self, text: str) -> str | None:
        match = _SIDED.match(text)
        base = self.terms.get(match.group(2)) if match else None
        return (
            f"{base} ({self.terms[match.group(1).lower()]})"
            if match and base
            else None
        )

    def _value_with_words(self, text: str) -> str | None:
        """Values with small words between them: ", at 2.35 s", "at most", "on average of the repetitions"."""
        out = text
        for name, pattern in english.FRAGMENTS.items():
            out = pattern.sub(self.terms[name], out)
        rest = re.sub(
            "|".join(
                re.escape(re.sub(r"\\\d|\\g<\d>", "", self.terms[n]).strip())
                for n in english.FRAGMENTS
            ),
            "",
            out,
        )
        left = re.sub(
            r"N m/kg|N m|BW|m/s|kg|cm|px|[-\d.,°%() ]|\b[Nms]\b", "", rest
        )
        return (
            _NUMBER.sub(",", out)
            if out != text and not _letters_of_english(left, text)
            else None
        )


def _letters_of_english(left: str, text: str) -> bool:
    """Whether letters are left that stood in the English text: a word that no fragment knows."""
    return any(word in text for word in re.findall(r"[A-Za-z]{3,}", left))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Compiled English patterns, the most literal first."""
    made = []
    with_gaps = {
        text: text for text in tables.sentences("English") if "{" in text
    }
    for name, text in {**english.PATTERNS, **with_gaps}.items():
        parts = re.split(r"\{(\w+)\}", text)
        source = "".join(
            re.escape(p) if i % 2 == 0 else f"(?P<{p}>{_GAPS.get(p, '.+?')})"
            for i, p in enumerate(parts)
        )
        made.append(
            (len(re.sub(r"\{\w+\}", "", text)), name, re.compile(f"^{source}$"))
        )
    return tuple(
        (name, pattern)
        for _, name, pattern in sorted(made, key=lambda row: -row[0])
    )


@lru_cache(maxsize=8)
def phrasebook(language: str) -> Phrasebook:
    """Templates of one of the languages of the page, except English."""
    module = import_module(f"{__name__}.{language.lower()}")
    return Phrasebook(
        {**module.SENTENCES, **tables.sentences(language.title())},
        {**module.TERMS, **tables.terms(language.title())},
    )
