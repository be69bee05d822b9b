"""The 47-DoF body: 18 segments, their joints, degrees of freedom, signs, limits, mirror partners and geometry.

Segment axes are ISB: x anterior, y up along the segment, z to the right; all parallel to the world in the zero pose,
which is upright standing, arms hanging, palms forward, facing +x. The root (pelvis origin) is the mid-hip point.
A DoF turns about one axis of its joint by `sign * q`; the signs make flexion, adduction and internal rotation positive
on both sides, so a mirrored pose has left and right swapped and only the midline bending and rotation negated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

SEGMENTS = (
    "pelvis", "abdomen", "thorax", "head",
    "scapula_l", "upper_arm_l", "forearm_l", "hand_l",
    "scapula_r", "upper_arm_r", "forearm_r", "hand_r",
    "thigh_l", "shank_l", "foot_l",
    "thigh_r", "shank_r", "foot_r",
)  # fmt: skip
PARENTS = (-1, 0, 1, 2, 2, 4, 5, 6, 2, 8, 9, 10, 0, 12, 13, 0, 15, 16)

# Scale lengths (m). Every joint and keypoint offset is linear in them.
LENGTHS = (
    "pelvis", "hip_width", "abdomen", "thorax", "head", "shoulder_width",
    "upper_arm", "forearm", "hand", "thigh", "shank", "foot", "ankle_height",
)  # fmt: skip

COCO17 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
COCO17_MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
SOLE_POINTS = ("heel", "ball_medial", "ball_lateral", "toe")


@dataclass(frozen=True)
class Dof:
    """One degree of freedom: it moves `segment` about or along `axis` of its joint frame by `sign * q`."""

    name: str
    segment: int
    axis: str  # "tx" "ty" "tz" translations, "x" "y" "z" rotations
    sign: float
    lower: float  # rad or m
    upper: float
    mirror: str
    mirror_sign: float
    source: str  # of the limits, see README references


def _deg(low: float, high: float) -> tuple[float, float]:
    return math.radians(low), math.radians(high)


FREE = (-math.inf, math.inf)
# name, axis, sign on the right or midline, limits in degrees, source. Order is the order of q.
# Sources: Lai = LaiUhlrich2022 OpenSim bounds, AAOS = American Academy of Orthopaedic Surgeons normal range,
# SKEL = Keller et al. 2023 pose limits, chosen = ours, no published bound found (ANCHORS 3f).
_ROOT = (
    ("pelvis_tx", "tx", 1, FREE, 1, "free"), ("pelvis_ty", "ty", 1, FREE, 1, "free"),
    ("pelvis_tz", "tz", 1, FREE, -1, "free"), ("pelvis_tilt", "z", 1, FREE, 1, "free"),
    ("pelvis_list", "x", 1, FREE, -1, "free"), ("pelvis_rotation", "y", 1, FREE, -1, "free"),
)  # fmt: skip
_SPINE = (
    ("lumbar_flexion", "z", -1, _deg(-35, 75), 1, "chosen"), ("lumbar_bending", "x", 1, _deg(-35, 35), -1, "AAOS"),
    ("lumbar_rotation", "y", 1, _deg(-45, 45), -1, "SKEL"),
    ("thoracic_flexion", "z", -1, _deg(-35, 60), 1, "chosen"), ("thoracic_bending", "x", 1, _deg(-35, 35), -1, "AAOS"),
    ("thoracic_rotation", "y", 1, _deg(-45, 45), -1, "SKEL"),
    ("neck_flexion", "z", -1, _deg(-65, 65), 1, "chosen"), ("neck_bending", "x", 1, _deg(-45, 45), -1, "AAOS"),
    ("neck_rotation", "y", 1, _deg(-80, 80), -1, "chosen"),
)  # fmt: skip
_ARM = (
    ("scapula_tilt", "z", -1, _deg(-30, 30), "chosen"), ("scapula_elevation", "x", -1, _deg(-15, 40), "chosen"),
    ("shoulder_flexion", "z", 1, _deg(-75, 190), "AAOS"), ("shoulder_adduction", "x", 1, _deg(-190, 60), "AAOS"),
    ("shoulder_rotation", "y", 1, _deg(-110, 110), "chosen"),
    ("elbow_flexion", "z", 1, _deg(-5, 155), "Lai"), ("forearm_pronation", "y", 1, _deg(-10, 170), "AAOS"),
    ("wrist_flexion", "z", 1, _deg(-80, 85), "AAOS"), ("wrist_deviation", "x", 1, _deg(-25, 40), "AAOS"),
)  # fmt: skip
_LEG = (
    ("hip_flexion", "z", 1, _deg(-35, 135), "Lai"), ("hip_adduction", "x", 1, _deg(-60, 35), "Lai"),
    ("hip_rotation", "y", 1, _deg(-50, 50), "Lai"),
    ("knee_flexion", "z", -1, _deg(-5, 160), "Lai"),
    ("ankle_dorsiflexion", "z", 1, _deg(-55, 45), "Lai"), ("ankle_inversion", "x", 1, _deg(-35, 35), "Lai"),
    ("ankle_adduction", "y", 1, _deg(-30, 30), "chosen"),
)  # fmt: skip
_ARM_SEGMENTS = (
    ("scapula",) * 2 + ("upper_arm",) * 3 + ("forearm",) * 2 + ("hand",) * 2
)
_LEG_SEGMENTS = ("thigh",) * 3 + ("shank",) + ("foot",) * 3


def _limb_dofs(rows: tuple, segments: tuple[str, ...], side: str) -> list[Dof]:
    other = "r" if side == "l" else "l"
    dofs = []
    for (name, axis, sign, (lower, upper), source), segment in zip(
        rows, segments, strict=True
    ):
        flipped = side == "l" and axis in ("x", "y")
        dofs.append(
            Dof(
                f"{name}_{side}",
                SEGMENTS.index(f"{segment}_{side}"),
                axis,
                -sign if flipped else sign,
                lower,
                upper,
                f"{name}_{other}",
                1.0,
                source,
            )
        )
    return dofs


def _midline_dofs(rows: tuple, segments: tuple[str, ...]) -> list[Dof]:
    return [
        Dof(
            name,
            SEGMENTS.index(segment),
            axis,
            sign,
            lower,
            upper,
            name,
            mirror,
            source,
        )
        for (name, axis, sign, (lower, upper), mirror, source), segment in zip(
            rows, segments, strict=True
        )
    ]


DOFS: tuple[Dof, ...] = tuple(
    _midline_dofs(_ROOT, ("pelvis",) * 6)
    + _midline_dofs(_SPINE, ("abdomen",) * 3 + ("thorax",) * 3 + ("head",) * 3)
    + _limb_dofs(_ARM, _ARM_SEGMENTS, "l")
    + _limb_dofs(_ARM, _ARM_SEGMENTS, "r")
    + _limb_dofs(_LEG, _LEG_SEGMENTS, "l")
    + _limb_dofs(_LEG, _LEG_SEGMENTS, "r")
)
DOF_NAMES = tuple(d.name for d in DOFS)
N_DOF = len(DOFS)
N_ROOT = 6
N_MUSCLE_DOF = N_DOF - N_ROOT
N_SEGMENTS = len(SEGMENTS)
DOF_INDEX = {name: i for i, name in enumerate(DOF_NAMES)}

# Offset rows: (x, y, z) coefficients of one length; several rows add up. Segment axes; z is for the right side and
# negated on the left. Pelvis-to-L5/S1 direction and the clavicle start are chosen after common geometry (Dumas 2007
# puts the hips 0.5-0.6 of the pelvis length ahead of L5/S1); feet after Drillis and Contini proportions.
_JOINT_OFFSETS: dict[str, dict[str, tuple[float, float, float]]] = {
    "abdomen": {"pelvis": (-0.45, 0.893, 0.0)},
    "thorax": {"abdomen": (0.0, 1.0, 0.0)},
    "head": {"thorax": (0.0, 1.0, 0.0)},
    "scapula": {"thorax": (0.18, 0.86, 0.06)},
    "upper_arm": {
        "thorax": (-0.17, -0.04, -0.06),
        "shoulder_width": (0.0, 0.0, 0.5),
    },
    "forearm": {"upper_arm": (0.0, -1.0, 0.0)},
    "hand": {"forearm": (0.0, -1.0, 0.0)},
    "thigh": {"hip_width": (0.0, 0.0, 0.5)},
    "shank": {"thigh": (0.0, -1.0, 0.0)},
    "foot": {"shank": (0.0, -1.0, 0.0)},
}
_KEYPOINTS: dict[str, tuple[str, dict[str, tuple[float, float, float]]]] = {
    "nose": ("head", {"head": (0.50, 0.44, 0.0)}),
    "eye": ("head", {"head": (0.40, 0.57, 0.13)}),
    "ear": ("head", {"head": (0.08, 0.50, 0.30)}),
    "shoulder": ("upper_arm", {}), "elbow": ("forearm", {}), "wrist": ("hand", {}),
    "hip": ("thigh", {}), "knee": ("shank", {}), "ankle": ("foot", {}),
}  # fmt: skip
_SOLE: dict[str, dict[str, tuple[float, float, float]]] = {
    "heel": {"foot": (-0.25, 0.0, 0.0), "ankle_height": (0.0, -1.0, 0.0)},
    "ball_medial": {
        "foot": (0.47, 0.0, -0.18),
        "ankle_height": (0.0, -1.0, 0.0),
    },
    "ball_lateral": {
        "foot": (0.40, 0.0, 0.18),
        "ankle_height": (0.0, -1.0, 0.0),
    },
    "toe": {"foot": (0.75, 0.0, 0.0), "ankle_height": (0.0, -1.0, 0.0)},
}


def _coefficients(
    rows: dict[str, tuple[float, float, float]], side: str
) -> np.ndarray:
    out = np.zeros((3, len(LENGTHS)))
    for length, xyz in rows.items():
        out[:, LENGTHS.index(length)] = xyz
    if side == "l":
        out[2] *= -1.0
    return out


def _side(name: str) -> tuple[str, str]:
    return (name[:-2], name[-1]) if name[-2:] in ("_l", "_r") else (name, "r")


class _Geometry:
    """Constant coefficient arrays: `offset = coefficients @ lengths`."""

    @cached_property
    def joint_offsets(self) -> np.ndarray:
        """(18, 3, 13): joint position of each segment in its parent's frame per unit length; the root row is zero."""
        out = np.zeros((N_SEGMENTS, 3, len(LENGTHS)))
        for i, name in enumerate(SEGMENTS[1:], 1):
            base, side = _side(name)
            out[i] = _coefficients(_JOINT_OFFSETS[base], side)
        return out

    @cached_property
    def keypoint_segments(self) -> np.ndarray:
        """(17,) segment that carries each COCO point."""
        return np.array([self._keypoint(n)[0] for n in COCO17])

    @cached_property
    def keypoint_offsets(self) -> np.ndarray:
        """(17, 3, 13) COCO points in their segment's frame."""
        return np.stack([self._keypoint(n)[1] for n in COCO17])

    @cached_property
    def sole_offsets(self) -> np.ndarray:
        """(2, 4, 3, 13) heel, ball medial, ball lateral, toe of the left and right foot, from the ankle, foot frame."""
        return np.stack(
            [
                np.stack([_coefficients(_SOLE[p], s) for p in SOLE_POINTS])
                for s in ("l", "r")
            ]
        )

    @staticmethod
    def _keypoint(name: str) -> tuple[int, np.ndarray]:
        side, _, base = name.rpartition("_")
        segment, rows = _KEYPOINTS[base]
        letter = side[0] if side else "r"
        full = segment if segment in SEGMENTS else f"{segment}_{letter}"
        return SEGMENTS.index(full), _coefficients(rows, letter)


GEOMETRY = _Geometry()
FEET = (SEGMENTS.index("foot_l"), SEGMENTS.index("foot_r"))
HANDS = (SEGMENTS.index("hand_l"), SEGMENTS.index("hand_r"))


def mirror_index() -> tuple[np.ndarray, np.ndarray]:
    """(47,) index and sign: `q_mirrored = sign * q[index]` reflects a motion in the plane z = 0."""
    return np.array([DOF_INDEX[d.mirror] for d in DOFS]), np.array(
        [d.mirror_sign for d in DOFS]
    )


def limits() -> tuple[np.ndarray, np.ndarray]:
    """(47,) lower and upper bounds in rad; the root is unbounded."""
    return np.array([d.lower for d in DOFS]), np.array([d.upper for d in DOFS])
