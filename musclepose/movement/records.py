"""The records that describe an exercise and a fault: everything that is known about one stands in one of these.

An exercise is one file of `movement/exercises/`, a fault one file of `movement/faults/`. Recogniser, counter, figures,
script, checker, answers, page and generator read these records and keep no table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PhaseName = Literal["eccentric", "hold", "concentric"]
View = Literal["front", "oblique", "side"]
Statistic = Literal["max", "min", "mean", "range", "absmax"]
CHOSEN = "chosen by MusclePose"
# The largest probability of an exercise, by the independent films on which its rules were seen right: of the training
# clips that exercises of one film or none took 16 of 17 were right, which says 17 of 19 by the rule of succession; less
# is told, because their rules were written on some of these films (chosen).
TWO_FILMS, ONE_FILM, NEVER_FILMED = 0.85, 0.79, 0.75


@dataclass(frozen=True)
class Rule:
    """A movement feature lies above (`more`) or below a value; `soft` is the half width of the step."""

    feature: str
    more: bool
    value: float
    soft: float


def more(feature: str, value: float, soft: float) -> Rule:
    """The feature lies above the value."""
    return Rule(feature, True, value, soft)


def less(feature: str, value: float, soft: float) -> Rule:
    """The feature lies below the value."""
    return Rule(feature, False, value, soft)


@dataclass(frozen=True)
class Signal:
    """What the repetitions are counted on.

    column: name of the column, `{}` for the side. smallest: least excursion, in its unit. rising: the phase in which
    it rises. rest_low: rest is at its low end (None: the start of the clip decides). together: both sides make one
    repetition although they move differently. height: column that tells too whether the body is back, where the clip
    ends on its way: in a lunge and on a step it is up before the feet are together.
    """

    column: str
    smallest: float
    rising: PhaseName
    rest_low: bool | None = None
    together: bool = False
    height: str = ""


@dataclass(frozen=True)
class Content:
    """Which figures an exercise gets: (statistic, column) pairs, `{}` for the left and the right side.

    each: per repetition, with their average. whole: over the span of the set. torques: degrees of freedom whose peak
    torque and effort are told.
    """

    each: tuple[tuple[Statistic, str], ...]
    whole: tuple[tuple[Statistic, str], ...]
    torques: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """`statistic(column)` within a repetition lies beyond the limit: above (+1) or below (-1).

    step: one step of severity. together: the mean of both sides decides. between: from turn to turn, where a
    repetition's own ends are cut too early. fewest: repetitions that it takes, where a single one may be cut out of a
    longer movement.
    """

    statistic: Statistic
    column: str
    sign: Literal[-1, 1]
    threshold: float
    step: float
    source: str = CHOSEN
    together: bool = False
    between: bool = False
    fewest: int = 1


@dataclass(frozen=True)
class SideDifference:
    """The repetitions' mean largest value of a column differs between the sides by more than `threshold_pct`."""

    column: str
    threshold_pct: float
    source: str


@dataclass(frozen=True)
class LoweringTime:
    """The mean lowering phase is shorter than `threshold_s`."""

    threshold_s: float
    source: str = CHOSEN


@dataclass(frozen=True)
class StepTimeDifference:
    """The mean step times of the two legs differ by more than `threshold_pct` of the longer one."""

    threshold_pct: float
    source: str = CHOSEN


@dataclass(frozen=True)
class WhilePassing:
    """`column` lies above `threshold` at the moments when `passing` falls from `start` through `value`.

    Both are angles of the picture. `lifted` must have risen by then, so that a change of stance is no repetition; whole
    repetitions are not needed.
    """

    column: str
    threshold: float
    step: float
    passing: str
    start: float
    value: float
    lifted: str
    source: str = CHOSEN


@dataclass(frozen=True)
class ChangeAtTurn:
    """The mean of `column` around the turn of a repetition, less that around its start, lies above `threshold`."""

    column: str
    threshold: float
    step: float
    source: str = CHOSEN


@dataclass(frozen=True)
class ShareOf:
    """The mean of `column` over the clip is less than `threshold_pct` of that of `whole`, which is `least` at least."""

    column: str
    whole: str
    threshold_pct: float
    step: float
    least: float
    source: str = CHOSEN


