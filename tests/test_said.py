"""Everything that a visitor can read is said in each language: refusals, warnings, figures, player and report."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_analysis import fake_analysis
from PIL import Image

from musclepose.movement.columns import columns_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.faults import FAULTS
from musclepose.movement.measure import _STATISTIC
from musclepose.movement.summarise import summarise
from musclepose.report.effort_map import GROUPS
from musclepose.report.moments import moments_of
from musclepose.report.repetitions import repetition_columns
from musclepose.report.say import IN_ENGLISH, capital
from musclepose.report.series import groups
from musclepose.report.sheet import Sheet, write_sheet
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES
from musclepose.web.player import MODULES, REVIEW
from musclepose.web.words.said import (
    OF_THE_BROWSER,
    Saying,
    rows,
    saying,
    tables,
    words_of_browser,
)

PACKAGE = Path(__file__).resolve().parent.parent / "musclepose"
OTHERS = [name for name in LANGUAGES if name != ENGLISH]
FAILURES = ("InputError", "VideoError", "NoPersonError", "DecoderError", "AssetError", "CheckpointError")  # fmt: skip
# Modules whose refusals reach the page.
OF_THE_PAGE = (
    "assets", "pipeline", "pose.choice", "video_limits", "video_process", "video_stream", "video_told", "web.form",
    "web.saved", "web.trim", "web.units",
)  # fmt: skip
# Modules whose refusals do not, and why.
ELSEWHERE = {
    "api": "Python", "batch": "command line", "cluster": "command line", "infer": "command line",
    "licences": "command line",
    "report.out_folder": "command line", "train": "command line", "data.loader": "samples: the page takes none",
    "asset_sources": "a reason inside the sentence of assets", "pose.detector": "a damaged installation",
    "pose.landmarks": "a damaged installation", "models.checkpoint": "a damaged installation",
    "models.plain": "a damaged installation", "wave_llm.adapter": "logged; rules write then",
    "wave_llm.soft_tokens": "logged; rules write then", "records": "the form checks the same before",
    "physics.filters": "constants of this program", "physics.strength": "constants of this program",
    "physics.external_load": "the form checks the same before", "physics.dumas_bsip": "the form checks the same before",
}  # fmt: skip
OFFLINE = ("evaluation", "benchmark", "learning", "synthesis", "fitting")
# Sentences of those modules that no field of the page can bring about.
NOT_ASKED = (
    "There is no asset", "keypoints are", "slow-motion factor", "MUSCLEPOSE_MAX_SECONDS", "A measured motion",
    "The measured motion", "No frame of the measured",
)  # fmt: skip
# Where warnings are made.
WARNINGS = {
    "quality": ("_level",), "pipeline": ("_border_warning", "_load_warning"),
    "physics.whole_body": ("support_warnings",), "pose.choice": ("_warnings",), "pose.second_stage": ("_warnings",),
    "pose.scene": ("notes_of", "slow_motion_question"),
    "movement.summarise": ("_left_out", "_warnings"), "video_told": ("sentences",), "web.people": ("framing",),
    "wave_llm.coach": ("note",),
}  # fmt: skip
SAMPLE = "7"


def _module(name: str) -> tuple[ModuleType, ast.Module]:
    module = importlib.import_module(f"musclepose.{name}")
    return module, ast.parse(Path(str(module.__file__)).read_text("utf-8"))


class Texts:
    """What a piece of code can say: f-strings with a number in each gap, in every variant that constants give."""

    def __init__(self, module: ModuleType, scope: ast.AST) -> None:
        self.module, self.local = module, {}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(
                node.targets[0], ast.Name
            ):
                self.local.setdefault(node.targets[0].id, []).append(node.value)

    def of(self, node: ast.AST, depth: int = 0) -> list[str]:
        """Every text that an expression can be; a number where that is not known."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else [SAMPLE]
        if isinstance(node, ast.JoinedStr):
            return [
                "".join(parts)
                for parts in product(*(self.of(v, depth) for v in node.values))
            ]
        if isinstance(node, ast.FormattedValue):
            return self.of(node.value, depth)
        if isinstance(node, ast.IfExp):
            return [*self.of(node.body, depth), *self.of(node.orelse, depth)]
        if isinstance(node, ast.Name) and depth < 3:
            known = [
                t
                for v in self.local.get(node.id, ())
                for t in self.of(v, depth + 1)
            ]
            told = getattr(self.module, node.id, None)
            return known or ([told] if isinstance(told, str) else [SAMPLE])
        return [SAMPLE]


