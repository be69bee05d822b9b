"""What each ingredient of the training is worth: short runs of equal length that differ in one thing each.

    python -m musclepose.learning.ablation --data_dir ../shared/data --steps 300 --json runs/ablation.json

All runs start from the same random weights and see batches of the same numbers. Figures are on the validation subjects,
through fixed virtual cameras: MPJPE of the 12 limb joints and their acceleration error.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from musclepose.data.tokens import N_CONTEXT, Tokens
from musclepose.learning.batches import TRAINING_CAMERAS, BatchMaker
from musclepose.learning.losses import (
    LossWeights,
    Truth,
    loss_terms,
    weighted_sum,
)
from musclepose.learning.motion_bank import training_bank, validation_bank
from musclepose.learning.motion_training import MotionTraining, averaged_model
from musclepose.learning.trainer import TrainConfig, Trainer
from musclepose.learning.validation import errors, points_by
from musclepose.models.decode import decode
from musclepose.models.musclepose import ModelConfig
from musclepose.synthesis.augment import NO_AUGMENT, AugmentConfig, MotionBank
from musclepose.synthesis.camera import CameraRanges

THREADS = 1


@dataclass(frozen=True)
class Variant:
    """One run: what it leaves out or replaces."""

    without: tuple[str, ...] = ()  # loss terms with weight zero
    context: bool = True  # clip-level context in the tokens
    generated: bool = True
    noise: bool = True  # false: all training keypoints are perfect
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    cameras: CameraRanges = TRAINING_CAMERAS
    muon: bool = True


VARIANTS: dict[str, Variant] = {
    "everything": Variant(),
    "no clip context": Variant(context=False),
    "no generated clips": Variant(generated=False),
    "no detector noise": Variant(noise=False),
    "no augmentation": Variant(augment=NO_AUGMENT),
    "no spliced or swapped arms": Variant(
        augment=replace(AugmentConfig(), splice=0.0, arm=0.0)
    ),
    "upright, level cameras": Variant(cameras=CameraRanges()),
    "no linear readout": Variant(without=("points",)),
    "no rotation loss": Variant(without=("rotation",)),
    "no flexion loss": Variant(without=("angles",)),
    "no reprojection loss": Variant(without=("reprojection",)),
    "no velocity, acceleration, smoothness": Variant(
        without=("velocity", "acceleration", "smoothness")
    ),
    "no contact, skate": Variant(without=("contact", "skate")),
    "no shape, camera loss": Variant(without=("shape", "camera")),
    "AdamW instead of Muon": Variant(muon=False),
}


def without_context(tokens: Tokens) -> Tokens:
    """Tokens (B, T, D) whose clip-level context is zero."""
    keep = torch.ones(tokens.features.shape[-1])
    keep[-N_CONTEXT:] = 0.0
    return tokens._replace(features=tokens.features * keep)


class _Blind(nn.Module):
    """A network that is not shown the context."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.config = network, network.config

    def forward(self, tokens: Tokens) -> Tensor:
        return self.network(without_context(tokens))


def _loss(
    variant: Variant,
) -> Callable[[nn.Module, tuple[Tokens, Truth], float], dict[str, Tensor]]:
    weights = replace(LossWeights(), **dict.fromkeys(variant.without, 0.0))

    def loss(
        model: nn.Module, batch: tuple[Tokens, Truth], _progress: float
    ) -> dict[str, Tensor]:
        tokens, truth = batch
        out, readout = model(
            tokens if variant.context else without_context(tokens)
        )
        motion = decode(out.raw, tokens.stature_m, tokens.stature_known)
        terms = loss_terms(
            out.raw,
            motion,
            truth,
            readout * truth.stature_m[:, None, None, None],
        )
        return terms | {"total": weighted_sum(terms, weights)}

    return loss


def run_variant(
    variant: Variant,
    banks: dict[bool, MotionBank],
    validation: MotionBank,
    steps: int,
    batch: int,
    state: Path,
) -> dict[str, float]:
    """Train one variant and validate its averaged weights; resumes from `state`."""
    bank = banks[variant.generated]
    bank.config = variant.augment
    rate = 2.5e-3
    config = TrainConfig(
        steps=steps,
        learning_rate=0.4 * rate,
        matrix_learning_rate=rate if variant.muon else 0.0,
        warmup_steps=30,
        average_decay=0.98,
        save_every=100,
    )
    torch.manual_seed(0)
    made = BatchMaker(
        bank,
        batch,
        24,
        0,
        0.2 if variant.noise else 1.0,
        cameras=variant.cameras,
        long_every=4,
    )
    trainer = Trainer(
        MotionTraining(ModelConfig()), _loss(variant), made, config
    )
    trainer.resume(state)
    trainer.run(state)
    network = averaged_model(trainer, ModelConfig())
    model = network if variant.context else _Blind(network)
    clean, noisy = (
        errors(points_by(model), validation, ModelConfig().window, n, batches=6)
        for n in (False, True)
    )
    return {
        "clean_mpjpe_mm": clean[0],
        "clean_accel_m_s2": clean[1],
        "mpjpe_mm": noisy[0],
        "accel_m_s2": noisy[1],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--data_dir", type=Path, required=True)
    p.add_argument("--steps", type=int, default=300)
    p.add_argument("--batch_size", type=int, default=64)
    p.add_argument("--save_dir", type=Path, default=Path("runs/ablation"))
    p.add_argument("--json", type=Path)
    p.add_argument("--only", nargs="*", choices=list(VARIANTS))
    args = p.parse_args(argv)
    torch.set_num_threads(THREADS)
    both, _, _ = training_bank(args.data_dir)
    measured, _, _ = training_bank(args.data_dir, generated=False)
    banks, validation = (
        {True: both, False: measured},
        validation_bank(args.data_dir),
    )
    print(f"{args.steps} steps of {args.batch_size} x 24 frames")
    print(
        f"{'':40s}"
        + "".join(
            f"{head:>10s}" for head in ("clean mm", "m/s2", "noisy mm", "m/s2")
        )
    )
    found: dict[str, dict[str, float]] = {}
    for name in args.only or VARIANTS:
        begun = time.monotonic()
        row = run_variant(
            VARIANTS[name],
            banks,
            validation,
            args.steps,
            args.batch_size,
            args.save_dir / (name.replace(" ", "_").replace(",", "") + ".pt"),
        )
        found[name] = row
        cells = "".join(f"{v:10.2f}" for v in row.values())
        print(
            f"{name:40s}{cells}   {time.monotonic() - begun:.0f} s", flush=True
        )
        if args.json:
            args.json.write_text(
                json.dumps(
                    {
                        "steps": args.steps,
                        "batch_size": args.batch_size,
                        "runs": found,
                    },
                    indent=1,
                )
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
