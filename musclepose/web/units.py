"""Height and mass as people write them: cm and kg, or feet, inches and pounds."""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args

from musclepose.errors import InputError

Units = Literal["metric", "imperial"]
UNITS: tuple[Units, ...] = get_args(Units)
M_PER_INCH = 0.0254
KG_PER_LB = 0.45359237
_FEET_AND_INCHES = re.compile(
    r"""\s*(\d)\s*(?:'|\u2019|ft|feet|foot|\s)\s*(\d{1,2}(?:[.,]\d+)?)?\s*(?:"|\u201d|''|in|inches)?\s*"""
)


def number(
    name: str, value: Any, low: float, high: float, unit: str
) -> float | None:
    """A finite number in its range, also as text, with a point or a comma; an empty field means: not told."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    plain = value.replace(",", ".") if isinstance(value, str) else value
    try:
        told = math.nan if isinstance(value, bool) else float(plain)
    except (TypeError, ValueError):
        told = math.nan
    if not math.isfinite(told):
        raise InputError(
            f"{name} is not a number; write it in {unit}, or leave it empty."
        )
    if not low <= told <= high:
        raise InputError(
            f"{name} is {told:g} {unit}; it must lie between {low:g} and {high:g} {unit}, or be empty."
        )
    return told


def height_m(
    value: Any, units: Units, low_m: float, high_m: float
) -> float | None:
    """Stature in m of "178", or of "5'11", "5 ft 11 in" and "71" (inches)."""
    if units == "metric":
        told = number("Height", value, 100 * low_m, 100 * high_m, "cm")
        return None if told is None else told / 100.0
    inches = _inches(value) if isinstance(value, str) else value
    low, high = math.ceil(low_m / M_PER_INCH), math.floor(high_m / M_PER_INCH)
    told = number("Height", inches, low, high, "inches")
    return None if told is None else told * M_PER_INCH


def _inches(text: str) -> str:
    found = _FEET_AND_INCHES.fullmatch(text)
    if found is None:
        return text
    feet, inches = float(found[1]), float((found[2] or "0").replace(",", "."))
    return f"{12 * feet + inches:g}"


def mass_kg(
    name: str, value: Any, units: Units, low_kg: float, high_kg: float
) -> float | None:
    """Mass in kg of a number of kilograms or pounds."""
    if units == "metric":
        return number(name, value, low_kg, high_kg, "kg")
    low, high = math.ceil(low_kg / KG_PER_LB), math.floor(high_kg / KG_PER_LB)
    told = number(name, value, low, high, "lb")
    return None if told is None else told * KG_PER_LB
