"""Figures: numbers that carry the formula which made them, and absences that carry their reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number: `key` is `<quantity>.<statistic>`, `source` its formula, `digits` the decimals worth showing."""

    key: str
    value: float
    unit: str
    source: str
    digits: int
    label: str  # as a person reads it: "left knee flexion, deepest"
    joint: str = ""  # "knee", "hip", "trunk" ... empty where it belongs to none
    side: str = ""  # "left", "right" or empty
    repetition: int | None = None
    time_s: float | None = None  # when an extreme happened
    band: float | None = (
        None  # half width of the 90 % band from keypoint noise, same unit
    )

    @property
    def text(self) -> str:
        """Value with unit, rounded for a reader."""
        shown = f"{self.value:.{self.digits}f}"
        is_negative_zero = shown.startswith("-") and float(shown) == 0
        shown = shown[1:] if is_negative_zero else shown
        space = "" if self.unit in ("%", "") else " "
        return f"{shown}{space}{self.unit}"


@dataclass(frozen=True)
class Absent:
    """A figure that could not be computed, and why."""

    key: str
    reason: str
