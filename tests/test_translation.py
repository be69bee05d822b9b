"""Text in another language: only where the model speaks it, and only with the same numbers and sides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from summary_fixtures import clip
from tiny_language import tiny_phi3

from musclepose.wave_llm import coach as coach_module
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.coach import UNTRANSLATED, Coach
from musclepose.wave_llm.models import EMBEDDED, PHI, LanguageModel
from musclepose.wave_llm.translation import LANGUAGES, keeps_the_facts, refusal, speaks, translated

ENGLISH = "The left knee bent to 104.5° in 5 reps."
GERMAN = "Das linke Knie beugte sich in 5 Wiederholungen auf 104,5°."


def test_who_speaks_what() -> None:
    assert all(speaks(PHI, language) for language in LANGUAGES) and not speaks(PHI, "Klingon")
    assert speaks(EMBEDDED, "English") and not speaks(EMBEDDED, "German")
    assert (
        refusal(EMBEDDED, "German") == "smollm2 speaks English only, so the text is not in German."
    )
    assert refusal(PHI, "German") == ""


@pytest.mark.parametrize(
    ("said", "good"),
    [
        (GERMAN, True),
        (GERMAN.replace("104,5", "105"), False),
        (GERMAN.replace("linke", "rechte"), False),
        (GERMAN.replace("Das linke Knie", "Das Knie"), False),
        (GERMAN + " Und noch viel mehr." * 20, False),
        ("104,5 5 link", False),
    ],
)
def test_a_translation_keeps_numbers_and_sides(said: str, good: bool) -> None:
    assert keeps_the_facts(ENGLISH, said, "German") is good


def test_bold_marks_stay() -> None:
    assert keeps_the_facts("**Cue.** Push.", "**Hinweis.** Drücken.", "German")
    assert not keeps_the_facts("**Cue.** Push.", "Hinweis. Drücken.", "German")


def test_what_does_not_pass_stays_english() -> None:
    said = {ENGLISH: GERMAN, "You did 5 squats.": "Du hast 6 Kniebeugen gemacht."}

    def pieces() -> Iterator[str]:
        yield from (ENGLISH[:20], ENGLISH[20:], " You did 5 squats.\n")

    out = "".join(translated(pieces(), "German", lambda messages: said[messages[-1]["content"]]))
    assert out == f"{GERMAN} You did 5 squats.\n"


def test_cancel_ends_it() -> None:
    cancel = threading.Event()
    cancel.set()
    assert list(translated(iter(["One. Two. Three. "]), "German", lambda _: "Eins.", cancel)) == []


def written(coach: Coach, language: str) -> str:
    return "".join(coach.stream(summarise(clip("squat")), language=language))


def test_the_coach_translates_sentence_by_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that answers every request with the same words: sentences without numbers and sides are replaced."""
    asked: list[str] = []

    def answer(_model: Any, rendered: Any, *_: Any) -> Iterator[str]:
        asked.append(tiny.tokenizer.decode(rendered.ids))
        return iter(["Atme aus und bleib ", "gespannt im Rumpf."])

    tiny = tiny_phi3()
    monkeypatch.setattr(coach_module, "generate_stream", answer)
    english = written(Coach(language_model=tiny), "English")
    assert not asked
    german = written(Coach(language_model=tiny), "German")
    assert asked and all("Translate the sentence into German" in a for a in asked)
    assert "Atme aus" in german
    digits = [c for c in english if c.isdigit()]
    assert [c for c in german if c.isdigit()] == digits


def test_who_cannot_says_so() -> None:
    tiny = tiny_phi3()
    embedded = LanguageModel(EMBEDDED, tiny.model, tiny.tokenizer, "cpu", "fp32")
    assert "smollm2 speaks English only" in written(Coach(language_model=embedded), "French")


def test_without_a_model_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> LanguageModel:
        raise OSError("no weights")

    monkeypatch.setattr(coach_module, "load_language_model", fails)
    assert UNTRANSLATED in written(Coach(), "French")
