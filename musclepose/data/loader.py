"""Keypoint samples on disk: `.pt` (`kxy`, `kconf`, `coaching_text`) and clip JSON, read as PoseTracks."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from musclepose.errors import InputError
from musclepose.records import Array, Athlete, PoseTrack

SUFFIXES = (".pt", ".json")
MAX_FRAMES = 20_000
MAX_FILE_BYTES = 64_000_000
MAX_DURATION_S = 600.0
# A point may be guessed outside the picture: by one picture size on every side.
FARTHEST_PX = 2.0 * 16384
SMALLEST_BODY_PX = 16.0  # extent of all points of a clip; below, they are shares of the picture
FORMAT = (
    "a sample holds kxy (T, 17, 2) pixels, kconf (T, 17) and coaching_text; "
    "optional: fps or time_s, size_px [width, height], height_m, mass_kg, sex"
)


@dataclass(frozen=True)
class Sample:
    """One clip of keypoints with the text that somebody wrote about it ('' when none)."""

    name: str
    track: PoseTrack
    athlete: Athlete
    coaching_text: str


def _array(fields: Mapping[str, Any], key: str, name: str) -> Array:
    try:
        value = fields[key]
        value = (
            value.detach().cpu() if isinstance(value, torch.Tensor) else value
        )
        return np.asarray(value, dtype=np.float64)
    except KeyError:
        raise InputError(f"{name} has no {key!r}; {FORMAT}.") from None
    except (TypeError, ValueError):
        raise InputError(
            f"{key!r} in {name} is not an array of numbers; {FORMAT}."
        ) from None


def _number(fields: Mapping[str, Any], key: str, name: str) -> float:
    value = _array(fields, key, name)
    if value.shape != () or not np.isfinite(value):
        raise InputError(
            f"{key!r} in {name} must be one number, not {fields[key]!s:.40}."
        )
    return float(value)


def _times(fields: Mapping[str, Any], frames: int, name: str) -> Array:
    if "time_s" in fields:
        time_s = _array(fields, "time_s", name)
    else:
        fps = _number(fields, "fps", name) if "fps" in fields else 30.0
        if not 1.0 <= fps <= 1000.0:
            raise InputError(
                f"{name} says {fps:g} frames/s; 1 to 1000 are allowed."
            )
        time_s = np.arange(frames) / fps
    if (
        time_s.shape != (frames,)
        or not np.isfinite(time_s).all()
        or (np.diff(time_s) <= 0).any()
    ):
        raise InputError(
            f"time_s in {name} must hold {frames} increasing seconds, one a frame."
        )
    if (length := float(time_s[-1] - time_s[0])) > MAX_DURATION_S:
        raise InputError(
            f"{name} lasts {length:g} s; {MAX_DURATION_S:g} s are allowed (time_s is in seconds)."
        )
    return time_s - time_s[0]


def _points(fields: Mapping[str, Any], name: str) -> tuple[Array, Array]:
    """(T, 17, 2) and (T, 17) as the file holds them, of the right shapes."""
    if "keypoints" in fields:
        points = _array(fields, "keypoints", name)
        if points.ndim != 3 or points.shape[1:] != (17, 3):
            raise InputError(
                f"keypoints in {name} have shape {points.shape}; (T, 17, 3) with x, y, confidence is needed."
            )
        xy, confidence = points[..., :2], points[..., 2]
    else:
        xy, confidence = (
            _array(fields, "kxy", name),
            _array(fields, "kconf", name),
        )
    if (
        xy.ndim != 3
        or xy.shape[1:] != (17, 2)
        or confidence.shape != xy.shape[:2]
    ):
        raise InputError(
            f"{name} has kxy {xy.shape} and kconf {confidence.shape}; (T, 17, 2) and (T, 17) are needed."
        )
    if not 5 <= len(xy) <= MAX_FRAMES:
        raise InputError(
            f"{name} has {len(xy)} frames; 5 to {MAX_FRAMES} are allowed."
        )
    return xy, confidence


def _check_pixels(xy: Array, confidence: Array, name: str) -> None:
    """Refuse what is no confidence and what are no pixels; `xy` is NaN where a point is missing."""
    if (confidence < 0).any() or (confidence > 1).any():
        raise InputError(
            f"{name} has confidences from {confidence.min():g} to {confidence.max():g}; 0 to 1 are allowed."
        )
    seen = xy[np.isfinite(xy).all(-1)]
    if len(seen) == 0:
        raise InputError(f"{name} has no keypoint with a confidence above 0.")
    low, high = float(seen.min()), float(seen.max())
    if max(-low, high) > FARTHEST_PX:
        raise InputError(
            f"{name} has coordinates from {low:g} to {high:g}; pixels up to {FARTHEST_PX:g} are allowed."
        )
    if float(np.ptp(seen, axis=0).max()) < SMALLEST_BODY_PX:
        raise InputError(
            f"The keypoints in {name} span less than {SMALLEST_BODY_PX:g} pixels (from {low:g} to {high:g}); "
            "give pixels, not shares of the picture, of a body that is seen."
        )
    middle = np.median(seen, axis=0)
    if (middle < 0).any():
        raise InputError(
            f"Most of the keypoints in {name} lie at negative pixels (middle {middle[0]:g}, {middle[1]:g}); "
            "x runs right and y down from the picture's top left corner."
        )


def _told(fields: Mapping[str, Any], name: str) -> Athlete:
    numbers = ("height_m", "mass_kg")
    told = {
        k: _number(fields, k, name)
        for k in numbers
        if fields.get(k) is not None
    }
    return Athlete(sex=fields.get("sex", "unknown"), **told)


def _size(
    fields: Mapping[str, Any], xy: Array, name: str
) -> tuple[tuple[int, int], tuple[str, ...]]:
    if "size_px" in fields:
        size = _array(fields, "size_px", name)
        if size.shape != (2,) or not ((size >= 16) & (size <= 16384)).all():
            raise InputError(
                f"size_px in {name} must be [width, height] of 16 to 16384 pixels."
            )
        return (int(size[0]), int(size[1])), ()
    corner = (
        np.nanmax(xy.reshape(-1, 2), axis=0) * 1.05
        if np.isfinite(xy).any()
        else np.array([16.0, 16.0])
    )
    size = np.maximum(np.ceil(corner), 16)
    return (int(size[0]), int(size[1])), (
        f"The sample has no picture size; {size[0]:.0f} x {size[1]:.0f} pixels were assumed from its keypoints.",
    )


def sample_from_fields(fields: Mapping[str, Any], name: str) -> Sample:
    """Checked sample of either format. JSON may hold `keypoints` (T, 17, 3) instead of kxy and kconf."""
    xy, confidence = _points(fields, name)
    confidence = np.nan_to_num(confidence, posinf=np.inf, neginf=-np.inf)
    missing = ~np.isfinite(xy).all(-1) | (confidence <= 0.0)
    xy = np.where(missing[..., None], np.nan, xy)
    _check_pixels(xy, confidence, name)
    size_px, warnings = _size(fields, xy, name)
    track = PoseTrack(
        xy,
        np.where(missing, 0.0, confidence),
        _times(fields, len(xy), name),
        size_px,
        warnings=warnings,
    )
    text = fields.get("coaching_text", "")
    return Sample(
        name,
        track,
        _told(fields, name),
        text if isinstance(text, str) else "",
    )


def load_sample(path: Path) -> Sample:
    """Read one `.pt` (tensors and strings only, never pickled code) or `.json` file."""
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"There is no file {path.name}; give a video, a .pt sample or a clip JSON."
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; a keypoint sample may have 64 MB."
        )
    try:
        if path.suffix.lower() == ".json":
            fields = json.loads(path.read_text(encoding="utf-8"))
        else:
            fields = torch.load(path, map_location="cpu", weights_only=True)
    except (
        ValueError,
        pickle.UnpicklingError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise InputError(
            f"{path.name} is no readable sample ({type(error).__name__}); {FORMAT}."
        ) from error
    if not isinstance(fields, dict):
        raise InputError(
            f"{path.name} holds a {type(fields).__name__}; {FORMAT}."
        )
    return sample_from_fields(fields, path.name)


class ClipDataset(Dataset[Sample]):
    """All samples of a folder, in the order of their names."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(
            p for p in Path(folder).glob("**/*") if p.suffix.lower() in SUFFIXES
        )

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Sample:
        return load_sample(self.files[index])
