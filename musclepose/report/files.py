"""The result files: analysis.json, timeseries.csv, two OpenSim motions, coaching.md, and all of them in results.zip."""

from __future__ import annotations

import json
import math
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.report.figures import LANGUAGE, entry, peak_figures, quality_figures
from musclepose.report.opensim import ground_reaction_columns, kinematics_columns, write_mot
from musclepose.report.timeseries import all_columns, write_csv

FORMAT = 1
NOTICE = "Estimates from one camera by MusclePose. This is no medical advice."


def write_files(
    analysis: Analysis, summary: PhysicsSummary, coaching_text: str, out_dir: str | Path
) -> dict[str, Path]:
    """Write everything into `out_dir` (made if absent) and return {file name: path}.

    An overlay.mp4 and a plots.png that already lie there go into results.zip too.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    columns = all_columns(analysis, counting_columns(summary, analysis.time_s))
    paths = {
        "timeseries.csv": write_csv(folder / "timeseries.csv", columns),
        "kinematics.mot": write_mot(
            folder / "kinematics.mot",
            "Coordinates",
            analysis.time_s,
            kinematics_columns(analysis),
            in_degrees=True,
        ),
        "ground_reaction.mot": write_mot(
            folder / "ground_reaction.mot",
            "GRF",
            analysis.time_s,
            ground_reaction_columns(analysis),
            in_degrees=False,
        ),
        "analysis.json": _write_json(folder / "analysis.json", analysis_record(analysis, summary)),
        "coaching.md": _write_text(
            folder / "coaching.md", f"{coaching_text.strip()}\n\n*{NOTICE}*\n"
        ),
    }
    paths["results.zip"] = _write_zip(folder, paths)
    return paths


def analysis_record(analysis: Analysis, summary: PhysicsSummary) -> dict[str, Any]:
    """Everything that analysis.json says. A number is told by the user, or states the formula that made it."""
    columns = all_columns(analysis, counting_columns(summary, analysis.time_s))
    mass_kg = analysis.athlete.mass_kg
    figures = {f.key: _figure(f) for f in summary.figures if not f.key.startswith("quality.")}
    return {
        "format": FORMAT,
        "notice": NOTICE,
        "formulas": LANGUAGE,
        "versions": dict(analysis.versions),
        "athlete": {**asdict(analysis.athlete), "assumed": list(analysis.assumed)},
        "load": asdict(analysis.load),
        "clip": {
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
        "warnings": list(dict.fromkeys((*analysis.warnings, *summary.warnings))),
        "figures": figures,
        "peaks": peak_figures(columns, mass_kg),
        "absent": {a.key: a.reason for a in summary.absent},
        "repetitions": [asdict(r) for r in summary.repetitions],
        "steps": [asdict(s) for s in summary.steps],
        "faults": [asdict(f) for f in summary.faults],
        "trends": [asdict(t) for t in summary.trends],
    }


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


def _finite(value: Any) -> Any:
    """JSON has no NaN: null instead."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_json(path: Path, record: dict[str, Any]) -> Path:
    return _write_text(
        path, json.dumps(_finite(record), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )


def _write_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _write_zip(folder: Path, paths: dict[str, Path]) -> Path:
    members = [
        *paths.values(),
        *(folder / n for n in ("overlay.mp4", "plots.png") if (folder / n).is_file()),
    ]
    target = folder / "results.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(
                member,
                member.name,
                zipfile.ZIP_STORED if member.suffix == ".mp4" else zipfile.ZIP_DEFLATED,
            )
    return target
