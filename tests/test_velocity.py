"""Speed of a lift, loss over a set, and height of a jump, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from summary_fixtures import clip

from musclepose.evaluation.velocity import errors_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.measure import Measure
from musclepose.movement.set_figures import repetition_figures
from musclepose.movement.summary import Phase, Repetition
from musclepose.movement.velocity import jump_figures, velocity_figures

BASE = clip("squat", count=4)


def repetition(
    index: int, start_s: float, up_s: tuple[float, float], end_s: float
) -> Repetition:
    phases = (
        Phase("eccentric", start_s, up_s[0]),
        Phase("hold", up_s[0], up_s[0]),
        Phase("concentric", *up_s),
    )
    return Repetition(index, start_s, up_s[0], end_s, phases)


def measured(columns: dict[str, np.ndarray]) -> Measure:
    measure = Measure(BASE)
    for name, values in columns.items():
        measure.columns[name] = replace(measure.columns[name], values=values)
        measure.values[name] = values
    return measure


def rising(speeds_m_s: tuple[float, ...]) -> tuple[Measure, list[Repetition]]:
    """The shoulders rise at these speeds for half a second each, from 1, 2, 3 ... s on, and fall at once."""
    time_s = BASE.time_s
    rate, height = np.zeros(len(time_s)), np.full(len(time_s), 1.0)
    reps = []
    for i, speed in enumerate(speeds_m_s, 1):
        up = (time_s >= i - 1e-9) & (time_s <= i + 0.5)
        rate[up] = speed
        height[up] = 1.0 + speed * (time_s[up] - i)
        reps.append(repetition(i, i - 0.5, (float(i), i + 0.5), i + 0.5))
    return measured({"shoulder_rise_m_s": rate, "shoulder_m": height}), reps


def test_mean_and_range_of_the_way_up_and_the_loss_from_the_best_to_the_last() -> (
    None
):
    """0.4 and 0.5 m/s, then 0.3: 40 % are lost from the fastest; half a second at 0.5 m/s are 0.25 m."""
    measure, reps = rising((0.4, 0.5, 0.3))
    velocity_figures(measure, EXERCISES["squat"], reps)
    values = {key: f.value for key, f in measure.figures.items()}
    assert values["velocity.mean.r1"] == pytest.approx(0.4)
    assert values["velocity.peak.r2"] == pytest.approx(0.5)
    assert values["velocity.range.r2"] == pytest.approx(0.25, abs=0.02)
    assert values["velocity.mean"] == pytest.approx(0.4)
    assert values["velocity.loss"] == pytest.approx(40.0)


def test_two_repetitions_show_no_loss() -> None:
    measure, reps = rising((0.5, 0.3))
    velocity_figures(measure, EXERCISES["squat"], reps)
    assert "velocity.loss" not in measure.figures


def test_an_exercise_that_lifts_nothing_has_no_speed() -> None:
    measure, reps = rising((0.5, 0.3, 0.4))
    velocity_figures(measure, EXERCISES["plank"], reps)
    assert not any(key.startswith("velocity") for key in measure.figures)


def test_half_a_second_in_the_air_is_a_jump_of_31_centimetres() -> None:
    """h = g t^2 / 8 = 9.81 x 0.25 / 8 = 0.3066 m, and the 0.036 s for which the gate holds the feet to the ground."""
    time_s = BASE.time_s
    contact = np.where((time_s > 1.01) & (time_s < 1.49), 0.0, 1.0)
    measure = measured({"contact_l": contact, "contact_r": contact})
    flight_s = float(time_s[time_s >= 1.49][0] - time_s[time_s <= 1.01][-1])
    jump_figures(measure, [repetition(1, 0.5, (0.8, 1.2), 2.0)])
    assert flight_s == pytest.approx(0.5, abs=0.02)
    assert measure.figures["jump_height"].value == pytest.approx(
        9.81 * (flight_s + 0.036) ** 2 / 8.0
    )


def test_a_foot_that_stays_down_is_no_jump() -> None:
    air = np.where((BASE.time_s > 1.01) & (BASE.time_s < 1.49), 0.0, 1.0)
    measure = measured({"contact_l": air, "contact_r": np.ones(len(air))})
    jump_figures(measure, [repetition(1, 0.5, (0.8, 1.2), 2.0)])
    assert (
        "jump_height" not in measure.figures
        and "jump_height.r1" in measure.absent
    )


def test_errors_by_hand() -> None:
    pairs = [
        ({"velocity.mean": t}, {"velocity.mean": f})
        for t, f in ((0.4, 0.5), (0.6, 0.6), (0.8, 0.7))
    ]
    errors = errors_of([*pairs, ({"velocity.mean": 0.5}, {})], "velocity.mean")
    assert errors is not None
    assert (errors.clips, errors.missing) == (3, 1)
    assert errors.bias == pytest.approx(
        0.0
    ) and errors.mean_absolute == pytest.approx(0.2 / 3)
    assert errors.correlation == pytest.approx(1.0)
    assert errors_of(pairs, "jump_height") is None


def test_a_repetition_that_had_begun_when_the_clip_starts_has_no_times() -> (
    None
):
    """The first one is left out of the average times; its way up is whole, and where that was cut it has no speed."""
    measure, reps = rising((0.1, 0.4, 0.5))
    reps[0] = replace(reps[0], begun=True, start_s=0.9)
    number = {"repetition": np.arange(len(BASE.time_s)) % 4.0}
    measure.add_counted(number)
    velocity_figures(measure, EXERCISES["squat"], reps)
    repetition_figures(measure, reps)
    values = {key: f.value for key, f in measure.figures.items()}
    assert values["velocity.mean"] == pytest.approx(np.mean([0.1, 0.4, 0.5]))
    assert values["tempo.whole"] == pytest.approx(1.0)
    assert not [
        key for key in values if key.startswith("tempo") and key.endswith(".r1")
    ]
    cut = replace(reps[0], phases=reps[0].phases[::-1])
    velocity_figures(measure, EXERCISES["squat"], [cut, *reps[1:]])
    assert measure.figures["velocity.mean"].value == pytest.approx(0.45)
    only = Measure(BASE)
    only.add_counted(number)
    repetition_figures(only, reps[:1])
    assert "tempo.whole" in only.absent
