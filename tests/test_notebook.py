"""docs/notebook.md runs as it stands, and what it computes is what the arrays hold; the Python call refuses plainly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch
from test_files import read_csv

import musclepose
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.synthesis.exercise.generate import generate_clip
from musclepose.synthesis.synthetic import synthetic_track

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All blocks of the notebook, run one after another in an empty folder: what they leave behind."""
    matplotlib.use("Agg")
    text = (DOCS / "notebook.md").read_text("utf-8")
    blocks = re.findall(
        r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    )
    assert len(blocks) >= 7
    space: dict[str, Any] = {"folder": tmp_path_factory.mktemp("notebook")}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(space["folder"])
        for block in blocks:
            exec(compile(block, "notebook.md", "exec"), space)
    return space


def test_the_table_holds_the_arrays(names: dict[str, Any]) -> None:
    table, analysis = names["table"], names["result"].analysis
    knee = DOF_INDEX["knee_flexion_l"]
    assert len(table) == len(analysis.time_s)
    assert np.array_equal(
        table["tau_knee_flexion_l_nm"], analysis.tau_nm[:, knee], equal_nan=True
    )
    per_kg = table["tau_knee_flexion_l_nm_per_kg"]
    assert np.allclose(per_kg, analysis.tau_nm[:, knee] / 75.0, equal_nan=True)
    assert table.attrs["units"]["tau_knee_flexion_l_nm_per_kg"] == "N m/kg"


def test_the_repetitions_are_those_that_were_generated(
    names: dict[str, Any],
) -> None:
    per_repetition = names["per_repetition"]
    made = generate_clip(
        3, "squat", faults={}, seconds=9.0
    ).repetitions  # frames at 30 Hz
    assert list(per_repetition.index) == list(range(1, len(made) + 1))
    inside = names["inside"]
    deepest = inside.loc[
        inside.groupby("repetition")["knee_flexion_l_deg"].idxmax(), "time_s"
    ]
    for r, time_s in zip(made, deepest, strict=True):
        assert r.start / 30.0 < time_s < r.end / 30.0
    assert (per_repetition["deepest_knee_deg"] > 60.0).all()
    assert (per_repetition["largest_force_bw"] > 1.0).all()
    assert list(names["everything"].index.levels[0]) == ["Monday", "Thursday"]


def test_the_files_are_those_of_the_command_line(names: dict[str, Any]) -> None:
    out = names["folder"] / "out"
    assert (names["folder"] / "knee.png").stat().st_size > 5000
    assert {"analysis.json", "timeseries.csv", "markers.trc"} <= {
        p.name for p in out.iterdir()
    }
    columns = read_csv(out / "timeseries.csv")
    assert list(columns) == list(names["table"].columns)


def test_a_figure_by_key_or_the_keys_that_there_are(
    names: dict[str, Any],
) -> None:
    result = names["result"]
    assert result.figure("repetitions.count") == 2.0
    with pytest.raises(
        KeyError, match=r"'nothing'; there are .*repetitions\.count"
    ):
        result.figure("nothing")
    knee = result.columns()["knee_flexion_l_deg"]
    assert (knee.joint, knee.side, knee.unit) == ("knee", "left", "deg")


def test_a_file_of_keypoints_tells_what_the_call_leaves_open(
    tmp_path: Path,
) -> None:
    track = synthetic_track("squat", 2, 6.0)
    torch.save(
        {
            "kxy": torch.from_numpy(track.keypoints_px),
            "kconf": torch.from_numpy(track.confidence),
            "coaching_text": "",
            "size_px": list(track.size_px),
            "height_m": 1.81,
            "mass_kg": 82.0,
            "sex": "female",
        },
        tmp_path / "squat.pt",
    )
    result = musclepose.analyse(tmp_path / "squat.pt", mass_kg=70.0)
    person = result.analysis.athlete
    assert (person.height_m, person.mass_kg, person.sex) == (
        1.81,
        70.0,
        "female",
    )
    assert result.clip.name == "squat.pt"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"mass_kg": 900.0}, "mass is 900 kg"),
        ({"exercise": "flying"}, "exercise is 'flying'; there are .*squat"),
        ({"load_at": "feet"}, "load position is 'feet'"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_wrong_word_is_one_sentence(
    words: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(musclepose.MusclePoseError, match=sentence):
        musclepose.analyse(synthetic_track("squat", 2, 6.0), **words)


def test_the_package_is_light_until_it_is_used() -> None:
    code = "import sys, musclepose; print('torch' in sys.modules, 'analyse' in dir(musclepose))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
    with pytest.raises(AttributeError, match="no attribute 'analyze'"):
        musclepose.analyze  # noqa: B018
