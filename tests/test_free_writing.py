"""A freely written text: only what the checker passes and the script's words hold; the script speaks for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from summary_fixtures import clip
from tiny_language import tiny_phi3

from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary
from musclepose.wave_llm import language_model
from musclepose.wave_llm.checker import check
from musclepose.wave_llm.coach import Coach, writes_freely
from musclepose.wave_llm.free_writing import (
    checked_or_scripted,
    is_grounded,
    vocabulary,
)
from musclepose.wave_llm.models import PHI
from musclepose.wave_llm.script import Slot, script

SLOTS = [
    Slot("count", ("You did 5 squats.",), "**What I saw.** "),
    Slot("cue", ("Drive the floor away.",), "\n\n**Cue.** "),
    Slot(
        "quality",
        ("The data quality of this clip is good.",),
        "\n\n**How sure.** ",
    ),
]


@pytest.fixture(scope="module")
def squat() -> PhysicsSummary:
    return summarise(clip("squat", depth=1.2))


def written(text: str, summary: PhysicsSummary) -> str:
    pieces: Iterator[str] = iter(
        [text[i : i + 7] for i in range(0, len(text), 7)]
    )
    return "".join(
        checked_or_scripted(
            pieces, SLOTS, "squat", lambda s: check(s, summary).ok
        )
    )


def test_a_true_sentence_of_its_own_stays(squat: PhysicsSummary) -> None:
    text = written("You did 5 good squats. Drive the floor away.", squat)
    assert text.startswith("You did 5 good squats. Drive the floor away.")
    assert text.count("Drive the floor away") == 1


def test_a_false_number_is_replaced_by_the_script(
    squat: PhysicsSummary,
) -> None:
    text = written("You did 9 squats. Drive the floor away.", squat)
    assert "9" not in text and text.startswith(
        "**What I saw.** You did 5 squats."
    )


@pytest.mark.parametrize(
    "invented",
    ["Your core is weak.", "Your ankles are stiff.", "You look tired today."],
)
def test_what_the_script_has_no_word_for_is_never_shown(
    invented: str, squat: PhysicsSummary
) -> None:
    assert check(invented, squat).ok  # the checker alone would let it through
    assert not is_grounded(invented, vocabulary(SLOTS, "squat"))
    assert invented not in written(invented, squat)


def test_how_sure_is_always_said_and_silence_gives_the_script(
    squat: PhysicsSummary,
) -> None:
    for text in ("", "You did 5 squats.", "Nonsense without end"):
        assert written(text, squat).endswith(
            "The data quality of this clip is good."
        )
    assert "Drive the floor away." in written("", squat)


def test_only_phi_on_a_gpu_and_adapters_write_freely() -> None:
    tiny = tiny_phi3()
    assert not writes_freely(tiny)
    assert writes_freely(replace(tiny, name=PHI, device="cuda"))
    assert not writes_freely(replace(tiny, name=PHI))
    assert writes_freely(replace(tiny, adapter="mine"))


def test_a_model_that_writes_noise_gives_the_script(
    squat: PhysicsSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A random model through the same code: every sentence that is shown is the script's."""
    model = replace(tiny_phi3(), adapter="random")

    def noise(*_: Any, **__: Any) -> Iterator[str]:
        return iter(["You did 99 squats. ", "Blub blib. ", "The knees sang."])

    monkeypatch.setattr(language_model, "generate_stream", noise)
    text = "".join(Coach(language_model=model).stream(squat))
    first = [slot.options[0] for slot in script(squat)]
    assert (
        "99" not in text
        and "Blub" not in text
        and all(option in text for option in first)
    )
