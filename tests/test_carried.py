"""A load is carried only from where it is taken from the floor to where it is put down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from bodies import average_body

from musclepose.movement.summarise import summarise
from musclepose.physics.carried import carried_share, lies
from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import forward_kinematics, sole_points
from musclepose.physics.skeleton47 import DOF_INDEX, HANDS, N_DOF
from musclepose.physics.whole_body import physics_of_motion
from musclepose.pipeline import _load_warning
from musclepose.records import Analysis, ExternalLoad, Person
from musclepose.report.files import write_files
from musclepose.report.opensim import ground_reaction_columns
from musclepose.synthesis.exercise.generate import generate_clip
from musclepose.synthesis.made_clips import analysis_of_clip

DT = 1.0 / 30.0
FLOOR_M, HIP_M = 0.30, 0.85  # heights of the wrists


def _wrists(knots: dict[float, float]) -> torch.Tensor:
    """(T, 2) heights along straight lines between moments (s)."""
    time_s = np.arange(0.0, max(knots) + 1e-9, DT)
    height = np.interp(time_s, list(knots), list(knots.values()))
    return torch.from_numpy(np.stack([height, height], axis=1))


# Bends to the bar for a second, grips it for a second, lifts it, puts it down for a second, lifts it again.
SET = {
    0.0: HIP_M,
    1.0: FLOOR_M,
    2.0: FLOOR_M,
    3.0: HIP_M,
    4.0: FLOOR_M,
    5.0: FLOOR_M,
    6.0: HIP_M,
}


def test_nothing_is_carried_before_the_lift_and_while_it_lies() -> None:
    share = carried_share(_wrists(SET), DT).numpy()
    time_s = np.arange(len(share)) * DT
    for moment, carried in (
        (0.0, 0),
        (0.5, 0),
        (1.5, 0),
        (2.1, 1),
        (3.0, 1),
        (3.9, 1),
        (4.5, 0),
        (5.5, 1),
    ):
        assert share[np.argmin(np.abs(time_s - moment))] == pytest.approx(
            carried
        ), moment
    assert share[-1] == 1.0  # whether the bar came with the hands is not seen
    assert (
        np.abs(np.diff(share)).max() < 0.3
    )  # no jump of the whole weight from one picture to the next


@pytest.mark.parametrize(
    "knots",
    [
        {0.0: HIP_M, 1.0: 0.40, 2.0: 0.40, 3.0: HIP_M},  # a pause in the air
        {0.0: HIP_M, 1.0: FLOOR_M, 2.0: HIP_M},  # touches the floor and goes on
        {0.0: HIP_M, 2.0: HIP_M},
    ],
)
def test_a_load_that_never_lies_is_carried_all_the_time(
    knots: dict[float, float],
) -> None:
    assert (carried_share(_wrists(knots), DT) == 1.0).all()


def test_hands_that_grip_anew_have_not_lifted() -> None:
    """From the bar to the knees and back; then nothing more: the bar was never lifted."""
    again = {
        0.0: HIP_M,
        1.0: FLOOR_M,
        2.0: FLOOR_M,
        2.5: 0.5,
        3.0: FLOOR_M,
        4.0: FLOOR_M,
        4.5: 0.45,
    }
    assert (carried_share(_wrists(again), DT) == 0.0).all()
    assert len(lies(_wrists(again), DT)) == 1


def test_one_hand_at_the_floor_holds_no_bar() -> None:
    wrists = _wrists(SET)
    wrists[:, 1] = HIP_M
    assert lies(wrists, DT) == []


def _bends_and_rises() -> torch.Tensor:
    """(90, 47): level trunk, bent knees and hanging arms for 1.5 s, then up to standing in 1 s, feet on the floor."""
    low = torch.from_numpy(
        np.interp(
            np.arange(90) * DT, [0.0, 1.5, 2.5, 3.0], [1.0, 1.0, 0.0, 0.0]
        )
    )
    low = 0.5 - 0.5 * torch.cos(torch.pi * low)
    q = torch.zeros(90, N_DOF, dtype=torch.float64)
    degrees = {
        "pelvis_tilt": -75.0,
        "hip_flexion": 125.0,
        "knee_flexion": 90.0,
        "shoulder_flexion": 75.0,
    }
    degrees["ankle_dorsiflexion"] = 35.0
    for name, angle in degrees.items():
        for dof in (name, f"{name}_l", f"{name}_r"):
            if dof in DOF_INDEX:
                q[:, DOF_INDEX[dof]] = np.radians(angle) * low
    lengths = average_body().lengths_m
    soles = sole_points(forward_kinematics(q, lengths), lengths)
    q[:, 1] -= soles[..., 1].amin((1, 2))
    return q


def test_the_ground_carries_body_alone_until_the_lift_and_the_load_after_it() -> (
    None
):
    """75 kg and 60 kg in the hands; a body that moves slowly. On the shoulders the load is carried all the time."""
    person, lengths = Person(1.75, 75.0, "male", 25), average_body().lengths_m
    q = _bends_and_rises()
    wrists = forward_kinematics(q, lengths).p_world_seg[:, HANDS, 1]
    assert wrists[0].max() < 0.36 and wrists[-1].min() > 0.55

    def weight_kg(load: ExternalLoad) -> np.ndarray:
        physics = physics_of_motion(q, lengths, torch.ones(90, 2), person, load)
        return physics.required_force_n[:, 1].numpy() / G_M_S2

    at = {
        "hands": weight_kg(ExternalLoad(60.0, "hands")),
        "shoulders": weight_kg(ExternalLoad(60.0, "shoulders")),
    }
    assert at["hands"][15] == pytest.approx(75.0, abs=1.0)
    assert at["hands"][85] == pytest.approx(135.0, abs=3.0)
    assert at["shoulders"][15] == pytest.approx(135.0, abs=1.0)


@pytest.fixture(scope="module")
def held() -> Analysis:
    """A generated deadlift that holds still, with a load that lies in the first half and is carried in the second."""
    made = analysis_of_clip(
        generate_clip(5, "deadlift", faults={}, seconds=4.0)
    )
    share = np.linspace(0.0, 1.0, len(made.time_s))
    still = np.zeros_like(made.q)
    return replace(
        made,
        load=ExternalLoad(80.0, "hands"),
        load_share=share,
        qdot=still,
        qddot=still,
    )


def test_the_floor_carries_in_the_files_what_the_hands_do_not(
    held: Analysis, tmp_path: Path
) -> None:
    """Half of what lies pushes up on each hand of a model that holds all of it."""
    columns = ground_reaction_columns(held)
    for side in "LR":
        expected = (
            40.0 * G_M_S2 * (1.0 - np.linspace(0.0, 1.0, len(held.time_s)))
        )
        assert columns[f"{side}_lying_force_vy"] == pytest.approx(expected)
        assert columns[f"{side}_lying_force_vx"] == pytest.approx(
            0.0 * expected
        )
    hand = held.joints_world_m[:, HANDS[0]]
    point = np.stack(
        [columns[f"L_lying_force_p{axis}"] for axis in "xyz"], axis=1
    )
    assert np.linalg.norm(point - hand, axis=1).max() < 0.12
    write_files(held, summarise(held), "", tmp_path)
    forces = ElementTree.parse(tmp_path / "body_loads.xml").findall(
        ".//ExternalForce"
    )
    on = {
        f.findtext("force_identifier"): f.findtext("applied_to_body")
        for f in forces
    }
    assert (
        on["L_lying_force_v"] == "hand_l" and on["R_lying_force_v"] == "hand_r"
    )
    assert len({f.get("name") for f in forces}) == len(forces)
    theirs = ElementTree.parse(tmp_path / "external_loads.xml").findall(
        ".//ExternalForce"
    )
    assert not [
        f for f in theirs if "lying" in str(f.findtext("force_identifier"))
    ]


def test_it_is_said_when_the_load_lies() -> None:
    share, time_s = np.array([0.0, 0.0, 1.0, 1.0, 0.2, 0.0]), np.arange(6.0)
    (told,) = _load_warning(share, time_s)
    assert "(0.0 to 1.0 s, 4.0 to 5.0 s)" in told
    assert (
        _load_warning(None, time_s) == ()
        and _load_warning(np.ones(6), time_s) == ()
    )


@pytest.mark.parametrize(
    ("bottom_m", "begun"), [(FLOOR_M, True), (0.45, False)]
)
def test_the_bend_to_a_bar_on_the_floor_is_no_lowering(
    held: Analysis, bottom_m: float, begun: bool
) -> None:
    """Hands that rest at the floor at the turn of the first repetition, and hands that rest in the air."""
    plain = summarise(held, "deadlift")
    first = plain.repetitions[0]
    assert not first.begun and plain.figure("tempo.whole.r1") is not None
    joints = held.joints_world_m.copy()
    low = np.abs(held.time_s - first.turn_s) < 0.3
    joints[:, HANDS, 1] = HIP_M
    joints[np.ix_(np.flatnonzero(low), list(HANDS), [1])] = bottom_m
    summary = summarise(replace(held, joints_world_m=joints), "deadlift")
    assert [r.begun for r in summary.repetitions][:1] == [begun]
    assert (summary.figure("tempo.whole.r1") is None) == begun
