"""The named columns over which every figure is a formula: angles, torques, effort, ground reaction, geometry.

A column knows what it is: name, unit, joint, side, words, where it was seen, and its 90 % band where it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from musclepose.movement import geometry
from musclepose.movement.effort import effort_band, told_effort
from musclepose.movement.geometry import (
    UP,
    angle_deg,
    body_axes,
    dot,
    joint,
    middle,
)
from musclepose.movement.picture import (
    angles_in_picture,
    feet_in_picture,
    places_in_picture,
    trunk_in_picture,
)
from musclepose.movement.visibility import SIDES, seen_joints
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_NAMES, DOFS, N_ROOT
from musclepose.records import Analysis, Array, Mask

Side = Literal["", "left", "right"]
MIN_SHARED_LOAD_BW = 0.3  # load share is undefined when the feet carry less
_ENDINGS = {
    "deg": "deg",
    "N m": "nm",
    "N": "n",
    "BW": "bw",
    "%": "pct",
    "m/s": "m_s",
    "m": "m",
    "s": "s",
    "": "",
}
# Degree of freedom without its side: joint it belongs to, and its angle in words.
_DOF_WORDS: dict[str, tuple[str, str]] = {
    "pelvis_tx": ("trunk", "pelvis forward position"), "pelvis_ty": ("trunk", "pelvis height"),
    "pelvis_tz": ("trunk", "pelvis side position"), "pelvis_tilt": ("trunk", "pelvis tilt"),
    "pelvis_list": ("trunk", "pelvis list"), "pelvis_rotation": ("trunk", "pelvis rotation"),
    "lumbar_flexion": ("trunk", "lower back"), "lumbar_bending": ("trunk", "lower back side bend"),
    "lumbar_rotation": ("trunk", "lower back rotation"), "thoracic_flexion": ("trunk", "upper back bend"),
    "thoracic_bending": ("trunk", "upper back side bend"), "thoracic_rotation": ("trunk", "upper back rotation"),
    "neck_flexion": ("trunk", "neck bend"), "neck_bending": ("trunk", "neck side bend"),
    "neck_rotation": ("trunk", "neck rotation"),
    "scapula_tilt": ("shoulder", "shoulder blade tilt"), "scapula_elevation": ("shoulder", "shoulder blade raise"),
    "shoulder_flexion": ("shoulder", "shoulder flexion"), "shoulder_adduction": ("shoulder", "shoulder adduction"),
    "shoulder_rotation": ("shoulder", "shoulder rotation"), "elbow_flexion": ("elbow", "elbow bend"),
    "forearm_pronation": ("elbow", "forearm rotation"), "wrist_flexion": ("wrist", "wrist bend"),
    "wrist_deviation": ("wrist", "wrist side bend"),
    "hip_flexion": ("hip", "hip bend"), "hip_adduction": ("hip", "hip adduction"),
    "hip_rotation": ("hip", "hip rotation"), "knee_flexion": ("knee", "knee bend"),
    "ankle_dorsiflexion": ("ankle", "ankle bend"), "ankle_inversion": ("ankle", "ankle inversion"),
    "ankle_adduction": ("ankle", "foot turn"),
}  # fmt: skip
_BACK = "lumbar_flexion"  # its torque is the lower back's, not the trunk's


@dataclass(frozen=True)
class Column:
    """One quantity over time. `joint` is "" for none, "trunk", "feet" (both ankles) or a limb's joint."""

    quantity: str  # name without its unit: the stem of figure keys
    unit: str
    joint: str
    side: Side
    words: str  # "left knee bend"
    values: Array  # (T,)
    seen: Mask  # (T,) frames in which its joint was seen
    band: Array | None = None  # (T,) half width of the 90 % band, same unit
    as_percent: bool = False  # a share that is told in percent

    @property
    def name(self) -> str:
        """Name in timeseries.csv and in formulas: the quantity with its unit at the end."""
        ending = _ENDINGS[self.unit]
        return f"{self.quantity}_{ending}" if ending else self.quantity

    @property
    def seen_values(self) -> Array:
        """(T,) values, NaN where the joint was not seen."""
        return np.where(self.seen, self.values, np.nan)


Columns = Mapping[str, Column]


def values_of(columns: Columns) -> dict[str, Array]:
    """(T,) values by name: what formulas and files read."""
    return {name: column.values for name, column in columns.items()}


