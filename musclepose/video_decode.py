"""Decoding in this process: upright pictures with square pixels, as RGB, and their times.

Pictures come out upright (display matrix applied exactly once, mirror included). Time stamps are the source's own,
shifted so that the first is 0: a variable frame rate stays variable. Above 100 pictures a second, 60 of them are taken.
A picture whose shape differs from the first one's is fitted into it with black borders.

An upload is decoded by video_child, in a process of its own; only that process and its twin for debugging call this.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from musclepose.video_limits import (
    CODECS,
    VideoLimits,
    check_count,
    check_rate,
    too_short,
)
from musclepose.video_stream import Header, check_header, headers, timed_frames
from musclepose.video_told import FileReport

Picture = NDArray[np.uint8]  # (H, W, 3) RGB

_PROBED_FRAMES = 24
_SAME_SHAPE = (
    0.02  # relative difference of aspect that rounding to even sizes explains
)


@dataclass(frozen=True)
class VideoInfo:
    """What a probe found; the upright size is of a decoded frame, hints are what the header says."""

    size_px: tuple[
        int, int
    ]  # width, height of the upright picture with square pixels
    frame_count_hint: int
    duration_s_hint: float
    frame_rate_hz_hint: float  # as stored, from the first time stamps
    codec: str
    container: str
    header: Header

    @classmethod
    def of(cls, fields: dict[str, Any]) -> VideoInfo:
        """The record that `dataclasses.asdict` took apart, also after a way through JSON."""
        header, size_px = Header(**fields["header"]), tuple(fields["size_px"])
        return cls(**fields | {"header": header, "size_px": size_px})


def pictures(
    path: Path,
    info: VideoInfo,
    size_px: tuple[int, int],
    limits: VideoLimits,
    report: FileReport,
    blank: Callable[[], Picture],
) -> Iterator[tuple[float, Picture]]:
    """Yield (time_s, rgb (H, W, 3) uint8); time starts at 0 and increases strictly. Memory does not grow.

    Each picture is written into the array (H, W, 3) that `blank` gives. `report` says after the last picture what the
    reader must know about the file.
    """
    times_s: list[float] = []
    shape = info.size_px
    upright = _Upright(info.header.pixel_aspect)
    for time_s, frame in _thinned(path, info, limits, report):
        times_s.append(time_s)
        check_count(len(times_s), limits.max_frames)
        before, shape = shape, upright.size(frame)
        if not _is_alike(before, shape):
            report.shape_changes_s.append(time_s)
        picture = blank()
        if _is_alike(info.size_px, shape):
            upright.draw(frame, picture)
        else:
            upright.draw_bordered(frame, picture)
        yield time_s, picture
    if len(times_s) < limits.min_frames:
        raise too_short(len(times_s), limits)
    check_rate(_usual_rate_hz(times_s), limits)


def _thinned(
    path: Path, info: VideoInfo, limits: VideoLimits, report: FileReport
) -> Iterator[tuple[float, VideoFrame]]:
    """All frames; of a fast film those nearest to a clock of `thinned_to_hz`."""
    report.rate_hz = rate_hz = info.frame_rate_hz_hint
    frames = timed_frames(path, info.header, limits, report)
    if rate_hz <= limits.thinned_above_hz:
        yield from frames
        return
    report.thinned_to_hz = limits.thinned_to_hz
    half_frame_s, due_s = 0.5 / rate_hz, 0.0
    for time_s, frame in frames:
        if time_s < due_s - half_frame_s:
            continue
        yield time_s, frame
        due_s = max(due_s, time_s - half_frame_s) + 1 / limits.thinned_to_hz


@dataclass(frozen=True)
class _Beginning:
    """The first pictures of a stream: their times, and how large the first is, upright."""

    header: Header
    times_s: list[float]
    size_px: tuple[int, int]


def probe(path: Path, limits: VideoLimits) -> VideoInfo:
    """Check the limits, decode the first frames of the likeliest stream, and return what the video is."""
    most = 0
    for header in headers(path, limits):
        if not most or header.codec in CODECS:
            check_header(path, header, limits)
            beginning = _beginning(path, header, limits)
            most = max(most, len(beginning.times_s))
            if len(beginning.times_s) >= limits.min_frames:
                return _info(beginning, limits)
    raise too_short(most, limits)


def _beginning(path: Path, header: Header, limits: VideoLimits) -> _Beginning:
    """Up to _PROBED_FRAMES frames."""
    upright = _Upright(header.pixel_aspect)
    times_s: list[float] = []
    size_px = (0, 0)
    with closing(timed_frames(path, header, limits, FileReport())) as frames:
        for time_s, frame in islice(frames, _PROBED_FRAMES):
            size_px = size_px if times_s else upright.size(frame)
            times_s.append(time_s)
    return _Beginning(header, times_s, size_px)


def _info(beginning: _Beginning, limits: VideoLimits) -> VideoInfo:
    """What the first frames and the header say together."""
    header, rate_hz = beginning.header, _usual_rate_hz(beginning.times_s)
    check_rate(rate_hz, limits)
    stored = header.frames or max(1, round(header.length_s * rate_hz))
    is_thinned = rate_hz > limits.thinned_above_hz
    share = limits.thinned_to_hz / rate_hz if is_thinned else 1.0
    return VideoInfo(
        size_px=beginning.size_px,
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


class _Upright:
    """Sizes and pixels of decoded frames as displayed; what it knows of one frame serves the next.

    A frame's side data is read once for each rotation: reading it ties the frame into a circle of references, which
    keeps its pixels until the garbage collector comes by.
    """

    def __init__(self, pixel_aspect: float) -> None:
        self._stretch = min(max(pixel_aspect, 0.25), 4.0)
        self._converter = VideoReformatter()
        self._matrices: dict[float, tuple[float, float, float, float]] = {}

    def _matrix(self, frame: VideoFrame) -> tuple[float, float, float, float]:
        """(a, b, c, d) of the display matrix: x' = a x + c y, y' = b x + d y; identity where there is none."""
        if frame.rotation not in self._matrices:
            side: Any = frame.side_data.get("DISPLAYMATRIX")
            a, b, _, c, d = (
                struct.unpack("=5i", bytes(side)[:20])
                if side
                else (1, 0, 0, 0, 1)
            )
            self._matrices[frame.rotation] = (a, b, c, d)
        return self._matrices[frame.rotation]

    def _is_turned(self, frame: VideoFrame) -> bool:
        """True if width and height change places on display."""
        a, b, _, _ = self._matrix(frame)
        return abs(b) > abs(a)

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height as displayed: square pixels (anamorphic clips are widened), then turned."""
        width, height = round(frame.width * self._stretch), frame.height
        return (height, width) if self._is_turned(frame) else (width, height)

    def draw(self, frame: VideoFrame, out: Picture) -> None:
        """The frame into `out` (H, W, 3), of the asked upright size: scaled as stored, then turned, once."""
        turned = self._is_turned(frame)
        width, height = out.shape[:2] if turned else out.shape[1::-1]
        interpolation = "AREA" if width < frame.width else "BILINEAR"
        stored = self._converter.reformat(
            frame, width, height, "rgb24", interpolation=interpolation
        )
        plane: Any = stored.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(height, plane.line_size)
        picture = rows[:, : 3 * width].reshape(height, width, 3)
        a, b, c, d = self._matrix(frame)
        if turned:
            picture = picture.transpose(1, 0, 2)
        flip_x, flip_y = (c < 0, b < 0) if turned else (a < 0, d < 0)
        out[:] = picture[:: -1 if flip_y else 1, :: -1 if flip_x else 1]

    def draw_bordered(self, frame: VideoFrame, out: Picture) -> None:
        """The frame, of another shape, into the middle of `out` (H, W, 3), on black."""
        height, width = out.shape[:2]
        shape = self.size(frame)
        scale = min(width / shape[0], height / shape[1])
        inner = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
        left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
        out[:] = 0
        self.draw(frame, out[top : top + inner[1], left : left + inner[0]])
