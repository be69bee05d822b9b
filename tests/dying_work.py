"""Work for the workers of a folder: some clips end their process without a word."""

from __future__ import annotations

import argparse
import json
import os
import signal
from typing import Any


def work(args: argparse.Namespace, coach: Any) -> None:
    """`killer` always kills its process, `once` the first time; all others are done. Notes who was tried."""
    with (args.notes_in / "tried").open("a") as notes:
        notes.write(f"{args.input.name}\n")
    first = args.notes_in / args.input.stem
    is_first = not first.exists()
    first.touch()
    stem = args.input.stem
    if stem == "killer" or (stem == "once" and is_first):
        os.kill(os.getpid(), signal.SIGKILL)
    record = {
        "exercise": {"name": "squat"},
        "repetitions": [],
        "quality": {"level": "high"},
    }
    (args.out / "analysis.json").write_text(json.dumps(record))
    (args.out / "results.zip").write_bytes(b"")
