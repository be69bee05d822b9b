"""Motion for a training on another machine: all clips in one small file.

Angles and root positions are kept to 1e-4 rad and 0.1 mm, as second differences of whole numbers, with the sign in the
lowest bit and each of the four bytes in a plane of its own: mostly zeros, which compress.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.fitting.real_motion import MotionClip

STEP = 1e-4  # rad and m
_TEXTS = ("name", "subject", "activity", "split", "source")
_NUMBERS = ("stature_m", "mass_kg", "residual_mm", "fps")


def _squeezed(q: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Second differences of q (T, N) in STEPs along time; the sign in the lowest bit."""
    whole = np.rint(q.astype(np.float64) / STEP).astype(np.int32)
    change = np.diff(np.diff(whole, axis=0, prepend=0), axis=0, prepend=0)
    return ((change << 1) ^ (change >> 31)).astype(np.uint32)


def _restored(change: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Inverse of `_squeezed`."""
    signed = (change >> 1).astype(np.int64) ^ -(change & 1).astype(np.int64)
    return (np.cumsum(np.cumsum(signed, axis=0), axis=0) * STEP).astype(
        np.float32
    )


def _planes(change: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(T, N) to bytes (4, N, T)."""
    columns = np.ascontiguousarray(change.T)
    return (
        columns.view(np.uint8)
        .reshape(*columns.shape, 4)
        .transpose(2, 0, 1)
        .copy()
    )


def _joined(planes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Inverse of `_planes`."""
    return (
        np.ascontiguousarray(planes.transpose(1, 2, 0))
        .view(np.uint32)[..., 0]
        .T
    )


class WeightedClips(NamedTuple):
    """Clips, how often each is drawn for its length, and what they are made of."""

    clips: list[MotionClip]
    weights: list[float]
    what: str


def pack(
    path: Path, training: WeightedClips, validation: list[MotionClip]
) -> None:
    """Write both sets; forces and source joints stay behind, because no training reads them."""
    clips = training.clips + validation
    contact = np.concatenate([c.contact for c in clips])
    arrays: dict[str, NDArray] = {
        "q_planes": _planes(np.concatenate([_squeezed(c.q) for c in clips])),
        "contact": np.where(np.isnan(contact), -1, contact).astype(np.int8),
        "frames": np.array([len(c.q) for c in clips]),
        "lengths_m": np.stack([c.lengths_m for c in clips]),
        "flat_floor": np.array([c.flat_floor for c in clips]),
        "weights": np.array(training.weights),
        "what": np.array(training.what),
    }
    arrays |= {n: np.array([str(getattr(c, n)) for c in clips]) for n in _TEXTS}
    arrays |= {
        n: np.array([float(getattr(c, n)) for c in clips]) for n in _NUMBERS
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def unpack(path: Path) -> tuple[WeightedClips, list[MotionClip]]:
    """Inverse of `pack`, to STEP. Raises InputError for another kind of file."""
    try:
        with np.load(path, allow_pickle=False) as z:
            data = {name: z[name] for name in z.files}
        ends = np.cumsum(data["frames"])[:-1]
        changes = np.split(_joined(data["q_planes"]), ends)
        contacts = np.split(data["contact"].astype(np.float32), ends)
        words: list[dict[str, Any]] = [
            {n: str(data[n][i]) for n in _TEXTS}
            | {n: float(data[n][i]) for n in _NUMBERS}
            for i in range(len(data["frames"]))
        ]
        clips = [
            MotionClip(
                q=_restored(change),
                lengths_m=data["lengths_m"][i],
                contact=np.where(contact < 0, np.nan, contact).astype(
                    np.float32
                ),
                flat_floor=bool(data["flat_floor"][i]),
                **words[i],
            )
            for i, (change, contact) in enumerate(
                zip(changes, contacts, strict=True)
            )
        ]
        count = len(data["weights"])
        training = WeightedClips(
            clips[:count], data["weights"].tolist(), str(data["what"])
        )
    except (ValueError, KeyError, OSError) as error:
        raise InputError(
            f"{path} holds no packed motion; make one with python -m musclepose.learning.motion_bank."
        ) from error
    return training, clips[count:]
