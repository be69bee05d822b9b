"""What fails on the way is one sentence: damaged weights, the language model's thread, memory while writing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from musclepose import infer
from musclepose.errors import CheckpointError
from musclepose.models.checkpoint import KIND, load_checkpoint, save_checkpoint
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO
from musclepose.wave_llm import language_model
from musclepose.wave_llm.coach import Coach
from musclepose.wave_llm.report import RULE_WRITTEN


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a small network."""
    path = tmp_path_factory.mktemp("weights") / "whole.safetensors"
    save_checkpoint(
        path,
        MusclePoseCOCO(ModelConfig(width=32, layers=1, heads=2)),
        {"step": 1},
    )
    return path


def _cut(whole: Path, path: Path) -> None:
    content = whole.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _noise(whole: Path, path: Path) -> None:
    path.write_bytes(b"\xff" * whole.stat().st_size)


def _fewer(whole: Path, path: Path) -> None:
    kept = dict(list(load_file(whole).items())[1:])
    header = {"kind": KIND, "config": "{}", "info": "{}"}
    save_file(kept, path, header)


def _header(config: str) -> Callable[[Path, Path], None]:
    def write(whole: Path, path: Path) -> None:
        save_file(
            load_file(whole),
            path,
            {"kind": KIND, "config": config, "info": "{}"},
        )

    return write


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _noise,
        _fewer,
        _header("{"),
        _header('{"colour": 3}'),
        _header("{}"),
    ],
)
def test_damaged_weights_are_one_sentence(
    tmp_path: Path, whole: Path, damage: Callable[[Path, Path], None], capsys
) -> None:
    path = tmp_path / "damaged.safetensors"
    damage(whole, path)
    with pytest.raises(CheckpointError, match="damaged.safetensors"):
        load_checkpoint(path)
    clip = tmp_path / "clip.pt"
    torch.save(
        {"kxy": torch.rand(60, 17, 2) * 300, "kconf": torch.ones(60, 17)}, clip
    )
    call = [
        "--input",
        str(clip),
        "--out",
        str(tmp_path / "out"),
        "--checkpoint",
        str(path),
    ]
    assert load_checkpoint(whole)[1] == {"step": 1}
    assert infer.main(call) == 2
    assert "damaged.safetensors" in capsys.readouterr().err


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)
@pytest.mark.parametrize("how", [SystemExit, MemoryError, OSError("cut off")])
def test_a_language_model_whose_thread_ends_leaves_the_rules(
    monkeypatch, how
) -> None:
    def fails(*_: object) -> None:
        raise how

    monkeypatch.setattr(language_model, "load_language_model", fails)
    coach = Coach()
    assert coach.language_model() is None  # and nobody waits for it
    assert coach.ready and coach.note == RULE_WRITTEN


def test_memory_that_ends_while_writing_is_one_sentence(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(infer, "run", fails)
    assert infer.main(["--out", str(tmp_path)]) == 2
    assert "memory" in capsys.readouterr().err
