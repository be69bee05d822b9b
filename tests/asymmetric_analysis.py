"""An Analysis with a number of its own in every cell: any two cells that change places show.

Every value is a formula of its name alone (`cell`), so a test states what it expects without asking the code. The names
and their order are written out here from the design (segments, degrees of freedom, COCO points), not imported.
The athlete faces +x and stands on y = 0; the camera looks along -z from the athlete's right side, without rotation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from musclepose.records import (
    Analysis,
    Array,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
    Quality,
)

FRAMES, RATE_HZ = 24, 30.0
HEIGHT_M, MASS_KG = 1.83, 80.0
WEIGHT_N = 80.0 * 9.81
SIZE_PX = (960, 720)
FOCAL_PX, DISTANCE_M, EYE_M = 700.0, 3.0, 0.9
HIDDEN = slice(5, 9)  # frames in which the left wrist was not seen

_ARM = [
    "scapula_tilt",
    "scapula_elevation",
    "shoulder_flexion",
    "shoulder_adduction",
    "shoulder_rotation",
    "elbow_flexion",
    "forearm_pronation",
    "wrist_flexion",
    "wrist_deviation",
]
_LEG = [
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_flexion",
    "ankle_dorsiflexion",
    "ankle_inversion",
    "ankle_adduction",
]
ROOT_NAMES = (
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
)
JOINT_DOF_NAMES = (
    *["lumbar_flexion", "lumbar_bending", "lumbar_rotation"],
    *["thoracic_flexion", "thoracic_bending", "thoracic_rotation"],
    *["neck_flexion", "neck_bending", "neck_rotation"],
    *(f"{name}_{side}" for side in "lr" for name in _ARM),
    *(f"{name}_{side}" for side in "lr" for name in _LEG),
)
DOF_ORDER = (*ROOT_NAMES, *JOINT_DOF_NAMES)
POINT_ORDER = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
]
# Segment and where its proximal joint stands, m; left (z < 0) and right differ in every number.
JOINTS_M = {
    "pelvis": (0.00, 0.95, 0.00), "abdomen": (-0.02, 1.06, 0.01), "thorax": (0.03, 1.20, 0.02),
    "head": (0.08, 1.52, 0.03),
    "scapula_l": (0.04, 1.44, -0.06), "upper_arm_l": (0.06, 1.43, -0.19), "forearm_l": (0.31, 1.28, -0.23),
    "hand_l": (0.52, 1.39, -0.21),
    "scapula_r": (0.02, 1.46, 0.09), "upper_arm_r": (0.01, 1.47, 0.22), "forearm_r": (-0.24, 1.25, 0.26),
    "hand_r": (-0.45, 1.13, 0.24),
    "thigh_l": (0.01, 0.93, -0.10), "shank_l": (0.29, 0.55, -0.07), "foot_l": (0.33, 0.10, -0.14),
    "thigh_r": (-0.01, 0.97, 0.11), "shank_r": (-0.19, 0.56, 0.15), "foot_r": (-0.42, 0.19, 0.12),
}  # fmt: skip


def share(name: str) -> float:
    """A number between 0 and 1 that belongs to this name alone."""
    return (
        int.from_bytes(blake2b(name.encode(), digest_size=6).digest(), "big")
        / 2.0**48
    )


def cell(name: str, low: float, high: float) -> Array:
    """(T,) the values of a name: within 10 % of one level between `low` and `high`, with a swing of its own."""
    level = low + (high - low) * share(name)
    phase = 2.0 * math.pi * share(f"swing of {name}")
    return level * (
        1.0 + 0.1 * np.sin(2.0 * math.pi * np.arange(FRAMES) / FRAMES + phase)
    )


def sign(name: str) -> float:
    """+1 or -1, decided by the name."""
    return 1.0 if share(f"sign of {name}") < 0.5 else -1.0


def angle_rad(dof: str) -> Array:
    """(T,) of a rotation, up to 0.6 rad."""
    return sign(dof) * cell(f"angle {dof}", 0.05, 0.5)


def position_m(dof: str) -> Array:
    """(T,) of a root translation."""
    return cell(f"position {dof}", 0.3, 1.2)


def coordinate(dof: str) -> Array:
    """(T,) rad or m."""
    return position_m(dof) if dof in ROOT_NAMES[:3] else angle_rad(dof)


def torque(dof: str) -> Array:
    """(T,) N for the root's translations, else N m: far above what is too little to be told."""
    return sign(f"tau {dof}") * cell(f"tau {dof}", 20.0, 120.0)


def muscle_torque_nm(dof: str) -> Array:
    return sign(f"muscle {dof}") * cell(f"muscle {dof}", 1.0, 99.0)


def activation(dof: str, direction: str) -> Array:
    """(T,) of "flexion" or "extension"."""
    return cell(f"activation {dof} {direction}", 0.05, 0.85)


def effort(dof: str) -> Array:
    """(T,) below 1, so that 20 N m and more stand against a strength that is worth telling."""
    return cell(f"effort {dof}", 0.05, 0.85)


def torque_band(dof: str) -> Array:
    return cell(f"band {dof}", 1.0, 15.0)


def force_n(foot: str, axis: str) -> Array:
    """(T,) of foot "l" or "r"; the vertical one presses upwards."""
    size = cell(f"force {foot} {axis}", 200.0, 500.0)
    return size if axis == "y" else 0.3 * sign(f"force {foot} {axis}") * size


