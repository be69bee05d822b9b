"""Command line: train MusclePose.

    python -m musclepose.train --data_dir ../shared/data --minutes 110 --save_dir runs/motion --export model.safetensors

Motion comes from `--data_dir` (measured motion, fitted and cached on first use, or one packed file of it); where none
is found, clips of the exercise generator are made and the run says so. The run resumes from `--save_dir` by itself.

With `--llm_name` a second stage follows, in which motion network, soft tokens and a LoRA of that language model are
trained together, physics and language losses in one backward pass: on generated clips with texts, and on the samples
(.pt, .json) with `coaching_text` in `--clips_dir` or right in `--data_dir`, which count three times.

Several GPUs: `accelerate launch --multi_gpu --num_processes 4 -m musclepose.train ...`, each with `--batch_size`
windows a step.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from musclepose.errors import InputError, MusclePoseError
from musclepose.learning.batches import TRAINING_CAMERAS, BatchMaker
from musclepose.learning.losses import LossWeights
from musclepose.learning.motion_bank import training_bank, validation_bank
from musclepose.learning.motion_training import (
    MotionTraining,
    averaged_model,
    motion_loss,
    start_from_checkpoint,
    with_neutral_heads,
)
from musclepose.learning.team import Alone, team_of
from musclepose.learning.trainer import (
    DEVICES,
    TrainConfig,
    Trainer,
    default_device,
)
from musclepose.learning.validation import network_row
from musclepose.models.checkpoint import save_checkpoint
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO


def _samples_folder(args: argparse.Namespace) -> Path | None:
    """Folder of samples with the user's texts, if any."""
    if args.clips_dir:
        return Path(args.clips_dir)
    return args.data_dir if any(Path(args.data_dir).glob("*.pt")) else None


