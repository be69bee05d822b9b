"""What was asked, as a record: quantity, joint, side, repetition, statistic, time and unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from musclepose.movement.columns import Side
from musclepose.movement.records import Statistic

Topic = Literal[
    "figure",  # a quantity of the clip
    "sides",  # left against right
    "depth",  # against thighs that are level
    "trend",  # change over the set
    "count",
    "partial",
    "exercise",
    "hardest",  # which joint works hardest
    "best",  # best or worst repetition, without saying of what
    "fault",  # one fault, by name in `term`
    "faults",  # all of them
    "advice",
    "why",
    "addweight",
    "load",  # which weight was told
    "person",  # height and mass that were used
    "sure",
    "assumed",
    "formula",
    "define",  # a word of the glossary, in `term`
    "film",
    "pain",
    "unseen",  # something that no keypoint shows, in `term`
    "hello",
    "help",
]
Pick = Literal["", "each", "most", "least"]  # of the repetitions


@dataclass(frozen=True)
class Query:
    """A question in the form in which figures can be looked up.

    repetitions: numbers from 1, -1 for the last. pick: all of them one by one, or that with the most or the least.
    time_s: at one moment. unit: the one that was asked for. with_moment: the moment was asked for.
    """

    topic: Topic
    quantity: str = ""
    joint: str = ""
    side: Side = ""
    repetitions: tuple[int, ...] = ()
    pick: Pick = ""
    statistic: Statistic | None = None
    time_s: float | None = None
    unit: str = ""
    with_moment: bool = False
    term: str = ""
    language: str = "English"
    guessed: tuple[tuple[str, str], ...] = ()