def force_band_n(foot: str, axis: str) -> Array:
    return cell(f"force band {foot} {axis}", 5.0, 60.0)


def pressure_m(foot: str, axis: str) -> Array:
    """(T,) centre of pressure: near the ankle, on the floor."""
    if axis == "y":
        return cell(f"pressure {foot} y", 0.001, 0.009)
    ankle = JOINTS_M[f"foot_{foot}"]["xyz".index(axis)]
    return ankle + cell(f"pressure {foot} {axis}", 0.01, 0.05)


def free_moment_nm(foot: str) -> Array:
    return sign(f"free {foot}") * cell(f"free {foot}", 1.0, 9.0)


def contact(foot: str) -> Array:
    return cell(f"contact {foot}", 0.2, 0.8)


def com_m(axis: str) -> Array:
    return cell(f"com {axis}", 0.1, 1.2)


def detected_px(point: str, axis: str) -> Array:
    return cell(f"detected {point} {axis}", 100.0, 600.0)


def fitted_px(point: str, axis: str) -> Array:
    return cell(f"fitted {point} {axis}", 100.0, 600.0)


def confidence(point: str) -> Array:
    return cell(f"confidence {point}", 0.4, 0.85)


def is_hidden(point: str) -> Array:
    """(T,) frames in which the point was not seen."""
    hidden = np.zeros(FRAMES, bool)
    hidden[HIDDEN] = point == "left_wrist"
    return hidden


def pixel_of(p_world_m: tuple[float, float, float]) -> tuple[float, float]:
    """Pinhole by hand: the camera stands at z = 3 m, 0.9 m high, looks along -z, and +x is to its right."""
    x, y, z = p_world_m
    depth = DISTANCE_M - z
    return SIZE_PX[0] / 2 + FOCAL_PX * x / depth, SIZE_PX[1] / 2 + FOCAL_PX * (
        EYE_M - y
    ) / depth


def _camera() -> Camera:
    rotation = np.diag([1.0, -1.0, -1.0])
    return Camera(
        rotation,
        np.array([0.0, EYE_M, DISTANCE_M]),
        FOCAL_PX,
        (SIZE_PX[0] / 2, SIZE_PX[1] / 2),
    )


def _track(time_s: Array) -> PoseTrack:
    points = np.stack(
        [
            np.stack([detected_px(p, a) for a in "xy"], axis=1)
            for p in POINT_ORDER
        ],
        axis=1,
    )
    sure = np.stack([confidence(p) for p in POINT_ORDER], axis=1)
    hidden = np.stack([is_hidden(p) for p in POINT_ORDER], axis=1)
    points[hidden], sure[hidden] = np.nan, 0.0
    return PoseTrack(points, sure, time_s, SIZE_PX, people=3, person=1)


def _feet(of: Callable[[str, str], Array]) -> Array:
    """(T, 2, 3) of a function of foot and axis."""
    return np.stack(
        [np.stack([of(foot, a) for a in "xyz"], axis=1) for foot in "lr"],
        axis=1,
    )


def _columns(rows: list[Array]) -> Array:
    return np.stack(rows, axis=1)


def asymmetric_analysis() -> Analysis:
    """All arrays of an Analysis by the formulas of this file."""
    time_s = np.arange(FRAMES) / RATE_HZ
    q = _columns([coordinate(d) for d in DOF_ORDER])
    qdot = np.gradient(q, time_s, axis=0)
    joints = np.tile(np.array(list(JOINTS_M.values())), (FRAMES, 1, 1))
    world = np.stack(
        [
            np.stack([cell(f"world {p} {a}", 0.1, 1.5) for a in "xyz"], axis=1)
            for p in POINT_ORDER
        ],
        axis=1,
    )
    flexion = [activation(d, "flexion") for d in JOINT_DOF_NAMES]
    extension = [activation(d, "extension") for d in JOINT_DOF_NAMES]
    fitted = np.stack(
        [
            np.stack([fitted_px(p, a) for a in "xy"], axis=1)
            for p in POINT_ORDER
        ],
        axis=1,
    )
    return Analysis(
        athlete=Person(HEIGHT_M, MASS_KG, "female", 31.0),
        assumed=("sex",),
        load=ExternalLoad(22.5, "shoulders"),
        track=_track(time_s),
        camera=_camera(),
        time_s=time_s,
        q=q,
        qdot=qdot,
        qddot=np.gradient(qdot, time_s, axis=0),
        joints_world_m=joints,
        keypoints_world_m=world,
        keypoints_fit_px=fitted,
        com_world_m=_columns([com_m(a) for a in "xyz"]),
        contact=_columns([contact(f) for f in "lr"]),
        grf_world_n=_feet(force_n),
        cop_world_m=_feet(pressure_m),
        free_moment_nm=_columns([free_moment_nm(f) for f in "lr"]),
        tau_nm=_columns([torque(d) for d in DOF_ORDER]),
        tau_mtg_nm=_columns([muscle_torque_nm(d) for d in JOINT_DOF_NAMES]),
        activation=_columns(flexion + extension),
        effort=_columns([effort(d) for d in JOINT_DOF_NAMES]),
        tau_band_nm=_columns([torque_band(d) for d in DOF_ORDER]),
        grf_band_n=_feet(force_band_n),
        quality=Quality(
            0.031, 0.042, 0.0053, 6.4, 0.97, "medium", ("A quality warning.",)
        ),
        warnings=("A warning of the clip.",),
        versions={"musclepose": "test"},
    )
