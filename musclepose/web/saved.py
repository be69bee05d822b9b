"""A set as one file that its owner keeps: entries, keypoints and film. Opening it computes everything anew.

No figure and no text is read from such a file: what it shows is what the present code makes of its keypoints. Its parts
are checked like an upload.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from musclepose.errors import InputError, MusclePoseError
from musclepose.records import PoseTrack, Scene
from musclepose.video_limits import usual_limits

FORMAT = 1
SUFFIX = ".musclepose"
_ENTRIES, _TRACK, _FILM = "entries.json", "track.npz", "film.mp4"
MAX_SMALL_BYTES = 20_000_000  # of entries and of keypoints, unpacked
MAX_FRAMES = 20_000
NO_SET = "The file is no saved set of this page, or it is damaged; open one that was saved here."
_ARRAYS = (
    "keypoints_px",
    "confidence",
    "time_s",
    "heel_toe_px",
    "heel_toe_visibility",
)


@dataclass(frozen=True)
class SavedSet:
    """What such a file holds; `entries` are the fields of the page by name, to be checked by its form."""

    entries: dict[str, Any]
    track: PoseTrack
    film: Path


def write_saved(
    entries: dict[str, Any], track: PoseTrack, film: Path, target: Path
) -> Path:
    """Write the file; `film` holds a picture for each frame of the track."""
    arrays = {
        n: getattr(track, n) for n in _ARRAYS if getattr(track, n) is not None
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    record = {
        "format": FORMAT,
        "entries": entries,
        "track": {
            "size_px": list(track.size_px),
            "keypoint_source": track.keypoint_source,
            "warnings": list(track.warnings),
            "scene": None if track.scene is None else asdict(track.scene),
        },
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_ENTRIES, json.dumps(record))
        archive.writestr(_TRACK, packed.getvalue())
        archive.write(film, _FILM)
    return target


def read_saved(path: Path, folder: Path) -> SavedSet:
    """Read the file, its film into `folder`. InputError with one sentence where it is none or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            record = json.loads(_part(archive, _ENTRIES, MAX_SMALL_BYTES))
            arrays = _arrays(_part(archive, _TRACK, MAX_SMALL_BYTES))
            film = folder / _FILM
            film.write_bytes(_part(archive, _FILM, usual_limits().max_bytes))
        if record["format"] != FORMAT or not isinstance(
            record["entries"], dict
        ):
            raise InputError(NO_SET)
        return SavedSet(
            record["entries"], _track(arrays, record["track"]), film
        )
    except MusclePoseError:
        raise
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise InputError(NO_SET) from error


def _part(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """A member, read up to its limit, whatever the archive says about its size."""
    with archive.open(name) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise InputError(
            f"The saved set holds more than {limit / 1e6:.0f} MB in one part; that is too large."
        )
    return content


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_SMALL_BYTES:
            raise InputError(NO_SET)
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        return {
            n: np.asarray(loaded[n], dtype=np.float64)
            for n in _ARRAYS
            if n in loaded.files
        }


def _track(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> PoseTrack:
    time_s, points, confidence = (
        arrays["time_s"],
        arrays["keypoints_px"],
        arrays["confidence"],
    )
    width, height = (int(n) for n in told["size_px"])
    is_sound = (
        time_s.ndim == 1
        and 2 <= len(time_s) <= MAX_FRAMES
        and bool(
            np.isfinite(time_s).all()
            and time_s[0] == 0
            and (np.diff(time_s) > 0).all()
        )
        and time_s[-1] <= usual_limits().max_seconds
        and bool(((confidence >= 0) & (confidence <= 1)).all())
        and bool((np.isfinite(points).all(axis=-1) | (confidence == 0)).all())
        and 0 < width <= 20_000
        and 0 < height <= 20_000
    )
    if not is_sound or np.nanmax(np.abs(points), initial=0.0) > 1e5:
        raise InputError(NO_SET)
    return PoseTrack(
        points,
        confidence,
        time_s,
        (width, height),
        warnings=tuple(str(w)[:300] for w in told["warnings"][:20]),
        keypoint_source=str(told["keypoint_source"])[:60],
        heel_toe_px=arrays.get("heel_toe_px"),
        heel_toe_visibility=arrays.get("heel_toe_visibility"),
        scene=None if told["scene"] is None else _scene(told["scene"]),
    )


def _scene(told: dict[str, Any]) -> Scene:
    known = {f.name for f in fields(Scene)}
    shot = told["shot_s"]
    plain = {k: v for k, v in told.items() if k in known}
    return Scene(
        **plain
        | {
            "cuts_s": tuple(map(float, told["cuts_s"])),
            "shot_s": None
            if shot is None
            else (float(shot[0]), float(shot[1])),
            "moving_s": tuple(
                (float(a), float(b)) for a, b in told["moving_s"]
            ),
            "moving_camera": bool(told["moving_camera"]),
            **{
                k: float(told[k])
                for k in ("camera_travel", "camera_zoom", "repeated")
            },
        }
    )
