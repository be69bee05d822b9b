"""A folder on a Ray cluster: an instance on this machine, two workers, of which some die on the way."""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from musclepose import infer
from musclepose.batch import Work

CLIPS = (
    "a.mp4",
    "bad.mp4",
    "b.mp4",
    "once.mp4",
    "always.mp4",
    "c.mp4",
    "d.mp4",
    "e.mp4",
)


def work_that_notes(notes: Path) -> Work:
    """An analysis that writes down who began and ended what. It is refused at bad*, and kills its process: at once.mp4
    the first time, at always.mp4 each time."""

    def note(what: str, clip: Path) -> None:
        with (notes / f"{what}-{clip.name}").open("a") as stream:
            stream.write(f"{os.getpid()}\n")

    def work(args: argparse.Namespace, coach: Any) -> None:
        from musclepose.errors import InputError

        clip = args.input
        note("begun", clip)
        begun = len((notes / f"begun-{clip.name}").read_text().split())
        if clip.stem == "always" or (clip.stem == "once" and begun == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if clip.stem.startswith("bad"):
            raise InputError("It shows nobody.")
        record = {
            "exercise": {"name": "squat"},
            "repetitions": [{}],
            "quality": {"level": "high"},
        }
        (args.out / "analysis.json").write_text(json.dumps(record))
        (args.out / "results.zip").write_bytes(b"")
        note("ended", clip)

    return work


def _lines(out: Path) -> dict[str, dict[str, str]]:
    with (out / "summary.csv").open(newline="", encoding="utf-8") as stream:
        return {row["clip"]: row for row in csv.DictReader(stream)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clips, and a command line that notes instead of analysing."""
    pytest.importorskip(
        "ray", reason="Ray is not installed: pip install '.[cluster]'"
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "notes").mkdir()
    for name in CLIPS:
        (tmp_path / "in" / name).write_bytes(b"film")
    monkeypatch.setattr(
        infer, "run_and_write", work_that_notes(tmp_path / "notes")
    )
    return tmp_path


def test_workers_die_and_nothing_is_lost_or_done_twice(
    folder: Path, capsys
) -> None:
    call = [
        "--input",
        str(folder / "in"),
        "--out",
        str(folder / "out"),
        "--ray",
        "local",
    ]
    assert infer.main([*call, "--workers", "2"]) == 1
    lines = _lines(folder / "out")
    assert sorted(lines) == sorted(CLIPS)
    failed = {name for name, row in lines.items() if row["status"] == "failed"}
    assert failed == {"bad.mp4", "always.mp4"}
    assert lines["bad.mp4"]["message"] == "It shows nobody."
    assert "worker process ended" in lines["always.mp4"]["message"]
    noted = {
        p.name: p.read_text().split() for p in (folder / "notes").iterdir()
    }
    ended = {
        name: len(noted[f"ended-{name}"])
        for name in CLIPS
        if name not in failed
    }
    assert set(ended.values()) == {1}  # nothing twice
    begun = Counter({name: len(noted[f"begun-{name}"]) for name in CLIPS})
    assert begun["once.mp4"] == 2 and begun["always.mp4"] == 2
    assert begun.total() == len(CLIPS) + 2
    processes = {pid for pids in noted.values() for pid in pids}
    assert str(os.getpid()) not in processes
    assert len(processes) in (
        4,
        5,
    )  # two workers and one for each that died before the last clip
    told = [
        line
        for line in capsys.readouterr().out.splitlines()
        if line[:2] in {f"{n}/" for n in range(1, 9)}
    ]
    assert len(told) == len(CLIPS), told


def test_the_next_call_begins_no_cluster_for_what_is_done(folder: Path) -> None:
    for name in CLIPS:
        if name not in ("a.mp4", "b.mp4"):
            (folder / "in" / name).unlink()
    call = [
        "--input",
        str(folder / "in"),
        "--out",
        str(folder / "out"),
        "--ray",
        "local",
    ]
    assert infer.main(call) == 0
    assert infer.main([*call[:-1], "nowhere.invalid:1"]) == 0  # nobody is asked
    noted = (folder / "notes" / "begun-a.mp4").read_text().split()
    assert len(noted) == 1


def test_a_cluster_that_does_not_answer_is_one_sentence(
    folder: Path, capsys
) -> None:
    call = [
        "--input",
        str(folder / "in"),
        "--out",
        str(folder / "out"),
        "--ray",
        "127.0.0.1:9",
    ]
    assert infer.main(call) == 2
    assert "No Ray cluster answered at '127.0.0.1:9'" in capsys.readouterr().err


def test_without_ray_or_without_a_folder_it_is_one_sentence(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    (tmp_path / "a.mp4").write_bytes(b"film")
    assert (
        infer.main(
            ["--input", str(tmp_path), "--out", str(tmp_path), "--ray", "auto"]
        )
        == 2
    )
    assert "pip install" in capsys.readouterr().err
    call = [
        "--input",
        str(tmp_path / "a.mp4"),
        "--out",
        str(tmp_path),
        "--ray",
        "auto",
    ]
    assert infer.main(call) == 2
    assert "give a folder" in capsys.readouterr().err
