"""timeseries_columns.csv: unit, decimals and meaning of each column of timeseries.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

# End of a column's name: its unit. The first that fits counts.
UNITS = (
    ("_nm_per_kg", "N m/kg"), ("_nm", "N m"), ("_m_s", "m/s"), ("_deg", "deg"), ("_pct", "%"), ("_bw", "BW"),
    ("_px", "px"), ("_n", "N"), ("_m", "m"), ("_s", "s"),
)  # fmt: skip
# Unit: decimals in timeseries.csv.
DECIMALS = {
    "deg": 3, "N m/kg": 5, "N m": 3, "m/s": 4, "%": 3, "BW": 5, "px": 3, "N": 2, "m": 5, "s": 6, "": 5,
}  # fmt: skip
# Pattern of a name: what stands in it. The first that fits counts.
MEANINGS = (
    (r"time_s", "time stamp of the picture, from the first one on"),
    (r"repetition$", "number of the repetition, 0 outside of any"),
    (r"partial$", "number of the partial repetition, 0 outside of any"),
    (r"step$", "number of the latest step, 0 before the first"),
    (r"band90_", "half width of the 90 % band, from noise of the keypoints, of the column named after it"),
    (r"tau_muscle_", "torque of the muscles, passive parts included, about this axis"),
    (r"tau_pelvis_", "residual at the root: what no support explains"),
    (r"tau_.*_per_kg", "net joint torque about this axis per body mass"),
    (r"tau_", "net joint torque about this axis"),
    (r"activation_.*_plus", "activation, 0 to 1, of the muscles that increase this coordinate"),
    (r"activation_.*_minus", "activation, 0 to 1, of the muscles that decrease this coordinate"),
    (r"effort_", "active torque as a share of the capacity in its direction"),
    (r"contact_", "share of full contact of this foot: 0 in the air, 1 standing"),
    (r"grf_", "ground reaction force, world axes (y up)"),
    (r"cop_", "centre of pressure, world axes (y up); empty where the foot carries nothing"),
    (r"free_moment_", "vertical free moment at the centre of pressure"),
    (r"com_", "whole-body centre of mass, world axes (y up)"),
    (r"residual_", "residual wrench at the centre of mass, world axes (y up)"),
    (r"required_force", "force that the whole motion requires of the ground, world axes (y up)"),
    (r"seen_", "1 where the keypoint was detected, else 0"),
    (r"confidence_", "confidence of the keypoint, 0 to 1"),
    (r"detected_", "detected place of the keypoint in the picture, from the top left corner"),
    (r"fitted_", "place of the keypoint of the fitted body in the picture, from the top left corner"),
)  # fmt: skip


def unit_of(name: str) -> str:
    """Unit by the end of the name; '' where it has none."""
    return next((unit for end, unit in UNITS if name.endswith(end)), "")


def meaning_of(name: str, words: str) -> str:
    """What the column holds; `words` is its label where it has one."""
    known = next(
        (text for pattern, text in MEANINGS if re.match(pattern, name)), ""
    )
    return (
        f"{words}: {known}"
        if words and known
        else words or known or name.replace("_", " ")
    )


def write_dictionary(
    path: Path, names: Iterable[str], words: dict[str, str]
) -> Path:
    """One line a column, in the order of timeseries.csv."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("column", "unit", "meaning"))
        writer.writerows(
            (n, unit_of(n), meaning_of(n, words.get(n, ""))) for n in names
        )
    return path
