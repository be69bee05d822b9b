"""The result files: analysis.json, timeseries.csv, what OpenSim reads, coaching.md, and all of them in results.zip."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from musclepose.movement.columns import columns_of
from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.report.dictionary import write_dictionary
from musclepose.report.figures import LANGUAGE, entry, peak_figures, quality_figures
from musclepose.report.opensim import (
    activation_columns,
    ground_reaction_columns,
    kinematics_columns,
    moment_columns,
    told_stretch,
    write_storage,
)
from musclepose.report.opensim_setup import write_external_loads, write_inverse_dynamics_setup
from musclepose.report.timeseries import all_columns, write_csv
from musclepose.report.trc import write_trc

FORMAT = 1
NOTICE = "Estimates from one camera by MusclePose. This is no medical advice."


def write_files(
    analysis: Analysis,
    summary: PhysicsSummary,
    coaching_text: str,
    out_dir: str | Path,
    also: Sequence[Path] = (),
) -> dict[str, Path]:
    """Write everything into `out_dir` (made if absent) and return {file name: path}.

    results.zip holds these files and `also`, what the same run wrote before (overlay, plots); nothing else that lies
    in the folder.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    columns = all_columns(analysis, counting_columns(summary, analysis.time_s))
    paths = {
        "timeseries.csv": write_csv(folder / "timeseries.csv", columns),
        "timeseries_columns.csv": write_dictionary(
            folder / "timeseries_columns.csv",
            columns,
            {name: column.words for name, column in columns_of(analysis).items()},
        ),
        **_opensim_files(analysis, folder),
        "analysis.json": _write_json(folder / "analysis.json", analysis_record(analysis, summary)),
        "coaching.md": _write_text(
            folder / "coaching.md", f"{coaching_text.strip()}\n\n*{NOTICE}*\n"
        ),
    }
    paths["results.zip"] = _write_zip(folder / "results.zip", [*paths.values(), *also])
    return paths


def _opensim_files(analysis: Analysis, folder: Path) -> dict[str, Path]:
    """Motion, forces, moments, activations and markers of the stretch whose forces are known, and what tools need."""
    frames = told_stretch(analysis)
    time_s = analysis.time_s[frames]
    tables = {
        "kinematics.mot": ("Coordinates", kinematics_columns(analysis), True),
        "ground_reaction.mot": ("GRF", ground_reaction_columns(analysis), False),
        "moments.sto": ("Moments", moment_columns(analysis), False),
        "activations.sto": ("Activations", activation_columns(analysis), False),
    }
    written = {
        name: write_storage(
            folder / name, title, time_s, {k: v[frames] for k, v in columns.items()}, in_degrees
        )
        for name, (title, columns, in_degrees) in tables.items()
    }
    loads, setup = folder / "external_loads.xml", folder / "inverse_dynamics_setup.xml"
    span = (float(time_s[0]), float(time_s[-1]))
    return written | {
        "markers.trc": write_trc(folder / "markers.trc", analysis, frames),
        loads.name: write_external_loads(
            loads, "ground_reaction.mot", analysis.hand_force_world_n is not None
        ),
        setup.name: write_inverse_dynamics_setup(setup, "kinematics.mot", loads.name, span),
    }


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


def _write_zip(target: Path, members: Sequence[Path]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            stored = member.suffix == ".mp4"
            archive.write(
                member, member.name, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            )
    return target
