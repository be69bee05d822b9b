"""Container -> the stream that is the film -> whole decoded frames with their times, within the limits.

An upload is hostile until proven otherwise. In this order: file size, magic bytes (content, never the suffix),
container and protocol whitelist, codec allow-list, header limits; only then the first frame is decoded, and the same
limits are counted again while decoding, because headers lie. Every refusal is a VideoError of one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

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
)
from musclepose.video_told import FileReport

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif"
_DECODERS = ",".join((*CODECS, "libdav1d", "aac"))
_USUAL_RATE_HZ = 30.0  # where the header says nothing
_MAX_THREADS = (
    4  # each holds a few pictures; more would only wait for those who read them
)
_STILL_SHARE = (
    0.2  # a stream shorter than this share of the longest is a still or a title
)


@dataclass(frozen=True)
class Header:
    """What the header of the chosen stream says; a length or count of 0 is unknown."""

    index: int  # of the stream in the container
    rate_hz: float
    length_s: float
    frames: int
    pixel_aspect: float
    codec: str
    container: str


@contextmanager
def _container(path: Path, limits: VideoLimits) -> Iterator[Any]:
    """The file, opened with whitelists."""
    sniff(path, limits)
    options = {
        "format_whitelist": _FORMATS,
        "protocol_whitelist": "file",
        "codec_whitelist": _DECODERS,  # holds for the decoders that the probe opens
        "max_pixels": str(limits.max_side_px**2),
    }
    try:
        container = av.open(
            str(path.resolve()),
            mode="r",
            options=options,
            metadata_errors="replace",
        )
    except (av.FFmpegError, ValueError, OSError) as error:
        _check_memory(error)
        raise VideoError(
            f"The file is damaged or cut off, no video could be read from it; export it again as {ACCEPTED}."
        ) from error
    with container:
        yield container


def _check_memory(error: Exception) -> None:
    """Raise what came for lack of memory again: it says nothing about the file."""
    if isinstance(error, MemoryError):
        raise error


def headers(path: Path, limits: VideoLimits) -> list[Header]:
    """Streams that may be the film, the likeliest first: of an allowed codec, no still, the largest picture.

    Files of some phones and editors begin with a still or a small preview.
    """
    with _container(path, limits) as container:
        films = [
            stream
            for stream in container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not films:
            raise VideoError(
                f"The file has sound or a still but no moving picture; upload {ACCEPTED} with one."
            )
        longest_s = max(_length_s(container, stream) for stream in films)

        def merit(stream: Any) -> tuple[bool, bool, int]:
            length_s = _length_s(container, stream)
            is_still = 0 < stream.frames < limits.min_frames or 0 < length_s < (
                _STILL_SHARE * longest_s
            )
            context = stream.codec_context
            area = context.width * context.height if context is not None else 0
            return _codec_name(stream) in CODECS, not is_still, area

        ranked = sorted(films, key=merit, reverse=True)
        return [_header(container, stream) for stream in ranked]


def _header(container: Any, stream: Any) -> Header:
    return Header(
        index=stream.index,
        rate_hz=float(
            stream.average_rate or stream.guessed_rate or _USUAL_RATE_HZ
        ),
        length_s=_length_s(container, stream),
        frames=int(stream.frames),
        pixel_aspect=float(stream.sample_aspect_ratio or 1),
        codec=_codec_name(stream),
        container=container.format.name,
    )


def _codec_name(stream: Any) -> str:
    """Codec of a stream, whichever decoder serves it (av1, not libdav1d); 'unknown' where none does."""
    context = stream.codec_context
    if context is None or context.codec is None:
        return "unknown"
    return str(context.codec.canonical_name)


def _length_s(container: Any, stream: Any) -> float:
    """Length of the picture that the header promises, seconds, whenever it starts; 0 where it says nothing.

    Matroska keeps only the end of a stream, as a tag. The length of the whole file may be that of its sound.
    """
    if stream.duration is not None and stream.time_base is not None:
        return max(0.0, float(stream.duration * stream.time_base))
    start_s = max(0.0, float(container.start_time or 0) / av.time_base)
    end_s = _clock_s(stream.metadata.get("DURATION", ""))
    if not end_s and len(container.streams) == 1:
        end_s = float(container.duration or 0) / av.time_base
    return max(0.0, end_s - start_s)


def _clock_s(text: str) -> float:
    """Seconds of 'hours:minutes:seconds'; 0 where it is none."""
    try:
        hours, minutes, seconds = (float(part) for part in text.split(":"))
    except ValueError:
        return 0.0
    return 3600 * hours + 60 * minutes + seconds


def check_header(path: Path, header: Header, limits: VideoLimits) -> None:
    """Refuse by what the header says."""
    with _container(path, limits) as container:
        context = container.streams[header.index].codec_context
        check_codec(header.codec)
        check_size(context.width, context.height, limits)
    check_length(header.length_s, limits)
    check_count(header.frames, limits.max_stored_frames)


def _packets(container: Any, stream: Any, report: FileReport) -> Iterator[Any]:
    """Packets of one stream; where the container itself is damaged, the film ends."""
    count = 0
    try:
        for packet in container.demux(stream):
            count += packet.pts is not None
            yield packet
    except av.FFmpegError as error:
        _check_memory(error)
        if not report.promised_s:
            raise VideoError(
                "The video is cut off or damaged in the middle; export or upload it again."
            ) from error
    report.is_short_of_packets = count < stream.frames


def _decoded(
    container: Any, stream: Any, report: FileReport
) -> Iterator[VideoFrame]:
    """Whole frames of one stream. A damaged one is left out: its time is simply missing."""
    for packet in _packets(container, stream, report):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            _check_memory(error)
            report.damaged()
            continue
        for frame in frames:
            if frame.is_corrupt:
                report.damaged()
            else:
                yield frame


def timed_frames(
    path: Path, header: Header, limits: VideoLimits, report: FileReport
) -> Generator[tuple[float, VideoFrame], None, None]:
    """Decoded frames with strictly increasing source time, first 0; frames that repeat a time stamp are left out.

    `report` is filled in; what it says is checked against the limits after the last frame.
    """
    with _container(path, limits) as container:
        stream = container.streams[header.index]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(
            _MAX_THREADS, os.cpu_count() or 1
        )
        stream.codec_context.options = {
            "max_pixels": str(limits.max_side_px**2)
        }
        report.promised_s = header.length_s if header.frames else 0.0
        step_s = 1.0 / header.rate_hz
        start_s, last_s = None, -step_s
        for count, frame in enumerate(
            _decoded(container, stream, report), start=1
        ):
            check_count(count, limits.max_stored_frames)
            check_size(frame.width, frame.height, limits)
            now_s = (
                float(frame.time)
                if frame.time is not None
                else (start_s or 0.0) + last_s + step_s
            )
            start_s = now_s if start_s is None else start_s
            report.good(now_s - start_s + step_s)
            if now_s - start_s <= last_s:
                continue
            last_s = now_s - start_s
            check_length(last_s, limits)
            yield last_s, frame
    report.check(limits)
