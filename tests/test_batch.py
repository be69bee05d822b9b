"""A folder of clips: a line for each, failures listed, what is done is not done twice, models loaded once."""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path

import dying_work
import pytest
import torch

from musclepose import batch, infer
from musclepose.errors import InputError
from musclepose.synthesis.synthetic import synthetic_track


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Instead of the analysis: bad*.mp4 is refused, odd.mp4 is a fault of the program; notes clip and coach."""
    seen: list[tuple[str, int]] = []

    def run(args, coach):
        seen.append((args.input.name, id(coach)))
        print("what the coach says")
        if args.input.stem.startswith("bad"):
            raise InputError("It shows nobody.")
        if args.input.stem == "odd":
            raise ZeroDivisionError("by zero\nand more")
        record = {
            "exercise": {"name": "squat"},
            "repetitions": [{}, {}],
            "quality": {"level": "high"},
        }
        (args.out / "analysis.json").write_text(json.dumps(record))
        (args.out / "results.zip").write_bytes(b"")
        return {}

    monkeypatch.setattr(infer, "run", run)
    return seen


def _clips(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"film")
    return folder


def _lines(out: Path) -> dict[str, dict[str, str]]:
    with (out / "summary.csv").open(newline="", encoding="utf-8") as stream:
        return {row["clip"]: row for row in csv.DictReader(stream)}


def test_every_clip_gets_a_line_and_failures_the_exit_code(
    tmp_path, work, capsys
) -> None:
    clips = _clips(
        tmp_path / "in", "a.mp4", "bad.mp4", "odd.mp4", "z.mov", "notes.txt"
    )
    assert (
        infer.main(["--input", str(clips), "--out", str(tmp_path / "out")]) == 1
    )
    lines = _lines(tmp_path / "out")
    assert list(lines) == ["a.mp4", "bad.mp4", "odd.mp4", "z.mov"]
    assert [row["status"] for row in lines.values()] == [
        "done",
        "failed",
        "failed",
        "done",
    ]
    assert lines["bad.mp4"]["message"] == "It shows nobody."
    assert lines["odd.mp4"]["message"] == "ZeroDivisionError: by zero"
    a = lines["a.mp4"]
    assert (a["exercise"], a["repetitions"], a["quality"]) == (
        "squat",
        "2",
        "high",
    )
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 4 and "coach" not in printed.out
    assert "2 of 4 failed: bad.mp4, odd.mp4." in printed.err
    assert len({coach for _, coach in work}) == 1  # one language model for all


def test_the_next_call_does_what_is_left(tmp_path, work, capsys) -> None:
    clips, out = (
        _clips(tmp_path / "in", "a.mp4", "b.mp4", "bad.mp4"),
        tmp_path / "out",
    )
    call = ["--input", str(clips), "--out", str(out)]
    assert infer.main(call) == 1
    work.clear()
    os.utime(clips / "b.mp4", ns=(1, 1))  # another film under the same name
    assert infer.main(call) == 1
    assert [name for name, _ in work] == ["b.mp4", "bad.mp4"]
    assert "1 of 3 clips are done already." in capsys.readouterr().err
    (clips / "bad.mp4").unlink()
    work.clear()
    assert infer.main(call) == 0 and work == []
    assert list(_lines(out)) == ["a.mp4", "b.mp4"]


def test_clips_of_one_stem_keep_apart(tmp_path, work) -> None:
    clips = _clips(tmp_path / "in", "squat.mp4", "squat.mov")
    assert (
        infer.main(["--input", str(clips), "--out", str(tmp_path / "out")]) == 0
    )
    assert {p.name for p in (tmp_path / "out").iterdir() if p.is_dir()} == {
        "squat.mp4",
        "squat.mov",
    }


def test_a_damaged_summary_is_begun_anew(tmp_path) -> None:
    (tmp_path / "summary.csv").write_text("clip,bytes\na.mp4,many\n")
    assert batch.read_summary(tmp_path) == {}


def test_an_empty_folder_and_no_workers_are_one_sentence(
    tmp_path, capsys
) -> None:
    clips = _clips(tmp_path / "in")
    assert (
        infer.main(["--input", str(clips), "--out", str(tmp_path / "out")]) == 2
    )
    assert "holds no clip" in capsys.readouterr().err
    (clips / "a.mp4").write_bytes(b"")
    call = [
        "--input",
        str(clips),
        "--out",
        str(tmp_path / "out"),
        "--workers",
        "0",
    ]
    assert infer.main(call) == 2 and "--workers is 0" in capsys.readouterr().err


def test_two_processes_refuse_a_broken_sample_and_go_on(tmp_path) -> None:
    """Real worker processes on samples that are refused before any model runs."""
    clips = tmp_path / "in"
    clips.mkdir()
    track = synthetic_track("squat", 1, 2.0)
    points, confidence = (
        torch.from_numpy(track.keypoints_px),
        torch.from_numpy(track.confidence),
    )
    torch.save({"kxy": points, "kconf": confidence * 100}, clips / "a.pt")
    (clips / "b.json").write_text("[]")
    call = [
        "--input",
        str(clips),
        "--out",
        str(tmp_path / "out"),
        "--workers",
        "2",
    ]
    assert infer.main(call) == 1
    lines = _lines(tmp_path / "out")
    assert (
        "confidences" in lines["a.pt"]["message"]
        and "list" in lines["b.json"]["message"]
    )


def test_a_worker_that_dies_takes_no_other_clip_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two workers, nine clips: one kills its process always, one only the first time."""
    names = ["a", "b", "killer", "c", "d", "once", "e", "f", "g"]
    clips = _clips(tmp_path / "in", *(f"{n}.mp4" for n in names))
    out = tmp_path / "out"
    args = argparse.Namespace(
        input=clips,
        out=out,
        workers=2,
        ray="",
        llm_name=None,
        adapter_path=None,
        notes_in=tmp_path,
    )
    out.mkdir()
    assert batch.run(args, dying_work.work) == 1
    lines = _lines(out)
    assert len(lines) == len(names)
    failed = {n for n, row in lines.items() if row["status"] == "failed"}
    assert failed == {"killer.mp4"}
    assert lines["killer.mp4"]["message"] == batch.DIED
    tried = (tmp_path / "tried").read_text().split()
    assert tried.count("killer.mp4") == 2 and tried.count("once.mp4") == 2
    assert max(tried.count(f"{n}.mp4") for n in "abcdefg") <= 2
    again = batch.run(args, dying_work.work)
    assert again == 1 and "8 of 9 clips are done" in capsys.readouterr().err
