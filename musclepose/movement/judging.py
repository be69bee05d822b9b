"""How sure a fault is: the rules' values against what one camera can measure.

Confidence is the probability that the true value lies beyond the threshold, when the value is off by a normal error of
the size that one camera leaves in that joint. The error is mostly an offset of the person, so repetitions do not
shrink it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.records import Case, FaultKind, View
from musclepose.movement.summary import (
    Evidence,
    Fault,
    Level,
    Repetition,
    Severity,
)

MIN_CONFIDENCE = (
    0.8  # one false sentence costs more than five missing ones (chosen)
)
MIN_SHARE = (
    0.34  # a fault shows in at least this share of the repetitions (chosen)
)
# Standard error of an angle from one camera, deg: 1.25 x the mean absolute error on people that training never saw,
# with the detector's noise, of the weights of 2026-11-23. Those since err less (checkpoints/README.md: hip 5.6, knee
# 4.9, ankle 4.8, elbow 10.8, trunk 3.2 deg), so a fault has to be clearer than it need be. Frontal-plane and derived
# angles: chosen.
ANGLE_ERROR_DEG = {
    "hip": 8.9,
    "knee": 7.9,
    "ankle": 6.5,
    "shoulder": 9.0,
    "elbow": 16.9,
    "trunk": 4.6,
}
DEFAULT_ANGLE_ERROR_DEG = 9.0
PICTURE_ERROR_DEG = 5.0  # range of an angle between lines of the picture, from the spread of the points (chosen)
LEVEL_FACTOR: dict[Level, float] = {"high": 0.8, "medium": 1.0, "low": 1.6}
OTHER_ERROR = 0.10  # share of the threshold, for what is no angle
TIME_ERROR_S = 0.1
OBLIQUE_FACTOR = (
    1.3  # half of the movement of a plane points along the camera's axis
)
SIDE_STEP_PCT, TIME_STEP_S = 10.0, 0.2  # one step of severity


@dataclass(frozen=True)
class JudgedSet:
    """What the rules look at."""

    measure: Measure
    repetitions: Sequence[Repetition]
    level: Level
    view: View
    is_without_repetitions: bool = False  # of an exercise that is counted
    by_picture_only: bool = False

    @property
    def count(self) -> int:
        return max(len(self.repetitions), 1)


def confidence_of(excess: float, error: float) -> float:
    """P(true value beyond the threshold) for a value `excess` beyond it with a normal error of s.d. `error`."""
    return 0.5 * (1.0 + math.erf(excess / max(error, 1e-9) / math.sqrt(2.0)))


def severity_of(excess: float, step: float) -> Severity:
    """One step beyond the threshold is moderate, two are marked."""
    if excess >= 2 * step:
        return "marked"
    return "moderate" if excess >= step else "mild"


def error_of(
    figure: Figure, threshold: float, level: Level, view: View
) -> float:
    """Standard error of a figure in its unit."""
    if figure.unit != "deg":
        return OTHER_ERROR * LEVEL_FACTOR[level] * max(abs(threshold), 1e-9)
    if "_in_picture" in figure.key:
        return PICTURE_ERROR_DEG  # the detector's alone; the fitted body has no part in it
    base = (
        ANGLE_ERROR_DEG.get(figure.joint, DEFAULT_ANGLE_ERROR_DEG)
        * LEVEL_FACTOR[level]
    )
    return base * (OBLIQUE_FACTOR if view == "oblique" else 1.0)


Judgement = tuple[list[Fault], str]  # faults, and why it could not be judged


def sure_enough(
    kind: FaultKind,
    case: Case,
    excess: float,
    step: float,
    confidence: float,
    evidence: Evidence,
    repetitions: tuple[int, ...] = (),
) -> Iterator[Fault]:
    """The fault, where it is sure enough."""
    if confidence >= MIN_CONFIDENCE:
        severity = severity_of(excess, step)
        sure = round(confidence, 2)
        yield Fault(
            kind.name, case.label, severity, sure, evidence, repetitions
        )
