"""Damaged files through the reader; `evaluate fuzz` runs the same on thousands."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from musclepose import evaluate
from musclepose.errors import DecoderError, VideoError
from musclepose.evaluation import fuzz
from musclepose.evaluation.fuzz import ANALYSED, ELSE, KINDS, LIMIT, REFUSED


def test_whole_files_of_every_kind_are_read(tmp_path: Path) -> None:
    for kind, content in fuzz.whole_files():
        path = tmp_path / f"whole.{kind.suffix}"
        path.write_bytes(content)
        assert fuzz.outcome_of(kind, path) == (kind, ANALYSED, "")
    assert {kind.suffix for kind in KINDS} == {
        "mp4",
        "mov",
        "webm",
        "mkv",
        "avi",
    }


def _no_defect(files: int, seed: int) -> Counter[str]:
    found = list(fuzz.outcomes(files, seed, workers=2))
    assert [one for one in found if one.what == ELSE] == []
    return Counter(one.what for one in found)


def test_damaged_files_are_read_or_refused() -> None:
    counts = _no_defect(60, seed=1)
    assert counts[ANALYSED] > 10 and counts[REFUSED] > 10


@pytest.mark.slow
def test_more_damaged_files_are_read_or_refused() -> None:
    _no_defect(300, seed=2)


def test_a_number_gives_one_file_and_another_number_another() -> None:
    first = fuzz.damaged_file(5, 7)
    assert first == fuzz.damaged_file(5, 7)
    assert first != fuzz.damaged_file(5, 17) and first != fuzz.damaged_file(
        6, 7
    )
    assert all(
        fuzz.damaged_file(5, n)[1] != dict(fuzz.whole_files())[KINDS[n]]
        for n in range(8)
    )


@pytest.mark.parametrize(
    ("raised", "what"),
    [
        (
            VideoError(
                "The video is damaged: 3 of 9 pictures cannot be read; export it."
            ),
            REFUSED,
        ),
        (VideoError("Two sentences. Where one is promised."), ELSE),
        (VideoError("No full stop"), ELSE),
        (
            DecoderError(
                "memory", "Too much memory; export it again as H.264 MP4."
            ),
            LIMIT,
        ),
        (
            DecoderError(
                "code -11", "The decoder broke down; export it again."
            ),
            ELSE,
        ),
        (IndexError("out of range"), ELSE),
    ],
)
def test_what_counts_as_a_defect(
    raised: Exception,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_path: Path) -> None:
        raise raised

    monkeypatch.setattr(fuzz, "open_clip", refuse)
    assert fuzz.outcome_of(KINDS[0], tmp_path / "any.mp4").what == what


def test_the_command_counts_keeps_defects_and_fails_by_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def outcome(kind: fuzz.Kind, path: Path) -> fuzz.Outcome:
        return fuzz.Outcome(kind, ELSE if path.stem == "3" else ANALYSED)

    monkeypatch.setattr(fuzz, "outcome_of", outcome)
    counts, keep = tmp_path / "counts.json", tmp_path / "keep"
    arguments = ["fuzz", "--files", "10", "--seed", "4", "--keep", str(keep)]
    assert evaluate.main([*arguments, "--json", str(counts)]) == 1
    assert [path.name for path in keep.iterdir()] == [f"4_3.{KINDS[3].suffix}"]
    assert (keep / f"4_3.{KINDS[3].suffix}").read_bytes() == fuzz.damaged_file(
        4, 3
    )[1]
    assert json.loads(counts.read_text("utf-8"))["counts"]["all"] == {
        ANALYSED: 9,
        ELSE: 1,
    }
    assert "anything else" in capsys.readouterr().out
