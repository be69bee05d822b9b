"""How exact timeseries.csv is, said a second time: the last decimal that a cell of each unit has."""

from __future__ import annotations

# End of a column's name: one step of its last decimal. The first that fits counts.
STEPS = (
    ("_per_kg", 1e-5), ("_nm", 1e-3), ("_m_s", 1e-4), ("_deg", 1e-3), ("_pct", 1e-3), ("_bw", 1e-5), ("_px", 1e-3),
    ("_n", 1e-2), ("_m", 1e-5), ("_s", 1e-6), ("", 1e-5),
)  # fmt: skip


def half_step(name: str) -> float:
    """How far a cell of the column `name` may lie from its value: half a step, and what floats lose."""
    return 0.5001 * next(step for end, step in STEPS if name.endswith(end))


def figure_tolerance(unit: str) -> float:
    """How far a figure in this unit may lie from what its formula gives over such cells, beside a share of 1e-4."""
    return 1e-3 if unit in ("deg", "N m", "%", "px", "N") else 3e-5
