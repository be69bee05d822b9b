"""Pictures a second from a video file to keypoints, by source of keypoints: decode, networks, following.

The sources take turns on one clip, after one turn each for warming up; the best turn of each counts, and its processor
time stands beside it, because other programs on the machine change the first and hardly the second.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from musclepose.assets import asset_path
from musclepose.errors import InputError
from musclepose.pipeline import KEYPOINTS, Keypoints, track_of_video
from musclepose.utils.cpu import usable_cores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--input", type=Path, help="video; none: the example clip"
    )
    parser.add_argument(
        "--person", type=int, default=0, help="who is followed, as in infer"
    )
    parser.add_argument(
        "--turns", type=int, default=3, help="the best of so many counts"
    )
    parser.add_argument("--json", type=Path, help="write the figures there too")


def one_turn(path: Path, person: int, source: Keypoints) -> dict[str, Any]:
    """Figures of one video with one source."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    track = track_of_video(path, person, source)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    pictures = len(track.time_s)
    return {
        "source": track.keypoint_source,
        "pictures": pictures,
        "seen_share": float((track.confidence > 0).any(axis=1).mean()),
        "pictures_per_s": pictures / wall_s,
        "cpu_ms_per_picture": 1e3 * cpu_s / pictures,
    }


def run(args: argparse.Namespace) -> int:
    """Time, print, write."""
    if args.turns < 1:
        raise InputError(f"--turns is {args.turns}; it must be 1 or more.")
    path = args.input or asset_path("example-clip")
    turns: dict[Keypoints, list[dict[str, Any]]] = {
        source: [] for source in KEYPOINTS
    }
    for _ in range(1 + args.turns):
        for source in KEYPOINTS:
            turns[source].append(one_turn(path, args.person, source))
    best = {
        s: max(own[1:], key=lambda turn: turn["pictures_per_s"])
        for s, own in turns.items()
    }
    print(
        f"{path.name}, {usable_cores()} cores, {platform.processor() or platform.machine()}"
    )
    for row in best.values():
        print(
            f"{row['source']:32s} {row['pictures']} pictures, seen in {100 * row['seen_share']:.0f} %: "
            f"{row['pictures_per_s']:.1f} pictures/s, {row['cpu_ms_per_picture']:.0f} ms of processor time a picture"
        )
    if args.json:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        args.json.write_text(json.dumps(best | {"measured": when}, indent=1))
    return 0
