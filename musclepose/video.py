"""Bounded streaming decode of uploads: upright pictures with square pixels, as RGB, and their times.

Pictures come out upright (display matrix applied exactly once, mirror included). Time stamps are the source's own,
shifted so that the first is 0: a variable frame rate stays variable. Above 100 pictures a second, 60 of them are taken.
A picture whose shape differs from the first one's is fitted into it with black borders.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from musclepose.video_limits import CODECS, VideoLimits, check_count, check_rate, too_short
from musclepose.video_stream import Header, check_header, headers, timed_frames
from musclepose.video_told import FileReport

Picture = NDArray[np.uint8]  # (H, W, 3) RGB

_PROBED_FRAMES = 24
_SAME_SHAPE = 0.02  # relative difference of aspect that rounding to even sizes explains


@dataclass(frozen=True)
class VideoInfo:
    """What a probe found; the upright size is of a decoded frame, hints are what the header says."""

    size_px: tuple[int, int]  # width, height of the upright picture with square pixels
    frame_count_hint: int
    duration_s_hint: float
    frame_rate_hz_hint: float  # as stored, from the first time stamps
    codec: str
    container: str
    header: Header


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

    def frames(self, report: FileReport | None = None) -> Iterator[tuple[float, Picture]]:
        """Yield (time_s, rgb (H, W, 3) uint8); time starts at 0 and increases strictly. Memory does not grow.

        A `report`, where one is given, says after the last picture what the reader must know about the file.
        """
        report = report if report is not None else FileReport()
        times_s: list[float] = []
        shape = self.info.size_px
        for time_s, frame in self._thinned(report):
            times_s.append(time_s)
            check_count(len(times_s), self.limits.max_frames)
            before, shape = shape, _upright_size(frame, self.info.header.pixel_aspect)
            if not _is_alike(before, shape):
                report.shape_changes_s.append(time_s)
            if _is_alike(self.info.size_px, shape):
                yield time_s, _upright_rgb(frame, self.size_px)
            else:
                yield time_s, _bordered_rgb(frame, shape, self.size_px)
        if len(times_s) < self.limits.min_frames:
            raise too_short(len(times_s), self.limits)
        check_rate(_usual_rate_hz(times_s), self.limits)

    def _thinned(self, report: FileReport) -> Iterator[tuple[float, VideoFrame]]:
        """All frames; of a fast film those nearest to a clock of `thinned_to_hz`."""
        report.rate_hz = rate_hz = self.info.frame_rate_hz_hint
        frames = timed_frames(self.path, self.info.header, self.limits, report)
        if rate_hz <= self.limits.thinned_above_hz:
            yield from frames
            return
        report.thinned_to_hz = self.limits.thinned_to_hz
        half_frame_s, due_s = 0.5 / rate_hz, 0.0
        for time_s, frame in frames:
            if time_s < due_s - half_frame_s:
                continue
            yield time_s, frame
            due_s = max(due_s, time_s - half_frame_s) + 1 / self.limits.thinned_to_hz


def open_clip(
    path: str | Path, max_side: int | None = None, limits: VideoLimits | None = None
) -> Clip:
    """Probe a video and say how its frames come out: upright, no side over max_side pixels (None: source size)."""
    limits = limits or VideoLimits()
    info = probe(path, limits)
    scale = min(1.0, max_side / max(info.size_px)) if max_side else 1.0
    size_px = (max(1, round(info.size_px[0] * scale)), max(1, round(info.size_px[1] * scale)))
    return Clip(Path(path), info, size_px, limits)


def probe(path: str | Path, limits: VideoLimits | None = None) -> VideoInfo:
    """Check the limits, decode the first frames of the likeliest stream, and return what the video is."""
    limits = limits or VideoLimits()
    longest: tuple[Header, list[tuple[float, VideoFrame]]] | None = None
    for header in headers(Path(path), limits):
        if longest is None or header.codec in CODECS:
            check_header(Path(path), header, limits)
            first = _first_frames(Path(path), header, limits)
            longest = max(longest or (header, first), (header, first), key=lambda one: len(one[1]))
            if len(first) >= limits.min_frames:
                return _info(header, first, limits)
    raise too_short(len(longest[1]) if longest else 0, limits)


def _first_frames(
    path: Path, header: Header, limits: VideoLimits
) -> list[tuple[float, VideoFrame]]:
    """Up to _PROBED_FRAMES frames with their times."""
    with closing(timed_frames(path, header, limits, FileReport())) as frames:
        return list(islice(frames, _PROBED_FRAMES))


def _info(header: Header, first: list[tuple[float, VideoFrame]], limits: VideoLimits) -> VideoInfo:
    """What the first frames and the header say together."""
    rate_hz = _usual_rate_hz([time_s for time_s, _ in first])
    check_rate(rate_hz, limits)
    stored = header.frames or max(1, round(header.length_s * rate_hz))
    is_thinned = rate_hz > limits.thinned_above_hz
    share = limits.thinned_to_hz / rate_hz if is_thinned else 1.0
    return VideoInfo(
        size_px=_upright_size(first[0][1], header.pixel_aspect),
        frame_count_hint=max(1, round(stored * share)),
        duration_s_hint=header.length_s,
        frame_rate_hz_hint=rate_hz,
        codec=header.codec,
        container=header.container,
        header=header,
    )


def _usual_rate_hz(times_s: list[float]) -> float:
    """Pictures a second by the median step: a film may stand still for a while, and headers count that in."""
    return 1.0 / float(np.median(np.diff(times_s)))


def _is_alike(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """True if two pictures (width, height) have one shape, whatever their size."""
    ratio = first[0] * second[1] / (first[1] * second[0])
    return abs(ratio - 1) < _SAME_SHAPE


def _display_matrix(frame: VideoFrame) -> tuple[float, float, float, float]:
    """(a, b, c, d) of the container's display matrix: x' = a x + c y, y' = b x + d y; identity where there is none."""
    side: Any = frame.side_data.get("DISPLAYMATRIX")
    if side is None:
        return 1.0, 0.0, 0.0, 1.0
    a, b, _, c, d = struct.unpack("=5i", bytes(side)[:20])
    return a / 65536, b / 65536, c / 65536, d / 65536


