"""What an upload may be, and the one-sentence refusals that need no decoder: size, magic bytes, picture size, length.

Each sentence says what came, what is allowed and what to do. The file's own name is never repeated.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from musclepose.errors import InputError, VideoError

ACCEPTED = "MP4, MOV, WebM, MKV, AVI or an animated GIF"
CODECS = (
    "h264",
    "hevc",
    "vp8",
    "vp9",
    "av1",
    "mpeg4",
    "mjpeg",
    "prores",
    "gif",
)
_QUICKTIME_ATOMS = (
    b"ftyp",
    b"moov",
    b"mdat",
    b"wide",
    b"free",
    b"skip",
    b"styp",
    b"uuid",
)
_GIF_HEADS = (b"GIF87a", b"GIF89a")
_RATE_ROUNDING_HZ = (
    0.1  # 24 pictures a second, every second one kept, are 11.99
)
LONGEST = "MUSCLEPOSE_MAX_SECONDS"  # environment variable: how long a video may be; 120 s without it
_MATROSKA_HEAD = b"\x1aE\xdf\xa3"


@dataclass(frozen=True)
class VideoLimits:
    """What an upload may be."""

    max_bytes: int = 500_000_000
    max_side_px: int = 4096
    max_seconds: float = 120.0
    max_frames: int = 7200  # pictures that are analysed
    max_stored_frames: int = (
        30_000  # pictures that are decoded: two minutes at 250 a second
    )
    min_frames: int = 5
    min_rate_hz: float = 12.0  # slower, a repetition is a handful of pictures
    thinned_above_hz: float = 100.0
    thinned_to_hz: float = 60.0
    min_readable_share: float = (
        0.75  # of a file that is cut off or damaged at its end
    )
    max_damaged_share: float = 0.1  # of the pictures before that
    max_memory_bytes: int = 2_000_000_000  # of the process that decodes
    max_processor_s: float = 900.0  # of it, in one reading
    max_silence_s: float = 60.0  # until its next picture


def usual_limits() -> VideoLimits:
    """The limits of this program: as long a video as MUSCLEPOSE_MAX_SECONDS says, and as much more of the rest."""
    limits = VideoLimits()
    told = os.environ.get(LONGEST)
    if told is None:
        return limits
    try:
        seconds = float(told)
    except ValueError:
        seconds = math.nan
    if not 1.0 <= seconds <= 3600.0:
        raise InputError(
            f"{LONGEST} is {told!r}; it must be a number of seconds from 1 to 3600."
        )
    more = max(1.0, seconds / limits.max_seconds)
    return replace(
        limits,
        max_seconds=seconds,
        max_bytes=round(limits.max_bytes * more),
        max_frames=round(limits.max_frames * more),
        max_stored_frames=round(limits.max_stored_frames * more),
        max_processor_s=limits.max_processor_s * more,
    )


@contextmanager
def at_most_s(seconds: float) -> Iterator[None]:
    """Within it, here and in processes that start meanwhile, videos may last that long, unless the variable is set."""
    told = os.environ.get(LONGEST)
    os.environ[LONGEST] = told or f"{seconds:g}"
    try:
        yield
    finally:
        if told is None:
            del os.environ[LONGEST]


def too_short(count: int, limits: VideoLimits) -> VideoError:
    """The refusal of a clip with too few frames."""
    return VideoError(
        f"The video has {count} frame{'' if count == 1 else 's'}; a movement needs at least {limits.min_frames}: "
        "upload a clip of a second or more."
    )


def _is_video(head: bytes) -> bool:
    """True if the first bytes are those of a container that is read here."""
    is_quicktime = head[4:8] in _QUICKTIME_ATOMS
    is_avi = head[:4] + head[8:12] == b"RIFFAVI "
    return (
        is_quicktime
        or is_avi
        or head[:4] == _MATROSKA_HEAD
        or head[:6] in _GIF_HEADS
    )


def sniff(path: Path, limits: VideoLimits) -> None:
    """Refuse by size and magic bytes, before any parser sees the file."""
    if not path.is_file():
        raise VideoError(
            f"There is no such video file; give the path of one {ACCEPTED} file."
        )
    size = path.stat().st_size
    if size == 0:
        raise VideoError(
            f"The file is empty (0 bytes); upload the {ACCEPTED} file again."
        )
    if size > limits.max_bytes:
        raise VideoError(
            f"The file has {size / 1e6:.0f} MB; at most {limits.max_bytes / 1e6:.0f} MB are allowed: trim the video."
        )
    with path.open("rb") as stream:
        head = stream.read(64)
    if (
        head.lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"#extm3u", b"ffconcat"))
    ):
        raise VideoError(
            f"The file is a playlist, not a video; upload the {ACCEPTED} file itself."
        )
    if head[:4] + head[8:12] == b"RIFFWEBP":
        raise VideoError(
            f"The file is a WebP picture, which is not read here; upload {ACCEPTED}."
        )
    if not _is_video(head):
        raise VideoError(
            f"The file is not a video by its content; upload {ACCEPTED}."
        )


def check_codec(codec: str) -> None:
    """Refuse a codec that is not on the allow-list."""
    if codec not in CODECS:
        raise VideoError(
            f"The video is coded as {codec}; allowed are {', '.join(CODECS)}: export it as H.264 MP4."
        )


def check_size(width: int, height: int, limits: VideoLimits) -> None:
    """Refuse a picture of more pixels on a side than allowed."""
    if max(width, height) > limits.max_side_px:
        raise VideoError(
            f"The picture is {width} x {height} pixels; at most {limits.max_side_px} x {limits.max_side_px} are "
            "allowed: export the video at 1080p."
        )


def check_length(seconds: float, limits: VideoLimits) -> None:
    """Refuse a video that lasts too long."""
    if seconds > limits.max_seconds:
        raise VideoError(
            f"The video lasts {seconds:.0f} s; at most {limits.max_seconds:.0f} s are allowed: trim it to the exercise."
        )


def check_count(count: int, most: int) -> None:
    """Refuse a video of more than `most` frames."""
    if count > most:
        raise VideoError(
            f"The video has {count} frames or more; at most {most} are allowed: trim it or lower its "
            "frame rate."
        )


def check_rate(rate_hz: float, limits: VideoLimits) -> None:
    """Refuse a video of too few pictures a second; a rate of 0 is unknown."""
    if 0.0 < rate_hz < limits.min_rate_hz - _RATE_ROUNDING_HZ:
        raise VideoError(
            f"The video has {rate_hz:.1f} pictures a second; a movement needs at least {limits.min_rate_hz:.0f}: "
            "film or export it with 30."
        )
