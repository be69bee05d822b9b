"""The waiting line: order, estimates, leaving, and what a waiting visitor is told."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from musclepose.web.jobs import Cancelled, Job, Update
from musclepose.web.line import FIRST_GUESS_S, Line


def test_first_come_first_served() -> None:
    line = Line()
    a, b, c = line.enter(), line.enter(), line.enter()
    assert [p.ahead() for p in (a, b, c)] == [0, 1, 2]
    b.leave()
    assert c.ahead() == 1
    a.leave()
    a.leave()  # leaving twice is allowed
    assert c.ahead() == 0 and c.wait_s() == 0.0


def test_the_estimate_is_how_long_the_last_ones_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("musclepose.web.line.time.monotonic", lambda: now[0])
    line = Line()
    first, second = line.enter(), line.enter()
    now[0] += 4.0
    assert second.wait_s() == pytest.approx(FIRST_GUESS_S - 4.0)
    now[0] += 6.0
    first.leave()  # took 10 s
    third, fourth = line.enter(), line.enter()
    now[0] += 3.0  # the second has worked for 3 s
    assert third.wait_s() == pytest.approx(
        7.0
    ) and fourth.wait_s() == pytest.approx(17.0)


def test_one_works_at_a_time_and_the_other_is_told_its_place() -> None:
    line, go = Line(), threading.Event()
    first = Job(lambda _: go.wait(10), line=line).updates()
    next(first)
    waiting = Job(lambda _: "done", line=line).updates()
    told = next(waiting)
    assert told.share is None and told.text.startswith(
        "Another analysis is before yours, about"
    )
    go.set()
    list(first)
    assert _result(waiting) == "done"


def test_stop_leaves_the_line_at_once_and_the_work_keeps_its_place_until_it_ends() -> (
    None
):
    line, go, stop = Line(), threading.Event(), threading.Event()
    working = Job(lambda _: go.wait(10), stop, line).updates()
    next(working)
    stop.set()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(working)
    assert time.monotonic() - began < 2.0
    behind = line.enter()
    assert behind.ahead() == 1  # the stopped one still computes
    go.set()
    until = time.monotonic() + 5.0
    while behind.ahead() and time.monotonic() < until:
        time.sleep(0.01)
    assert behind.ahead() == 0


def test_time_left_follows_from_the_share_that_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("musclepose.web.jobs.time.monotonic", lambda: now[0])
    step = threading.Event()

    def work(progress: Any) -> None:
        now[0] = 6.0
        progress(0.25, "picture 40 of 160")
        step.wait(10)

    updates = Job(work).updates()
    texts = [next(updates).text for _ in range(2)]
    step.set()
    assert (
        "picture 40 of 160, about 20 s left" in texts
    )  # a quarter took 6 s: 18 s, told in fives


def _result(updates: Any) -> Any:
    while True:
        try:
            assert isinstance(next(updates), Update)
        except StopIteration as end:
            return end.value