Judged = (
    Limit
    | SideDifference
    | LoweringTime
    | StepTimeDifference
    | WhilePassing
    | ChangeAtTurn
    | ShareOf
)


@dataclass(frozen=True)
class Words:
    """What is said of a fault; alternatives of each part, and any combination reads well.

    Placeholders: {side} "left " / "right " / "", {value} with unit, {reps} " in repetitions 2 and 3" or "". Cues and
    drills carry no digits, so that every digit in a shown text is a measured figure.
    """

    saw: tuple[str, ...]
    plain: tuple[str, ...]  # the same for a beginner, without numbers
    why: tuple[str, ...]
    cue: tuple[str, ...]
    drill: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """How one fault shows in some exercises, and what is said of it there."""

    exercises: tuple[str, ...]
    label: str
    rule: Judged
    weight: float  # how much it matters, for the order
    words: Words


@dataclass(frozen=True)
class FaultKind:
    """A fault that can be told.

    claims: patterns of the words that claim it: text that matches one is refused where the fault was not found.
    name_when_clear: what is named when it was looked for and not found ("depth"). views: from where it can be judged.
    """

    name: str
    claims: tuple[str, ...]
    name_when_clear: str
    cases: tuple[Case, ...] = ()
    views: tuple[View, ...] = ("front", "oblique", "side")


@dataclass(frozen=True)
class Way:
    """One way to do or to see an exercise.

    rules: how well the clip fits it; the best way of an exercise counts. gates: rules over what the picture shows; a
    clip that breaks one clearly is not this way, however well the rest fits. most_sure: the largest probability that
    may be told of an exercise that is seen this way. needs: features whose joints must have been seen.
    """

    rules: tuple[Rule, ...]
    gates: tuple[Rule, ...]
    most_sure: float = 1.0
    needs: tuple[str, ...] = ()


def strictly(*rules: Rule, most_sure: float = 1.0) -> Way:
    """A way of which every rule is a gate too."""
    return Way(rules, rules, most_sure)


@dataclass(frozen=True)
class Exercise:
    """Everything that is known about an exercise.

    ways: how it is recognised; a clip that breaks a gate of each of them is never this exercise.
    stand_in: counted on where the joints of the signals were clearly seen less than its own.
    quiet_signals: counted on where the others show nothing, or less and less clearly; only on a clear rhythm.
    most_sure: the largest probability that may be told of it.
    needs_legs: nor is a clip whose knees and ankles were not seen.
    faults: cases of fault kinds that only this exercise knows, by the kind's name; the others name their exercises
    themselves.
    """

    name: str
    title: str
    plural: str
    ways: tuple[Way, ...]
    signals: tuple[
        Signal, ...
    ]  # none: it is not counted; several: the one with the largest range counts
    figures: Content
    cues: tuple[str, ...]
    drills: tuple[str, ...]
    progressions: tuple[
        str, ...
    ] = ()  # how to go on; told only where `movement.progress` allows it
    kind: Literal["repetitions", "gait", "hold"] = "repetitions"
    done: str = ""  # "walked": verb of a gait
    range_joint: Literal["knee", "hip", "elbow"] = (
        "knee"  # whose bend is told first
    )
    tells_tempo: bool = True
    tells_lean: bool = True
    tells_force: bool = False  # to an athlete too
    effort_can_be_full: bool = (
        True  # False: effort above the estimated strength is noise
    )
    rises: Literal["", "hand", "shoulder"] = (
        ""  # what is lifted, where one camera knows its speed
    )
    tells_jump: bool = False  # how high, from the time in the air
    tells_depth: bool = (
        False  # how far the thighs stay above level, or go below it
    )
    usually_loaded: bool = (
        False  # an untold load is asked for, and no torque is told without it
    )
    supported_by: str = ""  # what carries beside the feet: "hands"; forces under the feet are then not all
    stand_in: Signal | None = None
    quiet_signals: tuple[Signal, ...] = ()
    needs_legs: bool = False
    most_sure: float = 1.0
    is_named: bool = True  # False: it is no exercise but what fits none
    never_seen: tuple[
        str, ...
    ] = ()  # what a coach asks for and no point of the body shows
    faults: Mapping[str, Case] = field(default_factory=dict)
