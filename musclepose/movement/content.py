"""Which figures an exercise gets: columns with their statistic, for the whole set and for every repetition."""

from __future__ import annotations

from typing import NamedTuple


class Content(NamedTuple):
    """(statistic, column) pairs; `{}` stands for the left and the right side.

    each: per repetition, with their average. whole: over the span of the set. torques: DoFs whose torque and effort
    peaks are told.
    """

    each: tuple[tuple[str, str], ...]
    whole: tuple[tuple[str, str], ...]
    torques: tuple[str, ...]


_LEG_TORQUES = ("hip_flexion_{}", "knee_flexion_{}", "ankle_dorsiflexion_{}")
_FORCE = (("max", "grf_total_bw"),)
_LEGS = Content(
    each=(("max", "knee_flexion_{}_deg"), ("max", "hip_flexion_{}_deg"), ("max", "trunk_lean_deg"),
          ("max", "knee_valgus_{}_deg"), ("min", "thigh_above_level_{}_deg")),
    whole=(*_FORCE, ("mean", "load_share_l_pct"), ("range", "side_shift_m")),
    torques=_LEG_TORQUES,
)  # fmt: skip
_HINGE = Content(
    each=(("max", "hip_flexion_{}_deg"), ("min", "hip_flexion_{}_deg"), ("max", "knee_flexion_{}_deg"),
          ("max", "trunk_lean_deg")),
    whole=(*_FORCE, ("mean", "load_share_l_pct")),
    torques=(*_LEG_TORQUES[:2], "lumbar_flexion"),
)  # fmt: skip
_ARMS = Content(
    each=(("max", "elbow_flexion_{}_deg"), ("min", "elbow_flexion_{}_deg"), ("range", "arm_elevation_{}_deg"),
          ("range", "trunk_lean_deg")),
    whole=(("max", "trunk_lean_deg"),),
    torques=("elbow_flexion_{}", "shoulder_flexion_{}"),
)  # fmt: skip

CONTENT: dict[str, Content] = {
    "squat": _LEGS,
    "lunge": _LEGS,
    "step_up": _LEGS,
    "jump": _LEGS._replace(whole=(*_FORCE, ("range", "com_height_m"))),
    "deadlift": _HINGE,
    "romanian_deadlift": _HINGE,
    "curl": _ARMS,
    "row": _ARMS,
    "overhead_press": _ARMS._replace(
        each=(("min", "elbow_flexion_{}_deg"), ("max", "arm_elevation_{}_deg"), ("max", "trunk_lean_deg")), whole=()
    ),
    "push_up": _ARMS._replace(
        each=(("max", "elbow_flexion_{}_deg"), ("min", "elbow_flexion_{}_deg"), ("min", "body_line_deg"),
              ("max", "body_line_deg")), whole=(),
    ),
    "jumping_jack": Content((("max", "arm_elevation_{}_deg"), ("range", "stance_width_m")), _FORCE, ()),
    "plank": Content((), (("mean", "body_line_deg"), ("min", "body_line_deg"), ("max", "body_line_deg")), ()),
    "walking": Content((), (("mean", "com_speed_m_s"), ("range", "hip_flexion_{}_deg"), ("max", "knee_flexion_{}_deg"),
                            ("max", "trunk_lean_deg"), ("max", "grf_{}_bw")), _LEG_TORQUES),
    "other": Content((), (("range", "knee_flexion_{}_deg"), ("range", "hip_flexion_{}_deg"),
                          ("range", "elbow_flexion_{}_deg"), ("range", "arm_elevation_{}_deg"), ("max",
                          "trunk_lean_deg"),
                          *_FORCE), (*_LEG_TORQUES[:2], "elbow_flexion_{}", "shoulder_flexion_{}")),
}  # fmt: skip
CONTENT["running"] = CONTENT["walking"]


def sides(column: str) -> tuple[str, ...]:
    """A column for each side it stands for."""
    return tuple(column.format(side) for side in "lr") if "{}" in column else (column,)
