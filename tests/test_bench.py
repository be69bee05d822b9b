"""The physics benchmark runs, and its JSON says what it prints, with units in the key names."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from video_clips import moving_square, write_clip

from musclepose.bench import main
from musclepose.benchmark import length
from musclepose.errors import InputError
from musclepose.pipeline import Progress
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter

pytest.importorskip("numba")


def test_physics_bench(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "bench.json"
    assert (
        main(
            [
                "physics",
                "--frames",
                "2",
                "--turns",
                "1",
                "--threads",
                "1",
                "--json",
                str(target),
            ]
        )
        == 0
    )
    record = json.loads(target.read_text())
    names = {case["name"] for case in record["cases"]}
    assert {"ours, compiled", "ours, eager", "ours, jacrev reference"} <= names
    assert all(
        case["frames_per_s"] > 0 and case["us_per_frame"] > 0
        for case in record["cases"]
    )
    assert record["copy_gb_per_s"] > 0
    assert "frames/s" in capsys.readouterr().out


def test_wrong_arguments_are_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["physics", "--turns", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_pipeline_bench_names_stages_that_add_up(tmp_path, capsys) -> None:
    assert (
        main(
            [
                "pipeline",
                "--seconds",
                "2",
                "--turns",
                "1",
                "--json",
                str(tmp_path / "p.json"),
            ]
        )
        == 0
    )
    record = json.loads((tmp_path / "p.json").read_text())
    stages = ("network_s", "physics_s", "bands_s", "rest_s")
    assert sum(record[s] for s in stages) == pytest.approx(record["total_s"])
    assert (
        all(record[s] > 0 for s in stages)
        and "network" in capsys.readouterr().out
    )
    assert main(["pipeline", "--turns", "0"]) == 2


def test_keypoints_bench_takes_turns(tmp_path, capsys, monkeypatch) -> None:
    from musclepose.benchmark import keypoints

    asked = []

    def fake(path, person, source):
        asked.append(source)
        return SimpleNamespace(
            time_s=np.arange(10) / 30,
            keypoint_source=f"by {source}",
            confidence=np.ones((10, 17)),
        )

    monkeypatch.setattr(keypoints, "track_of_video", fake)
    target = tmp_path / "k.json"
    arguments = [
        "keypoints",
        "--input",
        "clip.mp4",
        "--turns",
        "2",
        "--json",
        str(target),
    ]
    assert main(arguments) == 0
    assert asked == ["blazepose", "yolo"] * 3  # one turn for warming up
    record = json.loads(target.read_text())
    assert (
        record["yolo"]["pictures_per_s"] > 0
        and "by yolo" in capsys.readouterr().out
    )
    assert main(["keypoints", "--turns", "0"]) == 2


def test_gpu_bench_measures_every_part_on_a_cpu(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The smallest sizes; without a GPU it says what one would need."""
    from musclepose.benchmark import gpu

    assert main(["gpu", "--tiny", "--json", str(tmp_path / "g.json")]) == 0
    record = json.loads(
        (tmp_path / "g.json").read_text(), parse_constant=pytest.fail
    )
    assert set(record["parts"]) == {
        "physics",
        "keypoints",
        "motion training",
        "language",
    }
    language = record["parts"]["language"]["cpu"]
    assert (
        language["tokens_per_s"] > 0
        and language["first_token_s"] > 0
        and language["lora_step_s"] > 0
    )
    # Two blocks of width 64 with rank 32: qkv 64+192, out 64+64, gate and up 64+256, down 128+64 inputs and outputs.
    assert language["lora_weights"] == 2 * 32 * (
        (64 + 192) + (64 + 64) + (64 + 256) + (128 + 64)
    )
    assert (
        record["parts"]["physics"]["cpu"]["forward_frames_per_s"]
        > record["parts"]["physics"]["cpu"]["gradient_frames_per_s"]
    )
    said = capsys.readouterr().out
    assert (gpu.NEEDS in said) == (record["gpu"] == "none")


def test_a_part_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from musclepose.benchmark import gpu

    def fails(*_: object) -> dict[str, float]:
        raise RuntimeError("out of memory\nmore")

    monkeypatch.setattr(gpu, "PARTS", {"language": fails})
    assert gpu.measure([gpu.torch.device("cpu")], True) == {
        "language": {"cpu": {"left_out": "out of memory"}}
    }


