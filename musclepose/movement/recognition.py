"""Exercise recognition: a transparent classifier over a dozen movement features, each with a unit and a meaning.

Every class is a short list of memberships such as "knee range above about 45 deg". A membership is a smooth step in
(0, 1); a class scores the sum of their logarithms, and a softmax over the classes gives the probability. `other` scores
a constant: it wins where every class breaks a rule. A feature whose joint was not seen counts half for all classes.
No exercise is told with more certainty than the films behind its rules allow (`most_sure`).
Before that, gates on what the picture shows rule classes out: a clip that breaks one of a class is never that class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from musclepose.movement.columns import Columns
from musclepose.movement.counting import correlation, smooth
from musclepose.movement.exercises import EXERCISES, OTHER
from musclepose.movement.geometry import joint, middle
from musclepose.movement.picture import picture_features
from musclepose.movement.records import Exercise, Rule, Way
from musclepose.records import Analysis, Array

SURE = 0.8  # below this probability the text says what it may be, and gives figures only
OTHER_SCORE = (
    -6.0
)  # more than one clearly broken rule loses against `other` (chosen)
POORLY_FITTED = 0.75  # 6 of 8 real clips are named rightly whose fitted body lies badly on the picture, of others 99 %
BROKEN = 0.12  # membership of a gate, a half width beyond its limit, below which it is broken (chosen)
GATE_WEIGHT = 2.0  # of a gate beside its rule: at its limit the class is unsure, not gone (chosen)
MIN_SEEN_OF_RULES = (
    0.35  # share of a way's rules whose joints must be seen (chosen)
)
FLOOR = 0.004  # a broken rule costs at most log(0.004): one bad feature can be outweighed, two hardly (chosen)


@dataclass(frozen=True)
class Recognition:
    """Recognised or told exercise, its probability and the runners-up with theirs."""

    name: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()
    is_told: bool = False  # by the user, who is believed
    fits: bool = True  # False: the picture breaks a gate of what was told

    @property
    def is_sure(self) -> bool:
        """Whether the exercise may be named as a fact; "movement" is no name."""
        return EXERCISES[self.name].is_named and self.probability >= SURE

    @property
    def title(self) -> str:
        """Name as a person writes it."""
        return EXERCISES[self.name].title


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


def flight_share(analysis: Analysis) -> float:
    """Share of the seen frames in which both feet are off the ground."""
    contact = analysis.contact[np.isfinite(analysis.contact).all(axis=1)]
    return float((contact.max(axis=1) < 0.5).mean()) if len(contact) else 0.0


MIN_SEEN_OF_CLIP = 0.4  # share of the clip's frames that must show a joint before it is evidence (chosen)


@dataclass(frozen=True)
class _Clip:
    """Columns of one clip as the features read them."""

    columns: Columns
    time_s: Array

    def calm(self, name: str) -> Array:
        """(T30,) low-passed column at 30 Hz; all NaN where its joint was hardly seen."""
        values = self.columns[name].seen_values
        calm = smooth(values, self.time_s)[1]
        hardly_seen = np.isfinite(values).mean() < MIN_SEEN_OF_CLIP
        return np.full(len(calm), np.nan) if hardly_seen else calm

    def pair(self, name: str) -> tuple[Array, Array]:
        """Left and right of a column of degrees."""
        return self.calm(f"{name}_l_deg"), self.calm(f"{name}_r_deg")


def _larger(
    measure: Callable[[Array], float], pair: tuple[Array, Array]
) -> float:
    """The larger of left and right, ignoring a side that was not seen."""
    finite = [v for v in map(measure, pair) if math.isfinite(v)]
    return max(finite) if finite else math.nan


def _limb_features(clip: _Clip) -> dict[str, float]:
    knee, hip = clip.pair("knee_flexion"), clip.pair("hip_flexion")
    elbow, arm = clip.pair("elbow_flexion"), clip.pair("arm_elevation")
    return {
        "knee_range": _larger(_spread, knee),
        "knee_max": _larger(_high, knee),
        "hip_range": _larger(_spread, hip),
        "hip_middle": _larger(_middle, hip),
        "elbow_range": _larger(_spread, elbow),
        "arm_range": _larger(_spread, arm),
        "arm_max": _larger(_high, arm),
        "arm_middle": _larger(_middle, arm),
        "hip_together": correlation(*hip),
        "knee_together": correlation(*knee),
    }


def _trunk_features(clip: _Clip) -> dict[str, float]:
    lean = clip.calm("trunk_lean_deg")
    return {
        "lean_middle": _middle(lean),
        "lean_max": _high(lean),
        "lean_range": _spread(lean),
    }


def _wrist_over_knee_m(analysis: Analysis) -> Array:
    """(T,) height of the lower wrist over the middle of the knees."""
    wrists = np.minimum(
        joint(analysis, "hand_l")[:, 1], joint(analysis, "hand_r")[:, 1]
    )
    return wrists - middle(analysis, "shank")[:, 1]


def _place_features(analysis: Analysis, clip: _Clip) -> dict[str, float]:
    """Where hands, body and feet go; lengths as shares of stature."""
    stature = analysis.athlete.height_m
    com, root = clip.calm("com_height_m"), analysis.com_world_m[:, (0, 2)]
    rest = float(np.percentile(com, 50)) if np.isfinite(com).any() else math.nan
    return {
        "wrist_low": float(np.percentile(_wrist_over_knee_m(analysis), 3))
        / stature,
        "com_range": _spread(com) / stature,
        "com_rise": (_high(com) - rest) / stature,
        "flight": flight_share(analysis),
        "travel": float(np.linalg.norm(root[-1] - root[0])) / stature,
        "speed": float(np.median(clip.columns["com_speed_m_s"].values)),
        "split_max": _high(np.abs(clip.calm("step_split_m"))) / stature,
        "stance_range": _spread(clip.calm("stance_width_m")) / stature,
        "foot_gap": _high(np.abs(clip.calm("foot_height_gap_m"))) / stature,
    }


def features_of(analysis: Analysis, columns: Columns) -> dict[str, float]:
    """Movement features: deg, shares of stature, m/s; NaN where the joint was not seen."""
    clip = _Clip(columns, analysis.time_s)
    return {
        **_limb_features(clip),
        **_trunk_features(clip),
        **_place_features(analysis, clip),
        **picture_features(analysis.track),
    }


def membership(rule: Rule, features: Mapping[str, float]) -> float:
    """Smooth step in (0, 1): 0.5 at the rule's value, 0.88 / 0.12 one half width away; 0.5 where unseen."""
    x = features[rule.feature]
    if not math.isfinite(x):
        return 0.5
    z = 2.0 * (x - rule.value) / rule.soft * (1.0 if rule.more else -1.0)
    return 1.0 / (1.0 + math.exp(-max(min(z, 30.0), -30.0)))


