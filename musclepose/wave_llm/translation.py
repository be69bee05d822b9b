"""The checked English text in another language: sentence by sentence, by templates, and checked again.

A sentence without a template goes to the language model where that speaks the language, and else stays English. Every
translation is shown only where it has the same numbers, the same sides and the same bold marks.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

from musclepose.wave_llm.checker import split_sentences
from musclepose.wave_llm.models import EMBEDDED
from musclepose.wave_llm.phrases import phrasebook
from musclepose.wave_llm.prompt import Message

ENGLISH = "English"
# language: how its words for left and right begin, so that a side cannot get lost or turned round
SIDE_WORDS: dict[str, tuple[str, str]] = {
    "German": (r"link", r"recht"), "French": (r"gauche", r"droit"), "Spanish": (r"izquierd", r"derech"),
    "Italian": (r"sinistr", r"destr"), "Portuguese": (r"esquerd", r"direit"), "Dutch": (r"link", r"recht"),
}  # fmt: skip
LANGUAGES = (ENGLISH, *SIDE_WORDS)
SPEAKS_ENGLISH_ONLY = (EMBEDDED,)
# Said below a text in which sentences stayed English.
PARTLY_ENGLISH = {
    "German": "Was noch keine Vorlage hat, steht auf Englisch.",
    "French": "Ce qui n'a pas encore de modèle est en anglais.",
    "Spanish": "Lo que aún no tiene plantilla está en inglés.",
    "Italian": "Ciò che non ha ancora un modello è in inglese.",
    "Portuguese": "O que ainda não tem modelo está em inglês.",
    "Dutch": "Wat nog geen sjabloon heeft, staat in het Engels.",
}
MAX_TOKENS = 120
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def speaks(name: str, language: str) -> bool:
    """Whether a language model is trusted with a language of LANGUAGES."""
    return language == ENGLISH or (
        language in SIDE_WORDS and name not in SPEAKS_ENGLISH_ONLY
    )


def numbers_of(text: str) -> list[str]:
    """Numbers of a text, decimal comma as point, in order of size: languages order words differently."""
    return sorted(n.replace(",", ".") for n in _NUMBER.findall(text))


def keeps_the_facts(
    english: str, said: str, language: str, by_hand: bool = False
) -> bool:
    """Same numbers, sides and bold marks, and no runaway length.

    by_hand: of a sentence that a person wrote, whose sides stand in gaps, the sides are not compared: "droit" is also
    straight, and "the part that is left out" names none.
    """
    left, right = SIDE_WORDS[language]
    english_sides = (r"left\b", r"right\b")

    def sides(text: str, words: tuple[str, str]) -> tuple[int, int]:
        low = text.lower()
        return len(re.findall(rf"\b{words[0]}", low)), len(
            re.findall(rf"\b{words[1]}", low)
        )

    return (
        numbers_of(english) == numbers_of(said)
        and (
            by_hand
            or sides(english, english_sides) == sides(said, (left, right))
        )
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
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": sentence},
    ]


def by_template(sentence: str, language: str) -> str:
    """A sentence by its template, with the same facts; empty where there is none."""
    said = phrasebook(language).sentence(sentence.strip())
    return (
        said
        if said and keeps_the_facts(sentence, said, language, by_hand=True)
        else ""
    )


def translated(
    pieces: Iterator[str],
    language: str,
    write: Callable[[list[Message]], str] | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[str]:
    """A stream of English text as a stream of sentences in `language`, and a remark where some stayed English.

    write: answers chat messages, for sentences without a template; None: they stay.
    """
    stayed = False

    def by_model(sentence: str) -> str:
        said = (
            write(request(sentence.strip(), language)).strip() if write else ""
        )
        return (
            said if said and keeps_the_facts(sentence, said, language) else ""
        )

    def one(sentence: str) -> str:
        nonlocal stayed
        bare = sentence.strip()
        if not bare.strip("*"):
            return sentence
        said = by_template(sentence, language) or by_model(sentence)
        stayed = stayed or not said or _is_partly_english(bare, said)
        start = sentence[: len(sentence) - len(sentence.lstrip())]
        end = sentence[len(sentence.rstrip()) :]
        return start + (said or bare) + end

    rest = ""
    for piece in pieces:
        sentences, rest = split_sentences(rest + piece)
        for sentence in sentences:
            if cancel is not None and cancel.is_set():
                return
            yield one(sentence)
    if rest:
        yield one(rest)
    if stayed and language in PARTLY_ENGLISH:
        yield f"\n\n*{PARTLY_ENGLISH[language]}*"


def _is_partly_english(english: str, said: str) -> bool:
    """Whether a heading was translated and the sentence after it was not."""
    after = english.rpartition("** ")[2]
    return english.startswith("**") and bool(after) and said.endswith(after)
