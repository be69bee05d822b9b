"""All clips of a folder, one by one, on several processes or on a cluster: `musclepose.infer --input DIR --out DIR`.

Each clip gets a folder of its own name in --out. `summary.csv` there has a line for each clip and is written anew after
each one; a clip that it calls done, and that has not changed since, is left alone by the next call. Models are loaded
once per process. A worker that dies takes no clip with it but the one that kills it twice.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, fields
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from musclepose.cluster import on_ray
from musclepose.data.loader import SUFFIXES
from musclepose.errors import InputError, MusclePoseError
from musclepose.report.out_folder import check_out
from musclepose.report.timeseries import safe_cell
from musclepose.video_limits import LONGEST
from musclepose.wave_llm.coach import Coach

Work = Callable[
    [argparse.Namespace, Coach], Any
]  # one clip, as the command line says it
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif")
DIED = "A worker process ended without a word, perhaps for lack of memory, before this was done; run the command again."
SUMMARY = "summary.csv"


@dataclass(frozen=True)
class Row:
    """A line of summary.csv. `bytes` and `changed_ns` say which file it was."""

    clip: str
    bytes: int
    changed_ns: int
    status: str  # done or failed
    message: str = ""
    seconds: float = 0.0
    exercise: str = ""
    repetitions: int = 0
    quality: str = ""


def clips_of(folder: Path) -> list[Path]:
    """Videos and samples right in the folder, by name."""
    wanted = (*VIDEO_SUFFIXES, *SUFFIXES)
    found = sorted(
        p
        for p in folder.iterdir()
        if p.is_file() and p.suffix.lower() in wanted
    )
    if not found:
        raise InputError(f"{folder} holds no clip ({', '.join(wanted)}).")
    return found


def read_summary(out: Path) -> dict[str, Row]:
    """Lines of an earlier call by clip; {} where there is none, or none that can be read."""
    kinds = {
        f.name: {"int": int, "float": float}.get(str(f.type), str)
        for f in fields(Row)
    }
    try:
        with (out / SUMMARY).open(newline="", encoding="utf-8") as stream:
            rows = [
                Row(**{k: kinds[k](v) for k, v in line.items()})
                for line in csv.DictReader(stream)
            ]
    except (OSError, KeyError, TypeError, ValueError):
        return {}
    return {row.clip.removeprefix("'"): row for row in rows}


def write_summary(out: Path, rows: Sequence[Row]) -> None:
    """All lines, by clip; the old file stays whole until the new one is."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(f.name for f in fields(Row))
    for row in sorted(rows, key=lambda row: row.clip):
        writer.writerow(
            safe_cell(v) if isinstance(v, str) else v
            for v in asdict(row).values()
        )
    scratch = out / f"{SUMMARY}.new"
    scratch.write_text(text.getvalue(), encoding="utf-8", newline="")
    os.replace(scratch, out / SUMMARY)


def _is_done(row: Row | None, clip: Path, out: Path) -> bool:
    if (
        row is None
        or row.status != "done"
        or not (out / clip.name / "results.zip").is_file()
    ):
        return False
    found = clip.stat()
    return (row.bytes, row.changed_ns) == (found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1)
def _coach(llm_name: str | None, adapter_path: str | None) -> Coach:
    return Coach(llm_name, adapter_path)


def one_clip(work: Work, args: argparse.Namespace, clip: Path) -> Row:
    """Analyse one clip into its own folder, without a word; what fails is a line, never an exception."""
    start, found = time.perf_counter(), clip.stat()
    own = argparse.Namespace(
        **vars(args) | {"input": clip, "out": args.out / clip.name}
    )
    silence = io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
        ):
            check_out(own.out)
            work(own, _coach(args.llm_name, args.adapter_path))
        record = json.loads((own.out / "analysis.json").read_text("utf-8"))
    except MusclePoseError as error:
        return Row(
            clip.name,
            found.st_size,
            found.st_mtime_ns,
            "failed",
            str(error),
            _since(start),
        )
    except Exception as error:  # a fault of the program: the other clips go on
        message = f"{type(error).__name__}: {error}".split("\n")[0]
        return Row(
            clip.name,
            found.st_size,
            found.st_mtime_ns,
            "failed",
            message,
            _since(start),
        )
    return Row(
        clip.name,
        found.st_size,
        found.st_mtime_ns,
        "done",
        "",
        _since(start),
        record["exercise"]["name"],
        len(record["repetitions"]),
        record["quality"]["level"],
    )


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 1)