def _was_seen(rule: Rule, features: Mapping[str, float]) -> bool:
    return math.isfinite(features[rule.feature])


def _breaks_none(way: Way, features: Mapping[str, float]) -> bool:
    return all(membership(gate, features) >= BROKEN for gate in way.gates)


def _is_seen(way: Way, features: Mapping[str, float]) -> bool:
    """Whether enough was seen of what a way asks: what nobody saw is no evidence."""
    seen = sum(_was_seen(rule, features) for rule in way.rules)
    enough = seen >= MIN_SEEN_OF_RULES * len(way.rules)
    return enough and all(math.isfinite(features[name]) for name in way.needs)


def _open_ways(exercise: Exercise, features: Mapping[str, float]) -> list[Way]:
    """The ways of an exercise of which the clip breaks no gate; none where it needs legs that were not seen."""
    if exercise.needs_legs and not math.isfinite(features["pic_knee_range"]):
        return []
    return [way for way in exercise.ways if _breaks_none(way, features)]


def is_possible(exercise: Exercise, features: Mapping[str, float]) -> bool:
    """Whether the clip breaks no gate of the exercise; an unseen limb breaks none, but legs may be needed."""
    return bool(_open_ways(exercise, features))


def _logarithms(rules: Iterable[Rule], features: Mapping[str, float]) -> float:
    return sum(
        math.log(max(membership(rule, features), FLOOR)) for rule in rules
    )


def _fit(way: Way, features: Mapping[str, float]) -> float:
    """Sum of the logarithms of the memberships; near its limit a gate counts more than another rule."""
    seen_gates = [gate for gate in way.gates if _was_seen(gate, features)]
    return _logarithms(way.rules, features) + GATE_WEIGHT * _logarithms(
        seen_gates, features
    )


def _score(
    exercise: Exercise, ways: Iterable[Way], features: Mapping[str, float]
) -> tuple[float, float]:
    """Fit of the best way, and how sure it may be; `other` has no rules and scores a constant."""
    if exercise.name == OTHER:
        return OTHER_SCORE, exercise.most_sure
    return max(
        (_fit(way, features), min(way.most_sure, exercise.most_sure))
        for way in ways
    )


def recognise(
    features: Mapping[str, float], poorly_fitted: bool = False
) -> Recognition:
    """Most probable exercise of the closed set, with runners-up above 5 %.

    poorly_fitted: the body lies badly on the picture, so no name is sure (`POORLY_FITTED`).
    """
    possible = {
        e.name: [
            way for way in _open_ways(e, features) if _is_seen(way, features)
        ]
        for e in EXERCISES.values()
    }
    scores = {
        name: _score(EXERCISES[name], ways, features)
        for name, ways in possible.items()
        if ways
    }
    top = max(score for score, _ in scores.values())
    weights = {
        name: math.exp(score - top) for name, (score, _) in scores.items()
    }
    total = sum(weights.values())
    least_sure = POORLY_FITTED if poorly_fitted else 1.0
    shares = {
        name: min(
            scores[name][1], least_sure if EXERCISES[name].is_named else 1.0
        )
        * w
        / total
        for name, w in weights.items()
    }
    ranked = sorted(((p, name) for name, p in shares.items()), reverse=True)
    best, name = ranked[0]
    return Recognition(
        name, best, tuple((n, p) for p, n in ranked[1:4] if p >= 0.05)
    )


def told(name: str, features: Mapping[str, float]) -> Recognition:
    """The exercise that the user told; the picture only says whether it breaks a gate of it."""
    return Recognition(
        name, 1.0, is_told=True, fits=is_possible(EXERCISES[name], features)
    )