def test_end2end_times_what_the_command_line_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command line that sleeps for known times: its stages are those of the record, in its order."""
    from musclepose import infer, pipeline
    from musclepose.benchmark import end2end
    from musclepose.wave_llm.coach import Coach

    def run(
        args: argparse.Namespace,
        coach: Coach,
        progress: Progress,
        show: infer.Show,
    ) -> dict[str, Path]:
        assert args.input == tmp_path / "clip.mp4"
        for text in (
            "Finding: picture 4 of 8",
            "Finding: picture 8 of 8",
            "Computing",
        ):
            progress(0.1, text)
            time.sleep(0.05)
        progress(1.0, "Writing the text")
        assert list(show(iter(("Well ", "done.")), coach)) == ["Well ", "done."]
        table = args.out / "timeseries.csv"
        table.write_text("time_s\n" + 8 * "0\n")
        return {"timeseries.csv": table}

    monkeypatch.setattr(infer, "run", run)
    monkeypatch.setattr(pipeline, "load_models", lambda _: time.sleep(0.05))
    monkeypatch.setattr(Coach, "preload", lambda self: None)
    record = end2end.one_run(tmp_path / "clip.mp4")
    before = [end2end.IMPORTING, end2end.LOADING, end2end.OPENING]
    stages = [*before, "Finding", "Computing", "Writing the text"]
    assert (
        list(record["stage_s"]) == [*stages, "total"] and record["frames"] == 8
    )
    times = record["stage_s"]
    assert (
        times["Finding"] >= 0.1
        and 0.05 <= times["Computing"] < times["Finding"] + 0.05
    )
    pose_s = times[end2end.OPENING] + times["Finding"]
    assert record["pose_fps"] == pytest.approx(8 / pose_s, rel=0.02)
    assert sum(times[stage] for stage in stages) == pytest.approx(
        times["total"], abs=0.01
    )
    assert times[end2end.OPENING] < 0.05 <= times[end2end.LOADING]
    assert 0.05 <= record["ready_s"] < record["first_plot_s"]
    assert record["first_plot_s"] <= record["first_text_s"] <= times["total"]


def test_end2end_prints_and_writes_both_runs(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from musclepose.benchmark import end2end

    record = {
        "frames": 10,
        "stage_s": {"Importing": 2.0, "Computing": 1.0, "total": 3.0},
        "pose_fps": 10.0,
        "ready_s": 2.0,
        "first_plot_s": 6.0,
        "first_text_s": 7.0,
    }
    cold = {**record, "peak_rss_mb": 900.0, "warm": record}
    pool = SimpleNamespace(apply=lambda f, a: dict(cold))
    context = SimpleNamespace(Pool=lambda n: nullcontext(pool))
    monkeypatch.setattr(end2end, "get_context", lambda kind: context)
    target = tmp_path / "e.json"
    assert main(["end2end", "--input", "clip.mp4", "--json", str(target)]) == 0
    printed = capsys.readouterr().out
    assert (
        "pictures/s; peak memory of the first run 900 MB" in printed
        and "Computing" in printed
    )
    assert json.loads(target.read_text())["stage_s"] == record["stage_s"]
    assert main(["end2end", "--input", "clip.mp4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["peak_rss_mb"] == 900.0


def test_decoding_bench_compares_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSCLEPOSE_DECODE", "")  # put back afterwards
    clip = write_clip(tmp_path / "clip.mp4", moving_square(30))
    target = tmp_path / "d.json"
    assert (
        main(
            [
                "decode",
                "--input",
                str(clip),
                "--turns",
                "1",
                "--json",
                str(target),
            ]
        )
        == 0
    )
    rows = json.loads(target.read_text())
    assert [row["side_px"] for row in rows] == [None, 640]
    for row in rows:
        (inline, _), (process, _) = row["inline"], row["process"]
        assert inline > 0 and row["ratio"]["processor_ms"] == pytest.approx(
            process / inline
        )


def test_memory_of_a_command_is_that_of_its_processes(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time; kept = b'x' * 60_000_000; print('half way')\n"
        "subprocess.run([sys.executable, '-c', 'import time; k = chr(120) * 90_000_000; time.sleep(3)'])"
    )
    peak, seconds = length.watch(
        [sys.executable, "-u", "-c", code], tmp_path / "said"
    )
    assert seconds >= 3 and peak.during == "half way"
    assert peak.main_mb > 50 and peak.others_mb > 80
    assert peak.all_mb == pytest.approx(peak.main_mb + peak.others_mb)
    with pytest.raises(InputError, match="ended with 3"):
        length.watch(
            [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "said"
        )


def test_a_long_clip_is_the_short_one_again_and_again(tmp_path: Path) -> None:
    loop = tmp_path / "loop.mp4"
    with VideoWriter(loop, (160, 120), 30.0) as writer:
        for number, picture in enumerate(moving_square(30)):
            writer.write(picture, number / 30)
    length.write_long(tmp_path / "long.mp4", loop, minutes=0.1)
    times = [time_s for time_s, _ in open_clip(tmp_path / "long.mp4").frames()]
    np.testing.assert_allclose(times, np.arange(180) / 30, atol=1e-4)
