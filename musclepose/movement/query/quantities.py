"""The quantities that can be asked for: their columns, what is told of them where nothing else is asked, and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from musclepose.movement.records import Statistic


@dataclass(frozen=True)
class Quantity:
    """One quantity. columns: by joint, "" where none is named; `{}` stands for the side.

    is_load: how the sides share it is not seen, and what else carries makes it unknown.
    """

    columns: Mapping[str, str]
    statistic: Statistic = "max"
    is_load: bool = False
    each: bool = True  # means something within one repetition
    unseen: Mapping[str, str] = field(
        default_factory=dict
    )  # joint: term of what is not seen


_DOFS = {
    "knee": "knee_flexion_{}", "hip": "hip_flexion_{}", "ankle": "ankle_dorsiflexion_{}", "elbow": "elbow_flexion_{}",
    "shoulder": "shoulder_flexion_{}", "back": "lumbar_flexion", "trunk": "lumbar_flexion",
}  # fmt: skip
_NOT_SEEN = {
    "wrist": "wrist",
    "neck": "neck",
    "foot": "foot",
}  # COCO-17 has no point of hand, foot or neck
TORQUE_COLUMNS = {joint: f"tau_{dof}_nm" for joint, dof in _DOFS.items()}
EFFORT_COLUMNS = {joint: f"effort_{dof}" for joint, dof in _DOFS.items()}
QUANTITIES: dict[str, Quantity] = {
    "angle": Quantity(
        {
            "knee": "knee_flexion_{}_deg",
            "hip": "hip_flexion_{}_deg",
            "ankle": "ankle_dorsiflexion_{}_deg",
            "elbow": "elbow_flexion_{}_deg",
            "shoulder": "arm_elevation_{}_deg",
            "trunk": "trunk_lean_deg",
        },
        unseen=_NOT_SEEN | {"back": "roundback"},
    ),
    "torque": Quantity(
        TORQUE_COLUMNS, "absmax", is_load=True, unseen=_NOT_SEEN
    ),
    "effort": Quantity(EFFORT_COLUMNS, "max", is_load=True, unseen=_NOT_SEEN),
    "ground": Quantity({"": "grf_total_bw", "foot": "grf_{}_bw"}, is_load=True),
    "speed": Quantity({"": "com_speed_m_s"}, "mean"),
    "lean": Quantity({"": "trunk_lean_deg"}),
    "sidelean": Quantity({"": "trunk_side_lean_deg"}, "absmax"),
    "inward": Quantity({"": "knee_valgus_{}_deg"}),
    "line": Quantity({"": "body_line_deg"}, "mean"),
    "stance": Quantity({"": "stance_width_m"}, "mean"),
    "split": Quantity({"": "step_split_m"}, "absmax"),
    "shift": Quantity({"": "side_shift_m"}, "range"),
    "rise": Quantity({"": "com_height_m"}, "range"),
    "level": Quantity({"": "thigh_above_level_{}_deg"}, "min"),
}
# Words of the grammar that name a quantity, what is most telling first.
NAMED: tuple[tuple[str, str], ...] = (
    ("torque", "torque"),
    ("perkg", "torque"),
    ("effort", "effort"),
    ("force", "ground"),
    ("newton", "ground"),
    ("bodyweight", "ground"),
    ("inkg", "ground"),
    ("stance", "stance"),
    ("split", "split"),
    ("jumpheight", "rise"),
    ("shift", "shift"),
    ("inward", "inward"),
    ("sidelean", "sidelean"),
    ("lean", "lean"),
    ("leanback", "lean"),
    ("straight", "line"),
    ("speed", "speed"),
)
TEMPO = {
    "lower": "eccentric",
    "lift": "concentric",
    "pause": "hold",
}  # word: phase