def _died(clip: Path) -> Row:
    return _failed(clip, DIED)


def _broke(clip: Path, error: Exception) -> Row:
    """A worker on another machine that does not see the clip, or not this program."""
    return _failed(clip, str(error).strip().split("\n")[-1])


def _failed(clip: Path, message: str) -> Row:
    found = clip.stat()
    return Row(clip.name, found.st_size, found.st_mtime_ns, "failed", message)


def _anywhere(args: argparse.Namespace) -> argparse.Namespace:
    """The same paths for a process that runs in another folder."""
    paths = {
        name: value.resolve()
        for name, value in vars(args).items()
        if isinstance(value, Path)
    }
    adapter = args.adapter_path and str(Path(args.adapter_path).resolve())
    return argparse.Namespace(**vars(args) | paths | {"adapter_path": adapter})


def _rows(
    work: Work, args: argparse.Namespace, clips: Sequence[Path]
) -> Iterator[Row]:
    """Lines in the order in which they come."""
    if args.ray:
        task = partial(one_clip, work, _anywhere(args))
        settings = (
            {LONGEST: os.environ[LONGEST]} if LONGEST in os.environ else {}
        )
        found = [clip.resolve() for clip in clips]
        yield from on_ray(
            args.ray, args.workers, task, found, _died, _broke, settings
        )
        return
    if args.workers == 1:
        yield from (one_clip(work, args, clip) for clip in clips)
        return
    task = partial(one_clip, work, args)
    waiting = deque(clips)
    while waiting:
        suspects: list[Path] = []
        yield from _until_one_dies(task, waiting, args.workers, suspects)
        for clip in suspects:
            yield _alone(task, clip)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _until_one_dies(
    task: Callable[[Path], Row],
    waiting: deque[Path],
    workers: int,
    suspects: list[Path],
) -> Iterator[Row]:
    """Lines of the `waiting` clips, taken from its left. Where a worker dies, the clips that were in work then are
    `suspects`, and the rest goes on waiting."""
    with _pool(workers) as pool:
        in_work: dict[Future[Row], Path] = {}
        while in_work or (waiting and not suspects):
            while waiting and len(in_work) < workers and not suspects:
                try:
                    in_work[pool.submit(task, waiting[0])] = waiting[0]
                except BrokenProcessPool:  # the others tell who was in work
                    break
                waiting.popleft()
            if not in_work:  # a worker died at rest
                return
            for future in wait(in_work, return_when=FIRST_COMPLETED).done:
                clip = in_work.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    suspects.append(clip)


def _alone(task: Callable[[Path], Row], clip: Path) -> Row:
    """A clip in a process of its own: if that dies too, the clip is what kills it."""
    with _pool(1) as pool:
        try:
            return pool.submit(task, clip).result()
        except BrokenProcessPool:
            return _died(clip)


def run(args: argparse.Namespace, work: Work) -> int:
    """`work` for every clip of the folder `args.input`; 0 where all are done, 1 where one failed."""
    if args.workers < 1:
        raise InputError(f"--workers is {args.workers}; it must be 1 or more.")
    clips, known = clips_of(args.input), read_summary(args.out)
    rows = {
        c.name: known[c.name]
        for c in clips
        if _is_done(known.get(c.name), c, args.out)
    }
    todo = [c for c in clips if c.name not in rows]
    if rows:
        print(
            f"{len(rows)} of {len(clips)} clips are done already.",
            file=sys.stderr,
        )
    for row in _rows(work, args, todo) if todo else ():
        rows[row.clip] = row
        write_summary(args.out, list(rows.values()))
        told = (
            row.message
            or f"{row.exercise}, {row.repetitions} repetitions, quality {row.quality}"
        )
        print(
            f"{len(rows)}/{len(clips)}  {row.clip}: {row.status}, {row.seconds:.0f} s. {told}"
        )
    write_summary(args.out, list(rows.values()))
    failed = [row.clip for row in rows.values() if row.status == "failed"]
    if failed:
        print(
            f"{len(failed)} of {len(clips)} failed: {', '.join(failed)}.",
            file=sys.stderr,
        )
    return 1 if failed else 0
