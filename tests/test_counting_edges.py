"""Repetitions at the clip's start and end: what began half way is partial, and rest decides which way is out."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.movement.counting import Cycles, find_cycles
from musclepose.movement.exercises import EXERCISES

RATE_HZ = 30.0


def _bends(start_s: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
    """A joint that bends by 90 deg every 2 s and is straight at whole multiples of it, cut out of a longer set."""
    time_s = np.arange(0.0, end_s - start_s, 1.0 / RATE_HZ)
    return 45.0 * (1.0 - np.cos(np.pi * (time_s + start_s))), time_s


def _count(start_s: float, end_s: float, rest_low: bool | None = True) -> Cycles:
    signal, time_s = _bends(start_s, end_s)
    return find_cycles(signal, time_s, 30.0, rest_low)


def test_whole_set() -> None:
    assert len(_count(0.0, 6.0).full) == 3


@pytest.mark.parametrize("start_s", [0.75, 1.0])
def test_started_half_way_is_cut_off_not_counted(start_s: float) -> None:
    cycles = _count(start_s, 6.0)
    assert len(cycles.full) == 2
    assert cycles.cut_off
    assert [round(c.turn_s + start_s) for c in cycles.full] == [3, 5]


def test_ended_half_way_is_cut_off_not_counted() -> None:
    cycles = _count(0.0, 5.25)
    assert len(cycles.full) == 2 and cycles.cut_off


@pytest.mark.parametrize("name", ["curl", "push_up", "overhead_press", "jumping_jack", "squat"])
def test_rest_is_known_of_exercises_with_a_rest(name: str) -> None:
    assert all(signal.rest_low is True for signal in EXERCISES[name].signals)
