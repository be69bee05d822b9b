"""The training command: makes its own data where there is none, resumes, exports what infer can load."""

from __future__ import annotations

import contextlib
import json
from functools import lru_cache
from pathlib import Path

import pytest
import torch

from musclepose import train
from musclepose.learning import motion_bank, motion_training
from musclepose.learning.losses import FINAL_WEIGHTS, LossWeights, weights_at
from musclepose.learning.trainer import TrainConfig, Trainer, to_device
from musclepose.models.checkpoint import load_checkpoint, save_checkpoint
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO
from musclepose.synthesis.augment import MotionBank
from musclepose.synthesis.exercise import generate_clip


@lru_cache(maxsize=1)
def few_clips() -> list[motion_bank.MotionClip]:
    return [generate_clip(n, "squat", seconds=4.0).motion for n in range(2)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two generated clips in place of hundreds."""
    monkeypatch.setattr(motion_bank, "generated_motion", few_clips)
    monkeypatch.setattr(
        train, "validation_bank", lambda _: MotionBank(few_clips())
    )


def arguments(folder: Path, *more: str) -> list[str]:
    return [
        "--data_dir",
        str(folder / "nothing"),
        "--save_dir",
        str(folder / "run"),
        "--batch_size",
        "4",
        "--window",
        "8",
        "--threads",
        "1",
        *more,
    ]


@pytest.mark.usefixtures("small")
def test_it_trains_on_made_motion_resumes_and_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = sum(len(c.q) for c in few_clips())
    ten_steps = str(10 * 4 * 8 / frames + 1e-6)
    weights = tmp_path / "model.safetensors"
    assert (
        train.main(
            arguments(tmp_path, "--epochs", ten_steps, "--export", str(weights))
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "0 measured and 2 generated clips" in out
    last = json.loads(
        [line for line in out.splitlines() if line.startswith("{")][-1]
    )
    assert last["step"] == 10 and last["total"] > 0
    model, info = load_checkpoint(weights)
    assert info["step"] == 10 and "generated" in info["data"]
    assert (
        not model.muscle[2].weight.any() and not model.mass.weight.any()
    )  # untrained heads say nothing
    assert model.pose.weight.any()

    twelve_steps = str(12 * 4 * 8 / frames + 1e-6)
    assert train.main(arguments(tmp_path, "--epochs", twelve_steps)) == 0
    assert "Resumed at step 10." in capsys.readouterr().out


@pytest.mark.usefixtures("small")
def test_a_run_starts_from_released_weights_and_a_readout_that_fits_them(
    tmp_path: Path,
) -> None:
    torch.manual_seed(1)
    released, config = tmp_path / "released.safetensors", ModelConfig()
    save_checkpoint(released, MusclePoseCOCO(config), {}, half=False)
    maker = train.BatchMaker(MotionBank(few_clips()), 8, 16, seed=0)
    trainer = Trainer(
        motion_training.MotionTraining(config),
        motion_training.motion_loss,
        maker,
        TrainConfig(steps=1),
    )
    unfitted = motion_training.motion_loss(trainer.model, maker(0), 0.0)[
        "points"
    ].item()
    motion_training.start_from_checkpoint(trainer, released, maker(0))
    own, kept = (
        load_checkpoint(released)[0].state_dict(),
        trainer.model.state_dict(),
    )
    assert all(torch.equal(kept[f"network.{k}"], v) for k, v in own.items())
    assert torch.equal(
        motion_training.widened(
            {motion_training.FIRST_LAYER: torch.ones(2, 3)},
            ModelConfig(token_dim=5),
        )[motion_training.FIRST_LAYER],
        torch.tensor([[1.0, 1, 1, 0, 0], [1, 1, 1, 0, 0]]),
    )
    assert all(torch.equal(trainer.average[k], v) for k, v in kept.items())
    assert (
        motion_training.motion_loss(trainer.model, maker(0), 0.0)[
            "points"
        ].item()
        < 0.5 * unfitted
    )


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--batch_size", "0"),
        ("--window", "3"),
        ("--epochs", "-1"),
        ("--minutes", "-2"),
        ("--workers", "0"),
    ],
)
def test_senseless_arguments_end_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str
) -> None:
    assert train.main([*arguments(tmp_path), flag, value]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
@pytest.mark.usefixtures("small")
def test_a_gpu_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(arguments(tmp_path, "--device", "cuda")) == 2
    assert "no CUDA GPU" in capsys.readouterr().err


def test_terms_of_change_come_late() -> None:
    assert weights_at(0.0) == LossWeights()
    end = weights_at(1.0)
    assert all(
        getattr(end, name) == value for name, value in FINAL_WEIGHTS.items()
    )
    assert end.position == LossWeights().position
    assert (
        LossWeights().acceleration
        < weights_at(0.7).acceleration
        < end.acceleration
    )


def test_the_loss_stays_on_the_device_of_its_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """torch's meta device, like a GPU, refuses to compute with tensors of another device."""
    monkeypatch.setattr(
        torch, "autocast", lambda *_, **__: contextlib.nullcontext()
    )  # has no meta kind
    meta = torch.device("meta")
    batch = train.BatchMaker(MotionBank(few_clips()), 4, 8, seed=0)(0)
    assert batch[1].q.shape == (4, 8, 47)
    model = motion_training.MotionTraining(
        ModelConfig(width=32, layers=1, heads=2)
    ).to(meta)
    moved = to_device(batch, meta)
    assert (
        type(moved[1]) is type(batch[1])
        and moved[1].camera.focal.device == meta
    )
    total = motion_training.motion_loss(model, moved, 0.5)["total"]
    total.backward()
    assert total.device == meta and all(
        p.grad is None or p.grad.device == meta for p in model.parameters()
    )


def test_the_batches_of_a_step_are_the_same_in_every_run() -> None:
    bank = MotionBank(few_clips())
    a, b = (
        train.BatchMaker(bank, 8, 8, seed=3, long_every=2) for _ in range(2)
    )
    for step in (0, 1):
        assert torch.equal(a(step)[0].features, b(step)[0].features)
    assert a(0)[0].features.shape[:2] == (8, 8) and a(1)[0].features.shape[
        :2
    ] == (2, 32)
    assert not torch.equal(a(0)[0].features, a(2)[0].features)