def _is_turned(frame: VideoFrame) -> bool:
    """True if width and height change places on display."""
    a, b, _, _ = _display_matrix(frame)
    return abs(b) > abs(a)


def _upright_size(frame: VideoFrame, pixel_aspect: float) -> tuple[int, int]:
    """Width and height as displayed: square pixels (anamorphic clips are widened), then turned."""
    stretch = min(max(pixel_aspect, 0.25), 4.0)
    width, height = round(frame.width * stretch), frame.height
    return (height, width) if _is_turned(frame) else (width, height)


def _upright_rgb(frame: VideoFrame, size_px: tuple[int, int]) -> Picture:
    """RGB picture (H, W, 3) of the asked upright size. Scaled as stored, then turned by the display matrix, once."""
    turned = _is_turned(frame)
    width, height = size_px[::-1] if turned else size_px
    smaller = width < frame.width
    picture = frame.to_ndarray(
        format="rgb24", width=width, height=height, interpolation="AREA" if smaller else "BILINEAR"
    )
    a, b, c, d = _display_matrix(frame)
    if turned:
        picture = picture.transpose(1, 0, 2)
    flip_x, flip_y = (c < 0, b < 0) if turned else (a < 0, d < 0)
    picture = picture[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
    return np.ascontiguousarray(picture)


def _bordered_rgb(frame: VideoFrame, shape: tuple[int, int], size_px: tuple[int, int]) -> Picture:
    """RGB picture (H, W, 3) of the asked upright size; the frame, of another shape, lies in its middle, on black."""
    scale = min(size_px[0] / shape[0], size_px[1] / shape[1])
    inner = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    left, top = (size_px[0] - inner[0]) // 2, (size_px[1] - inner[1]) // 2
    picture = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    picture[top : top + inner[1], left : left + inner[0]] = _upright_rgb(frame, inner)
    return picture
