"""The waiting line in front of the one worker: first come, first served, and whoever waits may leave."""

from __future__ import annotations

import threading
import time
from collections import deque

FIRST_GUESS_S = 20.0  # how long an analysis takes, before one was timed
REMEMBERED = 8


class Place:
    """One place in the line; `leave` gives it up, whether it still waits or has worked."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.started_s: float | None = None

    def ahead(self) -> int:
        """How many come before; 0: it is this one's turn."""
        return self._line.ahead_of(self)

    def wait_s(self) -> float:
        """About how long until the turn comes, s."""
        return self._line.wait_of(self)

    def leave(self) -> None:
        """Make room for the next."""
        self._line.leave(self)


class Line:
    """Everyone who waits or works, in order; it remembers how long the last ones took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: list[Place] = []
        self._took_s: deque[float] = deque(maxlen=REMEMBERED)

    def enter(self) -> Place:
        """A place at the end."""
        with self._lock:
            place = Place(self)
            self._places.append(place)
            self._begin_first()
            return place

    def ahead_of(self, place: Place) -> int:
        """Place in the line, 0 first."""
        with self._lock:
            return self._places.index(place)

    def wait_of(self, place: Place) -> float:
        """Seconds until those ahead are likely done."""
        with self._lock:
            ahead = self._places.index(place)
            if ahead == 0:
                return 0.0
            usual = (
                sum(self._took_s) / len(self._took_s)
                if self._took_s
                else FIRST_GUESS_S
            )
            running = time.monotonic() - (
                self._places[0].started_s or time.monotonic()
            )
            return max(usual - running, 1.0) + (ahead - 1) * usual

    def leave(self, place: Place) -> None:
        """Take a place out; leaving twice is allowed."""
        with self._lock:
            if place not in self._places:
                return
            if place.started_s is not None:
                self._took_s.append(time.monotonic() - place.started_s)
            self._places.remove(place)
            self._begin_first()

    def _begin_first(self) -> None:
        if self._places and self._places[0].started_s is None:
            self._places[0].started_s = time.monotonic()
