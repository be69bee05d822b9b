"""What came from the page, checked again on the server: a hidden or altered field must not get past this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from musclepose.errors import InputError
from musclepose.movement.exercises import EXERCISES
from musclepose.records import (
    HEIGHT_RANGE_M,
    LOAD_RANGE_KG,
    MASS_RANGE_KG,
    Athlete,
    ExternalLoad,
    LoadSite,
    Sex,
)
from musclepose.video_limits import usual_limits
from musclepose.wave_llm.prompt import LEVELS, MAX_NOTES, MAX_QUESTION, Level
from musclepose.wave_llm.translation import LANGUAGES
from musclepose.web.trim import WHOLE, Part
from musclepose.web.units import UNITS, Units, height_m, mass_kg, number

MAX_PERSON = 8
RECOGNISE = "recognise"
MAX_NAME = 80
# Of the page, kept with a saved set; the names of `read_form`.
FIELDS = (
    "height",
    "mass",
    "sex",
    "load",
    "load_at",
    "slow_motion",
    "level",
    "language",
    "notes",
    "exercise",
    "units",
)
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
    exercise: str | None = None  # None: recognise it
    part: Part = WHOLE  # from and to, s of the clip


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
    height: Any,
    mass: Any,
    sex: Any,
    load: Any,
    load_at: Any,
    person: Any,
    slow_motion: Any,
    level: Any,
    language: Any,
    notes: Any,
    exercise: Any,
    units: Any,
    part_from: Any = None,
    part_to: Any = None,
) -> Form:
    """All fields in the order of the page; raises InputError with one sentence."""
    if not isinstance(video, str) or not Path(video).is_file():
        raise InputError(
            "No video has arrived yet; upload a clip or use the example, then press Analyse."
        )
    told_in: Units = choice("Units", units, UNITS)
    athlete = Athlete(
        height_m=height_m(height, told_in, *HEIGHT_RANGE_M),
        mass_kg=mass_kg("Body mass", mass, told_in, *MASS_RANGE_KG),
        sex=choice("Sex", sex, get_args(Sex)),
    )
    carried = ExternalLoad(
        mass_kg("Load", load, told_in, *LOAD_RANGE_KG) or 0.0,
        choice("Load position", load_at, get_args(LoadSite)),
    )
    if not isinstance(exercise, str) or exercise not in (RECOGNISE, *EXERCISES):
        raise InputError(
            "The exercise is not one of the list; choose one of it."
        )
    return Form(
        Path(video),
        athlete,
        carried,
        int(choice("Person", person, tuple(range(MAX_PERSON)))),
        float(choice("Slow motion", slow_motion, SLOW_MOTION)),
        choice("Wording", level, LEVELS),
        choice("Language", language, LANGUAGES),
        words("The note", notes, MAX_NOTES),
        None if exercise == RECOGNISE else exercise,
        _part(part_from, part_to),
    )


def _part(start: Any, end: Any) -> Part:
    longest_s = usual_limits().max_seconds
    part = (
        number("Start of the part", start, 0.0, longest_s, "s"),
        number("End of the part", end, 0.0, longest_s, "s"),
    )
    if part[0] is not None and part[1] is not None and part[0] >= part[1]:
        raise InputError(
            f"The part starts at {part[0]:g} s and ends at {part[1]:g} s; the end must come after the start."
        )
    return WHOLE if part in (WHOLE, (0.0, None)) else part


def entries_of(form: Form) -> dict[str, Any]:
    """The fields of the page that make this form again, by the names of `read_form`; clip, part and person apart."""

    def told(value: float | None) -> str:
        return "" if value is None else f"{value:g}"

    height_m = form.athlete.height_m
    return {
        "height": told(
            None if height_m is None else round(100.0 * height_m, 1)
        ),
        "mass": told(form.athlete.mass_kg),
        "sex": form.athlete.sex,
        "load": told(form.load.mass_kg or None),
        "load_at": form.load.at,
        "slow_motion": form.slow_motion,
        "level": form.level,
        "language": form.language,
        "notes": form.notes,
        "exercise": form.exercise or RECOGNISE,
        "units": "metric",
    }


def read_question(question: Any) -> str:
    """A follow-up question; empty ones are refused."""
    text = words("The question", question, MAX_QUESTION)
    if not text:
        raise InputError(
            "The question is empty; write what you would like to know about this set."
        )
    return text