def train_language(args: argparse.Namespace) -> None:
    """Joint stage: state, weights and card under --save_dir/language, resumable like the motion."""
    from musclepose.learning.language.clips import LanguageClips
    from musclepose.learning.language.joint import (
        JointConfig,
        JointTraining,
        default_rank,
    )
    from musclepose.learning.language.train_bridge import with_lora
    from musclepose.learning.language.weights import (
        save_language,
        start_soft_tokens,
    )
    from musclepose.wave_llm.language_model import load_base_model
    from musclepose.wave_llm.writing import padding_token

    config = JointConfig(
        args.llm_name,
        args.llm_steps,
        default_rank(args.llm_name),
        freeze_motion=args.freeze_motion,
        stop_language_gradient=args.stop_language_gradient,
        seed=args.seed,
    )
    folder, motion = args.save_dir / "language", MotionTraining(ModelConfig())
    motion.load_state_dict(
        torch.load(
            args.save_dir / "state.pt", map_location="cpu", weights_only=True
        )["average"]
    )
    loaded = load_base_model(args.llm_name)
    loaded.model.requires_grad_(False)
    clips = LanguageClips(_samples_folder(args), loaded.tokenizer, args.seed)
    print(
        f"Language: {len(clips.written)} clips with the user's text, the rest generated.",
        flush=True,
    )
    soft = start_soft_tokens(loaded)
    language = with_lora(loaded.model, config.rank, config.seed)
    bank, _, _ = training_bank(args.data_dir)
    batches = BatchMaker(
        bank,
        args.batch_size,
        args.window,
        args.seed + 1,
        cameras=TRAINING_CAMERAS,
    )
    joint = JointTraining(
        motion,
        soft,
        language,
        padding_token(loaded.tokenizer),
        config,
        motion_loss,
        batches,
        clips,
    )
    joint.run(
        folder / "state.pt",
        lambda row: print(
            json.dumps({k: round(v, 4) for k, v in row.items()}), flush=True
        ),
    )
    save_language(
        folder,
        joint,
        loaded,
        "python -m musclepose.train " + " ".join(sys.argv[1:]),
    )
    if not config.freeze_motion:
        info = {
            "name": "joint",
            "step": joint.step,
            "data": "as the motion stage, and clips with text",
        }
        save_checkpoint(
            folder / "musclepose_coco.safetensors",
            with_neutral_heads(motion.network),
            info,
        )
    print(f"Wrote {folder}.", flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="musclepose.train",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    p.add_argument("--data_dir", type=Path, default=Path("../shared/data"))
    p.add_argument("--save_dir", type=Path, default=Path("runs/coco"))
    p.add_argument(
        "--epochs",
        type=float,
        default=0.0,
        help="passes over the motion; used where --minutes is 0",
    )
    p.add_argument(
        "--minutes",
        type=float,
        default=0.0,
        help="length of the run; the schedule follows the clock",
    )
    p.add_argument(
        "--batch_size",
        type=int,
        default=128,
        help="windows a step, of each process that trains",
    )
    p.add_argument(
        "--window",
        type=int,
        default=24,
        help="frames of a training window (30 Hz)",
    )
    p.add_argument(
        "--learning_rate",
        type=float,
        default=2.5e-3,
        help="of the encoder's matrices; 0.4 of it elsewhere",
    )
    p.add_argument(
        "--llm_name",
        help="language model to train with, after the motion; none: no language",
    )
    p.add_argument(
        "--llm_steps", type=int, default=200, help="steps of the joint stage"
    )
    p.add_argument(
        "--clips_dir",
        type=Path,
        help="folder of samples (kxy, kconf, coaching_text) with your own texts",
    )
    p.add_argument(
        "--freeze_motion",
        action="store_true",
        help="joint stage: train soft tokens and LoRA alone",
    )
    p.add_argument(
        "--stop_language_gradient",
        action="store_true",
        help="joint stage: text leaves the motion as it is",
    )
    p.add_argument(
        "--start_from",
        type=Path,
        help="checkpoint, or state.pt of an earlier run, whose (averaged) weights a new run takes",
    )
    p.add_argument("--seed", type=int, default=0)
    p.add_argument(
        "--save_every",
        type=int,
        default=200,
        help="steps between saved states, with validation",
    )
    p.add_argument(
        "--threads",
        type=int,
        default=0,
        help="CPU threads; 0 leaves the choice to torch",
    )
    p.add_argument(
        "--device",
        choices=DEVICES,
        default=default_device(),
        help="of the motion stage; cuda if present",
    )
    p.add_argument(
        "--workers",
        type=int,
        default=1,
        help="processes that make batches; a GPU wants one a core",
    )
    p.add_argument(
        "--export",
        type=Path,
        help="write the averaged weights here as a checkpoint",
    )
    return p.parse_args(argv)


def _export(
    args: argparse.Namespace,
    trainer: Trainer,
    model: MusclePoseCOCO,
    made_of: str,
) -> None:
    info = {
        "name": args.export.stem,
        "step": trainer.state.step,
        "seconds": trainer.state.seconds,
        "data": made_of,
        "train": asdict(trainer.config),
        "loss_weights": asdict(LossWeights()),
        "batch_size": args.batch_size,
        "window": args.window,
        "command": "python -m musclepose.train " + " ".join(sys.argv[1:]),
    }
    save_checkpoint(args.export, with_neutral_heads(model), info)


def _train_config(
    args: argparse.Namespace, frames: int, team: Alone
) -> TrainConfig:
    epochs = args.epochs or 100.0
    steps = max(
        1, int(epochs * frames / (args.batch_size * args.window * team.size))
    )
    return TrainConfig(
        steps=10**9 if args.minutes > 0 else steps,
        minutes=args.minutes,
        learning_rate=0.4 * args.learning_rate,
        matrix_learning_rate=args.learning_rate,
        seed=args.seed,
        save_every=args.save_every,
    )


def _begin(trainer: Trainer, state: Path, start_from: Path | None) -> None:
    """Go on with an earlier run of the same folder, else start from other weights, where some are told."""
    if trainer.resume(state):
        _say(trainer.team, f"Resumed at step {trainer.state.step}.")
    elif start_from:
        if start_from.suffix == ".safetensors":
            start_from_checkpoint(trainer, start_from, trainer.make_batch(0))
        else:
            trainer.start_from(start_from)
        _say(trainer.team, f"Started from the weights of {start_from}.")


def _say(team: Alone, line: str) -> None:
    if team.is_first:
        print(line, flush=True)


def run(args: argparse.Namespace) -> None:
    """Train, report one JSON line per interval, and export."""
    if args.threads:
        torch.set_num_threads(args.threads)
    team = team_of(args.device)
    if args.llm_name and team.size > 1:
        raise InputError(
            "--llm_name trains in one process; leave it out here, and call this again without the launcher."
        )
    with team.first_before_others():
        bank, frames, made_of = training_bank(args.data_dir)
        validation = validation_bank(args.data_dir)
    _say(team, f"Training on {made_of}.")
    model_config, config = ModelConfig(), _train_config(args, frames, team)
    torch.manual_seed(args.seed)
    trainer = Trainer(
        MotionTraining(model_config),
        motion_loss,
        BatchMaker(
            bank,
            args.batch_size,
            args.window,
            args.seed,
            long_every=4,
            cameras=TRAINING_CAMERAS,
        ),
        config,
        args.device,
        args.workers,
        team,
    )
    path = args.save_dir / "state.pt"
    _begin(trainer, path, args.start_from)

    def report(row: dict[str, float]) -> None:
        if row["step"] % config.save_every == 0:
            model = averaged_model(trainer, model_config)
            row |= network_row(model, validation)
            if args.export:
                _export(args, trainer, model, made_of)
        line = json.dumps({k: round(v, 5) for k, v in row.items()})
        print(line, flush=True)
        args.save_dir.mkdir(parents=True, exist_ok=True)
        with (args.save_dir / "log.jsonl").open("a") as log:
            log.write(line + "\n")

    trainer.run(path, report)
    if args.export and team.is_first:
        _export(args, trainer, averaged_model(trainer, model_config), made_of)
        print(f"Wrote {args.export}.", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    try:
        if (
            min(args.batch_size, args.workers) < 1
            or args.window < 8
            or min(args.epochs, args.minutes) < 0
        ):
            raise InputError(
                "--batch_size and --workers must be at least 1, --window at least 8, --epochs and --minutes at least 0."
            )
        run(args)
        if args.llm_name:
            train_language(args)
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
