"""PhysicsSummary: what was computed from one clip, typed and bounded, as the coach, the report and the app read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from musclepose.movement.counting import Step
from musclepose.movement.figures import Absent, Figure
from musclepose.movement.formulas import window
from musclepose.movement.recognition import Recognition
from musclepose.movement.records import PhaseName, View
from musclepose.records import Array

MAX_REPETITIONS = (
    40  # more are counted, but only the first 40 get figures of their own
)
Kind = Literal["repetitions", "gait", "hold", "none"]
Severity = Literal["mild", "moderate", "marked"]
Level = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Phase:
    """Part of a repetition, in s."""

    name: PhaseName
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Repetition:
    """One repetition; `side` is set where one limb works at a time. `index` counts from 1.

    begun: the clip starts on its way out, or that was the bend to a weight on the floor: it is counted, and none of its
    times is told.
    """

    index: int
    start_s: float
    turn_s: float
    end_s: float
    phases: tuple[Phase, ...]
    side: str = ""
    begun: bool = False


@dataclass(frozen=True)
class Evidence:
    """Why a fault is named: the worst value found, when, and the threshold with where it comes from."""

    joint: str
    side: str
    time_s: float
    value: float
    unit: str
    threshold: float
    threshold_source: str
    figure_key: str


@dataclass(frozen=True)
class Fault:
    """A named fault; `confidence` is the probability that the true value lies beyond the threshold."""

    name: str
    label: str
    severity: Severity
    confidence: float
    evidence: Evidence
    repetitions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Check:
    """A fault that the exercise can have: found, looked for and not found, or not to be judged, and why not."""

    fault: str
    what: str  # "depth"
    outcome: Literal["found", "clear", "unseen"]
    reason: str = ""


@dataclass(frozen=True)
class Trend:
    """A quantity that changed over the set: first and last repetition, and by how much."""

    name: str
    label: str
    first: float
    last: float
    unit: str
    change_pct: float
    first_key: str
    last_key: str

    @property
    def direction(self) -> Literal["up", "down"]:
        """Whether the last value is above the first."""
        return "up" if self.last > self.first else "down"


@dataclass(frozen=True)
class PhysicsSummary:
    """Everything that may be said about a clip. Figures are recomputable; what is not here must not be claimed."""

    exercise: Recognition
    kind: Kind
    duration_s: float
    view: View
    repetitions: tuple[Repetition, ...] = ()
    partial: tuple[
        tuple[float, float], ...
    ] = ()  # start and end, s, of excursions too small to count
    cut_off: bool = False  # the clip starts or ends inside a repetition
    steps: tuple[Step, ...] = ()
    figures: tuple[Figure, ...] = ()
    absent: tuple[Absent, ...] = ()
    faults: tuple[Fault, ...] = ()  # what matters most first
    checks: tuple[Check, ...] = ()
    trends: tuple[Trend, ...] = ()
    quality_level: Level = "low"
    fit_level: Level = (
        "low"  # how well the body lies on the picture: what angles depend on
    )
    warnings: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    height_m: float = 0.0
    mass_kg: float = 0.0
    load_kg: float = 0.0
    rests: bool = False  # on more than the feet: their forces are not all
    load_at: str = "hands"

    @cached_property
    def _by_key(self) -> dict[str, Figure]:
        return {f.key: f for f in self.figures}

    def figure(self, key: str) -> Figure | None:
        """Figure of a key, or None where it is absent."""
        return self._by_key.get(key)

    @property
    def is_sure(self) -> bool:
        """Whether the exercise may be named as a fact, and advice be given on it."""
        return self.exercise.is_sure

    def fault(self, name: str) -> Fault | None:
        """The named fault, if it was found."""
        return next((f for f in self.faults if f.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain types for a JSON file."""
        return asdict(self)


def counting_columns(
    summary: PhysicsSummary, time_s: Array
) -> dict[str, Array]:
    """Columns (T,): `repetition`, `partial` (number inside, 0 outside) and `step` (number of the latest step)."""
    repetition, partial, step = (np.zeros(len(time_s)) for _ in range(3))
    for r in summary.repetitions:
        repetition[window(time_s, r.start_s, r.end_s)] = r.index
    for i, (start, end) in enumerate(summary.partial, 1):
        partial[window(time_s, start, end) & (repetition == 0)] = i
    for i, s in enumerate(summary.steps, 1):
        step[time_s >= s.time_s - 1e-3] = i
    return {"repetition": repetition, "partial": partial, "step": step}
