"""The command line from a sample to all result files, with the committed weights and the embedded language model."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from csv_digits import figure_tolerance
from test_files import Recompute, figures_in, read_csv

from musclepose import infer
from musclepose.assets import asset_path
from musclepose.errors import AssetError
from musclepose.synthesis.synthetic import synthetic_track


def _sample(path: Path, gap: bool = False) -> Path:
    track = synthetic_track("squat", 3, 9.0)
    confidence = track.confidence.copy()
    if gap:
        confidence[(track.time_s > 4.0) & (track.time_s < 5.0)] = 0.0
    fields = {
        "kxy": torch.from_numpy(track.keypoints_px),
        "kconf": torch.from_numpy(confidence),
        "coaching_text": "",
        "size_px": list(track.size_px),
        "height_m": 1.81,
        "mass_kg": 82.0,
    }
    torch.save(fields, path)
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        asset_path("smollm2")
    except AssetError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("infer")
    sample = _sample(folder / "squat.pt", gap=True)
    assert (
        infer.main(
            [
                "--input",
                str(sample),
                "--sex",
                "male",
                "--out",
                str(folder / "out"),
            ]
        )
        == 0
    )
    return folder / "out"


def test_all_files_are_written_and_the_text_speaks_of_the_movement(
    out: Path,
) -> None:
    expected = {
        "analysis.json",
        "timeseries.csv",
        "plots.png",
        "coaching.md",
        "kinematics.mot",
        "ground_reaction.mot",
        "results.zip",
    }
    assert expected <= {p.name for p in out.iterdir()}
    text = (out / "coaching.md").read_text("utf-8")
    assert "squat" in text.lower() and len(text) > 200


def test_every_figure_of_a_real_run_follows_from_its_csv(out: Path) -> None:
    record = json.loads((out / "analysis.json").read_text("utf-8"))
    again = Recompute(
        read_csv(out / "timeseries.csv"), record["athlete"]["mass_kg"]
    )
    found = figures_in(record)
    assert len(found) > 100
    for path, figure in found:
        if figure["value"] is None:
            assert math.isnan(again(figure["from"])), path
        else:
            close = pytest.approx(
                figure["value"], rel=1e-4, abs=figure_tolerance(figure["unit"])
            )
            assert again(figure["from"]) == close, path


def test_what_the_sample_tells_is_used_and_the_rest_is_marked(
    out: Path,
) -> None:
    athlete = json.loads((out / "analysis.json").read_text("utf-8"))["athlete"]
    assert (
        athlete["height_m"] == 1.81
        and athlete["mass_kg"] == 82.0
        and athlete["sex"] == "male"
    )
    assert athlete["assumed"] == ["age_years"]


def test_the_gap_is_empty_in_the_csv(out: Path) -> None:
    columns = read_csv(out / "timeseries.csv")
    gap = (columns["time_s"] > 4.1) & (columns["time_s"] < 4.9)
    before = columns["time_s"] < 3.5
    for name in (
        "tau_knee_flexion_l_nm",
        "grf_r_y_n",
        "activation_knee_flexion_l_plus",
    ):
        assert np.isnan(columns[name][gap]).all(), name
        assert np.isfinite(columns[name][before]).all(), name


def test_effort_is_empty_in_the_gap_and_where_the_torque_is_small(
    out: Path,
) -> None:
    columns = read_csv(out / "timeseries.csv")
    effort = columns["effort_hip_flexion_r"]
    before = columns["time_s"] < 3.5
    assert np.isnan(
        effort[(columns["time_s"] > 4.1) & (columns["time_s"] < 4.9)]
    ).all()
    assert np.isfinite(effort[before]).any()
    assert (
        np.abs(columns["tau_hip_flexion_r_nm"][before & np.isnan(effort)]).max(
            initial=0
        )
        < 10.0
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--input", "nothing.mp4"], ("no such video file", "MP4")),
        (["--input", "nothing.pt"], ("nothing.pt", ".pt sample")),
        (["--height_m", "0"], ("height", "0")),
        (["--mass_kg", "900"], ("mass", "900")),
        (["--load_kg", "-5"], ("load", "-5")),
        (["--slow_motion", "0.1"], ("slow-motion", "0.1")),
        (["--checkpoint", "none.safetensors"], ("none.safetensors",)),
    ],
)
def test_bad_input_ends_in_one_sentence(
    arguments: list[str],
    words: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        infer.Coach, "preload", lambda self: None
    )  # not needed before the input is read
    assert infer.main([*arguments, "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    sentence = printed.err.strip().splitlines()[-1]
    assert all(w in sentence for w in words) and sentence.endswith(".")
    assert "Traceback" not in printed.err and printed.out == ""


def test_an_exercise_can_be_told_and_must_be_one_of_the_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert infer.arguments(["--exercise", "lunge"]).exercise == "lunge"
    for unknown in ("flying", "other"):
        with pytest.raises(SystemExit):
            infer.arguments(["--exercise", unknown])
    assert "invalid choice" in capsys.readouterr().err
