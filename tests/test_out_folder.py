"""A folder that cannot take the results is refused with one sentence, before any work."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from musclepose import infer
from musclepose.errors import InputError
from musclepose.report import out_folder


def _refused(
    out: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """What the command says; starting the work is an error of the test."""

    def work(args: object, coach: object) -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr(infer, "run", work)
    assert infer.main(["--out", str(out)]) == 2
    printed = capsys.readouterr()
    assert (
        printed.out == "" and printed.err.count("\n") == 2
    )  # an empty line, then the sentence
    return printed.err.strip()


def test_a_file_is_no_folder(tmp_path, capsys, monkeypatch) -> None:
    (tmp_path / "out").write_text("mine")
    assert "no folder" in _refused(tmp_path / "out", capsys, monkeypatch)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(
    os.name == "nt", reason="/dev/null is there on Linux and macOS"
)
def test_below_a_device(capsys, monkeypatch) -> None:
    assert "/dev/null/x is no folder" in _refused(
        Path("/dev/null/x"), capsys, monkeypatch
    )


def test_read_only(tmp_path, capsys, monkeypatch) -> None:
    """Root may write anywhere, so the system's answer is given here."""

    def denied(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(out_folder.tempfile, "NamedTemporaryFile", denied)
    assert "Permission denied" in _refused(
        tmp_path / "out", capsys, monkeypatch
    )


def test_a_full_disk(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(
        out_folder.shutil,
        "disk_usage",
        lambda _: SimpleNamespace(free=3_000_000),
    )
    assert "3 MB of space left" in _refused(tmp_path, capsys, monkeypatch)


def test_a_disk_that_fills_while_the_results_are_written(
    tmp_path, capsys, monkeypatch
) -> None:
    def full(args: object, coach: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(infer, "run", full)
    assert infer.main(["--out", str(tmp_path)]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_a_good_folder_is_made_and_left_empty(tmp_path) -> None:
    out_folder.check_out(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    with pytest.raises(InputError, match="--out"):
        out_folder.check_out(Path(__file__))
