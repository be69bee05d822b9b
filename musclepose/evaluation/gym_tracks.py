"""Keypoint tracks of real clips, and their analyses, kept so that only what changed is computed again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

from musclepose.errors import InputError
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.pipeline import analyse_track
from musclepose.pose.leaps import within_longest_stretch
from musclepose.records import (
    Analysis,
    Athlete,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
    Quality,
)

Keypoints = Literal["second", "yolo"]
CACHE_FORMAT = "2"
_NESTED = {"athlete": Person, "load": ExternalLoad, "quality": Quality}


def read_track(path: Path, keypoints: Keypoints = "second") -> PoseTrack:
    """The person of one NAME.npz.

    keypoints: "yolo" takes the detector's points; "second" the places of the second stage with the detector's
    confidences. A point that either did not find is NaN with confidence 0. Raises InputError where arrays are missing.
    """
    with np.load(path) as data:
        needed = ("keypoints_px", "confidence", "time_s", "size_px")
        missing = [name for name in (*needed, "second_px") if name not in data]
        if missing:
            raise InputError(
                f"{path.name} has no {', '.join(missing)}; a track needs {', '.join(needed)}."
            )
        points = np.asarray(
            data["second_px" if keypoints == "second" else "keypoints_px"],
            float,
        )
        confidence = np.asarray(data["confidence"], float)
        time_s = np.asarray(data["time_s"], float)
        width, height = (int(v) for v in data["size_px"])
        feet = keypoints == "second" and "heel_toe_px" in data
        heel_toe = np.asarray(data["heel_toe_px"], float) if feet else None
        visible = (
            np.nan_to_num(np.asarray(data["heel_toe_visibility"], float))
            if feet
            else None
        )
    seen = (
        np.isfinite(points).all(axis=2)
        & np.isfinite(confidence)
        & (confidence > 0)
    )
    points = np.where(seen[..., None], points, np.nan)
    return PoseTrack(
        points,
        np.where(seen, confidence, 0.0),
        time_s - time_s[0],
        (width, height),
        heel_toe_px=heel_toe,
        heel_toe_visibility=visible,
    )


def _key(track: PoseTrack, checkpoint: Path) -> str:
    """What is read of the track, and the weights."""
    track = within_longest_stretch(track)
    digest = hashlib.sha256(CACHE_FORMAT.encode())
    digest.update(checkpoint.read_bytes())
    feet = () if track.heel_toe_px is None else (track.heel_toe_px,)
    for array in (track.keypoints_px, track.confidence, track.time_s, *feet):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(track.size_px).encode())
    return digest.hexdigest()[:24]


def _arrays(record: Any, prefix: str) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {
        prefix + k: v for k, v in values.items() if isinstance(v, np.ndarray)
    }


def _save(analysis: Analysis, path: Path) -> None:
    """Arrays as they are; everything else as one JSON text."""
    plain = {
        **{name: asdict(getattr(analysis, name)) for name in _NESTED},
        "assumed": analysis.assumed,
        "warnings": analysis.warnings,
        "versions": analysis.versions,
        "focal_px": analysis.camera.focal_px,
        "centre_px": analysis.camera.centre_px,
        "track_warnings": analysis.track.warnings,
        "size_px": analysis.track.size_px,
    }
    arrays = {
        **_arrays(analysis, ""),
        **_arrays(analysis.track, "track."),
        **_arrays(analysis.camera, "camera."),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, plain=np.array(json.dumps(plain)), **arrays)
    part.replace(path)


def _load(path: Path) -> Analysis:
    with np.load(path) as data:
        arrays = {name: data[name] for name in data.files}
    plain = json.loads(str(arrays.pop("plain")))
    of_track = {
        k[6:]: arrays.pop(k) for k in list(arrays) if k.startswith("track.")
    }
    of_camera = {
        k[7:]: arrays.pop(k) for k in list(arrays) if k.startswith("camera.")
    }
    plain["quality"]["warnings"] = tuple(plain["quality"]["warnings"])
    nested = {name: kind(**plain[name]) for name, kind in _NESTED.items()}
    warnings = tuple(plain["track_warnings"])
    track = PoseTrack(
        **of_track, size_px=tuple(plain["size_px"]), warnings=warnings
    )
    camera = Camera(
        **of_camera,
        focal_px=plain["focal_px"],
        centre_px=tuple(plain["centre_px"]),
    )
    return Analysis(
        **arrays,
        **nested,
        track=track,
        camera=camera,
        assumed=tuple(plain["assumed"]),
        warnings=tuple(plain["warnings"]),
        versions=plain["versions"],
    )


def cached_analysis(
    track: PoseTrack, cache: Path, checkpoint: Path = DEFAULT_CHECKPOINT
) -> Analysis:
    """Analysis of a track for an untold athlete without load; read from `cache` where track and weights are the same.

    The key holds no version of the physics: after a change to it, delete the folder.
    """
    path = cache / f"{_key(track, checkpoint)}.npz"
    if path.exists():
        return _load(path)
    analysis = analyse_track(
        track, Athlete(height_m=1.75, mass_kg=75.0), ExternalLoad()
    )
    _save(analysis, path)
    return analysis
