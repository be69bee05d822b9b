"""timeseries.csv: every array of an Analysis as named columns, one row per source frame; the unit ends the name.

Names are those of the formulas in analysis.json (`musclepose.movement.columns`), plus what only the files hold. A cell
has the decimals that its unit deserves: a tenth of what any figure shows, and of what one camera can tell.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from musclepose.movement.columns import columns_of, values_of
from musclepose.physics.skeleton47 import COCO17, DOF_NAMES, DOFS, N_ROOT
from musclepose.quality import residual_moment_world_nm
from musclepose.records import Analysis, Array
from musclepose.report.dictionary import DECIMALS, unit_of

_FEET, _AXES = ("l", "r"), ("x", "y", "z")


def all_columns(
    analysis: Analysis, extra: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """(T,) per column: the formula columns, then muscles, forces, bands, keypoints; `extra` such as `repetition`."""
    return {
        **values_of(columns_of(analysis)),
        **(extra or {}),
        **_per_kg_columns(analysis),
        **_muscle_columns(analysis),
        **_ground_columns(analysis),
        **_residual_columns(analysis),
        **_band_columns(analysis),
        **_keypoint_columns(analysis),
    }


def _per_kg_columns(analysis: Analysis) -> dict[str, Array]:
    """Net joint torques per body mass, N m/kg."""
    mass_kg = analysis.athlete.mass_kg
    return {
        f"tau_{name}_nm_per_kg": analysis.tau_nm[:, i] / mass_kg
        for i, name in enumerate(DOF_NAMES)
        if i >= N_ROOT
    }


def _muscle_columns(analysis: Analysis) -> dict[str, Array]:
    out: dict[str, Array] = {}
    names = DOF_NAMES[N_ROOT:]
    for i, name in enumerate(names):
        out[f"tau_muscle_{name}_nm"] = analysis.tau_mtg_nm[:, i]
    for i, name in enumerate(names):
        out[f"activation_{name}_plus"] = analysis.activation[:, i]
        out[f"activation_{name}_minus"] = analysis.activation[:, len(names) + i]
    return out


def _vector(name: str, unit: str, values: Array) -> dict[str, Array]:
    return {
        f"{name}_{axis}_{unit}": values[:, k] for k, axis in enumerate(_AXES)
    }


def _ground_columns(analysis: Analysis) -> dict[str, Array]:
    out = _vector("com", "m", analysis.com_world_m)
    for i, foot in enumerate(_FEET):
        out |= _vector(f"grf_{foot}", "n", analysis.grf_world_n[:, i])
        out |= _vector(f"cop_{foot}", "m", analysis.cop_world_m[:, i])
        out[f"free_moment_{foot}_nm"] = analysis.free_moment_nm[:, i]
    return out


def _residual_columns(analysis: Analysis) -> dict[str, Array]:
    """Residual wrench at the centre of mass, and the force that the whole motion requires of the ground."""
    residual = analysis.tau_nm[:, :3]
    from_root = analysis.com_world_m - analysis.q[:, :3]
    moment = residual_moment_world_nm(analysis.q, analysis.tau_nm, from_root)
    return {
        **_vector("residual_force", "n", residual),
        **_vector("residual_moment", "nm", moment),
        **_vector(
            "required_force", "n", residual + analysis.grf_world_n.sum(axis=1)
        ),
    }


def _band_columns(analysis: Analysis) -> dict[str, Array]:
    out: dict[str, Array] = {}
    for i, dof in enumerate(DOFS):
        out[
            f"band90_tau_{dof.name}_{'n' if dof.axis.startswith('t') else 'nm'}"
        ] = analysis.tau_band_nm[:, i]
    for i, foot in enumerate(_FEET):
        out |= _vector(f"band90_grf_{foot}", "n", analysis.grf_band_n[:, i])
    return out


def _keypoint_columns(analysis: Analysis) -> dict[str, Array]:
    """Detected and fitted picture positions; `seen_` is 1 where the detector gave the point."""
    track, out = analysis.track, {}
    seen = (track.confidence > 0) & np.isfinite(track.keypoints_px).all(axis=2)
    for i, name in enumerate(COCO17):
        out[f"seen_{name}"] = seen[:, i].astype(float)
        out[f"confidence_{name}"] = track.confidence[:, i]
        for k, axis in enumerate("xy"):
            out[f"detected_{name}_{axis}_px"] = track.keypoints_px[:, i, k]
            out[f"fitted_{name}_{axis}_px"] = analysis.keypoints_fit_px[:, i, k]
    return out


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows and never runs: a leading = + - @ tab or return gets an apostrophe."""
    return (
        "'" + text
        if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")
        else text
    )


def write_csv(path: Path, columns: Mapping[str, Array]) -> Path:
    """One header row, then one row per frame; what is not defined (NaN) is an empty cell."""
    values = np.column_stack(list(columns.values()))
    decimals = [DECIMALS[unit_of(name)] for name in columns]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([safe_cell(name) for name in columns])
        writer.writerows(
            [_cell(*pair) for pair in zip(row, decimals, strict=True)]
            for row in values
        )
    return path


def _cell(value: float, decimals: int) -> str:
    """A number without zeros that say nothing."""
    if np.isnan(value):
        return ""
    shown = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
