"""analysis.json: every figure with its unit and the formula that gives it, and all that must be known to read it.

`analysis.schema.json` beside this file says what stands where (JSON Schema 2020-12).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.report.figures import (
    LANGUAGE,
    entry,
    peak_figures,
    quality_figures,
)
from musclepose.report.timeseries import all_columns

FORMAT = 2  # 2: clip name, date, rounded numbers
SCHEMA = Path(__file__).with_name("analysis.schema.json")
NOTICE = "Estimates from one camera by MusclePose. This is no medical advice."
MARKER_NOTICE = (
    "Estimates from measured markers by MusclePose. This is no medical advice."
)
SIGNIFICANT_DIGITS = (
    7  # more than any of these numbers is worth, and enough to recompute it
)


@dataclass(frozen=True)
class Clip:
    """Which file was analysed, and when; `name` is "" where there was no file."""

    name: str = ""
    analysed_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def analysis_record(
    analysis: Analysis, summary: PhysicsSummary, clip: Clip | None = None
) -> dict[str, Any]:
    """Everything that analysis.json says. A number is told by the user, or states the formula that made it."""
    clip = clip or Clip()
    columns = all_columns(analysis, counting_columns(summary, analysis.time_s))
    figures = {
        f.key: _figure(f)
        for f in summary.figures
        if not f.key.startswith("quality.")
    }
    record = {
        "format": FORMAT,
        "notice": notice_of(analysis),
        "formulas": LANGUAGE,
        "analysed_at": clip.analysed_at.astimezone(UTC).isoformat(
            timespec="seconds"
        ),
        "versions": dict(analysis.versions),
        "athlete": {
            **asdict(analysis.athlete),
            "assumed": list(analysis.assumed),
        },
        "load": asdict(analysis.load),
        "clip": {
            "name": _readable(clip.name) or None,
            "frames": entry(len(analysis.time_s), "frames", "frames(time_s)"),
            "duration": entry(float(analysis.time_s[-1]), "s", "range(time_s)"),
            "size_px": list(analysis.track.size_px),
            "people": analysis.track.people,
            "person": analysis.track.person,
        },
        "exercise": asdict(summary.exercise),
        "quality": {
            "level": analysis.quality.level,
            "warnings": list(analysis.quality.warnings),
            **quality_figures(analysis, columns),
        },
        "warnings": list(
            dict.fromkeys((*analysis.warnings, *summary.warnings))
        ),
        "figures": figures,
        "peaks": peak_figures(columns, analysis.athlete.mass_kg),
        "absent": {a.key: a.reason for a in summary.absent},
        "repetitions": [asdict(r) for r in summary.repetitions],
        "steps": [asdict(s) for s in summary.steps],
        "faults": [asdict(f) for f in summary.faults],
        "trends": [asdict(t) for t in summary.trends],
    }
    plain: dict[str, Any] = _plain(record)
    return plain


def notice_of(analysis: Analysis) -> str:
    """What the numbers rest on."""
    return (
        MARKER_NOTICE if analysis.track.keypoint_source == "markers" else NOTICE
    )


def write_analysis(path: Path, record: dict[str, Any]) -> Path:
    """The record as a file."""
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _readable(name: str) -> str:
    """A file name as text: what is no character in it becomes a question mark."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _figure(figure: Figure) -> dict[str, Any]:
    return entry(
        figure.value,
        figure.unit,
        figure.source,
        label=figure.label,
        joint=figure.joint,
        side=figure.side,
        repetition=figure.repetition,
        time_s=figure.time_s,
        band_90=figure.band,
    )


def _plain(value: Any) -> Any:
    """Lists, dictionaries and rounded numbers; JSON has no NaN: null instead."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if not isinstance(value, float):
        return value
    return (
        float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        if math.isfinite(value)
        else None
    )
