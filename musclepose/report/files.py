"""The result files: analysis.json, timeseries.csv, what OpenSim reads, coaching.md, and all of them in results.zip."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from musclepose.movement.columns import columns_of
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.report.analysis_json import (
    Clip,
    analysis_record,
    notice_of,
    write_analysis,
)
from musclepose.report.bvh import write_bvh
from musclepose.report.c3d import write_c3d
from musclepose.report.dictionary import write_dictionary
from musclepose.report.opensim import (
    activation_columns,
    ground_reaction_columns,
    has_forces,
    kinematics_columns,
    moment_columns,
    told_stretch,
    write_storage,
)
from musclepose.report.opensim_setup import (
    LYING,
    OWN_FEET,
    write_external_loads,
    write_inverse_dynamics_setup,
)
from musclepose.report.osim import motion_columns, write_osim
from musclepose.report.timeseries import all_columns, write_csv
from musclepose.report.trc import write_trc


def write_files(
    analysis: Analysis,
    summary: PhysicsSummary,
    coaching_text: str,
    out_dir: str | Path,
    also: Sequence[Path] = (),
    clip: Clip | None = None,
) -> dict[str, Path]:
    """Write everything into `out_dir` (made if absent) and return {file name: path}.

    results.zip holds these files and `also`, what the same run wrote before (overlay, plots); nothing else that lies
    in the folder. `clip` says which file it was.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    columns = all_columns(analysis, counting_columns(summary, analysis.time_s))
    paths = {
        "timeseries.csv": write_csv(folder / "timeseries.csv", columns),
        "timeseries_columns.csv": write_dictionary(
            folder / "timeseries_columns.csv",
            columns,
            {
                name: column.words
                for name, column in columns_of(analysis).items()
            },
        ),
        **_opensim_files(analysis, folder),
        **_body_files(analysis, folder),
        **_motion_files(analysis, folder),
        "analysis.json": write_analysis(
            folder / "analysis.json", analysis_record(analysis, summary, clip)
        ),
        "coaching.md": _write_text(
            folder / "coaching.md",
            f"{coaching_text.strip()}\n\n*{notice_of(analysis)}*\n",
        ),
    }
    paths["results.zip"] = _write_zip(
        folder / "results.zip", [*paths.values(), *also]
    )
    return paths


def _opensim_files(analysis: Analysis, folder: Path) -> dict[str, Path]:
    """Motion and markers of the stretch whose forces are known; forces, moments, activations and what tools need for
    them only where there is such a stretch."""
    frames = told_stretch(analysis)
    time_s = analysis.time_s[frames]
    markers = {
        "markers.trc": write_trc(folder / "markers.trc", analysis, frames)
    }
    motion = {
        "kinematics.mot": ("Coordinates", kinematics_columns(analysis), True)
    }
    forces = {
        "ground_reaction.mot": (
            "GRF",
            ground_reaction_columns(analysis),
            False,
        ),
        "moments.sto": ("Moments", moment_columns(analysis), False),
        "activations.sto": ("Activations", activation_columns(analysis), False),
    }
    known = has_forces(analysis)
    written = {
        name: write_storage(
            folder / name,
            title,
            time_s,
            {k: v[frames] for k, v in columns.items()},
            in_degrees,
        )
        for name, (title, columns, in_degrees) in (
            (motion | forces) if known else motion
        ).items()
    }
    if not known:
        return written | markers
    loads, setup = (
        folder / "external_loads.xml",
        folder / "inverse_dynamics_setup.xml",
    )
    span = (float(time_s[0]), float(time_s[-1]))
    return (
        written
        | markers
        | {
            loads.name: write_external_loads(
                loads,
                "ground_reaction.mot",
                analysis.hand_force_world_n is not None,
            ),
            setup.name: write_inverse_dynamics_setup(
                setup, "kinematics.mot", loads.name, span
            ),
        }
    )


def _body_files(analysis: Analysis, folder: Path) -> dict[str, Path]:
    """Our own body as an OpenSim model, its motion, and the set-up that runs inverse dynamics on both."""
    if analysis.lengths_m is None:
        return {}
    frames = told_stretch(analysis)
    time_s = analysis.time_s[frames]
    motion = {
        name: values[frames]
        for name, values in motion_columns(analysis).items()
    }
    model, loads = folder / "body.osim", folder / "body_loads.xml"
    mot, setup = (
        folder / "body_motion.mot",
        folder / "body_inverse_dynamics_setup.xml",
    )
    hands, span = (
        analysis.hand_force_world_n is not None,
        (float(time_s[0]), float(time_s[-1])),
    )
    lying = {} if analysis.load_share is None else LYING
    body = (
        write_osim(model, analysis, analysis.lengths_m),
        write_storage(mot, "Coordinates", time_s, motion, True),
    )
    if not has_forces(analysis):
        return {path.name: path for path in body}
    written = (
        *body,
        write_external_loads(
            loads, "ground_reaction.mot", hands, OWN_FEET | lying
        ),
        write_inverse_dynamics_setup(
            setup, mot.name, loads.name, span, model.name
        ),
    )
    return {path.name: path for path in written}


def _motion_files(analysis: Analysis, folder: Path) -> dict[str, Path]:
    """The same stretch for motion-capture and animation programs, at an even frame rate."""
    written = {"motion.c3d": write_c3d(folder / "motion.c3d", analysis)}
    if analysis.lengths_m is not None:
        written["motion.bvh"] = write_bvh(
            folder / "motion.bvh", analysis, analysis.lengths_m
        )
    return written


def _write_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _write_zip(target: Path, members: Sequence[Path]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            stored = member.suffix == ".mp4"
            archive.write(
                member,
                member.name,
                zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED,
            )
    return target
