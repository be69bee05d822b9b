"""The list of slips is up to date: every text that a slip replaces stands in its file once, every test file exists."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from slips import Slip, StaleSlip, is_caught, read_slips  # noqa: E402

SLIPS = read_slips()


def test_there_are_enough_and_they_are_spread() -> None:
    rooms = {
        slip.file.split("/")[1]
        for slip in SLIPS
        if slip.file.startswith("musclepose/")
    }
    assert len(SLIPS) >= 80
    assert {
        "physics",
        "data",
        "models",
        "movement",
        "pose",
        "wave_llm",
        "report",
        "web",
    } <= rooms


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_slip_can_be_planted(slip: Slip) -> None:
    source = (ROOT / slip.file).read_text("utf-8")
    assert slip.planted(source) != source
    assert slip.tests and all((ROOT / test).is_file() for test in slip.tests)


def test_a_text_that_is_gone_is_an_error() -> None:
    slip = Slip("made", "a.py", "x = 1", "x = 2", ("tests/test_slips.py",))
    with pytest.raises(StaleSlip, match="0 times"):
        slip.planted("y = 1")
    with pytest.raises(StaleSlip, match="2 times"):
        slip.planted("x = 1; x = 1")


@pytest.mark.parametrize(("new", "caught"), [("2", True), ("1  # one", False)])
def test_a_slip_is_caught_where_a_test_fails(
    tmp_path: Path, new: str, caught: bool
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "test_a.py").write_text(
        "from a import x\n\n\ndef test():\n    assert x == 1\n"
    )
    slip = Slip("made", "a.py", "1", new, ("test_a.py",))
    assert is_caught(slip, tmp_path) == caught
    assert (tmp_path / "a.py").read_text() == "x = 1\n"
