"""`python -m musclepose.bench gpu`: one prepared script, under eight minutes, for whoever has a GPU.

Language model of true size with random weights, motion training, keypoints in batches and inverse dynamics, each on the
GPU and on the CPU beside it (the language model of true size on the GPU alone: a CPU would take minutes a step, so
there it is the tiny one). Without a GPU the CPU column is measured, and what the script would need is said.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from musclepose.benchmark.contestants import body, motion
from musclepose.benchmark.gpu_language import language_row, synchronised
from musclepose.errors import AssetError
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.inverse_dynamics import inverse_dynamics
from musclepose.synthesis.augment import MotionBank
from musclepose.synthesis.exercise import generate_clip

LIMIT_S = 440.0  # parts that would start after it are left out and named
NEEDS = (
    "No CUDA GPU is seen here, so the GPU column is empty. It needs an NVIDIA GPU with 12 GB or more, torch "
    "with CUDA, and bitsandbytes for the 4-bit model."
)
Row = dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument(
        "--tiny",
        action="store_true",
        help="smallest sizes everywhere, for a test",
    )


def _rate(
    device: torch.device, run: Callable[[], object], count: int, turns: int = 3
) -> float:
    """`count` per second, the best of several turns after one for warming up."""
    run()
    return count / min(synchronised(device, run) for _ in range(turns))


def physics_row(device: torch.device, tiny: bool) -> Row:
    """Frames/s of inverse dynamics as the training runs it (torch), forward and with gradient."""
    frames = 300 if tiny else 20_000
    dtype = torch.float32
    length_rows, masses = body()
    lengths = length_rows.to(device, dtype)
    inertia = BodyInertia(*(x.to(device, dtype) for x in masses))
    q, qdot, qddot = (x.to(device, dtype) for x in motion(frames))
    leaves = [x.clone().requires_grad_() for x in (q, qdot, qddot)]

    def forward() -> None:
        with torch.no_grad():
            inverse_dynamics(q, qdot, qddot, lengths, inertia)

    def gradient() -> None:
        torque = inverse_dynamics(
            leaves[0], leaves[1], leaves[2], lengths, inertia
        )
        torch.autograd.grad(torque.sum(), leaves)

    return {
        "frames": float(frames),
        "forward_frames_per_s": _rate(device, forward, frames),
        "gradient_frames_per_s": _rate(device, gradient, frames),
    }


def pose_row(device: torch.device, tiny: bool) -> Row:
    """Frames/s of people and keypoints in 1280 x 720 pictures of noise, by the batch."""
    from musclepose.pose.detector import YoloPoseDetector

    detector = YoloPoseDetector(device=str(device))
    rng = np.random.default_rng(0)
    count = 2 if tiny else 32
    pictures = [
        rng.integers(0, 255, (720, 1280, 3), dtype=np.uint8)
        for _ in range(count)
    ]
    return {
        "frames_per_s": _rate(
            device, lambda: detector.detect(pictures), count, 2
        )
    }


def motion_row(device: torch.device, tiny: bool) -> Row:
    """Frames/s of motion training, from batches that are made before."""
    from musclepose.learning.batches import BatchMaker
    from musclepose.learning.motion_training import MotionTraining, motion_loss
    from musclepose.learning.trainer import TrainConfig, Trainer
    from musclepose.models.musclepose import ModelConfig

    batch, window = (2, 16) if tiny else (32, 64)
    bank = MotionBank([generate_clip(seed).motion for seed in range(4)])
    made = BatchMaker(bank, batch, window, 0)(0)
    trainer = Trainer(
        MotionTraining(ModelConfig()),
        motion_loss,
        lambda _: made,
        TrainConfig(),
        str(device),
    )
    trainer.model.train()
    rate = _rate(device, lambda: trainer._step(made), batch * window, 2)
    return {
        "batch": float(batch),
        "window": float(window),
        "frames_per_s": rate,
    }


PARTS: dict[str, Callable[[torch.device, bool], Row]] = {
    "physics": physics_row,
    "keypoints": pose_row,
    "motion training": motion_row,
    "language": lambda device, tiny: language_row(
        "phi" if device.type == "cuda" and not tiny else "tiny", device
    ),
}


def measure(
    devices: list[torch.device], tiny: bool
) -> dict[str, dict[str, Any]]:
    """Rows by part and device; a part that fails or comes too late says why."""
    begun = time.perf_counter()
    result: dict[str, dict[str, Any]] = {}
    for part, run_part in PARTS.items():
        result[part] = {}
        for device in devices:
            if time.perf_counter() - begun > LIMIT_S:
                result[part][device.type] = {"left_out": "no time was left"}
                continue
            try:
                result[part][device.type] = run_part(device, tiny)
            except (
                RuntimeError,
                ImportError,
                AssetError,
                MemoryError,
            ) as error:
                result[part][device.type] = {
                    "left_out": str(error).splitlines()[0]
                }
    return result


def _print(result: dict[str, dict[str, Any]]) -> None:
    for part, columns in result.items():
        print(f"\n{part}")
        names = dict.fromkeys(name for row in columns.values() for name in row)
        print(f"  {'':24}" + "".join(f"{device:>16}" for device in columns))
        for name in names:
            cells = (row.get(name, "-") for row in columns.values())
            shown = (
                f"{c:16.4g}" if isinstance(c, float) else f"{c:>16}"
                for c in cells
            )
            print(f"  {name:24}" + "".join(shown))


def run(args: argparse.Namespace) -> int:
    """Measure, print, write."""
    has_gpu = torch.cuda.is_available()
    devices = [torch.device("cuda")] * has_gpu + [torch.device("cpu")]
    name = torch.cuda.get_device_name() if has_gpu else "none"
    print(
        f"GPU: {name}; CPU: {platform.processor() or platform.machine()}; torch {torch.__version__}"
    )
    if not has_gpu:
        print(NEEDS)
    result = measure(devices, args.tiny)
    _print(result)
    if args.json:
        record = {
            "gpu": name,
            "torch": torch.__version__,
            "date": datetime.now(UTC).date().isoformat(),
            "tiny": args.tiny,
            "parts": result,
        }
        args.json.write_text(json.dumps(record, indent=1))
    return 0
