"""What came from the page, checked again on the server: a hidden or altered field must not get past this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from musclepose.errors import InputError
from musclepose.records import (
    HEIGHT_RANGE_M,
    LOAD_RANGE_KG,
    MASS_RANGE_KG,
    Athlete,
    ExternalLoad,
    LoadSite,
    Sex,
)
from musclepose.wave_llm.prompt import LEVELS, MAX_NOTES, MAX_QUESTION, Level
from musclepose.wave_llm.translation import LANGUAGES

MAX_PERSON = 4
SLOW_MOTION = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Form:
    """Checked inputs of one analysis."""

    video: Path
    athlete: Athlete
    load: ExternalLoad
    person: int
    slow_motion: float
    level: Level
    language: str
    notes: str


def number(name: str, value: Any, low: float, high: float, unit: str) -> float | None:
    """A finite number in its range, also as text, with a point or a comma; an empty field means: not told."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    plain = value.replace(",", ".") if isinstance(value, str) else value
    try:
        told = math.nan if isinstance(value, bool) else float(plain)
    except (TypeError, ValueError):
        told = math.nan
    if not math.isfinite(told):
        raise InputError(f"{name} is not a number; write it in {unit}, or leave it empty.")
    if not low <= told <= high:
        raise InputError(
            f"{name} is {told:g} {unit}; it must lie between {low:g} and {high:g} {unit}, or be empty."
        )
    return told


def choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """One of the allowed values."""
    if isinstance(value, bool) or value not in allowed:
        raise InputError(
            f"{name} is not one of {', '.join(str(a) for a in allowed)}; choose one of these."
        )
    return value


def words(name: str, value: Any, limit: int) -> str:
    """User text, length-capped; what it may contain is the prompt builder's business."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{name} is no text; write up to {limit} characters.")
    if len(value) > limit:
        raise InputError(
            f"{name} has {len(value)} characters; {limit} are allowed, please shorten it."
        )
    return value.strip()


def read_form(
    video: Any,
    height_cm: Any,
    mass_kg: Any,
    sex: Any,
    load_kg: Any,
    load_at: Any,
    person: Any,
    slow_motion: Any,
    level: Any,
    language: Any,
    notes: Any,
) -> Form:
    """All fields in the order of the page; raises InputError with one sentence."""
    if not isinstance(video, str) or not Path(video).is_file():
        raise InputError(
            "No video has arrived yet; upload a clip or use the example, then press Analyse."
        )
    height = number("Height", height_cm, 100 * HEIGHT_RANGE_M[0], 100 * HEIGHT_RANGE_M[1], "cm")
    athlete = Athlete(
        height_m=None if height is None else height / 100.0,
        mass_kg=number("Body mass", mass_kg, *MASS_RANGE_KG, "kg"),
        sex=choice("Sex", sex, get_args(Sex)),
    )
    load = ExternalLoad(
        number("Load", load_kg, *LOAD_RANGE_KG, "kg") or 0.0,
        choice("Load position", load_at, get_args(LoadSite)),
    )
    return Form(
        Path(video),
        athlete,
        load,
        int(choice("Person", person, tuple(range(MAX_PERSON)))),
        float(choice("Slow motion", slow_motion, SLOW_MOTION)),
        choice("Wording", level, LEVELS),
        choice("Language", language, LANGUAGES),
        words("The note", notes, MAX_NOTES),
    )


def read_question(question: Any) -> str:
    """A follow-up question; empty ones are refused."""
    text = words("The question", question, MAX_QUESTION)
    if not text:
        raise InputError("The question is empty; write what you would like to know about this set.")
    return text
