"""Run a long computation beside the page: its progress comes out as it happens, and leaving stops it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

T = TypeVar("T")
HEARTBEAT_S = 0.5
Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """Raised inside the computation when nobody waits for it any more."""


class Job(Generic[T]):
    """`yield from Job(work).updates()` gives (share, text) pairs and returns what `work(progress)` returned."""

    def __init__(self, work: Callable[[Progress], T], stop: threading.Event | None = None) -> None:
        self._work = work
        self._stop = stop or threading.Event()
        self._left = threading.Event()
        self._updates: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
        self._result: list[T] = []
        self._failure: list[BaseException] = []

    def _progress(self, share: float, text: str) -> None:
        if self._stop.is_set() or self._left.is_set():
            raise Cancelled
        self._updates.put((share, text))

    def _run(self) -> None:
        try:
            self._result.append(self._work(self._progress))
        except BaseException as error:  # handed to the waiting side
            self._failure.append(error)
        finally:
            self._updates.put(None)

    def updates(self) -> Generator[tuple[float, str], None, T]:
        """Progress until the work ends; its exception (or Cancelled) is raised here. Closing this stops the work.

        The newest update is repeated every half second, so that whoever waits can leave even while nothing happens.
        """
        thread = threading.Thread(target=self._run, name="analysis", daemon=True)
        thread.start()
        update: tuple[float, str] | None = (0.0, "Starting")
        try:
            while (update := self._newest(update)) is not None:
                yield update
        finally:
            self._left.set()
            thread.join(timeout=30.0)
        if self._failure:
            raise self._failure[0]
        return self._result[0]

    def _newest(self, update: tuple[float, str] | None) -> tuple[float, str] | None:
        """The latest of the waiting updates; None once the work has ended."""
        try:
            update = self._updates.get(timeout=HEARTBEAT_S)
            while update is not None and not self._updates.empty():
                update = self._updates.get()
        except queue.Empty:
            pass
        return update
