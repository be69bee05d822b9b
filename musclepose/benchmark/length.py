"""Peak memory of the command line by length of the clip: it must not grow with it.

Clips of 1920 x 1080 are made on the spot: a few seconds of the example clip forth and back, so that nothing jumps, as
often as it takes. `python -m musclepose.infer` runs on each; once a second the memory of its processes is added up
(Linux: what two of them share counts once).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np

from musclepose.assets import asset_path
from musclepose.errors import InputError
from musclepose.video import open_clip
from musclepose.video_writer import VideoWriter

SIZE_PX = (1920, 1080)
SHOWN_S = (2.0, 5.0)  # of the example clip
RATE_HZ = 30.0
EVERY_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--minutes", type=float, nargs="+", default=[1.0, 3.0, 10.0]
    )
    parser.add_argument("--json", type=Path, help="write the figures there too")


class Peak(NamedTuple):
    """Most memory at one time, MB: all processes, the first of them alone, the others; and what was said then."""

    all_mb: float = 0.0
    main_mb: float = 0.0
    others_mb: float = 0.0
    during: str = ""


def write_loop(path: Path) -> None:
    """A stretch of the example clip forth and back, in H.264."""
    kept = [
        cv2.imencode(".jpg", cv2.resize(picture, SIZE_PX))[1]
        for time_s, picture in open_clip(asset_path("example-clip")).frames()
        if SHOWN_S[0] <= time_s < SHOWN_S[1]
    ]
    with VideoWriter(path, SIZE_PX, RATE_HZ) as writer:
        for number, content in enumerate([*kept, *kept[-2:0:-1]]):
            picture = np.asarray(
                cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8
            )
            writer.write(picture, number / RATE_HZ)


def write_long(path: Path, loop: Path, minutes: float) -> None:
    """The loop again and again; its packets are copied, not encoded anew."""
    with (
        av.open(str(loop)) as source,
        av.open(str(path), "w", format="mp4") as target,
    ):
        stream = source.streams.video[0]
        out = target.add_stream_from_template(stream)
        packets = [
            packet for packet in source.demux(stream) if packet.pts is not None
        ]
        base = Fraction(stream.time_base or Fraction(1))
        length = len(packets) / Fraction(RATE_HZ) / base
        for turn in range(max(1, round(60 * minutes * RATE_HZ / len(packets)))):
            shift = int(length) if turn else 0
            for packet in packets:
                packet.pts, packet.dts = (
                    int(packet.pts or 0) + shift,
                    int(packet.dts or 0) + shift,
                )
                packet.stream = out
                target.mux(packet)


def processes_of(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield from processes_of(int(child))


def memory_mb(pid: int) -> float:
    """Proportional memory of one process; 0 where it is gone."""
    try:
        lines = (
            Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        )
    except OSError:
        return 0.0
    return (
        sum(float(line.split()[1]) for line in lines if line.startswith("Pss:"))
        / 1024.0
    )


def watch(command: Sequence[str], said: Path) -> tuple[Peak, float]:
    """Run a command to its end; its largest memory and how many seconds it took. It speaks into the file `said`."""
    peak, start = Peak(), time.monotonic()
    with said.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
        while process.poll() is None:
            try:
                used = [memory_mb(pid) for pid in processes_of(process.pid)]
            except OSError:
                used = []
            if sum(used) > peak.all_mb:
                tail = said.read_bytes()[-200:].decode("utf-8", "replace")
                during = (
                    tail.replace("\n", "\r")
                    .rstrip()
                    .rpartition("\r")[2]
                    .strip()
                )
                peak = Peak(sum(used), used[0], sum(used[1:]), during)
            time.sleep(EVERY_S)
    if process.returncode:
        raise InputError(
            f"The command ended with {process.returncode}: {said.read_text()[-300:]}"
        )
    return peak, time.monotonic() - start


def run(args: argparse.Namespace) -> int:
    """One row for each length; 0."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise InputError("Memory is measured on Linux only.")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        loop, clip = Path(folder) / "loop.mp4", Path(folder) / "clip.mp4"
        write_loop(loop)
        for minutes in args.minutes:
            write_long(clip, loop, minutes)
            command = [
                sys.executable,
                "-m",
                "musclepose.infer",
                "--input",
                str(clip),
            ]
            peak, seconds = watch(
                [*command, "--out", f"{folder}/out"], Path(folder) / "said"
            )
            row = {
                "minutes": minutes,
                "file_mb": clip.stat().st_size / 1e6,
                "seconds": seconds,
            }
            rows.append(
                row | {f"peak_{k}": v for k, v in peak._asdict().items()}
            )
            print(
                f"{minutes:5.1f} min: {peak.all_mb:6.0f} MB at most ({peak.main_mb:.0f} the program, "
                f"{peak.others_mb:.0f} the decoder), {seconds:.0f} s; then: {peak.during}",
                flush=True,
            )
    for before, after in pairwise(rows):
        more = (after["peak_all_mb"] - before["peak_all_mb"]) / (
            after["minutes"] - before["minutes"]
        )
        print(
            f"from {before['minutes']:g} to {after['minutes']:g} min: {more:+.0f} MB for each minute"
        )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0
