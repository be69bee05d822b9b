"""Uploads as upright pictures with square pixels, as RGB, and their times; video_decode says how they come out.

Whatever reads the file runs in a process of its own with limits (video_process): a file that breaks the decoder ends
that process and becomes one sentence. MUSCLEPOSE_DECODE=inline decodes in this process, for debugging; so does Windows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from musclepose import video_decode
from musclepose.video_decode import Picture, VideoInfo
from musclepose.video_limits import VideoLimits, sniff, usual_limits
from musclepose.video_process import Decoder
from musclepose.video_told import FileReport

INLINE = "MUSCLEPOSE_DECODE"  # environment variable


@dataclass(frozen=True)
class Clip:
    """A video that passed the probe. size_px is what frames() yields: upright, scaled to the asked longest side."""

    path: Path
    info: VideoInfo
    size_px: tuple[int, int]
    limits: VideoLimits = field(default_factory=VideoLimits)

    @property
    def frame_count_hint(self) -> int:
        """Frames that the header promises; for progress bars only."""
        return self.info.frame_count_hint

    def frames(
        self, report: FileReport | None = None
    ) -> Iterator[tuple[float, Picture]]:
        """Yield (time_s, rgb (H, W, 3) uint8); time starts at 0 and increases strictly. Memory does not grow.

        A `report`, where one is given, says after the last picture what the reader must know about the file. Raises
        VideoError where the file turns out to be damaged or beyond the limits, DecoderError where its decoder died.
        """
        report = report if report is not None else FileReport()
        if _is_inline():
            shape = (self.size_px[1], self.size_px[0], 3)
            yield from video_decode.pictures(
                self.path,
                self.info,
                self.size_px,
                self.limits,
                report,
                lambda: np.empty(shape, np.uint8),
            )
            return
        with closing(Decoder(self.path, self.limits)) as decoder:
            yield from decoder.pictures(self.info, self.size_px, report)


def open_clip(
    path: str | Path,
    max_side: int | None = None,
    limits: VideoLimits | None = None,
) -> Clip:
    """Probe a video and say how its frames come out: upright, no side over max_side pixels (None: source size)."""
    limits = limits or usual_limits()
    info = probe(path, limits)
    scale = min(1.0, max_side / max(info.size_px)) if max_side else 1.0
    size_px = (
        max(1, round(info.size_px[0] * scale)),
        max(1, round(info.size_px[1] * scale)),
    )
    return Clip(Path(path), info, size_px, limits)


def probe(path: str | Path, limits: VideoLimits | None = None) -> VideoInfo:
    """Check the limits, decode the first frames of the likeliest stream, and return what the video is.

    Raises VideoError, of one sentence, where the file is refused.
    """
    path, limits = Path(path), limits or usual_limits()
    sniff(path, limits)
    found = path.stat()
    return _probed(
        path.resolve(), (found.st_ino, found.st_size, found.st_mtime_ns), limits
    )


@lru_cache(maxsize=16)
def _probed(
    path: Path, _version: tuple[int, int, int], limits: VideoLimits
) -> VideoInfo:
    """The probe of one version of a file: an analysis opens its clip several times."""
    if _is_inline():
        return video_decode.probe(path, limits)
    with closing(Decoder(path, limits)) as decoder:
        return decoder.probe()


def _is_inline() -> bool:
    return os.name == "nt" or os.environ.get(INLINE) == "inline"
