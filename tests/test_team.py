"""Two processes that train together are one process with both batches; on CPUs, started as a launcher starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import team_member
import torch

from musclepose import train
from musclepose.learning.packed_motion import WeightedClips, pack
from musclepose.learning.team import Alone, team_of
from musclepose.models.checkpoint import load_checkpoint
from musclepose.synthesis.exercise import generate_clip

ROOT = Path(__file__).resolve().parent.parent
pytest.importorskip("accelerate")


def launch(*command: str) -> str:
    """Two processes of a script or module; what they say."""
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc_per_node",
        "2",
    ]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_processes_are_one_with_both_batches(tmp_path: Path) -> None:
    told = launch(str(ROOT / "tests" / "team_member.py"), str(tmp_path))
    assert told.split("\n")[:3] == [f"told by 0: {step}" for step in (4, 8, 12)]
    members = [torch.load(tmp_path / f"member-{n}.pt") for n in (0, 1)]
    alone = team_member.trainer(team_member.both, Alone())
    alone.run(tmp_path / "alone.pt")
    started = team_member.trainer(team_member.both, Alone()).model.state_dict()
    wanted = alone.model.state_dict()
    assert not torch.allclose(
        wanted["head.weight"], started["head.weight"], atol=1e-2
    )
    for member in members:
        assert member["size"] == 2
        for name, value in wanted.items():  # float32 sums in another order
            torch.testing.assert_close(
                member["weights"][name], value, atol=1e-6, rtol=1e-5
            )
    assert members[0]["log"] == members[1]["log"]  # with the clock of the first
    average = torch.load(tmp_path / "state.pt", weights_only=True)["average"]
    torch.testing.assert_close(
        average["head.weight"], alone.average["head.weight"]
    )


def test_a_process_alone_needs_no_accelerate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setitem(sys.modules, "accelerate", None)
    team = team_of("cpu")
    assert type(team) is Alone and team.size == 1 and team.is_first


def test_a_team_without_accelerate_or_with_a_language_model_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Two(Alone):
        size = 2

    monkeypatch.setattr(train, "team_of", lambda device: Two())
    assert (
        train.main(["--data_dir", str(tmp_path), "--llm_name", "smollm2"]) == 2
    )
    assert "trains in one process" in capsys.readouterr().err
    monkeypatch.setattr(train, "team_of", team_of)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    assert train.main(["--data_dir", str(tmp_path)]) == 2
    assert "needs accelerate" in capsys.readouterr().err


@pytest.mark.slow
def test_the_training_command_runs_in_two_processes_and_goes_on_in_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = [generate_clip(n, "squat", seconds=4.0).motion for n in range(2)]
    motion, weights = tmp_path / "motion.npz", tmp_path / "model.safetensors"
    pack(motion, WeightedClips(clips, [1.0, 1.0], "two made clips"), clips)
    frames = sum(len(clip.q) for clip in clips)
    call = [
        *(
            "--data_dir",
            str(motion),
            "--save_dir",
            str(tmp_path / "run"),
            "--device",
            "cpu",
        ),
        *(
            "--batch_size",
            "4",
            "--window",
            "8",
            "--threads",
            "1",
            "--save_every",
            "3",
        ),
        *("--export", str(weights)),
    ]

    def epochs(steps: int, processes: int) -> str:
        return str(steps * processes * 4 * 8 / frames + 1e-6)

    told = launch("-m", "musclepose.train", *call, "--epochs", epochs(6, 2))
    assert told.count("Training on two made clips") == told.count("Wrote ") == 1
    rows = [
        json.loads(line) for line in told.splitlines() if line.startswith("{")
    ]
    assert rows[-1]["step"] == 6 and rows[-1]["val_noisy_mpjpe_mm"] > 0
    assert load_checkpoint(weights)[1]["step"] == 6
    assert train.main([*call, "--epochs", epochs(8, 1)]) == 0
    assert "Resumed at step 6." in capsys.readouterr().out
