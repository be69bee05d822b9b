"""Published tables and chosen constants, pinned to where they come from; nothing here is compared with itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from asymmetric_analysis import DOF_ORDER, POINT_ORDER
from scipy.stats import t as student

from musclepose.physics.anthropometrics import (
    LENGTH_SHARE,
    REFERENCE_BMI,
    REFERENCE_STATURE_M,
    segment_lengths,
)
from musclepose.physics.constants import G_M_S2, GRAVITY_WORLD_M_S2
from musclepose.physics.contact import floor_height, hysteresis, unsupported
from musclepose.physics.dumas_bsip import segment_inertia
from musclepose.physics.external_load import load_wrenches
from musclepose.physics.grfm import FRICTION
from musclepose.physics.mtg import mtg_parameters
from musclepose.physics.segment_motion import SegmentMotion, segment_motion
from musclepose.physics.skeleton47 import COCO17, DOF_NAMES, DOFS, SEGMENTS
from musclepose.physics.smoothing import smooth_motion
from musclepose.physics.strength import anderson_row, strength_table
from musclepose.physics.uncertainty import (
    GRF_AXES,
    MEMBERS,
    NOISE_SHARE,
    STUDENT_T,
    keypoint_sigma,
    model_error,
)
from musclepose.physics.whole_body import (
    MEASURED,
    ONE_CAMERA,
    BodyPhysics,
    physics_of_motion,
    support_warnings,
)
from musclepose.records import ExternalLoad, Person

F64 = torch.float64
LEFT, RIGHT = 0, 1


def test_gravity() -> None:
    """The standard 9.80665 m/s^2, rounded as the field does; down is -y."""
    assert G_M_S2 == 9.81
    assert GRAVITY_WORLD_M_S2 == (0.0, -9.81, 0.0)


def test_student_t_of_eight_members() -> None:
    """95th percentile with 7 degrees of freedom: 1.895 in every printed table, and by scipy."""
    assert MEMBERS == 8
    assert pytest.approx(1.895, abs=5e-4) == STUDENT_T
    assert pytest.approx(student.ppf(0.95, 7), abs=5e-4) == STUDENT_T


def test_filters_of_a_clip() -> None:
    """6 Hz for angles (Winter 2009), 4 Hz for the root from one camera (chosen, docs/training.md)."""
    assert MEASURED.cutoff_hz == 6.0 and MEASURED.root_cutoff_hz is None
    assert ONE_CAMERA.cutoff_hz == 6.0 and ONE_CAMERA.root_cutoff_hz == 4.0


def gain(frequency_hz: float, name: str, trust: float | None) -> float:
    """Amplitude of a sine after the filter, over whole periods in the middle of a long record."""
    time_s = torch.arange(300, dtype=F64) / 30.0
    q = torch.zeros(300, 47, dtype=F64)
    q[:, DOF_NAMES.index(name)] = torch.sin(
        2.0 * math.pi * frequency_hz * time_s
    )
    out = smooth_motion(q, 1.0 / 30.0, 6.0, trust).q[
        100:200, DOF_NAMES.index(name)
    ]
    return float((2.0 * out.square().mean()).sqrt())


def test_the_root_is_filtered_at_its_own_half_power_point() -> None:
    assert gain(6.0, "knee_flexion_l", 4.0) == pytest.approx(
        math.sqrt(0.5), abs=0.01
    )
    assert gain(6.0, "pelvis_ty", None) == pytest.approx(
        math.sqrt(0.5), abs=0.01
    )
    # The root goes through both filters: 4 Hz is the half-power point of the first, 0.945 the gain of the second.
    assert gain(4.0, "pelvis_ty", 4.0) == pytest.approx(
        math.sqrt(0.5) * 0.9448, abs=0.01
    )


def test_keypoint_noise() -> None:
    """Chosen: 1.2 % of the stature at confidence 1, inversely proportional to it, down to 0.15."""
    assert NOISE_SHARE == 0.012
    sigma = keypoint_sigma(torch.tensor([[1.0, 0.5, 0.1]], dtype=F64), 1.75)
    assert sigma[0].tolist() == pytest.approx([0.021, 0.042, 0.021 / 0.15])


def test_model_error_of_forces_by_axis() -> None:
    """The rows that were calibrated on force plates: x and z are horizontal, y is vertical."""
    assert GRF_AXES == ("horizontal", "vertical", "horizontal")
    rows = {"offset": 0.01, "slope": 0.0, "dynamic": 0.0}
    groups = {
        name: list(rows.values()) for name in ("hip", "knee", "ankle", "other")
    }
    groups |= {
        "grf_horizontal": [0.02, 0.0, 0.0],
        "grf_vertical": [0.05, 0.0, 0.0],
    }
    torque, force = (
        torch.zeros(9, 47, dtype=F64),
        torch.zeros(9, 2, 3, dtype=F64),
    )
    bands = model_error(torque, force, 80.0, 1 / 30, {"groups": groups})
    assert (bands.grf_n[0, 0] / (80.0 * 9.81)).tolist() == pytest.approx(
        [0.02, 0.05, 0.02]
    )


# Anderson, Madigan, Nussbaum 2007, Table 3, means (as RBDL carries them): c1, c2, c3, c4, c5.
ANDERSON = {
    ("knee", "ext", "male", "18-25"): (0.163, 1.258, 1.133, 1.517, 3.952),
    ("knee", "flex", "female", "55-65"): (0.060, 0.967, 0.402, 1.693, 4.410),
    ("hip", "ext", "male", "18-25"): (0.161, 0.958, 0.932, 1.578, 3.190),
    ("hip", "flex", "female", "18-25"): (0.127, 0.650, -0.350, 2.136, 4.349),
    ("ankle", "ext", "male", "18-25"): (0.095, 1.391, 0.408, 0.987, 3.558),
    ("ankle", "flex", "female", "65+"): (0.022, 1.096, -0.369, 0.458, 1.242),
}


@pytest.mark.parametrize("key", ANDERSON, ids="-".join)
def test_anderson_rows(key: tuple[str, str, str, str]) -> None:
    row = anderson_row(*key)
    assert tuple(row[f"c{i}"] for i in range(1, 6)) == ANDERSON[key]


def test_knee_extension_of_a_young_man_in_newton_metres() -> None:
    """0.163 x 80 kg x 9.81 x 1.80 m = 230 N m."""
    muscles = mtg_parameters("male", 21.5, 80.0, 1.80, dtype=F64)
    knee = DOF_NAMES.index("knee_flexion_l") - 6
    assert float(muscles.tau0[knee, 1]) == pytest.approx(
        0.163 * 80.0 * 9.81 * 1.80
    )


def test_age_and_sex_that_were_not_told() -> None:
    """Age: the young group (21.5 years). Sex: the mean of both tables."""
    for sex in ("male", "female"):
        young, untold = strength_table(sex, 21.5), strength_table(sex, None)
        assert np.allclose(young["strength"], untold["strength"])
    both = [strength_table(sex, None)["strength"] for sex in ("male", "female")]
    assert np.allclose(
        strength_table("unknown", None)["strength"], np.mean(both, axis=0)
    )
    knee = DOF_NAMES.index("knee_flexion_l") - 6
    mean_c1 = 0.5 * (0.163 + 0.159) * 9.81
    assert strength_table("unknown", None)["strength"][
        knee, 1
    ] == pytest.approx(mean_c1)


# Dumas, Cheze, Verriest 2007, male rows: mass in % of body mass; centre of mass along the segment in % of its length.
DUMAS_MALE = {
    "thigh": (12.3, -42.9),
    "shank": (4.8, -41.0),
    "upper_arm": (2.4, -45.2),
    "forearm": (1.7, -41.7),
}


LENGTHS_IN_ORDER = [
    "pelvis",
    "hip_width",
    "abdomen",
    "thorax",
    "head",
    "shoulder_width",
    "upper_arm",
    "forearm",
    "hand",
    "thigh",
    "shank",
    "foot",
    "ankle_height",
]


@pytest.mark.parametrize("segment", DUMAS_MALE)
def test_dumas_rows(segment: str) -> None:
    lengths = segment_lengths(
        torch.tensor(1.80, dtype=F64), torch.zeros(13, dtype=F64)
    )
    inertia = segment_inertia(lengths, torch.tensor(80.0, dtype=F64), "male")
    mass_pct, com_pct = DUMAS_MALE[segment]
    i = SEGMENTS.index(f"{segment}_r")
    # The published rows sum to 100.2 %; the masses here sum to the body mass.
    assert float(inertia.mass[i]) == pytest.approx(
        80.0 * mass_pct / 100.2, rel=1e-3
    )
    length = float(lengths[LENGTHS_IN_ORDER.index(segment)])
    assert float(inertia.com[i, 1]) == pytest.approx(
        com_pct / 100.0 * length, rel=1e-6
    )


def test_lengths_as_shares_of_stature() -> None:
    """de Leva 1996, Table 4 (thigh of the male row); the rest as written beside the table."""
    leva = {
        "thigh": 0.242,
        "shank": 0.248,
        "upper_arm": 0.160,
        "forearm": 0.153,
    }
    assert {name: LENGTH_SHARE[name] for name in leva} == leva
    assert REFERENCE_STATURE_M == 1.70 and REFERENCE_BMI == 23.0


def test_order_of_points_and_coordinates() -> None:
    """COCO-17 as every detector writes it; DESIGN section 3 for the 47 coordinates."""
    assert list(COCO17) == POINT_ORDER
    assert DOF_NAMES == DOF_ORDER and len(DOFS) == 47


def test_friction() -> None:
    """mu of the published ground reaction model."""
    assert FRICTION == 0.8


def test_contact_starts_at_six_tenths_and_ends_at_four() -> None:
    chance = np.array(
        [0.1] * 5 + [0.55] * 5 + [0.65] * 5 + [0.45] * 5 + [0.35] * 5
    )
    expected = np.array([False] * 10 + [True] * 10 + [False] * 5)
    assert np.array_equal(hysteresis(chance, 1 / 30), expected)


def test_the_floor_is_where_the_lowest_sole_is_in_a_fifth_of_the_frames() -> (
    None
):
    sole = np.full((100, 2, 4, 3), 1.0)
    sole[:, 0, 0, 1] = np.linspace(0.0, 0.99, 100)
    assert floor_height(sole) == pytest.approx(0.2 * 0.99)


def test_who_needs_half_a_weight_without_feet_is_carried_by_something() -> None:
    force = np.zeros((3, 3))
    force[:, 1] = np.array([0.49, 0.51, 0.51]) * 80.0 * 9.81
    touching = np.array([[False, False], [False, False], [True, False]])
    assert unsupported(touching, force, 80.0).tolist() == [False, True, False]


@pytest.mark.parametrize(("frames", "told"), [(4, False), (6, True)])
def test_other_support_is_told_above_a_twentieth_of_the_frames(
    frames: int, told: bool
) -> None:
    gate, force = torch.ones(100, 2), torch.zeros(100, 3)
    force[:, 1] = 80.0 * 9.81
    gate[:frames] = 0.0
    assert bool(support_warnings(gate, force, 80.0)) == told


def still() -> torch.Tensor:
    """(T, 47) two seconds of upright standing, half a metre above the floor of the coordinates that come in."""
    q = torch.zeros(60, 47, dtype=F64)
    q[:, 1] = 1.5
    return q


LENGTHS = segment_lengths(
    torch.tensor(1.80, dtype=F64), torch.zeros(13, dtype=F64)
)


def segments_at_rest() -> SegmentMotion:
    zero = torch.zeros(1, 47, dtype=F64)
    inertia = segment_inertia(LENGTHS, torch.tensor(80.0, dtype=F64), "male")
    return segment_motion(zero, zero, zero, LENGTHS, inertia.com)


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("hands", ("hand_l", "hand_r")),
        ("shoulders", ("scapula_l", "scapula_r")),
    ],
)
def test_half_of_a_load_hangs_on_each_side(
    place: str, names: tuple[str, str]
) -> None:
    wrenches = load_wrenches(30.0, place, segments_at_rest())
    assert wrenches.segments == tuple(SEGMENTS.index(n) for n in names)
    for side in (LEFT, RIGHT):
        assert wrenches.force_world_n[0, side].tolist() == pytest.approx(
            [0.0, -15.0 * 9.81, 0.0]
        )


def standing(load_kg: float, load_at: str = "hands") -> BodyPhysics:
    athlete, load = (
        Person(1.80, 80.0, "male", 30.0),
        ExternalLoad(load_kg, load_at),
    )
    return physics_of_motion(
        still(), LENGTHS, torch.ones(60, 2, dtype=F64), athlete, load
    )


@pytest.mark.parametrize("load_kg", [0.0, 40.0])
def test_standing_still_the_feet_carry_body_and_load(load_kg: float) -> None:
    physics = standing(load_kg)
    vertical = physics.feet.force_world_n[30, :, 1]
    assert float(vertical.sum()) == pytest.approx(
        (80.0 + load_kg) * 9.81, rel=0.01
    )
    assert float(vertical[0]) == pytest.approx(float(vertical[1]), rel=0.02)
    assert float(physics.sole_world_m[30, ..., 1].min()) == pytest.approx(
        0.0, abs=0.01
    )
    assert physics.warnings == ()
