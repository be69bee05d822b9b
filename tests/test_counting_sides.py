"""Which leg a step belongs to, how long a leg takes, and how many steps a minute has."""

from __future__ import annotations

import numpy as np
import pytest
from asymmetric_analysis import asymmetric_analysis

from musclepose.movement.counting import Step, find_steps
from musclepose.movement.measure import Measure
from musclepose.movement.set_figures import gait_figures


def test_a_step_is_of_the_leg_whose_hip_is_bent_in_front() -> None:
    time_s = np.arange(0, 5.0, 1 / 30)
    swing = 25.0 * np.sin(2.0 * np.pi * time_s / 2.0)  # left in front at 0.5 s, right at 1.5 s
    steps = find_steps(10.0 + swing, 10.0 - swing, time_s)
    for step in steps:
        phase = step.time_s % 2.0
        assert abs(phase - (0.5 if step.side == "left" else 1.5)) < 0.1
    assert {step.side for step in steps} == {"left", "right"}


MOMENTS = {0.0: "left", 0.4: "right", 1.0: "left", 1.4: "right", 2.0: "left", 2.4: "right"}
STEPS = [Step(time_s, side) for time_s, side in MOMENTS.items()]


def measured() -> Measure:
    """The figures of these six steps."""
    measure = Measure(asymmetric_analysis())
    measure.add_counted({"step": np.minimum(np.arange(24), 6).astype(float)})
    gait_figures(measure, STEPS)
    return measure


def test_a_leg_takes_the_time_until_it_is_in_front() -> None:
    """The right leg comes 0.4 s after the left one, the left one 0.6 s after the right."""
    measure = measured()
    assert measure.figures["step_time_right"].value == pytest.approx(0.4)
    assert measure.figures["step_time_left"].value == pytest.approx(0.6)
    assert measure.figures["asymmetry.step_time"].value == pytest.approx(100.0 * 0.2 / 0.6)


def test_cadence_counts_the_gaps_between_steps() -> None:
    measure = measured()
    assert measure.figures["steps.count"].value == 6
    assert measure.figures["cadence"].value == pytest.approx(60.0 * 5 / 2.4)
