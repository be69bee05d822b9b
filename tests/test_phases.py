"""Which phase of a repetition goes up, also where a side was not seen at its start or at its turn."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.movement.counting import Cycle, Cycles
from musclepose.movement.records import Signal
from musclepose.movement.signals import repetitions_of

TIME_S = np.arange(0.0, 9.01, 0.1)
HIPS = Signal("hip_flexion_{}_deg", 30.0, "eccentric")


def hips(gaps: dict[str, list[float]]) -> dict[str, np.ndarray]:
    """Hips bent by 100 degrees that straighten at 1.5, 4.5 and 7.5 s; not seen around the given times."""
    bent = 50.0 + 50.0 * np.cos(2.0 * np.pi * TIME_S / 3.0)
    columns = {f"hip_flexion_{side}_deg": bent.copy() for side in "lr"}
    for side, times in gaps.items():
        for t in times:
            columns[f"hip_flexion_{side}_deg"][np.abs(TIME_S - t) < 0.25] = (
                np.nan
            )
    return columns


def lifts() -> Cycles:
    """Three excursions from bent to straight and back."""
    return Cycles(
        tuple(
            Cycle(t, t + 1.5, t + 3.0, t + 1.3, t + 1.7, out=100.0, back=100.0)
            for t in (0, 3, 6)
        )
    )


@pytest.mark.parametrize(
    "gaps",
    [
        {},
        {"l": [3.0]},
        {"l": [3.0], "r": [4.5]},
        {"l": [3.0], "r": [3.0]},
    ],
    ids=["seen", "one side", "another side at each end", "nobody at the start"],
)
def test_a_lift_goes_up_first(gaps: dict[str, list[float]]) -> None:
    columns = hips(gaps)
    reps, _ = repetitions_of(lifts(), HIPS, lambda name: columns[name], TIME_S)
    first = [r.phases[0].name for r in reps]
    assert first == ["concentric"] * 3
    assert [r.phases[2].name for r in reps] == ["eccentric"] * 3


def test_the_side_that_moves_more_decides() -> None:
    """Of a lunge the free leg may straighten a little while the other bends."""
    columns = hips({})
    columns["hip_flexion_r_deg"] = 10.0 - 0.1 * columns["hip_flexion_l_deg"]
    reps, _ = repetitions_of(lifts(), HIPS, lambda name: columns[name], TIME_S)
    assert [r.phases[0].name for r in reps] == ["concentric"] * 3
