"""The mean of checkpoints."""

from pathlib import Path

import pytest
import torch

from musclepose.learning import average
from musclepose.models.checkpoint import load_checkpoint, save_checkpoint
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO


def test_weights_are_the_mean_and_the_header_says_of_what(
    tmp_path: Path,
) -> None:
    paths = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        paths.append(tmp_path / f"{seed}.safetensors")
        save_checkpoint(
            paths[-1],
            MusclePoseCOCO(ModelConfig(width=32, layers=1, heads=2)),
            {"name": str(seed)},
        )
    out = tmp_path / "mean.safetensors"
    assert average.main([*map(str, paths), "--out", str(out)]) == 0
    (a, _), (b, _), (mean, info) = (load_checkpoint(p) for p in (*paths, out))
    for name, value in mean.state_dict().items():
        expected = 0.5 * (a.state_dict()[name] + b.state_dict()[name])
        torch.testing.assert_close(
            value, expected, atol=1e-3, rtol=1e-3
        )  # stored in half precision
    assert [m["name"] for m in info["mean_of"]] == ["0", "1"]


def test_unequal_networks_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for width in (32, 64):
        model = MusclePoseCOCO(ModelConfig(width=width, layers=1, heads=2))
        save_checkpoint(tmp_path / f"{width}.safetensors", model, {})
    assert (
        average.main(
            [
                str(tmp_path / "32.safetensors"),
                str(tmp_path / "64.safetensors"),
                "--out",
                "x",
            ]
        )
        == 2
    )
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
