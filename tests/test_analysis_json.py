"""analysis.json against its JSON Schema, on clips of every kind, and what stands in it of the file and the day."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from asymmetric_analysis import asymmetric_analysis
from fake_analysis import fake_analysis
from jsonschema import Draft202012Validator, ValidationError

from musclepose.movement.summarise import summarise
from musclepose.records import Analysis
from musclepose.report.analysis_json import (
    SCHEMA,
    Clip,
    analysis_record,
    write_analysis,
)
from musclepose.report.files import write_files

VALIDATOR = Draft202012Validator(
    json.loads(SCHEMA.read_text("utf-8")),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)


def _record(analysis: Analysis, clip: Clip | None = None) -> dict[str, Any]:
    return analysis_record(analysis, summarise(analysis), clip)


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    return _record(fake_analysis(frames=240), Clip("squat.mp4"))


def test_the_schema_is_one_and_closed() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)
    assert VALIDATOR.schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "make", [lambda: fake_analysis(frames=240), asymmetric_analysis]
)
def test_what_is_written_keeps_to_the_schema(make, tmp_path) -> None:
    analysis = make()
    path = write_files(
        analysis, summarise(analysis), "", tmp_path, clip=Clip("a.mp4")
    )
    VALIDATOR.validate(json.loads(path["analysis.json"].read_text("utf-8")))


def test_a_clip_with_repetitions_faults_and_figures_is_among_them(
    record,
) -> None:
    assert record["repetitions"] and record["faults"] and record["absent"]
    assert any("band_90" in f for f in record["figures"].values())


def _without_unit(record: dict[str, Any]) -> None:
    next(iter(record["figures"].values())).pop("unit")


def _text_for_a_number(record: dict[str, Any]) -> None:
    next(iter(record["peaks"].values()))["value"] = "12 N m"


def _unknown_field(record: dict[str, Any]) -> None:
    record["clip"]["path"] = "somewhere"


def _no_repetitions(record: dict[str, Any]) -> None:
    del record["repetitions"]


def _other_unit(record: dict[str, Any]) -> None:
    next(iter(record["figures"].values()))["unit"] = "foot-pounds"


@pytest.mark.parametrize(
    "spoil",
    [
        _without_unit,
        _text_for_a_number,
        _unknown_field,
        _no_repetitions,
        _other_unit,
    ],
)
def test_a_spoilt_record_is_refused(record, spoil) -> None:
    spoilt = copy.deepcopy(record)
    spoil(spoilt)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(spoilt)


def test_the_file_and_the_moment_are_told_in_utc() -> None:
    two_hours_east = datetime(
        2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))
    )
    record = _record(
        fake_analysis(), Clip("Squat – 2. Satz.mov", two_hours_east)
    )
    assert record["clip"]["name"] == "Squat – 2. Satz.mov"
    assert record["analysed_at"] == "2026-02-28T22:30:00+00:00"


def test_without_a_file_there_is_no_name_and_the_moment_is_now() -> None:
    record = _record(fake_analysis())
    assert record["clip"]["name"] is None
    since = datetime.now(UTC) - datetime.fromisoformat(record["analysed_at"])
    assert timedelta(0) <= since < timedelta(minutes=5)


def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path) -> None:
    """Linux allows any bytes in a name; Python shows what is no UTF-8 as lone surrogates, which no file can hold."""
    path = write_analysis(
        tmp_path / "a.json", _record(fake_analysis(), Clip("squat\udce9.mp4"))
    )
    assert json.loads(path.read_text("utf-8"))["clip"]["name"] == "squat?.mp4"


def test_numbers_have_seven_digits_and_what_is_undefined_is_null() -> None:
    analysis = fake_analysis()
    record = _record(analysis)
    flat = json.dumps(record, allow_nan=False)  # no NaN is left
    longest = max(
        len(word.strip("-.0").replace(".", "")) for word in _numbers(flat)
    )
    assert longest <= 7
    assert np.isclose(
        record["quality"]["seen_fraction"]["value"], 1.0, atol=0.1
    )


def _numbers(text: str) -> list[str]:
    found: list[str] = []
    json.loads(
        text,
        parse_float=lambda word: (
            found.append(word.split("e")[0]) or float(word)
        ),
    )
    return found