class _Maker:
    """Makes columns of one analysis: adds where a joint was seen."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.masks = seen_joints(analysis.track)
        self.always = np.ones(len(analysis.time_s), bool)

    def make(
        self,
        quantity: str,
        unit: str,
        values: Array,
        joint_name: str = "",
        letter: str = "",
        words: str = "",
        band: Array | None = None,
        as_percent: bool = False,
    ) -> Column:
        mask_name = f"{joint_name}_{letter}" if letter else joint_name
        seen = self.masks.get(mask_name, self.always)
        side: Side = SIDES.get(letter, "")
        sided_words = f"{side} {words}" if side else words
        return Column(
            quantity,
            unit,
            joint_name,
            side,
            sided_words,
            values,
            seen,
            band,
            as_percent,
        )


def _dof(name: str) -> tuple[str, str, str, str]:
    """Bare name, joint, side letter and words of a degree of freedom."""
    letter = name[-1] if name[-2:] in ("_l", "_r") else ""
    bare = name[:-2] if letter else name
    return (bare, _DOF_WORDS[bare][0], letter, _DOF_WORDS[bare][1])


def _torque_words(bare: str, joint_name: str, kind: str) -> str:
    noun = _DOF_WORDS[_BACK][1] if bare == _BACK else joint_name
    return f"{noun} {kind}"


def _angle_and_torque_columns(make: _Maker) -> Iterator[Column]:
    analysis = make.analysis
    for i, dof in enumerate(DOFS):
        bare, joint_name, letter, words = _dof(dof.name)
        moves = dof.axis.startswith("t")
        angle = analysis.q[:, i] if moves else np.degrees(analysis.q[:, i])
        yield make.make(
            dof.name, "m" if moves else "deg", angle, joint_name, letter, words
        )
        torque_words = _torque_words(bare, joint_name, "torque")
        yield make.make(
            f"tau_{dof.name}",
            "N" if moves else "N m",
            analysis.tau_nm[:, i],
            joint_name,
            letter,
            torque_words,
            analysis.tau_band_nm[:, i] if i >= N_ROOT else None,
        )


def _effort_columns(make: _Maker) -> Iterator[Column]:
    analysis = make.analysis
    mass_kg = analysis.athlete.mass_kg
    for i, name in enumerate(DOF_NAMES[N_ROOT:]):
        bare, joint_name, letter, _ = _dof(name)
        words = _torque_words(bare, joint_name, "effort")
        torque, torque_band = (
            analysis.tau_nm[:, N_ROOT + i],
            analysis.tau_band_nm[:, N_ROOT + i],
        )
        effort = analysis.effort[:, i]
        told = told_effort(torque, effort, mass_kg)
        band = effort_band(torque, torque_band, effort)
        yield make.make(
            f"effort_{name}",
            "",
            told,
            joint_name,
            letter,
            words,
            band,
            as_percent=True,
        )


def _trunk_columns(make: _Maker, right: Array) -> Iterator[Column]:
    analysis = make.analysis
    hips, shoulders = middle(analysis, "thigh"), middle(analysis, "upper_arm")
    ankles, trunk = middle(analysis, "foot"), shoulders - hips
    lean, side_lean = (
        angle_deg(trunk, UP[None]),
        geometry.trunk_side_lean_deg(trunk, right),
    )
    line = geometry.body_line_deg(shoulders, hips, ankles)
    height, speed = analysis.com_world_m[:, 1], geometry.com_speed_m_s(analysis)
    yield make.make("trunk_lean", "deg", lean, "trunk", words="trunk lean")
    yield make.make(
        "trunk_side_lean", "deg", side_lean, "trunk", words="trunk side lean"
    )
    yield make.make(
        "body_line", "deg", line, "trunk", words="bend of the body line"
    )
    yield make.make(
        "com_height", "m", height, "trunk", words="body centre height"
    )
    yield make.make("com_speed", "m/s", speed, "trunk", words="speed")


def _leg_columns(make: _Maker, right: Array) -> Iterator[Column]:
    for letter, towards_midline in (("l", 1.0), ("r", -1.0)):
        hip, knee, ankle = (
            joint(make.analysis, f"{s}_{letter}")
            for s in ("thigh", "shank", "foot")
        )
        valgus = geometry.knee_valgus_deg(
            hip, knee, ankle, towards_midline * right
        )
        level = geometry.thigh_above_level_deg(hip, knee)
        yield make.make(
            f"knee_valgus_{letter}",
            "deg",
            valgus,
            "knee",
            letter,
            "knee inward angle",
        )
        yield make.make(
            f"thigh_above_level_{letter}",
            "deg",
            level,
            "hip",
            letter,
            "thigh above level",
        )


def _arm_columns(make: _Maker) -> Iterator[Column]:
    analysis = make.analysis
    trunk = middle(analysis, "upper_arm") - middle(analysis, "thigh")
    for letter in ("l", "r"):
        segments = ("upper_arm", "forearm", "hand")
        shoulder, elbow, wrist = (
            joint(analysis, f"{s}_{letter}") for s in segments
        )
        raised = angle_deg(elbow - shoulder, -trunk)
        above = (wrist - shoulder)[:, 1]
        yield make.make(
            f"arm_elevation_{letter}",
            "deg",
            raised,
            "shoulder",
            letter,
            "arm raise",
        )
        yield make.make(
            f"wrist_over_shoulder_{letter}",
            "m",
            above,
            "wrist",
            letter,
            "wrist above shoulder",
        )


def _rise_columns(make: _Maker) -> Iterator[Column]:
    """Heights of hands, shoulders and hips, and how fast they rise."""
    places = [
        *(
            ("hand", x, joint(make.analysis, f"hand_{x}"), "wrist")
            for x in "lr"
        ),
        ("shoulder", "", middle(make.analysis, "upper_arm"), "trunk"),
        ("hip", "", middle(make.analysis, "thigh"), "trunk"),
    ]
    for name, letter, place, joint_name in places:
        ending, height = f"_{letter}" if letter else "", place[:, 1]
        rate = np.gradient(height, make.analysis.time_s)
        words = f"{name} height", f"rise of the {name}"
        yield make.make(
            f"{name}{ending}", "m", height, joint_name, letter, words[0]
        )
        yield make.make(
            f"{name}_rise{ending}", "m/s", rate, joint_name, letter, words[1]
        )


_IN_PICTURE = {
    "arm": ("shoulder", "upper arm against trunk in the picture", False),
    "elbow": ("elbow", "elbow bend in the picture", True),
    "knee": ("knee", "knee bend in the picture", True),
    "hip": ("hip", "hip bend in the picture", True),
}


def _picture_columns(make: _Maker) -> Iterator[Column]:
    """Angles between the lines of the picture: no measurement of the joint, but what a person who looks at it sees."""
    for limb, (joint_name, words, is_bend) in _IN_PICTURE.items():
        for letter, angle in zip(
            "lr", angles_in_picture(make.analysis.track, limb), strict=True
        ):
            values = 180.0 - angle if is_bend else angle
            yield make.make(
                f"{limb}_in_picture_{letter}",
                "deg",
                values,
                joint_name,
                letter,
                words,
            )
    lean = trunk_in_picture(make.analysis.track)
    yield make.make(
        "trunk_in_picture",
        "deg",
        lean,
        "trunk",
        words="trunk lean in the picture",
    )
    for letter, tilt in zip(
        "lr", feet_in_picture(make.analysis.track), strict=True
    ):
        words = "heel above toe in the picture"
        yield make.make(
            f"foot_in_picture_{letter}", "deg", tilt, "ankle", letter, words
        )
    for name, values in places_in_picture(make.analysis.track).items():
        words = f"{name.replace('_', ' ')} in the picture, in trunks"
        yield make.make(f"{name}_in_picture", "", values, words=words)


def _stance_columns(
    make: _Maker, right: Array, forward: Array
) -> Iterator[Column]:
    analysis = make.analysis
    apart = joint(analysis, "foot_r") - joint(analysis, "foot_l")
    shift = dot(analysis.com_world_m - middle(analysis, "foot"), right)
    width, split, gap = (
        np.abs(dot(apart, right)),
        dot(apart, forward),
        apart[:, 1],
    )
    yield make.make("stance_width", "m", width, "feet", words="stance width")
    yield make.make(
        "step_split", "m", split, "feet", words="step split"
    )  # + right foot in front
    yield make.make(
        "foot_height_gap", "m", gap, "feet", words="foot height gap"
    )  # + right higher
    yield make.make(
        "side_shift", "m", shift, "feet", words="side shift"
    )  # + towards the right foot


def _ground_columns(make: _Maker) -> Iterator[Column]:
    analysis = make.analysis
    weight_n = analysis.athlete.mass_kg * G_M_S2
    vertical = analysis.grf_world_n[:, :, 1] / max(weight_n, 1.0)
    bands = analysis.grf_band_n[:, :, 1] / max(weight_n, 1.0)
    total = vertical.sum(axis=1)
    shared = np.where(total > MIN_SHARED_LOAD_BW, total, np.nan)
    for i, letter in enumerate("lr"):
        yield make.make(
            f"grf_{letter}",
            "BW",
            vertical[:, i],
            "ankle",
            letter,
            "ground force",
            bands[:, i],
        )
    yield make.make(
        "grf_total", "BW", total, "feet", words="total ground force"
    )
    left_share = 100.0 * vertical[:, 0] / shared
    yield make.make(
        "load_share_l", "%", left_share, "feet", words="load on the left foot"
    )


def _contact_columns(make: _Maker) -> Iterator[Column]:
    for i, letter in enumerate("lr"):
        yield make.make(
            f"contact_{letter}",
            "",
            make.analysis.contact[:, i],
            "",
            letter,
            "contact",
        )


def columns_of(analysis: Analysis) -> dict[str, Column]:
    """All columns that a formula may name, by name, except those that the repetition counter adds."""
    make = _Maker(analysis)
    right, forward = body_axes(analysis)
    columns = [
        make.make("time", "s", analysis.time_s),
        *_angle_and_torque_columns(make),
        *_effort_columns(make),
        *_contact_columns(make),
        *_trunk_columns(make, right),
        *_leg_columns(make, right),
        *_arm_columns(make),
        *_rise_columns(make),
        *_picture_columns(make),
        *_stance_columns(make, right, forward),
        *_ground_columns(make),
    ]
    return {column.name: column for column in columns}
