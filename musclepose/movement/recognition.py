"""Exercise recognition: a transparent classifier over a dozen movement features, each with a unit and a meaning.

Every class is a short list of memberships such as "knee range above about 45 deg". A membership is a smooth step in
(0, 1); a class scores the sum of their logarithms, and a softmax over the classes gives the probability. `other` scores
a constant: it wins where every class breaks a rule. A feature whose joint was not seen counts half for all classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from musclepose.movement.columns import joint
from musclepose.movement.counting import correlation, smooth
from musclepose.movement.visibility import Visibility
from musclepose.records import Analysis, Array

EXERCISES = (
    "squat", "lunge", "deadlift", "romanian_deadlift", "overhead_press", "push_up", "curl", "row", "jump",
    "jumping_jack", "step_up", "plank", "walking", "running", "other",
)  # fmt: skip
TITLES = {name: name.replace("_", " ") for name in EXERCISES} | {
    "romanian_deadlift": "Romanian deadlift", "push_up": "push-up", "step_up": "step-up",
        "jumping_jack": "jumping jack",
    "other": "movement",
}  # fmt: skip
OTHER_SCORE = -6.0  # more than one clearly broken rule loses against `other` (chosen)
FLOOR = 0.004  # a broken rule costs at most log(0.004): one bad feature can be outweighed, two hardly (chosen)


@dataclass(frozen=True)
class Recognition:
    """Recognised exercise, its probability and the runners-up with theirs."""

    name: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def title(self) -> str:
        """Name as a person writes it."""
        return TITLES[self.name]


def _spread(x: Array, low: float = 3.0, high: float = 97.0) -> float:
    return (
        float(np.nanpercentile(x, high) - np.nanpercentile(x, low))
        if np.isfinite(x).any()
        else math.nan
    )


def _high(x: Array) -> float:
    return float(np.nanpercentile(x, 97)) if np.isfinite(x).any() else math.nan


def _middle(x: Array) -> float:
    return float(np.nanmedian(x)) if np.isfinite(x).any() else math.nan


def _better(pair: tuple[float, float]) -> float:
    """The larger of left and right, ignoring a side that was not seen."""
    finite = [v for v in pair if math.isfinite(v)]
    return max(finite) if finite else math.nan


def flight_share(analysis: Analysis) -> float:
    """Share of the seen frames in which both feet are off the ground."""
    contact = analysis.contact[np.isfinite(analysis.contact).all(axis=1)]
    return float((contact.max(axis=1) < 0.5).mean()) if len(contact) else 0.0


def features_of(
    analysis: Analysis, columns: Mapping[str, Array], visibility: Visibility
) -> dict[str, float]:
    """Movement features: deg, shares of stature, m/s; NaN where the joint was not seen."""
    time_s, stature = analysis.time_s, float(analysis.athlete.height_m or 1.7)

    def seen(name: str) -> Array:
        values = visibility.masked(name, columns[name])
        return values if np.isfinite(values).mean() >= 0.4 else np.full(len(values), np.nan)

    def calm(name: str) -> Array:
        values = seen(name)
        return smooth(values, time_s)[1] if np.isfinite(values).sum() >= 4 else values

    def pair(name: str) -> tuple[Array, Array]:
        return calm(name.format("l")), calm(name.format("r"))

    knee, hip, elbow, arm = (
        pair(f"{n}_{{}}_deg")
        for n in ("knee_flexion", "hip_flexion", "elbow_flexion", "arm_elevation")
    )
    lean, com = calm("trunk_lean_deg"), calm("com_height_m")
    root = analysis.com_world_m[:, (0, 2)]
    wrist = [joint(analysis, f"hand_{k}")[:, 1] for k in "lr"]
    knee_height = 0.5 * (joint(analysis, "shank_l") + joint(analysis, "shank_r"))[:, 1]
    hand = np.minimum(*wrist) - knee_height
    rest = float(np.percentile(com, 50)) if np.isfinite(com).any() else math.nan
    return {
        "knee_range": _better((_spread(knee[0]), _spread(knee[1]))),
        "knee_max": _better((_high(knee[0]), _high(knee[1]))),
        "hip_range": _better((_spread(hip[0]), _spread(hip[1]))),
        "hip_middle": _better((_middle(hip[0]), _middle(hip[1]))),
        "elbow_range": _better((_spread(elbow[0]), _spread(elbow[1]))),
        "arm_range": _better((_spread(arm[0]), _spread(arm[1]))),
        "arm_max": _better((_high(arm[0]), _high(arm[1]))),
        "arm_middle": _better((_middle(arm[0]), _middle(arm[1]))),
        "hip_together": correlation(hip[0], hip[1]),
        "knee_together": correlation(knee[0], knee[1]),
        "lean_middle": _middle(lean),
        "lean_max": _high(lean),
        "lean_range": _spread(lean),
        "wrist_low": float(np.percentile(hand, 3)) / stature,
        "com_range": _spread(com) / stature,
        "com_rise": (_high(com) - rest) / stature,
        "flight": flight_share(analysis),
        "travel": float(np.linalg.norm(root[-1] - root[0])) / stature,
        "speed": float(np.median(columns["com_speed_m_s"])),
        "split_max": _high(np.abs(calm("step_split_m"))) / stature,
        "stance_range": _spread(calm("stance_width_m")) / stature,
        "foot_gap": _high(np.abs(calm("foot_height_gap_m"))) / stature,
    }


class Rule(NamedTuple):
    """`feature` lies above (`more`) or below a value; `soft` is the half width of the step."""

    feature: str
    more: bool
    value: float
    soft: float


def _more(feature: str, value: float, soft: float) -> Rule:
    return Rule(feature, True, value, soft)


def _less(feature: str, value: float, soft: float) -> Rule:
    return Rule(feature, False, value, soft)


_LEGS_STILL = (_less("knee_range", 38, 6), _less("flight", 0.08, 0.02), _less("travel", 0.35, 0.08))
_ON_THE_SPOT = (_less("flight", 0.05, 0.015), _less("travel", 0.35, 0.08))
_STANDING = (_less("lean_middle", 40, 7),)
_LYING = (_more("lean_middle", 58, 5), _less("hip_middle", 50, 8), _less("knee_range", 40, 6))
_GAIT = (
    _less("hip_together", -0.2, 0.15), _less("lean_middle", 40, 7), _more("hip_range", 20, 4),
    _more("knee_range", 28, 5), _less("split_max", 0.45, 0.05),
)  # fmt: skip
_HINGE = (
    *_ON_THE_SPOT, _more("hip_range", 45, 6), _more("lean_range", 34, 5), _more("hip_together", 0.5, 0.12),
    _less("split_max", 0.25, 0.03), _less("wrist_low", 0.12, 0.03),
)  # fmt: skip

RULES: dict[str, tuple[Rule, ...]] = {
    "squat": (
        *_ON_THE_SPOT, _more("knee_range", 45, 6), _more("hip_range", 35, 6), _more("hip_together", 0.5, 0.12),
        _less("lean_max", 60, 5), _less("split_max", 0.23, 0.03), _more("com_range", 0.07, 0.015),
        _less("arm_max", 130, 12),
    ),
    "lunge": (
        *_ON_THE_SPOT, _more("knee_range", 40, 6), _more("split_max", 0.255, 0.02), _more("com_range", 0.07, 0.015),
        _less("lean_max", 60, 6), _less("com_rise", 0.08, 0.015),
    ),
    "deadlift": (*_HINGE, _more("knee_range", 42, 4), _more("lean_max", 52, 4)),
    "romanian_deadlift": (*_HINGE, _less("knee_range", 42, 4), _more("lean_max", 40, 4)),
    "overhead_press": (
        *_LEGS_STILL, *_STANDING, _more("arm_max", 125, 8), _more("elbow_range", 45, 6), _less("hip_range", 40, 6),
    ),
    "push_up": (*_LYING, _more("elbow_range", 40, 6)),
    "curl": (
        *_LEGS_STILL, *_STANDING, _more("elbow_range", 45, 6), _less("arm_max", 85, 8), _less("hip_range", 40, 6),
    ),
    "row": (
        *_LEGS_STILL, _more("elbow_range", 40, 6), _more("lean_middle", 28, 5), _more("hip_middle", 40, 7),
        _less("lean_range", 35, 5),
    ),
    "jump": (
        _more("flight", 0.03, 0.01), _more("knee_range", 45, 6), _more("com_rise", 0.09, 0.015),
        _more("com_range", 0.18, 0.03), _more("knee_together", 0.3, 0.15), _less("stance_range", 0.3, 0.03),
    ),
    "jumping_jack": (
        _more("arm_range", 85, 10), _more("stance_range", 0.14, 0.025), _less("elbow_range", 50, 8),
        _less("knee_range", 45, 6), _less("lean_middle", 35, 7), _less("travel", 0.35, 0.08),
    ),
    "step_up": (
        _less("flight", 0.05, 0.015), _more("com_range", 0.08, 0.015), _more("knee_range", 45, 6),
        _more("com_rise", 0.075, 0.015), _more("foot_gap", 0.09, 0.015), _less("split_max", 0.32, 0.03),
        _less("hip_together", 0.8, 0.08), _less("speed", 0.55, 0.08), _less("lean_max", 62, 6),
    ),
    "plank": (*_LYING, _less("elbow_range", 34, 5), _less("hip_range", 38, 6), _less("com_range", 0.08, 0.015)),
    "walking": (
        *_GAIT, _less("flight", 0.06, 0.02), _more("speed", 0.35, 0.06), _less("speed", 2.3, 0.15),
        _less("com_range", 0.12, 0.02),
    ),
    "running": (*_GAIT, _more("flight", 0.07, 0.025), _more("speed", 1.5, 0.2), _more("knee_max", 65, 6)),
}  # fmt: skip


def membership(rule: Rule, features: Mapping[str, float]) -> float:
    """Smooth step in (0, 1): 0.5 at the rule's value, 0.88 / 0.12 one half width away; 0.5 where unseen."""
    x = features[rule.feature]
    if not math.isfinite(x):
        return 0.5
    z = 2.0 * (x - rule.value) / rule.soft * (1.0 if rule.more else -1.0)
    return 1.0 / (1.0 + math.exp(-max(min(z, 30.0), -30.0)))


def recognise(features: Mapping[str, float]) -> Recognition:
    """Most probable exercise of the closed set, with runners-up above 5 %."""
    scores = {
        name: sum(math.log(max(membership(rule, features), FLOOR)) for rule in rules)
        for name, rules in RULES.items()
    }
    scores["other"] = OTHER_SCORE
    top = max(scores.values())
    weights = {name: math.exp(score - top) for name, score in scores.items()}
    total = sum(weights.values())
    ranked = sorted(((w / total, name) for name, w in weights.items()), reverse=True)
    best, name = ranked[0]
    return Recognition(name, best, tuple((n, p) for p, n in ranked[1:4] if p >= 0.05))
