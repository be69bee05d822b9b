"""The table of fault rules. Thresholds without a published source are marked as chosen."""

from __future__ import annotations

from dataclasses import dataclass

CHOSEN = "chosen by MusclePose"


@dataclass(frozen=True)
class Rule:
    """`statistic(column)` above (`sign` +1) or below (-1) `threshold` is the fault; one step of severity is `step`."""

    name: str
    label: str
    exercises: tuple[str, ...]
    statistic: str
    column: str  # `{}` = side
    sign: int
    threshold: float
    step: float
    source: str
    weight: float  # how much it matters, for the order
    together: bool = False  # the average of both sides decides
    frontal: bool = False  # visible only from the front


RULES = (
    Rule("knee_valgus", "knee drifting inwards", ("squat", "lunge", "jump", "step_up"), "max", "knee_valgus_{}_deg",
         1, 10, 6, CHOSEN, 3.0, frontal=True),
    Rule("shallow_depth", "thighs stay above level", ("squat",), "min", "thigh_above_level_{}_deg", 1, 10, 12,
         CHOSEN + ": thigh level is parallel depth", 2.0, together=True),
    Rule("shallow_depth", "shallow lunge", ("lunge",), "max", "knee_flexion_{}_deg", -1, 75, 12, CHOSEN, 1.8,
         together=True),
    Rule("shallow_depth", "elbows bend too little", ("push_up",), "max", "elbow_flexion_{}_deg", -1, 80, 15, CHOSEN,
         2.0, together=True),
    Rule("forward_lean", "trunk leaning far forward", ("squat",), "max", "trunk_lean_deg", 1, 50, 8, CHOSEN, 2.4),
    Rule("forward_lean", "trunk leaning far forward", ("lunge", "step_up"), "max", "trunk_lean_deg", 1, 38, 8, CHOSEN,
         2.0),
    Rule("lean_back", "leaning back under the weight", ("overhead_press",), "max", "trunk_lean_deg", 1, 20, 6, CHOSEN,
         2.2),
    Rule("side_lean", "trunk tipping to one side", ("squat", "deadlift", "overhead_press", "lunge"), "absmax",
         "trunk_side_lean_deg", 1, 12, 6, CHOSEN, 1.8, frontal=True),
    Rule("soft_lockout", "elbows not straight at the top", ("overhead_press", "push_up"), "min",
         "elbow_flexion_{}_deg", 1, 40, 12, CHOSEN, 1.6, together=True),
    Rule("soft_lockout", "hips not straight at the top", ("deadlift", "romanian_deadlift"), "min",
         "hip_flexion_{}_deg", 1, 25, 10, CHOSEN, 1.6, together=True),
    Rule("squatted_hinge", "knees bending instead of hips hinging", ("romanian_deadlift",), "max",
         "knee_flexion_{}_deg", 1, 45, 10, CHOSEN, 1.8, together=True),
    Rule("hips_sag", "hips sagging", ("push_up", "plank"), "mean", "body_line_deg", -1, -13, 6, CHOSEN, 2.6),
    Rule("hips_high", "hips piked up", ("push_up", "plank"), "mean", "body_line_deg", 1, 6, 6, CHOSEN, 2.0),
    Rule("body_swing", "trunk swinging to help the weight up", ("curl",), "range", "trunk_lean_deg", 1, 14, 7, CHOSEN,
         2.4),
    Rule("body_swing", "trunk jerking up to help the weight", ("row",), "range", "trunk_lean_deg", 1, 20, 8, CHOSEN,
         2.2),
    Rule("elbow_drift", "elbows drifting away from the ribs", ("curl",), "range", "arm_elevation_{}_deg", 1, 30, 10,
         CHOSEN, 1.8, together=True),
    Rule("stiff_landing", "stiff landing", ("jump",), "max", "knee_flexion_{}_deg", -1, 45, 10,
         "Padua 2009 (Landing Error Scoring System, knee flexion displacement)", 2.6, together=True),
    Rule("low_arms", "arms stop short of overhead", ("jumping_jack",), "max", "arm_elevation_{}_deg", -1, 135, 15,
         CHOSEN, 1.4, together=True),
    Rule("uneven_load", "weight shifted to one foot", ("squat", "deadlift", "romanian_deadlift"), "mean",
         "load_share_l_pct", 0, 8, 5, CHOSEN, 2.0),
)  # fmt: skip
SIDE_COMPARISON = {
    "squat": "knee_flexion_{}_deg", "deadlift": "hip_flexion_{}_deg", "romanian_deadlift": "hip_flexion_{}_deg",
    "push_up": "elbow_flexion_{}_deg", "curl": "elbow_flexion_{}_deg", "row": "elbow_flexion_{}_deg",
    "jump": "knee_flexion_{}_deg", "overhead_press": "arm_elevation_{}_deg", "jumping_jack": "arm_elevation_{}_deg",
}  # fmt: skip
UNEVEN_PCT = 15.0
UNEVEN_SOURCE = "limb symmetry index, Barber 1990"
FAST_LOWERING_S = {
    "squat": 0.7,
    "deadlift": 0.5,
    "romanian_deadlift": 0.7,
    "push_up": 0.5,
    "curl": 0.6,
    "row": 0.5,
    "overhead_press": 0.5,
    "lunge": 0.5,
}
