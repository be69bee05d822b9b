"""The body map: each muscle group with the largest effort of its own direction, of either side, in its own window."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from fake_analysis import MASS_KG, fake_analysis

from musclepose.movement.figures import Figure
from musclepose.movement.recognition import Recognition
from musclepose.movement.summary import PhysicsSummary, Repetition
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.records import Analysis
from musclepose.report.effort_map import effort_map

FRAMES = 120
REPS = (Repetition(1, 0.0, 0.9, 1.9, ()), Repetition(2, 2.1, 3.0, 3.9, ()))


def _told(*dofs: str) -> PhysicsSummary:
    figures = tuple(Figure(f"effort_{d}.max", 1.0, "%", "", 0, d) for d in dofs)
    return PhysicsSummary(
        Recognition("squat", 1.0),
        "repetitions",
        4.0,
        "side",
        REPS,
        figures=figures,
    )


def _analysis(**efforts: dict[int, float]) -> Analysis:
    """Effort by degree of freedom and frame: above zero of its extensors, below zero of its flexors; 0 elsewhere."""
    base = fake_analysis(frames=FRAMES)
    effort, activation = np.zeros((FRAMES, 41)), np.zeros((FRAMES, 82))
    tau = np.zeros((FRAMES, 47))
    for dof, at in efforts.items():
        i = DOF_INDEX[dof] - 6
        for frame, value in at.items():
            effort[frame, i] = abs(value)
            activation[frame, i + (41 if value > 0 else 0)] = min(
                abs(value), 1.0
            )
            tau[frame, i + 6] = -value * 1.5 * MASS_KG
    return dataclasses.replace(
        base, effort=effort, activation=activation, tau_nm=tau
    )


def _cells(made: dict[str, Any] | None) -> dict[str, list[Any]]:
    assert made is not None
    return {group["region"]: group["cells"] for group in made["groups"]}


def test_the_larger_side_of_the_set_and_of_each_repetition() -> None:
    analysis = _analysis(
        knee_flexion_l={20: 0.5, 80: 0.6}, knee_flexion_r={25: 0.7, 90: 0.3}
    )
    made = effort_map(analysis, _told("knee_flexion_l", "knee_flexion_r"))
    assert made is not None and made["windows"] == [
        "the set",
        "repetition 1",
        "repetition 2",
    ]
    assert made["starts"] == [None, 0.0, 2.1]
    assert _cells(made)["thigh-front"] == [
        [70, "70 %"],
        [70, "70 %"],
        [60, "60 %"],
    ]


def test_only_the_group_that_pulls_where_effort_is_largest() -> None:
    analysis = _analysis(
        knee_flexion_r={20: 0.5, 30: -0.4}, hip_flexion_r={20: -0.8, 25: 0.3}
    )
    cells = _cells(
        effort_map(analysis, _told("knee_flexion_r", "hip_flexion_r"))
    )
    assert set(cells) == {"thigh-front", "hip-front"}
    assert cells["hip-front"][0] == [80, "80 %"]
    assert cells["hip-front"][2] == [
        None,
        "too little to tell",
    ]  # nothing in the second repetition


def test_above_the_estimated_strength_no_figure_is_told() -> None:
    analysis = _analysis(hip_flexion_l={20: 1.31})
    assert _cells(effort_map(analysis, _told("hip_flexion_l")))["hip-back"][
        0
    ] == [100, "> 100 %"]


def test_what_the_summary_does_not_tell_and_the_ankle_are_not_on_the_map() -> (
    None
):
    analysis = _analysis(
        knee_flexion_r={20: 0.5}, ankle_dorsiflexion_r={20: 0.9}
    )
    assert set(
        _cells(
            effort_map(
                analysis, _told("knee_flexion_r", "ankle_dorsiflexion_r")
            )
        )
    ) == {"thigh-front"}
    assert effort_map(analysis, _told()) is None


def test_a_repetition_in_which_the_joint_was_not_seen_tells_nothing() -> None:
    analysis = _analysis(
        knee_flexion_l={20: 0.5, 80: 0.5}, knee_flexion_r={20: 0.5, 80: 0.5}
    )
    confidence = analysis.track.confidence.copy()
    confidence[100:, 11:13] = (
        0.0  # both hips, for the last third of the second repetition
    )
    track = dataclasses.replace(analysis.track, confidence=confidence)
    made = effort_map(
        dataclasses.replace(analysis, track=track),
        _told("knee_flexion_l", "knee_flexion_r"),
    )
    texts = [text for _, text in _cells(made)["thigh-front"]]
    assert texts == ["50 %", "50 %", "not seen"]
