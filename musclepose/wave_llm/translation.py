"""The checked English text in another language, where the model can speak it: sentence by sentence, and checked again.

A sentence is shown translated only where the translation has the same numbers, the same sides and the same bold marks;
otherwise the English one stays. What the words between them mean is up to the model, and not measured.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

from musclepose.wave_llm.checker import split_sentences
from musclepose.wave_llm.models import EMBEDDED
from musclepose.wave_llm.prompt import Message

ENGLISH = "English"
# language: how its words for left and right begin, so that a side cannot get lost or turned round
SIDE_WORDS: dict[str, tuple[str, str]] = {
    "German": (r"link", r"recht"), "French": (r"gauche", r"droit"), "Spanish": (r"izquierd", r"derech"),
    "Italian": (r"sinistr", r"destr"), "Portuguese": (r"esquerd", r"direit"), "Dutch": (r"link", r"recht"),
}  # fmt: skip
LANGUAGES = (ENGLISH, *SIDE_WORDS)
SPEAKS_ENGLISH_ONLY = (EMBEDDED,)
MAX_TOKENS = 120
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def speaks(name: str, language: str) -> bool:
    """Whether a language model is trusted with a language of LANGUAGES."""
    return language == ENGLISH or (language in SIDE_WORDS and name not in SPEAKS_ENGLISH_ONLY)


def refusal(name: str, language: str) -> str:
    """One sentence for who asked for a language that the model does not speak; empty where it does."""
    return (
        ""
        if speaks(name, language)
        else f"{name} speaks English only, so the text is not in {language}."
    )


def numbers_of(text: str) -> list[str]:
    """Numbers of a text, decimal comma as point, in order of size: languages order words differently."""
    return sorted(n.replace(",", ".") for n in _NUMBER.findall(text))


def keeps_the_facts(english: str, said: str, language: str) -> bool:
    """Same numbers, sides and bold marks, and no runaway length."""
    left, right = SIDE_WORDS[language]

    def sides(text: str, words: tuple[str, str]) -> tuple[int, int]:
        low = text.lower()
        return len(re.findall(rf"\b{words[0]}", low)), len(re.findall(rf"\b{words[1]}", low))

    return (
        numbers_of(english) == numbers_of(said)
        and sides(english, (r"left\b", r"right\b")) == sides(said, (left, right))
        and english.count("**") == said.count("**")
        and 0.4 * len(english) <= len(said) <= 2.5 * len(english) + 20
        and "\n" not in said.strip()
    )


def request(sentence: str, language: str) -> list[Message]:
    """Chat messages that ask for one sentence."""
    system = (
        f"Translate the sentence into {language}. Keep numbers, units and ** marks. "
        "Answer with the translation only."
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": sentence}]


def translated(
    pieces: Iterator[str],
    language: str,
    write: Callable[[list[Message]], str],
    cancel: threading.Event | None = None,
) -> Iterator[str]:
    """A stream of English text as a stream of sentences in `language`; `write` answers chat messages."""

    def one(sentence: str) -> str:
        start = sentence[: len(sentence) - len(sentence.lstrip())]
        said = write(request(sentence.strip(), language)).strip() if sentence.strip(" *\n") else ""
        end = sentence[len(sentence.rstrip()) :]
        return (
            start + said + end if said and keeps_the_facts(sentence, said, language) else sentence
        )

    rest = ""
    for piece in pieces:
        sentences, rest = split_sentences(rest + piece)
        for sentence in sentences:
            if cancel is not None and cancel.is_set():
                return
            yield one(sentence)
    if rest:
        yield one(rest)
