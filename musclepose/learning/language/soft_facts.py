"""The six facts that a language model is asked to read out of soft tokens: their classes, and their values from arrays.

A fact near the border of two classes is not asked (`None`); the borders and the width of the gap are the constants.
Angles and torques are those of the arrays that the bridge reads, not those that the generator meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musclepose.physics.skeleton47 import DOF_INDEX, N_ROOT
from musclepose.records import Array
from musclepose.synthesis.exercise import EXERCISES

FACTS = ("exercise", "count", "side", "hardest", "depth", "fault")
JOINTS = {
    "hip": "hip_flexion_{}", "knee": "knee_flexion_{}", "ankle": "ankle_dorsiflexion_{}", "back": "lumbar_flexion",
    "elbow": "elbow_flexion_{}", "shoulder": "shoulder_flexion_{}",
}  # fmt: skip
FAULT_WORDS = {
    "none": "none", "shallow_depth": "shallow depth", "butt_wink": "rounded back", "heel_lift": "heel lift",
    "early_hip_rise": "early hip rise", "knee_valgus": "knees inward", "forward_lean": "forward lean",
    "lateral_shift": "side shift", "loss_of_balance": "lost balance", "uneven_load": "uneven load",
    "rushed_eccentric": "fast lowering", "short_range": "short range", "elbow_flare": "elbow flare",
    "hips_sag": "sagging hips", "hips_high": "high hips",
}  # fmt: skip
EXERCISE_WORDS = {name: name.replace("_", " ") for name in EXERCISES} | {
    "push_up": "push-up",
    "step_up": "step-up",
}
CLASSES: dict[str, tuple[str, ...]] = {
    "exercise": tuple(EXERCISE_WORDS.values()),
    "count": tuple(str(n) for n in range(1, 13)),
    "side": ("left", "right", "even"),
    "hardest": tuple(JOINTS),
    "depth": ("shallow", "medium", "deep"),
    "fault": tuple(FAULT_WORDS.values()),
}
# Depth class: the largest bend of the exercise's main joint (mean of both sides), deg: shallow below, deep above.
# Chosen near the quarter points of the generated clips, so that every class occurs; not norms of good depth.
DEPTH_DEG = {
    "squat": ("knee_flexion_{}", 105.0, 118.0), "lunge": ("knee_flexion_{}", 111.0, 120.0),
    "jump": ("knee_flexion_{}", 77.0, 91.0), "deadlift": ("hip_flexion_{}", 118.0, 128.0),
    "romanian_deadlift": ("hip_flexion_{}", 75.0, 88.0), "push_up": ("elbow_flexion_{}", 115.0, 135.0),
    "curl": ("elbow_flexion_{}", 122.0, 136.0),
}  # fmt: skip
DEPTH_GAP_DEG = 2.0
EVEN_BELOW, UNEVEN_ABOVE = (
    0.03,
    0.06,
)  # (right - left) / (right + left) of the mean absolute limb torque
HARDEST_LEAD = 1.1  # the hardest joint's effort is at least this times the next
NO_FEET = (
    "push_up",
    "plank",
)  # hands carry the body: foot forces and torques are not valid
ARM_EXERCISES = ("overhead_press", "curl", "row")


@dataclass(frozen=True)
class Known:
    """What is known about a clip before classes are made of it."""

    exercise: str
    count: int
    fault: str  # of the generator, or "none"
    side_index: float  # + right
    effort: tuple[float, ...]  # 95th percentile of effort, by JOINTS
    depth_deg: float


def _columns(stem: str) -> list[int]:
    return (
        [DOF_INDEX[stem.format(s)] for s in "lr"]
        if "{}" in stem
        else [DOF_INDEX[stem]]
    )


def known_of(
    exercise: str,
    count: int,
    fault: str,
    q: Array,
    tau_nm: Array,
    effort: Array,
) -> Known:
    """Facts of a clip's arrays (T, 47), (T, 47), (T, 41)."""
    limbs = (
        ("elbow", "shoulder")
        if exercise in ARM_EXERCISES
        else ("hip", "knee", "ankle")
    )
    pairs = [_columns(JOINTS[j]) for j in limbs]
    left, right = (
        float(sum(np.abs(tau_nm[:, pair[k]]).mean() for pair in pairs))
        for k in (0, 1)
    )
    most = tuple(
        float(
            max(
                np.percentile(effort[:, c - N_ROOT], 95) for c in _columns(stem)
            )
        )
        for stem in JOINTS.values()
    )
    depth = float("nan")
    if exercise in DEPTH_DEG:
        angles = np.degrees(q[:, _columns(DEPTH_DEG[exercise][0])])
        depth = float(np.percentile(angles, 98, axis=0).mean())
    return Known(
        exercise,
        count,
        fault,
        (right - left) / max(right + left, 1e-9),
        most,
        depth,
    )


def _side(known: Known) -> int | None:
    if known.exercise in NO_FEET:
        return None
    if abs(known.side_index) < EVEN_BELOW:
        return 2
    if abs(known.side_index) < UNEVEN_ABOVE:
        return None
    return int(known.side_index > 0)


def _hardest(known: Known) -> int | None:
    order = np.argsort(known.effort)[::-1]
    clear = known.effort[order[0]] >= HARDEST_LEAD * known.effort[order[1]]
    return int(order[0]) if clear and known.exercise not in NO_FEET else None


def _depth(known: Known) -> int | None:
    if known.exercise not in DEPTH_DEG:
        return None
    _, low, high = DEPTH_DEG[known.exercise]
    if (
        min(abs(known.depth_deg - low), abs(known.depth_deg - high))
        < DEPTH_GAP_DEG
    ):
        return None
    return int(known.depth_deg > low) + int(known.depth_deg > high)


def labels_of(known: Known) -> dict[str, int | None]:
    """Class index of every fact; None where the fact is not asked."""
    return {
        "exercise": list(EXERCISE_WORDS).index(known.exercise),
        "count": known.count - 1 if 1 <= known.count <= 12 else None,
        "side": _side(known),
        "hardest": _hardest(known),
        "depth": _depth(known),
        "fault": list(FAULT_WORDS).index(known.fault),
    }