def _refusals() -> Iterator[tuple[str, str]]:
    for name in OF_THE_PAGE:
        module, tree = _module(name)
        for scope in ast.walk(tree):
            if not isinstance(scope, ast.FunctionDef):
                continue
            texts = Texts(module, scope)
            for node in ast.walk(scope):
                called = (
                    getattr(node.func, "id", "")
                    if isinstance(node, ast.Call)
                    else ""
                )
                if (
                    called in FAILURES
                    and isinstance(node, ast.Call)
                    and node.args
                ):
                    for text in texts.of(node.args[-1]):
                        yield name, text


def _warnings() -> Iterator[tuple[str, str]]:
    for name, functions in WARNINGS.items():
        module, tree = _module(name)
        found = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.FunctionDef) and n.name in functions
        ]
        assert len(found) == len(functions), name
        for scope in found:
            texts, doc = Texts(module, scope), ast.get_docstring(scope)
            inner = {
                id(v)
                for n in ast.walk(scope)
                if isinstance(n, ast.JoinedStr)
                for v in n.values
            }
            for node in ast.walk(scope):
                if (
                    isinstance(node, (ast.Constant, ast.JoinedStr))
                    and id(node) not in inner
                ):
                    yield from (
                        (name, t)
                        for t in texts.of(node)
                        if t.endswith(".") and t != doc
                    )
    for told in _module("movement.summarise")[0]._VIEW_WARNINGS.values():
        yield from (("view", text) for text in told)


def _is_walked(text: str) -> bool:
    return len(text) > 20 and not text.startswith(NOT_ASKED)


@cache
def _sentences() -> tuple[tuple[str, str], ...]:
    from musclepose.wave_llm.coach import SOFT_OFF
    from musclepose.wave_llm.report import RULE_WRITTEN

    coach = [("coach", SOFT_OFF), ("coach", RULE_WRITTEN)]
    found = [
        (name, _singular(text))
        for name, text in (*_refusals(), *_warnings(), *coach)
    ]
    return tuple(
        dict.fromkeys((name, text) for name, text in found if _is_walked(text))
    )


def _singular(text: str) -> str:
    """One frame where the sentence speaks of one."""
    return re.sub(rf"\b{SAMPLE} frame\b", "1 frame", text)


def test_every_module_that_refuses_is_of_the_page_or_not() -> None:
    """A new place that raises has to be put on one side or the other."""
    raising = set()
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(
            path.relative_to(PACKAGE).with_suffix("").parts
        ).removesuffix(".__init__")
        calls = [
            n
            for n in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(n, ast.Call)
        ]
        if any(getattr(n.func, "id", "") in FAILURES for n in calls):
            raising.add(name)
    raising = {name for name in raising if name.split(".")[0] not in OFFLINE}
    assert raising == {*OF_THE_PAGE, *ELSEWHERE}


@pytest.mark.parametrize("language", OTHERS)
def test_every_refusal_and_warning_is_said_with_its_numbers(
    language: str,
) -> None:
    say, told = saying(language), _sentences()
    assert len(told) > 75
    for name, text in told:
        said = say(text)
        assert said != text, (name, text)
        assert "{" not in said and said[-1] in ".!?", said
        numbers = sorted(re.findall(r"\d+", text))
        assert set(numbers) <= set(re.findall(r"\d+", said)) | {"0"}, (
            text,
            said,
        )


@pytest.mark.parametrize("language", OTHERS)
def test_tables_are_whole(language: str) -> None:
    """Each text once, in every language, with the same gaps and the same end."""
    seen: set[str] = set()
    for table in tables():
        for row in rows(table):
            english, said = row[ENGLISH], row[language]
            assert english not in seen, english
            seen.add(english)
            fields = [
                sorted({f for _, f, _, _ in string.Formatter().parse(t) if f})
                for t in (english, said)
            ]
            assert fields[0] == fields[1] and said.strip() == said and said, (
                english
            )
            assert (
                said.endswith(".") == english.endswith(".") or english == "Rep."
            ), english
            assert (
                said[:1].isupper() == english[:1].isupper()
                or said[:1] in "¿{1"
                or not english[0].isupper()
                or said.split()[0].islower()
            ), english
            assert len(english) < 24 or said != english, english


