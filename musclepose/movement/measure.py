"""Makes figures from columns, and says why where a figure cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from musclepose.movement.columns import columns_of, unit_of
from musclepose.movement.formulas import Absent, Figure, FormulaEvaluator, window
from musclepose.movement.summary import Repetition
from musclepose.movement.visibility import MIN_SEEN, SIDES, Mask, Visibility, joint_of_column
from musclepose.physics.skeleton47 import DOF_INDEX, N_ROOT
from musclepose.records import Analysis, Array

_DIGITS = {
    "deg": 0,
    "N m": 0,
    "N m/kg": 2,
    "BW": 2,
    "%": 0,
    "s": 1,
    "m": 2,
    "m/s": 2,
    "1/min": 0,
    "": 0,
}
_WORDS = {
    "knee_flexion": "knee bend", "hip_flexion": "hip bend", "ankle_dorsiflexion": "ankle bend",
    "elbow_flexion": "elbow bend", "shoulder_flexion": "shoulder flexion", "shoulder_adduction": "shoulder adduction",
    "lumbar_flexion": "lower back", "trunk_lean": "trunk lean", "trunk_side_lean": "trunk side lean",
    "knee_valgus": "knee inward angle", "thigh_above_level": "thigh above level", "arm_elevation": "arm raise",
    "wrist_over_shoulder": "wrist above shoulder", "body_line": "bend of the body line",
        "com_height": "body centre height",
    "com_speed": "speed", "grf_total": "ground force", "grf": "ground force", "load_share": "load on the left foot",
    "stance_width": "stance width", "step_split": "step split", "side_shift": "side shift",
}  # fmt: skip
_STATISTIC = {
    "max": "largest",
    "min": "smallest",
    "mean": "average",
    "range": "range",
    "absmax": "peak",
}


def quantity_of(column: str) -> str:
    """Column name without its unit: the stem of figure keys."""
    unit_ending = next(
        (e for e in ("_deg", "_nm", "_bw", "_pct", "_m_s", "_m", "_s", "_n") if column.endswith(e)),
        "",
    )
    return column.removesuffix(unit_ending)


def words_of(column: str) -> str:
    """ "left knee bend", "right hip torque": a column as a person reads it."""
    stem, (joint, letter) = quantity_of(column), joint_of_column(column)
    side = f"{SIDES[letter]} " if letter else ""
    bare = stem.removesuffix(f"_{letter}") if letter else stem
    kind = "torque" if bare.startswith("tau_") else "effort" if bare.startswith("effort_") else ""
    bare = bare.removeprefix("tau_").removeprefix("effort_")
    if bare.startswith("load_share"):
        return _WORDS["load_share"]
    noun = (
        (_WORDS[bare] if bare == "lumbar_flexion" else joint or bare.replace("_", " "))
        if kind
        else _WORDS.get(bare, bare)
    )
    if bare.startswith("grf"):
        return f"{side or 'total '}{_WORDS['grf']}"
    return f"{side}{noun} {kind}".strip()


class Measure:
    """Collects figures and absences for one analysis. Windows are (start_s, end_s) on source time stamps."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.time_s = analysis.time_s
        self.columns: dict[str, Array] = columns_of(analysis)
        self.visibility = Visibility(analysis.track)
        self.evaluate = FormulaEvaluator(self.columns, analysis.quality)
        self.figures: dict[str, Figure] = {}
        self.absent: dict[str, Absent] = {}

    def seen(self, column: str) -> Array:
        """(T,) column, NaN where its joint was not seen."""
        return self.visibility.masked(column, self.columns[column])

    def refresh(self, extra: Mapping[str, Array]) -> None:
        """Adds columns, such as the repetition number."""
        self.columns.update(extra)

    def _frames(self, span: tuple[float, float] | None) -> Mask:
        return np.ones(len(self.time_s), bool) if span is None else window(self.time_s, *span)

    def _reason(self, column: str, frames: Mask, at: int | None) -> str:
        """Why a column cannot be read there; empty where it can."""
        joint, letter = joint_of_column(column)
        name = f"{SIDES[letter]} {joint}" if letter else joint
        share = self.visibility.share(column, frames)
        if share < MIN_SEEN:
            return f"{name} seen in only {100 * share:.0f}% of the frames"
        if at is not None and not self.visibility.mask(column)[at]:
            return f"{name} not seen at the moment of the extreme"
        if not np.isfinite(self.columns[column][frames]).any():
            return f"no value of {column}"
        return ""

    def statistic(
        self,
        statistic: str,
        column: str,
        span: tuple[float, float] | None = None,
        repetition: int | None = None,
        key: str = "",
    ) -> Figure | None:
        """`max(column)` and its kin as a figure, or None (with the reason kept) where the joint was not seen."""
        key = key or f"{quantity_of(column)}.{statistic}" + (
            f".r{repetition}" if repetition else ""
        )
        frames, values = self._frames(span), self.columns[column]
        at = self._moment(statistic, values, frames)
        reason = self._reason(column, frames, at)
        if reason:
            self.absent[key] = Absent(key, reason)
            return None
        source = (
            f"{statistic}({column})"
            if span is None
            else f"{statistic}({column}, {span[0]:.3f}, {span[1]:.3f})"
        )
        unit, scale = unit_of(column), column.startswith("effort_")
        label = f"{words_of(column)}, {_STATISTIC[statistic]}" + (
            f", repetition {repetition}" if repetition else ""
        )
        return self.formula(
            key,
            f"percent({source})" if scale else source,
            "%" if scale else unit,
            label,
            column,
            repetition=repetition,
            time_s=None if at is None else float(self.time_s[at]),
            band=self._band(column, at),
        )

    def formula(
        self,
        key: str,
        source: str,
        unit: str,
        label: str,
        column: str = "",
        digits: int | None = None,
        repetition: int | None = None,
        time_s: float | None = None,
        band: float | None = None,
    ) -> Figure | None:
        """Any formula as a figure; absent where it has no finite value."""
        value = self.evaluate(source)
        if not np.isfinite(value):
            self.absent[key] = Absent(key, "no finite value")
            return None
        joint, letter = joint_of_column(column) if column else ("", "")
        letter = "" if key.startswith("asymmetry") else letter
        figure = Figure(
            key,
            value,
            unit,
            source,
            _DIGITS.get(unit, 1) if digits is None else digits,
            label,
            joint,
            SIDES.get(letter, ""),
            repetition,
            time_s,
            band,
        )
        self.figures[key] = figure
        return figure

    def per_repetition(
        self, statistic: str, column: str, repetitions: Sequence[Repetition], keep: bool = True
    ) -> list[Figure | None]:
        """The statistic within each repetition; with `keep` the average over the seen ones too (`<key>.average`)."""
        made = [
            self.statistic(statistic, column, (r.start_s, r.end_s), r.index) for r in repetitions
        ]
        good = [f for f in made if f is not None]
        if good and keep:
            self.average(f"{quantity_of(column)}.{statistic}.average", good, column)
        return made

    def average(
        self, key: str, figures: Sequence[Figure], column: str = "", label: str = ""
    ) -> Figure | None:
        """Average over repetitions as one figure."""
        first = figures[0]
        label = label or first.label.split(", repetition")[0] + ", average of the repetitions"
        return self.formula(
            key,
            f"average({', '.join(f.source for f in figures)})",
            first.unit,
            label,
            column,
            first.digits,
        )

    @staticmethod
    def _moment(statistic: str, values: Array, frames: Mask) -> int | None:
        """Frame of an extreme."""
        inside = np.flatnonzero(frames & np.isfinite(values))
        if statistic not in ("max", "min", "absmax") or len(inside) == 0:
            return None
        of = np.abs(values[inside]) if statistic == "absmax" else values[inside]
        return int(inside[int(np.argmin(of) if statistic == "min" else np.argmax(of))])

    def _band(self, column: str, at: int | None) -> float | None:
        """90 % band of a torque or a vertical ground reaction at a frame."""
        if at is None:
            return None
        if column.startswith("tau_"):
            dof = DOF_INDEX[quantity_of(column).removeprefix("tau_")]
            return float(self.analysis.tau_band_nm[at, dof]) if dof >= N_ROOT else None
        if column.startswith("grf_") and column != "grf_total_bw":
            weight = float(self.analysis.athlete.mass_kg or 1.0) * 9.81
            return float(self.analysis.grf_band_n[at, "lr".index(column[4]), 1]) / weight
        return None
