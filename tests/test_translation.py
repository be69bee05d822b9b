"""Text in another language: only where the model speaks it, and only with the same numbers and sides."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from summary_fixtures import clip
from tiny_language import tiny_phi3

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.wave_llm import language_model
from musclepose.wave_llm import translation as translation_module
from musclepose.wave_llm.bridge import summarise
from musclepose.wave_llm.coach import Coach
from musclepose.wave_llm.knowledge.advice import bank
from musclepose.wave_llm.models import EMBEDDED, PHI, LanguageModel
from musclepose.wave_llm.phrases import english, phrasebook, tables
from musclepose.wave_llm.report import write_report
from musclepose.wave_llm.translation import (
    LANGUAGES,
    PARTLY_ENGLISH,
    by_template,
    keeps_the_facts,
    speaks,
    translated,
)

ENGLISH = "The left knee bent to 104.5° in 5 reps."
GERMAN = "Das linke Knie beugte sich in 5 Wiederholungen auf 104,5°."


def test_who_speaks_what() -> None:
    assert all(speaks(PHI, language) for language in LANGUAGES) and not speaks(
        PHI, "Klingon"
    )
    assert speaks(EMBEDDED, "English") and not speaks(EMBEDDED, "German")


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
    said = {ENGLISH: GERMAN, "Rest for 5 breaths.": "Ruhe 6 Atemzüge."}

    def pieces() -> Iterator[str]:
        yield from (ENGLISH[:20], ENGLISH[20:], " Rest for 5 breaths.\n")

    out = "".join(
        translated(
            pieces(), "German", lambda messages: said[messages[-1]["content"]]
        )
    )
    assert (
        out == f"{GERMAN} Rest for 5 breaths.\n\n\n*{PARTLY_ENGLISH['German']}*"
    )


def test_cancel_ends_it() -> None:
    cancel = threading.Event()
    cancel.set()
    assert (
        list(
            translated(
                iter(["One. Two. Three. "]), "German", lambda _: "Eins.", cancel
            )
        )
        == []
    )


def written(coach: Coach, language: str) -> str:
    return "".join(coach.stream(summarise(clip("squat")), language=language))


def test_the_coach_translates_sentence_by_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A model that answers every request with the same words: sentences without numbers and sides are replaced.

    No sentence is said to have a template, so that the model is asked.
    """
    asked: list[str] = []

    def answer(_model: Any, rendered: Any, *_: Any) -> Iterator[str]:
        asked.append(tiny.tokenizer.decode(rendered.ids))
        return iter(["Atme aus und bleib ", "gespannt im Rumpf."])

    tiny = tiny_phi3()
    monkeypatch.setattr(language_model, "generate_stream", answer)
    monkeypatch.setattr(translation_module, "by_template", lambda *_: "")
    written(Coach(language_model=tiny), "English")
    assert not asked
    german = written(Coach(language_model=tiny), "German")
    assert asked and all(
        "Translate the sentence into German" in a for a in asked
    )
    assert "Atme aus" in german
    rules = write_report(summarise(clip("squat")))
    assert sorted(c for c in german if c.isdigit()) == sorted(
        c for c in rules if c.isdigit()
    )


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_without_a_model_templates_speak(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count and the bend, every sentence by a template: no remark that some stayed English."""

    def fails(*_: Any) -> LanguageModel:
        raise OSError("no weights")

    monkeypatch.setattr(language_model, "load_language_model", fails)
    text = written(Coach(EMBEDDED), language)
    assert (
        "115°" in text and "You did" not in text and "English only" not in text
    )
    assert PARTLY_ENGLISH[language] not in text


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_template_is_there_and_keeps_its_gaps(language: str) -> None:
    """Each language has every pattern, with the same gaps, and every term that another has."""
    book = phrasebook(language)
    in_tables = tables.sentences("English")
    assert set(book.sentences) == {*english.PATTERNS, *in_tables}
    for name, pattern in {
        **english.PATTERNS,
        **{text: text for text in in_tables},
    }.items():
        gaps = re.findall(r"\{(\w+)\}", pattern)
        assert sorted(re.findall(r"\{(\w+)\}", book.sentences[name])) == sorted(
            gaps
        ), name
    assert set(book.terms) == set(phrasebook("German").terms)


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("You did 5 squats.", "Du hast 5 Kniebeugen gemacht."),
        ("Left knee bend: 115° in repetition 3, against 101° in repetition 1.",
         "Kniebeugung (links): 115° in Wiederholung 3, gegen 101° in Wiederholung 1."),
        ("Total ground force: 1023 N at most, at 5.40 s.", "Gesamte Bodenkraft: 1023 N höchstens, bei 5,40 s."),
        ("Your knees bent to 104° on the left and 113° on the right.",
         "Größte Beugung, Knie: 104° links und 113° rechts."),
        ("Squat to a box of knee height.", ""),
        ("Your left knee drifted inwards by up to 14° in repetitions 2 and 3.",
         "Das Knie (links) wanderte bis zu 14° nach innen (Wiederholungen 2, 3)."),
        ("Your knee falls inwards when you bend.", "Das Knie fällt beim Beugen nach innen."),
        ("Of the common exercises step-ups work the glutes most (Neto 2020).",
         "Von den üblichen Übungen fordern Aufsteiger das Gesäß am meisten (Neto 2020)."),
        ("I could not judge depth or lockout (filmed from the front); side lean (filmed from the side).",
         "Nicht beurteilen konnte ich Tiefe oder Streckung am Ende (von vorn gefilmt); "
         "Seitneigung (von der Seite gefilmt)."),
    ],
)  # fmt: skip
def test_german_by_hand(sentence: str, german: str) -> None:
    assert by_template(sentence, "German") == german


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_all_advice_and_every_fault_is_said_in_every_language(
    language: str,
) -> None:
    """Cues, drills, reasons and what is said of a fault, first wordings, with and without a side."""
    words = [case.words for kind in FAULTS.values() for case in kind.cases]
    parts = [
        p[0] for w in words for p in (w.saw, w.plain, w.why, w.cue, w.drill)
    ]
    told = [
        p.format(side=side, value="14°", reps=reps)
        for p in parts
        for side in ("", "left ", "right ")
        for reps in (
            "",
            " in repetition 3",
            " in repetitions 2 and 3",
            " in 6 of 8 repetitions",
        )
    ]
    told += [
        text
        for a in bank()
        for text in (a.cue, a.drill, a.reason, a.cited)
        if text
    ]
    assert [text for text in told if not by_template(text, language)] == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_exercise_and_check_has_a_term(language: str) -> None:
    book = phrasebook(language)
    names = [
        n
        for e in EXERCISES.values()
        if e.is_named
        for n in (e.title, e.plural, e.supported_by)
        if n
    ]
    names += [kind.name_when_clear for kind in FAULTS.values()]
    assert [name for name in names if not book.term(name)] == []


def test_a_question_is_answered_in_its_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    squat = clip("squat")
    coach = Coach(language_model=tiny_phi3())
    text = "".join(
        coach.stream(
            summarise(squat),
            question="Wie stark war mein linkes Knie gebeugt?",
            analysis=squat,
        )
    )
    assert text.startswith("Kniebeugung (links): 115° höchstens")
