"""The quality figures and peaks that the files add to those of the summary; each states the formula that made it.

The formulas are numpy over the columns of timeseries.csv (see `LANGUAGE`); a test reads the csv and recomputes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import COCO17
from musclepose.quality import frames_in_view
from musclepose.records import Analysis, Array

LANGUAGE = (
    "Formulas run over the columns of timeseries.csv; empty cells are left out. max, min, mean, range, absmax (largest "
    "magnitude) take a column and optionally a start and an end in seconds (both included); at(column, seconds); "
    "count(column) counts the different values above 0; frames(column) counts rows; duration(start, end); ratio, diff, "
    "product, average, percent; asymmetry(left, right) = 100 (left - right) / larger magnitude; rms3(name, unit) is "
    "the root mean square length of the vector name_x_unit, name_y_unit, name_z_unit; "
    f"weight = mass_kg x {G_M_S2:g} N; "
    "median_distance_px(a, b) is over all keypoints and frames; mean_of_columns(name, start, end) averages the "
    "columns whose names start so."
)


def entry(value: float, unit: str, source: str, **more: Any) -> dict[str, Any]:
    """One figure of analysis.json; further fields that are empty are left out."""
    rest = {k: v for k, v in more.items() if v not in ("", None)}
    return {"value": float(value), "unit": unit, "from": source} | rest


def _rms3(columns: Mapping[str, Array], name: str, unit: str) -> float:
    """Root mean square of a vector over the frames in which it is known; NaN where there are none."""
    vector = np.stack([columns[f"{name}_{axis}_{unit}"] for axis in "xyz"])
    known = vector[:, np.isfinite(vector).all(axis=0)]
    if known.size == 0:
        return math.nan
    return float(np.sqrt((known**2).sum(axis=0).mean()))


def quality_figures(
    analysis: Analysis, columns: Mapping[str, Array]
) -> dict[str, dict[str, Any]]:
    """Residuals against the accepted limits (Hicks 2015), reprojection error and share of seen joints."""
    weight_n = analysis.athlete.mass_kg * G_M_S2
    force, needed = (
        _rms3(columns, "residual_force", "n"),
        _rms3(columns, "required_force", "n"),
    )
    moment, height = (
        _rms3(columns, "residual_moment", "nm"),
        float(np.mean(columns["com_y_m"])),
    )
    gap = [
        np.hypot(
            *(
                columns[f"fitted_{n}_{a}_px"] - columns[f"detected_{n}_{a}_px"]
                for a in "xy"
            )
        )
        for n in COCO17
    ]
    view = frames_in_view(analysis.track)
    seen = float(np.mean([columns[f"seen_{n}"][view] for n in COCO17]))
    span = (
        f"{columns['time_s'][view][0]:.3f}, {columns['time_s'][view][-1]:.3f}"
    )
    lacking, needs = (
        'rms3("residual_force", "n")',
        'rms3("required_force", "n")',
    )
    moment_source = (
        f'ratio(rms3("residual_moment", "nm"), product(mean(com_y_m), {needs}))'
    )
    return {
        "root_residual_force_bw": entry(
            force / weight_n, "BW", f"ratio({lacking}, weight)"
        ),
        "root_residual_force_fraction": entry(
            force / needed, "", f"ratio({lacking}, {needs})", limit=0.05
        ),
        "root_residual_moment_fraction": entry(
            moment / (height * needed), "", moment_source, limit=0.01
        ),
        "reprojection_error_px": entry(
            float(np.nanmedian(gap)),
            "px",
            'median_distance_px("fitted", "detected")',
        ),
        "seen_fraction": entry(seen, "", f'mean_of_columns("seen_", {span})'),
    }


def peak_figures(
    columns: Mapping[str, Array], mass_kg: float
) -> dict[str, dict[str, Any]]:
    """Peaks over the whole clip of every joint torque, effort and ground reaction, seen or not."""
    out: dict[str, dict[str, Any]] = {}
    for name, values in columns.items():
        if not np.isfinite(values).any():
            continue
        if name.endswith("_per_kg"):
            continue  # told beside its torque
        if name.startswith("tau_") and not name.startswith(
            ("tau_pelvis", "tau_muscle")
        ):
            peak = float(np.nanmax(np.abs(values)))
            out[f"peak_{name}"] = entry(peak, "N m", f"absmax({name})")
            per_kg = name.removesuffix("_nm") + "_nm_per_kg"
            out[f"peak_{per_kg}"] = entry(
                peak / mass_kg, "N m/kg", f"ratio(absmax({name}), mass_kg)"
            )
        elif name.startswith("effort_"):
            out[f"peak_{name}_pct"] = entry(
                100.0 * np.nanmax(values), "%", f"percent(max({name}))"
            )
        elif name in ("grf_l_bw", "grf_r_bw", "grf_total_bw"):
            out[f"peak_{name}"] = entry(
                float(np.nanmax(values)), "BW", f"max({name})"
            )
    return out
