"""Bounded streaming decode of uploads, and an encoder that browsers play. The only file that imports the video library.

An upload is hostile until proven otherwise. In this order: file size, magic bytes (content, never the suffix),
container and protocol whitelist, codec allow-list, header limits; only then the first frame is decoded, and the same
limits are counted again while decoding, because headers lie. Every refusal is a VideoError of one sentence.

Pictures come out upright (display matrix applied exactly once, mirror included), with square pixels, as RGB.
Time stamps are the source's own, shifted so that the first is 0: a variable frame rate stays variable.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from musclepose.errors import VideoError
from musclepose.video_limits import (
    ACCEPTED,
    CODECS,
    VideoLimits,
    check_codec,
    check_count,
    check_length,
    check_size,
    sniff,
    too_short,
)

Picture = NDArray[np.uint8]  # (H, W, 3) RGB

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"
_DECODERS = ",".join((*CODECS, "libdav1d", "aac"))
_BAD_PACKETS_ALLOWED = 10  # phones and action cameras do write a few broken packets
_TICKS_HZ = 90_000  # time base of the written file


@dataclass(frozen=True)
class VideoInfo:
    """What a probe found; the upright size is of a decoded frame, hints are what the header says."""

    size_px: tuple[int, int]  # width, height of the upright picture with square pixels
    frame_count_hint: int
    duration_s_hint: float
    frame_rate_hz_hint: float
    codec: str
    container: str


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

    def frames(self) -> Iterator[tuple[float, Picture]]:
        """Yield (time_s, rgb (H, W, 3) uint8); time starts at 0 and increases strictly. Memory does not grow."""
        count = 0
        for time_s, frame in _timed_frames(self.path, self.limits):
            count += 1
            yield time_s, _upright_rgb(frame, self.size_px)
        if count < self.limits.min_frames:
            raise too_short(count, self.limits)


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
    """Check the limits, decode the first few frames, and return what the video is."""
    limits = limits or VideoLimits()
    with _opened(Path(path), limits) as (container, stream):
        rate = float(stream.average_rate or stream.guessed_rate or 30)
        duration_s = _duration_s(container, stream)
        pixel_aspect = float(stream.sample_aspect_ratio or 1)
        details: dict[str, Any] = {
            "frame_count_hint": int(stream.frames) or max(1, round(duration_s * rate)),
            "duration_s_hint": duration_s,
            "frame_rate_hz_hint": rate,
            "codec": _codec_name(stream),
            "container": container.format.name,
        }
    with closing(_timed_frames(Path(path), limits)) as frames:
        first = [frame for _, (_, frame) in zip(range(limits.min_frames), frames, strict=False)]
    if len(first) < limits.min_frames:
        raise too_short(len(first), limits)
    return VideoInfo(size_px=_upright_size(first[0], pixel_aspect), **details)


@contextmanager
def _opened(path: Path, limits: VideoLimits) -> Iterator[tuple[Any, Any]]:
    """Open with whitelists, check codec and header; yields (container, video stream)."""
    sniff(path, limits)
    options = {
        "format_whitelist": _FORMATS,
        "protocol_whitelist": "file",
        "codec_whitelist": _DECODERS,  # holds for the decoders that the probe opens
        "max_pixels": str(limits.max_side_px**2),
    }
    try:
        container = av.open(
            str(path.resolve()), mode="r", options=options, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError, OSError) as error:
        raise VideoError(
            f"The file is damaged or cut off, no video could be read from it; export it again as {ACCEPTED}."
        ) from error
    with container:
        pictures = [
            s
            for s in container.streams.video
            if not s.disposition & av.stream.Disposition.attached_pic
        ]
        if not pictures:
            raise VideoError(
                f"The file has sound or a still but no moving picture; upload {ACCEPTED} with one."
            )
        check_codec(_codec_name(pictures[0]))
        check_size(pictures[0].codec_context.width, pictures[0].codec_context.height, limits)
        check_length(_duration_s(container, pictures[0]), limits)
        check_count(int(pictures[0].frames), limits)
        yield container, pictures[0]


def _codec_name(stream: Any) -> str:
    """Codec of a stream, whichever decoder serves it (av1, not libdav1d); 'unknown' where none does."""
    context = stream.codec_context
    return (
        "unknown" if context is None or context.codec is None else str(context.codec.canonical_name)
    )


def _duration_s(container: Any, stream: Any) -> float:
    """Length that the header promises, seconds; 0 where it says nothing."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / av.time_base


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Packets of one stream. A file that ends clearly before what its own index promises is refused as cut off."""
    count, end = 0, 0
    try:
        for packet in container.demux(stream):
            if packet.pts is not None:
                count, end = (
                    count + 1,
                    max(end, packet.pts + (packet.duration or 0) - (stream.start_time or 0)),
                )
            yield packet
    except av.FFmpegError as error:
        raise VideoError(
            "The video is cut off or damaged in the middle; export or upload it again."
        ) from error
    if stream.duration and count < stream.frames and end < 0.9 * stream.duration:
        ended_s, promised_s = (float(ticks * stream.time_base) for ticks in (end, stream.duration))
        raise VideoError(
            f"The video is cut off: {ended_s:.1f} s of {promised_s:.1f} s are there; upload it again."
        )


def _decoded(container: Any, stream: Any) -> Iterator[VideoFrame]:
    """Decoded frames of one stream. A broken packet is left out: its time is simply missing."""
    bad = 0
    for packet in _packets(container, stream):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            bad += 1
            if bad > _BAD_PACKETS_ALLOWED:
                raise VideoError(
                    "The video is damaged: its pictures cannot be decoded; export it again."
                ) from error
            continue
        yield from frames


def _timed_frames(
    path: Path, limits: VideoLimits
) -> Generator[tuple[float, VideoFrame], None, None]:
    """Decoded frames with strictly increasing source time, first 0; frames that repeat a time stamp are left out."""
    with _opened(path, limits) as (container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(limits.max_side_px**2)}
        step_s = 1.0 / float(stream.average_rate or stream.guessed_rate or 30)
        start_s, last_s = None, -step_s
        for count, frame in enumerate(_decoded(container, stream), start=1):
            check_count(count, limits)
            check_size(frame.width, frame.height, limits)
            now_s = (
                float(frame.time) if frame.time is not None else (start_s or 0.0) + last_s + step_s
            )
            start_s = now_s if start_s is None else start_s
            if now_s - start_s <= last_s:
                continue
            last_s = now_s - start_s
            check_length(last_s, limits)
            yield last_s, frame


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


class VideoWriter:
    """H.264, yuv420p, even size, index at the front: plays in every browser. Time stamps are written as given.

    with VideoWriter(path, size_px) as writer:
        writer.write(rgb, time_s)     # rgb (H, W, 3) uint8, time_s strictly increasing

    Odd sizes are padded by one pixel on the right or at the bottom, so picture coordinates stay valid. There are no
    B-frames, so the presentation starts at 0 without an edit list. A file that was not finished is deleted.
    """

    def __init__(
        self, path: str | Path, size_px: tuple[int, int], frame_rate_hz: float = 30.0, crf: int = 21
    ) -> None:
        self.path = Path(path)
        self.size_px = size_px
        self._last_ticks = -1
        width, height = (side + side % 2 for side in size_px)
        self._container = av.open(
            str(self.path.resolve()), mode="w", format="mp4", options={"movflags": "+faststart"}
        )
        options = {"preset": "veryfast", "crf": str(crf), "bf": "0", "g": "60"}
        rate = Fraction(frame_rate_hz).limit_denominator(1001)
        self._stream: Any = self._container.add_stream("libx264", rate=rate, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        context = self._stream.codec_context
        context.time_base = Fraction(1, _TICKS_HZ)
        context.colorspace = context.color_primaries = context.color_trc = (
            1  # BT.709, limited range
        )
        context.color_range = 1

    def write(self, rgb: Picture, time_s: float) -> None:
        """Append one picture (H, W, 3) of the writer's size at time_s seconds."""
        width, height = self.size_px
        ticks = round(time_s * _TICKS_HZ)
        if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8:
            raise ValueError(
                f"picture is {rgb.dtype} {rgb.shape}; this writer takes uint8 ({height}, {width}, 3)"
            )
        if ticks <= self._last_ticks:
            raise ValueError(
                f"time {time_s} s does not come after {self._last_ticks / _TICKS_HZ} s"
            )
        self._last_ticks = ticks
        if width % 2 or height % 2:
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = ticks, Fraction(1, _TICKS_HZ)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
            if kind is not None:
                self.path.unlink(missing_ok=True)
