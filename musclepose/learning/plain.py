"""Command line: train the plain regressor that the motion evaluation compares with.

    python -m musclepose.learning.plain --data_dir ../shared/data --minutes 30 --save_dir runs/plain --export FILE

Batches, cameras, noise, optimizers and schedule are those of `musclepose.train`; the loss is the mean distance of the
points.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from musclepose.data.tokens import Tokens
from musclepose.errors import InputError, MusclePoseError
from musclepose.learning.batches import TRAINING_CAMERAS, BatchMaker
from musclepose.learning.losses import Truth, true_body
from musclepose.learning.motion_bank import training_bank, validation_bank
from musclepose.learning.trainer import (
    DEVICES,
    TrainConfig,
    Trainer,
    default_device,
)
from musclepose.learning.validation import report_row
from musclepose.models.plain import HIPS, PlainRegressor, save_plain
from musclepose.utils.cpu import trains_in_bf16

WEIGHT = 20.0  # what position and readout weigh together in the other training


def true_points(truth: Truth) -> Tensor:
    """(B, T, 43, 3) m, mid-hip relative."""
    points = true_body(truth).points
    return points - points[..., HIPS, :].mean(-2, keepdim=True)


def plain_loss(
    model: nn.Module, batch: tuple[Tokens, Truth], _progress: float
) -> dict[str, Tensor]:
    """Mean distance of all points, m, and its weighted total."""
    tokens, truth = batch
    distance = (
        (
            (
                model(tokens, bf16=trains_in_bf16(tokens.features.device))
                - true_points(truth)
            )
            .square()
            .sum(-1)
            + 1e-8
        )
        .sqrt()
        .mean()
    )
    return {"points": distance, "total": WEIGHT * distance}


def averaged(trainer: Trainer) -> PlainRegressor:
    """A copy with the running average of the weights."""
    model = PlainRegressor()
    model.load_state_dict(trainer.average)
    return model.eval()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="musclepose.learning.plain",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    p.add_argument("--data_dir", type=Path, default=Path("data"))
    p.add_argument("--save_dir", type=Path, default=Path("runs/plain"))
    p.add_argument("--minutes", type=float, required=True, help="of training")
    p.add_argument("--batch_size", type=int, default=128)
    p.add_argument("--window", type=int, default=24)
    p.add_argument("--learning_rate", type=float, default=2.5e-3)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--device", choices=DEVICES, default=default_device())
    p.add_argument("--workers", type=int, default=1)
    p.add_argument(
        "--export", type=Path, help="write the averaged weights here"
    )
    return p.parse_args(argv)


def run(args: argparse.Namespace) -> None:
    """Train, report one JSON line per interval, and export."""
    if args.threads:
        torch.set_num_threads(args.threads)
    bank, _, made_of = training_bank(args.data_dir)
    validation = validation_bank(args.data_dir)
    config = TrainConfig(
        steps=10**9,
        minutes=args.minutes,
        learning_rate=0.4 * args.learning_rate,
        matrix_learning_rate=args.learning_rate,
        seed=args.seed,
    )
    torch.manual_seed(args.seed)
    maker = BatchMaker(
        bank,
        args.batch_size,
        args.window,
        args.seed,
        cameras=TRAINING_CAMERAS,
        long_every=4,
    )
    trainer = Trainer(
        PlainRegressor(), plain_loss, maker, config, args.device, args.workers
    )
    state = args.save_dir / "state.pt"
    trainer.resume(state)

    def report(row: dict[str, float]) -> None:
        if row["step"] % config.save_every == 0:
            model = averaged(trainer)
            row |= report_row(model, validation, model.config.window)
        print(json.dumps({k: round(v, 5) for k, v in row.items()}), flush=True)

    trainer.run(state, report)
    if args.export:
        info = {
            "data": made_of,
            "minutes": args.minutes,
            "step": trainer.state.step,
            "seed": args.seed,
            "command": "python -m musclepose.learning.plain "
            + " ".join(sys.argv[1:]),
        }
        save_plain(args.export, averaged(trainer), info)
        print(f"Wrote {args.export}.", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    try:
        if (
            min(args.batch_size, args.workers) < 1
            or args.window < 8
            or args.minutes <= 0
        ):
            raise InputError(
                "--batch_size and --workers must be at least 1, --window at least 8, --minutes more than 0."
            )
        run(args)
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
