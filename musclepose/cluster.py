"""Clips of a folder on a Ray cluster: `python -m musclepose.infer --input DIR --out DIR --ray ADDRESS --workers N`.

Each worker is a Ray actor: a process with the models, which it loads with its first clip. It gets a clip when it is
ready and the next one when that is done, so no clip waits for a worker that is gone. Where a worker dies, its clip goes
to another, and a new worker takes its place; a clip at which ATTEMPTS workers died has failed. A clip is done twice
only where its worker dies between its last file and its answer. Clips and --out must lie on a file system that all
machines see under the same path, and this package must be installed on each.
"""

from __future__ import annotations

import os
import re
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from musclepose.errors import InputError

ATTEMPTS = 2  # workers that may die at one clip
FAILED_STARTS = (
    3  # for each worker that was asked for, before it counts as impossible
)
OBJECT_STORE_BYTES = (
    100_000_000  # of an instance of our own: clips and results travel as files
)
LOCAL = "local"
CONNECT_S = 10.0  # to HOST:PORT; Ray itself waits for minutes, and then ends the program
Task = Callable[
    [Path], Any
]  # a clip, done; it must not raise for a clip that is at fault


class _Worker:
    """What an actor runs: it answers when it is there, and does one clip at a time."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        os.environ.update(settings)

    def ready(self) -> None:
        """Answers once the process is up."""

    def do(self, task: Task, clip: Path) -> Any:
        """The clip's result."""
        return task(clip)


@dataclass
class _Shift:
    """What is left to do, who does what, and what went wrong; `at_work` is by the reference that will be answered."""

    left: deque[Path]
    at_work: dict[Any, tuple[Any, Path | None]] = field(default_factory=dict)
    deaths: dict[Path, int] = field(default_factory=dict)
    failed_starts: int = 0

    def is_over(self) -> bool:
        """Whether nothing is left, neither to begin nor to end."""
        return not self.left and all(
            clip is None for _, clip in self.at_work.values()
        )


def _ray() -> ModuleType:
    os.environ.setdefault(
        "RAY_USAGE_STATS_ENABLED", "0"
    )  # no reports to anybody
    try:
        import ray
    except ImportError as error:
        raise InputError(
            '--ray needs Ray: pip install "musclepose[cluster]".'
        ) from error
    return ray


def _no_cluster(address: str, said: str) -> InputError:
    return InputError(
        f"No Ray cluster answered at {address!r} ({said}); give HOST:PORT, auto or {LOCAL}."
    )


def _check_answers(address: str) -> None:
    """InputError where nobody listens at HOST:PORT."""
    found = re.fullmatch(r"(?:ray://)?([^:/]+):(\d{1,5})", address)
    if found is None:
        return
    try:
        socket.create_connection(
            (found[1], int(found[2])), timeout=CONNECT_S
        ).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(
            address, getattr(error, "strerror", None) or str(error)
        ) from error


@contextmanager
def _connected(address: str, workers: int) -> Iterator[ModuleType]:
    """Ray, connected; `local` starts an instance on this machine that ends with the work."""
    ray = _ray()
    _check_answers(address)
    own = {"num_cpus": workers, "object_store_memory": OBJECT_STORE_BYTES}
    more = {**own, "include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(
            address=address, log_to_driver=False, logging_level="ERROR", **more
        )
    except (ConnectionError, ValueError, RuntimeError, SystemExit) as error:
        raise _no_cluster(
            address, str(error).split("\n")[0].rstrip(".")
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def on_ray(
    address: str,
    workers: int,
    task: Task,
    clips: Sequence[Path],
    died: Callable[[Path], Any],
    broke: Callable[[Path, Exception], Any],
    settings: Mapping[str, str],
) -> Iterator[Any]:
    """Results of `task` in the order in which they come, one for each clip.

    died: the result of a clip at which workers died. broke: that of one whose task raised. settings: environment
    variables of the workers. Raises InputError where Ray is not there, does not answer, or cannot start a worker.
    """
    with _connected(address, workers) as ray:
        actor = ray.remote(num_cpus=1, max_restarts=0)(_Worker)
        hire = partial(actor.remote, dict(settings))
        shift, shared = _Shift(deque(clips)), ray.put(task)
        for _ in range(min(workers, len(clips))):
            _begin(shift, hire())
        while not shift.is_over():
            (answered,), _ = ray.wait(list(shift.at_work), num_returns=1)
            worker, clip = shift.at_work.pop(answered)
            try:
                result = ray.get(answered)
            except ray.exceptions.RayTaskError as error:
                result = None if clip is None else broke(clip, error)
            except ray.exceptions.RayError as error:
                yield from _after_death(shift, clip, died)
                _replace(shift, hire, clip, workers, error)
                continue
            _next(shift, worker, shared)
            if clip is not None:
                yield result


def _begin(shift: _Shift, worker: Any) -> None:
    shift.at_work[worker.ready.remote()] = worker, None


def _next(shift: _Shift, worker: Any, task: Any) -> None:
    """The next clip for a worker that is free; without one it goes home."""
    if shift.left:
        clip = shift.left.popleft()
        shift.at_work[worker.do.remote(task, clip)] = worker, clip


def _after_death(
    shift: _Shift, clip: Path | None, died: Callable[[Path], Any]
) -> Iterator[Any]:
    """The dead worker's clip goes to the front again, or has failed."""
    if clip is None:
        return
    shift.deaths[clip] = shift.deaths.get(clip, 0) + 1
    if shift.deaths[clip] < ATTEMPTS:
        shift.left.appendleft(clip)
    else:
        yield died(clip)


def _replace(
    shift: _Shift,
    hire: Callable[[], Any],
    clip: Path | None,
    workers: int,
    error: Exception,
) -> None:
    """A new worker for a dead one, unless none can be started at all."""
    shift.failed_starts = shift.failed_starts + 1 if clip is None else 0
    if shift.failed_starts > FAILED_STARTS * workers:
        said = str(error).strip().split("\n")[0].rstrip(".")
        raise InputError(f"Ray cannot start a worker: {said}.") from error
    if shift.left:
        _begin(shift, hire())
