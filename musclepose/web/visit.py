"""The finished sets of each visit: a reload finds them again within the hour, by a token of that browser alone."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from musclepose.web.session import Session

KEEP_S = 3600
MAX_SETS = 6  # of one visit
MAX_KEPT = 60  # of all visits together: each holds its arrays and its files
SWEEP_S = 60.0


@dataclass
class Visit:
    """Sets of one visitor, oldest first, and when he was last here."""

    sets: list[Session] = field(default_factory=list)
    seen_s: float = 0.0


class Visits:
    """All visits of this process. A token is made here, cannot be guessed, and opens one visit alone."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._visits: dict[str, Visit] = {}
        self._sweeper: threading.Thread | None = None

    def keep(self, token: Any, session: Session) -> str:
        """Add a set to the visit of this token; the token to come back with, a new one where it opens nothing."""
        with self._lock:
            self._forget_old()
            known = (
                token
                if isinstance(token, str) and token in self._visits
                else None
            )
            name = known or secrets.token_urlsafe(24)
            visit = self._visits.setdefault(name, Visit())
            visit.seen_s = self._now()
            if all(session is not other for other in visit.sets):
                visit.sets.append(session)
            self._make_room(visit)
        self._sweep()
        return name

    def of(self, token: Any) -> list[Session]:
        """The sets of the visit, oldest first; none where the token opens nothing or its hour is over."""
        with self._lock:
            self._forget_old()
            visit = self._visits.get(token) if isinstance(token, str) else None
            if visit is None:
                return []
            visit.seen_s = self._now()
            return list(visit.sets)

    def release(self, session: Session | None) -> None:
        """A page that showed this set was left: its files go, except where a visit still keeps it."""
        with self._lock:
            self._forget_old()
            kept = any(
                session is other
                for v in self._visits.values()
                for other in v.sets
            )
        if isinstance(session, Session) and not kept:
            session.close()

    def _make_room(self, visit: Visit) -> None:
        while len(visit.sets) > MAX_SETS:
            visit.sets.pop(0).close()
        while sum(len(v.sets) for v in self._visits.values()) > MAX_KEPT:
            oldest = min(
                (v for v in self._visits.values() if v.sets),
                key=lambda v: v.seen_s,
            )
            oldest.sets.pop(0).close()

    def _forget_old(self) -> None:
        old = [
            t
            for t, v in self._visits.items()
            if self._now() - v.seen_s > KEEP_S
        ]
        for token in old:
            for session in self._visits.pop(token).sets:
                session.close()

    def _sweep(self) -> None:
        """Files go after the hour also where nobody comes any more."""
        if self._sweeper is None:
            self._sweeper = threading.Thread(
                target=self._sweep_on, name="visits", daemon=True
            )
            self._sweeper.start()

    def _sweep_on(self) -> None:
        while True:
            time.sleep(SWEEP_S)
            with self._lock:
                self._forget_old()


VISITS = Visits()
