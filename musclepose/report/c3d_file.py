"""The C3D format, as far as `c3d.py` needs it: Intel byte order, real numbers, one analogue sample a frame.

A header block, blocks of parameters in groups, then frame after frame; a block has 512 bytes (c3d.org, user guide).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musclepose.records import Array

BLOCK = 512
_INTEL = 84  # processor type in the parameter header
_KEY = 0x50
_CHAR, _INT, _REAL = -1, 2, 4  # bytes a value has, by type

Value = str | Sequence[str] | np.ndarray


@dataclass(frozen=True)
class Channel:
    """An analogue channel: label, unit, (T,) values."""

    name: str
    unit: str
    values: Array


@dataclass(frozen=True)
class Plate:
    """A force plate of type 2: (4, 3) corners in mm and its six channels, counted from 1."""

    corners_mm: Array
    channels: tuple[int, ...]


@dataclass(frozen=True)
class C3d:
    """What the file holds; points (T, 3) mm by label."""

    points: Mapping[str, Array]
    channels: tuple[Channel, ...]
    plates: tuple[Plate, ...]
    rate_hz: float
    first_frame: int

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(next(iter(self.points.values())))


def _text(words: Sequence[str]) -> np.ndarray:
    """Words as (n, width) bytes, padded with blanks."""
    width = max((len(word) for word in words), default=1)
    cells = [word.encode("ascii").ljust(max(width, 1)) for word in words]
    return np.array([list(cell) for cell in cells], np.uint8)


def _data(value: Value) -> tuple[int, tuple[int, ...], bytes]:
    """Type, dimensions (the fastest first) and bytes of a parameter."""
    if isinstance(value, str):
        return _CHAR, (len(value),), value.encode("ascii")
    if not isinstance(value, np.ndarray):
        cells = _text(value)
        return _CHAR, cells.shape[::-1], cells.tobytes()
    if value.dtype.kind == "i":
        return _INT, value.shape[::-1], value.astype("<i2").tobytes()
    return _REAL, value.shape[::-1], value.astype("<f4").tobytes()


def _entry(name: str, group: int, body: bytes) -> bytes:
    """A group (negative number) or a parameter: name, and the way to the next entry."""
    label = name.encode("ascii")
    head = struct.pack("<bb", len(label), group) + label
    return head + struct.pack("<h", len(body) + 2) + body


def _parameter(name: str, group: int, value: Value) -> bytes:
    kind, shape, data = _data(value)
    size = struct.pack("<bB", kind, len(shape)) + bytes(shape)
    return _entry(name, group, size + data + b"\0")  # no description


def _integers(*values: int) -> np.ndarray:
    return (
        np.array(values, np.int16)
        if len(values) != 1
        else np.array(values[0], np.int16)
    )


def _groups(film: C3d, data_block: int) -> dict[str, dict[str, Value]]:
    count, analogue = len(film.points), len(film.channels)
    ones = np.ones(analogue)
    return {
        "POINT": {
            "USED": _integers(count),
            "SCALE": np.array(-1.0),  # negative: real numbers
            "RATE": np.array(film.rate_hz),
            "DATA_START": _integers(data_block),
            "FRAMES": _integers(film.frames),
            "LABELS": list(film.points),
            "DESCRIPTIONS": [""] * count,
            "UNITS": "mm",
            "X_SCREEN": "+X",
            "Y_SCREEN": "+Y",
        },
        "ANALOG": {
            "USED": _integers(analogue),
            "LABELS": [channel.name for channel in film.channels],
            "DESCRIPTIONS": [""] * analogue,
            "GEN_SCALE": np.array(1.0),
            "SCALE": ones,
            "OFFSET": np.zeros(analogue, np.int16),
            "UNITS": [channel.unit for channel in film.channels],
            "RATE": np.array(film.rate_hz),
        },
        "FORCE_PLATFORM": {
            "USED": _integers(len(film.plates)),
            "TYPE": np.full(len(film.plates), 2, np.int16),
            "ZERO": _integers(1, 0),
            "CORNERS": np.array(
                [plate.corners_mm for plate in film.plates]
            ).reshape(-1, 4, 3),
            "ORIGIN": np.zeros((len(film.plates), 3)),
            "CHANNEL": np.array(
                [plate.channels for plate in film.plates], np.int16
            ),
        },
    }


def _parameters(film: C3d, data_block: int) -> bytes:
    entries = b""
    for number, (name, values) in enumerate(
        _groups(film, data_block).items(), 1
    ):
        entries += _entry(name, -number, b"\0")
        entries += b"".join(
            _parameter(key, number, value) for key, value in values.items()
        )
    blocks = -(-(4 + len(entries) + 2) // BLOCK)
    section = struct.pack("<BBBB", 1, _KEY, blocks, _INTEL) + entries
    return section.ljust(blocks * BLOCK, b"\0")


def _header(film: C3d, data_block: int) -> bytes:
    last = film.first_frame + film.frames - 1
    words = struct.pack(
        "<BBhhHHhfhhf",
        2,
        _KEY,
        len(film.points),
        len(film.channels),
        film.first_frame,
        last,
        0,
        -1.0,
        data_block,
        1,
        film.rate_hz,
    )
    return words.ljust(BLOCK, b"\0")


def _frames(film: C3d) -> bytes:
    """Per frame: x, y, z and a residual of 0 (measured) of each point, then the channels."""
    xyz = np.stack(list(film.points.values()), axis=1)
    points = np.concatenate([xyz, np.zeros((*xyz.shape[:2], 1))], axis=2)
    channels = np.stack([channel.values for channel in film.channels], axis=1)
    table = np.concatenate([points.reshape(film.frames, -1), channels], axis=1)
    return table.astype("<f4").tobytes()


def write(path: Path, film: C3d) -> Path:
    """Write the file; labels must be ASCII, and at most 255 of each kind."""
    data_block = 2 + len(_parameters(film, 0)) // BLOCK
    content = (
        _header(film, data_block)
        + _parameters(film, data_block)
        + _frames(film)
    )
    path.write_bytes(content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0"))
    return path
