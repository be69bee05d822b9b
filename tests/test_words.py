"""Every word of the page exists in every language, with the same gaps, and is another word than the English one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web.words import (
    CODES,
    language_of,
    progress_said,
    say,
    title_of,
    words,
)

ROOT = Path(__file__).resolve().parent.parent
OTHERS = [name for name in LANGUAGES if name != ENGLISH]
# Alike in several languages of Europe, or without words at all.
SAME_WORD = {"clip", "video", "stop", "set", "more", "sets", "Activation", "Angles", "level", "beginner"}  # fmt: skip


def _gaps(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_key_is_there_with_the_same_gaps(language: str) -> None:
    known, english = words(language), words(ENGLISH)
    assert list(known) == list(
        english
    )  # in the same order: a file is easily compared with another
    for key, text in english.items():
        assert _gaps(known[key]) == _gaps(text), key
        assert known[key].strip() and (
            text[-1] in ".:" or known[key][-1] != "."
        ), key
        assert known[key] != text or key in SAME_WORD or len(text) < 12, key


def test_every_key_that_the_code_says_is_in_the_catalogue() -> None:
    said: set[str] = set()
    for path in (ROOT / "app.py", *(ROOT / "musclepose" / "web").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                told = node.args[1]
                if name in ("say", "told") and isinstance(told, ast.Constant):
                    said.add(str(told.value))
    assert len(said) >= 15 and said <= set(words(ENGLISH))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "German"), ("ja,pt-BR;q=0.8", "Portuguese"), ("nl", "Dutch"),
        ("ja,ko", ENGLISH), (None, ENGLISH), ("", ENGLISH), ("x" * 5000, ENGLISH), ("../../etc", ENGLISH),
    ],
)  # fmt: skip
def test_the_browser_says_its_language(
    accepted: str | None, language: str
) -> None:
    assert language_of(accepted) == language
    assert set(CODES.values()) == set(LANGUAGES)


def test_progress_is_said_with_its_numbers() -> None:
    told = "Finding the person: picture 40 of 230, about 12 s left"
    assert (
        progress_said("German", told)
        == "Die Person wird gesucht: Bild 40 von 230, noch etwa 12 s"
    )
    waiting = "2 analyses are before yours, about 40 s; Stop leaves the line"
    assert progress_said("Dutch", waiting).startswith(
        "2 analyses gaan voor, ongeveer 40 s"
    )
    assert progress_said("French", "Something new") == "Something new"
    assert progress_said(ENGLISH, told) == told


def test_what_the_computation_says_of_itself_has_words() -> None:
    """The texts in the code that go to the status line are those that the catalogue knows."""
    code = "".join(
        p.read_text("utf-8") for p in (ROOT / "musclepose").rglob("*.py")
    )
    for key, text in words(ENGLISH).items():
        if key.startswith("p_") and not _gaps(text):
            assert code.count(f'"{text}"') >= 2, (
                text
            )  # in the catalogue and where it is said


def test_a_title_is_said_or_stays_english() -> None:
    assert (
        title_of("squat", "German") == "Kniebeuge"
        and title_of("squat", ENGLISH) == "Squat"
    )
    assert title_of("no such thing", "German") == "No such thing"
    assert say("German", "repetitions", n=3) == "3 Wiederholungen"
