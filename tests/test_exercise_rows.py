"""What every exercise is counted on, which way comes first, whose torques are told: chosen, and pinned here."""

from __future__ import annotations

import numpy as np
import pytest

from musclepose.movement.counting import find_cycles
from musclepose.movement.exercises import EXERCISES

# Column, least excursion in its unit, phase in which it rises.
COUNTED = {
    "squat": ("knee_flexion_{}_deg", 30.0, "eccentric"),
    "lunge": ("knee_flexion_{}_deg", 30.0, "eccentric"),
    "step_up": ("com_height_m", 0.1, "concentric"),
    "jump": ("com_height_m", 0.12, "concentric"),
    "deadlift": ("hip_flexion_{}_deg", 30.0, "eccentric"),
    "romanian_deadlift": ("hip_flexion_{}_deg", 30.0, "eccentric"),
    "push_up": ("elbow_flexion_{}_deg", 25.0, "eccentric"),
    "row": ("elbow_flexion_{}_deg", 25.0, "concentric"),
    "curl": ("elbow_flexion_{}_deg", 35.0, "concentric"),
    "overhead_press": ("wrist_over_shoulder_{}_m", 0.12, "concentric"),
    "jumping_jack": ("arm_elevation_{}_deg", 50.0, "concentric"),
}
LEGS = {"hip_flexion_{}", "knee_flexion_{}", "ankle_dorsiflexion_{}"}
TORQUES = {
    "squat": LEGS,
    "lunge": LEGS,
    "deadlift": {"hip_flexion_{}", "knee_flexion_{}", "lumbar_flexion"},
    "curl": {"elbow_flexion_{}", "shoulder_flexion_{}"},
    "plank": set(),
}


@pytest.mark.parametrize("name", COUNTED)
def test_signal_of_an_exercise(name: str) -> None:
    signal = EXERCISES[name].signals[0]
    assert (signal.column, signal.smallest, signal.rising) == COUNTED[name]


@pytest.mark.parametrize("name", TORQUES)
def test_torques_of_an_exercise(name: str) -> None:
    assert set(EXERCISES[name].figures.torques) == TORQUES[name]


@pytest.mark.parametrize(("size_deg", "count"), [(27.0, 0), (33.0, 3)])
def test_a_squat_is_thirty_degrees_at_least(
    size_deg: float, count: int
) -> None:
    time_s = np.arange(0, 9.0, 1 / 30)
    knee = 0.5 * size_deg * (1.0 - np.cos(2.0 * np.pi * time_s / 3.0))
    smallest = EXERCISES["squat"].signals[0].smallest
    assert len(find_cycles(knee, time_s, smallest, rest_low=True).full) == count
