"""Height and mass as people write them, against conversions by hand."""

from __future__ import annotations

import pytest

from musclepose.errors import InputError
from musclepose.web.units import height_m, mass_kg

RANGE_M, RANGE_KG = (1.2, 2.3), (25.0, 250.0)


@pytest.mark.parametrize(
    "text",
    [
        "5'11",
        "5'11\"",
        "5 ft 11",
        "5ft 11in",
        "5 feet 11 inches",
        "5 11",
        "71",
        "5\u201911\u201d",
    ],
)
def test_five_feet_eleven_in_every_writing(text: str) -> None:
    assert height_m(text, "imperial", *RANGE_M) == pytest.approx(1.8034)


def test_whole_feet_and_half_inches() -> None:
    assert height_m("6'", "imperial", *RANGE_M) == pytest.approx(1.8288)
    assert height_m("5'10,5", "imperial", *RANGE_M) == pytest.approx(1.7907)


def test_pounds_and_kilograms() -> None:
    assert mass_kg("Body mass", "165", "imperial", *RANGE_KG) == pytest.approx(
        74.84, abs=0.005
    )
    assert mass_kg("Body mass", "74,5", "metric", *RANGE_KG) == 74.5
    assert height_m("178", "metric", *RANGE_M) == pytest.approx(1.78)
    assert mass_kg("Load", "", "imperial", 0.0, 400.0) is None


@pytest.mark.parametrize("text", ["8'2", "3'1", "178", "tall", "5'x"])
def test_what_is_no_height_in_feet_is_refused_in_inches(text: str) -> None:
    with pytest.raises(InputError, match="inches"):
        height_m(text, "imperial", *RANGE_M)


def test_a_range_is_told_in_the_unit_that_was_used() -> None:
    with pytest.raises(InputError, match="between 56 and 551 lb"):
        mass_kg("Body mass", "20", "imperial", *RANGE_KG)
