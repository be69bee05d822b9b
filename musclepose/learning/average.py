"""The mean of the weights of several checkpoints of one line of runs (Wortsman et al. 2022, model soups).

    python -m musclepose.learning.average second.safetensors third.safetensors --out mean.safetensors

It makes sense only where one was trained from the other: far apart, the mean of two networks is no network.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from musclepose.errors import InputError, MusclePoseError
from musclepose.models.checkpoint import load_checkpoint, save_checkpoint
from musclepose.models.musclepose import MusclePoseCOCO


def mean_of(models: Sequence[MusclePoseCOCO]) -> MusclePoseCOCO:
    """A model with the mean weights; all must have the same configuration."""
    if len({str(m.config) for m in models}) != 1:
        raise InputError(
            "The checkpoints have different configurations; only equal networks can be averaged."
        )
    states, made = (
        [m.state_dict() for m in models],
        MusclePoseCOCO(models[0].config),
    )
    made.load_state_dict(
        {k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]}
    )
    return made.eval()


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m musclepose.learning.average",
        description=__doc__.splitlines()[0],
    )
    p.add_argument("checkpoints", type=Path, nargs="+")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args(argv)
    try:
        models, infos = zip(
            *(load_checkpoint(path) for path in args.checkpoints), strict=True
        )
        info = infos[-1] | {
            "name": args.out.stem,
            "mean_of": [
                {k: i.get(k) for k in ("name", "step", "command")}
                for i in infos
            ],
            "command": "python -m musclepose.learning.average "
            + " ".join(sys.argv[1:]),
        }
        save_checkpoint(args.out, mean_of(models), info)
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
