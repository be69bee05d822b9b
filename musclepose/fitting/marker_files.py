"""Marker files of motion-capture laboratories: .trc (text) and .c3d (by ezc3d), as places in m with y up.

Which axis points up is read off the people in it: from ankles to shoulders, on average over the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musclepose.errors import InputError
from musclepose.records import Array

SUFFIXES = (".trc", ".c3d")
UNITS_M = {"m": 1.0, "mm": 0.001, "cm": 0.01}
MAX_FILE_BYTES = 400_000_000
MAX_MARKERS, MAX_VALUES = 500, 30_000_000
RATES_HZ = (10.0, 2000.0)
_HEADER_LINES = 5


@dataclass(frozen=True)
class Markers:
    """Places (T, M, 3) in m, NaN where a marker is missing, at an even rate."""

    names: tuple[str, ...]
    places_m: Array
    rate_hz: float


def read_markers(path: Path) -> Markers:
    """A .trc or .c3d file. Raises InputError with one sentence where it cannot be used."""
    if not path.is_file():
        raise InputError(
            f"There is no file {path.name}; give a video, or a .trc or .c3d file."
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        size, most = path.stat().st_size / 1e6, MAX_FILE_BYTES / 1e6
        raise InputError(
            f"{path.name} has {size:.0f} MB; a marker file may have {most:.0f} MB."
        )
    markers = (
        _read_c3d(path) if path.suffix.lower() == ".c3d" else _read_trc(path)
    )
    low, high = RATES_HZ
    if not low <= markers.rate_hz <= high:
        raise InputError(
            f"{path.name} says {markers.rate_hz:g} frames/s; {low:g} to {high:g} are allowed."
        )
    if len(markers.names) > MAX_MARKERS or markers.places_m.size > MAX_VALUES:
        raise InputError(
            f"{path.name} holds {len(markers.names)} markers in {len(markers.places_m)} frames; cut it to the movement."
        )
    plain = tuple(name.split(":")[-1].strip() for name in markers.names)
    return replace(markers, names=plain)


def _unit_m(unit: str, name: str) -> float:
    if unit.strip().lower() not in UNITS_M:
        raise InputError(
            f"{name} has the unit {unit!r}; {', '.join(UNITS_M)} are allowed."
        )
    return UNITS_M[unit.strip().lower()]


def _read_trc(path: Path) -> Markers:
    """Rate, count and unit stand in line 3, names in line 4, the table follows; empty cells are missing markers."""
    lines = path.read_text("latin-1").splitlines()
    try:
        head = dict(
            zip(lines[1].split("\t"), lines[2].split("\t"), strict=False)
        )
        names = tuple(name for name in lines[3].split("\t")[2:] if name.strip())
        rate, unit = float(head["DataRate"]), head["Units"]
        rows = [
            _row(line, len(names))
            for line in lines[_HEADER_LINES:]
            if line.strip()
        ]
        table = np.array(rows, float).reshape(len(rows), len(names), 3)
    except (IndexError, KeyError, ValueError) as error:
        raise InputError(
            f"{path.name} is no readable .trc file ({error})."
        ) from error
    if len(rows) < 2 or not names:
        raise InputError(
            f"{path.name} holds {len(rows)} frames of {len(names)} markers."
        )
    return Markers(names, table * _unit_m(unit, path.name), rate)


def _row(line: str, markers: int) -> list[float]:
    cells = line.rstrip("\r\n").split("\t")[2 : 2 + 3 * markers]
    cells += [""] * (3 * markers - len(cells))
    return [float(cell) if cell.strip() else float("nan") for cell in cells]


def _read_c3d(path: Path) -> Markers:
    try:
        import ezc3d
    except ImportError as error:
        raise InputError(
            "Reading .c3d files needs ezc3d: pip install ezc3d."
        ) from error
    try:
        film = ezc3d.c3d(str(path))
        point = film["parameters"]["POINT"]
        places = np.asarray(film["data"]["points"], float)[:3].transpose(
            2, 1, 0
        )
        names = tuple(str(name) for name in point["LABELS"]["value"])[
            : places.shape[1]
        ]
        rate, unit = (
            float(point["RATE"]["value"][0]),
            str(point["UNITS"]["value"][0]),
        )
    except (OSError, RuntimeError, ValueError, KeyError, IndexError) as error:
        raise InputError(
            f"{path.name} is no readable .c3d file ({error})."
        ) from error
    if len(places) < 2 or not names:
        raise InputError(
            f"{path.name} holds {len(places)} frames of {len(names)} markers."
        )
    return Markers(
        names, places[:, : len(names)] * _unit_m(unit, path.name), rate
    )


def with_y_up(places_m: Array, upward_m: Array) -> Array:
    """Places (..., 3) with y up; `upward_m` (3,) points from the ankles to the shoulders in the file's axes.

    Raises InputError where that is neither y nor z.
    """
    axis = int(np.abs(upward_m).argmax())
    if axis == 1 and upward_m[1] > 0:
        return places_m
    if axis == 2 and upward_m[2] > 0:
        return np.stack(
            [places_m[..., 0], places_m[..., 2], -places_m[..., 1]], axis=-1
        )
    raise InputError(
        "Which axis points up is unclear: y or z must, and the person must stand mostly."
    )
