"""The plain regressor: equal in size, learns, and takes part in the evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from musclepose.errors import CheckpointError
from musclepose.evaluation.motion_baselines import baselines
from musclepose.learning import plain
from musclepose.learning.batches import BatchMaker
from musclepose.learning.losses import body_points
from musclepose.learning.trainer import TrainConfig, Trainer
from musclepose.models.checkpoint import save_checkpoint
from musclepose.models.musclepose import MusclePoseCOCO
from musclepose.models.plain import (
    HIPS,
    N_POINTS,
    PlainRegressor,
    load_plain,
    save_plain,
)
from musclepose.physics.kinematics import forward_kinematics
from musclepose.synthesis.augment import NO_AUGMENT, MotionBank
from musclepose.synthesis.exercise import generate_clip


@pytest.fixture(scope="module")
def maker() -> BatchMaker:
    torch.set_num_threads(1)
    return BatchMaker(
        MotionBank([generate_clip(1, "squat").motion], config=NO_AUGMENT),
        8,
        16,
        0,
        1.0,
    )


def test_it_has_the_size_of_the_other_without_its_physics_heads() -> None:
    ours = MusclePoseCOCO()
    physics = sum(
        p.numel()
        for m in (ours.muscle, ours.mass, ours.clip)
        for p in m.parameters()
    )
    size = sum(p.numel() for p in ours.parameters()) - physics
    assert sum(
        p.numel() for p in PlainRegressor().parameters()
    ) == pytest.approx(size, rel=0.02)


def test_points_are_those_of_the_losses_and_hip_relative(
    maker: BatchMaker,
) -> None:
    tokens, truth = maker(0)
    pose = forward_kinematics(truth.q, truth.lengths_m[:, None])
    assert body_points(pose, truth.lengths_m).points.shape[-2] == N_POINTS
    out = PlainRegressor()(tokens)
    torch.testing.assert_close(
        out[..., HIPS, :].mean(-2), torch.zeros(8, 16, 3), atol=1e-6, rtol=0
    )
    taller = tokens._replace(stature_m=1.1 * tokens.stature_m)
    model = PlainRegressor()
    torch.testing.assert_close(model(taller), 1.1 * model(tokens))


def test_it_learns_a_few_windows(maker: BatchMaker, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = TrainConfig(
        steps=40,
        learning_rate=1e-3,
        matrix_learning_rate=2.5e-3,
        warmup_steps=5,
        log_every=5,
    )
    trainer = Trainer(PlainRegressor(), plain.plain_loss, maker, config)
    trainer.run(tmp_path / "state.pt")
    first, last = (
        trainer.state.log[0]["points"],
        trainer.state.log[-1]["points"],
    )
    assert last < 0.5 * first


def test_it_is_saved_and_takes_part_in_the_evaluation(
    maker: BatchMaker, tmp_path: Path
) -> None:
    model, path = PlainRegressor().eval(), tmp_path / "plain.safetensors"
    save_plain(path, model, {"minutes": 0})
    tokens, _ = maker(0)
    with torch.no_grad():
        torch.testing.assert_close(
            load_plain(path)(tokens), model(tokens), atol=5e-3, rtol=0
        )
    runs, skipped = baselines(path)
    assert "plain" in runs and not skipped
    save_checkpoint(tmp_path / "other.safetensors", MusclePoseCOCO(), {})
    with pytest.raises(CheckpointError, match="musclepose-coco"):
        load_plain(tmp_path / "other.safetensors")
