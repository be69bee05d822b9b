"""Which leg a step belongs to, how long a leg takes, and how many steps a minute has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from asymmetric_analysis import asymmetric_analysis

from musclepose.movement.counting import Step, find_steps
from musclepose.movement.measure import Measure
from musclepose.movement.set_figures import gait_figures
from musclepose.records import Analysis


def test_a_step_is_of_the_leg_whose_hip_is_bent_in_front() -> None:
    time_s = np.arange(0, 5.0, 1 / 30)
    swing = 25.0 * np.sin(
        2.0 * np.pi * time_s / 2.0
    )  # left in front at 0.5 s, right at 1.5 s
    steps = find_steps(10.0 + swing, 10.0 - swing, time_s)
    for step in steps:
        phase = step.time_s % 2.0
        assert abs(phase - (0.5 if step.side == "left" else 1.5)) < 0.1
    assert {step.side for step in steps} == {"left", "right"}


MOMENTS = {
    0.0: "left",
    0.4: "right",
    1.0: "left",
    1.4: "right",
    2.0: "left",
    2.4: "right",
}
STEPS = [Step(time_s, side) for time_s, side in MOMENTS.items()]


def _long_enough() -> Analysis:
    """Three seconds, all seen: the same cells at an eighth of the frame rate."""
    short = asymmetric_analysis()
    time_s = short.time_s * 4.0
    return replace(
        short, time_s=time_s, track=replace(short.track, time_s=time_s)
    )


def measured(
    steps: Sequence[Step] = STEPS, unseen_s: tuple[float, float] | None = None
) -> Measure:
    """The figures of these steps."""
    analysis = _long_enough()
    if unseen_s is not None:
        confidence = analysis.track.confidence.copy()
        start, end = unseen_s
        confidence[(analysis.time_s >= start) & (analysis.time_s <= end)] = 0.0
        analysis = replace(
            analysis, track=replace(analysis.track, confidence=confidence)
        )
    measure = Measure(analysis)
    measure.add_counted(
        {"step": np.minimum(np.arange(24), len(steps)).astype(float)}
    )
    gait_figures(measure, steps)
    return measure


def test_a_leg_takes_the_time_until_it_is_in_front() -> None:
    """The right leg comes 0.4 s after the left one, the left one 0.6 s after the right."""
    measure = measured()
    assert measure.figures["step_time_right"].value == pytest.approx(0.4)
    assert measure.figures["step_time_left"].value == pytest.approx(0.6)
    assert measure.figures["asymmetry.step_time"].value == pytest.approx(
        100.0 * 0.2 / 0.6
    )


def test_cadence_counts_the_gaps_between_steps() -> None:
    measure = measured()
    assert measure.figures["steps.count"].value == 6
    assert measure.figures["cadence"].value == pytest.approx(60.0 * 5 / 2.4)


def test_a_turn_is_no_step() -> None:
    """The last step comes 0.6 s late: the steps before tell the cadence."""
    late = [*STEPS[:-1], Step(3.0, "right")]
    assert measured(late).figures["cadence"].value == pytest.approx(
        60.0 * 4 / 2.0
    )


def test_a_missed_step_of_the_other_leg_is_no_slow_step() -> None:
    """left, right, left, (right missed) left, right, left: two of the same leg tell nothing."""
    moments = (
        (0.0, "left"),
        (0.4, "right"),
        (0.8, "left"),
        (1.4, "left"),
        (1.8, "right"),
        (2.2, "left"),
    )
    figures = measured([Step(t, side) for t, side in moments]).figures
    assert figures["cadence"].value == pytest.approx(150.0)
    assert figures["step_time_left"].value == pytest.approx(0.4)


def test_a_step_that_nobody_saw_is_not_timed() -> None:
    """Unseen from 1.05 to 1.35 s: the step from 1.0 to 1.4 s is left out; the four others take 2.0 s."""
    figures = measured(unseen_s=(1.05, 1.35)).figures
    assert figures["cadence"].value == pytest.approx(60.0 * 4 / 2.0)
