"""Run a long computation beside the page: its progress comes out as it happens, and leaving stops it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from musclepose.web.line import Line, Place

T = TypeVar("T")
HEARTBEAT_S = 0.5
_TOLD_AFTER_S, _TOLD_FROM_SHARE = 2.0, 0.08  # earlier, the time left is a guess
Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """Raised inside the computation when nobody waits for it any more."""


@dataclass(frozen=True)
class Update:
    """What the status line says; `share` is 0 to 1 of the work, None while it waits for its turn."""

    text: str
    share: float | None = None


class Job(Generic[T]):
    """`yield from Job(work).updates()` gives Updates and returns what `work(progress)` returned."""

    def __init__(
        self,
        work: Callable[[Progress], T],
        stop: threading.Event | None = None,
        line: Line | None = None,
    ) -> None:
        self._work = work
        self._stop = stop or threading.Event()
        self._place = (line or Line()).enter()
        self._left = threading.Event()
        self._updates: queue.SimpleQueue[tuple[float, str] | None] = (
            queue.SimpleQueue()
        )
        self._result: list[T] = []
        self._failure: list[BaseException] = []
        self._began_s: float | None = None

    def begin(self) -> Job[T]:
        """Start the work now, beside whatever comes before its `updates`."""
        if self._began_s is None:
            self._began_s = time.monotonic()
            threading.Thread(
                target=self._run, name="analysis", daemon=True
            ).start()
        return self

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
            self._place.leave()
            self._updates.put(None)

    def updates(self, quiet_s: float = 0.0) -> Generator[Update, None, T]:
        """Updates until the work ends; its exception (or Cancelled) is raised here. Closing this stops the work.

        quiet_s: how long a work is given that is soon done; until then nothing is said.
        The newest update is repeated every half second, so that whoever waits can leave even while nothing happens.
        A stop is obeyed at once; the work itself ends at its next progress, and keeps its place in the line until then.
        """
        if self._began_s is None:
            try:
                yield from self._waiting()
            except BaseException:
                self._place.leave()
                raise
        self.begin()
        began_s = self._began_s or 0.0
        newest: tuple[float, str] | None = (0.0, "Starting")
        try:
            while (newest := self._newest(newest)) is not None:
                self._check_stop()
                if time.monotonic() - began_s < quiet_s:
                    continue
                yield Update(
                    _with_time_left(*newest, time.monotonic() - began_s),
                    newest[0],
                )
        finally:
            self._left.set()
        if self._failure:
            raise self._failure[0]
        return self._result[0]

    def _waiting(self) -> Generator[Update, None, None]:
        while self._place.ahead():
            self._check_stop()
            yield Update(waiting_text(self._place))
            self._stop.wait(HEARTBEAT_S)
        self._check_stop()

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _newest(
        self, update: tuple[float, str] | None
    ) -> tuple[float, str] | None:
        """The latest of the waiting updates; None once the work has ended."""
        try:
            update = self._updates.get(timeout=HEARTBEAT_S)
            while update is not None and not self._updates.empty():
                update = self._updates.get()
        except queue.Empty:
            pass
        return update


def waiting_text(place: Place) -> str:
    """ "2 analyses are before yours, about 40 s"."""
    ahead = place.ahead()
    who = "Another analysis is" if ahead == 1 else f"{ahead} analyses are"
    return f"{who} before yours, about {_rounded(place.wait_s())} s; Stop leaves the line"


def _with_time_left(share: float, text: str, elapsed_s: float) -> str:
    if elapsed_s < _TOLD_AFTER_S or share < _TOLD_FROM_SHARE:
        return text
    return f"{text}, about {_rounded(elapsed_s * (1.0 - share) / share)} s left"


def _rounded(seconds: float) -> int:
    """Whole seconds, in steps of five from ten on."""
    return max(1, round(seconds)) if seconds < 10 else 5 * round(seconds / 5)