@pytest.mark.parametrize("language", OTHERS)
def test_every_name_of_a_figure_is_said(language: str) -> None:
    say, analysis = _other(language), fake_analysis(frames=30)
    for column in columns_of(analysis).values():
        if column.joint or column.words:
            if "pelvis" in column.words or any(
                w in column.words for w in _NEVER_TOLD
            ):
                continue
            for statistic in _STATISTIC.values():
                label = f"{column.words}, {statistic}, repetition 3"
                assert say.knows(label), label
                assert "3" in say(label) and (
                    not column.side or _side(say, column.side) in say(label)
                )
    for fault in (
        case.label for kind in FAULTS.values() for case in kind.cases
    ):
        assert say.knows(f"right {fault}"), fault
    for name in (
        "Torque",
        "Ground reaction",
        "Angles",
        *(g.name for g in GROUPS),
    ):
        assert say.knows(name), name
    for panel in (p for panels in groups(analysis).values() for p in panels):
        assert say.knows(panel.title) and say.knows(panel.hint)


# Words of columns that no exercise asks for: nothing on the page is named so.
_NEVER_TOLD = (
    "side bend",
    "rotation",
    "adduction",
    "inversion",
    "foot turn",
    "shoulder blade",
    "in trunks",
)


def _other(language: str) -> Saying:
    say = saying(language)
    assert isinstance(say, Saying)
    return say


def _side(say: Any, side: str) -> str:
    return f"({say(side)})"


@pytest.mark.parametrize("language", OTHERS)
def test_player_and_choice_of_the_athlete_are_in_the_table_of_the_browser(
    language: str,
) -> None:
    words = words_of_browser(language)
    for name in ("player.html", "people.html"):
        html = (REVIEW / name).read_text("utf-8")
        shown = [t.strip() for t in re.findall(r">([^<>]+)<", html)]
        shown += re.findall(r'(?:aria-label|title|alt)="([^"]+)"', html)
        for text in shown:
            if re.search(r"[A-Za-z]{3}", text):
                assert text in words, text
    for name in MODULES:
        for text in re.findall(
            r'\bsay\("([^"]+)"', (REVIEW / name).read_text("utf-8")
        ):
            assert text in words or re.fullmatch(r"\W*", text), (name, text)
    assert words == {
        row[ENGLISH]: row[language] for row in rows(OF_THE_BROWSER)
    }


def test_an_exercise_is_said_by_the_words_of_the_coach() -> None:
    for exercise in EXERCISES.values():
        if exercise.is_named:
            assert (
                saying("German")(exercise.title) != exercise.title
                or exercise.title in _SAME
            )


_SAME = {
    "burpee",
    "curl",
    "plank",
    "clean",
    "snatch",
    "step-up",
    "dip",
    "sit-up",
}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_english_is_left_in_the_report(
    language: str, tmp_path: Path
) -> None:
    analysis = fake_analysis(frames=60)
    summary = summarise(analysis)
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    moments, columns = (
        moments_of(summary),
        repetition_columns(analysis, summary),
    )
    assert moments
    summary = replace(summary, warnings=tuple(text for _, text in _warnings()))
    analysis = replace(analysis, warnings=())
    pictures, language_of_it = [b""] * len(moments), saying(language)
    plots = picture.getvalue()
    sheet = Sheet(
        "",
        "",
        date(2026, 11, 27),
        moments,
        pictures,
        columns,
        plots,
        say=language_of_it,
    )
    html = write_sheet(
        analysis, summary, sheet, tmp_path / "report.html"
    ).read_text("utf-8")
    assert f'<html lang="{saying(language).code}">' in html
    text = " ".join(
        re.findall(
            r">([^<>]+)<", re.sub(r"<style>.*?</style>", "", html, flags=re.S)
        )
    )
    english = re.findall(
        r"\b(?:the|and|with|were|repetitions?|largest|peak|height|body|knee|not)\b",
        text,
    )
    assert english == [], text


def test_english_and_unknown_texts_stay() -> None:
    assert saying(ENGLISH) is IN_ENGLISH and saying("Klingon") is IN_ENGLISH
    assert IN_ENGLISH("{n} of them", n=3) == "3 of them"
    assert saying("German")("No such text") == "No such text"
    assert (
        saying("German")("left knee bend, largest, repetition 2")
        == "Kniebeugung (links), Maximum, Wiederholung 2"
    )
    assert saying("German")("Left knee bend") == "Kniebeugung (links)"
    assert (
        saying("French")("1.52 N m/kg") == "1,52 N m/kg"
        and saying("French")("118 deg") == "118°"
    )
    assert capital("größte Last am Knie") == "Größte Last am Knie"
